"""What a client under test shows: the requests that it sent, the jobs that it opened, and its runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from jobinfo_conformance._contract.ids import is_id, same_id
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import DEFAULT, Version
from jobinfo_conformance._evidence.client_run import Answered, ClientRun, OpenedJob
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._subjects.kind import AnySubjectKind, SubjectKind
from jobinfo_conformance._subjects.subject import Asked, Subject

S = TypeVar("S", bound=Subject)

_API = "/services/async"
_CHANGES = (Operation.CLOSE, Operation.ABORT, Operation.CHANGE)
_WITH_JOB_INFO = (Operation.CREATE, *_CHANGES)


@dataclass(frozen=True)
class SentBatch(Asked):
    """A batch that a client sent, and the operation and contentType of its job."""

    operation: str
    content: str


@dataclass(frozen=True)
class Opened(Asked):
    """A job that a client opened, the request that opened it, and what became of the job."""

    job: OpenedJob

    @property
    def shown_by(self) -> tuple[Step, ...]:
        """The requests that created, changed and filled the job."""
        return (self.step, *self.attempts)

    @property
    def rests_on(self) -> tuple[Step, ...]:
        """The requests that were meant to change the job: how they were answered is their own fault, if they are wrong."""
        return tuple(step for step in self.attempts if step.refused or step.operation is Operation.READ)

    @property
    def attempts(self) -> tuple[Step, ...]:
        """All but the reads; a read whose body has a state was meant to change it."""
        later = self.job.later
        return tuple(step for step in later if step.exchange.request.method != "GET" or "state" in step.request.fields)


@dataclass(frozen=True)
class ClosesAnother(Asked):
    """A close that names a job that it should not: which job it was to name, the id that it names, and where."""

    meant: str
    named: str
    where: str


@dataclass(frozen=True)
class Runs(Subject):
    """Runs of a client that are judged together, which of them show trouble, and the usual run to compare them with."""

    runs: tuple[ClientRun, ...]
    troubled: tuple[ClientRun, ...]
    usual: ClientRun

    @property
    def shown_by(self) -> tuple[Step, ...]:
        """Of each run that shows trouble, the last request that was answered oddly, or else the last close."""
        return tuple(step for run in self.troubled for step in (run.refused or run.closes)[-1:])

    @property
    def serialization(self) -> Serialization:
        """The serialization of the client's closes."""
        return Asked(self.usual.closes[0]).serialization if self.usual.closes else Serialization.XML

    @property
    def version(self) -> Version:
        """The version that the client speaks."""
        return self.usual.closes[0].version if self.usual.closes else DEFAULT


@dataclass(frozen=True, eq=False)
class SubjectKindOfClients(SubjectKind[S]):
    """A kind of subject that only the runs of a client show."""

    search_runs: Callable[[Sequence[ClientRun]], Iterable[S]] = lambda _runs: ()

    def find_all(self, observation: Observation) -> tuple[S, ...]:
        """Find the subjects in the runs, which are searched only once."""
        found = observation.found.get(self)
        if found is None:
            found = observation.found[self] = tuple(self.search_runs(observation.client_runs))
        return found


def subject_kind_of_clients(
    name: str,
) -> Callable[[Callable[[Sequence[ClientRun]], Iterable[S]]], SubjectKindOfClients[S]]:
    """Turn a function that finds subjects in the runs of a client into a kind of subject."""
    return lambda search: SubjectKindOfClients(name, lambda _history: (), search_runs=search)


def _answered_usually(runs: Sequence[ClientRun]) -> ClientRun | None:
    """The run on the usual answers, which a client has once."""
    return next((run for run in runs if run.answered is Answered.USUALLY), None)


# Requests, whatever they were answered


def _telling(runs: Sequence[ClientRun]) -> Iterator[ClientRun]:
    """The runs whose requests are the client's own doing.

    In one on unusual answers that it did not understand, what it sends may follow from that, which is told of the run.
    """
    usual = _answered_usually(runs)
    return (run for run in runs if usual is None or run.answered is not Answered.UNUSUALLY or run.is_like(usual))


@subject_kind_of_clients("a request to the async API")
def api_request(runs: Sequence[ClientRun]) -> Iterator[Asked]:
    """Requests to the async API, and those with a jobInfo in them, wherever they went."""
    return (Asked(step) for run in _telling(runs) for step in run.steps if _is_of_api(step))


@subject_kind_of_clients("a request to the job resource")
def resource_request(runs: Sequence[ClientRun]) -> Iterator[Asked]:
    """Requests to a URI that the job resource has, whatever their method."""
    return (Asked(step) for run in _telling(runs) for step in run.steps if step.resource.version_text)


@subject_kind_of_clients("a request that creates or changes a job")
def job_info_request(runs: Sequence[ClientRun]) -> Iterator[Asked]:
    """Requests with a jobInfo as their body."""
    return (Asked(step) for run in _telling(runs) for step in run.steps if step.operation in _WITH_JOB_INFO)


@subject_kind_of_clients("a request that changes the state of a job")
def state_request(runs: Sequence[ClientRun]) -> Iterator[Asked]:
    """Closes, aborts, and what comes close."""
    return (Asked(step) for run in _telling(runs) for step in run.steps if step.operation in _CHANGES)


@subject_kind_of_clients("a request with a body")
def request_with_body(runs: Sequence[ClientRun]) -> Iterator[Asked]:
    """Requests with a jobInfo, and batches of jobs that the client opened."""
    yield from job_info_request.search_runs(runs)
    for run in _telling(runs):
        yield from _batches(run)


def _batches(run: ClientRun) -> Iterator[SentBatch]:
    for job in run.jobs:
        settings = job.create.request.fields
        for step in job.later:
            if step.operation is Operation.ADD_BATCH:
                yield SentBatch(step, str(settings.get("operation")), str(settings.get("contentType") or "XML"))


def _is_of_api(step: Step) -> bool:
    is_of_job = step.operation is Operation.ELSEWHERE and bool(step.exchange.request.body)
    return _API in step.exchange.request.url or is_of_job


# Jobs, where the client was answered as usual, or did the same on other conformant answers


def _opened(runs: Sequence[ClientRun]) -> Iterator[OpenedJob]:
    usual = _answered_usually(runs)
    alike = (run for run in runs if run is usual or (usual and run.answered.conforms and run.is_like(usual)))
    return (job for run in alike for job in run.jobs)


@subject_kind_of_clients("a job that the client opened")
def opened_job(runs: Sequence[ClientRun]) -> Iterator[Opened | ClosesAnother]:
    """Jobs whose create was accepted; and closes of other jobs, by a client that opened some in its usual run."""
    yield from (Opened(job.create, job) for job in _opened(runs))
    for run in runs:
        if run.answered is Answered.USUALLY and run.jobs:
            yield from (another for step in run.closes for another in _others_named(step, run.jobs))


def _others_named(close: Step, jobs: Sequence[OpenedJob]) -> Iterator[ClosesAnother]:
    """A path with an id that none of these jobs has, and a body with another id than the path."""
    named, inside = close.resource.job_id or "", close.request.fields.get("id")
    if not is_id(named):
        return  # the path is at fault, which is a matter of URIs
    if not any(same_id(named, job.create.job_id or "") for job in jobs):
        yield ClosesAnother(close, "a job that the client opened", named, "job in the path")
    if isinstance(inside, str) and is_id(inside) and not same_id(inside, named):
        yield ClosesAnother(close, "the id in the path, or none", inside, "id")


@subject_kind_of_clients("a job that the client closed")
def closed_job(runs: Sequence[ClientRun]) -> Iterator[Opened]:
    """Jobs of the client's own whose close was accepted."""
    return (Opened(job.create, job) for job in _opened(runs) if job.close is not None)


# Runs


def _usual(runs: Sequence[ClientRun]) -> ClientRun | None:
    """The usual run, if it can be told what a client makes of others: it closed a job, and ended well."""
    usual = _answered_usually(runs)
    return usual if usual and usual.is_telling else None


@subject_kind_of_clients("a run that is answered in unusual ways")
def unusual_runs(runs: Sequence[ClientRun]) -> Iterator[Runs]:
    """The runs on unusual answers together; the usual run, if that went wrong although nothing was refused in it.

    A refusal that a client copes with on the usual answers says nothing against what it does on others.
    """
    usual = _answered_usually(runs)
    if usual is None or usual.ending.status is None or not usual.closes:
        return
    found = tuple(run for run in runs if run.answered is Answered.UNUSUALLY)
    if usual.is_telling and found:
        yield Runs(None, found, tuple(run for run in found if not run.is_like(usual)), usual)
    elif usual.is_judged and not usual.is_telling:
        yield Runs(None, (usual,), (usual,), usual)


def _oddly_answered(runs: Sequence[ClientRun], answered: Answered) -> Iterator[Runs]:
    usual = _usual(runs)
    if usual is None:
        return
    found = tuple(run for run in runs if run.answered is answered and _concerns_closes(run, usual))
    if found:
        yield Runs(None, found, tuple(run for run in found if run.strayed or not (run.noticed or run.has_made_sure)), usual)


def _concerns_closes(run: ClientRun, usual: ClientRun) -> bool:
    """Whether a close was answered oddly, or something else was and more jobs than usual stayed open.

    A client may do without what else it asks for, such as results, if it closes its jobs all the same.
    """
    closes = any(step.operation in _CHANGES for step in run.refused)
    return closes or (bool(run.refused) and run.open_jobs > usual.open_jobs)


@subject_kind_of_clients("a run whose closes are refused")
def refused_runs(runs: Sequence[ClientRun]) -> Iterator[Runs]:
    """All runs in which a close was refused, or what comes before it, so that jobs stayed open."""
    return _oddly_answered(runs, Answered.BY_REFUSALS)


@subject_kind_of_clients("a run whose closes are answered wrongly")
def departing_runs(runs: Sequence[ClientRun]) -> Iterator[Runs]:
    """All runs in which a close was answered as the contract forbids."""
    return _oddly_answered(runs, Answered.BY_DEPARTURES)


#: The kinds that a client shows which creates a job, closes it and ends.
OF_REQUESTS: Sequence[AnySubjectKind] = (
    api_request,
    resource_request,
    job_info_request,
    state_request,
    request_with_body,
    opened_job,
    closed_job,
)
OF_RUNS: Mapping[Answered, SubjectKind[Runs]] = {
    Answered.UNUSUALLY: unusual_runs,
    Answered.BY_REFUSALS: refused_runs,
    Answered.BY_DEPARTURES: departing_runs,
}

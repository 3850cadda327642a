"""Replays: the requests that it takes to show a problem again, on jobs of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from jobinfo_conformance._contract.ids import is_id, same_id
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.writer import write_json, write_request
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Exchange, Headers, Request, Response
from jobinfo_conformance._job_requests.job_request import READS, Operation
from jobinfo_conformance._job_requests.near_misses import UNKNOWN_ID
from jobinfo_conformance._reproduction.ids import Ids, MadeId, Pieces
from jobinfo_conformance._results.problem import Problem
from jobinfo_conformance._subjects.several_jobs import FEWEST_REPETITIONS

#: What does not hold if an endpoint departs only now and then.
_EVERY_TIME = "state/every-time"
#: Settings of a job that a create may name, in their order; the first two are always there.
_SETTINGS = ("operation", "object", "externalIdFieldName", "concurrencyMode", "contentType")
_UNFINISHED = ("Queued", "InProgress")
#: The most requests to other jobs that are sent again, because they may have had to do with what is shown.
_MOST_MEDDLING = 8


@dataclass(frozen=True)
class Repeat:
    """A request to send again.

    ``place`` is where its step is among those of the replay. ``shown`` says that its answer shows the problem, ``waits`` that
    it is a read of a batch, to be sent until the batch is finished.
    """

    place: int
    step: Step
    shown: bool
    waits: bool


class Replay:
    """The requests that show a problem: those of its smallest case, and what made and changed their jobs before.

    Reads and refused requests that the case does not show are left out. A job whose create is not in the evidence is created
    as its answers show it.
    """

    def __init__(self, problem: Problem, exchanges: Iterable[Exchange]) -> None:
        self._problem = problem
        self._shown_exchanges = problem.finding.exchanges
        self._all = list(exchanges)

    @property
    def times(self) -> int:
        """How often it takes to be played: more than once if the endpoint departs only now and then."""
        broken = {self._problem.requirement, *(following.requirement for following in self._problem.follows)}
        now_and_then = _EVERY_TIME in broken or any(map(self._was_answered_otherwise, self._shown))
        return FEWEST_REPETITIONS if now_and_then else 1

    @property
    def writes(self) -> bool:
        """Whether it adds batches to a job that is not a query, and so may write records."""
        return any(
            repeat.step.operation is Operation.ADD_BATCH and not self._is_of_query(repeat.place) for repeat in self.repeats
        )

    @cached_property
    def repeats(self) -> tuple[Repeat, ...]:
        """The requests in their order; none if the problem shows no request to a job."""
        shown = self._shown
        needed = self._needed()
        return tuple(Repeat(place, self._steps[place], place in shown, self._waits(place)) for place in sorted(needed))

    def path(self, place: int) -> Pieces:
        """What follows the base URL in the URL of the request at a place."""
        step = self._steps[place]
        return self._ids.pieces(step.exchange.request.url.removeprefix(step.resource.origin), place)

    def pieces(self, text: str, place: int) -> Pieces:
        """A text of the request at a place."""
        return self._ids.pieces(text, place)

    def makes(self, place: int) -> bool:
        """Whether the answer to the request at a place makes an id."""
        return self._ids.makes(place)

    def is_named(self, place: int) -> bool:
        """Whether a request of the replay names the id that the answer to the request at a place makes."""
        return place in self._named

    @cached_property
    def _named(self) -> set[int]:
        return {named.maker for repeat in self.repeats for named in self._named_by(repeat.place)}

    def name(self, place: int) -> str:
        """What a script calls the id that the answer to the request at a place makes: job1, job2, batch1."""
        operation = self._steps[place].operation
        makers = [each.place for each in self.repeats if each.step.operation is operation and self.makes(each.place)]
        return f"{'job' if operation is Operation.CREATE else 'batch'}{makers.index(place) + 1}"

    @cached_property
    def _steps(self) -> Sequence[Step]:
        """The steps of the evidence; first the creates that it lacks, last the steps of the case that it lacks."""
        missing = [exchange for exchange in self._shown_exchanges if exchange not in self._all]
        steps = [step for step in map(Step.of, [*self._all, *missing]) if step is not None]
        case = [step for step in steps if step.exchange in self._shown_exchanges]
        return [*_creates_for(case, steps), *steps]

    @cached_property
    def _ids(self) -> Ids:
        return Ids(self._steps)

    @cached_property
    def _shown(self) -> set[int]:
        """The places of the steps of the case; of exchanges that are equal, each has its own."""
        places: list[int] = []
        for exchange in self._shown_exchanges:
            equal = (place for place, step in enumerate(self._steps) if step.exchange == exchange and place not in places)
            places += [place for place in [next(equal, None)] if place is not None]
        return set(places)

    def _needed(self) -> set[int]:
        """The places of all steps that are needed, from those of the case on."""
        needed, added = set[int](), self._shown | self._read_afterwards() | self._meddling()
        while added:
            needed |= added
            jobs = {job for place in needed if (job := self._ids.job_of(place)) is not None}
            named = {piece.maker for place in added for piece in self._named_by(place)}
            added = (named | (jobs or self._last_job()) | self._leading(jobs)) - needed
        return needed

    def _named_by(self, place: int) -> Iterator[MadeId]:
        """The ids that a request names."""
        request = self._steps[place].exchange.request
        for text in (request.url, request.body.decode("latin-1").replace("\0", "")):
            yield from (piece for piece in self._ids.pieces(text, place) if isinstance(piece, MadeId))

    def _leading(self, jobs: Collection[int]) -> set[int]:
        """The places of the steps that led to the case: what changed its jobs, and reads between the steps that are shown."""
        end = max(self._shown, default=0)
        shown = {job: [place for place in self._shown if self._ids.job_of(place) == job] for job in jobs}
        # Of a job of which only the create is shown, or nothing, all may matter.
        last = {job: end if places in ([], [job]) else max(places) for job, places in shown.items()}
        return {
            place
            for place in range(end)
            if (job := self._ids.job_of(place)) in jobs
            and job is not None
            and place < last[job]
            and (self._changes(place) or self._is_telling(place, min(shown[job], default=end)))
        }

    def _changes(self, place: int) -> bool:
        """Whether a request changed its job, or was refused and should have been without effect on the batches."""
        step = self._steps[place]
        return step.operation not in READS and (step.accepted or step.operation is Operation.ADD_BATCH)

    def _is_telling(self, place: int, first: int) -> bool:
        """Whether a read may have led to what is shown of its job from a place on: it came later, or it waited for a batch."""
        return self._steps[place].operation in READS and (place > first or self._is_last_read_of_batch(place))

    def _meddling(self) -> set[int]:
        """The places of what happened to other jobs while that of the last step existed, unless it is too much to matter."""
        last = max(self._shown, default=0)
        job = self._ids.job_of(last) if self._shown else None
        between = range(last if job is None else job, last)
        found = {place for place in between if self._ids.job_of(place) not in (None, job) and self._changes(place)}
        changing = [place for place in found if self._steps[place].operation is not Operation.CREATE]
        return found if changing and len(found) <= _MOST_MEDDLING else set()

    def _last_job(self) -> set[int]:
        """The place where the last job before the case was created: a request that names none should not have found one."""
        last = max(self._shown, default=0)
        created = [place for place in range(last) if self._ids.job_of(place) == place]
        return set(created[-1:])

    def _read_afterwards(self) -> set[int]:
        """The place of the read after the last step, if that changed the job or is compared with an earlier read."""
        last = max(self._shown, default=None)
        job = None if last is None else self._ids.job_of(last)
        if last is None or job is None or (self._steps[last].operation in READS and self._problem.serializations):
            return set()
        later = (place for place in range(last + 1, len(self._steps)) if self._ids.job_of(place) == job)
        return {place for place in [next(later, None)] if place is not None and self._steps[place].operation is Operation.READ}

    def _is_last_read_of_batch(self, place: int) -> bool:
        step = self._steps[place]
        later = self._steps[place + 1 :]
        return step.operation is Operation.READ_BATCH and all(other.resource != step.resource for other in later)

    def _was_answered_otherwise(self, place: int) -> bool:
        """Whether the same was sent in the same situation at another time, and answered otherwise."""
        likeness, answer = self._likeness(place), self._answer(place)
        return any(
            self._likeness(other) == likeness and self._answer(other) != answer
            for other, step in enumerate(self._steps)
            if step.operation is self._steps[place].operation and other != place
        )

    def _likeness(self, place: int) -> tuple[object, ...]:
        """What a request has in common with those to other jobs in the same situation."""
        job = self._ids.job_of(place)
        before = [other for other in range(0 if job is None else job, place) if self._ids.job_of(other) == job]
        request = self._steps[place].exchange.request
        texts = (self.path(place), self._ids.pieces(request.body.decode("latin-1"), place))
        unnamed = [[piece if isinstance(piece, str) else piece.length for piece in text] for text in texts]
        changes = [self._steps[other].operation for other in before if self._changes(other)]
        return changes, request.method, unnamed, request.headers

    def _answer(self, place: int) -> tuple[object, ...]:
        """An answer without what differs from job to job."""
        step = self._steps[place]
        findings = step.job_findings if step.answers_job else step.error_findings
        wrong = frozenset((finding.requirement, finding.where) for finding in findings)
        named = same_id(str(step.job.get("id")), step.job_id or "")
        return step.status, step.exchange.response.content_type, step.job.get("state"), named, wrong

    def _waits(self, place: int) -> bool:
        """Whether a read of a batch is sent until the batch is finished: so it was, or it was waited for in vain."""
        step = self._steps[place]
        return step.operation is Operation.READ_BATCH and (
            step.answer.fields.get("state") not in _UNFINISHED or self._is_last_read_of_batch(place)
        )

    def _is_of_query(self, place: int) -> bool:
        job = self._ids.job_of(place)
        return job is not None and self._steps[job].request.fields.get("operation") in ("query", "queryAll")


def _creates_for(case: Sequence[Step], steps: Sequence[Step]) -> Iterator[Step]:
    """Creates of the jobs that a case is about and that no step created, as the job's answers show them."""
    created = Ids(steps)
    lacking = {
        job_id: step
        for step in reversed(case)
        if is_id(job_id := step.resource.job_id or "") and job_id != UNKNOWN_ID and created.job_of(_place(step, steps)) is None
    }
    for job_id, step in lacking.items():
        form = step.requested_serialization or Serialization.XML
        headers = Headers.of([("Content-Type", form.media_type), ("Accept", form.media_type)])
        url = f"{step.resource.origin}/services/async/{step.resource.version}/job"
        request = Request("POST", url, headers, write_request(_settings(job_id, steps), form))
        answer = Response(201, Headers.of([("Content-Type", "application/json")]), write_json({"id": job_id}))
        created_here = Step.of(Exchange(request, answer))
        assert created_here is not None  # the URL is that of the job resource
        yield created_here


def _place(step: Step, steps: Sequence[Step]) -> int:
    return next(place for place, other in enumerate(steps) if other is step)


def _settings(job_id: str, steps: Iterable[Step]) -> dict[str, str]:
    """The settings of a job as answers show it; where none does, those of an insert, which stays empty."""
    shown = next((step.job for step in steps if step.resource.job_id == job_id and step.job.get("operation")), None)
    found = {name: shown.get(name) for name in _SETTINGS} if shown is not None else {}
    plain = {"operation": "insert", "object": "Account", "contentType": "CSV"}
    return {name: str(value) for name in _SETTINGS if (value := found.get(name) or plain.get(name)) is not None}

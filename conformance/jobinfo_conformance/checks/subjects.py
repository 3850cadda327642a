"""What a history shows: the subjects that checks are handed.

A subject is an exchange, or a few that belong together, of which a requirement says something. Each kind is a `Shown`:
its name, for the sentence that says what a run lacked, and a function that finds it in a history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Generic, TypeVar

from jobinfo_conformance.contract.jobinfo import JobInfo, Unreadable
from jobinfo_conformance.contract.reading import Finding, JsonValue, Reading, Serialization
from jobinfo_conformance.contract.schemas import Body, schema_findings
from jobinfo_conformance.contract.versions import Version
from jobinfo_conformance.evidence.history import History, Operation, Step

#: States of Bulk API 2.0, which a GET may answer for a job that 2.0 made.
STATES_OF_BULK_2 = frozenset({"UploadComplete", "InProgress", "JobComplete"})
#: Refusals that say nothing of the request itself: the session, the user, the org's limits.
REFUSALS_OF_THE_CALLER = frozenset(
    {
        "InvalidSessionId",
        "InvalidUser",
        "FeatureNotEnabled",
        "ExceededQuota",
        "HttpsRequired",
        "TransactionSecurityBlock",
        "TransactionSecurityInternalError",
        "TransactionSecurityDeveloperError",
    }
)
#: The same, where an intermediary answers for the server.
REFUSING_INTERMEDIARIES = frozenset({401, 403, 407, 429})


@dataclass(frozen=True)
class Subject:
    """What a check looks at: the step that is judged; None for a payload that came without its exchange."""

    step: Step | None

    @property
    def serialization(self) -> Serialization:
        """The serialization that a verdict on this is about: the request's, where it names one."""
        assert self.step is not None
        return self.step.requested_serialization or self.step.answer.serialization

    @property
    def version(self) -> Version:
        """The version of the contract that holds."""
        assert self.step is not None
        return self.step.version


@dataclass(frozen=True)
class Asked(Subject):
    """One exchange."""

    step: Step


@dataclass(frozen=True)
class Answer(Subject):
    """A body that has to be a jobInfo.

    ``by_bulk_1`` is False where Bulk API 2.0 may have made the job: then its states are no departure.
    """

    reading: Reading
    contract: Version
    by_bulk_1: bool = True

    @property
    def serialization(self) -> Serialization:
        """The serialization of the answer itself."""
        return self.reading.serialization

    @property
    def version(self) -> Version:
        """The version of the contract that holds."""
        return self.contract

    @cached_property
    def job(self) -> JobInfo:
        """The job as it was answered."""
        return self.step.job if self.step else JobInfo.of(self.reading)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """All that is wrong with the body by itself."""
        findings = self.step.job_findings if self.step else schema_findings(self.reading, Body.JOB_INFO, self.contract)
        if not self.by_bulk_1 and self.reading.fields.get("state") in STATES_OF_BULK_2:
            return tuple(one for one in findings if (one.requirement, one.where) != ("schema/enumerations", "state"))
        return findings


@dataclass(frozen=True)
class Later(Subject):
    """A step, and an earlier one that it is held against."""

    step: Step
    earlier: Step

    @property
    def serialization(self) -> Serialization:
        """The serialization of the earlier step, whose effect is judged."""
        return Asked(self.earlier).serialization


@dataclass(frozen=True)
class Between(Subject):
    """A step, and the answered jobs next to it: the latest before, the first after. None where there is none."""

    step: Step
    before: JobInfo
    after: JobInfo | None
    at_rest: bool = False


@dataclass(frozen=True)
class Known(Subject):
    """An answered job, and what the history before it says of some of its fields."""

    step: Step
    expected: Mapping[str, object]

    @property
    def job(self) -> JobInfo:
        """The job as it was answered."""
        return self.step.job

    @property
    def serialization(self) -> Serialization:
        """The serialization of the answer."""
        return self.step.answer.serialization


S = TypeVar("S", bound=Subject)


@dataclass(frozen=True)
class Shown(Generic[S]):
    """A kind of subject: what it is called, and how it is found in a history."""

    name: str
    find: Callable[[History], Iterable[S]]


def shown(name: str) -> Callable[[Callable[[History], Iterable[S]]], Shown[S]]:
    """Name a function that finds subjects."""
    return lambda find: Shown(name, find)


# What single exchanges show


def _answer(history: History, step: Step) -> Answer:
    asked = {one.operation for one in history.steps}
    by_bulk_1 = history.whole or bool(asked & {Operation.CREATE, Operation.CLOSE, Operation.ABORT})
    return Answer(step, step.answer, step.version, by_bulk_1)


def _jobs(steps: Iterable[Step]) -> list[Step]:
    return [step for step in steps if step.answers_job]


@shown("an answered jobInfo")
def job_info(history: History) -> Iterator[Answer]:
    """Every jobInfo that was answered: on create, read, close and abort."""
    return (_answer(history, step) for step in _jobs(history.steps))


@shown("an answered jobInfo without batches")
def empty_job(history: History) -> Iterator[Answer]:
    """Every answered jobInfo whose numberBatchesTotal is 0."""
    return (answer for answer in job_info.find(history) if answer.job.get("numberBatchesTotal") == 0)


@shown("an accepted close")
def accepted_close(history: History) -> Iterator[Asked]:
    """Closes that were not refused; a redirect is one."""
    return (Asked(step) for step in _closes(history) if not step.refused)


@dataclass(frozen=True)
class CloseAnswer(Answer):
    """The answer to a close."""

    @property
    def serialization(self) -> Serialization:
        """The serialization that the close was sent in."""
        return Subject(self.step).serialization if self.step else self.reading.serialization


@shown("the answer to a close")
def close_answer(history: History) -> Iterator[CloseAnswer]:
    """The jobInfo that an accepted close answers."""
    return (CloseAnswer(step, step.answer, step.version) for step in _jobs(_closes(history)))


@shown("a close whose Content-Type is application/xml or application/json")
def typed_close(history: History) -> Iterator[Asked]:
    """Accepted closes that name their serialization and were answered with a body."""
    closes = (step for step in _jobs(_closes(history)) if step.exchange.response.body)
    return (Asked(step) for step in closes if step.requested_serialization is not None)


@shown("an exchange")
def any_exchange(history: History) -> Iterator[Asked]:
    """All that was asked."""
    return (Asked(step) for step in history.steps)


@shown("a refused request")
def refusal(history: History) -> Iterator[Asked]:
    """Every answer with 4xx or 5xx."""
    return (Asked(step) for step in history.steps if step.refused)


@dataclass(frozen=True)
class Refusal(Subject):
    """A body that has to be an error document."""

    reading: Reading
    contract: Version

    @property
    def serialization(self) -> Serialization:
        """The serialization of the request; of a document that came alone, its own."""
        return Subject(self.step).serialization if self.step else self.reading.serialization

    @property
    def version(self) -> Version:
        """The version of the contract that holds."""
        return self.contract

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """All that is wrong with the error document."""
        return self.step.error_findings if self.step else schema_findings(self.reading, Body.ERROR, self.contract)

    def text(self, name: str) -> str:
        """A field of the error document. Raises Unreadable where it is not there."""
        value = self.reading.fields.get(name)
        if not isinstance(value, str):
            raise Unreadable(name)
        return value


@shown("a request refused with 4xx")
def error_document(history: History) -> Iterator[Refusal]:
    """Refusals with 4xx, less 405, whose body is not known."""
    refused = (step for step in history.steps if 400 <= step.status < 500 and step.status != 405 and step.has_body)
    return (Refusal(step, step.answer, step.version) for step in refused)


@shown("a refused request whose Content-Type is application/xml or application/json")
def typed_refusal(history: History) -> Iterator[Asked]:
    """Refusals with a readable body, of requests that name their serialization and are not batches."""
    steps = (one.step for one in error_document.find(history) if one.step and one.step.answer.document)
    return (Asked(one) for one in steps if one.requested_serialization and one.operation is not Operation.ADD_BATCH)


# What a job's history shows


def _closes(history: History) -> list[Step]:
    return [step for step in history.steps if step.operation is Operation.CLOSE]


def refused_the_caller(step: Step) -> bool:
    """Whether a refusal is about who asked, not about what."""
    if not step.refused:
        return False
    return step.status in REFUSING_INTERMEDIARIES or step.answer.fields.get("exceptionCode") in REFUSALS_OF_THE_CALLER


def latest_job(history: History, step: Step) -> JobInfo | None:
    """The job as it was last answered before a step, with nothing since that may have changed its state."""
    for one in reversed(history.before(step)):
        if one.answers_job:
            return one.job
        changes = one.operation in (Operation.CHANGE, Operation.CLOSE, Operation.ABORT, Operation.OTHER_METHOD)
        if changes and not one.refused:
            return None
    return None


def state_before(history: History, step: Step) -> object:
    """The state that the job was in before a step, as far as the history tells; else None."""
    job = latest_job(history, step)
    return None if job is None else job.get("state")


def next_job(history: History, step: Step) -> JobInfo | None:
    """The job as it was first answered after a step, with nothing in between that could change it."""
    for one in history.after(step):
        if one.answers_job and one.operation is Operation.READ:
            return one.job
        if not one.refused and one.operation is not Operation.READ_BATCH and one.operation is not Operation.LIST_BATCHES:
            return None
    return None


def at_rest(history: History, job: JobInfo) -> bool:
    """Whether nothing can change a job any more: it takes no batches, and none is unfinished."""
    unfinished = [job.get("numberBatchesQueued"), job.get("numberBatchesInProgress")]
    ended = job.get("state") in ("Closed", "Aborted", "Failed")
    empty = history.whole and job.get("numberBatchesTotal") == 0
    return unfinished == [0, 0] and (ended or empty)


def _may_be_chunked(history: History) -> bool:
    """Whether the server may add batches of its own: a query with PK chunking, or one whose create is not here."""
    created = history.created
    if created is not None:
        return created.exchange.request.headers.get("Sforce-Enable-PKChunking") is not None
    return any(step.job.get("operation") not in ("insert", "update", "upsert", "delete") for step in _jobs(history.steps))


@shown("a read after the close")
def read_after_close(history: History) -> Iterator[Later]:
    """Each read that follows an accepted close, with no abort before it."""
    for close in _jobs(_closes(history)):
        for step in history.after(close):
            if step.operation is Operation.ABORT and not step.refused:
                break
            if step.operation is Operation.READ and step.answers_job:
                yield Later(step, close)


@shown("a documented close of an open job")
def documented_close(history: History) -> Iterator[Asked]:
    """Closes in the documented form that were accepted, or refused although the job was open."""
    for step in _closes(history):
        refused_in_vain = state_before(history, step) == "Open" and not _moved_on(history, step)
        if is_documented(step) and (step.accepted or refused_in_vain) and not refused_the_caller(step):
            yield Asked(step)


def _moved_on(history: History, refused: Step) -> bool:
    """Whether a refusal names the job's state, and the job was not seen open afterwards: somebody else ended it."""
    after = next_job(history, refused)
    ended = after is None or after.get("state") != "Open"
    return not history.whole and refused.answer.fields.get("exceptionCode") == "InvalidJobState" and ended


def is_documented(step: Step) -> bool:
    """Whether a close is sent as the documentation shows it, white space between elements aside."""
    body = step.exchange.request.body
    named = step.requested_serialization is step.request.serialization
    plain = b"<!" not in body and b"\\" not in body and b"&" not in body and b":jobInfo" not in body
    return named and plain and dict(step.request.fields) == {"state": "Closed"} and not step.request_findings


@shown("a documented close of an open job without batches")
def close_without_batches(history: History) -> Iterator[Asked]:
    """Documented closes of a job that was open and empty."""
    for asked in documented_close.find(history):
        job = latest_job(history, asked.step)
        since = [step for step in history.before(asked.step) if step.operation is Operation.ADD_BATCH and step.accepted]
        if job is not None and job.get("state") == "Open" and job.get("numberBatchesTotal") == 0 and not since:
            yield asked


@shown("a close of a job with unfinished batches")
def close_with_unfinished(history: History) -> Iterator[Asked]:
    """Documented closes whose answer, or after a refusal the next read, still shows unfinished batches."""
    for asked in documented_close.find(history):
        job = asked.step.job if asked.step.accepted else next_job(history, asked.step)
        unfinished = (job.get("numberBatchesQueued"), job.get("numberBatchesInProgress")) if job else (0, 0)
        if any(unfinished):
            yield asked


def _between(history: History, step: Step) -> Between | None:
    before = latest_job(history, step)
    if before is None:
        return None
    after = step.job if step.answers_job else next_job(history, step)
    return Between(step, before, after, at_rest(history, before))


def _in_state(state: str, steps: Iterable[Step], history: History) -> Iterator[Between]:
    for step in steps:
        between = _between(history, step)
        if between is not None and between.before.get("state") == state and not refused_the_caller(step):
            yield between


@dataclass(frozen=True)
class Attempt(Asked):
    """An exchange, and the answered jobs next to it, where there are any."""

    before: JobInfo | None
    after: JobInfo | None


@shown("PUT, PATCH or DELETE on a job")
def other_method(history: History) -> Iterator[Attempt]:
    """Requests with a method that the job resource does not have."""
    for step in history.steps:
        if step.operation is Operation.OTHER_METHOD:
            yield Attempt(step, latest_job(history, step), next_job(history, step))


@shown("a close of a closed job")
def second_close(history: History) -> Iterator[Between]:
    """Closes of a job that was closed before."""
    return _in_state("Closed", _closes(history), history)


@shown("a close of a closed job, and the job after it")
def second_close_and_after(history: History) -> Iterator[Between]:
    """Closes of a closed job after which the job was seen again."""
    return (one for one in second_close.find(history) if one.after is not None)


@shown("the state Open asked for a closed job, and the job after it")
def reopening(history: History) -> Iterator[Between]:
    """Attempts to open a closed job again; a refused one only where the job was seen afterwards."""
    asked = [
        step for step in history.steps if step.operation is Operation.CHANGE and step.request.fields.get("state") == "Open"
    ]
    return (one for one in _in_state("Closed", asked, history) if one.after is not None or one.step.accepted)


@shown("a close of an aborted job")
def close_of_aborted(history: History) -> Iterator[Between]:
    """Closes of a job that was aborted before."""
    return _in_state("Aborted", _closes(history), history)


@shown("a refused close, with the job seen before and after it")
def refused_close(history: History) -> Iterator[Between]:
    """Refused closes between two answered jobs."""
    asked = (step for step in history.steps if step.operation in (Operation.CLOSE, Operation.CHANGE) and step.refused)
    found = (_between(history, step) for step in asked if not _moved_on(history, step))
    return (one for one in found if one is not None and one.after is not None)


@shown("a batch added to a closed job")
def batch_after_close(history: History) -> Iterator[Between]:
    """Batches that were sent after the close."""
    added = [step for step in history.steps if step.operation is Operation.ADD_BATCH]
    return _in_state("Closed", added, history)


@shown("a refused batch, with the job seen before and after it")
def refused_batch(history: History) -> Iterator[Between]:
    """Batches that a closed job refused, where the job was seen again."""
    return (one for one in batch_after_close.find(history) if one.step.refused and one.after is not None)


def _consecutive(history: History) -> Iterator[Later]:
    """Each answered job with the one before it."""
    jobs = _jobs(history.steps)
    return (Later(two, one) for one, two in pairwise(jobs) if one.precedes(two))


@shown("two answers of one job")
def consecutive_answers(history: History) -> Iterator[Later]:
    """Each answered job with the one before it."""
    return _consecutive(history)


def _reads_at_rest(history: History) -> Iterator[Later]:
    for later in _consecutive(history):
        places = [history.steps.index(later.earlier), history.steps.index(later.step)]
        quiet = all(step.operation is Operation.READ for step in history.steps[places[0] + 1 : places[1] + 1])
        if quiet and at_rest(history, later.earlier.job) and at_rest(history, later.step.job):
            yield later


@shown("two reads, in one serialization, of a job at rest")
def repeated_read(history: History) -> Iterator[Later]:
    """Two reads with no request but reads between them, answered in the same serialization."""
    reads = [step for step in history.steps if step.operation is Operation.READ]
    for later in _reads_at_rest(history):
        if later.earlier.operation is Operation.READ and _same_form(later.step, later.earlier):
            yield later
    for one, two in zip(reads, reads[2:], strict=False):
        between = history.steps[history.steps.index(one) : history.steps.index(two) + 1]
        quiet = all(step.operation is Operation.READ and step.answers_job for step in between) and one.precedes(two)
        if quiet and _same_form(one, two) and at_rest(history, one.job) and at_rest(history, two.job):
            yield Later(two, one)


def _same_form(one: Step, two: Step) -> bool:
    return one.answer.serialization is two.answer.serialization


@shown("a job at rest, read as XML and as JSON")
def read_in_both(history: History) -> Iterator[Later]:
    """Two consecutive reads of a job at rest that were answered in different serializations."""
    for later in _reads_at_rest(history):
        if later.earlier.operation is Operation.READ and not _same_form(later.step, later.earlier):
            yield later


@shown("an answer after the close, and the close's own")
def after_close(history: History) -> Iterator[Later]:
    """Each later answer with the answer to the close."""
    return () if _may_be_chunked(history) else read_after_close.find(history)  # type: ignore[return-value]


# What is known of a job from its creation on


SETTINGS = (
    "operation",
    "object",
    "createdById",
    "externalIdFieldName",
    "concurrencyMode",
    "contentType",
    "assignmentRuleId",
)
_DEFAULTS = {"concurrencyMode": "Parallel", "contentType": "XML"}


@shown("an answer after the create")
def created_job(history: History) -> Iterator[Known]:
    """Each answered job with its settings: as the create set them, then as the first answer gave them."""
    jobs = _jobs(history.steps)
    settings: dict[str, object] = {}
    if history.created is not None and not history.created.request_findings:
        asked = history.created.request.fields
        settings = {**_DEFAULTS, **{name: value for name, value in asked.items() if name in SETTINGS and value is not None}}
    for step in jobs:
        if settings:
            yield Known(step, dict(settings))
        for name in SETTINGS:
            if name in step.job and (step.job[name] is not None or name not in settings):
                settings.setdefault(name, step.job[name])


@shown("the create, and an answer of its job")
def job_of_known_version(history: History) -> Iterator[Known]:
    """Each answered job whose create names a version in its URI."""
    created = history.created
    if created is not None and str(created.version) == created.resource.version_text:
        for step in _jobs(history.steps):
            yield Known(step, {"apiVersion": created.version})


def _batches(history: History, step: Step) -> tuple[int, dict[str, Mapping[str, JsonValue]]]:
    """How many batches were accepted before a step, and the latest that was answered of each."""
    accepted = 0
    latest: dict[str, Mapping[str, JsonValue]] = {}
    for one in history.before(step):
        if one.operation is Operation.ADD_BATCH and one.accepted:
            accepted += 1
        if one.operation in (Operation.ADD_BATCH, Operation.READ_BATCH) and one.accepted:
            latest[str(one.answer.fields.get("id"))] = one.answer.fields
    return accepted, latest


def _own(history: History) -> bool:
    """Whether all batches of the job are in the history."""
    return history.whole and history.created is not None and not _may_be_chunked(history)


@shown("an answer of a job whose every batch is known")
def own_job(history: History) -> Iterator[Known]:
    """Answers of the suite's own jobs, with the number of batches that were accepted."""
    for step in _jobs(history.steps) if _own(history) else ():
        yield Known(step, {"numberBatchesTotal": _batches(history, step)[0]})


@shown("an answer of a job, not aborted, whose every batch is known")
def own_job_not_aborted(history: History) -> Iterator[Answer]:
    """Answers of the suite's own jobs that were not aborted."""
    for step in _jobs(history.steps) if _own(history) else ():
        if step.job.get("state") != "Aborted":
            yield _answer(history, step)


@shown("an answer of a job whose every batch is known to be finished")
def own_job_finished(history: History) -> Iterator[Known]:
    """Answers of the suite's own jobs after each batch was seen Completed or Failed, with the sums over them."""
    for step in _jobs(history.steps) if _own(history) else ():
        accepted, latest = _batches(history, step)
        done = [batch for batch in latest.values() if batch.get("state") in ("Completed", "Failed")]
        if accepted and len(done) == accepted:
            sums = {name: _sum(done, name) for name in ("numberRecordsProcessed", "numberRecordsFailed")}
            yield Known(step, {"numberBatchesTotal": accepted, **sums})


@shown("a batch that was accepted before the close, and waited for")
def waited_for_batch(history: History) -> Iterator[Known]:
    """Each batch as it was last seen, in a job that was closed and whose batches were given time to finish."""
    closed = [step for step in _closes(history) if step.accepted]
    for close in closed[:1] if history.waited is not None else ():
        accepted = [one for one in history.before(close) if one.operation is Operation.ADD_BATCH and one.accepted]
        named = {one.answer.fields.get("id") for one in accepted}
        looks = [one for one in history.after(close) if one.operation is Operation.READ_BATCH and one.accepted]
        last = {one.answer.fields.get("id"): one for one in looks}
        for batch_id in named & set(last):
            yield Known(last[batch_id], {"seconds": history.waited})


def _sum(batches: Iterable[Mapping[str, JsonValue]], name: str) -> int | None:
    """The sum of a field over batches; None where one has no readable value."""
    values = [str(batch.get(name)) for batch in batches]
    return sum(int(value) for value in values) if all(value.isdecimal() for value in values) else None


@shown("an answer whose job the request or a Location names")
def named_job(history: History) -> Iterator[Known]:
    """Each answered job with the id that it was asked by; a create's with the id in its Location header."""
    for step in _jobs(history.steps):
        named = step.resource.job_id or step.located_id
        if named is not None:
            yield Known(step, {"id": named})

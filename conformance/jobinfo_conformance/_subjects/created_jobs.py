"""Returned jobs, each with what the history before them implies for some of its fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from jobinfo_conformance._contract.document import JsonValue
from jobinfo_conformance._contract.expected_job import ExpectedJob
from jobinfo_conformance._contract.field_types import WHOLE
from jobinfo_conformance._contract.ids import short_form
from jobinfo_conformance._contract.jobinfo import DEFAULT_SETTINGS, SETTINGS, JobInfo
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._subjects.kind import Shown, subject_kind
from jobinfo_conformance._subjects.neighbours import answer_of, may_change_state, several_requests, until_aborted
from jobinfo_conformance._subjects.subject import Answer, ExpectedAnswer, ListedBatches

#: The fields whose values a job keeps from its creation on.
KEPT = (*SETTINGS, "createdById")


_RECORDS = ("numberRecordsProcessed", "numberRecordsFailed")


@subject_kind("a returned jobInfo whose settings are known")
def created_job(history: History) -> Iterator[ExpectedAnswer]:
    """Each returned job with the settings that its create set and, for the rest, those that were returned first."""
    settings: dict[str, object] = {}
    given = () if history.created is None else (history.created,)
    if history.created is not None and not history.created.asked.findings:
        sent = {name: value for name, value in history.created.request.fields.items() if value not in (None, "")}
        settings = {**DEFAULT_SETTINGS, **{name: value for name, value in sent.items() if name in KEPT}}
        # A client may write a number or a boolean for an enumerated setting. What it stands for, only the answer says.
        settings = {name: value for name, value in settings.items() if isinstance(value, str)}
    for step in history.jobs:
        if settings:
            yield ExpectedAnswer(step, dict(settings), given)
        for name in KEPT:
            if name in step.job and (step.job[name] is not None or name not in settings):
                settings.setdefault(name, step.job[name])


@subject_kind("a create and a jobInfo of the job that it created")
def job_of_known_version(history: History) -> Iterator[ExpectedAnswer]:
    """Each returned job whose create names a version in its URI."""
    created = history.created
    if created is not None and str(created.version) == created.resource.version_text:
        for step in history.jobs:
            yield ExpectedAnswer(step, {"apiVersion": created.version}, (created,))


@subject_kind("a list of batches after a batch was refused", part_of=several_requests)
def batches_listed(history: History) -> Iterator[ListedBatches]:
    """Lists of the batches of a job whose batches are all known, with the ids that no accepted batch has."""
    accepted: set[str] = set()
    refused = False
    for step in history.steps if _has_every_batch(history) else ():
        if step.operation is Operation.ADD_BATCH:
            refused = refused or step.is_client_error
            accepted |= {short_form(str(step.answer.fields.get("id")))} if step.accepted else set()
        elif step.listed_batches is not None and refused:
            unknown = [batch for batch in step.listed_batches if short_form(batch) not in accepted]
            yield ListedBatches(step, tuple(unknown))


_Batches = Mapping[str, Mapping[str, JsonValue]]


def _with_batches(history: History) -> Iterator[tuple[Step, tuple[Step, ...], _Batches]]:
    """Each returned job, with the batches sent before it, accepted or not, and the latest answer about each accepted one."""
    sent: list[Step] = []
    latest: dict[str, Mapping[str, JsonValue]] = {}
    for step in history.steps:
        if step.answers_job:
            yield step, tuple(sent), latest
        if step.operation is Operation.ADD_BATCH:
            sent.append(step)
        if step.operation in (Operation.ADD_BATCH, Operation.READ_BATCH) and step.accepted:
            latest[str(step.answer.fields.get("id"))] = step.answer.fields


def _has_every_batch(history: History) -> bool:
    """Whether the history shows every batch of the job."""
    return history.whole and history.created is not None and not history.may_be_chunked


@subject_kind("a returned jobInfo of a job whose batches are all known", shown=Shown.BY_WHOLE)
def own_job(history: History) -> Iterator[ExpectedAnswer]:
    """The suite's own jobs as they were returned, with the number of batches accepted by then."""
    for step, sent, _ in _with_batches(history) if _has_every_batch(history) else ():
        yield ExpectedAnswer(step, {"numberBatchesTotal": _accepted(sent)}, sent)


@subject_kind("a returned jobInfo of a job whose requests are all known", shown=Shown.BY_WHOLE)
def own_job_as_asked(history: History) -> Iterator[ExpectedAnswer]:
    """The suite's own jobs as they were returned, with the state and number of batches that accepted requests led to."""
    expected = ExpectedJob()
    given: list[Step] = []
    for step in history.steps[1:] if _has_every_batch(history) else ():
        if not step.accepted and not step.is_client_error:
            return  # the request may or may not have been carried out
        if step.accepted:
            expected = _after(step, expected)
        if step.answers_job and step.job.get("state") != "Failed":  # a server may fail a job at any time
            yield ExpectedAnswer(step, {"state": expected.state, "numberBatchesTotal": expected.batches}, tuple(given))
        if _may_change_job(step):
            given.append(step)


def _after(step: Step, job: ExpectedJob) -> ExpectedJob:
    """The job to expect after an accepted request."""
    if step.operation is Operation.ADD_BATCH:
        return job.with_batch()
    if step.operation in (Operation.CLOSE, Operation.ABORT, Operation.CHANGE):
        return job.asked_for(str(step.request.fields.get("state")))
    return replace(job, state=None) if step.operation is Operation.OTHER_METHOD else job


@subject_kind("a returned jobInfo of a job that is not aborted and whose batches are all known", shown=Shown.BY_WHOLE)
def own_job_not_aborted(history: History) -> Iterator[Answer]:
    """The suite's own jobs as they were returned until they were aborted."""
    return (answer_of(history, step) for step in until_aborted(history) if _has_every_batch(history))


@subject_kind("a returned jobInfo of a job whose batches are all known to be finished", shown=Shown.BY_WHOLE)
def own_job_finished(history: History) -> Iterator[ExpectedAnswer]:
    """The suite's own jobs as they were returned once every batch was seen Completed or Failed, with the sums over those."""
    for step, sent, latest in _with_batches(history) if _has_every_batch(history) else ():
        accepted = _accepted(sent)
        done = [batch for batch in latest.values() if batch.get("state") in ("Completed", "Failed")]
        if accepted and len(done) == accepted:
            names = [name for name in _RECORDS if JobInfo.FIELDS[name].since <= step.job_version]
            sums = {name: _sum(done, name) for name in names}
            yield ExpectedAnswer(step, {"numberBatchesTotal": accepted, **sums}, sent)


@subject_kind(
    "a batch that was accepted before the close and waited for",
    part_of=several_requests,
    shown=Shown.LIVE,
    known_by=("numberBatchesTotal",),
)
def waited_for_batch(history: History) -> Iterator[ExpectedAnswer]:
    """Each batch as it was last seen, in a closed job whose batches were given time to finish."""
    closed = [step for step in history.closes if step.accepted]
    for close in closed[:1] if history.waited is not None else ():
        accepted = [step for step in history.before(close) if step.operation is Operation.ADD_BATCH and step.accepted]
        named = {str(step.answer.fields.get("id")): step for step in accepted}
        last = {str(step.resource.batch_id): step for step in history.after(close) if step.operation is Operation.READ_BATCH}
        for batch_id, added in named.items():
            if batch_id in last:
                yield ExpectedAnswer(last[batch_id], {"seconds": history.waited}, (added, close))


def _accepted(sent: Iterable[Step]) -> int:
    return sum(step.accepted for step in sent)


def _may_change_job(step: Step) -> bool:
    return step.operation is Operation.ADD_BATCH or may_change_state(step)


def _sum(batches: Iterable[Mapping[str, JsonValue]], name: str) -> int | None:
    """The sum of a field over batches; None if any value can't be read."""
    try:
        return sum(WHOLE.from_xml(str(batch.get(name))) for batch in batches)
    except ValueError:
        return None


@subject_kind("a returned jobInfo of a job that the URI or a Location header names")
def named_job(history: History) -> Iterator[ExpectedAnswer]:
    """Each returned job with the id in the URI of the request; after a create, with the id in the Location header."""
    for step in history.jobs:
        named = step.resource.job_id or step.located_id
        if named is not None:
            yield ExpectedAnswer(step, {"id": named})

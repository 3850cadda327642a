"""What is known of a job whose history begins with its creation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from jobinfo_conformance._contract.document import JsonValue
from jobinfo_conformance._contract.expected_job import ExpectedJob
from jobinfo_conformance._contract.jobinfo import DEFAULT_SETTINGS, SETTINGS, JobInfo
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._subjects.neighbours import answer_of, several_requests
from jobinfo_conformance._subjects.subject import Answer, ExpectedAnswer, subject_kind

#: What a job keeps from its creation on.
KEPT = (*SETTINGS, "createdById")


_RECORDS = ("numberRecordsProcessed", "numberRecordsFailed")


@subject_kind("an answer after the create")
def created_job(history: History) -> Iterator[ExpectedAnswer]:
    """Each answered job with its settings: as the create set them, then as the first answer gave them."""
    settings: dict[str, object] = {}
    if history.created is not None and not history.created.asked.findings:
        asked = history.created.request.fields
        settings = {**DEFAULT_SETTINGS, **{name: value for name, value in asked.items() if name in KEPT and value is not None}}
    for step in history.jobs:
        if settings:
            yield ExpectedAnswer(step, dict(settings))
        for name in KEPT:
            if name in step.job and (step.job[name] is not None or name not in settings):
                settings.setdefault(name, step.job[name])


@subject_kind("the create, and an answer of its job")
def job_of_known_version(history: History) -> Iterator[ExpectedAnswer]:
    """Each answered job whose create names a version in its URI."""
    created = history.created
    if created is not None and str(created.version) == created.resource.version_text:
        for step in history.jobs:
            yield ExpectedAnswer(step, {"apiVersion": created.version})


_Batches = Mapping[str, Mapping[str, JsonValue]]


def _with_batches(history: History) -> Iterator[tuple[Step, int, _Batches]]:
    """Each answer of the job, how many batches were accepted before it, and the latest that was answered of each."""
    accepted = 0
    latest: dict[str, Mapping[str, JsonValue]] = {}
    for step in history.steps:
        if step.answers_job:
            yield step, accepted, latest
        if step.operation is Operation.ADD_BATCH and step.accepted:
            accepted += 1
        if step.operation in (Operation.ADD_BATCH, Operation.READ_BATCH) and step.accepted:
            latest[str(step.answer.fields.get("id"))] = step.answer.fields


def _own(history: History) -> bool:
    """Whether all batches of the job are in the history."""
    return history.whole and history.created is not None and not history.may_be_chunked


@subject_kind("an answer of a job whose every batch is known")
def own_job(history: History) -> Iterator[ExpectedAnswer]:
    """Answers of the suite's own jobs, with the number of batches that were accepted."""
    for step, accepted, _ in _with_batches(history) if _own(history) else ():
        yield ExpectedAnswer(step, {"numberBatchesTotal": accepted})


@subject_kind("an answer of a job of which all is known that was asked")
def own_job_as_asked(history: History) -> Iterator[ExpectedAnswer]:
    """Answers of the suite's own jobs, with the state and the number of batches that the accepted requests made."""
    expected = ExpectedJob()
    for step in history.steps[1:] if _own(history) else ():
        if not step.accepted and not step.is_client_error:
            return  # nobody knows what became of it
        if step.accepted:
            expected = _after(step, expected)
        if step.answers_job and step.job.get("state") != "Failed":  # which is the server's to say, at any time
            yield ExpectedAnswer(step, {"state": expected.state, "numberBatchesTotal": expected.batches})


def _after(step: Step, job: ExpectedJob) -> ExpectedJob:
    """What a request that was accepted makes of a job."""
    if step.operation is Operation.ADD_BATCH:
        return job.with_batch()
    if step.operation in (Operation.CLOSE, Operation.ABORT, Operation.CHANGE):
        return job.asked_for(str(step.request.fields.get("state")))
    return replace(job, state=None) if step.operation is Operation.OTHER_METHOD else job


@subject_kind("an answer of a job, not aborted, whose every batch is known")
def own_job_not_aborted(history: History) -> Iterator[Answer]:
    """Answers of the suite's own jobs that were not aborted."""
    for step in history.jobs if _own(history) else ():
        if step.job.get("state") != "Aborted":
            yield answer_of(history, step)


@subject_kind("an answer of a job whose every batch is known to be finished")
def own_job_finished(history: History) -> Iterator[ExpectedAnswer]:
    """Answers of the suite's own jobs after each batch was seen Completed or Failed, with the sums over them."""
    for step, accepted, latest in _with_batches(history) if _own(history) else ():
        done = [batch for batch in latest.values() if batch.get("state") in ("Completed", "Failed")]
        if accepted and len(done) == accepted:
            names = [name for name in _RECORDS if JobInfo.FIELDS[name].since <= step.job_version]
            sums = {name: _sum(done, name) for name in names}
            yield ExpectedAnswer(step, {"numberBatchesTotal": accepted, **sums})


@subject_kind("a batch that was accepted before the close, and waited for", part_of=several_requests)
def waited_for_batch(history: History) -> Iterator[ExpectedAnswer]:
    """Each batch as it was last seen, in a job that was closed and whose batches were given time to finish."""
    closed = [step for step in history.closes if step.accepted]
    for close in closed[:1] if history.waited is not None else ():
        accepted = [step for step in history.before(close) if step.operation is Operation.ADD_BATCH and step.accepted]
        named = {str(step.answer.fields.get("id")) for step in accepted}
        last = {str(step.resource.batch_id): step for step in history.after(close) if step.operation is Operation.READ_BATCH}
        for batch_id in named & set(last):
            yield ExpectedAnswer(last[batch_id], {"seconds": history.waited})


def _sum(batches: Iterable[Mapping[str, JsonValue]], name: str) -> int | None:
    """The sum of a field over batches; None where one has no readable value."""
    values = [str(batch.get(name)) for batch in batches]
    return sum(int(value) for value in values) if all(value.isdecimal() for value in values) else None


@subject_kind("an answer whose job the request or a Location names")
def named_job(history: History) -> Iterator[ExpectedAnswer]:
    """Each answered job with the id that it was asked by; a create's with the id in its Location header."""
    for step in history.jobs:
        named = step.resource.job_id or step.located_id
        if named is not None:
            yield ExpectedAnswer(step, {"id": named})

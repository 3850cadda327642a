"""Scenarios with a fixed list of requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain

from jobinfo_conformance._contract.ids import is_id, short_form
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import EARLIEST, JSON_SINCE, TIMES_SINCE, Version
from jobinfo_conformance._exchange import Request
from jobinfo_conformance._job_requests import plain
from jobinfo_conformance._job_requests.job_request import JobRequest
from jobinfo_conformance._scenarios.scenario import scenario
from jobinfo_conformance._scenarios.stage import Obstacle, Stage
from jobinfo_conformance._subjects.attempts import (
    batch_after_close,
    close_of_aborted,
    close_without_batches,
    documented_close,
    other_method,
    refusal,
    refused_batch,
    refused_close,
    reopening,
    second_close,
    second_close_and_after,
)
from jobinfo_conformance._subjects.created_jobs import (
    created_job,
    job_of_known_version,
    named_job,
    own_job,
    own_job_as_asked,
    own_job_finished,
    own_job_not_aborted,
    waited_for_batch,
)
from jobinfo_conformance._subjects.later_answers import after_close, consecutive_answers, read_after_close, repeated_read
from jobinfo_conformance._subjects.several_jobs import (
    job_left_alone,
    refused_in_both,
    repeated_close,
)
from jobinfo_conformance._subjects.single_exchanges import (
    accepted_close,
    any_exchange,
    close_answer,
    empty_job,
    error_document,
    headed_job_info,
    job_info,
    typed_close,
    typed_refusal,
)

#: How many batches a job is closed with.
_BATCHES = 3
#: The most reads of a batch.
_MOST_READS = 4


@scenario(
    "close an empty job, read it in every way, close it again and try to reopen it",
    requests=11,
    shows=[
        accepted_close,
        after_close,
        any_exchange,
        close_answer,
        close_without_batches,
        consecutive_answers,
        created_job,
        documented_close,
        empty_job,
        error_document,
        headed_job_info,
        job_info,
        job_of_known_version,
        named_job,
        own_job,
        own_job_as_asked,
        own_job_not_aborted,
        read_after_close,
        refusal,
        refused_close,
        reopening,
        repeated_read,
        second_close,
        second_close_and_after,
        typed_close,
        typed_refusal,
    ],
)
def closed_job(stage: Stage) -> None:
    job = stage.create()
    stage.close(job)
    for form in dict.fromkeys((stage.form, stage.other)):
        stage.read(job, form)
    stage.read(job)
    stage.send(plain.read(stage.endpoint, short_form(job), stage.form))
    stage.send(_in_other_version(plain.read(stage.endpoint, job, stage.form)))
    for state in ("Closed", "Open"):
        stage.change(job, state)
        stage.read(job)


@scenario(
    "close one of four jobs, then all in the other serialization",
    requests=16,
    jobs=4,
    shows=[job_left_alone, repeated_close],
)
def other_jobs(stage: Stage) -> None:
    before, other = stage.create_in_other(), stage.other
    closed, newer = stage.create(), stage.create()
    stage.close(closed)
    after = stage.create(plain.create_for("insert", stage.endpoint, stage.form))  # it stays empty
    stage.read(before, other)
    stage.read(before, other)
    stage.read(newer)
    stage.read(after)
    for job, state in ((after, "Closed"), (closed, "Closed"), (closed, "Open")):
        stage.change(job, state, other)
    stage.close(newer)
    stage.send(_accepting(other.other, plain.close(stage.endpoint, before, other)))
    stage.read(after)
    stage.read(closed)


@scenario(
    "send PUT, PATCH and DELETE to an open job, abort it, and close it",
    requests=7,
    shows=[close_of_aborted, other_method, refused_in_both],
)
def other_methods(stage: Stage) -> None:
    job = stage.create()
    for method in ("PUT", "PATCH"):
        stage.send(replace(plain.close(stage.endpoint, job, stage.form), method=method))
    stage.send(replace(plain.read(stage.endpoint, job, stage.form), method="DELETE"))
    stage.read(job)
    stage.change(job, "Aborted")
    stage.close(job)


#: Settings of jobs that nothing is added to: all of them, and none but the operation.
_KINDS: tuple[Mapping[str, str], ...] = (
    {"operation": "upsert", "externalIdFieldName": "Id", "concurrencyMode": "Serial", "contentType": "CSV"},
    {"operation": "delete"},
)


@scenario("close empty jobs of other kinds", requests=3 * len(_KINDS), jobs=len(_KINDS))
def kinds_of_jobs(stage: Stage) -> None:
    for settings in _KINDS:
        stage.attempt(partial(_close_kind, stage, settings))


def _close_kind(stage: Stage, settings: Mapping[str, str]) -> None:
    """Close a job with these settings, if the endpoint creates such jobs: it need not."""
    created = stage.send(plain.create_with(settings, stage.endpoint, stage.form))
    if created.accepted and created.job_id is not None:
        stage.close(created.job_id)
        stage.read(created.job_id, stage.other)


@scenario(
    "close a query job with unfinished batches twice, add another, wait for the first, and close it again",
    requests=22,
    queries=True,
    shows=[
        batch_after_close,
        own_job_finished,
        refused_batch,
        waited_for_batch,
    ],
)
def job_in_progress(stage: Stage) -> None:
    job = stage.create()
    _close_with_batches(stage, job, plain.add_query(stage.endpoint, job, stage.content_type))


@scenario(
    "close a job with unfinished batches of records twice, add another, wait for the first, and close it again",
    requests=22,
    writes=True,
)
def job_with_records(stage: Stage) -> None:
    content = plain.content_type(stage.endpoint, stage.form)
    job = stage.create(plain.create_for("insert", stage.endpoint, stage.form))
    _close_with_batches(stage, job, plain.add_records(stage.endpoint, job, content))


def _close_with_batches(stage: Stage, job: str, addition: Request) -> None:
    """Add batches, close the job twice, add another, and read the first until they are finished and the job is at rest."""
    added = [stage.send(addition) for _ in range(_BATCHES)]
    if not any(step.accepted for step in added):
        stage.obstacles.append(Obstacle(f"adding a batch was answered {added[-1].answered}"))
    if stage.close(job).refused:
        stage.read(job)  # before the batches are finished
    else:
        stage.close(job)
    stage.send(addition)
    stage.read(job)
    stage.send(plain.list_batches(stage.endpoint, job, stage.form))
    pauses = _pauses(stage.endpoint.wait)
    for answered in added:
        batch = str(answered.answer.fields.get("id"))
        if answered.accepted and is_id(batch):
            _wait_for(stage, job, batch, pauses)
    for form in dict.fromkeys((stage.form, stage.other)):
        stage.read(job, form)
    stage.read(job)
    stage.close(job)
    stage.read(job)


def _wait_for(stage: Stage, job: str, batch_id: str, pauses: Iterator[float]) -> None:
    """Read a batch until it is finished; only once if other batches have used up the pauses."""
    request = plain.read_batch(stage.endpoint, job, batch_id, stage.form)
    for pause in chain([0.0], pauses):
        stage.endpoint.pause(pause)
        step = stage.send(request)
        if not step.accepted or step.answer.fields.get("state") not in ("Queued", "InProgress"):
            return


def _pauses(wait: float) -> Iterator[float]:
    """The pauses between reads of batches, in seconds: each ten times as long as the one before, and ``wait`` in all."""
    pauses = [wait / 10**number for number in range(_MOST_READS - 2, 0, -1)]
    yield from pauses
    yield wait - sum(pauses)


def _accepting(form: Serialization, request: Request) -> Request:
    """A request with an Accept header that differs from its Content-Type, which alone decides."""
    return request.with_header("Accept", form.media_type)


def _in_other_version(request: Request) -> Request:
    """A request through the URI of the version before, or of the one after if that one differs in what it has."""
    asked = JobRequest.of(request)
    assert asked is not None
    step = 1 if asked.version in (EARLIEST, TIMES_SINCE, JSON_SINCE) else -1
    other = Version(asked.version.major + step)
    return replace(request, url=request.url.replace(f"/async/{asked.version}/", f"/async/{other}/"))

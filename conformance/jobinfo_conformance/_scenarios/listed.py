"""Scenarios with a fixed list of requests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from jobinfo_conformance._exchange import Request
from jobinfo_conformance._job_requests import plain
from jobinfo_conformance._scenarios.scenario import scenario
from jobinfo_conformance._scenarios.stage import Stage
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
from jobinfo_conformance._subjects.several_jobs import job_left_alone, refused_in_both, repeated_close
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

#: The most reads of a batch, and the first pause between two reads, in seconds.
_MOST_READS, _FIRST_PAUSE = 4, 0.2


@scenario(
    "close an empty job, read it, close it again and try to reopen it",
    requests=9,
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
    for form in (stage.form, stage.form.other, stage.form):
        if form in stage.offered:
            stage.read(job, form)
    for state in ("Closed", "Open"):
        stage.change(job, state)
        stage.read(job)


@scenario(
    "close one of three jobs, then all in the other serialization",
    requests=13,
    jobs=3,
    shows=[job_left_alone, repeated_close],
)
def other_jobs(stage: Stage) -> None:
    before, other = stage.create_in_other()
    closed = stage.create()
    stage.close(closed)
    after = stage.create(plain.create_for("insert", stage.endpoint, stage.form))  # it stays empty
    stage.read(before, other)
    stage.read(before, other)
    stage.read(after)
    for job, state in ((after, "Closed"), (closed, "Closed"), (closed, "Open"), (before, "Closed")):
        stage.change(job, state, other)
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


@scenario(
    "close a query job with two unfinished batches twice, add another, and wait for the first two",
    requests=13,
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
    _close_with_batches(stage, job, plain.add_query(stage.endpoint, job, stage.form))


@scenario(
    "close a job with two unfinished batches of records twice, add another, and wait for the first two",
    requests=13,
    writes=True,
    shows=[],
)
def job_with_records(stage: Stage) -> None:
    job = stage.create(plain.create_for("insert", stage.endpoint, stage.form))
    _close_with_batches(stage, job, plain.add_records(stage.endpoint, job, stage.form))


def _close_with_batches(stage: Stage, job: str, batch: Request) -> None:
    """Add two batches, close the job twice, add another, and read the first two until they are finished."""
    added = [stage.send(batch), stage.send(batch)]
    if stage.close(job).refused:
        stage.read(job)  # before the batches are finished
    else:
        stage.close(job)
    stage.send(batch)
    stage.read(job)
    pauses = _pauses(stage.endpoint.wait)
    for addition in added:
        if addition.accepted:
            _wait_for(stage, job, str(addition.answer.fields.get("id")), pauses)
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
    """The pauses between reads of batches, in seconds: longer and longer, ``wait`` in all."""
    pause, left = _FIRST_PAUSE, wait
    for _ in range(_MOST_READS - 2):
        yield min(pause, left)
        left -= min(pause, left)
        pause *= 3
    yield left

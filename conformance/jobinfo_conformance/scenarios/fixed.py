"""Scenarios whose every request is known beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from jobinfo_conformance import subjects
from jobinfo_conformance.evidence.exchange import Request
from jobinfo_conformance.scenarios import requests
from jobinfo_conformance.scenarios.scenario import Stage, scenario

#: How often a batch is looked at, at most, and the first pause between two looks in seconds.
_MOST_LOOKS, _FIRST_PAUSE = 4, 0.2


@scenario(
    "close an empty job, read it, close it again and ask for it to be opened",
    requests=9,
    shows=[
        subjects.accepted_close,
        subjects.after_close,
        subjects.any_exchange,
        subjects.close_answer,
        subjects.close_without_batches,
        subjects.consecutive_answers,
        subjects.created_job,
        subjects.documented_close,
        subjects.empty_job,
        subjects.error_document,
        subjects.headed_job_info,
        subjects.job_info,
        subjects.job_of_known_version,
        subjects.named_job,
        subjects.own_job,
        subjects.own_job_as_asked,
        subjects.own_job_not_aborted,
        subjects.read_after_close,
        subjects.refusal,
        subjects.refused_close,
        subjects.reopening,
        subjects.repeated_read,
        subjects.second_close,
        subjects.second_close_and_after,
        subjects.typed_close,
        subjects.typed_refusal,
    ],
)
def _closed_job(stage: Stage) -> None:
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
    shows=[subjects.job_left_alone, subjects.repeated_close],
)
def _other_jobs(stage: Stage) -> None:
    before, other = stage.create_in_other()
    closed = stage.create()
    stage.close(closed)
    after = stage.create(requests.create_for("insert", stage.endpoint, stage.form))  # it stays empty
    stage.read(before, other)
    stage.read(before, other)
    stage.read(after)
    for job, state in ((after, "Closed"), (closed, "Closed"), (closed, "Open"), (before, "Closed")):
        stage.change(job, state, other)
    stage.read(after)
    stage.read(closed)


@scenario(
    "ask an open job for PUT, PATCH and DELETE, abort it, and close it",
    requests=7,
    shows=[subjects.close_of_aborted, subjects.other_method, subjects.refused_in_both],
)
def _other_methods(stage: Stage) -> None:
    job = stage.create()
    for method in ("PUT", "PATCH"):
        stage.send(replace(requests.close(stage.endpoint, job, stage.form), method=method))
    stage.send(replace(requests.read(stage.endpoint, job, stage.form), method="DELETE"))
    stage.read(job)
    stage.change(job, "Aborted")
    stage.close(job)


@scenario(
    "close a query job with two batches on their way, twice, add another, and wait for the first two",
    requests=13,
    queries=True,
    shows=[
        subjects.batch_after_close,
        subjects.own_job_finished,
        subjects.refused_batch,
        subjects.waited_for_batch,
    ],
)
def _job_in_progress(stage: Stage) -> None:
    job = stage.create()
    _close_with_batches(stage, job, requests.add_query(stage.endpoint, job, stage.form))


@scenario("close a job with records on their way, twice, add more, and wait for the first", requests=13, writes=True, shows=[])
def _job_with_records(stage: Stage) -> None:
    job = stage.create(requests.create_for("insert", stage.endpoint, stage.form))
    _close_with_batches(stage, job, requests.add_records(stage.endpoint, job, stage.form))


def _close_with_batches(stage: Stage, job: str, batch: Request) -> None:
    """Add two batches, close the job twice, add another, and look at the first two until they are done."""
    added = [stage.send(batch), stage.send(batch)]
    if stage.close(job).refused:
        stage.read(job)  # while the batches are not done yet
    else:
        stage.close(job)
    stage.send(batch)
    stage.read(job)
    pauses = _pauses(stage.endpoint.wait)
    for one in added:
        if one.accepted:
            _wait_for(stage, job, str(one.answer.fields.get("id")), pauses)
    stage.read(job)


def _wait_for(stage: Stage, job: str, batch_id: str, pauses: Iterator[float]) -> None:
    """Look at a batch until it is done; once without a pause, where others have used them up."""
    wanted = requests.read_batch(stage.endpoint, job, batch_id, stage.form)
    for pause in chain([0.0], pauses):
        stage.endpoint.pause(pause)
        seen = stage.send(wanted)
        if not seen.accepted or seen.answer.fields.get("state") not in ("Queued", "InProgress"):
            return


def _pauses(wait: float) -> Iterator[float]:
    """The seconds between looks at batches: longer and longer, ``wait`` in all."""
    pause, left = _FIRST_PAUSE, wait
    for _ in range(_MOST_LOOKS - 2):
        yield min(pause, left)
        left -= min(pause, left)
        pause *= 3
    yield left

"""Scenarios whose every request is known beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from jobinfo_conformance import subjects
from jobinfo_conformance.evidence.exchange import Request
from jobinfo_conformance.scenarios import requests
from jobinfo_conformance.scenarios.scenario import Stage, scenario

#: How often a batch is looked at, at most, and the first pause between two looks in seconds.
_MOST_LOOKS, _FIRST_PAUSE = 5, 0.2


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
        subjects.job_info,
        subjects.job_of_known_version,
        subjects.named_job,
        subjects.own_job,
        subjects.own_job_as_asked,
        subjects.own_job_not_aborted,
        subjects.read_after_close,
        subjects.read_in_both,
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
    stage.close(job)
    stage.read(job)
    stage.change(job, "Open")
    stage.read(job)


@scenario(
    "close one of three jobs, opened before the others and after",
    requests=8,
    jobs=3,
    shows=[subjects.job_left_alone, subjects.repeated_close],
)
def _other_jobs(stage: Stage) -> None:
    before, closed = stage.create(), stage.create()
    stage.close(closed)
    after = stage.create()
    for job in (before, after):
        stage.read(job)
    for job in (before, after):
        stage.close(job)


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
    "close a query job with a batch on its way, add another, and wait for the first",
    requests=11,
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
    _close_with_batch(stage, job, requests.add_query(stage.endpoint, job, stage.form))


@scenario("close a job with records on their way, and wait for them", requests=11, writes=True, shows=[])
def _job_with_records(stage: Stage) -> None:
    job = stage.create(requests.create_for("insert", stage.endpoint, stage.form))
    _close_with_batch(stage, job, requests.add_records(stage.endpoint, job, stage.form))


def _close_with_batch(stage: Stage, job: str, batch: Request) -> None:
    """Add a batch, close the job, add the batch again, and look at the first until it is done."""
    added = stage.send(batch)
    if stage.close(job).refused:
        stage.read(job)  # while the batch is not done yet
    stage.send(batch)
    stage.read(job)
    if not added.accepted:
        return
    wanted = requests.read_batch(stage.endpoint, job, str(added.answer.fields.get("id")), stage.form)
    for pause in _pauses(stage.endpoint.wait):
        stage.endpoint.pause(pause)
        seen = stage.send(wanted)
        if not seen.accepted or seen.answer.fields.get("state") not in ("Queued", "InProgress"):
            break
    stage.read(job)


def _pauses(wait: float) -> Iterator[float]:
    """The seconds between looks at a batch: longer and longer, ``wait`` in all."""
    pause, left = 0.0, wait
    for _ in range(_MOST_LOOKS - 1):
        yield pause
        left -= pause
        pause = min(max(3 * pause, _FIRST_PAUSE), left)
        if left <= 0:
            return
    yield left

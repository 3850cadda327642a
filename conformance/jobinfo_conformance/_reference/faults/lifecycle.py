"""Faults in what happens to batches once their job is closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._exchange import Request, Response
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._reference.faults.fault import XML, after, fault
from jobinfo_conformance._reference.jobs import Batch, Job
from jobinfo_conformance._reference.service import BATCH_PREFIX, Refused, Service


class _TakesLateBatches(Service):
    """Accepts batches for a closed job."""

    def add_batch(self, request: Request, job: Job) -> Response:
        """Add the batch as if the job were open."""
        answer = super().add_batch(request, replace(job, state="Open"))
        self.jobs[job.id] = replace(self.jobs[job.id], state=job.state)
        return answer


@fault(breaks="lifecycle/batch-after-close-refused", on=Operation.ADD_BATCH)
class LateBatchesAreTaken(_TakesLateBatches):
    """A closed job accepts batches."""


@fault(breaks="lifecycle/batch-after-close-refused", on=Operation.ADD_BATCH)
class LateBatchesAreDropped(Service):
    """A batch for a closed job is answered with 201 and dropped."""

    def add_batch(self, request: Request, job: Job) -> Response:
        """Accept the batch, and forget it."""
        answer = super().add_batch(request, replace(job, state="Open"))
        if job.state != "Open":
            self.jobs[job.id] = job
        return answer


@fault(breaks="lifecycle/batch-after-close-refused", on=Operation.ADD_BATCH)
class LateBatchesAnswer500(Service):
    """A batch for a closed job is answered with 500."""

    def add_batch(self, request: Request, job: Job) -> Response:
        """Answer 500 if the job is closed."""
        if job.state == "Closed":
            raise Refused("InternalServerError", "An unexpected error occurred", 500)
        return super().add_batch(request, job)


@fault(breaks="lifecycle/refused-batch-not-counted", on=Operation.ADD_BATCH)
class RefusedBatchesCount(_TakesLateBatches):
    """A batch for a closed job is refused, but kept and counted."""

    def add_batch(self, request: Request, job: Job) -> Response:
        """Keep the batch, then refuse it."""
        answer = super().add_batch(request, job)
        if job.state != "Open":
            raise Refused("InvalidJobState", f"Job {job.id} is {job.state}: no batch can be added")
        return answer


@fault(breaks="lifecycle/refused-batch-not-listed")
class RefusedBatchesAreListed(Service):
    """A batch for a closed job is refused and not counted, but it is in the list of batches."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._refused: dict[str, Batch] = {}

    def add_batch(self, request: Request, job: Job) -> Response:
        """Remember a batch that is refused."""
        if job.state != "Open":
            number = sum(len(known.batches) for known in self.jobs.values()) + 1000 + len(self._refused)
            self._refused[job.id] = Batch(self.new_id(BATCH_PREFIX, number), job.id, self.now(), self.batch_time, 1)
        return super().add_batch(request, job)

    def list_batches(self, job: Job) -> Response:
        """List the refused batch too."""
        refused = self._refused.get(job.id)
        return super().list_batches(job if refused is None else job.with_batch(refused))


@fault(breaks="lifecycle/accepted-batches-finish")
class CloseStopsBatches(Service):
    """Batches that are unfinished at the close never finish."""

    def close(self, job: Job) -> Job:
        """Close the job, and have its unfinished batches take a day."""
        now, closed = self.now(), super().close(job)
        kept = [batch if batch.state(now) == "Completed" else replace(batch, takes=timedelta(days=1)) for batch in job.batches]
        return replace(closed, batches=tuple(kept))


@fault(breaks="lifecycle/accepted-batches-finish")
class CloseDropsUnfinishedBatches(Service):
    """Batches that are unfinished at the close are dropped, as if by an abort."""

    def close(self, job: Job) -> Job:
        """Close the job, and drop its unfinished batches."""
        return replace(super().close(job), batches=job.aborted(self.now()).batches)


@after(Service.info, breaks="lifecycle/total-final", on=Operation.READ)
def total_counts_what_is_left(info: JobInfo) -> JobInfo:
    """numberBatchesTotal in a read of a closed job is the number of unfinished batches."""
    unfinished = info.number_batches_queued + info.number_batches_in_progress
    return info.replace(number_batches_total=unfinished) if info.state == "Closed" else info


@after(Service.info, breaks="lifecycle/total-final", on=Operation.READ, only=XML)
def total_counts_results_too(info: JobInfo) -> JobInfo:
    """A finished batch counts twice in numberBatchesTotal when the closed job is read in XML."""
    counted = info.number_batches_total + info.number_batches_completed
    return info.replace(number_batches_total=counted) if info.state == "Closed" else info


@fault(breaks="lifecycle/any-order", on=Operation.ABORT)
class AbortDoesNothing(Service):
    """An abort is accepted, but the job stays open."""

    def abort(self, job: Job) -> Job:
        """Leave the job as it is."""
        return job


@fault(breaks="lifecycle/any-order", on=Operation.ABORT)
class AbortCloses(Service):
    """An abort closes the job."""

    def abort(self, job: Job) -> Job:
        """Close the job."""
        return job.closed()

"""Faults in what becomes of batches once their job is closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._exchange import Request, Response
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._reference.faults.fault import XML, after, fault
from jobinfo_conformance._reference.jobs import Job
from jobinfo_conformance._reference.service import Refused, Service


class _TakesLateBatches(Service):
    """Takes batches for a closed job."""

    def add_batch(self, request: Request, job: Job) -> Response:
        """Take the batch as if the job were open."""
        answer = super().add_batch(request, replace(job, state="Open"))
        self.jobs[job.id] = replace(self.jobs[job.id], state=job.state)
        return answer


@fault(breaks="lifecycle/batch-after-close-refused", on=Operation.ADD_BATCH)
class LateBatchesAreTaken(_TakesLateBatches):
    """A closed job takes batches."""


@fault(breaks="lifecycle/batch-after-close-refused", on=Operation.ADD_BATCH)
class LateBatchesAreDropped(Service):
    """A batch for a closed job is answered with 201, and dropped."""

    def add_batch(self, request: Request, job: Job) -> Response:
        """Take the batch, and forget it."""
        answer = super().add_batch(request, replace(job, state="Open"))
        if job.state != "Open":
            self.jobs[job.id] = job
        return answer


@fault(breaks="lifecycle/batch-after-close-refused", on=Operation.ADD_BATCH)
class LateBatchesAnswer500(Service):
    """A batch for a closed job is answered with 500."""

    def add_batch(self, request: Request, job: Job) -> Response:
        """Break down on a closed job."""
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


@fault(breaks="lifecycle/accepted-batches-finish")
class CloseStopsBatches(Service):
    """Batches that are not done at the close stay in progress for good."""

    def close(self, job: Job) -> Job:
        """Make the batches last."""
        now, closed = self.now(), super().close(job)
        kept = [one if one.state(now) == "Completed" else replace(one, takes=timedelta(days=1)) for one in job.batches]
        return replace(closed, batches=tuple(kept))


@fault(breaks="lifecycle/accepted-batches-finish")
class CloseDropsUnfinishedBatches(Service):
    """Batches that are not done at the close are dropped, as an abort would."""

    def close(self, job: Job) -> Job:
        """Drop the batches."""
        return replace(super().close(job), batches=job.aborted(self.now()).batches)


@after(Service.info, breaks="lifecycle/total-final", on=Operation.READ)
def total_counts_what_is_left(info: JobInfo) -> JobInfo:
    """numberBatchesTotal in a read is the number of batches that are not done."""
    return info.replace(number_batches_total=info.number_batches_queued + info.number_batches_in_progress)


@after(Service.info, breaks="lifecycle/total-final", on=Operation.READ, only=XML)
def total_counts_results_too(info: JobInfo) -> JobInfo:
    """A batch counts twice in numberBatchesTotal once it is done, when it is read in XML."""
    return info.replace(number_batches_total=info.number_batches_total + info.number_batches_completed)


@fault(breaks="lifecycle/any-order", on=Operation.ABORT)
class AbortDoesNothing(Service):
    """An abort is accepted, and the job stays open."""

    def abort(self, job: Job) -> Job:
        """Leave it as it is."""
        return job


@fault(breaks="lifecycle/any-order", on=Operation.ABORT)
class AbortCloses(Service):
    """An abort closes the job."""

    def abort(self, job: Job) -> Job:
        """Close it."""
        return job.closed()

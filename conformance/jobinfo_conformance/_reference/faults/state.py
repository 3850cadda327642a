"""Faults in what a close does to a job's state, and in what later requests do to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from jobinfo_conformance._contract.ids import short_form
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.reader import read
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._exchange import Request, Response
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._reference.faults.fault import JSON, XML, after, fault
from jobinfo_conformance._reference.jobs import Job
from jobinfo_conformance._reference.service import Refused, Service
from jobinfo_conformance._url_parts import parts_of

_CHANGES = (Operation.CLOSE, Operation.CHANGE)


# closed


@after(Service.info, breaks="state/closed", on=Operation.CLOSE)
def close_answers_open(info: JobInfo) -> JobInfo:
    """A close is answered with the job as it was before."""
    return info.replace(state="Open")


@after(Service.info, breaks="state/closed", on=Operation.CLOSE, every=3)
def third_close_answers_open(info: JobInfo) -> JobInfo:
    """Every third close is answered with the job as it was before."""
    return info.replace(state="Open")


@fault(breaks="state/closed")
class CloseAborts(Service):
    """A close aborts the job."""

    def close(self, job: Job) -> Job:
        """Close the job, then abort it."""
        return super().close(job).aborted(self.now())


# kept


@fault(breaks="state/kept", on=Operation.CLOSE)
class CloseIsNotStored(Service):
    """A close is answered with Closed, but nothing is stored."""

    def change(self, request: Request, job: Job) -> Response:
        """Put the job back as it was."""
        answer = super().change(request, job)
        self.jobs[job.id] = job
        return answer


@fault(breaks="state/kept", on=(Operation.CREATE, Operation.READ))
class ReadsAreCached(Service):
    """A read returns the job as it was created: a close does not clear the cache."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._cached: dict[str, Job] = {}

    def create(self, request: Request, version: Version) -> Response:
        """Cache the new job."""
        answer = super().create(request, version)
        self._cached |= {job_id: job for job_id, job in self.jobs.items() if job_id not in self._cached}
        return answer

    def read(self, request: Request, job: Job) -> Response:
        """Show the job from the cache."""
        return super().read(request, self._cached[job.id])


@after(Service.info, breaks="state/kept", on=Operation.READ, only=JSON)
def json_reads_are_stale(info: JobInfo) -> JobInfo:
    """A read in JSON still says Open after the close."""
    return info.replace(state="Open")


@after(Service.info, breaks="state/kept", on=Operation.READ, every=3)
def third_read_is_stale(info: JobInfo) -> JobInfo:
    """Every third read comes from a replica that has not seen the close."""
    return info.replace(state="Open")


@fault(breaks="state/kept", on=Operation.READ)
class ClosedUntilRead(Service):
    """A closed job is open again once it has been read."""

    def read(self, request: Request, job: Job) -> Response:
        """Show the job, then open it."""
        answer = super().read(request, job)
        self.jobs[job.id] = replace(job, state="Open")
        return answer


class _LooksElsewhere(Service):
    """Shows a job in some reads as it was when it was created."""

    def route(self, request: Request) -> Response:
        """Note the request, so that `info` can tell how it names the job."""
        self._path = parts_of(request.url).path
        return super().route(request)

    def info(self, job: Job) -> JobInfo:
        """The jobInfo, open in the reads concerned."""
        info = super().info(job)
        return info.replace(state="Open") if self.looks_elsewhere(job, self._path) else info

    def looks_elsewhere(self, job: Job, path: str) -> bool:
        """Whether a read with this path is concerned."""
        raise NotImplementedError


@fault(breaks="state/kept", on=Operation.READ)
class ShortIdsAreStale(_LooksElsewhere):
    """A read by the 15-character id still says Open: that is a cache of its own."""

    def looks_elsewhere(self, job: Job, path: str) -> bool:
        """Whether the path ends in the 15-character id."""
        return path.endswith(f"/{short_form(job.id)}")


@fault(breaks="state/kept", on=Operation.READ)
class OtherVersionsAreStale(_LooksElsewhere):
    """A read through the URI of another version still says Open."""

    def looks_elsewhere(self, job: Job, path: str) -> bool:
        """Whether the path names another version than the job's."""
        return f"/async/{job.version}/" not in path


# final


class _LetsReopeningThrough(Service):
    """Does not refuse a request for the state Open."""

    def change(self, request: Request, job: Job) -> Response:
        """Show the job after what `open` does to it."""
        if read(request.body, request.content_type).fields.get("state") != "Open":
            return super().change(request, job)
        self.open(job)
        return self.show(self.jobs[job.id], self.serialization(request))

    def open(self, job: Job) -> None:
        """Do nothing to the job."""


@fault(breaks="state/final")
class Reopens(_LetsReopeningThrough):
    """A request for the state Open reopens a closed job."""

    def open(self, job: Job) -> None:
        """Open the job."""
        self.jobs[job.id] = replace(job, state="Open")


@fault(breaks="state/final", only=XML)
class ReopeningIsIgnored(_LetsReopeningThrough):
    """A request for the state Open in XML is answered with 200 and changes nothing."""


@fault(breaks="state/final")
class RefusedReopeningOpens(_LetsReopeningThrough):
    """A request for the state Open is refused, but reopens the job."""

    def open(self, job: Job) -> None:
        """Open the job, then refuse."""
        self.jobs[job.id] = replace(job, state="Open")
        raise Refused("InvalidJobState", f"Job {job.id} is {job.state}")


# A second close


class _ClosesAgain(Service):
    """Answers a close of a closed job in its own way."""

    def close(self, job: Job) -> Job:
        """Close an open job, or handle a second close."""
        return self.again(job) if job.state == "Closed" else super().close(job)

    def again(self, job: Job) -> Job:
        """Do nothing to a closed job."""
        return job


@fault(breaks="state/second-close-refused")
class SecondCloseIsAccepted(_ClosesAgain):
    """A second close is answered with 200."""


@fault(breaks="state/second-close-refused")
class SecondCloseSaysInvalidJob(_ClosesAgain):
    """A second close is refused as InvalidJob, not as InvalidJobState."""

    def again(self, job: Job) -> Job:
        """Refuse with another code."""
        raise Refused("InvalidJob", f"Job {job.id} can't be closed")


@fault(breaks="state/second-close-harmless")
class SecondCloseReopens(_ClosesAgain):
    """A second close reopens the job."""

    def again(self, job: Job) -> Job:
        """Open the job."""
        return replace(job, state="Open")


@fault(breaks="state/second-close-harmless")
class SecondCloseAborts(_ClosesAgain):
    """A second close is refused, but aborts the job."""

    def again(self, job: Job) -> Job:
        """Abort the job, then refuse."""
        self.jobs[job.id] = job.aborted(self.now())
        raise Refused("InvalidJobState", f"Job {job.id} is {job.state}")


@fault(breaks="state/second-close-harmless")
class SecondCloseCountsAsRetry(_ClosesAgain):
    """A second close is refused, but counted in numberRetries."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._closed_again: set[str] = set()

    def again(self, job: Job) -> Job:
        """Remember the job, then refuse."""
        self._closed_again.add(job.id)
        raise Refused("InvalidJobState", f"Job {job.id} is {job.state}")

    def info(self, job: Job) -> JobInfo:
        """The jobInfo, with the second close as a retry."""
        return super().info(job).replace(number_retries=int(job.id in self._closed_again))


@fault(breaks="state/second-close-harmless")
class SecondCloseResetsTheCounters(_ClosesAgain):
    """A second close is refused, but starts the counters of the job anew."""

    def again(self, job: Job) -> Job:
        """Forget the batches, then refuse."""
        if job.is_done(self.now()):
            self.jobs[job.id] = replace(job, batches=())
        raise Refused("InvalidJobState", f"Job {job.id} is {job.state}")


# Other jobs


@fault(breaks="state/only-this-job")
class ClosesEveryJob(Service):
    """A close closes every open job: its update has no condition."""

    def close(self, job: Job) -> Job:
        """Close the others too."""
        closed = super().close(job)
        self.jobs.update({name: other.closed() for name, other in self.jobs.items() if other.state == "Open"})
        return closed


@fault(breaks="state/only-this-job")
class ClosesTheJobBefore(Service):
    """A close also closes the job that was created before: a bound is one too low."""

    def close(self, job: Job) -> Job:
        """Close the job before, too."""
        closed = super().close(job)
        place = list(self.jobs).index(job.id)
        for other in list(self.jobs)[max(place - 1, 0) : place]:
            self.jobs[other] = replace(self.jobs[other], state="Closed")
        return closed


@fault(breaks="state/only-this-job")
class ClosesTheNextJobToo(Service):
    """A close also closes the job that was created next: a bound is one too high."""

    def close(self, job: Job) -> Job:
        """Close the job after, too."""
        closed = super().close(job)
        place = list(self.jobs).index(job.id)
        for other in list(self.jobs)[place + 1 : place + 2]:
            self.jobs[other] = replace(self.jobs[other], state="Closed")
        return closed


@fault(breaks="state/only-this-job", on=Operation.CLOSE)
class ClosesTheNewestJob(Service):
    """A close closes the newest job, whichever the URI names, and answers as if it were that one."""

    def change(self, request: Request, job: Job) -> Response:
        """Close the newest job, and leave the other as it was."""
        answer = super().change(request, job)
        newest = list(self.jobs)[-1]
        self.jobs |= {job.id: job, newest: replace(self.jobs[newest], state="Closed")}
        return answer


# Reads


@fault(breaks="state/read-is-safe")
class ReadsCountAsRetries(Service):
    """Each read of a job is counted in numberRetries."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._reads: dict[str, int] = {}

    def read(self, request: Request, job: Job) -> Response:
        """Count, then show."""
        self._reads[job.id] = self._reads.get(job.id, 0) + 1
        return super().read(request, job)

    def info(self, job: Job) -> JobInfo:
        """The jobInfo, with as many retries as reads."""
        return super().info(job).replace(number_retries=self._reads.get(job.id, 0))


@fault(breaks="state/read-is-safe")
class ReadsDropFinishedBatches(Service):
    """A read of a closed job drops its oldest batch once all are finished, as a clean-up that runs too early."""

    def read(self, request: Request, job: Job) -> Response:
        """Show the job, then drop a batch."""
        answer = super().read(request, job)
        if job.state == "Closed" and job.is_done(self.now()):
            self.jobs[job.id] = replace(job, batches=job.batches[1:])
        return answer


# A refused close


class _ChangesWhatItRefuses(Service):
    """Changes a job whose close it refuses."""

    def change(self, request: Request, job: Job) -> Response:
        """Change the job, then refuse all the same."""
        try:
            return super().change(request, job)
        except Refused:
            self.jobs[job.id] = self.spoiled(job)
            raise

    def spoiled(self, job: Job) -> Job:
        """The job with an unwanted change: closed if it was open."""
        return replace(job, state="Closed") if job.state == "Open" else job


@fault(breaks="state/refused-close-changes-nothing", on=_CHANGES)
class ClosesBeforeItValidates(_ChangesWhatItRefuses):
    """A faulty close is refused, but only after it has closed the job."""


@fault(breaks="state/refused-close-changes-nothing", on=_CHANGES)
class RefusedCloseFailsTheJob(_ChangesWhatItRefuses):
    """A refused close leaves the job Failed."""

    def spoiled(self, job: Job) -> Job:
        """The job, failed."""
        return replace(job, state="Failed")


@fault(breaks="state/refused-close-changes-nothing", on=_CHANGES, only=JSON)
class RefusedCloseMakesSerial(_ChangesWhatItRefuses):
    """A refused close in JSON leaves the job Serial."""

    def spoiled(self, job: Job) -> Job:
        """The job, with the mode Serial."""
        return replace(job, settings={**job.settings, "concurrencyMode": "Serial"})


# Which jobs are closed


@fault(breaks="state/closes-without-batches")
class EmptyJobsStayOpen(Service):
    """A job without batches can't be closed."""

    def close(self, job: Job) -> Job:
        """Refuse an empty job."""
        if job.state == "Open" and not job.batches:
            raise Refused("InvalidJobState", f"Job {job.id} has no batches")
        return super().close(job)


@fault(breaks="state/closes-with-unfinished-batches")
class UnfinishedJobsStayOpen(Service):
    """A job can't be closed until its batches are done."""

    def close(self, job: Job) -> Job:
        """Refuse a job in progress."""
        if not job.is_done(self.now()):
            raise Refused("InvalidJobState", f"Job {job.id} has unfinished batches")
        return super().close(job)


@fault(breaks="state/aborted-not-closable")
class AbortedJobsAreClosed(Service):
    """An aborted job can be closed."""

    def close(self, job: Job) -> Job:
        """Close the job even if it is aborted."""
        return job.closed() if job.state == "Aborted" else super().close(job)


@fault(breaks="state/every-time", on=Operation.CLOSE, every=3)
class ThirdCloseIsRefused(Service):
    """Every third close finds the job locked, and is refused."""

    def close(self, job: Job) -> Job:
        """Refuse the close."""
        raise Refused("TooManyLockFailure", f"Job {job.id} is locked")


@fault(breaks="state/every-time", on=Operation.CLOSE, every=5)
class FifthCloseAnswers500(Service):
    """Every fifth close is answered with 500."""

    def close(self, job: Job) -> Job:
        """Answer 500."""
        raise Refused("InternalServerError", "Please try again", 500)

"""Faults in dates and processing times."""

from __future__ import annotations

from datetime import timedelta

from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._reference.faults.fault import JSON, XML, after, fault
from jobinfo_conformance._reference.jobs import Job
from jobinfo_conformance._reference.service import Service


@after(Service.info, breaks="times/apex-within-active")
def apex_beside_active(info: JobInfo) -> JobInfo:
    """apiActiveProcessingTime does not include apexProcessingTime."""
    return info.replace(apex_processing_time=info.api_active_processing_time + 1)


@after(Service.info, breaks="times/active-within-total")
def total_time_in_seconds(info: JobInfo) -> JobInfo:
    """totalProcessingTime is in seconds, while the other times are in milliseconds."""
    return info.replace(total_processing_time=info.total_processing_time // 1000)


@after(Service.info, breaks="times/modstamp-not-before-created")
def modstamp_in_local_time(info: JobInfo) -> JobInfo:
    """systemModstamp is in San Francisco's local time, labelled UTC."""
    return info.replace(system_modstamp=info.system_modstamp - timedelta(hours=8))


@after(Service.info, breaks="times/modstamp-not-before-created", only=XML)
def modstamp_in_whole_seconds(info: JobInfo) -> JobInfo:
    """systemModstamp in XML is cut to whole seconds, but createdDate is not."""
    created = info.created_date.replace(microsecond=7000)  # a job created on a whole second would hide the fault
    return info.replace(created_date=created, system_modstamp=info.system_modstamp.replace(microsecond=0))


@fault(breaks="times/created-fixed")
class CreatedIsNow(Service):
    """createdDate is the time of the answer."""

    def info(self, job: Job) -> JobInfo:
        """The jobInfo, with both dates set to now."""
        now = self.now()
        return super().info(job).replace(created_date=now, system_modstamp=now)


@after(Service.info, breaks="times/created-fixed", on=Operation.READ)
def daylight_time_in_reads(info: JobInfo) -> JobInfo:
    """A read adds an hour to both dates, for daylight saving time."""
    hour = timedelta(hours=1)
    return info.replace(created_date=info.created_date + hour, system_modstamp=info.system_modstamp + hour)


@after(Service.info, breaks="times/created-fixed", on=Operation.CLOSE, only=JSON)
def close_moves_created_to_midnight(info: JobInfo) -> JobInfo:
    """The answer to a close in JSON has midnight as the time of createdDate."""
    return info.replace(created_date=info.created_date.replace(hour=0, minute=0, second=0, microsecond=0))


@after(Service.info, breaks="times/zero-without-batches")
def empty_jobs_take_time(info: JobInfo) -> JobInfo:
    """A job without batches has a processing time."""
    return info if info.number_batches_total else info.replace(total_processing_time=1)

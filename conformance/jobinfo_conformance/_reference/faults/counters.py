"""Faults in the numbers of batches and records."""

from __future__ import annotations

import re
from dataclasses import replace

from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._exchange import Response
from jobinfo_conformance._reference.faults.fault import JSON, XML, after, fault
from jobinfo_conformance._reference.jobs import Job
from jobinfo_conformance._reference.service import Service


@after(Service.info, breaks="counters/total-counts-batches")
def total_counts_from_zero(info: JobInfo) -> JobInfo:
    """numberBatchesTotal is the index of the last batch, counted from 0: one too few."""
    return info.replace(number_batches_total=max(info.number_batches_total - 1, 0))


@fault(breaks="counters/total-counts-batches")
class CloseLosesBatches(Service):
    """A close forgets the job's batches."""

    def close(self, job: Job) -> Job:
        """Close the job without its batches."""
        return replace(super().close(job), batches=())


@after(Service.info, breaks="counters/total-counts-batches", only=JSON)
def total_in_json_counts_the_job(info: JobInfo) -> JobInfo:
    """numberBatchesTotal in JSON is one too many."""
    return info.replace(number_batches_total=info.number_batches_total + 1)


@after(Service.info, breaks="counters/total-counts-batches")
def total_is_two_at_most(info: JobInfo) -> JobInfo:
    """numberBatchesTotal is a page of two batches, however many there are."""
    return info.replace(number_batches_total=min(info.number_batches_total, 2))


@after(Service.info, breaks="counters/sum-within-total")
def finished_batches_stay_in_progress(info: JobInfo) -> JobInfo:
    """A finished batch counts both as completed and as in progress."""
    return info.replace(number_batches_in_progress=info.number_batches_in_progress + info.number_batches_completed)


@after(Service.info, breaks="counters/sum-within-total", only=XML)
def failed_counts_all(info: JobInfo) -> JobInfo:
    """numberBatchesFailed in XML is the number of all batches."""
    return info.replace(number_batches_failed=info.number_batches_total)


@after(Service.info, breaks="counters/sum-equals-total")
def batches_in_progress_not_counted(info: JobInfo) -> JobInfo:
    """An unfinished batch is in no counter but the total."""
    return info.replace(number_batches_in_progress=0, number_batches_queued=0)


@after(Service.info, breaks="counters/own-sum-equals-total")
def finished_batches_not_counted(info: JobInfo) -> JobInfo:
    """A finished batch is in no counter but the total."""
    return info.replace(number_batches_completed=0)


@after(Service.info, breaks="counters/zero-without-batches")
def empty_jobs_have_a_record(info: JobInfo) -> JobInfo:
    """A job without batches has processed one record."""
    return info if info.number_batches_total else info.replace(number_records_processed=1)


@after(Service.info, breaks="counters/zero-without-batches", only=JSON)
def empty_jobs_have_a_batch_queued(info: JobInfo) -> JobInfo:
    """A job without batches has one queued batch in JSON."""
    return info if info.number_batches_total else info.replace(number_batches_queued=1)


@after(Service.info, breaks="counters/complete")
def finished_batches_stay_queued(info: JobInfo) -> JobInfo:
    """All batches count as queued, even finished ones."""
    return info.replace(
        number_batches_queued=info.number_batches_total, number_batches_in_progress=0, number_batches_completed=0
    )


@after(Service.info, breaks="counters/monotone")
def records_count_down(info: JobInfo) -> JobInfo:
    """numberRecordsProcessed is the number of records that are left to process."""
    return info.replace(number_records_processed=info.number_batches_queued + info.number_batches_in_progress)


@after(Service.info, breaks="counters/failed-within-processed")
def failed_records_not_processed(info: JobInfo) -> JobInfo:
    """All records fail, and failed records do not count as processed."""
    return info.replace(number_records_failed=info.number_records_processed, number_records_processed=0)


@after(Service.info, breaks="counters/records-match-batches")
def records_counted_twice(info: JobInfo) -> JobInfo:
    """The job counts each record twice."""
    return info.replace(number_records_processed=2 * info.number_records_processed)


@after(Service.show_batches, breaks="counters/records-match-batches", only=XML)
def batches_have_no_records(answer: Response) -> Response:
    """A batch says that no record was processed, whatever its job says."""
    body = re.sub(rb"(<numberRecordsProcessed>)[0-9]+", rb"\g<1>0", answer.body or b"")
    return replace(answer, body=body)

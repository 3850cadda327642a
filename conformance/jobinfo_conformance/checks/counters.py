"""counters: the numbers of batches and records in every jobInfo that is answered."""

from jobinfo_conformance.checks.catalogue import MUST, SHOULD, Violation, check, expect, expect_at_most
from jobinfo_conformance.contract.jobinfo import JobInfo, Unreadable
from jobinfo_conformance.contract.requirements import documented, inferred, recorded
from jobinfo_conformance.contract.versions import TIMES_SINCE
from jobinfo_conformance.subjects import (
    Answer,
    Known,
    Later,
    consecutive_answers,
    empty_job,
    job_info,
    job_not_aborted,
    own_job,
    own_job_finished,
    own_job_not_aborted,
)

_GROWING = ("numberBatchesCompleted", "numberBatchesFailed", "numberRecordsProcessed")


@check("counters/total-counts-batches", MUST, on=own_job, source=documented("JobInfo, numberBatchesTotal"))
def total_counts_batches(known: Known) -> None:
    """numberBatchesTotal is the number of batches that were accepted."""
    expect(known.job.number_batches_total, known.expected["numberBatchesTotal"], "numberBatchesTotal")


@check("counters/sum-within-total", MUST, on=job_info, source=inferred("each batch is in one state"))
def sum_within_total(answer: Answer) -> None:
    """Queued, in progress, completed and failed batches together are no more than the total."""
    if _sum(answer.job) > answer.job.number_batches_total:
        raise Violation(f"at least {_sum(answer.job)}", answer.job.number_batches_total, "numberBatchesTotal")


@check("counters/sum-equals-total", SHOULD, on=job_not_aborted, source=recorded("91 of 92; not so after PK chunking"))
def sum_equals_total(answer: Answer) -> None:
    """Unless the job is aborted, queued, in progress, completed and failed batches together are the total."""
    expect(answer.job.number_batches_total, _sum(answer.job), "numberBatchesTotal")


@check("counters/own-sum-equals-total", MUST, on=own_job_not_aborted, source=inferred("each batch is in one state"))
def own_sum_equals_total(answer: Answer) -> None:
    """In a job whose every batch is known and that was not aborted, the four counters together are the total."""
    expect(answer.job.number_batches_total, _sum(answer.job), "numberBatchesTotal")


@check("counters/zero-without-batches", MUST, on=empty_job, source=recorded("every empty job"))
def zero_without_batches(answer: Answer) -> None:
    """With numberBatchesTotal 0 every other number is 0."""
    for name in answer.job:
        if name.startswith("number"):
            expect(answer.job[name], 0, name)


@check("counters/complete", MUST, on=own_job_finished, source=documented("JobInfo, and Get Information for a Batch"))
def complete(known: Known) -> None:
    """Once every batch is Completed or Failed, those two counters are the total and none is queued or in progress."""
    job = known.job
    done = job.number_batches_completed + job.number_batches_failed
    counted = (done, job.number_batches_queued, job.number_batches_in_progress)
    expect(counted, (known.expected["numberBatchesTotal"], 0, 0), "completed and failed, queued, in progress")


@check("counters/monotone", MUST, on=consecutive_answers, source=inferred("what was processed stays processed"))
def monotone(later: Later) -> None:
    """Batches completed, batches failed and records processed never fall."""
    for name in _GROWING:
        before, after = later.earlier.job.get(name), later.step.job.get(name)
        if before is not None and after is not None and after < before:
            raise Violation(f"at least {before}", after, name)


@check(
    "counters/failed-within-processed",
    MUST,
    on=job_info,
    since=TIMES_SINCE,
    source=recorded("processed records include failed ones"),
)
def failed_within_processed(answer: Answer) -> None:
    """No more records failed than were processed."""
    expect_at_most(answer.job.number_records_failed, answer.job.number_records_processed, "numberRecordsFailed")


@check(
    "counters/records-match-batches", SHOULD, on=own_job_finished, source=inferred("a job's records are its batches' records")
)
def records_match_batches(known: Known) -> None:
    """The records of a job are the sum of its batches' records."""
    for name, expected in known.expected.items():
        if name.startswith("numberRecords"):
            if expected is None:
                raise Unreadable(f"{name} of a batch")
            expect(known.job.value(name), expected, name)


def _sum(job: JobInfo) -> int:
    return job.number_batches_queued + job.number_batches_in_progress + job.number_batches_completed + job.number_batches_failed

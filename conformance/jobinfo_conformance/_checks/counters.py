"""counters: the numbers of batches and records in every returned jobInfo."""

from jobinfo_conformance._catalogue.requirement import MUST, SHOULD, documented, inferred, recorded, requirement
from jobinfo_conformance._checks.expectations import expect, expect_at_most
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.versions import TIMES_SINCE
from jobinfo_conformance._finding import Unreadable, violation
from jobinfo_conformance._subjects.created_jobs import own_job, own_job_finished, own_job_not_aborted
from jobinfo_conformance._subjects.later_answers import consecutive_answers
from jobinfo_conformance._subjects.single_exchanges import empty_job, job_info, job_not_aborted
from jobinfo_conformance._subjects.subject import Answer, ExpectedAnswer, Later

#: If not even the batches are counted, it is no wonder that what became of them is not.
_COUNTED = ("counters/total-counts-batches",)
#: A sum that is larger than the total is not equal to it either.
_WITHIN = ("counters/sum-within-total",)
_SUM_AND_TOTAL = (
    "numberBatchesQueued + numberBatchesInProgress + numberBatchesCompleted + numberBatchesFailed, and numberBatchesTotal"
)
_GROWING = ("numberBatchesCompleted", "numberBatchesFailed", "numberRecordsProcessed")


@requirement("counters/total-counts-batches", MUST, on=own_job, source=documented("JobInfo, numberBatchesTotal"))
def total_counts_batches(answer: ExpectedAnswer) -> None:
    """numberBatchesTotal is the number of accepted batches."""
    expect(answer.expected["numberBatchesTotal"], answer.job.number_batches_total, "numberBatchesTotal")


@requirement("counters/sum-within-total", MUST, on=job_info, source=inferred("each batch is in one state"))
def sum_within_total(answer: Answer) -> None:
    """Queued, in-progress, completed and failed batches add up to no more than numberBatchesTotal."""
    total = answer.job.number_batches_total
    if _sum(answer.job) > total:
        raise violation(f"at most {total}, the total", _sum(answer.job), _SUM_AND_TOTAL)


@requirement(
    "counters/sum-equals-total",
    SHOULD,
    on=job_not_aborted,
    yields_to=_WITHIN,
    source=recorded("91 of 92; not so after PK chunking"),
    because="A job with PK chunking or an aborted one has batches that no counter names.",
)
def sum_equals_total(answer: Answer) -> None:
    """Unless the job is aborted, queued, in-progress, completed and failed batches add up to numberBatchesTotal."""
    _expect_sum_to_be_total(answer.job)


@requirement(
    "counters/own-sum-equals-total",
    MUST,
    on=own_job_not_aborted,
    yields_to=_WITHIN,
    source=inferred("each batch is in one state"),
    because="Where all batches are known and none was aborted, each is in one of the four counters.",
)
def own_sum_equals_total(answer: Answer) -> None:
    """If all batches of a job are known and it is not aborted, its four batch counters add up to numberBatchesTotal."""
    _expect_sum_to_be_total(answer.job)


@requirement("counters/zero-without-batches", MUST, on=empty_job, source=recorded("every empty job"))
def zero_without_batches(answer: Answer) -> None:
    """If numberBatchesTotal is 0, every other counter is 0."""
    for name in answer.job:
        if name.startswith("number"):
            expect(0, answer.job[name], name)


@requirement(
    "counters/complete",
    MUST,
    on=own_job_finished,
    presupposes=_COUNTED,
    source=documented("JobInfo, and Get Information for a Batch"),
)
def complete(answer: ExpectedAnswer) -> None:
    """Once every batch is Completed or Failed, those counters add up to the total and no batch is queued or in progress."""
    job = answer.job
    expect(0, job.number_batches_queued, "numberBatchesQueued")
    expect(0, job.number_batches_in_progress, "numberBatchesInProgress")
    done = job.number_batches_completed + job.number_batches_failed
    expect(answer.expected["numberBatchesTotal"], done, "numberBatchesCompleted + numberBatchesFailed")


@requirement(
    "counters/monotone",
    MUST,
    on=consecutive_answers,
    yields_to=("state/read-is-safe",),
    source=inferred("what was processed stays processed"),
)
def monotone(later: Later) -> None:
    """numberBatchesCompleted, numberBatchesFailed and numberRecordsProcessed never decrease."""
    for name in _GROWING:
        before, after = later.earlier.job.value(name), later.step.job.value(name)
        if after < before:
            raise violation(f"at least {before}", after, name)


@requirement(
    "counters/failed-within-processed",
    MUST,
    on=job_info,
    since=TIMES_SINCE,
    source=recorded("processed records include failed ones"),
)
def failed_within_processed(answer: Answer) -> None:
    """numberRecordsFailed is no more than numberRecordsProcessed."""
    expect_at_most(answer.job.number_records_processed, answer.job.number_records_failed, "numberRecordsFailed")


@requirement(
    "counters/records-match-batches",
    SHOULD,
    on=own_job_finished,
    presupposes=_COUNTED,
    yields_to=("counters/monotone",),
    source=inferred("a job's records are its batches' records"),
    because="The documentation describes both numbers, but does not say that they add up.",
)
def records_match_batches(answer: ExpectedAnswer) -> None:
    """Once every batch is finished, a job's records processed and failed are the sums over its batches."""
    for name, expected in answer.expected.items():
        if name.startswith("numberRecords"):
            if expected is None:
                raise Unreadable(f"{name} of a batch")
            expect(expected, answer.job.value(name), name)


def _expect_sum_to_be_total(job: JobInfo) -> None:
    total = job.number_batches_total
    if _sum(job) != total:
        raise violation(f"{total}, the total", _sum(job), _SUM_AND_TOTAL)


def _sum(job: JobInfo) -> int:
    return job.number_batches_queued + job.number_batches_in_progress + job.number_batches_completed + job.number_batches_failed

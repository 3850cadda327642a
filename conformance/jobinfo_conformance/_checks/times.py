"""times: the dates and processing times in every returned jobInfo."""

from jobinfo_conformance._catalogue.requirement import MUST, SHOULD, documented, inferred, recorded, requirement
from jobinfo_conformance._checks.expectations import expect, expect_at_most, expect_same
from jobinfo_conformance._contract.versions import TIMES_SINCE
from jobinfo_conformance._finding import violation
from jobinfo_conformance._subjects.later_answers import consecutive_answers
from jobinfo_conformance._subjects.single_exchanges import empty_job, job_info
from jobinfo_conformance._subjects.subject import Answer, Later


@requirement(
    "times/apex-within-active",
    MUST,
    on=job_info,
    since=TIMES_SINCE,
    source=documented("JobInfo: apiActiveProcessingTime includes apexProcessingTime"),
)
def apex_within_active(answer: Answer) -> None:
    """apexProcessingTime is no more than apiActiveProcessingTime."""
    expect_at_most(answer.job.api_active_processing_time, answer.job.apex_processing_time, "apexProcessingTime")


@requirement("times/active-within-total", SHOULD, on=job_info, since=TIMES_SINCE, source=recorded("every recorded job"))
def active_within_total(answer: Answer) -> None:
    """apiActiveProcessingTime is no more than totalProcessingTime."""
    expect_at_most(answer.job.total_processing_time, answer.job.api_active_processing_time, "apiActiveProcessingTime")


@requirement(
    "times/modstamp-not-before-created",
    MUST,
    on=job_info,
    yields_to=("times/created-fixed",),
    source=inferred("a job can't change before it exists"),
)
def modstamp_not_before_created(answer: Answer) -> None:
    """systemModstamp is not earlier than createdDate."""
    if answer.job.system_modstamp < answer.job.created_date:
        earliest, got = answer.job.created_date.isoformat(), answer.job.system_modstamp.isoformat()
        raise violation(f"{earliest}, the createdDate, or later", got, "systemModstamp and createdDate")


@requirement("times/created-fixed", MUST, on=consecutive_answers, source=inferred("a job is created once"))
def created_fixed(later: Later) -> None:
    """createdDate never changes."""
    _ = later.earlier.job.created_date, later.step.job.created_date  # raise Unreadable if one is missing
    expect_same(later.earlier, later.step, "createdDate")


@requirement("times/zero-without-batches", SHOULD, on=empty_job, since=TIMES_SINCE, source=recorded("every empty job"))
def zero_without_batches(answer: Answer) -> None:
    """If numberBatchesTotal is 0, the three processing times are 0."""
    for name in ("totalProcessingTime", "apiActiveProcessingTime", "apexProcessingTime"):
        expect(0, answer.job.value(name), name)

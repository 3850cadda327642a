"""times: the dates and processing times in every jobInfo that is answered."""

from jobinfo_conformance.checks.catalogue import MUST, SHOULD, Violation, check, expect, expect_at_most
from jobinfo_conformance.contract.requirements import documented, inferred, recorded
from jobinfo_conformance.contract.versions import TIMES_SINCE
from jobinfo_conformance.subjects import Answer, Later, consecutive_answers, empty_job, job_info


@check(
    "times/apex-within-active",
    MUST,
    on=job_info,
    since=TIMES_SINCE,
    source=documented("JobInfo: apiActiveProcessingTime includes apexProcessingTime"),
)
def apex_within_active(answer: Answer) -> None:
    """apexProcessingTime is no more than apiActiveProcessingTime."""
    expect_at_most(answer.job.apex_processing_time, answer.job.api_active_processing_time, "apexProcessingTime")


@check("times/active-within-total", SHOULD, on=job_info, since=TIMES_SINCE, source=recorded("every recorded job"))
def active_within_total(answer: Answer) -> None:
    """apiActiveProcessingTime is no more than totalProcessingTime."""
    expect_at_most(answer.job.api_active_processing_time, answer.job.total_processing_time, "apiActiveProcessingTime")


@check("times/modstamp-not-before-created", MUST, on=job_info, source=inferred("a job can't change before it exists"))
def modstamp_not_before_created(answer: Answer) -> None:
    """systemModstamp is not before createdDate."""
    if answer.job.system_modstamp < answer.job.created_date:
        raise Violation(
            f"{answer.job.created_date.isoformat()} or later", answer.job.system_modstamp.isoformat(), "systemModstamp"
        )


@check("times/created-fixed", MUST, on=consecutive_answers, source=inferred("a job is created once"))
def created_fixed(later: Later) -> None:
    """createdDate never changes."""
    expect(later.step.job.created_date, later.earlier.job.created_date, "createdDate")


@check("times/zero-without-batches", SHOULD, on=empty_job, since=TIMES_SINCE, source=recorded("every empty job"))
def zero_without_batches(answer: Answer) -> None:
    """With numberBatchesTotal 0 the three times are 0."""
    for name in ("totalProcessingTime", "apiActiveProcessingTime", "apexProcessingTime"):
        expect(answer.job.get(name, 0), 0, name)

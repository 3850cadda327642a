"""lifecycle: what happens to batches once their job is closed."""

from jobinfo_conformance._catalogue.requirement import MUST, SUMMARY, documented, inferred, recorded, requirement
from jobinfo_conformance._checks.expectations import expect, expect_refused
from jobinfo_conformance._finding import Unreadable, violation
from jobinfo_conformance._subjects.attempts import batch_after_close, refused_batch
from jobinfo_conformance._subjects.created_jobs import batches_listed, own_job_as_asked, waited_for_batch
from jobinfo_conformance._subjects.later_answers import after_close
from jobinfo_conformance._subjects.subject import Between, ExpectedAnswer, Later, ListedBatches


@requirement(
    "lifecycle/batch-after-close-refused",
    MUST,
    on=batch_after_close,
    source=documented("no more batches can be added"),
    also=(recorded("a batch added to a closed job is refused"),),
)
def batch_after_close_refused(between: Between) -> None:
    """A batch added to a closed job is refused with 4xx."""
    expect_refused(between.step)


@requirement(
    "lifecycle/refused-batch-not-counted", MUST, on=refused_batch, source=inferred("a refused request was not carried out")
)
def refused_batch_not_counted(between: Between) -> None:
    """A refused batch does not count in numberBatchesTotal."""
    assert between.after is not None
    expect(between.before.number_batches_total, between.after.number_batches_total, "numberBatchesTotal")


@requirement(
    "lifecycle/refused-batch-not-listed", MUST, on=batches_listed, source=inferred("a refused request was not carried out")
)
def refused_batch_not_listed(batches: ListedBatches) -> None:
    """A refused batch is not in the list of the job's batches."""
    if batches.unknown:
        raise violation("only batches that were accepted", ", ".join(batches.unknown), "list of batches")


@requirement(
    "lifecycle/accepted-batches-finish", MUST, on=waited_for_batch, source=documented("data may be processed after the close")
)
def accepted_batches_finish(answer: ExpectedAnswer) -> None:
    """Batches accepted before the close end up Completed or Failed within the time that the user allows."""
    if answer.step.accepted and not answer.step.answer.is_readable:
        raise Unreadable("the body")
    state = answer.step.answer.fields.get("state") if answer.step.accepted else f"refused with {answer.step.status}"
    if state not in ("Completed", "Failed"):
        raise violation(f"Completed or Failed within {answer.expected['seconds']:g} seconds", state, "state of the batch")


@requirement("lifecycle/total-final", MUST, on=after_close, source=documented("no more batches can be added"))
def total_final(later: Later) -> None:
    """numberBatchesTotal does not change once the job is closed."""
    expect(later.earlier.job.number_batches_total, later.step.job.number_batches_total, "numberBatchesTotal")


@requirement(
    "lifecycle/any-order",
    MUST,
    bearing=SUMMARY,
    presupposes=("state/only-this-job",),
    on=own_job_as_asked,
    source=inferred("accepted requests are carried out, and refused ones are not"),
    because="It sums up what the other requirements ask of single requests, over requests in any order.",
)
def any_order(answer: ExpectedAnswer) -> None:
    """After requests in any order, a job's state and number of batches are what the accepted requests made them."""
    for name, expected in answer.expected.items():
        if expected is not None:  # the contract leaves some states open
            expect(expected, answer.job.value(name), name)

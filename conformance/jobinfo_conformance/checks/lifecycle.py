"""lifecycle: what becomes of batches once their job is closed."""

from jobinfo_conformance.checks.catalogue import MUST, Violation, check, expect, expect_refused
from jobinfo_conformance.contract.requirements import documented, inferred
from jobinfo_conformance.subjects import (
    Between,
    Known,
    Later,
    after_close,
    batch_after_close,
    own_job_as_asked,
    refused_batch,
    waited_for_batch,
)


@check("lifecycle/batch-after-close-refused", MUST, on=batch_after_close, source=documented("no more batches can be added"))
def batch_after_close_refused(between: Between) -> None:
    """A batch that is added to a closed job is refused with 4xx."""
    expect_refused(between.step)


@check("lifecycle/refused-batch-not-counted", MUST, on=refused_batch, source=inferred("a refused request was not carried out"))
def refused_batch_not_counted(between: Between) -> None:
    """A batch that is refused does not count."""
    assert between.after is not None
    expect(between.after.number_batches_total, between.before.number_batches_total, "numberBatchesTotal")


@check(
    "lifecycle/accepted-batches-finish", MUST, on=waited_for_batch, source=documented("data may be processed after the close")
)
def accepted_batches_finish(known: Known) -> None:
    """Batches that were accepted before the close are Completed or Failed after it, within the time that the user gave."""
    state = known.step.answer.fields.get("state") if known.step.accepted else f"refused with {known.step.status}"
    if state not in ("Completed", "Failed"):
        raise Violation(f"Completed or Failed within {known.expected['seconds']:g} seconds", state, "state of the batch")


@check("lifecycle/total-final", MUST, on=after_close, source=documented("no more batches can be added"))
def total_final(later: Later) -> None:
    """numberBatchesTotal does not change any more once the job is closed."""
    expect(later.step.job.number_batches_total, later.earlier.job.number_batches_total, "numberBatchesTotal")


@check("lifecycle/any-order", MUST, on=own_job_as_asked, source=inferred("a job is what was made of it"))
def any_order(known: Known) -> None:
    """Whatever is asked, in whatever order: a job's state and batches are what the accepted requests made them."""
    for name, expected in known.expected.items():
        if expected is not None:  # the contract leaves some states open
            expect(known.job.value(name), expected, name)

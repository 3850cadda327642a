"""equivalence: XML and JSON tell the same."""

from jobinfo_conformance.checks.catalogue import MUST, check, expect
from jobinfo_conformance.contract.jobinfo import JobInfo
from jobinfo_conformance.contract.requirements import inferred
from jobinfo_conformance.subjects import Later, read_in_both


@check("equivalence/same-job", MUST, on=read_in_both, across=True, source=inferred("both serializations are of one resource"))
def same_job(later: Later) -> None:
    """A job at rest is the same whether it is read as XML or as JSON."""
    one, two = later.earlier.job, later.step.job
    for name, field in JobInfo.FIELDS.items():
        if not field.json_only:
            expect(two.get(name), one.get(name), name)

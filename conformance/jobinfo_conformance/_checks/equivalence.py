"""equivalence: XML and JSON agree."""

from jobinfo_conformance._catalogue.requirement import MUST, SHOULD, inferred, requirement
from jobinfo_conformance._checks.expectations import expect, expect_same, status_and_code
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._subjects.later_answers import read_in_both
from jobinfo_conformance._subjects.several_jobs import refused_in_both
from jobinfo_conformance._subjects.subject import Later


@requirement(
    "equivalence/same-job",
    MUST,
    on=read_in_both,
    across=True,
    source=inferred("both serializations are of one resource"),
    because="XML and JSON are two ways to write one job.",
)
def same_job(later: Later) -> None:
    """A job at rest reads the same in XML and in JSON."""
    version = min(later.earlier.job_version, later.step.job_version)
    names = [name for name, field in JobInfo.FIELDS.items() if not field.json_only and field.since <= version]
    expect_same(later.earlier, later.step, *names)


@requirement(
    "equivalence/same-refusals",
    SHOULD,
    on=refused_in_both,
    across=True,
    presupposes=("accepts/documented",),
    source=inferred("both are of one API"),
    because="Both are of one API, but nothing documents that they refuse alike.",
)
def same_refusals(later: Later) -> None:
    """A request refused for a reason outside its body gets the same status and exceptionCode in XML and in JSON."""
    expect(status_and_code(later.earlier), status_and_code(later.step), "status and exceptionCode")

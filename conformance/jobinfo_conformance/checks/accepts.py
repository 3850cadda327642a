"""accepts: requests in a legal form that have to close a job."""

from jobinfo_conformance.checks.catalogue import MUST, Violation, check
from jobinfo_conformance.contract.requirements import documented as documentation
from jobinfo_conformance.subjects import Asked, documented_close


@check("accepts/documented", MUST, on=documented_close, source=documentation("Close a Job"))
def documented(asked: Asked) -> None:
    """The documented request closes a job that is open."""
    if not asked.step.accepted:
        raise Violation("the close accepted, 200", asked.step.status, "status")

"""The exit status of a run."""

from __future__ import annotations

from jobinfo_conformance.results import Results
from jobinfo_conformance.verdicts import Outcome, Overall


def exit_status(results: Results) -> int:
    """Its verdict's, unless there are objections; against a baseline only they count, and that anything was tested."""
    verdict = Overall(results["verdict"])
    if verdict is Overall.ERROR:
        return verdict.exit_status
    if results["objections"]:
        return Overall.NOT_CONFORMANT.exit_status
    if results["baseline"] is None:
        return verdict.exit_status
    tested = any(Outcome(row["outcome"]).tested for row in results["requirements"])
    return 0 if tested else Overall.INCONCLUSIVE.exit_status

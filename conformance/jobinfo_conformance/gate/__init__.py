"""The gate: what fails a run beside the requirements that do not hold, as functions over its results."""

from jobinfo_conformance.gate.baseline import regressions
from jobinfo_conformance.gate.known_failures import (
    KnownFailure,
    NotKnownFailures,
    drafted,
    known_by,
    out_of_date,
    read_known_failures,
)
from jobinfo_conformance.gate.status import exit_status

__all__ = [
    "KnownFailure",
    "NotKnownFailures",
    "drafted",
    "exit_status",
    "known_by",
    "out_of_date",
    "read_known_failures",
    "regressions",
]

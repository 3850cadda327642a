"""Faults: named departures of the reference implementation, each of one requirement, as implementers make them.

Importing this package fills the list, family by family.
"""

from jobinfo_conformance.reference.faults import (  # noqa: F401, I001  # imported for their faults, in the order of the catalogue
    http,
    schema,
    state,
    lifecycle,
    counters,
    times,
    identity,
    equivalence,
    accepts,
    refuses,
    errors,
)
from jobinfo_conformance.reference.faults.fault import FAULTS, Fault, UnknownFault, find_fault

__all__ = ["FAULTS", "Fault", "UnknownFault", "find_fault"]

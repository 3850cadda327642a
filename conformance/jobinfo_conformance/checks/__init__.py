"""The checks: one function for one requirement. Importing this package fills the catalogue, family by family."""

from jobinfo_conformance.checks import (  # noqa: F401, I001  # imported for their checks, in the order of the catalogue
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
from jobinfo_conformance.checks.catalogue import CATALOGUE, Check, Violation

__all__ = ["CATALOGUE", "Check", "Violation"]

"""What changed between two recordings of an endpoint, such as of two versions of the API: a function over exchanges."""

from jobinfo_conformance.comparison.changes import Change, Comparison, Kind, compared
from jobinfo_conformance.comparison.loading import NotComparable, exchanges_in

__all__ = ["Change", "Comparison", "Kind", "NotComparable", "compared", "exchanges_in"]

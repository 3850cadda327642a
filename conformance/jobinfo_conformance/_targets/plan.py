"""The plan of a live run: the serializations that the API version has, and the scenarios that are played in them."""

from __future__ import annotations

from collections.abc import Sequence

from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import JSON_SINCE, Version
from jobinfo_conformance._scenarios.scenario import Played, chosen
from jobinfo_conformance._targets.target import Asking, TargetUnusable


def offered(serializations: Sequence[Serialization], version: Version) -> list[Serialization]:
    """Those of the serializations that a version has. Raises TargetUnusable if it has none of them."""
    found = [form for form in serializations if form is Serialization.XML or version >= JSON_SINCE]
    if not found:
        raise TargetUnusable(f"API version {version} has no JSON: it came with {JSON_SINCE}")
    return found


def planned(asking: Asking, serializations: Sequence[Serialization], catalogue: Catalogue) -> list[Played]:
    """The scenarios that are played, each with the serialization that it is played in, in order. Raises TargetUnusable."""
    return chosen(
        catalogue.scenarios,
        offered(serializations, asking.version),
        queries=asking.queries,
        writes=asking.writes,
        kinds=asking.kinds,
    )

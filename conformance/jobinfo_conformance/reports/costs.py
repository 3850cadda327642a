"""What the scenarios of a live run cost, before they are played."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.scenarios import chosen


def costs(offered: Sequence[Serialization], *, queries: bool, writes: bool) -> Iterator[str]:
    """A line a scenario: the most requests and jobs that a conforming endpoint is asked for, and their sums last."""
    plays = chosen(offered, queries=queries, writes=writes)
    yield "requests  jobs  scenario, at most on a conforming endpoint"
    for one, form in plays:
        yield f"{one.requests:>8}  {one.jobs:>4}  {one.name} ({form})"
    yield f"{sum(one.requests for one, _ in plays):>8}  {sum(one.jobs for one, _ in plays):>4}  in all"

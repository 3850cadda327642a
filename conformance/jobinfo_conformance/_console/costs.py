"""What the scenarios of a live run will cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jobinfo_conformance._scenarios.scenario import Played


def costs(plays: Sequence[Played]) -> Iterator[str]:
    """Yield a line for each scenario, with the most requests and jobs that a conforming endpoint is asked for, then a total."""
    yield "requests  jobs  scenario, at most on a conforming endpoint"
    for scenario, form in plays:
        extension = f", extension {scenario.extension}" if scenario.extension else ""
        yield f"{scenario.requests:>8}  {scenario.jobs:>4}  {scenario.name} ({form}{extension})"
    requests, jobs = (sum(getattr(scenario, cost) for scenario, _ in plays) for cost in ("requests", "jobs"))
    yield f"{requests:>8}  {jobs:>4}  in all"

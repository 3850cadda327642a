"""The runs of a client under test on a terminal: how each ended, and what became of its jobs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from jobinfo_conformance._escaping import in_line
from jobinfo_conformance._evidence.client_run import ClientRun
from jobinfo_conformance._url_parts import parts_of


def runs_of_client(runs: Sequence[ClientRun], *, every: bool = False) -> Iterator[str]:
    """Yield a line for each run: the usual one and those that show trouble, or ``every`` one."""
    usual = runs[0]
    shown = [run for run in runs if every or run is usual or not run.answered.conforms or not run.is_like(usual)]
    width = max(len(_short(run.name)) for run in shown)
    for run in shown:
        yield f"  {_short(run.name):<{width}}  {_what_came(run)}{run.ending.in_words}{run.gave_away}; jobs: {_left(run)}"
        said = run.ending.complaint.strip().splitlines()
        if run is usual and run.ending.status != 0 and said:
            yield in_line(f"  {'':<{width}}  its last line: {said[-1].strip()}")
    asked = [step.exchange.request for run in runs for step in run.unserved]
    for method, path in dict.fromkeys((request.method, parts_of(request.url).path) for request in asked):
        yield in_line(f"  asked, not served: {method} {path}")


def _short(name: str) -> str:
    """The name of a way to answer; of many that go together, the first, and how many more there are."""
    first, *others = name.split(" + ")
    return f"{first} and {len(others)} more" if len(others) > 1 else name


def _what_came(run: ClientRun) -> str:
    if run.answered.conforms:
        return ""
    return "not reached, " if not run.refused else "noticed, " if run.noticed else "in silence, "


def _left(run: ClientRun) -> str:
    states = Counter(state for _, state in run.left)
    return ", ".join(f"{number} {state}" for state, number in states.items()) or "none"

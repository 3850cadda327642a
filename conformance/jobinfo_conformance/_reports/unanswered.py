"""The requests that got no answer, for whoever has to find out why."""

from __future__ import annotations

from jobinfo_conformance._escaping import in_line, shortened
from jobinfo_conformance._results.results import Results

#: How many of them are shown, and how much of each, in characters: more than any takes that the suite sends.
_MOST_LINES, _LONGEST = 3, 10_000


def unanswered_heading(results: Results) -> str:
    """Return how many requests got no answer, and which of them are shown."""
    number = len(results.unanswered)
    requests = "1 request" if number == 1 else f"{number} requests"
    return f"no answer came to {requests}{', of which these are the shortest' if number > _MOST_LINES else ''}"


def unanswered_lines(results: Results) -> list[str]:
    """Return a curl line for each of the shortest: what the server trips over is easiest to see in these."""
    return [in_line(shortened(line, _LONGEST)) for line in sorted(results.unanswered, key=len)[:_MOST_LINES]]

"""summary.md: the results in Markdown, for the summary of a CI's step or a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby

from jobinfo_conformance.reports.tally import Tally, family, shown_outcome
from jobinfo_conformance.reports.text import about, failure, known_failures, left_open
from jobinfo_conformance.reports.visible import in_line
from jobinfo_conformance.results import Results, Row
from jobinfo_conformance.verdicts import Outcome

#: How many requirements are told in full: a step's summary may have a megabyte.
_MOST = 20
_COLUMNS = (Outcome.PASS, Outcome.WARN, Outcome.INCONCLUSIVE, Outcome.FAIL, Outcome.ERROR)


def as_summary(results: Results) -> str:
    """The verdict, a table of the families, and what does not hold."""
    return "\n".join(_lines(results)) + "\n"


def _lines(results: Results) -> Iterator[str]:
    yield f"## Closing a job: {results['verdict'].replace('-', ' ')}"
    yield ""
    yield f"{Tally.of(results['requirements'])}."
    yield ""
    yield f"Target: {_text(about(results))}"
    yield from _listed("Fails the run", results["objections"])
    yield from _listed("Known not to hold", known_failures(results))
    for line in left_open(results):
        yield ""
        yield f"**{_text(line)}**"
    yield ""
    yield f"| family | {' | '.join(_COLUMNS)} | not tested |"
    yield f"|---|{'---:|' * (len(_COLUMNS) + 1)}"
    for name, group in groupby(results["requirements"], key=family):
        tally = Tally.of(group)
        cells = [str(tally.counts[one] or "") for one in _COLUMNS]
        yield f"| {name} | {' | '.join([*cells, str(tally.total - tally.tested or '')])} |"
    for outcome in (Outcome.ERROR, Outcome.FAIL, Outcome.WARN):
        yield from _failures([row for row in results["requirements"] if shown_outcome(row) == outcome], outcome)


def _listed(title: str, lines: Iterable[str]) -> Iterator[str]:
    items = [f"- {_text(line)}" for line in lines]
    if items:
        yield from ["", f"{title}:", "", *items]


def _failures(rows: list[Row], outcome: Outcome) -> Iterator[str]:
    for row in rows[:_MOST]:
        form = f", {row['serialization']}" if row["serialization"] else ""
        text = failure(row)
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
        yield ""
        title = escape(in_line(f"{outcome.upper()} {row['id']} ({row['level']}{form}): {row['sentence']}"))
        yield f"<details><summary>{title}</summary>"
        yield ""
        yield f"{fence}text"
        yield text
        yield fence
        yield ""
        yield "</details>"
    if len(rows) > _MOST:
        yield ""
        yield f"And {len(rows) - _MOST} more with the outcome {outcome}: see report.html."


def _text(text: str) -> str:
    """A text in which Markdown and HTML find nothing to read."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~&@:-])", r"\\\1", in_line(text))

"""summary.md: the results in Markdown, for the summary of a CI step or for a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby

from jobinfo_conformance._escaping import in_line
from jobinfo_conformance._left_behind import left_open
from jobinfo_conformance._reports.sentences import about, failure, known_failures, known_untested, reservations, title
from jobinfo_conformance._reports.tally import Tally
from jobinfo_conformance._results.results import Judgement, Outcome, Results

#: How many requirements of each outcome are shown in full: the summary of a step may have a megabyte.
_MOST = 20
_COLUMNS = (Outcome.PASS, Outcome.WARN, Outcome.INCONCLUSIVE, Outcome.FAIL, Outcome.ERROR)


def as_summary(results: Results) -> str:
    """Return the verdict, a table of the families, and what does not hold."""
    return "\n".join(_lines(results)) + "\n"


def _lines(results: Results) -> Iterator[str]:
    yield f"## Closing a job: {results.verdict.replace('-', ' ')}"
    yield ""
    yield f"{Tally.of(results.requirements)}."
    yield ""
    yield f"Target: {_text(about(results))}"
    yield from _listed("Fails the run", results.objections)
    yield from _listed("Known not to hold", known_failures(results))
    yield from _listed("About this recording", reservations(results))
    yield from _listed("Known, and not tested", known_untested(results))
    for line in left_open(results):
        yield ""
        yield f"**{_text(line)}**"
    yield ""
    yield f"| family | {' | '.join(_COLUMNS)} | not tested |"
    yield f"|---|{'---:|' * (len(_COLUMNS) + 1)}"
    for name, group in groupby(results.requirements, key=lambda judgement: judgement.family):
        tally = Tally.of(group)
        cells = [str(tally.counts[outcome] or "") for outcome in _COLUMNS]
        yield f"| {name} | {' | '.join([*cells, str(tally.total - tally.tested or '')])} |"
    for outcome in (Outcome.ERROR, Outcome.FAIL, Outcome.WARN):
        yield from _failures([judgement for judgement in results.requirements if judgement.shown == outcome], outcome)


def _listed(heading: str, lines: Iterable[str]) -> Iterator[str]:
    items = [f"- {_text(line)}" for line in lines]
    if items:
        yield from ["", f"{heading}:", "", *items]


def _failures(judgements: list[Judgement], outcome: Outcome) -> Iterator[str]:
    for judgement in judgements[:_MOST]:
        text = failure(judgement)
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
        yield ""
        heading = escape(in_line(f"{outcome.upper()} {title(judgement)}: {judgement.sentence}"))
        yield f"<details><summary>{heading}</summary>"
        yield ""
        yield f"{fence}text"
        yield text
        yield fence
        yield ""
        yield "</details>"
    if len(judgements) > _MOST:
        yield ""
        yield f"And {len(judgements) - _MOST} more with the outcome {outcome}: see report.html."


def _text(text: str) -> str:
    """Escape all that Markdown and HTML would interpret in a text."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~&@:-])", r"\\\1", in_line(text))

"""summary.md: the results in Markdown, for the summary of a CI step or for a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import groupby

from jobinfo_conformance._escaping import in_line
from jobinfo_conformance._left_behind import left_open
from jobinfo_conformance._reports.later import later_heading, later_lines
from jobinfo_conformance._reports.problem_text import told
from jobinfo_conformance._reports.sentences import about, failure, known_failures, known_untested, reservations, title
from jobinfo_conformance._reports.tally import Tally
from jobinfo_conformance._results.results import Outcome, Results

#: How many problems, and how many errors of the suite, are shown in full: the summary of a step may have a megabyte.
_MOST = 20
_COLUMNS = (Outcome.PASS, Outcome.WARN, Outcome.INCONCLUSIVE, Outcome.FAIL, Outcome.ERROR)


def as_summary(results: Results, scripts: Mapping[int, str] | None = None) -> str:
    """Return the verdict, a table of the families, and what does not hold.

    ``scripts`` are those that show problems again, by the numbers of the problems.
    """
    return "\n".join(_lines(results, scripts or {})) + "\n"


def _lines(results: Results, scripts: Mapping[int, str]) -> Iterator[str]:
    yield f"## Closing a job: {results.verdict.replace('-', ' ')}"
    yield ""
    yield f"{Tally.of(results.requirements)}."
    yield ""
    yield f"Target: {_text(about(results))}"
    yield from _listed("Fails the run", results.objections)
    yield from _listed("Known not to hold", known_failures(results))
    yield from _listed("About this recording", reservations(results))
    yield from _listed("Known, and not tested", known_untested(results))
    yield from _listed(later_heading(results).capitalize(), later_lines(results))
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
    broken = [judgement for judgement in results.requirements if judgement.outcome is Outcome.ERROR]
    yield from _details([(f"ERROR {title(each)}: {each.sentence}", failure(each)) for each in broken])
    yield from _details([(f"{each.outcome.upper()} {each.summary}", each.text) for each in told(results, scripts)])


def _listed(heading: str, lines: Iterable[str]) -> Iterator[str]:
    items = [f"- {_text(line)}" for line in lines]
    if items:
        yield from ["", f"{heading}:", "", *items]


def _details(told: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield a paragraph to unfold for each pair of a heading and a text."""
    for heading, text in told[:_MOST]:
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
        yield ""
        yield f"<details><summary>{escape(in_line(heading))}</summary>"
        yield ""
        yield f"{fence}text"
        yield text
        yield fence
        yield ""
        yield "</details>"
    if len(told) > _MOST:
        yield ""
        yield f"And {len(told) - _MOST} more: see report.html."


def _text(text: str) -> str:
    """Escape all that Markdown and HTML would interpret in a text."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~&@:-])", r"\\\1", in_line(text))

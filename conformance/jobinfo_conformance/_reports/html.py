"""report.html: the page of a report."""

from __future__ import annotations

from collections.abc import Mapping

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._counted import counted
from jobinfo_conformance._left_behind import left_open
from jobinfo_conformance._reports.evidence_view import evidence
from jobinfo_conformance._reports.grid import families, levels_of, outcomes_of
from jobinfo_conformance._reports.later import later_heading, later_lines
from jobinfo_conformance._reports.pages import Page
from jobinfo_conformance._reports.problem_text import told
from jobinfo_conformance._reports.sentences import objections, reservations
from jobinfo_conformance._reports.tally import Tally
from jobinfo_conformance._reports.unanswered import unanswered_heading, unanswered_lines
from jobinfo_conformance._reports.untested import untested
from jobinfo_conformance._reproduction.script import Script
from jobinfo_conformance._results.results import Outcome, Results

_PAGE = Page("report.html", styles=["report.css"], scripts=["filters.js", "report.js", "links.js"])


def as_html(results: Results, scripts: Mapping[int, Script] | None = None) -> str:
    """Return the page: the verdict, the problems, a grid of all requirements, and the evidence.

    ``scripts`` are those that show problems again, by the numbers of the problems. The size of the page is bounded, whatever
    a target answered: bodies and scripts are shortened, and of many exchanges only the first and the last are shown.
    """
    judgements = results.requirements
    return _PAGE.rendered(
        results=results,
        tally=Tally.of(judgements),
        left_open=list(left_open(results)),
        objections=list(objections(results)),
        reservations=list(reservations(results)),
        errors=[judgement for judgement in judgements if judgement.outcome is Outcome.ERROR],
        found=_found(results),
        problems=evidence(results, scripts or {}),
        families=families(judgements),
        outcomes=outcomes_of(judgements),
        levels=levels_of(judgements),
        untested=list(untested(results, outcomes=[Outcome.INCONCLUSIVE])),
        unanswered_heading=unanswered_heading(results).capitalize(),
        unanswered=unanswered_lines(results),
        later_heading=later_heading(results).capitalize(),
        later=list(later_lines(results)),
        forms=[form.value for form in Serialization],
    )


def _found(results: Results) -> str:
    """Return how many problems there are, and how many more are known."""
    new = len(told(results))
    known = len(results.problems) - new
    found = counted(new, "problem") if new else "No problem found"
    return f"{found}, {known} known" if known else found

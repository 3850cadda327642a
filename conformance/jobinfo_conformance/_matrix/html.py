"""The page as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jobinfo_conformance import __version__
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._matrix.columns import Column
from jobinfo_conformance._matrix.tables import families_of, levels_of, outcomes_of, tables
from jobinfo_conformance._reports.evidence_view import Evidence, evidence
from jobinfo_conformance._reports.later import later_heading, later_lines
from jobinfo_conformance._reports.pages import Page
from jobinfo_conformance._reports.sentences import objections, reservations
from jobinfo_conformance._reports.tally import Tally
from jobinfo_conformance._reports.untested import untested
from jobinfo_conformance._results.results import Judgement, Outcome

_PAGE = Page("matrix.html", styles=["report.css", "matrix.css"], scripts=["filters.js", "matrix.js", "links.js"])


@dataclass(frozen=True)
class Implementation:
    """An implementation, as its section of the page tells of it."""

    column: Column

    @property
    def tally(self) -> Tally:
        """How much was tested, and with what outcomes."""
        return Tally.of(self.column.results.requirements)

    @property
    def remarks(self) -> list[str]:
        """What else fails the run, and what a recording lacks."""
        return [*objections(self.column.results), *reservations(self.column.results)]

    @property
    def errors(self) -> list[Judgement]:
        """Requirements whose checks failed themselves."""
        return [judgement for judgement in self.column.results.requirements if judgement.outcome is Outcome.ERROR]

    @property
    def problems(self) -> list[Evidence]:
        """The problems, in their order."""
        return evidence(self.column.results, {})

    @property
    def untested(self) -> list[str]:
        """A line for each reason why something was not tested."""
        return list(untested(self.column.results))

    @property
    def later_heading(self) -> str:
        """What the `later` lines are about."""
        return later_heading(self.column.results).capitalize()

    @property
    def later(self) -> list[str]:
        """What became of requirements that are not scored."""
        return list(later_lines(self.column.results))


def as_html(columns: Sequence[Column]) -> str:
    """Return the page: a table of servers and one of clients, and the problems of each implementation."""
    found = tables(columns)
    return _PAGE.rendered(
        tables=found,
        implementations=[Implementation(column) for column in columns],
        families=families_of(found),
        outcomes=outcomes_of(found),
        levels=levels_of(found),
        forms=[form.value for form in Serialization],
        version=__version__,
    )

"""What is wrong: one type, from the readers of bodies to the reports."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from jobinfo_conformance._escaping import quoted
from jobinfo_conformance._exchange import Exchange


@dataclass(frozen=True)
class Finding:
    """A broken requirement: its id, what was expected, what came instead, and where.

    ``where`` names an element, a key, a header or a place in a body. ``exchanges`` are the evidence, in order; a
    finding about a body by itself has none.

        >>> Finding("state/closed", "Closed", "Open", "state").message
        'expected Closed, got Open'
    """

    requirement: str
    expected: str
    got: str
    where: str
    exchanges: tuple[Exchange, ...] = ()

    @property
    def message(self) -> str:
        """What was expected and what came, in a few words."""
        return f"expected {self.expected}, got {self.got}"

    def shown_by(self, requirement: str, exchanges: tuple[Exchange, ...]) -> Finding:
        """Return this finding with the requirement that was judged and the evidence."""
        return replace(self, requirement=requirement, exchanges=exchanges)


class Violation(Exception):
    """Raised by a check when a subject breaks its requirement.

    ``findings``, at least one, say how.

        >>> print(Violation(Finding("state/closed", "Closed", "Open", "state")))
        state: expected Closed, got Open
    """

    def __init__(self, *findings: Finding) -> None:
        super().__init__(*findings)
        self.findings = findings

    def __str__(self) -> str:
        return "; ".join(f"{finding.where}: {finding.message}" for finding in self.findings)


def violation(expected: object, got: object, where: str) -> Violation:
    """Make the violation that a check raises, from values of any type."""
    return Violation(Finding("", _in_words(expected), _in_words(got), where))


def _in_words(value: object) -> str:
    """A value as it would be written in an answer, or nothing."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    return quoted(value.isoformat() if isinstance(value, datetime) else value, 300)


class Unreadable(Exception):
    """Raised when a check needs a field that the answer lacks, or whose value can't be read.

    The requirements of the family schema judge the field itself; any other that needs it can't be judged.

        >>> print(Unreadable("numberRetries"))
        numberRetries is missing or can't be read
    """

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is missing or can't be read")

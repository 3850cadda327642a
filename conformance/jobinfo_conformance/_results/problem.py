"""A problem: a requirement that does not hold, with all that follows from it."""

from __future__ import annotations

from dataclasses import dataclass

from jobinfo_conformance._catalogue.requirement import Level
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._finding import Finding


@dataclass(frozen=True)
class Following:
    """A requirement that does not hold because of a problem, in one serialization (None: in both at once).

    ``cases`` is in how many cases it does not hold.
    """

    requirement: str
    serialization: Serialization | None
    cases: int


@dataclass(frozen=True)
class Extent:
    """How far a problem goes in an archive: how many jobs and exchanges show it, and where the first of them are."""

    jobs: int
    exchanges: int
    first: tuple[str, ...]


@dataclass(frozen=True)
class Problem:
    """A cause: what is wrong, where it was seen, and what follows from it.

    ``number`` counts from 1, what matters most first. ``requirement`` is the id of the requirement at the cause, and
    ``serializations`` are those in which it does not hold; none if it compares both. ``level`` is MUST if a MUST does not hold,
    be it one that follows. ``finding`` is the smallest case, with the exchanges that show it; if an answer is wrong in several
    places, it names them all. ``cases`` is the number of all cases. ``extent`` is known of an archive alone.

        >>> finding = Finding("state/closed", "Closed", "Open", "state")
        >>> problem = Problem(1, "state/closed", Level.MUST, (Serialization.XML,), finding, 3)
        >>> problem.finding.message, problem.cases
        ('expected Closed, got Open', 3)
    """

    number: int
    requirement: str
    level: Level
    serializations: tuple[Serialization, ...]
    finding: Finding
    cases: int
    follows: tuple[Following, ...] = ()
    extent: Extent | None = None

"""The grid of all requirements: a row for each family, a cell for each requirement, a mark for each serialization."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from jobinfo_conformance._catalogue.requirement import Level
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._results.results import Judgement, Outcome

#: What a requirement is shown as: its outcome, or that it is known not to hold; the worst first.
WORST_FIRST: Sequence[str] = (
    *(Outcome.ERROR, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.WARN),
    *("known", Outcome.PASS, Outcome.NOT_APPLICABLE),
)


@dataclass(frozen=True)
class Cell:
    """A requirement, with its judgements in the order of the serializations; one if it is on both at once."""

    judgements: tuple[Judgement, ...]

    @property
    def first(self) -> Judgement:
        """The first of them; all say the same about the requirement itself."""
        return self.judgements[0]

    @property
    def outcomes(self) -> str:
        """Each outcome, once."""
        return " ".join(sorted({judgement.shown for judgement in self.judgements}))

    @property
    def worst(self) -> str:
        """The worst outcome."""
        return min((judgement.shown for judgement in self.judgements), key=WORST_FIRST.index)

    @property
    def marks(self) -> tuple[str | None, ...]:
        """What each serialization shows, None if the requirement is not about it; one mark if it is on both at once."""
        if self.first.serialization is None:
            return (self.first.shown,)
        return tuple(judgement.shown if judgement else None for judgement in map(self.judgement, Serialization))

    @property
    def spoken(self) -> str:
        """The outcomes in words: ``fail in XML, pass in JSON``; once if they are the same."""
        said = [(judgement.shown.replace("-", " "), judgement.serialization) for judgement in self.judgements]
        outcomes = {outcome for outcome, _ in said}
        if len(outcomes) == 1 and len(said) != 1:
            return outcomes.pop()
        return ", ".join(f"{outcome} in {form.upper()}" if form else outcome for outcome, form in said)

    @property
    def problem(self) -> int | None:
        """The number of the problem that the requirement belongs to, if it belongs to one."""
        return next((judgement.problem for judgement in self.judgements if judgement.problem is not None), None)

    @property
    def tested(self) -> bool:
        """Whether the requirement was put to the test in each serialization."""
        return all(judgement.outcome.tested for judgement in self.judgements)

    @property
    def target(self) -> str:
        """Where it says more: the problem that the requirement belongs to, or what it says itself."""
        return self.first.id if self.problem is None else f"problem-{self.problem}"

    def judgement(self, form: str) -> Judgement | None:
        """The judgement in a serialization; None if the requirement is not about that one."""
        return next((judgement for judgement in self.judgements if judgement.serialization == form), None)


@dataclass(frozen=True)
class Family:
    """A row of the grid."""

    name: str
    extension: str | None
    cells: tuple[Cell, ...]

    @property
    def tally(self) -> str:
        """How many requirements hold, of those that were tested: ``12 of 13``; nothing if none was tested."""
        tested = [cell for cell in self.cells if any(judgement.outcome.tested for judgement in cell.judgements)]
        held = [cell for cell in tested if all(judgement.outcome.holds for judgement in cell.judgements)]
        return f"{len(held)} of {len(tested)}" if tested else ""


@dataclass(frozen=True)
class Choice:
    """A value to filter by, and how many requirements have it."""

    value: str
    count: int


def families(judgements: Sequence[Judgement]) -> list[Family]:
    """The rows of the grid, in the order of the catalogue."""
    found = []
    for name, group in groupby(judgements, key=lambda judgement: judgement.family):
        members = list(group)
        found.append(Family(name, members[0].extension, tuple(_cells(members))))
    return found


def outcomes_of(judgements: Sequence[Judgement]) -> list[Choice]:
    """The outcomes to filter by, with the number of requirements that have each in some serialization."""
    cells = list(_cells(judgements))
    counts = [(shown, sum(shown in cell.outcomes.split() for cell in cells)) for shown in WORST_FIRST]
    return [Choice(shown, count) for shown, count in counts if count]


def levels_of(judgements: Sequence[Judgement]) -> list[Choice]:
    """The levels to filter by, with the number of requirements of each."""
    counts = Counter(cell.first.level for cell in _cells(judgements))
    return [Choice(level, counts[level]) for level in Level if counts[level]]


def _cells(judgements: Sequence[Judgement]) -> list[Cell]:
    return [Cell(tuple(same)) for _, same in groupby(judgements, key=lambda judgement: judgement.id)]

"""The tables of the page: a row for each requirement, a column for each implementation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from jobinfo_conformance._catalogue.requirement import CLIENT_FAMILY, Level
from jobinfo_conformance._matrix.columns import Column
from jobinfo_conformance._reports.grid import WORST_FIRST, Cell, Choice, Family, families
from jobinfo_conformance._results.results import LATER, Judgement, Outcome, Results

_IN_BARS = (Outcome.PASS, *(outcome for outcome in WORST_FIRST if outcome != Outcome.PASS))


@dataclass(frozen=True)
class LaterCell(Cell):
    """A requirement that came after the set that its report was judged by: it is shown as that, and in no total."""

    @property
    def outcomes(self) -> str:
        """None by which to filter."""
        return ""

    @property
    def marks(self) -> tuple[str | None, ...]:
        """One for all serializations."""
        return (LATER,)

    @property
    def spoken(self) -> str:
        """That it is not scored, and the outcomes in words."""
        return f"later, not scored: {super().spoken}"


@dataclass(frozen=True)
class Row:
    """A requirement, with what was found of it in each column; None where the report does not know it."""

    cells: tuple[Cell | None, ...]

    @property
    def first(self) -> Judgement:
        """A judgement on it; all say the same about the requirement itself."""
        return next(cell.first for cell in self.cells if cell)

    @property
    def outcomes(self) -> str:
        """What it is shown as in some column, each once."""
        return " ".join(sorted({shown for cell in self.cells if cell for shown in cell.outcomes.split()}))

    @property
    def differs(self) -> bool:
        """Whether it is shown in different ways."""
        return len({cell and cell.marks for cell in self.cells}) > 1


@dataclass(frozen=True)
class Group:
    """The requirements of a family; ``tallies`` say for each column how many hold, of those that were tested."""

    name: str
    extension: str | None
    tallies: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Share:
    """How many requirements of a column have an outcome, and how many come before them in a bar of all."""

    outcome: str
    start: int
    number: int


@dataclass(frozen=True)
class Table:
    """Implementations that are judged by the same families of requirements."""

    title: str
    columns: tuple[Column, ...]
    groups: tuple[Group, ...]

    @property
    def rows(self) -> list[Row]:
        """The rows of all groups."""
        return [row for group in self.groups for row in group.rows]

    def totals(self) -> Mapping[str, list[int]]:
        """For each outcome that there is, the worst first, how many requirements have it in each column at worst."""
        counts = [self._counts(place) for place in range(len(self.columns))]
        shown = [outcome for outcome in WORST_FIRST if any(count[outcome] for count in counts)]
        return {outcome: [count[outcome] for count in counts] for outcome in shown}

    def bar(self, place: int) -> list[Share]:
        """The shares of the outcomes in a column, what passes first."""
        counts = self._counts(place)
        shown = [outcome for outcome in _IN_BARS if counts[outcome]]
        starts = accumulate((counts[outcome] for outcome in shown), initial=0)
        return [Share(outcome, start, counts[outcome]) for outcome, start in zip(shown, starts, strict=False)]

    def _counts(self, place: int) -> Counter[str]:
        cells = (row.cells[place] for row in self.rows)
        return Counter(cell.worst for cell in cells if cell and not isinstance(cell, LaterCell))


def tables(columns: Sequence[Column]) -> list[Table]:
    """The table of servers and that of clients; of both only those that have a column."""
    made = [_table("Servers", columns, of_clients=False), _table("Clients", columns, of_clients=True)]
    return [table for table in made if table.columns]


def families_of(found: Iterable[Table]) -> list[Choice]:
    """The families to filter by, with the number of requirements in each."""
    return [Choice(group.name, len(group.rows)) for table in found for group in table.groups]


def outcomes_of(found: Iterable[Table]) -> list[Choice]:
    """The outcomes to filter by, with the number of requirements that have each in some column."""
    counts = Counter(shown for table in found for row in table.rows for shown in row.outcomes.split())
    return [Choice(shown, counts[shown]) for shown in WORST_FIRST if counts[shown]]


def levels_of(found: Iterable[Table]) -> list[Choice]:
    """The levels to filter by, with the number of requirements of each."""
    counts = Counter(row.first.level for table in found for row in table.rows)
    return [Choice(level, counts[level]) for level in Level if counts[level]]


def _table(title: str, columns: Sequence[Column], *, of_clients: bool) -> Table:
    judged = [(column, _in_order(_judged(column.results), of_clients=of_clients)) for column in columns]
    kept = [(column, judgements) for column, judgements in judged if judgements]
    found = [{family.name: family for family in families(judgements)} for _, judgements in kept]
    names = dict.fromkeys(name for by_name in found for name in by_name)
    later = [{judgement.id for judgement in column.results.later} for column, _ in kept]
    groups = (_group([by_name.get(name) for by_name in found], later) for name in names)
    return Table(title, tuple(column for column, _ in kept), tuple(groups))


def _judged(results: Results) -> Sequence[Judgement]:
    """All judgements of a report, those that it does not score too."""
    return (*results.requirements, *results.later)


def _in_order(judgements: Sequence[Judgement], *, of_clients: bool) -> list[Judgement]:
    """The judgements on clients or on servers, with those of a family and of a requirement side by side."""
    chosen = [judgement for judgement in judgements if (judgement.family == CLIENT_FAMILY) is of_clients]
    families_in_order = list(dict.fromkeys(judgement.family for judgement in chosen))
    ids_in_order = list(dict.fromkeys(judgement.id for judgement in chosen))
    return sorted(chosen, key=lambda judgement: (families_in_order.index(judgement.family), ids_in_order.index(judgement.id)))


def _group(found: Sequence[Family | None], later: Sequence[Collection[str]]) -> Group:
    """What the columns have of a family, None for a column that has nothing of it; and what is ``later`` in each of them."""
    known = next(family for family in found if family)
    scored = [family and _without(family, names) for family, names in zip(found, later, strict=True)]
    cells = [_cells(family, names) if family else {} for family, names in zip(found, later, strict=True)]
    names = dict.fromkeys(name for column in cells for name in column)
    return Group(
        known.name,
        known.extension,
        tuple(family.tally if family else "" for family in scored),
        tuple(Row(tuple(column.get(name) for column in cells)) for name in names),
    )


def _without(family: Family, names: Collection[str]) -> Family:
    """A family without these requirements."""
    return replace(family, cells=tuple(cell for cell in family.cells if cell.first.id not in names))


def _cells(family: Family, later: Collection[str]) -> Mapping[str, Cell]:
    """The requirements of a family, each by its id."""
    shown = (LaterCell(cell.judgements) if cell.first.id in later else cell for cell in family.cells)
    return {cell.first.id: cell for cell in shown}

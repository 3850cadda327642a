"""How much was tested and what came of it: the sentence that every report says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jobinfo_conformance.results import Row, worst_by_requirement
from jobinfo_conformance.verdicts import Outcome

_AFTER_PASS = (Outcome.WARN, Outcome.INCONCLUSIVE, Outcome.FAIL, Outcome.ERROR)


@dataclass(frozen=True)
class Tally:
    """Requirements, each counted once.

    ``counts`` has those that were tested in a serialization, by their worst outcome; ``total`` are all there are.
    """

    total: int
    counts: Mapping[Outcome, int]

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Tally:
        """Count the requirements of rows."""
        rows = list(rows)
        worst = worst_by_requirement(rows)
        tested = {row["id"] for row in rows if Outcome(row["outcome"]).tested}
        return cls(len(worst), Counter(worst[name] for name in tested))

    @property
    def tested(self) -> int:
        """How many were tested."""
        return sum(self.counts.values())

    @property
    def parts(self) -> list[str]:
        """What came of those that were tested: ``["28 pass", "1 fail"]``."""
        counts = self.counts
        return [f"{counts[Outcome.PASS]} pass", *(f"{counts[one]} {one}" for one in _AFTER_PASS if counts[one])]

    def __str__(self) -> str:
        return f"{self.tested} of {self.total} requirements tested, {', '.join(self.parts)}"


def family(row: Row) -> str:
    """The family of a row's requirement: what stands before the slash."""
    return row["id"].partition("/")[0]

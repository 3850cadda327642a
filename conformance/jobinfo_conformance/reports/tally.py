"""How much was tested and what came of it: the sentence that every report says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jobinfo_conformance.results import Row, worst_by_requirement
from jobinfo_conformance.verdicts import Outcome

_AFTER_PASS = (Outcome.WARN, Outcome.INCONCLUSIVE, Outcome.FAIL, Outcome.ERROR)

_NO_NEWS = (Outcome.NOT_APPLICABLE, Outcome.PASS)


@dataclass(frozen=True)
class Tally:
    """Requirements, each counted once.

    ``counts`` has those that were tested in a serialization, by their worst outcome; ``total`` are all there are. Those
    with a failure that is known, and with none that is not, are ``known``.
    """

    total: int
    counts: Mapping[Outcome, int]
    known: int = 0

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Tally:
        """Count the requirements of rows."""
        rows = list(rows)
        worst = worst_by_requirement(rows)
        tested = {row["id"] for row in rows if Outcome(row["outcome"]).tested}
        news = worst_by_requirement(row for row in rows if not row["known"])
        known = {row["id"] for row in rows if row["known"] and news.get(row["id"], Outcome.PASS) in _NO_NEWS}
        return cls(len(worst), Counter(news[name] for name in tested - known), len(known))

    @property
    def tested(self) -> int:
        """How many were tested."""
        return sum(self.counts.values()) + self.known

    @property
    def parts(self) -> list[str]:
        """What came of those that were tested: ``["28 pass", "1 fail"]``."""
        counts = self.counts
        known = [f"{self.known} known to fail"] if self.known else []
        return [f"{counts[Outcome.PASS]} pass", *known, *(f"{counts[one]} {one}" for one in _AFTER_PASS if counts[one])]

    def __str__(self) -> str:
        return f"{self.tested} of {self.total} requirements tested, {', '.join(self.parts)}"


def family(row: Row) -> str:
    """The family of a row's requirement: what stands before the slash."""
    return row["id"].partition("/")[0]


def shown_outcome(row: Row) -> str:
    """The outcome of a row as it is shown: a failure that is known is not told as one."""
    return "known" if row["known"] else row["outcome"]

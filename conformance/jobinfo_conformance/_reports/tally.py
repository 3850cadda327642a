"""How much was tested and what came of it: the sentence that every report says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jobinfo_conformance._results.results import Judgement, Outcome, worst_outcomes

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
    def of(cls, judgements: Iterable[Judgement]) -> Tally:
        """Count the requirements of judgements."""
        judgements = list(judgements)
        worst = worst_outcomes(judgements)
        tested = {judgement.id for judgement in judgements if judgement.outcome.tested}
        news = worst_outcomes(judgement for judgement in judgements if not judgement.known)
        known = {
            judgement.id for judgement in judgements if judgement.known and news.get(judgement.id, Outcome.PASS) in _NO_NEWS
        }
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

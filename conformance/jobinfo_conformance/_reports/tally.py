"""How much was tested, and with what outcomes: the sentence that every report has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jobinfo_conformance._results.results import Judgement, Outcome, worst_outcomes

_AFTER_PASS = (Outcome.WARN, Outcome.INCONCLUSIVE, Outcome.FAIL, Outcome.ERROR)

#: What was tested in one serialization and could not be tested in the other passes in the one.
_IN_WORDS = {Outcome.INCONCLUSIVE: "pass in one serialization only"}

_NOTHING_WRONG = (Outcome.NOT_APPLICABLE, Outcome.PASS)


@dataclass(frozen=True)
class Tally:
    """Requirements, each counted once.

    ``counts`` has those that were tested in some serialization, by their worst outcome; ``total`` is how many there are.
    ``known`` is how many have a known failure and are fine otherwise; ``counts`` leaves those out. ``known_untested`` is how
    many could not be tested, in some serialization at least, and that is known.
    """

    total: int
    counts: Mapping[Outcome, int]
    known: int = 0
    known_untested: int = 0

    @classmethod
    def of(cls, judgements: Iterable[Judgement]) -> Tally:
        """Count the requirements that judgements are about."""
        judgements = list(judgements)
        worst = worst_outcomes(judgements)
        tested = {judgement.id for judgement in judgements if judgement.outcome.tested}
        without_known = worst_outcomes(judgement for judgement in judgements if not judgement.known)
        known = {
            judgement.id
            for judgement in judgements
            if judgement.known and judgement.outcome.tested and without_known.get(judgement.id, Outcome.PASS) in _NOTHING_WRONG
        }
        untested = {judgement.id for judgement in judgements if judgement.known and not judgement.outcome.tested}
        counts = Counter(without_known[name] for name in tested - known)
        return cls(len(worst), counts, len(known), len(untested))

    @property
    def tested(self) -> int:
        """How many were tested."""
        return sum(self.counts.values()) + self.known

    @property
    def parts(self) -> list[str]:
        """How many of those that were tested have each outcome: ``["28 pass", "1 fail"]``."""
        counts = self.counts
        known = [f"{self.known} known to fail"] if self.known else []
        others = [f"{counts[outcome]} {_IN_WORDS.get(outcome, outcome)}" for outcome in _AFTER_PASS if counts[outcome]]
        return [f"{counts[Outcome.PASS]} pass", *known, *others]

    def __str__(self) -> str:
        untested = f"; {self.known_untested} known and not tested" if self.known_untested else ""
        return f"{self.tested} of {self.total} requirements tested, {', '.join(self.parts)}{untested}"

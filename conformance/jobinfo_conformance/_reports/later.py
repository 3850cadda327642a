"""Requirements that came after the set that was asked for: what became of them, although nothing counts them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from jobinfo_conformance._escaping import in_line
from jobinfo_conformance._results.results import Judgement, Outcome, Results


def later_heading(results: Results) -> str:
    """Return what the lines of `later_lines` are about."""
    return f"later than requirements {results.requirement_set}, not scored"


def later_lines(results: Results) -> Iterator[str]:
    """Yield a line for each later requirement that does not hold or could not be judged, then how many others there are."""
    others = {Outcome.PASS: 0, Outcome.INCONCLUSIVE: 0, Outcome.NOT_APPLICABLE: 0}
    for name, group in groupby(results.later, key=lambda judgement: judgement.id):
        judgements = list(group)
        worst = max(judgements, key=lambda judgement: judgement.outcome.badness)
        if worst.outcome in others:
            others[worst.outcome] += 1
            continue
        forms = " and ".join(
            judgement.serialization
            for judgement in judgements
            if judgement.serialization and judgement.outcome is worst.outcome
        )
        tags = ", ".join(filter(None, [worst.level, forms]))
        yield in_line(f"{worst.outcome} {name} ({tags}): {worst.sentence} {_said(worst)}")
    words = {Outcome.PASS: "pass", Outcome.INCONCLUSIVE: "inconclusive", Outcome.NOT_APPLICABLE: "not tested"}
    counted = [f"{count} {words[outcome]}" for outcome, count in others.items() if count]
    if counted:
        yield ", ".join(counted)


def _said(judgement: Judgement) -> str:
    finding = next(iter(judgement.findings), None)
    return judgement.reason if finding is None else f"{finding.message}, in {finding.where}"

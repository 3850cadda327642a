"""Why requirements were not tested: a line for each reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from jobinfo_conformance._escaping import in_line
from jobinfo_conformance._reports.sentences import untested_reason
from jobinfo_conformance._results.results import Outcome, Results

#: How many untested requirements a line names; of more, it says how many they are.
_MOST_NAMES = 5


def untested(results: Results, *, verbose: bool = False, outcomes: Collection[Outcome] = tuple(Outcome)) -> Iterator[str]:
    """Yield a line for each reason why requirements were not tested, with their names, or how many they are.

    ``verbose`` names all of them. Only those with one of these ``outcomes`` are looked at.
    """
    by_reason: dict[tuple[Outcome, str], dict[str, list[str]]] = {}
    for judgement in results.requirements:
        if judgement.outcome in outcomes and not judgement.outcome.tested and judgement.outcome is not Outcome.ERROR:
            reason = untested_reason(judgement) if verbose or judgement.known else judgement.obstacle or judgement.reason
            names = by_reason.setdefault((judgement.outcome, reason), {})
            names.setdefault(judgement.id, []).append(judgement.serialization or "")
    forms_of = Counter(judgement.id for judgement in results.requirements)
    for (outcome, reason), named in sorted(by_reason.items(), key=lambda item: item[0]):
        shown = [name if len(forms) == forms_of[name] else f"{name} ({forms[0]})" for name, forms in named.items()]
        if len(shown) > _MOST_NAMES and not verbose:
            shown = [f"{len(shown)} requirements"]
        mark = "" if outcome is Outcome.NOT_APPLICABLE else f"{outcome}: "
        yield in_line(f"{mark}{reason}: {', '.join(shown)}")

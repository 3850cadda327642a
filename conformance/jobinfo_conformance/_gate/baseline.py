"""The baseline: an earlier report, whose passes have to stay."""

from __future__ import annotations

from collections.abc import Iterator

from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import EARLIEST, JSON_SINCE, Version
from jobinfo_conformance._results.results import Judgement, Outcome, Results

_OUTCOMES_HERE = {
    Outcome.NOT_APPLICABLE: "is not tested here",
    Outcome.WARN: "does not hold here",
    Outcome.INCONCLUSIVE: "is inconclusive here",
    Outcome.FAIL: "fails here",
    Outcome.ERROR: "could not be judged here",
}


def regressions(before: Results, after: Results, catalogue: Catalogue) -> Iterator[str]:
    """Yield a sentence for each requirement that passed before and does not pass now, and for each that no longer exists.

    A known failure is no regression, and neither is a requirement on what this version of the API does not have. What came
    after the set of requirements that was asked for is not looked at.
    """
    now = {(judgement.id, judgement.serialization): judgement for judgement in after.requirements}
    for judgement in before.requirements:
        if judgement.id in catalogue.later:
            continue
        found = now.get((judgement.id, judgement.serialization))
        if found is None:
            yield f"{judgement.name} is in the baseline but not in this suite: if that is intended, make a new baseline"
        elif judgement.outcome is Outcome.PASS and not _is_allowed(found, after.api_version, catalogue):
            yield f"{judgement.name} passed in the baseline and {_OUTCOMES_HERE[found.outcome]}: {found.reason}"


def _is_allowed(judgement: Judgement, version: str | None, catalogue: Catalogue) -> bool:
    return judgement.outcome is Outcome.PASS or judgement.known is not None or _is_newer(judgement, version, catalogue)


def _is_newer(judgement: Judgement, version: str | None, catalogue: Catalogue) -> bool:
    """Whether a requirement was not tested because this version of the API does not have what it is about."""
    try:
        spoken = Version.parse(version or "")
    except ValueError:
        return False
    since = EARLIEST if judgement.serialization is Serialization.XML else JSON_SINCE
    is_newer = spoken < max(catalogue.requirements[judgement.id].since, since)
    return judgement.outcome is Outcome.NOT_APPLICABLE and is_newer

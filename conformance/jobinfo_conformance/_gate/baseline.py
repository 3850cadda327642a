"""The baseline: an earlier report, whose passes are to stay."""

from __future__ import annotations

from collections.abc import Iterator

from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import EARLIEST, JSON_SINCE, Version
from jobinfo_conformance._results.results import Judgement, Outcome, Results

_SAID = {
    Outcome.NOT_APPLICABLE: "is not tested here",
    Outcome.WARN: "does not hold here",
    Outcome.INCONCLUSIVE: "is inconclusive here",
    Outcome.FAIL: "fails here",
    Outcome.ERROR: "could not be judged here",
}


def regressions(before: Results, after: Results, catalogue: Catalogue) -> Iterator[str]:
    """A sentence for each requirement that passed before and does not pass now, or is not there any more.

    What is known to fail is no regression, nor what the version of the API does not have.
    """
    now = {(judgement.id, judgement.serialization): judgement for judgement in after.requirements}
    for judgement in before.requirements:
        found = now.get((judgement.id, judgement.serialization))
        if found is None:
            yield f"{judgement.name} is in the baseline and not in this suite: make a new baseline once that is meant"
        elif judgement.outcome is Outcome.PASS and not _is_no_news(found, after.api_version, catalogue):
            yield f"{judgement.name} passed in the baseline and {_SAID[found.outcome]}: {found.reason}"


def _is_no_news(judgement: Judgement, version: str | None, catalogue: Catalogue) -> bool:
    return judgement.outcome is Outcome.PASS or judgement.known is not None or _is_newer(judgement, version, catalogue)


def _is_newer(judgement: Judgement, version: str | None, catalogue: Catalogue) -> bool:
    """Whether the version of the API lacks what an untested requirement is about."""
    try:
        spoken = Version.parse(version or "")
    except ValueError:
        return False
    since = EARLIEST if judgement.serialization is Serialization.XML else JSON_SINCE
    is_newer = spoken < max(catalogue.requirements[judgement.id].since, since)
    return judgement.outcome is Outcome.NOT_APPLICABLE and is_newer

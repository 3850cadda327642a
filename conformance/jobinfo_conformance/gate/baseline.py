"""The baseline: an earlier report, whose passes are to stay."""

from __future__ import annotations

from collections.abc import Iterator

from jobinfo_conformance.checks import CATALOGUE
from jobinfo_conformance.contract.versions import EARLIEST, JSON_SINCE, Version
from jobinfo_conformance.results import Results, Row, name_of
from jobinfo_conformance.verdicts import Outcome

_SAID = {
    Outcome.NOT_APPLICABLE: "is not tested here",
    Outcome.WARN: "does not hold here",
    Outcome.INCONCLUSIVE: "is inconclusive here",
    Outcome.FAIL: "fails here",
    Outcome.ERROR: "could not be judged here",
}


def regressions(before: Results, after: Results) -> Iterator[str]:
    """A sentence for each requirement that passed before and does not pass now, or is not there any more.

    No regression is what is known to fail, and what the version of the API does not have.
    """
    now = {(row["id"], row["serialization"]): row for row in after["requirements"]}
    for row in before["requirements"]:
        found = now.get((row["id"], row["serialization"]))
        if found is None:
            yield f"{name_of(row)} is in the baseline and not in this suite: make a new baseline once that is meant"
        elif row["outcome"] == Outcome.PASS and not _is_no_news(found, after["apiVersion"]):
            yield f"{name_of(row)} passed in the baseline and {_SAID[Outcome(found['outcome'])]}: {found['reason']}"


def _is_no_news(row: Row, version: str | None) -> bool:
    return row["outcome"] == Outcome.PASS or row["known"] is not None or _is_of_later_version(row, version)


def _is_of_later_version(row: Row, version: str | None) -> bool:
    """Whether the version of the API lacks what an untested requirement is about."""
    try:
        spoken = Version.parse(version or "")
    except ValueError:
        return False
    since = max(CATALOGUE[row["id"]].requirement.since, EARLIEST if row["serialization"] == "xml" else JSON_SINCE)
    return row["outcome"] == Outcome.NOT_APPLICABLE and spoken < since

"""Known failures: a file that says which requirements do not hold and why, and must not outlive what it says."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from itertools import combinations
from pathlib import Path
from typing import Any

from jobinfo_conformance.contract.reading import Serialization, quoted
from jobinfo_conformance.results import Known, Row, name_of
from jobinfo_conformance.verdicts import Outcome

#: What an entry may say, and of which type each value is.
_TYPES: Mapping[str, tuple[type, str]] = {
    "requirement": (str, "a string"),
    "serialization": (str, '"xml" or "json"'),
    "reason": (str, "a string"),
    "issue": (str, "a string"),
    "expires": (date, "a date like 2027-03-01"),
}
#: Outcomes of a requirement that does not hold, and those that say nothing against it.
_FAILING = (Outcome.FAIL, Outcome.WARN)
_HOLDING = (Outcome.PASS, Outcome.NOT_APPLICABLE)

_HEAD = """\
# Requirements that are known not to hold. They fail no run; an entry that passes again, matches nothing or expires does.
# Give each a reason; issue = "https://…" and expires = 2027-03-01 are optional.
"""


class NotKnownFailures(ValueError):
    """A file does not list known failures; the message is a line for the user."""


@dataclass(frozen=True)
class KnownFailure:
    """An entry: a requirement, in one serialization or in each, and why it does not hold.

    ``expires`` is the last day on which it counts.
    """

    requirement: str
    reason: str
    serialization: str | None = None
    issue: str | None = None
    expires: date | None = None

    def __str__(self) -> str:
        return f"{self.requirement} ({self.serialization})" if self.serialization else self.requirement

    def covers(self, row: Row) -> bool:
        """Whether a row is what the entry is about."""
        return row["id"] == self.requirement and self.serialization in (None, row["serialization"])

    def expired(self, today: date) -> bool:
        """Whether it counts no more."""
        return self.expires is not None and self.expires < today


def known_by(entries: Iterable[KnownFailure], row: Row, today: date) -> Known | None:
    """What is known of a row that does not hold; None where nothing is, or no more."""
    if Outcome(row["outcome"]) not in _FAILING:
        return None
    found = next((one for one in entries if one.covers(row) and not one.expired(today)), None)
    return None if found is None else {"reason": found.reason, "issue": found.issue}


def out_of_date(entries: Sequence[KnownFailure], rows: Sequence[Row], today: date) -> Iterator[str]:
    """A sentence for each entry that has to be changed, and how. One whose requirement was not tested may stay."""
    for one, other in combinations(entries, 2):
        overlap = one.serialization == other.serialization or None in (one.serialization, other.serialization)
        if one.requirement == other.requirement and overlap:
            yield f"known failure {one} stands twice: remove one of its entries"
    for entry in dict.fromkeys(entries):
        covered = [row for row in rows if entry.covers(row)]
        outcomes = {Outcome(row["outcome"]) for row in covered}
        if not covered:
            yield f"known failure {entry} matches nothing: {_instead(entry, rows)}"
        elif Outcome.PASS in outcomes and outcomes <= set(_HOLDING):
            yield f"known failure {entry} passes now: remove its entry"
        elif entry.expired(today):
            yield f"known failure {entry} has expired on {entry.expires}: fix it, or give its entry a later date"


def _instead(entry: KnownFailure, rows: Iterable[Row]) -> str:
    ids = list(dict.fromkeys(row["id"] for row in rows))
    if entry.requirement in ids:
        return f"the requirement is not about {entry.serialization} alone; correct its entry or remove it"
    close = get_close_matches(entry.requirement, ids, 1)
    return f"there is no such requirement; {f'write {close[0]}' if close else 'correct its entry'} or remove it"


def read_known_failures(path: Path) -> tuple[KnownFailure, ...]:
    """Read a file of known failures. Raises NotKnownFailures with what to correct, and OSError."""
    try:
        document = tomllib.loads(path.read_bytes().decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotKnownFailures(f"{path} is not TOML: {quoted(str(error), 200)}") from error
    unknown = [name for name in document if name != "known"]
    if unknown:
        raise NotKnownFailures(f"{path}: unknown key {quoted(unknown[0])}: an entry begins with [[known]]")
    entries = document.get("known", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise NotKnownFailures(f"{path}: known is no list of tables: an entry begins with [[known]]")
    return tuple(_entry(entry, f"{path}, entry {number}") for number, entry in enumerate(entries, 1))


def _entry(values: Mapping[str, Any], place: str) -> KnownFailure:
    for name, value in values.items():
        if name not in _TYPES:
            raise NotKnownFailures(f"{place}: unknown key {quoted(name)}: known are {', '.join(_TYPES)}")
        kind, described = _TYPES[name]
        if not isinstance(value, kind) or isinstance(value, datetime):
            raise NotKnownFailures(f"{place}: {name} is not {described}")
    if not values.get("requirement"):
        raise NotKnownFailures(f"{place}: no requirement: write its id, like state/closed")
    place = f"{place} ({quoted(values['requirement'])})"
    if values.get("serialization", "xml") not in list(Serialization):
        raise NotKnownFailures(f"{place}: serialization is not {_TYPES['serialization'][1]}")
    if not values.get("reason", "").strip():
        raise NotKnownFailures(f"{place}: no reason: say why it is known not to hold")
    return KnownFailure(**values)


def drafted(rows: Iterable[Row]) -> str:
    """The file with an entry for each row that does not hold; the reasons of those that are not known are to be filled in."""
    entries = [_drafted(row) for row in rows if Outcome(row["outcome"]) in _FAILING]
    return "\n".join([_HEAD, *entries])


def _drafted(row: Row) -> str:
    case = row["evidence"][0]
    known: Known = row["known"] or {"reason": "", "issue": None}
    values = {
        "requirement": row["id"],
        "serialization": row["serialization"],
        "reason": known["reason"],
        "issue": known["issue"],
    }
    written = (f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items() if value is not None)
    said = f"# {name_of(row)}: expected {case['expected']}, got {case['got']}, in {case['where']}"
    return "\n".join([said, "[[known]]", *written, ""])

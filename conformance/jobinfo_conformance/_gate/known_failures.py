"""Known failures: a file that says which requirements do not hold or can't be tested, and why.

An entry must not outlive its failure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from itertools import groupby, islice
from pathlib import Path

import tomli_w
from msgspec import Struct, field

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._escaping import in_line, quoted
from jobinfo_conformance._files.given import LONGEST_LIST, named, text
from jobinfo_conformance._files.misfits import Misfit
from jobinfo_conformance._files.toml_text import decoded_toml
from jobinfo_conformance._results.problem import Problem
from jobinfo_conformance._results.results import Judgement, Known, Outcome

_HOLDING = (Outcome.PASS, Outcome.NOT_APPLICABLE)
#: For how many requirements that do not exist a similar one is looked for, which takes long.
_MOST_SUGGESTIONS = 10
#: The outcomes that an entry covers, all alike.
_COVERED = (Outcome.WARN, Outcome.FAIL, Outcome.INCONCLUSIVE)

_HEAD = """\
# Requirements that are known not to hold, or that the target is known not to let be tested. They do not fail a run; an entry
# that passes again, matches nothing or has expired does. Each entry needs a reason; issue = "https://…" and
# expires = 2027-03-01 are optional.
"""


class KnownFailure(Struct, frozen=True, forbid_unknown_fields=True):
    """An entry: a requirement, in one serialization or in all, and why it does not hold or can't be tested.

    ``expires`` is the last day on which the entry counts.
    """

    requirement: str
    reason: str
    serialization: Serialization | None = None
    issue: str | None = None
    expires: date | None = None

    def __str__(self) -> str:
        return f"{self.requirement} ({self.serialization})" if self.serialization else self.requirement

    def covers(self, judgement: Judgement) -> bool:
        """Whether the entry is about a judgement."""
        return judgement.id == self.requirement and self.serialization in (None, judgement.serialization)

    def expired(self, today: date) -> bool:
        """Whether the entry no longer counts."""
        return self.expires is not None and self.expires < today


class _File(Struct, forbid_unknown_fields=True):
    known: list[KnownFailure] = field(default_factory=list)


def known_by(entries: Iterable[KnownFailure], judgement: Judgement, today: date) -> Known | None:
    """Return what is known about a requirement that does not hold or was not tested.

    None if nothing is known, or only an expired entry says so.
    """
    if judgement.outcome not in _COVERED:
        return None
    found = (entry for entry in entries if entry.covers(judgement) and not entry.expired(today))
    return next((Known(entry.reason, entry.issue) for entry in found), None)


def known_through(cause: Iterable[Judgement]) -> Known | None:
    """Return what is known about whatever follows from a requirement, given its judgements in all serializations.

    None unless it is known in each in which it does not hold.
    """
    broken = [judgement for judgement in cause if not judgement.outcome.holds]
    known = [judgement.known for judgement in broken if judgement.known is not None]
    if not known or len(known) < len(broken):
        return None
    return Known(f"follows from {broken[0].id}: {known[0].reason}", known[0].issue)


def with_what_follows(judgements: Sequence[Judgement], problems: Iterable[Problem]) -> tuple[Judgement, ...]:
    """Return the judgements, with what follows from a known failure known as well."""
    through = {
        problem.number: known_through(judgement for judgement in judgements if judgement.id == problem.requirement)
        for problem in problems
    }
    return tuple(
        replace(judgement, known=through[judgement.problem])
        if judgement.problem in through and judgement.known is None
        else judgement
        for judgement in judgements
    )


def out_of_date(entries: Sequence[KnownFailure], judgements: Sequence[Judgement], today: date) -> Iterator[str]:
    """Yield what to do about each entry that has to change. An entry whose requirement was not tested may stay."""
    yield from _repeated(entries)
    by_id: dict[str, list[Judgement]] = defaultdict(list)
    for judgement in judgements:
        by_id[judgement.id].append(judgement)
    suggestions = _suggestions(entries, by_id)
    for entry in dict.fromkeys(entries):
        outcomes = {judgement.outcome for judgement in by_id.get(entry.requirement, ()) if entry.covers(judgement)}
        if not outcomes:
            yield f"known failure {entry} matches nothing: {_instead(entry, by_id, suggestions)}"
        elif Outcome.PASS in outcomes and outcomes <= set(_HOLDING):
            yield f"known failure {entry} passes now: remove its entry"
        elif entry.expired(today):
            yield f"known failure {entry} expired on {entry.expires}: fix it, or give its entry a later date"


def _repeated(entries: Sequence[KnownFailure]) -> Iterator[str]:
    """Yield what to do about each requirement and serialization that has more than one entry."""
    times = Counter((entry.requirement, entry.serialization) for entry in entries)
    for (name, form), count in times.items():
        if count > 1 or (form is not None and (name, None) in times):
            place = f"{name} ({form})" if form else name
            yield f"known failure {place} is listed twice: remove one of its entries"


def _suggestions(entries: Iterable[KnownFailure], ids: Collection[str]) -> Mapping[str, str]:
    """Return a similar id for each of the first requirements that do not exist, if there is one."""
    unknown = dict.fromkeys(entry.requirement for entry in entries if entry.requirement not in ids)
    found = {name: get_close_matches(name[:100], ids, 1) for name in islice(unknown, _MOST_SUGGESTIONS)}
    return {name: close[0] for name, close in found.items() if close}


def _instead(entry: KnownFailure, ids: Collection[str], suggestions: Mapping[str, str]) -> str:
    if entry.requirement in ids:
        return f"the requirement is not about {entry.serialization} alone; correct its entry or remove it"
    similar = suggestions.get(entry.requirement)
    return f"there is no such requirement; {f'write {similar}' if similar else 'correct its entry'} or remove it"


def read_known_failures(path: Path) -> tuple[KnownFailure, ...]:
    """Read a file of known failures. Raises BadInput, which says what to correct and where."""
    try:
        entries = decoded_toml(text(path, LONGEST_LIST), _File).known
    except Misfit as error:
        raise BadInput(f"{named(path)} does not list known failures: {error}; an entry begins with [[known]]") from error
    except ValueError as error:
        raise BadInput(f"{named(path)} is not TOML: {error}") from error
    for number, entry in enumerate(entries, 1):
        place = f"{named(path)}, entry {number} ({quoted(entry.requirement)})"
        if not entry.requirement:
            raise BadInput(f"{place}: no requirement: write its id, like state/closed")
        if not entry.reason.strip():
            raise BadInput(f"{place}: no reason: say why it is known not to hold")
    return tuple(entries)


def drafted(judgements: Iterable[Judgement], fallback: Known) -> tuple[str, Sequence[str]]:
    """Return a file with an entry for all that does not hold or was not tested, and the reason in each entry.

    What is known already keeps its reason; ``fallback`` is for all else, and may leave the reason for the user to fill in. A
    requirement has one entry if all its serializations are concerned for the same reason, or else one for each.
    """
    entries = [
        (part, part[0].known or fallback, len(part) == len(judgements_on_it))
        for _, group in groupby(judgements, key=lambda judgement: judgement.id)
        for judgements_on_it in [list(group)]
        for part in _alike(judgements_on_it, fallback)
    ]
    texts = [_drafted(part, known, everywhere=everywhere) for part, known, everywhere in entries]
    return "\n".join([_HEAD, *texts]), [known.reason for _, known, _ in entries]


def _alike(judgements: Sequence[Judgement], fallback: Known) -> Sequence[Sequence[Judgement]]:
    """Return the judgements on a requirement that an entry covers: together if one entry can cover all, or else each alone."""
    concerned = [judgement for judgement in judgements if judgement.outcome in _COVERED]
    reasons = {judgement.known or fallback for judgement in concerned}
    return [concerned] if len(concerned) == len(judgements) and len(reasons) == 1 else [[each] for each in concerned]


def _drafted(judgements: Sequence[Judgement], known: Known, *, everywhere: bool) -> str:
    """Return an entry for the judgements on a requirement in one serialization, or everywhere, under what they say."""
    values = {
        "requirement": judgements[0].id,
        "serialization": None if everywhere else judgements[0].serialization,
        "reason": known.reason,
        "issue": known.issue,
    }
    said = (in_line(f"# {judgement.name}: {_found(judgement)}") for judgement in judgements)
    written = tomli_w.dumps({name: str(value) for name, value in values.items() if value is not None})
    return "\n".join([*said, "[[known]]", written])


def _found(judgement: Judgement) -> str:
    finding = next(iter(judgement.findings), None)
    return f"{finding.message}, in {finding.where}" if finding else f"{judgement.outcome}: {judgement.reason}"

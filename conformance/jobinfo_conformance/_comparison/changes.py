"""What changed from one recording to another, field by field, and what each change means to a client."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from jobinfo_conformance._comparison.questions import Question, questions
from jobinfo_conformance._comparison.shapes import AS_CREATED, EMPTY, UNREADABLE, FieldShape, Shape, enumeration_of, shape_of
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._escaping import quoted
from jobinfo_conformance._evidence.history import History


class ChangeKind(StrEnum):
    """What a change means to a client; ``KNOWN`` is a change that the contract itself makes between two versions."""

    BREAKING = "breaking"
    ADDITIVE = "additive"
    COSMETIC = "cosmetic"
    KNOWN = "known"


@dataclass(frozen=True)
class Change:
    """One difference: what it means to a client, where it is, what it is, and what was there before and is there now."""

    kind: ChangeKind
    where: str
    what: str
    old: str
    new: str


@dataclass(frozen=True)
class Comparison:
    """All differences, each with the questions whose answers show it, and the questions that only one side was asked."""

    changes: Mapping[tuple[Serialization, Change], Sequence[str]]
    compared: Sequence[Question]
    only_old: Sequence[Question]
    only_new: Sequence[Question]

    def of(self, kind: ChangeKind) -> list[tuple[Serialization, Change, Sequence[str]]]:
        """The differences of this kind."""
        return [(form, change, asked) for (form, change), asked in self.changes.items() if change.kind is kind]


def compared(old: Iterable[History], new: Iterable[History]) -> Comparison:
    """Compare the answers of a newer recording with those of an older one, question by question."""
    before, now = questions(old), questions(new)
    both = [question for question in before if question in now]
    changes: dict[tuple[Serialization, Change], list[str]] = {}
    for question in both:
        for change in _changes(question, shape_of(before[question]), shape_of(now[question])):
            changes.setdefault((question.serialization, change), []).append(question.asked)
    return Comparison(
        changes=changes,
        compared=both,
        only_old=[question for question in before if question not in now],
        only_new=[question for question in now if question not in before],
    )


def _changes(question: Question, old: Shape, new: Shape) -> Iterator[Change]:
    statuses = new.statuses - old.statuses
    if statuses:
        refused = min(statuses) >= 400 and max(old.statuses) < 300
        what = "now refused" if refused else "a different status"
        yield _change(ChangeKind.BREAKING, "status", what, old.statuses, new.statuses)
        if (min(old.statuses) < 400) != (min(new.statuses) < 400):
            return  # a job and an error document have nothing in common
    forms = new.forms - old.forms
    if forms:
        what = {EMPTY: "now empty", UNREADABLE: "now unreadable"}.get(min(forms), "a different serialization")
        yield _change(ChangeKind.BREAKING, "body", what, old.forms, new.forms)
        return
    yield from _content_types(old, new)
    if new.roots - old.roots:
        yield _change(ChangeKind.BREAKING, "body", "a different root", old.roots, new.roots)
    yield from _names(question.serialization, old, new)
    for name in old.fields:
        if name in new.fields:
            yield from _field(name, old.fields[name], new.fields[name])


def _content_types(old: Shape, new: Shape) -> Iterator[Change]:
    if new.content_types - old.content_types:
        media = [{value.partition(";")[0].strip().lower() for value in side.content_types} for side in (old, new)]
        kind = ChangeKind.BREAKING if media[1] - media[0] else ChangeKind.COSMETIC
        yield _change(kind, "Content-Type header", "a different value", old.content_types, new.content_types)


def _names(form: Serialization, old: Shape, new: Shape) -> Iterator[Change]:
    """Yield the fields that are gone, renamed, new, or in a different order."""
    gone = [name for name, field in old.fields.items() if _is_everywhere(field, old) and not _is_everywhere(name, new)]
    added = [name for name in new.fields if name not in old.fields]
    renamed = {name: other for name in gone if (other := _renamed(name, added, gone, old, new))}
    for name, other in renamed.items():
        yield Change(ChangeKind.BREAKING, name, "renamed", name, other)
    for name in gone:
        if name not in renamed:
            unmissed = _is_optional(name) and not old.fields[name].filled
            kind = (
                ChangeKind.KNOWN if _is_later(name, new.versions) else ChangeKind.COSMETIC if unmissed else ChangeKind.BREAKING
            )
            yield Change(kind, name, "gone" if name not in new.fields else "no longer always there", "present", "absent")
    for name in added:
        if name not in renamed.values():
            kind = ChangeKind.BREAKING if form is Serialization.XML and not _is_optional(name) else ChangeKind.ADDITIVE
            what = "a new element" if form is Serialization.XML else "a new key"
            yield Change(ChangeKind.KNOWN if _is_later(name, old.versions) else kind, name, what, "absent", "present")
    kept = [name for name in old.fields if name in new.fields]
    orders = [{tuple(name for name in order if name in kept) for order in side.orders} for side in (old, new)]
    for order in sorted(orders[1] - orders[0]):
        if orders[0]:
            yield _reordered(min(orders[0]), order)


def _reordered(old: Sequence[str], new: Sequence[str]) -> Change:
    """Return the first difference between two orders."""
    shorter = min(len(old), len(new))
    place = next((place for place in range(shorter) if old[place] != new[place]), shorter)
    was, is_now = (f"{side[place]} as element {place + 1}" if place < len(side) else "no more elements" for side in (old, new))
    return Change(ChangeKind.BREAKING, "body", "a different order", was, is_now)


def _is_everywhere(field: FieldShape | str, shape: Shape) -> bool:
    found = shape.fields.get(field) if isinstance(field, str) else field
    return found is not None and found.answers == shape.answers


def _renamed(name: str, added: Sequence[str], gone: Sequence[str], old: Shape, new: Shape) -> str | None:
    """Return the new name of a field: one much like the old name, or the only new one if no other field is gone."""
    if name in new.fields:
        return None
    alike = [other for other in added if new.fields[other].types == old.fields[name].types]
    folded = {other.casefold(): other for other in alike}
    close = get_close_matches(name.casefold(), folded, 1, 0.8)
    if close:
        return folded[close[0]]
    return alike[0] if len(added) == len(gone) == 1 and alike and _same_place(name, alike[0], old, new) else None


def _same_place(name: str, other: str, old: Shape, new: Shape) -> bool:
    places = [{order.index(field) for order in side.orders if field in order} for field, side in ((name, old), (other, new))]
    return bool(places[0]) and places[0] == places[1]


def _is_later(name: str, versions: Iterable[Version]) -> bool:
    """Whether one of these versions of the API does not have a field yet."""
    return name in JobInfo.FIELDS and any(version < JobInfo.FIELDS[name].since for version in versions)


def _is_optional(name: str) -> bool:
    """Whether the contract has a field in both serializations, and makes it optional."""
    return name in JobInfo.FIELDS and JobInfo.FIELDS[name].optional and not JobInfo.FIELDS[name].json_only


def _field(name: str, old: FieldShape, new: FieldShape) -> Iterator[Change]:
    if not old.filled:
        if new.filled:
            yield _change(ChangeKind.ADDITIVE, name, "now filled", ["empty"], new.types)
        return
    if old.filled == old.answers and new.filled < new.answers:
        yield _change(ChangeKind.BREAKING, name, "no longer always filled", old.types, ["empty"])
    if new.types - old.types:
        yield _change(ChangeKind.BREAKING, name, "a different type", old.types, new.types)
        return
    values = new.values - old.values
    if values and enumeration_of(name):
        outside = values - {*enumeration_of(name), AS_CREATED}
        what = "a value outside its enumeration" if outside else "a different value"
        yield _change(ChangeKind.BREAKING, name, what, old.values, new.values)
    elif values:
        yield _change(ChangeKind.COSMETIC, name, "a different text", old.values, new.values)


def _change(kind: ChangeKind, where: str, what: str, old: Iterable[object], new: Iterable[object]) -> Change:
    return Change(kind, quoted(where), what, _alternatives(old), _alternatives(new))


def _alternatives(values: Iterable[object]) -> str:
    return " or ".join(quoted(str(value) or "nothing", 120) for value in sorted(values, key=str))

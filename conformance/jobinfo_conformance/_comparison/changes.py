"""What changed from one recording to another, field by field, and what each change means to a client."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from jobinfo_conformance._comparison.expectations import (
    CONTENT_TYPE,
    DUPLICATES,
    FOLLOWS_REQUEST,
    HARMLESS,
    ORDER,
    PREFIX,
    REQUIRED,
    ROOT,
    WELL_FORMED,
)
from jobinfo_conformance._comparison.questions import Question, questions
from jobinfo_conformance._comparison.shapes import AS_CREATED, EMPTY, UNREADABLE, FieldShape, Shape, enumeration_of, shape_of
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._escaping import quoted
from jobinfo_conformance._evidence.history import History


class ChangeKind(StrEnum):
    """What a change means to a client.

    ``REPAIRED`` is what did not fit the contract and now does; ``KNOWN`` is a change that the contract itself makes between two
    versions.
    """

    BREAKING = "breaking"
    REPAIRED = "repaired"
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
    statuses = list(_statuses(old, new))
    yield from statuses
    if {status // 100 == 2 for status in old.statuses} != {status // 100 == 2 for status in new.statuses}:
        return  # a job and an error document have nothing in common
    forms_repaired = _is_repaired(old, new, requirements=(WELL_FORMED, FOLLOWS_REQUEST))
    if _differ(old.forms, new.forms, forms_repaired):
        what = {EMPTY: "now empty", UNREADABLE: "now unreadable"}.get(min(new.forms - old.forms or new.forms))
        yield _change(_kind(forms_repaired), "body", what or "a different serialization", old.forms, new.forms)
        return
    yield from _content_types(old, new)
    root_repaired = _is_repaired(old, new, requirements=(ROOT, PREFIX))
    if _differ(old.roots, new.roots, root_repaired):
        yield _change(_kind(root_repaired), "body", "a different root", old.roots, new.roots)
    yield from _names(question.serialization, old, new)
    status_repaired = any(change.kind is ChangeKind.REPAIRED for change in statuses)
    for name in old.fields:
        if name in new.fields:
            follows = status_repaired and name == "exceptionCode"  # another refusal has another code
            yield from _field(name, old.fields[name], new.fields[name], follows or _fits_now(old, new, name))


def _is_repaired(old: Shape, new: Shape, *, requirements: Collection[str] = (), places: Collection[str] = ()) -> bool:
    """Whether an answer broke one of these requirements, or did not fit in one of these places, and none does now."""
    found = [
        any(name in requirements or (where in places and name not in (ORDER, HARMLESS)) for name, where in shape.misfits)
        for shape in (old, new)
    ]
    return found == [True, False]


def _fits_now(old: Shape, new: Shape, *names: str) -> bool:
    """Whether fields of these names did not fit the contract, or nothing in the body did, and all of them fit now."""
    return _is_repaired(old, new, places=names) or _is_repaired(old, new, requirements=(ROOT,))


def _kind(repaired: bool, otherwise: ChangeKind = ChangeKind.BREAKING) -> ChangeKind:
    return ChangeKind.REPAIRED if repaired else otherwise


def _differ(old: Collection[object], new: Collection[object], repaired: bool) -> bool:
    """Whether there is something new; if it is repaired, it is enough that something wrong is gone."""
    return bool(set(new) - set(old)) or (repaired and set(new) != set(old))


def _statuses(old: Shape, new: Shape) -> Iterator[Change]:
    before, now = old.statuses.values(), new.statuses.values()
    gained = [new.statuses[status] for status in new.statuses.keys() - old.statuses.keys()]
    repaired = min(now) > min(before) and min(gained, default=max(now)) >= max(before)
    if _differ(old.statuses, new.statuses, repaired) or max(now) < max(before):
        yield _change(_kind(repaired), "status", _difference(old.statuses, new.statuses), old.statuses, new.statuses)


def _difference(old: Collection[int], new: Collection[int]) -> str:
    if min(new) >= 400 and max(old) < 300:
        return "now refused"
    return "now accepted" if max(new) < 300 and min(old) >= 400 else "a different status"


def _content_types(old: Shape, new: Shape) -> Iterator[Change]:
    repaired = _is_repaired(old, new, requirements=(CONTENT_TYPE,))
    if _differ(old.content_types, new.content_types, repaired):
        media = [{value.partition(";")[0].strip().lower() for value in side.content_types} for side in (old, new)]
        kind = ChangeKind.BREAKING if media[1] - media[0] else ChangeKind.COSMETIC
        yield _change(_kind(repaired, kind), "Content-Type header", "a different value", old.content_types, new.content_types)


def _names(form: Serialization, old: Shape, new: Shape) -> Iterator[Change]:
    """Yield the fields that are gone, renamed, new, or in a different order."""
    gone = [name for name, field in old.fields.items() if _is_everywhere(field, old) and not _is_everywhere(name, new)]
    added = [name for name in new.fields if name not in old.fields]
    renamed = {name: other for name in gone if (other := _renamed(name, added, gone, old, new))}
    for name, other in renamed.items():
        kind = _kind(_fits_now(old, new, name, other) or _is_named_right(name, other))
        yield Change(kind, name, "renamed", name, other)
    for name in gone:
        if name not in renamed:
            yield _gone(name, old, new)
    for name in added:
        if name not in renamed.values():
            yield _added(form, name, old, new)
    kept = [name for name in old.fields if name in new.fields]
    orders = [{tuple(name for name in order if name in kept) for order in side.orders} for side in (old, new)]
    for order in sorted(orders[1]):
        if orders[0] and not any(_agree(order, earlier) for earlier in orders[0]):
            yield _reordered(min(orders[0]), order, _kind(_is_repaired(old, new, requirements=(ORDER, DUPLICATES))))


def _agree(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two orders are the same in what they have in common."""
    return [name for name in one if name in other] == [name for name in other if name in one]


def _is_named_right(name: str, other: str) -> bool:
    """Whether a field had a name that the contract does not have, and now has one of the contract's."""
    return other in JobInfo.FIELDS and name not in JobInfo.FIELDS


def _is_unwrapped(name: str, old: Shape, new: Shape) -> bool:
    """Whether a name that the contract does not have is gone from a body that lacked what is required, and is whole now."""
    return name not in JobInfo.FIELDS and _is_repaired(old, new, requirements=(REQUIRED,))


def _gone(name: str, old: Shape, new: Shape) -> Change:
    unmissed = _is_optional(name) and not old.fields[name].filled
    kind = ChangeKind.COSMETIC if unmissed else ChangeKind.BREAKING
    kind = (
        ChangeKind.KNOWN
        if _is_later(name, new.versions)
        else _kind(_is_unwrapped(name, old, new) or _fits_now(old, new, name), kind)
    )
    return Change(kind, name, "gone" if name not in new.fields else "no longer always there", "present", "absent")


def _added(form: Serialization, name: str, old: Shape, new: Shape) -> Change:
    kind = ChangeKind.BREAKING if form is Serialization.XML and not _is_optional(name) else ChangeKind.ADDITIVE
    kind = ChangeKind.KNOWN if _is_later(name, old.versions) else _kind(_fits_now(old, new, name), kind)
    return Change(kind, name, "a new element" if form is Serialization.XML else "a new key", "absent", "present")


def _reordered(old: Sequence[str], new: Sequence[str], kind: ChangeKind) -> Change:
    """Return the first difference between two orders."""
    shorter = min(len(old), len(new))
    place = next((place for place in range(shorter) if old[place] != new[place]), shorter)
    was, is_now = (f"{side[place]} as element {place + 1}" if place < len(side) else "no more elements" for side in (old, new))
    return Change(kind, "body", "a different order", was, is_now)


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


def _field(name: str, old: FieldShape, new: FieldShape, repaired: bool) -> Iterator[Change]:
    if not old.filled:
        if new.filled:
            yield _change(_kind(repaired, ChangeKind.ADDITIVE), name, "now filled", ["empty"], new.types)
        return
    if old.filled == old.answers and new.filled < new.answers:
        yield _change(ChangeKind.BREAKING, name, "no longer always filled", old.types, ["empty"])
    if _differ(old.types, new.types, repaired):
        yield _change(_kind(repaired), name, "a different type", old.types, new.types)
        return
    repaired = repaired or (new.values == {AS_CREATED} != old.values)
    if not _differ(old.values, new.values, repaired):
        return
    if enumeration_of(name):
        outside = new.values - {*enumeration_of(name), AS_CREATED}
        what = "a value outside its enumeration" if outside - old.values else "a different value"
        yield _change(_kind(repaired), name, what, old.values, new.values)
    else:
        yield _change(_kind(repaired, ChangeKind.COSMETIC), name, "a different text", old.values, new.values)


def _change(kind: ChangeKind, where: str, what: str, old: Iterable[object], new: Iterable[object]) -> Change:
    return Change(kind, quoted(where), what, _alternatives(old), _alternatives(new))


def _alternatives(values: Iterable[object]) -> str:
    return " or ".join(quoted(str(value) or "nothing", 120) for value in sorted(values, key=str))

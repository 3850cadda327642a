"""The kill map: which fault is noticed by which requirement, as text and as a Markdown document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from jobinfo_conformance.checks import CATALOGUE
from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.reference.faults import FAULTS, Fault
from jobinfo_conformance.selftest import Noticed, Place, unshown

#: How many other requirements that notice a fault are named.
_MOST_OTHERS = 3

_BEGIN = """\
# The kill map

What `jobinfo-conformance selftest --write docs/kill-map.md` found: the suite was run against the reference implementation
with each of its [faults](faults.md), and against the reference without one, which conforms with `--strict`.

A fault is killed where the requirement that it is meant to break does not hold, in each serialization that the fault is in;
that others notice it too does not count. Each requirement notices a fault of its own, in each serialization that it has.
Where that is not so, the command ends with exit status 1, and this document says it.
"""


def named(fault: Fault) -> str:
    """A fault in a line: its name, the requirement that it breaks, and how it departs."""
    return f"{fault.name:34}  {fault.breaks:34}  {fault.sentence}"


def told(one: Noticed) -> str:
    """What was noticed of one fault, in a line."""
    if one.fault is None:
        return f"{'conforms' if one.is_right else 'DEPARTS '}  the reference without a fault{_but(one)}"
    places = f"{one.fault.breaks} ({_forms(one.meant)})"
    if one.is_right:
        return f"killed    {one.fault.name:34}  {places}{_and_by(one.others)}"
    return f"SURVIVES  {one.fault.name:34}  {places}{_but(one)}"


def concluded(found: Sequence[Noticed]) -> str:
    """What it all comes to, in a line."""
    faults = [one for one in found if one.fault is not None]
    survivors = [one for one in faults if not one.is_right]
    untold = {name for name, _ in unshown(found)}
    return (
        f"{len(faults)} faults, survivors: {len(survivors)}; "
        f"{len(CATALOGUE)} requirements, without a fault of their own: {len(untold)}{_in_brackets(sorted(untold))}"
    )


def as_markdown(found: Sequence[Noticed]) -> str:
    """The document: a table of the faults of each family, and a table of the requirements."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Sequence[Noticed]) -> Iterator[str]:
    yield _BEGIN
    wrong = [one for one in found if not one.is_right]
    if wrong or unshown(found):
        yield "## Not as it should be"
        yield ""
        yield from (f"- {told(one)}" for one in wrong)
        yield from (f"- no fault shows {name} ({_forms([(name, form)])})" for name, form in unshown(found))
        yield ""
    faults = [one for one in found if one.fault is not None]
    for family, group in groupby(faults, key=lambda one: _family(one.name)):
        yield f"## Faults: {family}"
        yield ""
        yield "| fault | how it departs | killed by | in | noticed by others |"
        yield "|---|---|---|---|---|"
        for one in group:
            fault = FAULTS[str(one.name)]
            others = _and_by(one.others).removeprefix(", also by ")
            yield f"| {fault.name} | {fault.sentence} | {fault.breaks} | {_forms(one.meant)} | {others} |"
        yield ""
    yield "## Requirements"
    yield ""
    yield "| requirement | faults that it kills |"
    yield "|---|---|"
    for name in CATALOGUE:
        yield f"| {name} | {', '.join(fault.name for fault in FAULTS.values() if fault.breaks == name)} |"


def _family(name: str | None) -> str:
    return FAULTS[str(name)].breaks.partition("/")[0]


def _forms(places: Iterable[Place]) -> str:
    forms = [form for _, form in places]
    return ", ".join(str(form) for form in forms if form is not None) or " and ".join(map(str, Serialization))


def _and_by(others: Sequence[str]) -> str:
    if not others:
        return ""
    more = f" and {len(others) - _MOST_OTHERS} more" if len(others) > _MOST_OTHERS else ""
    return f", also by {', '.join(others[:_MOST_OTHERS])}{more}"


def _but(one: Noticed) -> str:
    if one.is_right:
        return ""
    if one.unusable is not None:
        return f": {one.unusable}"
    return f": {_forms(one.missed)} passes{_and_by(one.others)}" if one.fault else _in_brackets(one.others)


def _in_brackets(names: Sequence[str]) -> str:
    return f" ({', '.join(names)})" if names else ""

"""The kill map: which requirement notices which fault, as a Markdown document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from jobinfo_conformance._catalogue.catalogue import Catalogue, CataloguePlace
from jobinfo_conformance._clients.conforming import ClientFault
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._escaping import in_line
from jobinfo_conformance._reference.faults.fault import Fault
from jobinfo_conformance._selftest import KillMap, Trial

#: How many other requirements that notice a fault are named.
_MOST_OTHERS = 3

#: The title of the faults that lie beneath what a service can say.
_ANY_BYTES = "any bytes"

_BEGIN = """\
# The kill map

This is what `jobinfo-conformance selftest --write docs/kill-map.md` found. It ran the suite against the reference
implementation with each of its [faults](faults.md), and without a fault, which conforms with `--strict`.

It also judged each of the [faulty clients](clients.md#faulty-clients): those are the faults of the family client.

A fault is killed if the requirement that it is meant to break does not hold, in every serialization that the fault is in;
it does not count if only others notice. A fault that sends any bytes has to be reported in the words given beside the
requirement; it may also keep the requirement from being tested. Every requirement kills a fault of its own, in every
serialization that it has. If any of this were not so, this document would say so, and the command would end with exit
status 1; with 4 if a fault could not be tried.

A run reports only [problems](running.md#what-a-run-prints): the last two columns say which requirement comes first, and how
many there are.
"""


def as_markdown(found: KillMap) -> str:
    """Return the document: a table of faults for each family, and a table of the requirements."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: KillMap) -> Iterator[str]:
    catalogue = found.catalogue
    yield _BEGIN
    if found.wrong or found.unshown:
        yield "## What is wrong"
        yield ""
        yield from (f"- {_named(trial)}{shortcoming(trial, catalogue)}" for trial in found.wrong)
        yield from (f"- no fault shows {name} ({forms_of([(name, form)])})" for name, form in found.unshown)
        yield ""
    trials = [(trial.fault, trial) for trial in found.trials if trial.fault is not None]
    for family, group in groupby(trials, key=lambda pair: _family(pair[0])):
        yield f"## Faults: {family}"
        yield ""
        told = ("told as | ", "---|") if family == _ANY_BYTES else ("", "")
        yield f"| fault | how it departs | killed by | in | {told[0]}noticed by others | first problem | problems |"
        yield f"|---|---|---|---|{told[1]}---|---|---:|"
        yield from (_row(fault, trial, catalogue) for fault, trial in group)
        yield ""
    yield "## Requirements"
    yield ""
    yield "| requirement | faults that it kills |"
    yield "|---|---|"
    for name in catalogue.requirements:
        yield f"| {name} | {', '.join(fault.name for fault in catalogue.all_faults.values() if fault.breaks == name)} |"


def _family(fault: Fault | ClientFault) -> str:
    return _ANY_BYTES if isinstance(fault, Fault) and fault.spoil is not None else fault.breaks.partition("/")[0]


def _row(fault: Fault | ClientFault, trial: Trial, catalogue: Catalogue) -> str:
    extension = f" (extension {fault.extension})" if fault.extension else ""
    others = also_by(trial.others(catalogue)).removeprefix(", also by ")
    forms = forms_of(trial.meant(catalogue))
    first = "the same" if trial.problems[:1] == (fault.breaks,) else next(iter(trial.problems), "")
    told = [_code(fault.says)] if isinstance(fault, Fault) and fault.says is not None else []
    cells = [f"{fault.name}{extension}", fault.sentence, fault.breaks, forms, *told, others, first, str(len(trial.problems))]
    return f"| {' | '.join(cells)} |"


def _code(text: str) -> str:
    """Return a text as code in a cell of a table."""
    return f"`{in_line(text).replace('|', chr(92) + '|')}`"


def _named(trial: Trial) -> str:
    could_not_be_tried = trial.untried is not None
    if trial.fault is None:
        return f"the reference without a fault {'could not be tried' if could_not_be_tried else 'departs'}"
    end = "could not be tried" if could_not_be_tried else "survives"
    return f"{trial.fault.name}, which is meant to break {trial.fault.breaks}, {end}"


def forms_of(places: Iterable[CataloguePlace]) -> str:
    """Return the serializations of places in words."""
    forms = [form for _, form in places]
    return ", ".join(form for form in forms if form is not None) or " and ".join(Serialization)


def also_by(others: Sequence[str]) -> str:
    """Return the other requirements that notice a fault, in words."""
    if not others:
        return ""
    more = f" and {len(others) - _MOST_OTHERS} more" if len(others) > _MOST_OTHERS else ""
    return f", also by {', '.join(others[:_MOST_OTHERS])}{more}"


def shortcoming(trial: Trial, catalogue: Catalogue) -> str:
    """Return in words why a trial did not end as it should; nothing if it did."""
    if trial.is_right(catalogue):
        return ""
    if trial.untried is not None:
        return f": {trial.untried}"
    others = trial.others(catalogue)
    return f": {forms_of(trial.missed(catalogue))} passes{also_by(others)}" if trial.fault else in_brackets(others)


def in_brackets(names: Sequence[str]) -> str:
    """Return names in brackets; nothing if there are none."""
    return f" ({', '.join(names)})" if names else ""

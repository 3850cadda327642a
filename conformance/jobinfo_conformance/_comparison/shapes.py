"""The shape of answers: what a client relies on, without values that differ from job to job."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobinfo_conformance._comparison.expectations import Fit, Misfit, fit_of, misfits_of
from jobinfo_conformance._comparison.questions import Instance
from jobinfo_conformance._contract.document import JsonFloat, JsonValue, Reading, XmlDocument, local_name, name_in_words
from jobinfo_conformance._contract.field_types import BOOLEAN, INSTANT, TEXT, VERSION, WHOLE, FieldType
from jobinfo_conformance._contract.ids import is_id
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.schemas import Body, names_of, xml_types
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._job_requests.job_request import Operation

#: The names of the types that a jobInfo's fields have.
_TYPES: Sequence[tuple[FieldType[Any], str]] = [
    (WHOLE, "a whole number"),
    (INSTANT, "a date"),
    (VERSION, "a version"),
    (BOOLEAN, "true or false"),
    (TEXT, "text"),
]
#: Types whose values are compared; values of all other types differ from job to job.
_COMPARED = ("text", "true or false")
#: The answers to these show the state of a batch, which changes by itself.
_BATCH_OPERATIONS = (Operation.ADD_BATCH, Operation.READ_BATCH, Operation.LIST_BATCHES)
#: What differs within a message: ids and numbers.
_DIFFERING = re.compile(r"\b(?=[A-Za-z]*[0-9])[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?\b|[0-9][0-9.]*", re.ASCII)
EMPTY, UNREADABLE = "empty", "unreadable"
#: Stands for the value of a setting that is still as the create set it.
AS_CREATED = "as it was set"


@dataclass(frozen=True)
class FieldShape:
    """What is known about a field: its types, the values that are compared, and how many answers have it and fill it."""

    types: frozenset[str]
    values: frozenset[str]
    answers: int
    filled: int


@dataclass(frozen=True)
class Shape:
    """The shape of all answers to one question.

    ``statuses`` says how well each status fits what was asked, ``misfits`` is what in the bodies and headers does not fit the
    contract, and ``orders`` are the sequences of elements in XML.
    """

    answers: int
    versions: frozenset[Version]
    statuses: Mapping[int, Fit]
    misfits: frozenset[Misfit]
    forms: frozenset[str]
    content_types: frozenset[str]
    roots: frozenset[str]
    orders: frozenset[tuple[str, ...]]
    fields: Mapping[str, FieldShape]


def shape_of(instances: Sequence[Instance]) -> Shape:
    """Return the shape of the answers to a question."""
    steps = [instance.step for instance in instances]
    readings = [step.answer for step in steps]
    names = dict.fromkeys(name for reading in readings for name in reading.fields)
    trees = [reading.document for reading in readings if isinstance(reading.document, XmlDocument)]
    return Shape(
        answers=len(steps),
        versions=frozenset(step.version for step in steps),
        statuses={instance.step.status: fit_of(instance) for instance in instances},
        misfits=frozenset(misfit for instance in instances for misfit in misfits_of(instance)),
        forms=frozenset(_form(step) for step in steps),
        content_types=frozenset(step.exchange.response.content_type or "" for step in steps),
        roots=frozenset(_root(reading) for reading in readings if reading.document is not None),
        orders=frozenset(tuple(local_name(child.tag) for child in tree.root) for tree in trees),
        fields={name: _field(name, instances) for name in names},
    )


def enumeration_of(name: str) -> Sequence[str]:
    """Return the names that a field may hold; none if the field is not enumerated."""
    if name == "exceptionCode":
        return [str(code) for code in getattr(xml_types(Body.ERROR)[name], "enumeration", None) or ()]
    return names_of(name) if name in JobInfo.FIELDS and not JobInfo.FIELDS[name].json_only else ()


def _form(step: Step) -> str:
    if not step.exchange.response.body:
        return EMPTY
    return step.answer.serialization.value if step.answer.document is not None else UNREADABLE


def _root(reading: Reading) -> str:
    """Return the root with its namespace, and whether it has a prefix, since a real client breaks on one."""
    prefixed = any(finding.requirement == "schema/default-namespace" for finding in reading.findings)
    document = reading.document
    name = name_in_words(document.root.tag) if isinstance(document, XmlDocument) else reading.root or "no object"
    return f"{name}, prefixed" if prefixed else name


def _field(name: str, instances: Iterable[Instance]) -> FieldShape:
    types, values = set(), set()
    answers = filled = 0
    for instance in instances:
        if name not in instance.step.answer.fields:
            continue
        value = instance.step.answer.fields[name]
        answers += 1
        if value in (None, ""):
            continue
        filled += 1
        kind = _type(name, value, instance.step.answer.serialization)
        types.add(kind)
        is_of_batch = name == "state" and instance.step.operation in _BATCH_OPERATIONS
        if kind in _COMPARED and not is_of_batch:
            values.add(_compared(name, value, instance.settings))
    return FieldShape(frozenset(types), frozenset(values), answers, filled)


def _compared(name: str, value: JsonValue, settings: Mapping[str, object]) -> str:
    if name != "state" and name in settings and str(value).casefold() == str(settings[name]).casefold():
        return AS_CREATED
    return str(value) if enumeration_of(name) else _DIFFERING.sub("…", str(value))


def _type(name: str, value: JsonValue, form: Serialization) -> str:
    """Name the type of a value: the field's own if the value fits it, or else the type that it is written as."""
    if isinstance(value, str) and is_id(value) and name.casefold().endswith("id"):
        return "an id"
    field = JobInfo.FIELDS.get(name)
    if field is not None and _reads(field.type, value, form):
        has_fraction = field.type is WHOLE and isinstance(value, JsonFloat)
        return "a number with a fraction" if has_fraction else next(name for kind, name in _TYPES if kind is field.type)
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a whole number" if field is None and isinstance(value, int) else "a number"
    if isinstance(value, (list, dict)):
        return "a list" if isinstance(value, list) else "an object"
    lexical = next((name for kind, name in _TYPES if isinstance(value, str) and _reads(kind, value, form)), "text")
    return lexical if field is None else f"{lexical} in quotes" if form is Serialization.JSON else "text of another kind"


def _reads(kind: FieldType[Any], value: JsonValue, form: Serialization) -> bool:
    try:
        kind.from_json(value) if form is Serialization.JSON else kind.from_xml(str(value))
    except ValueError:
        return False
    return True

"""The compiled schemas, and what they find in a document, by requirement.

XSD and JSON Schema are the source: the names, order and types of fields are taken from them, and each finding is
reported under the requirement that its kind of departure breaks. What a schema can't say is said here: doubled
fields, numbers in canonical form, days that do not exist.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, cast
from xml.etree.ElementTree import Element

from jobinfo_conformance.contract.jobinfo import NAMESPACE, JobInfo
from jobinfo_conformance.contract.reading import (
    Finding,
    JsonDocument,
    JsonValue,
    Reading,
    XmlDocument,
    local_name,
    quoted,
)
from jobinfo_conformance.contract.values import INSTANT, WHOLE, XML_SPACE
from jobinfo_conformance.contract.versions import DEFAULT, TIMES_SINCE, Version
from jobinfo_conformance.resources import resource

if TYPE_CHECKING:
    from jsonschema.protocols import Validator
    from xmlschema import XMLSchema
    from xmlschema.validators import XsdElement, XsdSimpleType

_CANONICAL = re.compile(r"0|[1-9][0-9]*")

#: What says where a schema is, legal on every element. xsi:nil and xsi:type are not: no type here is nillable or derived.
_LOCATIONS = frozenset(
    f"{{http://www.w3.org/2001/XMLSchema-instance}}{name}" for name in ("schemaLocation", "noNamespaceSchemaLocation")
)


class Body(StrEnum):
    """What a body is meant to be; the value is the name of its schemas."""

    CREATE_REQUEST = "create-request"
    CLOSE_REQUEST = "close-request"
    ABORT_REQUEST = "abort-request"
    JOB_INFO = "jobinfo"
    ERROR = "error"

    @property
    def root(self) -> str:
        """The local name of the root in XML."""
        return "error" if self is Body.ERROR else "jobInfo"


def schema_findings(reading: Reading, body: Body, version: Version = DEFAULT) -> tuple[Finding, ...]:
    """All that is wrong with a body as what it is meant to be, each thing once: the reader's findings, then the schema's."""
    return tuple(dict.fromkeys((*reading.findings, *_document_findings(reading, body, version))))


def _document_findings(reading: Reading, body: Body, version: Version) -> Iterator[Finding]:
    if isinstance(reading.document, XmlDocument):
        yield from _xml_findings(reading.document.root, body, version)
    elif isinstance(reading.document, JsonDocument):
        yield from _json_findings(reading, body)


def xsd(body: Body, version: Version = DEFAULT) -> XMLSchema:
    """The compiled XSD of a body in a version."""
    late = body is not Body.JOB_INFO or version >= TIMES_SINCE
    return _xsd(f"{body.value}.xsd" if late else f"{body.value}-17.0.xsd")


@cache
def _xsd(name: str) -> XMLSchema:
    from xmlschema import XMLSchema10

    return XMLSchema10(str(resource("schemas", name)), defuse="always", allow="local")


@cache
def json_schema(body: Body) -> Validator:
    """The compiled JSON Schema of a body."""
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(resource("schemas", f"{body.value}.schema.json").read_text("utf-8")))


def required_fields(body: Body, version: Version = DEFAULT) -> list[str]:
    """The names of the fields that a body must have in a version, in the order of XML."""
    return [name for name, element in _elements(body, version).items() if element.min_occurs]


def names_of(field: str) -> list[str]:
    """The names that an enumerated field of jobInfo may hold; none where it is not enumerated."""
    return [str(name) for name in getattr(_elements(Body.JOB_INFO, DEFAULT)[field].type, "enumeration", None) or ()]


def xml_types(body: Body, version: Version = DEFAULT) -> dict[str, XsdSimpleType]:
    """The types of a body's elements by their names, in their order."""
    return {name: cast("XsdSimpleType", element.type) for name, element in _elements(body, version).items()}


def json_types(body: Body) -> dict[str, dict[str, Any]]:
    """The schemas of a body's keys by their names, each with what it refers to in the place of the reference."""
    schema = cast("dict[str, Any]", json_schema(body).schema)
    return {name: _resolved(one, schema["$defs"]) for name, one in schema["properties"].items()}


def _resolved(value: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_resolved(one, definitions) for one in value]
    if not isinstance(value, dict):
        return value
    resolved = {key: _resolved(one, definitions) for key, one in value.items()}
    if reference := resolved.pop("$ref", None):
        resolved |= definitions[reference.removeprefix("#/$defs/")]
    return resolved


# XML


@cache
def _elements(body: Body, version: Version) -> Mapping[str, XsdElement]:
    """The children that an XSD wants, in their order."""
    root: Any = xsd(body, version).elements[body.root].type
    return {element.local_name: element for element in root.content.iter_elements()}


def _xml_findings(root: Element, body: Body, version: Version) -> Iterator[Finding]:
    expected_tag = f"{{{NAMESPACE}}}{body.root}"
    if root.tag != expected_tag:
        yield Finding("schema/root", body.root, expected_tag, quoted(root.tag, 200))
        return
    elements = _elements(body, version)
    tags = {f"{{{NAMESPACE}}}{name}" for name in elements}
    known = [child for child in root if child.tag in tags]
    names = [local_name(child.tag) for child in known]
    for child in root:
        if child.tag not in tags:
            name = quoted(local_name(child.tag))
            yield Finding("schema/no-unknown-elements", name, "no such element", quoted(child.tag, 200))
    yield from _doubled(names)
    yield from _missing(required_fields(body, version), names)
    yield from _misplaced(list(elements), list(dict.fromkeys(names)))
    if (root.text or "").strip() or any((child.tail or "").strip() for child in root):
        yield Finding("schema/no-unknown-elements", body.root, "only elements", "text between the elements")
    yield from _attributes(root)
    for child in known:
        yield from _xml_value(child, elements[local_name(child.tag)])


def _doubled(names: list[str]) -> Iterator[Finding]:
    for name, times in Counter(names).items():
        if times > 1:
            yield Finding("schema/no-duplicates", name, "one element of this name", f"{times} of them")


def _missing(required: Iterable[str], names: Iterable[str]) -> Iterator[Finding]:
    present = set(names)
    for name in required:
        if name not in present:
            yield Finding("schema/required-fields", name, "the field", "nothing")


def _misplaced(order: list[str], names: list[str]) -> Iterator[Finding]:
    wanted = sorted(names, key=order.index)
    for got, expected in zip(names, wanted, strict=True):
        if got != expected:
            yield Finding("schema/element-order", got, f"{expected} in this place", f"{got}, out of its order")
            return


def _attributes(root: Element) -> Iterator[Finding]:
    for element in root.iter():
        for name in element.attrib:
            if name not in _LOCATIONS:
                where = local_name(element.tag)
                yield Finding("schema/no-unknown-attributes", where, "no attribute", quoted(name))


def _xml_value(child: Element, declaration: XsdElement) -> Iterator[Finding]:
    name = local_name(child.tag)
    text = child.text or ""
    if len(child):
        yield Finding("schema/field-types", name, "a value", f"an element {quoted(local_name(child[0].tag))}")
        return
    enumeration = getattr(declaration.type, "enumeration", None)
    if enumeration is not None:
        if text not in enumeration:
            yield Finding("schema/enumerations", name, _any_of(enumeration), quoted(text))
    elif not declaration.type.text_is_valid(text) or not _readable(name, text):
        yield Finding("schema/field-types", name, _documentation(declaration), quoted(text))
    elif name in JobInfo.FIELDS and JobInfo.FIELDS[name].kind is WHOLE and not _CANONICAL.fullmatch(text.strip(XML_SPACE)):
        yield Finding("schema/canonical-numbers", name, str(WHOLE.from_xml(text)), quoted(text))


def _readable(name: str, text: str) -> bool:
    """Whether the model reads the text too: xmlschema takes ``1_000``, other digits and other white space as well."""
    field = JobInfo.FIELDS.get(name)
    if field is None:
        return True
    try:
        field.kind.from_xml(text)
    except ValueError:
        return False
    return True


def _documentation(declaration: XsdElement) -> str:
    """What a type is, in its own words: the first sentence of its documentation in the XSD."""
    annotation = declaration.type.annotation
    return _first_sentence(" ".join(str(annotation).split())) if annotation is not None else "a value of its type"


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[a-zZ0-9])\.(?: |$)", text)[0]


def _any_of(names: Iterable[object]) -> str:
    return " or ".join(str(name) for name in names)


# JSON


def _json_findings(reading: Reading, body: Body) -> Iterator[Finding]:
    assert isinstance(reading.document, JsonDocument)
    value = reading.document.value
    if not isinstance(value, dict):
        yield Finding("schema/root", "body", "an object", f"{_json_type(value)}")
        return
    for error in json_schema(body).iter_errors(value):
        yield from _json_finding(error, value)
    job = JobInfo.of(reading)
    for name, item in value.items():
        field = JobInfo.FIELDS.get(name)
        if field is None or item is None:
            continue
        if field.kind is WHOLE and name in job and not _CANONICAL.fullmatch(getattr(item, "text", "")):
            yield Finding("schema/canonical-numbers", name, str(job[name]), quoted(getattr(item, "text", "")))
        if field.kind is INSTANT and name not in job and _fits(item, "Timestamp"):
            yield Finding("schema/field-types", name, "a day that exists", _written(item))


def _json_finding(error: Any, value: dict[str, Any]) -> Iterator[Finding]:
    # Of alternatives, null comes first: what the other one says is meant.
    error = [error, *error.context].pop()
    where = "/".join(map(str, error.absolute_path))
    match error.validator:
        case "required":  # one error a key, and each names just its own
            yield from _missing((name for name in error.validator_value if error.message.startswith(f"'{name}'")), ())
        case "additionalProperties":
            for name in sorted(set(value) - set(error.schema["properties"])):
                yield Finding("schema/no-unknown-keys", quoted(name), "no such key", _written(value[name]))
        case "enum":
            yield Finding("schema/enumerations", where, _any_of(error.validator_value), _written(error.instance))
        case _:
            description = str(error.schema.get("description", "a value of its type"))
            yield Finding("schema/field-types", where, _first_sentence(description), _written(error.instance))


def _written(value: JsonValue) -> str:
    """A value as the body writes it, for a message."""
    return quoted(getattr(value, "text", "") or json.dumps(value, ensure_ascii=False))


def _fits(value: JsonValue, definition: str) -> bool:
    validator: Any = json_schema(Body.JOB_INFO)
    return bool(validator.evolve(schema=validator.schema["$defs"][definition]).is_valid(value))


def _json_type(value: object) -> str:
    names = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")

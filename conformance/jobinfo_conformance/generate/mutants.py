"""Bodies with one departure, in every way that follows from the schemas; those that are still legal are marked as such.

Fields, their order, their types and their limits come from the schemas, so a new field brings its own mutants.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast
from xml.sax.saxutils import escape

from jobinfo_conformance._contract.document import JsonFloat, JsonInt, JsonValue, Reading
from jobinfo_conformance._contract.field_types import INSTANT, XML_SPACE
from jobinfo_conformance._contract.jobinfo import NAMESPACE, JobInfo
from jobinfo_conformance._contract.reader import read
from jobinfo_conformance._contract.schema_findings import schema_findings
from jobinfo_conformance._contract.schemas import Body, json_schema, json_types, required_fields, xml_types
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import DEFAULT, Version
from jobinfo_conformance._escaping import quoted
from jobinfo_conformance.generate.limits import Limits

_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"


@dataclass(frozen=True)
class Mutant:
    """A body with one departure: its name, and the requirement that it breaks, or None if the body is still legal."""

    name: str
    requirement: str | None
    body: bytes


def mutants(body: bytes, kind: Body, version: Version = DEFAULT) -> Iterator[Mutant]:
    """Yield every single departure from a conformant body, in the contract of a version.

    The departures are from what the schemas say of a body, not from what this body says of a job. Each mutant is written
    in the documented layout. Raises ValueError if the body does not conform.
    """
    reading = read(body)
    for finding in schema_findings(reading, kind, version):
        if finding.requirement not in _LAYOUT:
            raise ValueError(f"not a conformant {kind}: {finding.where}: expected {finding.expected}, got {finding.got}")
    made = _XmlMutants(reading, kind, version) if reading.serialization is Serialization.XML else _JsonMutants(reading, kind)
    for name, requirement, mutant in made:
        yield Mutant(name, requirement, mutant)


#: The name of a mutant, the requirement that it breaks, and its body.
_NamedBody = tuple[str, str | None, bytes]
#: A value as it is written, and the requirement that it breaks.
_Value = tuple[str, str | None]

_TYPES, _ENUMERATIONS, _CANONICAL = "schema/field-types", "schema/enumerations", "schema/canonical-numbers"
_REQUIRED, _DUPLICATES = "schema/required-fields", "schema/no-duplicates"
#: Requirements on the layout, which is not kept.
_LAYOUT = frozenset({"schema/default-namespace", "schema/no-doctype"})
_ROOT, _WELL_FORMED, _ATTRIBUTES = "schema/root", "schema/well-formed", "schema/no-unknown-attributes"


def _broken_beyond(limits: Limits) -> str:
    """The requirement that a value beyond its limits breaks."""
    return _ENUMERATIONS if limits.names else _TYPES


def _foreign_fields(kind: Body, known: Collection[str]) -> list[str]:
    """The fields of jobInfo that this kind of jobInfo can't have."""
    return [name for name in JobInfo.FIELDS if name not in known] if kind.root == "jobInfo" else []


# XML


class _XmlMutants:
    """The mutants of an XML body."""

    def __init__(self, reading: Reading, kind: Body, version: Version) -> None:
        self.kind = kind
        self.pairs = [(name, str(value)) for name, value in reading.fields.items()]
        self.required = required_fields(kind, version)
        self.limits = {name: Limits.of_xsd(declared) for name, declared in xml_types(kind, version).items()}

    def __iter__(self) -> Iterator[_NamedBody]:
        for place, (name, value) in enumerate(self.pairs):
            yield from self._field_mutants(place)
            yield from self._element_mutants(place)
            for text, requirement in _xml_values(self.limits[name], value):
                if text != value:
                    yield f"{name} {quoted(text)}", requirement, self._with(place, name, text)
        for name in self.limits:
            if name not in dict(self.pairs):
                yield from self._added_field_mutants(name)
        yield from self._root_mutants()
        yield from self._encoding_mutants()
        yield from self._layout_mutants()

    def _field_mutants(self, place: int) -> Iterator[_NamedBody]:
        """A field that is missing, has another name, occurs twice, or is in another place."""
        pair = name, value = self.pairs[place]
        before, after = self.pairs[:place], self.pairs[place + 1 :]
        is_required = name in self.required
        yield f"{name} missing", _REQUIRED if is_required else None, self._document(before + after)
        renamed = _REQUIRED if is_required else "schema/no-unknown-elements"
        yield f"{name} renamed", renamed, self._document([*before, (f"{name}X", value), *after])
        yield f"{name} doubled", _DUPLICATES, self._document([*before, pair, pair, *after])
        if after:
            yield f"{name} after {after[0][0]}", "schema/element-order", self._document([*before, after[0], pair, *after[1:]])
        if len(after) > 1:
            yield f"{name} last", "schema/element-order", self._document([*before, *after, pair])

    def _element_mutants(self, place: int) -> Iterator[_NamedBody]:
        """A field whose element is in no namespace, has an attribute, or has an element inside."""
        name, value = self.pairs[place]
        plain = _element(name, value)
        bare = _REQUIRED if name in self.required else "schema/no-unknown-elements"
        for what, requirement, dressed in (
            ("in no namespace", bare, plain.replace(">", ' xmlns="">', 1)),
            ("with an attribute", _ATTRIBUTES, plain.replace(">", ' type="x">', 1)),
            ("with xsi:nil", _ATTRIBUTES, plain.replace(">", f' xmlns:xsi="{_INSTANCE}" xsi:nil="true">', 1)),
            ("with an element inside", _TYPES, plain.replace("</", "<x/></", 1)),
        ):
            yield f"{name} {what}", requirement, self._document(self.pairs).replace(plain.encode(), dressed.encode())

    def _added_field_mutants(self, name: str) -> Iterator[_NamedBody]:
        """A field that the body lacks, in its place, with values on both sides of its limits."""
        order = list(self.limits)
        place = sum(order.index(present) < order.index(name) for present, _ in self.pairs)
        for text, requirement in _xml_values(self.limits[name], ""):
            pairs = [*self.pairs[:place], (name, text), *self.pairs[place:]]
            yield f"{name} {quoted(text)}", requirement, self._document(pairs)

    def _root_mutants(self) -> Iterator[_NamedBody]:
        whole, root = self._document(self.pairs), self.kind.root.encode()
        namespace = f' xmlns="{NAMESPACE}"'.encode()
        unknown = "schema/no-unknown-elements"
        yield "an unknown element", unknown, self._document([*self.pairs, ("contentUrl", "x")])
        for name in _foreign_fields(self.kind, self.limits):
            yield f"{name}, which belongs to another body", unknown, self._document([*self.pairs, (name, "0")])
        yield "text between elements", unknown, whole.replace(b"</" + root, b"text</" + root)
        yield "an attribute of the root", _ATTRIBUTES, whole.replace(namespace, namespace + b' type="x"')
        yield "another namespace", _ROOT, whole.replace(namespace, namespace[:-1] + b'/2"')
        yield "no namespace", _ROOT, whole.replace(namespace, b"")
        yield "another root", _ROOT, whole.replace(b"<" + root, b"<batchInfo").replace(b"</" + root, b"</batchInfo")
        yield "a prefixed root", "schema/default-namespace", self._prefixed()
        yield (
            "an undeclared prefix",
            _WELL_FORMED,
            whole.replace(b"<" + root, b"<x:" + root).replace(b"</" + root, b"</x:" + root),
        )
        yield "cut short", _WELL_FORMED, whole.rstrip()[:-1]
        yield "without its last tag", _WELL_FORMED, whole.replace(b"</" + root + b">", b"")
        yield "a second root", _WELL_FORMED, whole + b"<" + root + b"/>"
        yield "no body", _WELL_FORMED, b""
        yield "a bare ampersand", _WELL_FORMED, whole.replace(b"</" + root, b"&</" + root)
        yield "an unquoted attribute", _WELL_FORMED, whole.replace(namespace, namespace.replace(b'"', b""))
        yield "an undeclared entity", _WELL_FORMED, whole.replace(b"</" + root, b"&nbsp;</" + root)
        yield "a declared entity", _WELL_FORMED, whole.replace(b"\n", b"<!DOCTYPE " + root + b' [<!ENTITY a "b">]>', 1)
        yield "a document type", "schema/no-doctype", whole.replace(b"\n", b"<!DOCTYPE " + root + b">", 1)

    def _encoding_mutants(self) -> Iterator[_NamedBody]:
        text = self._document(self.pairs).decode()
        in_utf_16 = text.replace("UTF-8", "UTF-16")
        yield "a byte that is not UTF-8", _WELL_FORMED, text.encode().replace(b"\n</", b"\xff\n</")
        yield "a control character", _WELL_FORMED, text.replace("\n</", "\x01\n</").encode()
        yield "UTF-8 declared as UTF-16", _WELL_FORMED, in_utf_16.encode()
        yield "an unknown encoding", _WELL_FORMED, text.replace("UTF-8", "x-none").encode()
        yield "UTF-16", None, in_utf_16.encode("utf-16")
        yield "a byte order mark", None, codecs.BOM_UTF8 + text.encode()

    def _layout_mutants(self) -> Iterator[_NamedBody]:
        """Other layouts, all of them legal."""
        text = self._document(self.pairs).decode()
        name, value = self.pairs[0]
        for what, laid_out in (
            ("no declaration", text.partition("\n")[2]),
            ("one line", text.replace("\n", "")),
            ("white space in tags", text.replace(f"</{name}>", f"</{name} >")),
            ("single quotes", text.replace('"', "'")),
            ("a comment", text.replace("\n<", "\n<!-- -->\n<")),
            ("a processing instruction", text.replace("\n</", "\n<?x?></")),
            ("a CDATA section", text.replace(_element(name, value), f"<{name}><![CDATA[{value}]]></{name}>")),
            ("a character reference", text.replace(f"<{name}>{value[0]}", f"<{name}>&#{ord(value[0])};")),
            ("xsi:schemaLocation", text.replace("xmlns=", f'xmlns:xsi="{_INSTANCE}" xsi:schemaLocation="x y" xmlns=')),
        ):
            yield what, None, laid_out.encode()

    def _prefixed(self) -> bytes:
        inside = "".join(_element(f"b:{name}", value) for name, value in self.pairs)
        return f'<b:{self.kind.root} xmlns:b="{NAMESPACE}">{inside}</b:{self.kind.root}>'.encode()

    def _with(self, place: int, name: str, value: str) -> bytes:
        return self._document([*self.pairs[:place], (name, value), *self.pairs[place + 1 :]])

    def _document(self, pairs: list[tuple[str, str]]) -> bytes:
        lines = "".join([f"{_element(name, value)}\n" for name, value in pairs])
        root = self.kind.root
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}">\n{lines}</{root}>\n'.encode()


@lru_cache(maxsize=1024)
def _element(name: str, value: str) -> str:
    return f"<{name}>{escape(value)}</{name}>"


def _xml_values(limits: Limits, text: str) -> Iterator[_Value]:
    """Texts near the limits, each with the requirement that it breaks."""
    if limits.is_number:
        for number in limits.numbers():
            yield str(number), None if limits.allow_number(number) else _TYPES
        digits = text.strip(XML_SPACE) or "1"
        yield from ((wrong, _TYPES) for wrong in ("", "x", "1_0", "٣", "0x1", "1e0", "INF", f"{digits}.0", f"{digits}\u00a0"))
        yield from ((odd, _CANONICAL) for odd in (f"0{digits}", f"+{digits}", "-0"))
        yield f" {digits}\n", None
        return
    for other in limits.texts(text):
        yield other, None if limits.allow_text(other) else _broken_beyond(limits)


# JSON


class _JsonMutants:
    """The mutants of a JSON body."""

    def __init__(self, reading: Reading, kind: Body) -> None:
        whole = cast("dict[str, Any]", json_schema(kind).schema)
        self.kind = kind
        self.values = reading.fields
        self.pairs = [(name, _written(value)) for name, value in self.values.items()]
        self.required = whole["required"]
        self.unknown = None if whole.get("additionalProperties", True) else "schema/no-unknown-keys"
        instants = {name for name, field in JobInfo.FIELDS.items() if field.type is INSTANT}
        types = json_types(kind)
        self.limits = {name: Limits.of_json(schema, is_instant=name in instants) for name, schema in types.items()}

    def __iter__(self) -> Iterator[_NamedBody]:
        for place in range(len(self.pairs)):
            yield from self._field_mutants(place)
        for name, limits in self.limits.items():
            for written, requirement in _json_values(limits, self.values.get(name)):
                if (name, written) not in self.pairs:
                    yield f"{name} {quoted(written)}", requirement, _json_object({**dict(self.pairs), name: written}.items())
        yield "an unknown key", self.unknown, _json_object([*self.pairs, ("contentUrl", '"x"')])
        for name in _foreign_fields(self.kind, self.limits):
            yield f"{name}, which belongs to another body", self.unknown, _json_object([*self.pairs, (name, "1")])
        yield from self._shape_mutants()
        yield from self._encoding_mutants()
        yield from self._layout_mutants()

    def _field_mutants(self, place: int) -> Iterator[_NamedBody]:
        """A key that is missing, has another name, or occurs twice; or is in another place, which is legal."""
        pair = name, value = self.pairs[place]
        before, after = self.pairs[:place], self.pairs[place + 1 :]
        is_required = name in self.required
        yield f"{name} missing", _REQUIRED if is_required else None, _json_object(before + after)
        renamed = _REQUIRED if is_required else self.unknown
        yield f"{name} renamed", renamed, _json_object([*before, (f"{name}X", value), *after])
        yield f"{name} doubled", _DUPLICATES, _json_object([*before, pair, pair, *after])
        if after:
            yield f"{name} last", None, _json_object([*before, *after, pair])

    def _shape_mutants(self) -> Iterator[_NamedBody]:
        whole = _json_object(self.pairs)
        yield "an array", _ROOT, b"[" + whole + b"]"
        yield "a string", _ROOT, b'"Closed"'
        yield "null", _ROOT, b"null"
        yield "no body", _WELL_FORMED, b""
        yield "cut short", _WELL_FORMED, whole.rstrip()[:-1]
        yield "a trailing comma", _WELL_FORMED, whole.rstrip()[:-1] + b",}"
        yield "a second object", _WELL_FORMED, whole + b"{}"
        yield "a comment", _WELL_FORMED, whole.replace(b"{", b"{/* a comment */", 1)
        yield "single quotes", _WELL_FORMED, whole.replace(b'"', b"'")
        yield "no quotes", _WELL_FORMED, whole.replace(b'"', b"", 2)
        for constant in ("NaN", "Infinity", "-Infinity", "undefined"):
            yield constant, _WELL_FORMED, _json_object([*self.pairs[:-1], (self.pairs[-1][0], constant)])

    def _encoding_mutants(self) -> Iterator[_NamedBody]:
        whole = _json_object(self.pairs)
        yield "a byte order mark", _WELL_FORMED, codecs.BOM_UTF8 + whole
        yield "UTF-16", _WELL_FORMED, whole.decode().encode("utf-16")
        yield "a byte that is not UTF-8", _WELL_FORMED, whole.replace(b'{"', b'{"\xff', 1)
        yield "a control character", _WELL_FORMED, whole.replace(b'{"', b'{"\x01', 1)

    def _layout_mutants(self) -> Iterator[_NamedBody]:
        """Other layouts, all of them legal."""
        whole = _json_object(self.pairs)
        yield "one line", None, whole.replace(b"\n", b"")
        yield "white space", None, whole.replace(b"\n", b"\r\n\t  ")
        yield "an escaped character", None, whole.replace(whole[1:3], b'"\\u%04X' % whole[2], 1)


def _json_object(pairs: Iterable[tuple[str, str]]) -> bytes:
    return ("{" + ",\n".join(_member(name, value) for name, value in pairs) + "}\n").encode()


@lru_cache(maxsize=1024)
def _member(name: str, value: str) -> str:
    return f"{json.dumps(name)}: {value}"


def _written(value: JsonValue) -> str:
    """A value as it was written, which numbers remember."""
    return value.text if isinstance(value, (JsonInt, JsonFloat)) else json.dumps(value)


def _json_values(limits: Limits, value: JsonValue) -> Iterator[_Value]:
    """JSON texts of every type, and near the limits, each with the requirement that it breaks."""
    examples = {"null": "null", "boolean": "true", "number": "0.5", "string": '"x"', "array": "[]", "object": "{}"}
    yield from ((example, _broken_beyond(limits)) for kind, example in examples.items() if kind not in limits.types)
    if "null" in limits.types:
        yield "null", None
    if "boolean" in limits.types:
        yield from (("true", None), ("false", None))
    if {"number", "string"} <= limits.types:
        yield from (("0", None), ("1", None), ("0.5", None))
    if "string" in limits.types:
        for text in limits.texts(value if isinstance(value, str) else ""):
            yield json.dumps(text), None if limits.allow_text(text) else _broken_beyond(limits)
    if limits.is_number:
        yield from _json_numbers(limits, str(int(value)) if isinstance(value, (int, float)) else "1")


def _json_numbers(limits: Limits, plain: str) -> Iterator[_Value]:
    for number in limits.numbers():
        yield str(number), None if limits.allow_number(number) else _TYPES
    yield from ((wrong, _TYPES) for wrong in (f'"{plain}"', f"{plain}.25", "1e400"))
    yield from ((wrong, _WELL_FORMED) for wrong in (f"0{plain}", f"+{plain}", f"{plain}.", "0x1", "٣"))
    forms = (f"{plain}.0", f"{plain}.00", f"{plain}e0")
    if "integer" in limits.types:
        yield from ((odd, _CANONICAL) for odd in (*forms, "-0"))
    else:
        yield from ((same, None) for same in (*forms, plain))

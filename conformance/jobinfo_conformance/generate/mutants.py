"""Bodies with one departure, in each way that the schemas yield; those that are in truth still legal are marked as such.

Fields, their order, their types and the limits of those come from the schemas, so a new field brings its own mutants.
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
from jobinfo_conformance._contract.field_types import INSTANT
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
    """A body with one departure: what it is, and the requirement that it breaks; None where it is legal all the same."""

    name: str
    requirement: str | None
    body: bytes


def mutants(body: bytes, kind: Body, version: Version = DEFAULT) -> Iterator[Mutant]:
    """Yield every single departure from a conformant body, in the contract of a version.

    The departures are of the body as the schemas know it: what it says of a job is no matter here. Each is written in
    the documented layout. Raises ValueError where the body does not conform.
    """
    reading = read(body)
    for finding in schema_findings(reading, kind, version):
        if finding.requirement not in _LAYOUT:
            raise ValueError(f"no conformant {kind}: {finding.where}: expected {finding.expected}, got {finding.got}")
    made = _Xml(reading, kind, version) if reading.serialization is Serialization.XML else _Json(reading, kind)
    for name, requirement, mutant in made:
        yield Mutant(name, requirement, mutant)


_Named = tuple[str, str | None, bytes]
#: A value as it is written, and the requirement that it breaks.
_Value = tuple[str, str | None]

_TYPES, _NAMES, _PLAIN = "schema/field-types", "schema/enumerations", "schema/canonical-numbers"
_REQUIRED, _TWICE = "schema/required-fields", "schema/no-duplicates"
#: What is of the layout, which is written anew.
_LAYOUT = frozenset({"schema/default-namespace", "schema/no-doctype"})
_ROOT, _FORMED, _ATTRIBUTES = "schema/root", "schema/well-formed", "schema/no-unknown-attributes"


def _unlike(limits: Limits) -> str:
    """The requirement that a value beyond its limits breaks."""
    return _NAMES if limits.names else _TYPES


def _elsewhere(kind: Body, known: Collection[str]) -> list[str]:
    """The fields of jobInfo that a body of it can't have."""
    return [name for name in JobInfo.FIELDS if name not in known] if kind.root == "jobInfo" else []


# XML


class _Xml:
    """The mutants of an XML body."""

    def __init__(self, reading: Reading, kind: Body, version: Version) -> None:
        self.kind = kind
        self.pairs = [(name, str(value)) for name, value in reading.fields.items()]
        self.required = required_fields(kind, version)
        self.limits = {name: Limits.of_xsd(declared) for name, declared in xml_types(kind, version).items()}

    def __iter__(self) -> Iterator[_Named]:
        for place, (name, value) in enumerate(self.pairs):
            yield from self._placed(place)
            yield from self._dressed(place)
            for text, requirement in _xml_values(self.limits[name], value):
                if text != value:
                    yield f"{name} {quoted(text)}", requirement, self._with(place, name, text)
        for name in self.limits:
            if name not in dict(self.pairs):
                yield from self._added(name)
        yield from self._rooted()
        yield from self._encoded()
        yield from self._laid_out()

    def _placed(self, place: int) -> Iterator[_Named]:
        """A field that is missing, has another name, stands twice, or stands elsewhere."""
        pair = name, value = self.pairs[place]
        before, after = self.pairs[:place], self.pairs[place + 1 :]
        is_required = name in self.required
        yield f"{name} missing", _REQUIRED if is_required else None, self._of(before + after)
        renamed = _REQUIRED if is_required else "schema/no-unknown-elements"
        yield f"{name} renamed", renamed, self._of([*before, (f"{name}X", value), *after])
        yield f"{name} doubled", _TWICE, self._of([*before, pair, pair, *after])
        if after:
            yield f"{name} after {after[0][0]}", "schema/element-order", self._of([*before, after[0], pair, *after[1:]])
        if len(after) > 1:
            yield f"{name} last", "schema/element-order", self._of([*before, *after, pair])

    def _dressed(self, place: int) -> Iterator[_Named]:
        """A field whose element is another one: in no namespace, with an attribute, with an element inside."""
        name, value = self.pairs[place]
        plain = _element(name, value)
        bare = _REQUIRED if name in self.required else "schema/no-unknown-elements"
        for what, requirement, dressed in (
            ("in no namespace", bare, plain.replace(">", ' xmlns="">', 1)),
            ("with an attribute", _ATTRIBUTES, plain.replace(">", ' type="x">', 1)),
            ("with xsi:nil", _ATTRIBUTES, plain.replace(">", f' xmlns:xsi="{_INSTANCE}" xsi:nil="true">', 1)),
            ("with an element inside", _TYPES, plain.replace("</", "<x/></", 1)),
        ):
            yield f"{name} {what}", requirement, self._of(self.pairs).replace(plain.encode(), dressed.encode())

    def _added(self, name: str) -> Iterator[_Named]:
        """A field that the body does not have, in its place, with values on both sides of its limits."""
        order = list(self.limits)
        place = sum(order.index(one) < order.index(name) for one, _ in self.pairs)
        for text, requirement in _xml_values(self.limits[name], ""):
            pairs = [*self.pairs[:place], (name, text), *self.pairs[place:]]
            yield f"{name} {quoted(text)}", requirement, self._of(pairs)

    def _rooted(self) -> Iterator[_Named]:
        whole, root = self._of(self.pairs), self.kind.root.encode()
        namespace = f' xmlns="{NAMESPACE}"'.encode()
        unknown = "schema/no-unknown-elements"
        yield "an unknown element", unknown, self._of([*self.pairs, ("contentUrl", "x")])
        for name in _elsewhere(self.kind, self.limits):
            yield f"{name}, which is not of this body", unknown, self._of([*self.pairs, (name, "0")])
        yield "text between elements", unknown, whole.replace(b"</" + root, b"text</" + root)
        yield "an attribute of the root", _ATTRIBUTES, whole.replace(namespace, namespace + b' type="x"')
        yield "another namespace", _ROOT, whole.replace(namespace, namespace[:-1] + b'/2"')
        yield "no namespace", _ROOT, whole.replace(namespace, b"")
        yield "another root", _ROOT, whole.replace(b"<" + root, b"<batchInfo").replace(b"</" + root, b"</batchInfo")
        yield "a prefixed root", "schema/default-namespace", self._prefixed()
        yield "an undeclared prefix", _FORMED, whole.replace(b"<" + root, b"<x:" + root).replace(b"</" + root, b"</x:" + root)
        yield "cut short", _FORMED, whole.rstrip()[:-1]
        yield "without its last tag", _FORMED, whole.replace(b"</" + root + b">", b"")
        yield "a second root", _FORMED, whole + b"<" + root + b"/>"
        yield "no body", _FORMED, b""
        yield "a bare ampersand", _FORMED, whole.replace(b"</" + root, b"&</" + root)
        yield "an unquoted attribute", _FORMED, whole.replace(namespace, namespace.replace(b'"', b""))
        yield "an undeclared entity", _FORMED, whole.replace(b"</" + root, b"&nbsp;</" + root)
        yield "a declared entity", _FORMED, whole.replace(b"\n", b"<!DOCTYPE " + root + b' [<!ENTITY a "b">]>', 1)
        yield "a document type", "schema/no-doctype", whole.replace(b"\n", b"<!DOCTYPE " + root + b">", 1)

    def _encoded(self) -> Iterator[_Named]:
        text = self._of(self.pairs).decode()
        in_utf_16 = text.replace("UTF-8", "UTF-16")
        yield "a byte that is no UTF-8", _FORMED, text.encode().replace(b"\n</", b"\xff\n</")
        yield "a control character", _FORMED, text.replace("\n</", "\x01\n</").encode()
        yield "UTF-8 that is called UTF-16", _FORMED, in_utf_16.encode()
        yield "an encoding that nobody knows", _FORMED, text.replace("UTF-8", "x-none").encode()
        yield "UTF-16", None, in_utf_16.encode("utf-16")
        yield "a byte order mark", None, codecs.BOM_UTF8 + text.encode()

    def _laid_out(self) -> Iterator[_Named]:
        """Other layouts, all of them legal."""
        text = self._of(self.pairs).decode()
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
        return self._of([*self.pairs[:place], (name, value), *self.pairs[place + 1 :]])

    def _of(self, pairs: list[tuple[str, str]]) -> bytes:
        lines = "".join([f"{_element(name, value)}\n" for name, value in pairs])
        root = self.kind.root
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}">\n{lines}</{root}>\n'.encode()


@lru_cache(maxsize=1024)
def _element(name: str, value: str) -> str:
    return f"<{name}>{escape(value)}</{name}>"


def _xml_values(limits: Limits, text: str) -> Iterator[_Value]:
    """Texts near the limits, and the requirement that each breaks."""
    if limits.is_number:
        for number in limits.numbers():
            yield str(number), None if limits.allow_number(number) else _TYPES
        digits = text or "1"
        yield from ((wrong, _TYPES) for wrong in ("", "x", "1_0", "٣", "0x1", "1e0", "INF", f"{digits}.0", f"{digits}\u00a0"))
        yield from ((odd, _PLAIN) for odd in (f"0{digits}", f"+{digits}", "-0"))
        yield f" {digits}\n", None
        return
    for other in limits.texts(text):
        yield other, None if limits.allow_text(other) else _unlike(limits)


# JSON


class _Json:
    """The mutants of a JSON body."""

    def __init__(self, reading: Reading, kind: Body) -> None:
        schema = cast("dict[str, Any]", json_schema(kind).schema)
        self.kind = kind
        self.values = reading.fields
        self.pairs = [(name, _written(value)) for name, value in self.values.items()]
        self.required = schema["required"]
        self.unknown = None if schema.get("additionalProperties", True) else "schema/no-unknown-keys"
        instants = {name for name, field in JobInfo.FIELDS.items() if field.type is INSTANT}
        types = json_types(kind)
        self.limits = {name: Limits.of_json(one, is_instant=name in instants) for name, one in types.items()}

    def __iter__(self) -> Iterator[_Named]:
        for place in range(len(self.pairs)):
            yield from self._placed(place)
        for name, limits in self.limits.items():
            for written, requirement in _json_values(limits, self.values.get(name)):
                if (name, written) not in self.pairs:
                    yield f"{name} {quoted(written)}", requirement, _object({**dict(self.pairs), name: written}.items())
        yield "an unknown key", self.unknown, _object([*self.pairs, ("contentUrl", '"x"')])
        for name in _elsewhere(self.kind, self.limits):
            yield f"{name}, which is not of this body", self.unknown, _object([*self.pairs, (name, "0")])
        yield from self._shaped()
        yield from self._encoded()
        yield from self._laid_out()

    def _placed(self, place: int) -> Iterator[_Named]:
        """A key that is missing, has another name, or stands twice; or elsewhere, which is legal."""
        pair = name, value = self.pairs[place]
        before, after = self.pairs[:place], self.pairs[place + 1 :]
        is_required = name in self.required
        yield f"{name} missing", _REQUIRED if is_required else None, _object(before + after)
        renamed = _REQUIRED if is_required else self.unknown
        yield f"{name} renamed", renamed, _object([*before, (f"{name}X", value), *after])
        yield f"{name} doubled", _TWICE, _object([*before, pair, pair, *after])
        if after:
            yield f"{name} last", None, _object([*before, *after, pair])

    def _shaped(self) -> Iterator[_Named]:
        whole = _object(self.pairs)
        yield "an array", _ROOT, b"[" + whole + b"]"
        yield "a string", _ROOT, b'"Closed"'
        yield "null", _ROOT, b"null"
        yield "no body", _FORMED, b""
        yield "cut short", _FORMED, whole.rstrip()[:-1]
        yield "a comma too much", _FORMED, whole.rstrip()[:-1] + b",}"
        yield "a second object", _FORMED, whole + b"{}"
        yield "a comment", _FORMED, whole.replace(b"{", b"{/* a comment */", 1)
        yield "single quotes", _FORMED, whole.replace(b'"', b"'")
        yield "no quotes", _FORMED, whole.replace(b'"', b"", 2)
        for constant in ("NaN", "Infinity", "-Infinity", "undefined"):
            yield constant, _FORMED, _object([*self.pairs[:-1], (self.pairs[-1][0], constant)])

    def _encoded(self) -> Iterator[_Named]:
        whole = _object(self.pairs)
        yield "a byte order mark", _FORMED, codecs.BOM_UTF8 + whole
        yield "UTF-16", _FORMED, whole.decode().encode("utf-16")
        yield "a byte that is no UTF-8", _FORMED, whole.replace(b'{"', b'{"\xff', 1)
        yield "a control character", _FORMED, whole.replace(b'{"', b'{"\x01', 1)

    def _laid_out(self) -> Iterator[_Named]:
        """Other layouts, all of them legal."""
        whole = _object(self.pairs)
        yield "one line", None, whole.replace(b"\n", b"")
        yield "white space", None, whole.replace(b"\n", b"\r\n\t  ")
        yield "an escaped character", None, whole.replace(whole[1:3], b'"\\u%04X' % whole[2], 1)


def _object(pairs: Iterable[tuple[str, str]]) -> bytes:
    return ("{" + ",\n".join(_member(name, value) for name, value in pairs) + "}\n").encode()


@lru_cache(maxsize=1024)
def _member(name: str, value: str) -> str:
    return f"{json.dumps(name)}: {value}"


def _written(value: JsonValue) -> str:
    """A value as it was written: numbers remember it."""
    return value.text if isinstance(value, (JsonInt, JsonFloat)) else json.dumps(value)


def _json_values(limits: Limits, value: JsonValue) -> Iterator[_Value]:
    """JSON texts of every type and near the limits, and the requirement that each breaks."""
    examples = {"null": "null", "boolean": "true", "number": "0.5", "string": '"x"', "array": "[]", "object": "{}"}
    yield from ((example, _unlike(limits)) for one, example in examples.items() if one not in limits.types)
    if "null" in limits.types:
        yield "null", None
    if "boolean" in limits.types:
        yield from (("true", None), ("false", None))
    if "string" in limits.types:
        for text in limits.texts(value if isinstance(value, str) else ""):
            yield json.dumps(text), None if limits.allow_text(text) else _unlike(limits)
    if limits.is_number:
        yield from _json_numbers(limits, str(int(value)) if isinstance(value, (int, float)) else "1")


def _json_numbers(limits: Limits, plain: str) -> Iterator[_Value]:
    for number in limits.numbers():
        yield str(number), None if limits.allow_number(number) else _TYPES
    yield from ((wrong, _TYPES) for wrong in (f'"{plain}"', f"{plain}.25", "1e400"))
    yield from ((wrong, _FORMED) for wrong in (f"0{plain}", f"+{plain}", f"{plain}.", "0x1", "٣"))
    forms = (f"{plain}.0", f"{plain}.00", f"{plain}e0")
    if "integer" in limits.types:
        yield from ((odd, _PLAIN) for odd in (*forms, "-0"))
    else:
        yield from ((same, None) for same in (*forms, plain))

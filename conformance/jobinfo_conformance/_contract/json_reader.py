"""The strict reader of JSON, by RFC 8259: duplicate keys, NaN and byte order marks are findings."""

from __future__ import annotations

import codecs
import json
from typing import NoReturn

from jobinfo_conformance._contract.document import DEEPEST, JsonDocument, JsonFloat, JsonInt, JsonValue, Reading
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._escaping import quoted
from jobinfo_conformance._files.json_text import breaks_off, line_and_column, position_of
from jobinfo_conformance._finding import Finding


class _NotJson(ValueError):
    """The body holds a constant that Python reads but JSON lacks."""


class _TooDeep(ValueError):
    """Values nest more than `DEEPEST` levels deep."""


def read_json(body: bytes) -> Reading:
    """Read a JSON body, which is UTF-8 without a byte order mark whatever its headers say (RFC 8259, 8.1)."""
    findings: list[Finding] = []
    if body.startswith(codecs.BOM_UTF8):
        findings.append(_malformed("JSON without a byte order mark", "a UTF-8 byte order mark", "body"))
        body = body.removeprefix(codecs.BOM_UTF8)
    try:
        document = JsonDocument(_parse(body, findings))
    except (ValueError, RecursionError) as error:
        findings.append(_as_finding(error))
        return Reading(Serialization.JSON, None, tuple(findings))
    return Reading(Serialization.JSON, document, tuple(findings))


def _parse(body: bytes, findings: list[Finding]) -> JsonValue:
    def pairs(items: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
        value: dict[str, JsonValue] = {}
        for key, item in items:
            if key in value:
                findings.append(Finding("schema/no-duplicates", "one key with this name", "a duplicate", quoted(key)))
            value.setdefault(key, item)
        return value

    value: JsonValue = json.loads(
        body.decode("utf-8"),
        object_pairs_hook=pairs,
        parse_int=JsonInt,
        parse_float=JsonFloat,
        parse_constant=_refuse_constant,
    )
    _refuse_depth(value)
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise _NotJson(name)


def _refuse_depth(value: JsonValue) -> None:
    level: list[JsonValue] = [value]
    for _ in range(DEEPEST + 1):
        containers = [item for item in level if isinstance(item, (dict, list))]
        level = [item for inner in containers for item in (inner.values() if isinstance(inner, dict) else inner)]
    if level:
        raise _TooDeep


def _as_finding(error: Exception) -> Finding:
    """Turn the exception of a parser into a finding."""
    if isinstance(error, UnicodeDecodeError):
        return _malformed("JSON in UTF-8", f"byte 0x{error.object[error.start]:02x}", f"byte {error.start}")
    if isinstance(error, json.JSONDecodeError):
        position = position_of(error)
        line, column = line_and_column(error.doc, position)
        got = "the end" if breaks_off(error) else quoted(error.doc[position])
        return _malformed("JSON", got, f"line {line} column {column}")
    if isinstance(error, _NotJson):
        return _malformed("a JSON number", str(error), "body")
    return _malformed("one flat object", f"values nested more than {DEEPEST} levels deep", "body")


def _malformed(expected: str, got: str, where: str) -> Finding:
    return Finding("schema/well-formed", expected, got, where)

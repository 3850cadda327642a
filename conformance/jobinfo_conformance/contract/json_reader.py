"""The strict reader of JSON: RFC 8259, with doubled keys, NaN and byte order marks as findings."""

from __future__ import annotations

import codecs
import json
from typing import NoReturn

from jobinfo_conformance.contract.reading import (
    DEEPEST,
    Finding,
    JsonDocument,
    JsonFloat,
    JsonInt,
    JsonValue,
    Reading,
    Serialization,
    quoted,
)


class _NotJson(ValueError):
    """The body holds a constant that Python reads and JSON does not have."""


class _TooDeep(ValueError):
    """Values nest deeper than anything should walk."""


def read_json(body: bytes) -> Reading:
    """Read a JSON body, which is UTF-8 without a byte order mark whatever its headers say (RFC 8259, 8.1)."""
    findings: list[Finding] = []
    if body.startswith(codecs.BOM_UTF8):
        findings.append(_malformed("body", "JSON without a byte order mark", "a UTF-8 byte order mark"))
        body = body.removeprefix(codecs.BOM_UTF8)
    try:
        document = JsonDocument(_parse(body, findings))
    except (ValueError, RecursionError) as error:
        findings.append(_why(error))
        return Reading(Serialization.JSON, None, tuple(findings))
    return Reading(Serialization.JSON, document, tuple(findings))


def _parse(body: bytes, findings: list[Finding]) -> JsonValue:
    def pairs(items: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
        value: dict[str, JsonValue] = {}
        for key, item in items:
            if key in value:
                findings.append(Finding("schema/no-duplicates", quoted(key), "one key of this name", "the key again"))
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
        containers = [one for one in level if isinstance(one, (dict, list))]
        level = [item for one in containers for item in (one.values() if isinstance(one, dict) else one)]
    if level:
        raise _TooDeep


def _why(error: Exception) -> Finding:
    """The finding that a parser's exception stands for."""
    if isinstance(error, UnicodeDecodeError):
        return _malformed(f"byte {error.start}", "JSON in UTF-8", f"byte 0x{error.object[error.start]:02x}")
    if isinstance(error, json.JSONDecodeError):
        return _malformed(f"line {error.lineno} column {error.colno}", "JSON", error.msg)
    if isinstance(error, _NotJson):
        return _malformed("body", "a number that JSON has", str(error))
    return _malformed("body", "one flat object", f"values nested more than {DEEPEST} deep")


def _malformed(where: str, expected: str, got: str) -> Finding:
    return Finding("schema/well-formed", where, expected, got)

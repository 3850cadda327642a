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


def read_json(body: bytes) -> Reading:
    """Read a JSON body, which is UTF-8 without a byte order mark whatever its headers say (RFC 8259, 8.1)."""
    findings: list[Finding] = []

    def found(requirement: str, where: str, expected: str, got: str) -> None:
        findings.append(Finding(requirement, where, expected, got))

    def pairs(items: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
        value: dict[str, JsonValue] = {}
        for key, item in items:
            if key in value:
                found("schema/no-duplicates", quoted(key), "one key of this name", "the key again")
            value.setdefault(key, item)
        return value

    if body.startswith(codecs.BOM_UTF8):
        found("schema/well-formed", "body", "JSON without a byte order mark", "a UTF-8 byte order mark")
        body = body.removeprefix(codecs.BOM_UTF8)
    value: JsonValue = None
    readable = False
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=pairs,
            parse_int=JsonInt,
            parse_float=JsonFloat,
            parse_constant=_refuse_constant,
        )
        if not _flat_enough(value):
            raise RecursionError
        readable = True
    except UnicodeDecodeError as error:
        found("schema/well-formed", f"byte {error.start}", "JSON in UTF-8", f"byte 0x{body[error.start]:02x}")
    except json.JSONDecodeError as error:
        found("schema/well-formed", f"line {error.lineno} column {error.colno}", "JSON", error.msg)
    except _NotJson as error:
        found("schema/well-formed", "body", "a number that JSON has", str(error))
    except RecursionError:
        found("schema/well-formed", "body", "one flat object", f"values nested more than {DEEPEST} deep")
    return Reading(Serialization.JSON, JsonDocument(value) if readable else None, tuple(findings))


def _flat_enough(value: JsonValue) -> bool:
    """Whether values nest at most `DEEPEST` deep, so that whatever walks them later can."""
    level: list[JsonValue] = [value]
    for _ in range(DEEPEST + 1):
        containers = [one for one in level if isinstance(one, (dict, list))]
        level = [item for one in containers for item in (one.values() if isinstance(one, dict) else one)]
    return not level


def _refuse_constant(name: str) -> NoReturn:
    raise _NotJson(name)

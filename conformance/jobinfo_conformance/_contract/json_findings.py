"""What the JSON Schema of a body finds in a JSON document, by requirement."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from jobinfo_conformance._contract.document import JsonValue, Reading
from jobinfo_conformance._contract.field_types import INSTANT, WHOLE
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.schemas import Body, json_schema
from jobinfo_conformance._contract.xml_findings import CANONICAL, first_sentence, missing
from jobinfo_conformance._escaping import quoted
from jobinfo_conformance._finding import Finding

if TYPE_CHECKING:
    from jsonschema.protocols import Validator


def json_findings(reading: Reading, value: JsonValue, body: Body) -> Iterator[Finding]:
    """Yield what is wrong with a value as a body; if it is not an object, only that."""
    if not isinstance(value, dict):
        yield Finding("schema/root", "an object", _json_type(value), "body")
        return
    if _is_clean(value, body):
        return
    for error in json_schema(body).iter_errors(value):
        yield from _error_findings(error, value)
    job = JobInfo.of(reading)
    for name, item in value.items():
        field = JobInfo.FIELDS.get(name)
        if field is None or item is None:
            continue
        if field.type is WHOLE and name in job and not CANONICAL.fullmatch(getattr(item, "text", "")):
            yield Finding("schema/canonical-numbers", str(job[name]), quoted(getattr(item, "text", "")), name)
        if field.type is INSTANT and name not in job and _fits(item, "Timestamp"):
            yield Finding("schema/field-types", "a date that exists", _written(item), name)


def _is_clean(value: dict[str, JsonValue], body: Body) -> bool:
    """Whether an object has nothing wrong: quick to tell, and true of most. The others get a slower look."""
    schema: Any = json_schema(body).schema
    if not schema["properties"].keys() >= value.keys() >= set(schema["required"]):
        return False
    return all(
        not isinstance(item, (list, dict)) and _is_clean_value(body, name, type(item).__name__, getattr(item, "text", ""), item)
        for name, item in value.items()
    )


@lru_cache(maxsize=4096)
def _is_clean_value(body: Body, name: str, kind: str, text: str, item: Any) -> bool:  # noqa: ARG001
    """Whether the value of a key has nothing wrong. Most values recur; ``kind`` keeps 1, 1.0 and true apart in the cache."""
    field = JobInfo.FIELDS.get(name)
    if field is not None and field.type is WHOLE and item is not None and not CANONICAL.fullmatch(text):
        return False
    if field is not None and field.type is INSTANT and item is not None:
        try:
            field.type.from_json(item)
        except ValueError:
            return False
    return _validator(body, name).is_valid(item)


@cache
def _validator(body: Body, name: str) -> Validator:
    """The compiled schema of a key."""
    whole: Any = json_schema(body)
    validator: Validator = whole.evolve(schema=whole.schema["properties"][name])
    return validator


def _error_findings(error: Any, value: dict[str, Any]) -> Iterator[Finding]:
    """Turn an error of the validator into findings."""
    # Where a value has two alternatives, the first is null: report the error of the second.
    error = [error, *(error.context or ())].pop()
    where = "/".join(map(str, error.absolute_path))
    match error.validator:
        case "required":
            yield from missing(error.validator_value, error.instance)
        case "additionalProperties":
            for name in sorted(set(value) - set(error.schema["properties"])):
                yield Finding("schema/no-unknown-keys", "no such key", _written(value[name]), quoted(name))
        case "enum":
            yield Finding("schema/enumerations", " or ".join(map(str, error.validator_value)), _written(error.instance), where)
        case _:
            description = str(error.schema.get("description", "a value of its type"))
            yield Finding("schema/field-types", first_sentence(description), _written(error.instance), where)


def _written(value: JsonValue) -> str:
    """A value as the body writes it, for a message."""
    return quoted(getattr(value, "text", "") or json.dumps(value, ensure_ascii=False))


def _fits(value: JsonValue, definition: str) -> bool:
    validator: Any = json_schema(Body.JOB_INFO)
    return bool(validator.evolve(schema=validator.schema["$defs"][definition]).is_valid(value))


def _json_type(value: object) -> str:
    names = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")

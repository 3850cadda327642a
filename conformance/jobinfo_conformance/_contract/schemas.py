"""The compiled schemas of schemas/, and what they declare.

They are the source of the names, order and types of fields.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from jobinfo_conformance._contract.versions import DEFAULT, TIMES_SINCE, Version
from jobinfo_conformance._resources import resource

if TYPE_CHECKING:
    from jsonschema.protocols import Validator
    from xmlschema import XMLSchema
    from xmlschema.validators import XsdElement, XsdSimpleType


class Body(StrEnum):
    """What a body is meant to be; the value names its schema files."""

    CREATE_REQUEST = "create-request"
    CLOSE_REQUEST = "close-request"
    ABORT_REQUEST = "abort-request"
    JOB_INFO = "jobinfo"
    ERROR = "error"

    @property
    def root(self) -> str:
        """The local name of the root in XML."""
        return "error" if self is Body.ERROR else "jobInfo"


def xsd(body: Body, version: Version = DEFAULT) -> XMLSchema:
    """The compiled XSD of a body in a version."""
    late = body is not Body.JOB_INFO or version >= TIMES_SINCE
    return _xsd(f"{body.value}.xsd" if late else f"{body.value}-17.0.xsd")


@cache
def _xsd(name: str) -> XMLSchema:
    from xmlschema import XMLSchema10

    # Not validated against the schema for schemas, which takes as long as building it: the tests do that.
    return XMLSchema10(str(resource("schemas", name)), validation="skip", defuse="always", allow="local")


@cache
def json_schema(body: Body) -> Validator:
    """The compiled JSON Schema of a body, with references resolved: looking one up takes longer than checking what it says."""
    from jsonschema import Draft202012Validator

    schema = json.loads(resource("schemas", f"{body.value}.schema.json").read_text("utf-8"))
    return Draft202012Validator(_resolved(schema, schema["$defs"]))


def elements(body: Body, version: Version = DEFAULT) -> Mapping[str, XsdElement]:
    """The children that an XSD declares for the root of a body, by name and in order."""
    return _elements(xsd(body, version), body.root)


@cache
def _elements(schema: XMLSchema, root: str) -> Mapping[str, XsdElement]:
    declared: Any = schema.elements[root].type
    return {element.local_name: element for element in declared.content.iter_elements()}


def required_fields(body: Body, version: Version = DEFAULT) -> list[str]:
    """The names of the fields that a body must have in a version, in the order of XML."""
    return [name for name, element in elements(body, version).items() if element.min_occurs]


def names_of(field: str) -> list[str]:
    """The names that an enumerated field of jobInfo may hold; empty for any other field."""
    return [str(name) for name in getattr(elements(Body.JOB_INFO)[field].type, "enumeration", None) or ()]


def xml_types(body: Body, version: Version = DEFAULT) -> dict[str, XsdSimpleType]:
    """The types of a body's elements, by name and in order."""
    return {name: cast("XsdSimpleType", element.type) for name, element in elements(body, version).items()}


def json_types(body: Body) -> dict[str, dict[str, Any]]:
    """The schemas of a body's keys, by name."""
    schema = cast("dict[str, Any]", json_schema(body).schema)
    types: dict[str, dict[str, Any]] = schema["properties"]
    return types


def required_keys(body: Body) -> list[str]:
    """The keys that a body must have in JSON."""
    schema = cast("dict[str, Any]", json_schema(body).schema)
    names: list[str] = schema["required"]
    return names


def _resolved(value: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_resolved(item, definitions) for item in value]
    if not isinstance(value, dict):
        return value
    resolved = {key: _resolved(item, definitions) for key, item in value.items()}
    if reference := resolved.pop("$ref", None):
        resolved |= definitions[reference.removeprefix("#/$defs/")]
    return resolved

"""Manners of JSON: how an object is laid out, and which optional keys it has."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from typing import Any

from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._reference.manners.manner import Manner, after
from jobinfo_conformance._reference.service import Service

_ORDER, _WHITE_SPACE, _ESCAPES, _VERSION = "the order of keys", "white space in JSON", "escapes", "how a version is written"
_FAST_PATH, _OPTIONAL = "fastPathEnabled", "optional keys"

_OPTIONAL_TEXTS = ("externalIdFieldName", "assignmentRuleId")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')

Json = dict[str, Any]


def of_object(*settles: str) -> Callable[[Callable[[Json], Json]], Manner]:
    """Turn a function into a manner that changes the keys and values of each object that is answered."""

    def made(change: Callable[[Json], Json]) -> Manner:
        def changed(document: bytes) -> bytes:
            value = json.loads(document)
            return (json.dumps(change(value), indent=1) + "\n").encode()

        changed.__name__, changed.__doc__ = change.__name__, change.__doc__
        return after(Service.json_layout, *settles)(changed)

    return made


def _relaid(document: bytes, **layout: Any) -> bytes:
    return json.dumps(json.loads(document), **layout).encode()


# Order


@of_object(_ORDER)
def keys_in_the_order_of_xml(value: Json) -> Json:
    """Keys in JSON are in the order that XML has."""
    places = {name: place for place, name in enumerate(JobInfo.FIELDS)}
    return dict(sorted(value.items(), key=lambda item: places.get(item[0], 0)))


@of_object(_ORDER)
def keys_backwards(value: Json) -> Json:
    """Keys in JSON are in reverse alphabetical order."""
    return dict(sorted(value.items(), reverse=True))


@of_object(_ORDER)
def keys_at_random(value: Json) -> Json:
    """Keys in JSON are in a different order in each answer."""
    keys = list(value)
    random.Random(json.dumps(value)).shuffle(keys)  # noqa: S311  # no secret depends on it
    return {key: value[key] for key in keys}


# Layout


@after(Service.json_layout, _WHITE_SPACE)
def compact_json(document: bytes) -> bytes:
    """JSON has no white space at all."""
    return _relaid(document, separators=(",", ":"))


@after(Service.json_layout, _WHITE_SPACE)
def wide_json(document: bytes) -> bytes:
    """JSON is indented with tabs, has spaces around colons and commas, and blank lines at both ends."""
    return b"\r\n \t" + _relaid(document, indent="\t", separators=(" , ", " : ")).replace(b"\n", b"\r\n") + b"\n\n"


@after(Service.json_layout, _ESCAPES)
def escaped_json(document: bytes) -> bytes:
    """Every character of the strings and keys in JSON is escaped."""

    def escaped(match: re.Match[str]) -> str:
        return json.dumps("".join(f"<{ord(char):04x}>" for char in json.loads(match[0]))).replace("<", r"\u").replace(">", "")

    return _STRING.sub(escaped, document.decode()).encode()


@after(Service.json_layout, _ESCAPES)
def unescaped_json(document: bytes) -> bytes:
    """Nothing in JSON is escaped that need not be."""
    return _relaid(document, indent=1, ensure_ascii=False)


# Values


@after(Service.json_layout, _VERSION)
def whole_api_version(document: bytes) -> bytes:
    """apiVersion in JSON is 36 rather than 36.0, as JavaScript writes it."""
    return re.sub(rb'("apiVersion"\s*:\s*\d+)\.0', rb"\1", document)


@after(Service.json_layout, _VERSION)
def api_version_with_an_exponent(document: bytes) -> bytes:
    """apiVersion in JSON is 360e-1 rather than 36.0."""
    return re.sub(rb'("apiVersion"\s*:\s*\d+)\.0', rb"\g<1>0e-1", document)


@of_object(_FAST_PATH)
def no_fast_path(value: Json) -> Json:
    """fastPathEnabled is absent."""
    return {key: item for key, item in value.items() if key != "fastPathEnabled"}


@of_object(_FAST_PATH)
def fast_path(value: Json) -> Json:
    """fastPathEnabled is true."""
    return {key: True if key == "fastPathEnabled" else item for key, item in value.items()}


@of_object(_FAST_PATH)
def null_fast_path(value: Json) -> Json:
    """fastPathEnabled is null."""
    return {key: None if key == "fastPathEnabled" else item for key, item in value.items()}


@of_object(_OPTIONAL)
def optional_keys_are_absent(value: Json) -> Json:
    """externalIdFieldName and assignmentRuleId are absent where they have no value."""
    return {key: item for key, item in value.items() if item is not None or key not in _OPTIONAL_TEXTS}

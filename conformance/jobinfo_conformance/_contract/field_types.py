"""The types of a jobInfo's fields, and how each serialization writes them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from jobinfo_conformance._contract.document import JsonValue
from jobinfo_conformance._contract.versions import Version

T = TypeVar("T")

#: White space in XML, which is ignored around a number or an instant.
XML_SPACE = " \t\r\n"
_WHOLE = re.compile(r"[+-]?[0-9]+")
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T)([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]+))?(Z|\+0000)",
)


@dataclass(frozen=True)
class FieldType(Generic[T]):
    """The type of a field, read from and written to XML text and JSON values.

    Reading raises ValueError for a value of another type.
    """

    from_xml: Callable[[str], T]
    from_json: Callable[[JsonValue], T]
    to_xml: Callable[[T], str]
    to_json: Callable[[T], JsonValue]


def _text(value: JsonValue) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(value)
    return value


def _whole(value: JsonValue) -> int:
    if isinstance(value, str):
        text = value.strip(XML_SPACE)
        if not _WHOLE.fullmatch(text):
            raise ValueError(value)
        number = int(text[:400])
    elif isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1:
        raise ValueError(value)
    else:
        number = int(value)
    if number < 0:
        raise ValueError(value)
    return number


def _json_whole(value: JsonValue) -> int:
    if isinstance(value, str):
        raise ValueError(value)
    return _whole(value)


def _instant(text: str, zone: str) -> datetime:
    match = _INSTANT.fullmatch(text)
    if match is None or match[4] != zone:
        raise ValueError(text)
    day, time, fraction, _ = match.groups()
    is_midnight = time == "24:00:00" and not (fraction or "").strip("0")  # in XSD, the end of the day
    value = datetime.fromisoformat(f"{day}{'00:00:00' if is_midnight else time}+00:00")
    try:
        return value + timedelta(days=is_midnight, microseconds=int(((fraction or "") + "000000")[:6]))
    except OverflowError as error:  # 24:00:00 on the last day of the year 9999
        raise ValueError(text) from error


def _written_instant(value: datetime, zone: str) -> str:
    return f"{value:%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03d}{zone}"


def _json_instant(value: JsonValue) -> datetime:
    return _instant(_text(value), "+0000")


def _json_version(value: JsonValue) -> Version:
    return Version.parse(f"{_json_whole(value)}.0")


def _boolean(value: JsonValue) -> bool:
    if not isinstance(value, bool):
        raise ValueError(value)
    return value


def _same(value: JsonValue) -> JsonValue:
    return value


#: Text that is not empty, including names from an enumeration.
TEXT: FieldType[str] = FieldType(_text, _text, str, _same)
#: A whole number, 0 or more: batches, records, retries or milliseconds.
WHOLE: FieldType[int] = FieldType(_whole, _json_whole, str, int)
#: An instant in UTC, with ``Z`` in XML and ``+0000`` in JSON; read to the microsecond, written to the millisecond.
INSTANT: FieldType[datetime] = FieldType(
    lambda text: _instant(text.strip(XML_SPACE), "Z"),
    _json_instant,
    lambda value: _written_instant(value, "Z"),
    lambda value: _written_instant(value, "+0000"),
)
#: An API version: the text ``36.0`` in XML, the number 36.0 in JSON.
VERSION: FieldType[Version] = FieldType(Version.parse, _json_version, str, lambda value: float(value.major))
#: true or false; JSON only.
BOOLEAN: FieldType[bool] = FieldType(_boolean, _boolean, str, bool)

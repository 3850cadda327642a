"""Parquet files with a column for each part of an exchange, read as HAR entries."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from jobinfo_conformance._audit.engine import MEMORY_TO_READ, connected, quoted_name, reading
from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._escaping import encodable
from jobinfo_conformance._files.json_text import decoded

#: What the columns are called by default.
COLUMNS = (
    "url",
    "method",
    "request_headers",
    "request_body",
    "status",
    "response_headers",
    "response_body",
    "started",
    "milliseconds",
)
_NEEDED = ("url", "method", "status")
_ROWS = 100
#: A file by itself: a folder that is named like a column, as ``url=5``, has no say in what a column holds.
_FILE = "read_parquet(?, file_row_number = true, hive_partitioning = false)"
#: How the types of columns begin that hold numbers.
_NUMBERS = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "UHUGEINT",
    "FLOAT",
    "DOUBLE",
    "DECIMAL",
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Columns:
    """The columns of Parquet files: the name that each of `COLUMNS` has there, where it is another."""

    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, given: Iterable[str]) -> Columns:
        """Read names that are written ``url=request_url``. Raises BadInput."""
        names: dict[str, str] = {}
        for text in given:
            part, _, name = text.partition("=")
            if part not in COLUMNS or not name:
                raise BadInput(f"--column {text}: write it like url=NAME, for one of {', '.join(COLUMNS)}")
            names[part] = name
        return cls(names)


def entries_in(path: Path, columns: Columns) -> Iterator[tuple[int, bytes]]:
    """Yield the rows of a Parquet file as HAR entries in JSON, each with its number, from 0. Raises BadInput."""
    with connected(memory=MEMORY_TO_READ) as engine, reading(path):
        query = f"SELECT column_name, column_type FROM (DESCRIBE FROM {_FILE})"  # noqa: S608  # ours
        present: dict[str, str] = dict(engine.execute(query, [str(path)]).fetchall())
        selected = {part: columns.names.get(part, part) for part in COLUMNS}
        lacking = [selected[part] for part in _NEEDED if selected[part] not in present]
        lacking += [name for name in columns.names.values() if name not in present and name not in lacking]
        if lacking:
            raise BadInput(f"{path} has no column {', '.join(lacking)}: --column PART=NAME says what columns are called")
        used = {part: name for part, name in selected.items() if name in present}
        _refuse_numbers(path, selected["started"], present)
        # As microseconds since 1970, since the engine makes no datetime with a time zone by itself.
        values = [f"epoch_us({column})" if present[name].startswith("TIMESTAMP") else column for name, column in _quoted(used)]
        query = f"SELECT file_row_number, {', '.join(values)} FROM {_FILE}"  # noqa: S608  # quoted
        rows = engine.execute(query, [str(path)])
        while found := rows.fetchmany(_ROWS):
            for number, *row in found:
                yield number, msgspec.json.encode(_entry(dict(zip(used, row, strict=True))))


def _refuse_numbers(path: Path, started: str, present: Mapping[str, str]) -> None:
    """Raise BadInput if the column with the instants holds numbers: seconds, milliseconds and microseconds look alike."""
    if present.get(started, "").startswith(_NUMBERS):
        said = f"{path}: column {started} holds numbers, whose unit is unknown"
        raise BadInput(f"{said}: make it a timestamp, or a text like 2026-11-27T06:00:00Z")


def _quoted(used: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, quoted_name(name)) for name in used.values()]


def _entry(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as a HAR entry. What a column holds is left to the reader of entries, which says what is wrong with it."""
    request: dict[str, Any] = {
        "method": _plain(row["method"]),
        "url": _plain(row["url"]),
        "headers": _headers(row.get("request_headers")),
    }
    if row.get("request_body") is not None:
        request["postData"] = _body(row["request_body"])
    return {
        "startedDateTime": _instant(row.get("started")),
        "time": _number(row.get("milliseconds")),
        "request": request,
        "response": {
            "status": _plain(row["status"]),
            "headers": _headers(row.get("response_headers")),
            "content": _body(row.get("response_body")),
        },
    }


def _body(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"encoding": "base64", "text": base64.b64encode(value).decode("ascii"), "size": len(value)}
    return {"text": str(value), "size": len(str(value).encode())}


def _headers(value: Any) -> list[dict[str, Any]]:
    """Headers as a map, a list of pairs, a list of name and value, or any of these in JSON."""
    if isinstance(value, (str, bytes)):
        try:
            value = decoded(value.encode() if isinstance(value, str) else value, object)
        except ValueError:
            return []
    if isinstance(value, dict):
        return [_header(name, each) for name, each in value.items()]
    return [_header(*pair) for item in value if (pair := _pair(item)) is not None] if isinstance(value, list) else []


def _pair(item: Any) -> tuple[Any, Any] | None:
    if isinstance(item, dict):
        return item.get("name", item.get("key")), item.get("value")
    return (item[0], item[1]) if isinstance(item, (list, tuple)) and len(item) == 2 else None


def _header(name: Any, value: Any) -> dict[str, Any]:
    return {"name": _plain(name), "value": _plain(value)}


def _plain(value: Any) -> str | int | None:
    """A value as JSON can have it: bytes are text, and a whole number is one of whatever type; nothing stands for a list."""
    if value is None or isinstance(value, (list, tuple, dict)):
        return None
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, (float, Decimal)) and math.isfinite(value) and value == int(value):
        return int(value)
    return value if isinstance(value, int) else encodable(str(value))


def _instant(value: Any) -> str | int | None:
    """An instant as HAR writes it: from microseconds since 1970 in UTC, or a text. None if Python has no such year."""
    if not isinstance(value, int) or isinstance(value, bool):
        return _plain(value)
    try:
        return (_EPOCH + timedelta(microseconds=value)).isoformat()
    except OverflowError:
        return None


def _number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None

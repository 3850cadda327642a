"""Parquet files with a column for each part of an exchange, read as HAR entries."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from jobinfo_conformance._audit.engine import connected, quoted_name, reading
from jobinfo_conformance._bad_input import BadInput

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
_ROWS = 1000
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
    with connected() as engine, reading(path):
        query = "SELECT column_name, column_type FROM (DESCRIBE FROM read_parquet(?))"
        present: dict[str, str] = dict(engine.execute(query, [str(path)]).fetchall())
        selected = {part: columns.names.get(part, part) for part in COLUMNS}
        lacking = [selected[part] for part in _NEEDED if selected[part] not in present]
        lacking += [name for name in columns.names.values() if name not in present and name not in lacking]
        if lacking:
            raise BadInput(f"{path} has no column {', '.join(lacking)}: --column PART=NAME says what columns are called")
        used = {part: name for part, name in selected.items() if name in present}
        # As microseconds since 1970, since the engine makes no datetime with a time zone by itself.
        values = [f"epoch_us({column})" if "TIMESTAMP" in present[name] else column for name, column in _quoted(used)]
        query = f"SELECT file_row_number, {', '.join(values)} FROM read_parquet(?, file_row_number = true)"  # noqa: S608  # quoted
        rows = engine.execute(query, [str(path)])
        while found := rows.fetchmany(_ROWS):
            for number, *row in found:
                yield number, msgspec.json.encode(_entry(dict(zip(used, row, strict=True))))


def _quoted(used: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, quoted_name(name)) for name in used.values()]


def _entry(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as a HAR entry. What a column holds is left to the reader of entries, which says what is wrong with it."""
    request: dict[str, Any] = {"method": row["method"], "url": row["url"], "headers": _headers(row.get("request_headers"))}
    if row.get("request_body") is not None:
        request["postData"] = _body(row["request_body"])
    return {
        "startedDateTime": _instant(row.get("started")),
        "time": _number(row.get("milliseconds")),
        "request": request,
        "response": {
            "status": row["status"],
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
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return []
    if isinstance(value, dict):
        return [{"name": name, "value": each} for name, each in value.items()]
    return [pair for item in value if (pair := _header(item)) is not None] if isinstance(value, list) else []


def _header(item: Any) -> dict[str, Any] | None:
    if isinstance(item, dict):
        return {"name": item.get("name", item.get("key")), "value": item.get("value")}
    if isinstance(item, (list, tuple)) and len(item) == 2:
        return {"name": item[0], "value": item[1]}
    return None


def _instant(value: Any) -> Any:
    """An instant as HAR writes it: microseconds since 1970 in UTC, or a text."""
    if isinstance(value, int):
        return (_EPOCH + timedelta(microseconds=value)).isoformat()
    return value


def _number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None

"""Recordings by strangers, written as tests read best."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jobinfo_conformance._evidence.har_writer import write_har
from jobinfo_conformance._exchange import Exchange


def entries_of(*exchanges: Exchange) -> list[dict[str, Any]]:
    """Exchanges as the entries of a HAR file, to be changed as a stranger would write them."""
    entries: list[dict[str, Any]] = json.loads(write_har(exchanges))["log"]["entries"]
    for entry in entries:
        entry["request"].get("postData", {}).pop("_decoded", None)
        entry["request"]["bodySize"] = -1
    return entries


def saved(path: Path, entries: list[Any], encoding: str = "utf-8") -> Path:
    """A HAR file with these entries."""
    document = {"log": {"version": "1.2", "creator": {"name": "a recorder", "version": "1"}, "entries": entries}}
    path.write_bytes(json.dumps(document, ensure_ascii=False).encode(encoding))
    return path


def recorded(path: Path, *exchanges: Exchange) -> Path:
    """A HAR file with these exchanges, in which others about their jobs may be missing."""
    return saved(path, entries_of(*exchanges))

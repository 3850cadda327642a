"""The entries in a piece of an archive, one at a time: each as a HAR entry in JSON on one line, whatever the file holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from jobinfo_conformance._audit.columns import Columns, entries_in
from jobinfo_conformance._audit.lines import lines_of
from jobinfo_conformance._audit.sources import Format, Piece
from jobinfo_conformance._evidence.har_reader import read_har
from jobinfo_conformance._files.given import opened, unreadable


def entries_of(piece: Piece, columns: Columns) -> Iterator[tuple[int, bytes]]:
    """Yield the entries of a piece, each with its number there, from 0: the line in a file of lines.

    Raises BadInput if the file can't be read.
    """
    path, form = piece.source.path, piece.source.format
    try:
        match form:
            case Format.HAR:
                yield from enumerate(map(_on_one_line, read_har(path).entries()))
            case Format.PARQUET:
                yield from entries_in(path, columns)
            case _:
                with opened(path) as file:
                    yield from lines_of(file, form, str(path), piece.start, piece.end)
    except OSError as error:
        raise unreadable(path, error) from error


def _on_one_line(raw: Any) -> bytes:
    if not isinstance(raw, (bytes, msgspec.Raw)):  # only the json module could read the file, and writes what it read
        return json.dumps(raw, separators=(",", ":")).encode()
    return msgspec.json.format(bytes(raw), indent=-1)

"""The entries in a piece of an archive, one at a time: each as a HAR entry in JSON, whatever the file holds."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, cast

import msgspec

from jobinfo_conformance._audit.columns import Columns, entries_in
from jobinfo_conformance._audit.sources import Format, Piece
from jobinfo_conformance._bad_input import BadInput, unreadable
from jobinfo_conformance._evidence.har_reader import read_har

#: The longest entry that is read, in bytes. A jobInfo is about one kilobyte; a batch may have ten megabytes.
LONGEST_ENTRY = 16 << 20
#: Stands for a longer entry.
OVERLONG = b""


def entries_of(piece: Piece, columns: Columns) -> Iterator[tuple[int, bytes]]:
    """Yield the entries of a piece, each with its number there, from 0: the line in a file of lines, blank ones included.

    `OVERLONG` stands for an entry of more than `LONGEST_ENTRY` bytes. Raises BadInput if the file can't be read.
    """
    try:
        match piece.source.format:
            case Format.HAR:
                yield from enumerate(map(_as_bytes, read_har(piece.source.path).entries()))
            case Format.PARQUET:
                yield from entries_in(piece.source.path, columns)
            case _:
                with _opened(piece) as file:
                    yield from _lines(file, piece)
    except (EOFError, zlib.error) as error:
        raise BadInput(f"{piece.source.path} can't be unpacked: it is damaged, or was cut short") from error
    except OSError as error:
        if error.errno is None:  # gzip's own
            raise BadInput(f"{piece.source.path} can't be unpacked: it is damaged, or no gzip") from error
        raise unreadable(error) from error


def _as_bytes(raw: Any) -> bytes:
    """An entry on one line."""
    if not isinstance(raw, (bytes, msgspec.Raw)):
        return msgspec.json.encode(raw)
    return msgspec.json.format(bytes(raw), indent=-1)


@contextmanager
def _opened(piece: Piece) -> Iterator[IO[bytes]]:
    path = piece.source.path
    if piece.source.format is Format.GZIPPED_LINES:
        with gzip.open(path, "rb") as unpacked:
            yield cast("IO[bytes]", unpacked)
        return
    with path.open("rb") as file:
        if piece.source.format is Format.ZSTANDARD_LINES:
            with _zstandard(file, piece) as unpacked:
                yield unpacked
        else:
            yield file


@contextmanager
def _zstandard(file: IO[bytes], piece: Piece) -> Iterator[IO[bytes]]:
    import io

    try:
        import zstandard
    except ImportError as error:
        raise BadInput(f"{piece.source.path} is compressed by Zstandard: pip install 'jobinfo-conformance[audit]'") from error
    try:
        with zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True) as reader:
            yield io.BufferedReader(reader)
    except zstandard.ZstdError as error:
        raise BadInput(f"{piece.source.path} can't be unpacked: it is damaged, or no Zstandard") from error


def _lines(file: IO[bytes], piece: Piece) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that begin in a piece."""
    place = piece.start
    if place:  # the line that this byte is in begins before it, unless it is the first of a line
        file.seek(place - 1)
        place += _rest_of_line(file) - 1
    number = 0
    while piece.end is None or place < piece.end:
        line = file.readline(LONGEST_ENTRY + 1)
        if not line:
            return
        place += len(line)
        if len(line) > LONGEST_ENTRY and not line.endswith(b"\n"):
            place += _rest_of_line(file)
            yield number, OVERLONG
        elif text := (line.removeprefix(codecs.BOM_UTF8) if place == len(line) else line).strip():
            yield number, text
        number += 1


def _rest_of_line(file: IO[bytes]) -> int:
    """Read on to the next line; return how many bytes that were."""
    length = 0
    while part := file.readline(1 << 20):
        length += len(part)
        if part.endswith(b"\n"):
            break
    return length

"""Files with one entry on each line, as they are or compressed, read one line at a time."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

from jobinfo_conformance._audit.sources import Format
from jobinfo_conformance._bad_input import BadInput

#: The longest entry that is read, in bytes. A jobInfo is about one kilobyte; a batch may have ten megabytes.
LONGEST_ENTRY = 16 << 20
#: Stands for a longer entry.
OVERLONG = b""


def lines_of(file: IO[bytes], form: Format, name: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file, each with its number, from 0; blank ones are counted and left out.

    ``start`` and ``end`` are bytes: only the lines that begin between them are read, and numbered from 0. `OVERLONG` stands for
    a line of more than `LONGEST_ENTRY` bytes. Raises BadInput, with the ``name`` of the file, if it can't be unpacked.
    """
    with _unpacked(file, form, name) as lines:
        yield from _lines(lines, start, end)


@contextmanager
def _unpacked(file: IO[bytes], form: Format, name: str) -> Iterator[IO[bytes]]:
    match form:
        case Format.GZIPPED_LINES:
            try:
                with gzip.open(file, "rb") as unpacked:
                    yield cast("IO[bytes]", unpacked)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise _damaged(name, "gzip") from error
        case Format.ZSTANDARD_LINES:
            with _zstandard(file, name) as unpacked_too:
                yield unpacked_too
        case _:
            yield file


@contextmanager
def _zstandard(file: IO[bytes], name: str) -> Iterator[IO[bytes]]:
    try:
        import zstandard
    except ImportError as error:
        raise BadInput(f"{name} is compressed by Zstandard: pip install 'jobinfo-conformance[audit]'") from error
    try:
        with zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True) as reader:
            yield cast("IO[bytes]", io.BufferedReader(reader))
    except zstandard.ZstdError as error:
        raise _damaged(name, "Zstandard") from error


def _damaged(name: str, coding: str) -> BadInput:
    return BadInput(f"{name} can't be unpacked: it is damaged, cut short, or not {coding}")


def _lines(file: IO[bytes], start: int, end: int | None) -> Iterator[tuple[int, bytes]]:
    place = start
    if place:  # the line that this byte is in begins before it, unless it is the first of a line
        file.seek(place - 1)
        place += _rest_of_line(file) - 1
    number = 0
    while end is None or place < end:
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

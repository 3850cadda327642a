"""What an archive is made of: files in formats that can be read, cut into pieces that can be read side by side."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._escaping import encodable
from jobinfo_conformance._files.given import opened

#: How much of a file with lines is read by one worker at a time, in bytes: the least and the most.
_SMALLEST, _LARGEST = 1 << 20, 64 << 20


class Format(Enum):
    """How the entries of a file are written."""

    #: One HAR entry on each line, as it is or compressed.
    LINES = auto()
    GZIPPED_LINES = auto()
    ZSTANDARD_LINES = auto()
    HAR = auto()
    #: A row for each exchange.
    PARQUET = auto()


FORMATS = {
    ".ndjson": Format.LINES,
    ".jsonl": Format.LINES,
    ".ndjson.gz": Format.GZIPPED_LINES,
    ".jsonl.gz": Format.GZIPPED_LINES,
    ".ndjson.zst": Format.ZSTANDARD_LINES,
    ".jsonl.zst": Format.ZSTANDARD_LINES,
    ".har": Format.HAR,
    ".parquet": Format.PARQUET,
}
_KNOWN = ", ".join(FORMATS)
#: How many times as large traffic is before it is compressed, about.
_COMPRESSED = 10


@dataclass(frozen=True)
class Source:
    """A file of an archive, and its size in bytes."""

    path: Path
    format: Format
    size: int

    @property
    def name(self) -> str:
        """The path, as it can be written."""
        return encodable(str(self.path))

    @property
    def unpacked(self) -> int:
        """How many bytes this is when it is read, about."""
        return self.size * (1 if self.format in (Format.LINES, Format.HAR) else _COMPRESSED)


@dataclass(frozen=True)
class Piece:
    """A part of a file: all of it, or the lines that begin from byte ``start`` on and before byte ``end``.

    ``file`` is the number of the file in the archive.
    """

    file: int
    source: Source
    start: int = 0
    end: int | None = None

    @property
    def size(self) -> int:
        """How many bytes this is."""
        return (self.source.size if self.end is None else self.end) - self.start


def sources_in(paths: Iterable[str | os.PathLike[str]]) -> list[Source]:
    """Return the files that paths name, each once: files, folders with all that is below them, and patterns.

    Raises BadInput for a path that names no file in a known format.
    """
    found: dict[Path, Source] = {}
    for path in paths:
        named = list(_named(os.fspath(path)))
        if not named:
            raise BadInput(f"{path} holds no archive: no file that ends in {_KNOWN}")
        for source in named:
            found.setdefault(source.path.resolve(), source)
    return list(found.values())


def _named(path: str) -> Iterator[Source]:
    if os.path.lexists(path):
        yield from _in_folder(Path(path)) if Path(path).is_dir() else [_file(Path(path))]
        return
    matching = sorted(glob.glob(path, recursive=True)) if glob.has_magic(path) else []  # noqa: PTH207  # also absolute patterns
    if not matching:
        raise BadInput(f"{path}: there is no such file or folder")
    for match in map(Path, matching):
        if match.is_dir():
            yield from _in_folder(match)
        elif format_of(match) is not None:
            yield _file(match)


def _in_folder(folder: Path) -> Iterator[Source]:
    return (_file(path) for path in sorted(folder.rglob("*")) if path.is_file() and format_of(path) is not None)


def _file(path: Path) -> Source:
    form = format_of(path)
    if form is None:
        raise BadInput(f"{path} is no archive: its name must end in {_KNOWN}")
    with opened(path) as file:
        return Source(path, form, os.fstat(file.fileno()).st_size)


def format_of(path: Path) -> Format | None:
    """The format of a file by its name; None if it is none of an archive."""
    name = path.name.lower()
    return next((form for suffix, form in FORMATS.items() if name.endswith(suffix)), None)


def pieces_of(sources: Sequence[Source], workers: int) -> list[Piece]:
    """Cut files into pieces for workers; one that is compressed, or is no file of lines, is a single piece."""
    whole = sum(source.size for source in sources)
    size = min(max(whole // (4 * workers), _SMALLEST), _LARGEST)
    pieces: list[Piece] = []
    for file, source in enumerate(sources):
        if source.format is Format.LINES and source.size > size:
            pieces += [Piece(file, source, start, min(start + size, source.size)) for start in range(0, source.size, size)]
        else:
            pieces.append(Piece(file, source))
    return pieces


def place(file: str, entry: int) -> str:
    """What users call an entry of a file, counted from 0.

    >>> place("monday.ndjson.gz", 0), place("monday.har", 0)
    ('monday.ndjson.gz line 1', 'monday.har entry 0')
    """
    match format_of(Path(file)):
        case Format.HAR:
            return f"{file} entry {entry}"
        case Format.PARQUET:
            return f"{file} row {entry}"
        case _:
            return f"{file} line {entry + 1}"

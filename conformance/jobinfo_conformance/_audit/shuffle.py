"""The shuffle: entries in the order of an archive go in, and come out job by job. DuckDB sorts them, on disk if need be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count, groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from jobinfo_conformance._audit.engine import connected, literal, space_in
from jobinfo_conformance._audit.long_entries import LongEntry

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ROWS = 500
#: How many parts there are at most, and how much is divided among them at a time, in bytes: the engine has no memory for more.
MOST_PARTS, _AT_A_TIME = 64, 16 << 20
#: How much is sorted at a time, in bytes: the engine does not sort long texts in much less memory than they take.
_SORTED_AT_A_TIME = 24 << 20
#: The longest entry that the engine gets, in bytes.
_LONGEST = 64 << 10
#: Into how many parts in parts is divided what is too much to sort, at most: then most of it is about one job.
_MOST_DIVISIONS = 1 << 24
#: Whatever the folders that these are in are called.
_READ_FILES = "read_parquet(?, filename = true, hive_partitioning = false)"
_COLUMNS = "job, started, file, piece, number, raw"
#: White space that JSON allows between tokens, and nowhere else.
_BETWEEN_TOKENS = bytes.maketrans(b"\t\r", b"  ")
#: Entries are handed to the engine as lines: none holds a tab or a line feed, which JSON escapes in texts.
_READ_LINES = """read_csv(?, delim = '\\t', quote = '', escape = '', header = false, auto_detect = false,
    max_line_size = 20000000, buffer_size = 40000000, hive_partitioning = false,
    columns = {'job': 'VARCHAR', 'started': 'BIGINT', 'file': 'INTEGER', 'piece': 'INTEGER', 'number': 'BIGINT',
        'raw': 'VARCHAR'})"""


@dataclass(frozen=True)
class Keyed:
    """An entry with the key of its job: number ``number`` in a piece of a file. ``started`` is None if that is unknown.

    A long entry goes in as bytes, and comes out unread.
    """

    job: str
    started: datetime | None
    file: int
    piece: int
    number: int
    raw: bytes | LongEntry


class Shuffle:
    """A shuffle in a folder: the entries of each piece are put in, and those of each part are taken out, sorted by job.

    A job is in one part only. Pieces may be put in side by side, by several processes; so may parts be taken out, each once. A
    part that is too large to be sorted is divided again, so that the time grows no faster than what goes in.
    """

    def __init__(self, folder: Path, parts: int) -> None:
        self._folder = folder
        self._parts = parts

    def put(self, piece: int, entries: Iterable[Keyed]) -> None:
        """Put in the entries of a piece. Raises BadInput if there is no space for them."""
        lines = (_line(entry, self._short(entry)) for entry in entries)
        for number in count():
            path = self._folder / f"piece-{piece}-{number}"
            is_last = not self._write(path.with_suffix(".tsv"), lines)
            if not is_last:
                self._divide(path)
            path.with_suffix(".tsv").unlink()
            if is_last:
                return

    def _short(self, entry: Keyed) -> bytes:
        """What the engine gets of an entry: the entry, or the name of a long one."""
        assert isinstance(entry.raw, bytes)  # it goes in
        return entry.raw if len(entry.raw) <= _LONGEST else LongEntry.kept(entry.raw, self._long(entry.piece)).name.encode()

    def _long(self, piece: int) -> Path:
        """The file that holds the long entries of a piece."""
        return self._folder / f"piece-{piece}-long"

    def _write(self, path: Path, lines: Iterator[bytes]) -> bool:
        """Write as many lines as the engine divides at a time; return whether there were any."""
        written = 0
        with space_in(self._folder), path.open("wb") as file:
            while written < _AT_A_TIME and (line := next(lines, None)) is not None:
                written += file.write(line)
        return written > 0

    def _divide(self, path: Path) -> None:
        """Divide lines among the parts."""
        with connected(self._folder) as engine:
            engine.execute(_divided(_READ_LINES, 1, self._parts, path), [str(path.with_suffix(".tsv"))])

    def jobs(self, part: int) -> Iterator[list[Keyed]]:
        """Yield the entries of each job in a part: in the order in which they were sent, or else in that of the archive."""
        pieces = sorted(self._folder.glob(f"piece-*/part={part}"))
        with connected(self._folder) as engine:
            for _, entries in groupby(self._sorted(engine, pieces, self._parts), key=lambda entry: entry.job):
                yield _in_order(list(entries))

    def _sorted(self, engine: DuckDBPyConnection, folders: Sequence[Path], divisions: int) -> Iterator[Keyed]:
        """Yield the entries in some folders, sorted by job. Their jobs are those of one of so many divisions of all jobs."""
        sizes = _sizes(engine, [str(file) for folder in folders for file in folder.glob("*.parquet")])
        size = sum(sizes.values())
        if size <= _SORTED_AT_A_TIME or divisions >= _MOST_DIVISIONS:
            yield from self._in_order_of_jobs(engine, list(sizes))
            return
        parts = min(1 + 2 * size // _SORTED_AT_A_TIME, MOST_PARTS)
        with TemporaryDirectory(dir=self._folder) as temporary:
            for number, files in enumerate(_batches(sizes)):
                engine.execute(_divided(_READ_FILES, divisions, parts, Path(temporary, str(number))), [files])
                for file in files:
                    Path(file).unlink()
            for part in range(parts):
                yield from self._sorted(engine, sorted(Path(temporary).glob(f"*/part={part}")), divisions * parts)

    def _in_order_of_jobs(self, engine: DuckDBPyConnection, files: list[str]) -> Iterator[Keyed]:
        if not files:
            return
        rows = engine.execute(f"SELECT {_COLUMNS} FROM {_READ_FILES} ORDER BY job, file, piece, number", [files])  # noqa: S608
        while found := rows.fetchmany(_ROWS):
            for job, started, file, piece, number, text in found:
                since = None if started is None else _EPOCH + started * _MICROSECOND
                raw = LongEntry.named(text, self._long(piece)) if text[0].isdigit() else text.encode()
                yield Keyed(job, since, file, piece, number, raw)


def _divided(source: str, divisions: int, parts: int, to: Path) -> str:
    """A query that divides entries by their jobs, which are those of one of so many divisions of all jobs."""
    return f"""COPY (SELECT {_COLUMNS}, hash(job) // {divisions:d} % {parts:d} AS part FROM {source})
        TO {literal(to)} (FORMAT parquet, COMPRESSION lz4, PARTITION_BY (part))"""  # noqa: S608  # ours


def _sizes(engine: DuckDBPyConnection, files: list[str]) -> Mapping[str, int]:
    """How many bytes the entries in each of these files have."""
    query = f"SELECT filename, sum(strlen(raw)) FROM {_READ_FILES} GROUP BY ALL ORDER BY ALL"  # noqa: S608
    return {file: int(size) for file, size in engine.execute(query, [files]).fetchall()} if files else {}


def _batches(sizes: Mapping[str, int]) -> Iterator[list[str]]:
    """Yield as many files together as the engine divides at a time."""
    files: list[str] = []
    together = 0
    for file, size in sizes.items():
        if files and together + size > _AT_A_TIME:
            yield files
            files, together = [], 0
        files.append(file)
        together += size
    yield files


def _in_order(entries: list[Keyed]) -> list[Keyed]:
    """Sort the entries of a job by their times, if all are known."""
    timed = [(entry.started, entry) for entry in entries if entry.started is not None]
    return [entry for _, entry in sorted(timed, key=itemgetter(0))] if len(timed) == len(entries) else entries


def _line(entry: Keyed, raw: bytes) -> bytes:
    started = "" if entry.started is None else (entry.started - _EPOCH) // _MICROSECOND
    job = " ".join(entry.job.split())  # a URL may hold anything
    raw = raw.translate(_BETWEEN_TOKENS) if b"\t" in raw or b"\r" in raw else raw
    return f"{job}\t{started}\t{entry.file}\t{entry.piece}\t{entry.number}\t".encode("utf-8", "replace") + raw + b"\n"

"""The shuffle: entries in the order of an archive go in, and come out job by job. DuckDB sorts them, on disk if need be."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count, groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from jobinfo_conformance._audit.engine import connected, no_space

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ROWS = 500
#: How much is divided among the parts at a time, in bytes: with 64 MiB, 64 parts take more memory than the engine has.
_AT_A_TIME = 16 << 20
#: How much of a part is sorted at a time, in bytes: the engine does not sort long texts in much less memory than they take.
_SORTED_AT_A_TIME = 24 << 20
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})
#: White space that JSON allows between tokens, and nowhere else.
_BETWEEN_TOKENS = bytes.maketrans(b"\t\r", b"  ")
#: Entries are handed to the engine as lines: none holds a tab or a line feed, which JSON escapes in texts.
_READ_LINES = """read_csv(?, delim = '\\t', quote = '', escape = '', header = false, auto_detect = false,
    max_line_size = 20000000, buffer_size = 40000000,
    columns = {'job': 'VARCHAR', 'started': 'BIGINT', 'file': 'INTEGER', 'piece': 'INTEGER', 'number': 'BIGINT',
        'raw': 'VARCHAR'})"""


@dataclass(frozen=True)
class Keyed:
    """An entry with the key of its job: number ``number`` in a piece of a file. ``started`` is None if that is unknown."""

    job: str
    started: datetime | None
    file: int
    piece: int
    number: int
    raw: bytes


class Shuffle:
    """A shuffle in a folder: the entries of each piece are put in, and those of each part are taken out, sorted by job.

    A job is in one part only. Pieces may be put in side by side, by several processes; so may parts be taken out.
    """

    def __init__(self, folder: Path, parts: int) -> None:
        self._folder = folder
        self._parts = parts

    def put(self, piece: int, entries: Iterable[Keyed]) -> None:
        """Put in the entries of a piece. Raises BadInput if there is no space for them."""
        lines = map(_line, entries)
        for number in count():
            path = self._folder / f"piece-{piece}-{number}"
            is_last = not self._write(path.with_suffix(".tsv"), lines)
            if not is_last:
                self._divide(path)
            path.with_suffix(".tsv").unlink()
            if is_last:
                return

    def _write(self, path: Path, lines: Iterator[bytes]) -> bool:
        """Write as many lines as the engine divides at a time; return whether there were any."""
        written = 0
        try:
            with path.open("wb") as file:
                while written < _AT_A_TIME and (line := next(lines, None)) is not None:
                    written += file.write(line)
        except OSError as error:
            if error.errno not in _NO_SPACE:  # it came with the entries
                raise
            raise no_space(self._folder) from error
        return written > 0

    def _divide(self, path: Path) -> None:
        """Divide lines among the parts."""
        lines = path.with_suffix(".tsv")
        query = f"""COPY (SELECT *, hash(job) % {self._parts:d} AS part FROM {_READ_LINES})
            TO '{_literal(path)}' (FORMAT parquet, COMPRESSION lz4, PARTITION_BY (part))"""  # noqa: S608  # ours
        with connected(self._folder) as engine:
            engine.execute(query, [str(lines)])

    def jobs(self, part: int) -> Iterator[list[Keyed]]:
        """Yield the entries of each job in a part: in the order in which they were sent, or else in that of the archive."""
        with connected(self._folder) as engine:
            for _, entries in groupby(self._sorted(engine, part), key=lambda entry: entry.job):
                yield _in_order(list(entries))

    def _sorted(self, engine: DuckDBPyConnection, part: int) -> Iterator[Keyed]:
        files = [str(file) for file in self._folder.glob(f"piece-*/part={part}/*.parquet")]
        if not files:
            return
        [(size,)] = engine.execute("SELECT sum(strlen(raw)) FROM read_parquet(?)", [files]).fetchall()
        times = 1 + int(size) // _SORTED_AT_A_TIME
        for each in range(times):
            query = f"""SELECT job, started, file, piece, number, raw FROM read_parquet(?)
                WHERE hash(job) // {self._parts:d} % {times:d} = {each:d} ORDER BY job, file, piece, number"""  # noqa: S608  # ours
            rows = engine.execute(query, [files])
            while found := rows.fetchmany(_ROWS):
                for job, started, file, piece, number, raw in found:
                    since = None if started is None else _EPOCH + started * _MICROSECOND
                    yield Keyed(job, since, file, piece, number, raw.encode())


def _in_order(entries: list[Keyed]) -> list[Keyed]:
    """Sort the entries of a job by their times, if all are known."""
    timed = [(entry.started, entry) for entry in entries if entry.started is not None]
    return [entry for _, entry in sorted(timed, key=itemgetter(0))] if len(timed) == len(entries) else entries


def _line(entry: Keyed) -> bytes:
    started = "" if entry.started is None else (entry.started - _EPOCH) // _MICROSECOND
    job = " ".join(entry.job.split())  # a URL may hold anything
    raw = entry.raw.translate(_BETWEEN_TOKENS) if b"\t" in entry.raw or b"\r" in entry.raw else entry.raw
    return f"{job}\t{started}\t{entry.file}\t{entry.piece}\t{entry.number}\t".encode("utf-8", "replace") + raw + b"\n"


def _literal(path: Path) -> str:
    return str(path).replace("'", "''")

"""An audit: an archive is cut into pieces, shuffled into parts, and judged part by part, on all processors."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from jobinfo_conformance._audit.columns import Columns
from jobinfo_conformance._audit.conclusion import passed_over, results_of
from jobinfo_conformance._audit.engine import connected
from jobinfo_conformance._audit.findings_file import FindingsFile
from jobinfo_conformance._audit.sessions import MOST
from jobinfo_conformance._audit.shuffle import MOST_PARTS
from jobinfo_conformance._audit.sources import Piece, pieces_of, sources_in
from jobinfo_conformance._audit.tally import Tally
from jobinfo_conformance._audit.workers import PutIn, Selection, Work, begin, judge_part, put_in
from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._evidence.passed_over import sentences
from jobinfo_conformance._process.processors import processors
from jobinfo_conformance._results.results import Results
from jobinfo_conformance._settings import Settings

#: How much of an archive a part holds, in bytes, unless that makes too many of them.
_PART = 16 << 20


class Progress(Protocol):
    """Is told how far an audit has come."""

    def __call__(self, doing: str, done: int, whole: int) -> None:
        """Say that this much of the whole is done: bytes that are read, or exchanges that are judged."""


def _no_progress(doing: str, done: int, whole: int) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class AuditOptions:
    """What an audit is asked for.

    ``paths`` name the archive. ``findings`` is the file to write all findings to. ``workers`` is how many processes work at a
    time, and ``extensions`` are the names of the modules that the settings have requirements of.
    """

    paths: Sequence[str]
    findings: Path | None = None
    workers: int = field(default_factory=processors)
    columns: Columns = field(default_factory=Columns)
    selection: Selection = field(default_factory=Selection)
    extensions: Sequence[str] = ()


def audit(asked: AuditOptions, settings: Settings, progress: Progress = _no_progress) -> Results:
    """Judge an archive job by job, and return the results. Raises BadInput if it, or something else given, can't be used."""
    sources = sources_in(asked.paths)
    findings = None if asked.findings is None else FindingsFile(asked.findings)
    with connected():
        pass  # so that what is missing is said once, and at once
    pieces = pieces_of(sources, asked.workers)
    parts = min(max(4 * asked.workers, sum(source.unpacked for source in sources) // _PART), MOST_PARTS)
    with TemporaryDirectory(prefix="jobinfo-audit-") as folder, _pool(asked.workers) as pool:
        work = Work(
            Path(folder),
            parts,
            sources,
            asked.columns,
            asked.selection,
            asked.extensions,
            settings.only,
            settings.strict,
            settings.frozen,
        )
        done = _put_all(pool, work, pieces, progress)
        begins = _begins(pieces, done)
        tally = _judge_all(pool, work, begins, done, progress)
        for number, each in zip(begins, done, strict=True):
            for reason, spread in each.passed_over.items():
                tally.passed_over.add(reason, spread.from_entry(number))
        if not tally.exchanges:
            raise BadInput(_nothing_in(asked.paths, tally))
        if findings is not None:
            findings.write([work.findings(part) for part in range(parts)])
        return results_of(tally, ", ".join(asked.paths), settings)


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """A pool of workers, which are ended at once if something goes wrong."""
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=begin)
    try:
        yield pool
    except BrokenProcessPool as error:
        pool.shutdown()  # the others may still write
        raise BadInput("a worker was ended by the system, perhaps for want of memory: give fewer --workers") from error
    except BaseException:
        for process in set(multiprocessing.active_children()) - before:
            process.terminate()
        pool.shutdown(cancel_futures=True)
        raise
    pool.shutdown()


def _put_all(pool: ProcessPoolExecutor, work: Work, pieces: Sequence[Piece], progress: Progress) -> list[PutIn]:
    """Put all pieces into the shuffle; what came of each is in their order."""
    tasks = {pool.submit(put_in, work, number, piece): piece for number, piece in enumerate(pieces)}
    done: list[PutIn] = []
    read, whole = 0, sum(piece.size for piece in pieces)
    for task in as_completed(tasks):
        done.append(task.result())
        read += tasks[task].size
        progress("read", read, whole)
    return sorted(done, key=lambda each: each.piece)


def _judge_all(
    pool: ProcessPoolExecutor, work: Work, begins: Sequence[int], done: Sequence[PutIn], progress: Progress
) -> Tally:
    """Judge all parts."""
    tally = Tally()
    whole = sum(each.put for each in done)
    sessions = sorted(set[str]().union(*(each.sessions for each in done)))[:MOST]
    for task in as_completed([pool.submit(judge_part, work, part, begins, sessions) for part in range(work.parts)]):
        tally.merge(task.result())
        progress("judged", tally.exchanges, whole)
    return tally


def _begins(pieces: Sequence[Piece], done: Sequence[PutIn]) -> list[int]:
    """The number of the first entry of each piece in its file."""
    begins: list[int] = []
    entries: dict[int, int] = {}
    for piece, each in zip(pieces, done, strict=True):
        begins.append(entries.get(piece.file, 0))
        entries[piece.file] = begins[-1] + each.entries
    return begins


def _nothing_in(paths: Sequence[str], tally: Tally) -> str:
    """Why there is nothing to judge."""
    lacking = f"{', '.join(paths)}: no exchange about a job was selected: no request to /services/async/VERSION/job"
    return "; ".join([lacking, *sentences(passed_over(tally.passed_over))])

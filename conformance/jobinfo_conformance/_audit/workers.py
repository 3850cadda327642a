"""What the workers of an audit do: put a piece of the archive into the shuffle, and judge the jobs of a part that comes out."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from jobinfo_conformance._audit.columns import Columns
from jobinfo_conformance._audit.engine import space_in
from jobinfo_conformance._audit.jobs import Archived, JobJudge
from jobinfo_conformance._audit.keys import key_of
from jobinfo_conformance._audit.pieces import entries_of
from jobinfo_conformance._audit.sessions import MOST, Sessions
from jobinfo_conformance._audit.shuffle import Keyed, Shuffle
from jobinfo_conformance._audit.sources import Piece, Source
from jobinfo_conformance._audit.tally import PassedOverCounts, Spread, Tally
from jobinfo_conformance._catalogue.extensions import installed
from jobinfo_conformance._catalogue.frozen_sets import FrozenSet, as_frozen
from jobinfo_conformance._evidence.har_reader import Unusable
from jobinfo_conformance._evidence.side_files import Folder


@dataclass(frozen=True)
class Selection:
    """Which entries are judged: those sent from ``since`` on and before ``until``, to one of ``origins``; None means all.

    Origins are in the spelling that `as_one` gives them.
    """

    since: datetime | None = None
    until: datetime | None = None
    origins: frozenset[str] | None = None

    def takes(self, origin: str, started: datetime | None) -> bool:
        """Whether an entry is selected. Raises Unusable if that depends on its time, which is unknown."""
        if self.origins is not None and origin not in self.origins:
            return False
        if self.since is None and self.until is None:
            return True
        if started is None:
            raise Unusable("it has no time, so it can't be told whether it lies between --since and --until")
        return (self.since is None or self.since <= started) and (self.until is None or started < self.until)


@dataclass(frozen=True)
class Work:
    """What all workers need to know.

    ``extensions`` are the names of modules that add requirements, and ``only`` the ids of those to judge by; None means all.
    ``frozen`` is the set that is scored.
    """

    folder: Path
    parts: int
    sources: Sequence[Source]
    columns: Columns = field(default_factory=Columns)
    selection: Selection = field(default_factory=Selection)
    extensions: Sequence[str] = ()
    only: frozenset[str] | None = None
    strict: bool = False
    frozen: FrozenSet | None = None

    @property
    def shuffle(self) -> Shuffle:
        """The shuffle that all entries go through."""
        return Shuffle(self.folder, self.parts)

    def findings(self, part: int) -> Path:
        """The file in which the findings of a part are kept, a row on each line."""
        return self.folder / f"findings-{part}.ndjson"


@dataclass
class PutIn:
    """What came of a piece: how many entries it has, blank lines included, how many went in, and what was passed over.

    The places of these are entries of the piece. ``sessions`` are those that its requests name.
    """

    piece: int
    entries: int = 0
    put: int = 0
    passed_over: PassedOverCounts = field(default_factory=PassedOverCounts)
    sessions: set[str] = field(default_factory=set)


def begin() -> None:
    """Leave Ctrl-C to the process that the worker works for, which ends its workers itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def put_in(work: Work, piece: int, what: Piece) -> PutIn:
    """Put the entries of a piece into the shuffle. Raises BadInput if its file can't be read."""
    done = PutIn(piece)
    work.shuffle.put(piece, _keyed(work, what, done))
    return done


def _keyed(work: Work, what: Piece, done: PutIn) -> Iterator[Keyed]:
    for number, raw in entries_of(what, work.columns):
        done.entries = number + 1
        try:
            key = key_of(raw)
            if key is None or not work.selection.takes(key.origin, key.started):
                continue
        except Unusable as reason:
            done.passed_over.add(str(reason), Spread(0, 1, [(what.source.name, number)]))
        else:
            done.put += 1
            if len(done.sessions) < MOST:
                done.sessions |= key.sessions
            yield Keyed(key.job, key.started, what.file, done.piece, number, raw)


def judge_part(work: Work, part: int, begins: Sequence[int], sessions: Sequence[str]) -> Tally:
    """Judge the jobs of a part, and keep their findings in a file.

    ``begins`` is the number of the first entry of each piece in its file, and ``sessions`` are those of the whole archive.
    """
    catalogue = as_frozen(installed(work.extensions), work.frozen)
    requirements = [each for name, each in catalogue.judged.items() if work.only is None or name in work.only]
    judge = JobJudge(requirements, Sessions(sessions), strict=work.strict, later=catalogue.later)
    tally = Tally()
    encoder = msgspec.json.Encoder()
    beside = [Folder(source.path.parent) for source in work.sources]
    with space_in(work.folder), work.findings(part).open("wb") as file:
        for entries in work.shuffle.jobs(part):
            archived = [
                Archived(work.sources[entry.file].name, begins[entry.piece] + entry.number, entry.raw, beside[entry.file])
                for entry in entries
            ]
            job = judge.judge(archived)
            tally.add(job, (archived[0].file, archived[0].entry))
            file.writelines(encoder.encode(row) + b"\n" for row in job.rows)
    return tally

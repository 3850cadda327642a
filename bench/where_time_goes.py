"""Where the time of an audit goes: ``python -m bench.where_time_goes ARCHIVE``.

Audits an archive in this process, and prints the functions in which most of the processor's time was spent, together with what
they call, as shares of the whole; then the lines. The first jobs are read closely, so an archive should have some thousands.
"""

from __future__ import annotations

import signal
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from jobinfo_conformance._audit.sources import pieces_of, sources_in
from jobinfo_conformance._audit.workers import Work, judge_part, put_in

#: How often it is looked where the processor is, in seconds of its time, and how many rows are printed.
_EVERY, _ROWS = 0.002, 40


class Samples:
    """Counts where the processor is."""

    def __init__(self) -> None:
        self.functions: Counter[str] = Counter()
        self.lines: Counter[str] = Counter()
        self.taken = 0

    def take(self, _signal: int, frame: FrameType | None) -> None:
        """Count the functions that are being called, each once, and the line."""
        self.taken += 1
        called = []
        while frame is not None:
            called.append((f"{frame.f_code.co_qualname} in {Path(frame.f_code.co_filename).name}", frame.f_lineno))
            frame = frame.f_back
        self.functions.update({name for name, _ in called})
        self.lines.update(f"{name}, line {line}" for name, line in called[:1])


def main(archive: str) -> None:
    """Audit, and print the shares."""
    samples = Samples()
    sources = sources_in([archive])
    with TemporaryDirectory() as folder:
        work = Work(Path(folder), 4, sources)
        signal.signal(signal.SIGPROF, samples.take)
        signal.setitimer(signal.ITIMER_PROF, _EVERY, _EVERY)
        pieces = pieces_of(sources, 1)
        put = [put_in(work, number, piece) for number, piece in enumerate(pieces)]
        sessions = sorted(set[str]().union(*(each.sessions for each in put)))
        for part in range(work.parts):
            judge_part(work, part, [0] * len(pieces), sessions)
        signal.setitimer(signal.ITIMER_PROF, 0)
    for counted in (samples.functions, samples.lines):
        print(*(f"{times / samples.taken:6.1%} {name}" for name, times in counted.most_common(_ROWS)), sep="\n", end="\n\n")


if __name__ == "__main__":
    main(sys.argv[1])

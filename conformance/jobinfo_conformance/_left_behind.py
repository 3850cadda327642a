"""What a run may leave behind on an endpoint, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from jobinfo_conformance._escaping import in_line

#: Of more jobs than this, one line names all.
_MOST_LINES = 3


class LeftBehind(Protocol):
    """The jobs that somebody has to end by hand."""

    @property
    def left_open(self) -> tuple[str, ...]:
        """Their ids."""

    @property
    def unanswered_creates(self) -> int:
        """How many more there may be, whose ids nobody knows."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What became of the jobs that earlier runs left open, and of the command that served the target."""


def left_open(run: LeftBehind) -> Iterator[str]:
    """Yield a line for each job that somebody has to end by hand, one for many, and one for those whose ids nobody knows."""
    if run.unanswered_creates:
        yield perhaps_left_open(run.unanswered_creates)
    if len(run.left_open) > _MOST_LINES:
        jobs = ", ".join(run.left_open)
        yield in_line(f"left open: {len(run.left_open)} jobs could not be aborted; close or abort them by hand: {jobs}")
    else:
        for job in run.left_open:
            yield in_line(f"left open: job {job} could not be aborted; close or abort it by hand")
    yield from map(in_line, run.remarks)


def perhaps_left_open(creates: int) -> str:
    """Return the line on creates whose answers named no job: each may have made one."""
    jobs = "1 job whose create" if creates == 1 else f"{creates} jobs whose creates"
    return f"perhaps left open: {jobs} got no answer, or one without an id"

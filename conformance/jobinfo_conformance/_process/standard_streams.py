"""Standard output and standard error that can't end a command in the middle.

A reader may go away (``… | head``), a stream may be closed from the start (``>&-``), and a disk may be full. None of this is
about the target, so a command goes on to its end: its jobs are cleaned up and its report is written.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

#: What a write fails with if nobody reads any more: a closed pipe or socket, a terminal that has hung up.
_NOBODY_READS = frozenset({errno.EPIPE, errno.ECONNRESET, errno.EIO})


class StandardStreams:
    """The guarded streams; ``unwritten`` says why standard output could not be written, if somebody was there to read it."""

    def __init__(self, stdout: _Guarded | None) -> None:
        self._stdout = stdout

    @property
    def unwritten(self) -> str | None:
        """The reason in the words of the system; None if all was written, or the reader went away."""
        if self._stdout is None:
            return None
        sys.stdout.flush()
        return self._stdout.failure


@contextmanager
def guarded_streams() -> Iterator[StandardStreams]:
    """Guard both streams while a command runs. Streams that are no files, such as those of a test, are left alone."""
    _open_closed_ones()
    before = sys.stdout, sys.stderr
    raws = [_raw(stream) for stream in before]
    guards = [_Guarded(raw) if raw is not None and not isinstance(raw, _Guarded) else None for raw in raws]
    sys.stdout, sys.stderr = (
        stream if guard is None else _text(guard, stream) for guard, stream in zip(guards, before, strict=True)
    )
    try:
        yield StandardStreams(guards[0])
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        sys.stdout, sys.stderr = before


def not_written(reason: str, status: int) -> str:
    """Return what to say if standard output could not be written, with the exit status that would have told the verdict."""
    return f"standard output can't be written: {reason}; otherwise the exit status would be {status}"


def _open_closed_ones() -> None:
    """Open the null device where a stream is closed, since the next file or socket would otherwise take its place."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False))  # noqa: SIM115


def _raw(stream: TextIO) -> io.RawIOBase | None:
    """Return what a stream writes to, below its buffers; None if that is no file."""
    if not isinstance(stream, io.TextIOWrapper):
        return None
    raw = getattr(stream.buffer, "raw", stream.buffer)
    return raw if isinstance(raw, (io.FileIO, _Guarded)) else None


def _text(guard: _Guarded, like: TextIO) -> TextIO:
    """Return a stream that writes to a guard; a character that its encoding lacks is written as its escape."""
    assert isinstance(like, io.TextIOWrapper)
    like.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(guard),
        encoding=like.encoding,
        errors="backslashreplace",
        line_buffering=like.line_buffering,
        write_through=like.write_through,
    )


class _Guarded(io.RawIOBase):
    """Writes to a file, and drops everything once a write has failed."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw
        self._is_lost = False
        self.failure: str | None = None

    def write(self, data: Any) -> int | None:
        """Write what can be written."""
        if not self._is_lost:
            try:
                return self._raw.write(data)
            except OSError as error:
                self._is_lost = True
                self.failure = None if error.errno in _NOBODY_READS else error.strerror
        return len(data)

    def writable(self) -> bool:
        """Whether the file is open for writing."""
        return self._raw.writable()

    def fileno(self) -> int:
        """The descriptor of the file."""
        return self._raw.fileno()

    def isatty(self) -> bool:
        """Whether the file is a terminal."""
        return self._raw.isatty()

"""Commands of the user's that run beside the suite, and are ended with all that they started."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import IO, Self
from uuid import uuid4

import psutil

from jobinfo_conformance._process.undisturbed import finished

#: The variable that marks the processes of a command, also those that left its process group.
_MARK = "JOBINFO_PART_OF"
#: How often to kill what is left, should it start more in the meantime.
_KILLS = 3
#: How long to wait before looking again whether all has ended, in seconds.
_PAUSE = 0.02


class Running:
    """A command that runs as long as a ``with`` lasts, or ends by itself before.

    At the end it is asked to end, with all that it started, and what is left after ``grace`` seconds is killed. A second
    Ctrl-C does not disturb that.
    """

    def __init__(self, grace: float) -> None:
        self._grace = grace
        self._mark = uuid4().hex
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        finished(self._end)

    def start(
        self, words: Sequence[str] | str, *, output: IO[bytes], complaint: IO[bytes], environment: Mapping[str, str]
    ) -> None:
        """Start a program with its arguments, or a text for the shell, in a process group of its own. Raises OSError."""
        self._process = subprocess.Popen(  # noqa: S603  # the user's own command
            words,
            shell=isinstance(words, str),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=complaint,
            env={**environment, _MARK: self._mark},
            start_new_session=True,
        )

    @property
    def status(self) -> int | None:
        """The exit status of the command itself; None if it has not ended."""
        return None if self._process is None else self._process.poll()

    @property
    def is_alive(self) -> bool:
        """Whether the command, or anything that it started, has not ended."""
        return (self._process is not None and self.status is None) or any(self.processes())

    def wait(self, seconds: float) -> int | None:
        """Wait for the command itself to end, and return its exit status; None if it takes longer."""
        assert self._process is not None  # it was started
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(seconds)
        return None

    def ends_within(self, seconds: float) -> bool:
        """Wait for the command, and all that it started, to end; return whether they have."""
        end = time.monotonic() + seconds
        while self.is_alive:
            if time.monotonic() > end:
                return False
            time.sleep(_PAUSE)
        return True

    def processes(self) -> Iterator[psutil.Process]:
        """What has not ended of the command and of all that it started."""
        return filter(self._is_part, psutil.process_iter())

    def _is_part(self, process: psutil.Process) -> bool:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            # An interrupt may have kept `start` from noting the process; the mark finds it all the same.
            in_group = self._process is not None and hasattr(os, "getpgid") and os.getpgid(process.pid) == self._process.pid
            return in_group or process.environ().get(_MARK) == self._mark
        except (psutil.Error, OSError):  # it has just ended, or is another user's
            return False

    def _end(self) -> None:
        for send in (psutil.Process.terminate, *[psutil.Process.kill] * _KILLS):
            for process in self.processes():
                with suppress(psutil.Error):  # it has just ended
                    send(process)
            if self.ends_within(self._grace):
                return


def end_of(stream: IO[bytes], most: int) -> str:
    """What a command wrote to a file; ``most`` bytes from its end at the most."""
    start = max(0, os.fstat(stream.fileno()).st_size - most)
    return _read_at(stream, start, most).decode("utf-8", "replace").replace("\r\n", "\n")


def _read_at(stream: IO[bytes], start: int, most: int) -> bytes:
    """Read from a place. What a command that still runs writes next goes to the stream's offset, so that one stays put."""
    if hasattr(os, "pread"):
        return os.pread(stream.fileno(), most, start)
    stream.seek(start)  # on Windows
    return stream.read(most)

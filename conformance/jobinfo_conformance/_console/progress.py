"""How far a run has come: one line on a terminal, which each scenario overwrites and the end removes."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from typing import TextIO

from jobinfo_conformance._escaping import in_line

#: A run that is over within this many seconds shows no progress.
_PATIENCE = 3.0
_ERASE = "\r\x1b[K"


class Progress:
    """Shows each scenario as it begins, but nothing in the first seconds, or if the stream is not a terminal."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._begin = clock() + _PATIENCE
        self._is_shown = False
        self._doing = ""
        self._since = clock()
        self._lock = threading.Lock()

    def step(self, number: int, total: int, name: str) -> None:
        """Show that scenario ``number`` of ``total`` begins, counted from 1; several threads may call this."""
        if not self._stream.isatty() or self._clock() < self._begin:
            return
        self._show(in_line(f"{number} of {total}: {name}"))

    def _show(self, line: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        with self._lock:
            self._is_shown = True
            self._stream.write(_ERASE + line[:width])
            self._stream.flush()

    def part(self, doing: str, done: int, whole: int) -> None:
        """Show how far an audit has come: the bytes that are read, or the exchanges that are judged, and the time left."""
        if doing != self._doing:
            self._doing, self._since = doing, self._clock()
        if not self._stream.isatty() or self._clock() < self._begin:
            return
        rate = done / max(self._clock() - self._since, 0.001)
        left = f"{(whole - done) / rate:,.0f} s left" if rate else ""
        much = f"{rate / 1e6:,.1f} MB a second" if doing == "read" else f"{rate:,.0f} exchanges a second"
        self._show(f"{doing} {100 * done // max(whole, 1)} %, {much}, {left}")

    def end(self) -> None:
        """Remove the line."""
        if self._is_shown:
            self._stream.write(_ERASE)
            self._stream.flush()

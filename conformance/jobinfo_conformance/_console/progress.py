"""How far a run has come: a line on a terminal, written over with each scenario and gone in the end."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from typing import TextIO

from jobinfo_conformance._escaping import in_line

#: A run that is over within so many seconds needs no progress.
_PATIENCE = 3.0
_ERASE = "\r\x1b[K"


class Progress:
    """Shows the scenario that begins. Nothing is shown where the stream is no terminal, nor in the first seconds."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._begin = clock() + _PATIENCE
        self._is_shown = False
        self._lock = threading.Lock()

    def step(self, number: int, total: int, name: str) -> None:
        """Show that scenario ``number`` of ``total`` begins, counted from 1; they may begin in several threads."""
        if not self._stream.isatty() or self._clock() < self._begin:
            return
        width = shutil.get_terminal_size().columns - 1
        with self._lock:
            self._is_shown = True
            self._stream.write(_ERASE + in_line(f"{number} of {total}: {name}")[:width])
            self._stream.flush()

    def end(self) -> None:
        """Leave no line behind."""
        if self._is_shown:
            self._stream.write(_ERASE)
            self._stream.flush()

"""A watchdog: what happens when something takes too long. A single thread watches one thing after another."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Watchdog:
    """Calls a function if something that it watches takes too long; it watches one thing at a time.

    Its thread begins with the first thing and outlives it, since starting a thread for each takes longer than an answer from
    loopback. It ends on ``close``, or by itself when it wakes up and there is nothing to watch.
    """

    def __init__(self, late: Callable[[], None]) -> None:
        self._late = late
        self._changed = threading.Condition()
        self._due: float | None = None  # by the monotonic clock
        self._wakes: float | None = None  # None if there is no thread

    @contextmanager
    def watching(self, seconds: float) -> Iterator[None]:
        """Call the function, in the thread of the watchdog, if the block takes longer than this; never after the block."""
        with self._changed:
            self._due = time.monotonic() + seconds
            if self._wakes is None:
                self._wakes = self._due
                threading.Thread(target=self._watch, name="watchdog", daemon=True).start()
            elif self._due < self._wakes:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._due = None

    def close(self) -> None:
        """End the thread, if nothing is watched."""
        with self._changed:
            self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while self._due is not None:
                left = self._due - time.monotonic()
                if left > 0:
                    self._wakes = self._due
                    self._changed.wait(left)
                else:
                    self._due = None
                    self._late()
            self._wakes = None

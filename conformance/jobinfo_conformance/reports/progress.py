"""What a run shows while it asks its target: a line that is written over on a terminal, and now and then a line in a log."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from jobinfo_conformance.reports.visible import in_line

if TYPE_CHECKING:
    import pytest

#: A log gets a line for so many steps.
_LOGGED = 10
#: A run that is over within so many seconds needs none.
PATIENCE = 3.0


class Progress:
    """Says how far a run has come, through pytest's reporter, which knows whether there is a terminal.

    Nothing is said without a reporter, nor in the first ``patience`` seconds.
    """

    def __init__(self, reporter: pytest.TerminalReporter | None, patience: float = PATIENCE) -> None:
        self._reporter = reporter
        self._width = reporter.config.get_terminal_writer().fullwidth - 1 if reporter else 0
        self._begin = time.monotonic() + patience
        self._begun = False
        self._lock = threading.Lock()

    def step(self, number: int, total: int, name: str) -> None:
        """Say that step ``number`` of ``total`` begins, counted from 1; steps may begin in several threads."""
        if self._reporter is None or time.monotonic() < self._begin:
            return
        line = in_line(f"{number} of {total}: {name}")
        with self._lock:
            if self._reporter.isatty:
                self._begun = True
                self._reporter.rewrite(line[: self._width], erase=True)
            elif number % _LOGGED == 1:
                self._reporter.write_line(line)

    def end(self) -> None:
        """Leave no line behind on a terminal."""
        if self._reporter is not None and self._begun:
            self._reporter.rewrite("", erase=True)
            self._reporter.rewrite("")

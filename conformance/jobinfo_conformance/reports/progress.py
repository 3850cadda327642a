"""What a run shows while it asks its target: a line that is written over on a terminal, and now and then a line in a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobinfo_conformance.reports.visible import in_line

if TYPE_CHECKING:
    import pytest

#: A log gets a line for so many steps.
_LOGGED = 10


class Progress:
    """Says how far a run has come, through pytest's reporter, which knows whether there is a terminal."""

    def __init__(self, reporter: pytest.TerminalReporter) -> None:
        self._reporter = reporter
        self._width = reporter.config.get_terminal_writer().fullwidth - 1

    def step(self, number: int, total: int, name: str) -> None:
        """Say that step ``number`` of ``total`` begins, counted from 1."""
        line = in_line(f"{number} of {total}: {name}")
        if self._reporter.isatty:
            self._reporter.rewrite(line[: self._width], erase=True)
        elif number % _LOGGED == 1:
            self._reporter.write_line(line)

    def end(self) -> None:
        """Leave no line behind on a terminal."""
        if self._reporter.isatty:
            self._reporter.rewrite("", erase=True)
            self._reporter.rewrite("")

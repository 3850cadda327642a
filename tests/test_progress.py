"""Progress: a line on a terminal that is written over, and nothing in a log."""

from __future__ import annotations

import os
import pty
import select
from io import StringIO

import pytest

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._console.progress import Progress
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._targets.opening import open_target
from jobinfo_conformance._targets.target import Asking
from tests.endpoint import SESSION, Endpoint

#: What takes the line of a terminal away: back to its beginning, and clear what stands there.
ERASED = "\r\x1b[K"


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Terminals have 60 columns, wherever the tests run."""
    monkeypatch.setenv("COLUMNS", "60")


class Terminal(StringIO):
    """A stream that says it is a terminal, and keeps what is written to it."""

    def isatty(self) -> bool:
        """Whether it is one."""
        return True


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.seconds


def show(stream: StringIO, *, seconds: float, steps: int = 12) -> None:
    """Have a run make steps, so many seconds after it began, and end."""
    clock = Clock()
    progress = Progress(stream, clock)
    clock.seconds += seconds
    for number in range(1, steps + 1):
        progress.step(number, steps, "a scenario\n" + "long " * 40)
    progress.end()


def test_a_log_gets_nothing() -> None:
    """What is no terminal holds no line that is written over, however long the run takes."""
    log = StringIO()
    show(log, seconds=1000)
    assert log.getvalue() == ""


@pytest.mark.parametrize(("seconds", "is_shown"), [(0, False), (2.9, False), (3, True), (1000, True)])
def test_a_short_run_shows_nothing(seconds: float, is_shown: bool) -> None:
    """What is over within three seconds needs no progress, and leaves nothing to erase."""
    terminal = Terminal()
    show(terminal, seconds=seconds)
    assert (terminal.getvalue() != "") == is_shown


def test_a_run_that_becomes_long_is_shown_from_then_on() -> None:
    """The time counts from the beginning of the run, and not from its first step."""
    terminal, clock = Terminal(), Clock()
    progress = Progress(terminal, clock)
    for number in range(1, 6):
        progress.step(number, 5, "a scenario")
        clock.seconds += 1
    assert terminal.getvalue() == f"{ERASED}4 of 5: a scenario{ERASED}5 of 5: a scenario"


def test_a_terminal_gets_one_line_that_is_written_over() -> None:
    """It fits the terminal, and is gone in the end."""
    terminal = Terminal()
    show(terminal, seconds=5)
    first, *lines, last = terminal.getvalue().split(ERASED)
    assert [line[:29] for line in lines] == [f"{number} of 12: a scenario\\nlong long "[:29] for number in range(1, 13)]
    assert all(len(line) < 60 and line.isprintable() for line in lines)
    assert (first, last) == ("", "")


def test_a_real_terminal_is_known_as_one() -> None:
    """Each step is there at once, and not when the run ends."""
    controller, terminal = pty.openpty()
    clock = Clock()
    with os.fdopen(terminal, "w", encoding="utf-8") as stream:
        progress = Progress(stream, clock)
        clock.seconds += 5
        progress.step(1, 2, "a scenario")
        assert arrived(controller) == f"{ERASED}1 of 2: a scenario"
        progress.end()
        assert arrived(controller) == ERASED
    os.close(controller)


def arrived(controller: int) -> str:
    """What was written to a terminal; the wait ends only where that was nothing."""
    ready, _, _ = select.select([controller], [], [], 20)
    return os.read(controller, 4096).decode() if ready else ""


def test_a_live_target_tells_each_scenario_as_it_begins(live_endpoint: Endpoint) -> None:
    """In several threads too, each number comes once."""
    told: list[tuple[int, int, str]] = []
    asking = Asking(wait=1, workers=3, progress=lambda *step: told.append(step))
    target = open_target(live_endpoint.url, asking, BUILT_IN, environment={"JOBINFO_SESSION_ID": SESSION})
    target.observe((Serialization.XML,), BUILT_IN)
    assert sorted(number for number, _, _ in told) == list(range(1, len(told) + 1))
    assert {total for _, total, _ in told} == {len(told)}
    assert told[0][2] == "close an empty job, read it in every way, close it again and try to reopen it (xml)"

"""Progress on a terminal and in a log, with pytest's own reporter."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._targets.opening import open_target
from jobinfo_conformance._targets.target import Asking
from tests.endpoint import SESSION, Endpoint

PLUGIN = """
from jobinfo_conformance._console.progress import Progress

def pytest_sessionstart(session):
    progress = Progress(session.config.pluginmanager.get_plugin("terminalreporter"), PATIENCE)
    for number in range(1, 13):
        progress.step(number, 12, "a scenario\\n" + "long " * 40)
    progress.end()
"""


@pytest.fixture
def project(tmp_path: Path) -> list[str]:
    """A run of pytest that makes twelve steps before its one test."""
    return of_patience(0, tmp_path)


def of_patience(seconds: float, tmp_path: Path) -> list[str]:
    """The same, where progress is told after so many seconds."""
    (tmp_path / "conftest.py").write_text(PLUGIN.replace("PATIENCE", str(seconds)), "utf-8")
    (tmp_path / "test_one.py").write_text("def test_one(): pass\n", "utf-8")
    return [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]


def test_a_log_gets_a_line_now_and_then(project: list[str]) -> None:
    """No line is written over, and none holds the end of another."""
    done = subprocess.run(project, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert [line[:21] for line in lines if " of 12: " in line] == ["1 of 12: a scenario\\n", "11 of 12: a scenario\\"]
    assert "\r" not in done.stdout


def test_a_short_run_says_nothing(tmp_path: Path) -> None:
    """What is over at once needs no progress."""
    done = subprocess.run(of_patience(1000, tmp_path), capture_output=True, text=True, check=True)
    assert " of 12: " not in done.stdout


def test_a_live_target_tells_each_scenario_as_it_begins(live_endpoint: Endpoint) -> None:
    """In several threads too, each number comes once."""
    told: list[tuple[int, int, str]] = []
    options = Asking(wait=1, workers=3, progress=lambda *step: told.append(step))
    open_target(live_endpoint.url, options, {"JOBINFO_SESSION_ID": SESSION}).observe((Serialization.XML,))
    assert sorted(number for number, _, _ in told) == list(range(1, len(told) + 1))
    assert {total for _, total, _ in told} == {len(told)}
    assert told[0][2] == "close an empty job, read it, close it again and ask for it to be opened (xml)"


def test_a_terminal_gets_one_line_that_is_written_over(project: list[str]) -> None:
    """It fits the terminal, and is gone in the end."""
    controller, terminal = pty.openpty()
    done = subprocess.Popen(project, stdout=terminal, env={**os.environ, "COLUMNS": "60", "PY_COLORS": "0"})
    os.close(terminal)
    written = b""
    while True:
        try:
            written += os.read(controller, 4096)
        except OSError:  # the other side is closed
            break
    assert done.wait() == 0
    os.close(controller)
    shown = written.decode().partition("1 passed")[0].replace("\r\n", "\n").split("\r")
    steps = [line for line in shown if " of 12: " in line]
    assert len(steps) == 12
    assert all(len(line) < 60 and "\n" not in line for line in steps)
    assert shown[shown.index(steps[-1]) + 1].strip() == ""

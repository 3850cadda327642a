"""Progress on a terminal and in a log, with pytest's own reporter."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

PLUGIN = """
from jobinfo_conformance.reports.progress import Progress

def pytest_sessionstart(session):
    progress = Progress(session.config.pluginmanager.get_plugin("terminalreporter"))
    for number in range(1, 13):
        progress.step(number, 12, "a scenario\\n" + "long " * 40)
    progress.end()
"""


@pytest.fixture
def project(tmp_path: Path) -> list[str]:
    """A run of pytest that makes twelve steps before its one test."""
    (tmp_path / "conftest.py").write_text(PLUGIN, "utf-8")
    (tmp_path / "test_one.py").write_text("def test_one(): pass\n", "utf-8")
    return [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]


def test_a_log_gets_a_line_now_and_then(project: list[str]) -> None:
    """No line is written over, and none holds the end of another."""
    done = subprocess.run(project, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert [line[:21] for line in lines if " of 12: " in line] == ["1 of 12: a scenario\\n", "11 of 12: a scenario\\"]
    assert "\r" not in done.stdout


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

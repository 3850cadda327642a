"""Python that forks for each command of the tests: what it runs is as good as started for it."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import Command
from tests.warm import Order, WarmPython

#: A module that prints where it is, and counts how often it ran in this process.
TELLS = """
import json, os, sys
ran = sys.modules.setdefault("ran", [])
ran.append(1)
print(json.dumps([os.getpid(), os.getcwd(), os.environ.get("MINE"), sys.argv[1:], sys.path[0], __name__, len(ran)]))
"""


@pytest.fixture(scope="module")
def warm() -> Iterator[WarmPython]:
    """Python that has imported little."""
    with closing(WarmPython("json")) as python:
        yield python


@pytest.mark.parametrize("arguments", [["--version"], ["run", "--strict"], ["run", "missing.har"], ["check"]], ids=" ".join)
def test_a_command_says_what_it_says_in_a_python_that_is_started_for_it(command: Command, arguments: list[str]) -> None:
    """On both streams, and with the same exit status."""
    warm, anew = command(*arguments), command(*arguments, PYTHONHASHSEED="1")
    assert (warm.returncode, warm.stdout, warm.stderr) == (anew.returncode, anew.stdout, anew.stderr)


def test_a_module_has_a_process_a_folder_and_an_environment_of_its_own(warm: WarmPython, tmp_path: Path) -> None:
    """Nothing of one is left for the next."""
    (tmp_path / "tells.py").write_text(TELLS, "utf-8")
    processes = set()
    for mine in ("first", None):
        variables = {} if mine is None else {"MINE": mine}
        done = warm.run(Order("tells", ["a", "b"], str(tmp_path), {**os.environ, **variables}))
        assert (done.returncode, done.stderr) == (0, "")
        process, *told = json.loads(done.stdout)
        assert told == [str(tmp_path), mine, ["a", "b"], str(tmp_path), "__main__", 1]
        processes.add(process)
    assert len(processes) == 2


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        ("raise SystemExit(3)", 3),
        ("raise ValueError('oops')", 1),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM),
    ],
    ids=["exit", "error", "signal"],
)
def test_a_module_ends_in_its_own_way(warm: WarmPython, tmp_path: Path, statement: str, status: int) -> None:
    """And the next one runs all the same."""
    (tmp_path / "ends.py").write_text(statement, "utf-8")
    done = warm.run(Order("ends", [], str(tmp_path), dict(os.environ)))
    assert done.returncode == status
    assert ("ValueError: oops" in done.stderr) is (status == 1)


def test_an_order_may_be_longer_than_a_socket_takes_at_a_time(warm: WarmPython, tmp_path: Path) -> None:
    """All of it arrives."""
    (tmp_path / "counts.py").write_text("import sys\nprint(sum(map(len, sys.argv[1:])))", "utf-8")
    done = warm.run(Order("counts", ["x" * 1000] * 1000, str(tmp_path), dict(os.environ)))
    assert done.stdout == "1000000\n"

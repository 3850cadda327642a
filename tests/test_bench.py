"""The measurements run; what they measured stands in bench/README.md."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

from tests.conftest import ROOT


def test_large_recordings_are_judged() -> None:
    """Small ones, as thousands of exchanges are."""
    done = subprocess.run(
        [sys.executable, ROOT / "bench" / "many_exchanges.py", "3", "2"], capture_output=True, text=True, check=False
    )
    assert (done.stderr, done.returncode) == ("", 0)
    sizes = [line.split(":")[0] for line in done.stdout.splitlines()]
    assert sizes == ["4 exchanges of 1 jobs", "2 exchanges of 2 jobs"]


def test_false_alarms_are_counted() -> None:
    """A few exchanges are judged as 10,000 are."""
    done = subprocess.run(
        [sys.executable, ROOT / "bench" / "false_alarms.py", "20"], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.returncode == 0
    *kinds, last = done.stdout.splitlines()
    assert sum(int(line.split()[0]) for line in kinds) == 20
    assert last.startswith("20 different exchanges in ")
    assert last.endswith(" 0 findings")


def test_false_alarms_on_unusual_servers_are_counted() -> None:
    """A manner alone and a combination are judged as all of them are."""
    done = subprocess.run(
        [sys.executable, ROOT / "bench" / "false_alarms.py", "servers", "utf-16", "instant-batches", "7"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode == 0
    *rows, last = done.stdout.splitlines()
    assert [re.sub(r"^ *[0-9.]+ s  ", "", row) for row in rows[:2]] == ["utf-16: no finding", "instant-batches: no finding"]
    assert re.fullmatch(r" *[0-9.]+ s  7, api_version, (\S+ \+ ){11}\S+: no finding", rows[2])
    assert last.startswith("3 servers in ")
    assert last.endswith(" 0 findings")


def test_the_problems_of_faults_are_measured() -> None:
    """Of the faults that are named, whatever their problems are."""
    done = subprocess.run(
        [sys.executable, ROOT / "bench" / "problems.py", "reopens", "reads-are-cached"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stderr, done.returncode) == ("", 0)
    first, problems, lines = done.stdout.splitlines()
    assert first == "first: 2 of 2, 100.0%"
    assert problems.startswith("problems: ")
    assert lines.startswith("lines: ")


def test_the_mutation_tester_is_given_modules_and_tests_that_exist() -> None:
    """A test that is renamed would kill every mutant."""
    config = tomllib.loads((ROOT / "bench" / "mutation.toml").read_text("utf-8"))["cosmic-ray"]
    tests = [word for word in config["test-command"].split() if word.startswith("tests/")]
    assert [path for path in [*tests, *config["module-path"]] if not (ROOT / path).exists()] == []
    assert len(tests) > 1

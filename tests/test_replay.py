"""A recording of a run is judged as the run was: exchanges.har in a report, and what `record` saves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Command


def outcomes(report: Path) -> dict[tuple[str, str | None], tuple[str, str]]:
    """The outcome and the reason of each requirement."""
    rows = json.loads((report / "report.json").read_text("utf-8"))["requirements"]
    return {(row["id"], row["serialization"]): (row["outcome"], row["reason"]) for row in rows}


TARGETS = {
    "conforming": ["reference"],
    "batches never finish": ["reference:close-stops-batches", "--wait", "0.5"],
    "one id for all jobs": ["reference:every-job-has-one-id"],
    "a shortened failure": ["reference:buffer-of-the-documented-length"],
    "JSON not spoken": ["reference:xml-is-all-that-is-read"],
    "one serialization": ["reference", "--serialization", "xml"],
    "too few requests": ["reference", "--max-requests", "40"],
}


@pytest.mark.parametrize("arguments", TARGETS.values(), ids=TARGETS)
def test_the_exchanges_of_a_report_have_the_outcomes_of_the_run(arguments: list[str], command: Command, tmp_path: Path) -> None:
    """For each requirement, with the same reason; and the exit status is the same."""
    ran = command("run", *arguments, "--report", tmp_path / "ran")
    replayed = command("run", tmp_path / "ran" / "exchanges.har", "--report", tmp_path / "replayed")
    assert outcomes(tmp_path / "replayed") == outcomes(tmp_path / "ran")
    assert replayed.returncode == ran.returncode


def test_what_record_saves_has_the_outcomes_of_a_run(command: Command, tmp_path: Path) -> None:
    """Although ids, hosts and the session are others."""
    command("run", "reference", "--report", tmp_path / "ran")
    command("record", "reference", tmp_path / "r.har")
    replayed = command("run", tmp_path / "r.har", "--report", tmp_path / "replayed")
    assert replayed.returncode == 0
    assert outcomes(tmp_path / "replayed") == outcomes(tmp_path / "ran")


def test_a_replay_can_be_replayed(command: Command, tmp_path: Path) -> None:
    """Its own report is as good as the first."""
    command("run", "reference:close-stops-batches", "--wait", "0.5", "--report", tmp_path / "ran")
    for source, target in (("ran", "once"), ("once", "twice")):
        command("run", tmp_path / source / "exchanges.har", "--report", tmp_path / target)
    assert outcomes(tmp_path / "twice") == outcomes(tmp_path / "ran")


def _first_dropped(har: Any) -> None:
    del har["log"]["entries"][0]


def _another_tool(har: Any) -> None:
    har["log"]["_run"] = {"id": 7}


@pytest.mark.parametrize("edit", [_first_dropped, _another_tool], ids=["an entry is missing", "a member of another tool"])
def test_a_recording_that_was_edited_is_judged_by_what_it_shows(edit: Any, command: Command, tmp_path: Path) -> None:
    """Nothing is expected of it then, so nothing is inconclusive for want of it."""
    command("run", "reference", "--max-requests", "40", "--report", tmp_path / "ran")
    har = json.loads((tmp_path / "ran" / "exchanges.har").read_text("utf-8"))
    edit(har)
    (tmp_path / "edited.har").write_text(json.dumps(har), "utf-8")
    command("run", tmp_path / "edited.har", "--report", tmp_path / "replayed")
    assert "inconclusive" not in {outcome for outcome, _ in outcomes(tmp_path / "replayed").values()}

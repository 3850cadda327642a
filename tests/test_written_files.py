"""Files that commands write: where none can be, one line says so before the work begins, with exit status 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from jobinfo_conformance._cli import main
from tests.conftest import Command
from tests.exchanges import CLOSED, JSON, close
from tests.recordings import entries_of
from tests.reports import report

Printed = pytest.CaptureFixture[str]


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _link_to_nothing(path: Path) -> None:
    path.symlink_to(Path("missing") / "file")


#: What stands where a file should be written.
NO_FILES: Mapping[str, tuple[Callable[[Path], object], str]] = {
    "a folder": (Path.mkdir, "it is a folder: name a file in it"),
    "a loop": (_loop, "Too many levels of symbolic links"),
    "a link to nothing": (_link_to_nothing, "it is a link to nothing"),
}
#: What takes bytes, and no whole file.
NO_REGULAR_FILES: Mapping[str, tuple[Callable[[Path], object], str]] = {
    "a pipe": (os.mkfifo, "it is a device or a pipe: name a file"),
    "a device": (lambda path: path.symlink_to("/dev/full"), "it is a device or a pipe: name a file"),
}
#: What stands where a folder should be made.
NO_FOLDERS: Mapping[str, tuple[Callable[[Path], object], str]] = {
    "a file": (Path.touch, "it is no folder"),
    "a pipe": (os.mkfifo, "it is no folder"),
    "a device": (lambda path: path.symlink_to("/dev/full"), "it is no folder"),
    "a loop": (_loop, "Too many levels of symbolic links"),
    "a link to nothing": (_link_to_nothing, "it is a link to nothing"),
}
#: The commands that write a file, each with what its line begins with. None is about to ask an endpoint that is there.
NOBODY = "http://127.0.0.1:9"
FILES = {
    "record": (["record", NOBODY, "out.har"], "out.har can't be written"),
    "selftest": (["selftest", "--write", "out.har"], "the kill map can't be written to out.har"),
    "findings": (["audit", "lines.ndjson", "--findings", "out.parquet"], "--findings out.parquet can't be written"),
}
FOLDERS = {
    "run": ["run", NOBODY, "--report", "out"],
    "client": ["client", "--report", "out", "--", "no-such-command"],
    "audit": ["audit", "lines.ndjson", "--report", "out"],
    "report": ["report", "report.json", "out"],
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which commands run, with what they read."""
    folder = tmp_path / "elsewhere"
    folder.mkdir(exist_ok=True)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("JOBINFO_SESSION_ID", "00D000000000001!of.a.test")
    (folder / "lines.ndjson").write_text(json.dumps(entries_of(close(CLOSED, JSON))[0]), "utf-8")
    (folder / "report.json").write_text(report().to_json(), "utf-8")
    return folder


def _assert_refused(printed: Printed, arguments: list[str], line: str) -> None:
    assert main(arguments) == 2
    assert printed.readouterr() == ("", f"jobinfo-conformance: {line}\n")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("there", NO_FILES)
def test_a_file_that_cannot_be_written_is_told_before_the_work(capsys: Printed, here: Path, name: str, there: str) -> None:
    """In one line."""
    arguments, begins = FILES[name]
    make, reason = NO_FILES[there]
    make(here / arguments[-1])
    _assert_refused(capsys, arguments, f"{begins}: {reason}")


@pytest.mark.parametrize("there", NO_REGULAR_FILES)
def test_findings_are_written_into_a_file_alone(capsys: Printed, here: Path, there: str) -> None:
    """Neither pipe nor device is replaced by one."""
    arguments, begins = FILES["findings"]
    make, reason = NO_REGULAR_FILES[there]
    make(here / arguments[-1])
    _assert_refused(capsys, arguments, f"{begins}: {reason}")


@pytest.mark.parametrize("name", FOLDERS)
@pytest.mark.parametrize("there", NO_FOLDERS)
def test_a_folder_that_cannot_be_made_is_told_before_the_work(capsys: Printed, here: Path, name: str, there: str) -> None:
    """In one line."""
    make, reason = NO_FOLDERS[there]
    make(here / "out")
    _assert_refused(capsys, FOLDERS[name], f"the report can't be written to out: {reason}")


def test_a_report_below_a_file_is_refused(capsys: Printed, here: Path) -> None:
    """As any other."""
    (here / "file").touch()
    _assert_refused(capsys, ["run", NOBODY, "--report", "file/out"], "the report can't be written to file/out: Not a directory")


def test_pytest_refuses_a_folder_that_cannot_be_made_before_it_asks_anything(command: Command, here: Path) -> None:
    """With the same words."""
    os.mkfifo(here / "out")
    done = command("run", NOBODY, "--report", "out", "--", "-q")
    assert done.returncode == 2
    assert "the report can't be written to out: it is no folder" in done.stdout + done.stderr
    assert NOBODY not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (os.mkfifo, "it is a pipe that no program reads from"),
        (lambda path: path.symlink_to("/dev/full"), "No space left on device"),
    ],
    ids=["a pipe without a reader", "a full device"],
)
def test_a_recording_that_nobody_takes_is_told_at_the_end(
    command: Command, here: Path, make: Callable[[Path], object], reason: str
) -> None:
    """And the command ends."""
    make(here / "out.har")
    done = command("record", "reference", "out.har", "--serialization", "json", "--no-queries")
    assert (done.returncode, done.stderr) == (2, f"jobinfo-conformance: out.har can't be written: {reason}\n")


def test_a_recording_goes_into_a_pipe_that_a_program_reads(command: Command, here: Path) -> None:
    """As in ``record URL >(gzip > a.har.gz)``, whole."""
    os.mkfifo(here / "out.har")
    script = "import sys, json; print(len(json.load(open(sys.argv[1]))['log']['entries']))"
    with subprocess.Popen([sys.executable, "-c", script, "out.har"], stdout=subprocess.PIPE, text=True) as reader:
        done = command("record", "reference", "out.har", "--serialization", "json", "--no-queries")
        counted, _ = reader.communicate()
    assert done.returncode == 0
    assert done.stdout == f"{counted.strip()} exchanges in out.har\n"

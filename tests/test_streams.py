"""What becomes of a command if nobody reads what it prints, or if that can't be written."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import pytest

from jobinfo_conformance._evidence.har_writer import write_har
from tests.endpoint import SESSION, Endpoint
from tests.exchanges import CLOSED, close
from tests.reports import report
from tests.warm import Order, WarmPython

FULL = Path("/dev/full")
FULL_DISK = "standard output can't be written: No space left on device; otherwise the exit status would be"
#: A message of the interpreter itself, about a stream that it could not write at its end.
OF_PYTHON = ("Traceback", "Exception ignored", "BrokenPipe")

Prepare = Callable[[], None]


@contextmanager
def reader_gone() -> Iterator[IO[bytes]]:
    """The end of a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as file:
        yield file


def closing(*streams: int) -> Prepare:
    """Close streams before the command begins, as a shell does for ``>&-``."""

    def prepare() -> None:
        for stream in streams:
            os.close(stream)

    return prepare


class Started:
    """A command that has ended: its status, and what it printed where somebody could read it."""

    def __init__(self, status: int, stdout: str, stderr: str) -> None:
        self.status = status
        self.stdout = stdout
        self.stderr = stderr


#: Runs a module of Python in a folder with streams that nobody reads: ``stdout gone``, ``both closed`` and so on; or ``none``.
Start = Callable[..., Started]


@pytest.fixture
def start(warm_suite: WarmPython, warm_pytest: WarmPython) -> Start:
    """Run a module; where its streams are closed, or it has to be prepared otherwise, in Python that is started for it."""
    warm = {"jobinfo_conformance": warm_suite, "pytest": warm_pytest}

    def run(folder: Path, arguments: Sequence[object], away: str, prepare: Prepare | None = None) -> Started:
        which, _, how = away.partition(" ")
        numbers = {"stdout": [1], "stderr": [2], "both": [1, 2], "none": []}[which]
        module, *rest = map(str, arguments)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "JOBINFO", "GITHUB"))}
        order = Order(module, rest, str(folder), {**inherited, "JOBINFO_SESSION_ID": SESSION})
        if how == "closed" or prepare is not None:
            return started_anew(order, closing(*numbers) if how == "closed" else prepare)
        with ExitStack() as open_files:
            nobody = open_files.enter_context(FULL.open("wb") if how == "full" else reader_gone())
            done = warm[module].run(order, *(nobody if number in numbers else None for number in (1, 2)))
        return Started(done.returncode, done.stdout, done.stderr)

    return run


def started_anew(order: Order, prepare: Prepare | None) -> Started:
    """Run a module in a Python that is started for it, and prepared before it starts."""
    done = subprocess.run(
        [sys.executable, "-m", order.module, *order.arguments],
        cwd=order.folder,
        env=order.environment,
        capture_output=True,
        preexec_fn=prepare,  # no threads here
        timeout=120,
        check=False,
    )
    return Started(done.returncode, done.stdout.decode(), done.stderr.decode())


AWAY = ["stdout gone", "stderr gone", "both gone", "stdout closed", "stderr closed", "both closed"]
RUN, UNDER_PYTEST = ["jobinfo_conformance", "run", "{target}"], ["jobinfo_conformance", "run", "{target}", "--"]
BY_PYTEST = ["pytest", "--pyargs", "jobinfo_conformance.suite", "-p", "no:cacheprovider", "--jobinfo-target={target}"]
FRONTS = {"run": RUN, "run --": UNDER_PYTEST, "pytest --pyargs": BY_PYTEST}


def to(target: object, arguments: Sequence[str]) -> list[str]:
    """The arguments, with the target in its place."""
    return [argument.format(target=target) for argument in arguments]


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A recording that does not conform."""
    file = tmp_path / "wrong.har"
    file.write_bytes(write_har([close(CLOSED.replace(state="Open"))]))
    return file


@pytest.mark.parametrize("away", AWAY)
@pytest.mark.parametrize("front", FRONTS)
def test_a_reader_that_goes_away_changes_no_exit_status(
    start: Start, tmp_path: Path, wrong: Path, front: str, away: str
) -> None:
    """It says that the target fails, and the interpreter adds nothing."""
    done = start(tmp_path, to(wrong, FRONTS[front]), away)
    assert done.status == 1
    assert not any(word in done.stdout + done.stderr for word in OF_PYTHON), done.stderr


@pytest.mark.parametrize("front", FRONTS)
def test_a_live_run_is_played_to_its_end_without_a_reader(
    start: Start, tmp_path: Path, live_endpoint: Endpoint, front: str
) -> None:
    """With its report, and without an open job."""
    folder = tmp_path / "report"
    option = "--jobinfo-report" if front == "pytest --pyargs" else "--report"
    arguments = to(live_endpoint.url, FRONTS[front])
    place = arguments.index("--") if front == "run --" else len(arguments)
    done = start(tmp_path, [*arguments[:place], option, folder, *arguments[place:]], "both gone")
    assert done.status == 0
    assert set(live_endpoint.states()) == {"Closed", "Aborted"}
    assert '"verdict": "conformant"' in (folder / "report.json").read_text("utf-8")


#: The other commands, each with its exit status; `folder` makes the files that they read.
OTHER_COMMANDS = {
    "check": (["check", "cut.xml"], 1),
    "check of a missing file": (["check", "missing.xml"], 2),
    "compare": (["compare", "good.har", "bad.har"], 1),
    "requirements": (["requirements"], 0),
    "selftest": (["selftest", "close-answers-201"], 0),
    "selftest --list": (["selftest", "--list"], 0),
    "report": (["report", "report.json", "again"], 0),
    "known-failures": (["known-failures", "report.json", "known.toml"], 0),
    "record": (["record", "reference", "reference.har", "--serialization", "xml"], 0),
    "run --collect-only": (["run", "reference", "--collect-only"], 0),
    "help": (["--help"], 0),
    "wrong usage": (["run", "--no-such-option"], 2),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a recording that conforms, one that does not, a report, and a payload that is cut short."""
    bad = close(CLOSED.replace(state="Open"))
    (tmp_path / "good.har").write_bytes(write_har([close()]))
    (tmp_path / "bad.har").write_bytes(write_har([bad]))
    (tmp_path / "cut.xml").write_bytes((bad.response.body or b"")[:-9])
    (tmp_path / "report.json").write_text(report(bad).to_json(), "utf-8")
    return tmp_path


@pytest.mark.parametrize("away", ["both gone", "both closed"])
@pytest.mark.parametrize("name", OTHER_COMMANDS)
def test_every_command_ends_with_its_own_status_without_a_reader(start: Start, folder: Path, name: str, away: str) -> None:
    """Help and usage errors too."""
    arguments, status = OTHER_COMMANDS[name]
    assert start(folder, ["jobinfo_conformance", *arguments], away).status == status


def test_a_reference_is_served_without_a_reader(start: Start, tmp_path: Path, port: int) -> None:
    """Until somebody ends it."""
    serve = [sys.executable, "-m", "jobinfo_conformance", "serve", "--port", str(port)]
    run = ["jobinfo_conformance", "run", f"http://127.0.0.1:{port}", "--serialization", "xml"]
    environment = {**os.environ, "JOBINFO_SESSION_ID": SESSION}
    with reader_gone() as gone, subprocess.Popen(serve, stdout=gone, stderr=gone, cwd=tmp_path, env=environment) as process:
        done = start(tmp_path, run, "none")
        while process.poll() is None and "does not answer" in done.stderr:
            done = start(tmp_path, run, "none")
        process.terminate()
    assert (done.status, done.stderr) == (0, "")
    assert process.returncode == 0


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("front", FRONTS)
def test_a_full_disk_behind_standard_output_is_one_line_with_the_status_that_is_lost(
    start: Start, tmp_path: Path, wrong: Path, front: str
) -> None:
    """And an exit status of its own, which is no verdict."""
    done = start(tmp_path, to(wrong, FRONTS[front]), "stdout full")
    said = f"jobinfo-conformance: {FULL_DISK} 1\n"
    assert (done.status, done.stderr) == (2, said)


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("name", ["requirements", "help", "compare", "record"])
def test_a_full_disk_is_said_by_every_command(start: Start, folder: Path, name: str) -> None:
    """With its own status."""
    arguments, status = OTHER_COMMANDS[name]
    done = start(folder, ["jobinfo_conformance", *arguments], "stdout full")
    assert done.status == 2
    assert done.stderr.splitlines()[-1] == f"jobinfo-conformance: {FULL_DISK} {status}"


def limiting_files_to(size: int) -> Prepare:
    """Let no file grow beyond this many bytes, as on a disk that is full."""

    def prepare() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return prepare


def test_a_report_that_does_not_fit_on_the_disk_leaves_no_part_of_itself(start: Start, tmp_path: Path, wrong: Path) -> None:
    """Nor takes away an earlier one; the verdict is printed, and the status says that something is missing."""
    folder = tmp_path / "report"
    arguments = ["jobinfo_conformance", "run", str(wrong), "--report", str(folder)]
    assert start(tmp_path, arguments, "none").status == 1
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    done = start(tmp_path, arguments, "none", limiting_files_to(10_000))
    assert done.status == 2
    assert f"jobinfo-conformance: the report can't be written to {folder}: File too large\n" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("not-conformant: ")
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        (["record", "reference", "made", "--serialization", "xml"], "made can't be written: File too large"),
        (["known-failures", "report.json", "made"], "made can't be written: File too large"),
        (["selftest", "close-answers-201", "--write", "made"], "the kill map can't be written to made: File too large"),
    ],
    ids=["record", "known-failures", "selftest"],
)
def test_a_file_that_does_not_fit_on_the_disk_is_removed(
    start: Start, folder: Path, arguments: Sequence[str], left: str
) -> None:
    """One line says so."""
    done = start(folder, ["jobinfo_conformance", *arguments], "none", limiting_files_to(100))
    assert (done.status, done.stderr) == (2, f"jobinfo-conformance: {left}\n")
    assert not (folder / "made").exists()

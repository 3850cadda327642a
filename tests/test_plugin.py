"""The plugin beside a user's own tests: their settings stay in force, and the suite's verdict is the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._evidence.har_writer import write_har
from tests.conftest import Command
from tests.endpoint import Endpoint
from tests.exchanges import CLOSED, close
from tests.figures import conformant, documented, how_many_tested

SUITE = ["--pyargs", "jobinfo_conformance.suite"]
STRICT_INI = """[pytest]
addopts = --strict-markers --strict-config
filterwarnings = error
xfail_strict = true
markers = mine: a marker of this project
"""
OWN_TEST = """import pytest

@pytest.mark.mine
def test_own(record_own):
    assert record_own == "own"
"""
OWN_CONFTEST = """import pytest

@pytest.fixture
def record_own():
    return "own"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A user's project with a strict pytest.ini, a conftest.py and a test."""
    (tmp_path / "pytest.ini").write_text(STRICT_INI, "utf-8")
    (tmp_path / "conftest.py").write_text(OWN_CONFTEST, "utf-8")
    (tmp_path / "test_own.py").write_text(OWN_TEST, "utf-8")
    return tmp_path


def wrong(folder: Path) -> Path:
    """A recording of a close that is answered Open."""
    path = folder / "wrong.har"
    path.write_bytes(write_har([close(CLOSED.replace(state="Open"))]))
    return path


def test_own_tests_run_untouched(project: Path, run_pytest: Command) -> None:
    """The plugin says nothing where the suite is not run."""
    done = run_pytest("-q")
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
    assert "jobinfo" not in done.stdout
    assert project.is_dir()


@pytest.mark.parametrize("more", [[], ["--junit-xml=junit.xml"], ["-n", "2"]], ids=["plain", "junit", "xdist"])
def test_the_suite_gives_its_verdict_under_strict_settings(project: Path, run_pytest: Command, more: list[str]) -> None:
    """Strict markers and warnings as errors are no obstacle; the verdict is that of ``run``."""
    done = run_pytest(*SUITE, *more)
    assert done.returncode == 0, done.stdout
    assert conformant(how_many_tested(documented())) in done.stdout
    done = run_pytest(*SUITE, *more, f"--jobinfo-target={wrong(project)}")
    assert done.returncode == 1
    assert "not-conformant: " in done.stdout
    assert "state/closed (MUST, xml): The answer to an accepted close says that the state is Closed." in done.stdout


def test_verbose_reads_as_the_catalogue(run_pytest: Command) -> None:
    """Each requirement in each serialization, and its outcome by name."""
    done = run_pytest(*SUITE, "-v")
    for name, form in BUILT_IN.places:
        assert f"test_requirement[{name}-{form}]" in done.stdout or f"test_requirement[{name}]" in done.stdout
    assert "test_requirement[state/closed-json] PASS" in done.stdout
    assert "test_requirement[state/kept-json] NOT APPLICABLE" in done.stdout


def test_a_failure_is_shown_without_a_traceback_of_the_suite(project: Path, run_pytest: Command) -> None:
    """The text of the requirement is all that a reader needs."""
    done = run_pytest(*SUITE, f"--jobinfo-target={wrong(project)}")
    assert "  expected  Closed\n  got       Open\n  where     state\n" in done.stdout
    assert "jobinfo_judge(" not in done.stdout
    assert "NotConformant" not in done.stdout.partition("short test summary")[0]


def test_own_failures_and_the_suites_verdict_share_an_exit_status(project: Path, run_pytest: Command) -> None:
    """A conformant target does not hide a failing test beside it."""
    (project / "test_own.py").write_text("def test_own():\n    assert 1 == 2\n", "utf-8")
    done = run_pytest("test_own.py", *SUITE)
    assert done.returncode == 1
    assert conformant(how_many_tested(documented())) in done.stdout
    assert "assert 1 == 2" in done.stdout


def test_asking_a_live_target_warns_of_nothing_and_leaves_nothing(run_pytest: Command, tmp_path: Path) -> None:
    """Hypothesis warns of what draws before a session has begun, and keeps what it draws in a folder."""
    before = set(tmp_path.rglob("*"))
    done = run_pytest(*SUITE, "--jobinfo-target=reference", "-q", "-p", "no:cacheprovider")
    assert (done.returncode, done.stderr) == (0, "")
    assert "warning" not in done.stdout.lower()
    assert set(tmp_path.rglob("*")) == before


def test_an_unusable_target_is_one_line_and_status_2(run_pytest: Command) -> None:
    """Also where pytest itself was called."""
    done = run_pytest(*SUITE, "--jobinfo-target=missing.har")
    said = [line for line in (done.stdout + done.stderr).splitlines() if "missing.har" in line]
    assert done.returncode == 2
    assert len(said) == 1
    assert "missing.har is neither a file, nor an http URL, nor reference" in said[0]


def test_the_options_are_those_of_run(run_pytest: Command, command: Command) -> None:
    """Each of ``run`` has its twin with a prefix."""
    theirs, ours = run_pytest("--help").stdout, command("run", "--help").stdout
    for option in ("api-version", "serialization", "strict", "report", "object", "max-requests", "timeout"):
        assert f"--{option}" in ours
        assert f"--jobinfo-{option}" in theirs
    assert "--jobinfo-target" in theirs


def test_options_of_the_suite_work_under_pytest(live_endpoint: Endpoint, run_pytest: Command, tmp_path: Path) -> None:
    """The object, the version and the report, on a live endpoint."""
    options = ["--jobinfo-object=Contact", "--jobinfo-api-version=62.0", f"--jobinfo-report={tmp_path / 'r'}"]
    done = run_pytest(*SUITE, f"--jobinfo-target={live_endpoint.url}", *options)
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "r" / "report.json").is_file()
    assert {job.settings["object"] for job in live_endpoint.jobs.values()} == {"Contact"}
    assert {str(job.version) for job in live_endpoint.jobs.values()} == {"62.0"}


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("timeout=-1", "give a number above 0, not '-1'"),
        ("timeout=inf", "give a number above 0, not 'inf'"),
        ("max-requests=0", "give a whole number above 0, not '0'"),
        ("serialization=yaml", "invalid choice: 'yaml'"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(run_pytest: Command, command: Command, option: str, said: str) -> None:
    """By pytest, whose status for that is 4, and by ``run``."""
    theirs, ours = run_pytest(*SUITE, f"--jobinfo-{option}"), command("run", f"--{option}")
    assert (theirs.returncode, ours.returncode) == (4, 2)
    assert f"argument --jobinfo-{option.partition('=')[0]}: {said}" in theirs.stderr
    assert f"argument --{option.partition('=')[0]}: {said}" in ours.stderr


def test_a_second_version_is_refused(run_pytest: Command) -> None:
    """A session asks once: the last of two would win in silence. ``run`` takes several."""
    done = run_pytest(*SUITE, "--jobinfo-api-version=36.0", "--jobinfo-api-version=62.0")
    assert done.returncode == 4
    assert "argument --jobinfo-api-version: given twice" in done.stderr


def test_loading_the_plugin_imports_little() -> None:
    """It loads in every pytest run of its environment, used or not."""
    program = (
        "import sys, pytest; before = set(sys.modules); import jobinfo_conformance.plugin; print(*set(sys.modules) - before)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == {f"jobinfo_conformance{name}" for name in ("", "._options", ".plugin")}


@pytest.mark.parametrize(
    ("ini", "options"),
    [
        ("python_files = check_*.py", ()),
        ("python_functions = check_*", ()),
        ("python_files = check_*.py", ("--doctest-modules",)),
    ],
    ids=["files", "functions", "doctests"],
)
def test_the_suite_is_found_whatever_a_users_tests_are_called(
    project: Path, run_pytest: Command, ini: str, options: tuple[str, ...]
) -> None:
    """Such settings are about the user's files."""
    (project / "pytest.ini").write_text(f"{STRICT_INI}{ini}\n", "utf-8")
    done = run_pytest(*SUITE, *options)
    assert done.returncode == 0, done.stdout
    assert conformant(how_many_tested(documented())) in done.stdout

"""The suite inside a user's own tests: ``from jobinfo_conformance.suite import *``, and a target of a conftest.py."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._evidence.har_writer import write_har
from jobinfo_conformance._options import FAMILIES
from tests.conftest import ROOT, Command
from tests.endpoint import Endpoint
from tests.exchanges import CLOSED, close

SUITE = ["--pyargs", "jobinfo_conformance.suite"]
OWN = "from jobinfo_conformance.suite import *\n\n\ndef test_own():\n    assert 1 + 1 == 2\n"
CONFTEST = "import pytest\n\n\n@pytest.fixture(scope='session')\ndef jobinfo_target():\n    {}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A user's project with strict settings and a test module that takes the suite in."""
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\nfilterwarnings = error\n", "utf-8")
    (tmp_path / "test_own.py").write_text(OWN, "utf-8")
    return tmp_path


def targeting(project: Path, statements: str) -> None:
    """Give the project a target."""
    (project / "conftest.py").write_text(CONFTEST.format(statements.replace("\n", "\n    ")), "utf-8")


def wrong(folder: Path) -> Path:
    """A recording of a close that is answered Open."""
    path = folder / "wrong.har"
    path.write_bytes(write_har([close(CLOSED.replace(state="Open"))]))
    return path


def outcomes(report: Path) -> dict[tuple[str, str | None], str]:
    """The outcome of each requirement in each serialization."""
    rows = json.loads((report / "report.json").read_text("utf-8"))["requirements"]
    return {(row["id"], row["serialization"]): row["outcome"] for row in rows}


def test_the_verdict_is_that_of_the_command_line(project: Path, run_pytest: Command, command: Command) -> None:
    """For a target of the conftest.py, with the user's own tests beside."""
    recording = wrong(project)
    targeting(project, f"return {str(recording)!r}")
    theirs = run_pytest("-v", f"--jobinfo-report={project / 'theirs'}")
    ours = command("run", recording, "--report", project / "ours")
    assert (theirs.returncode, ours.returncode) == (1, 1)
    assert outcomes(project / "theirs") == outcomes(project / "ours")
    assert "test_own.py::test_own PASSED" in theirs.stdout
    assert "test_own.py::test_requirement[state/closed-xml] FAIL" in theirs.stdout
    assert ours.stdout.splitlines()[-1] in theirs.stdout


@pytest.mark.parametrize("name", ["path", "application", "target"])
def test_the_fixture_returns_whatever_python_takes(project: Path, run_pytest: Command, name: str) -> None:
    """A path, an application, an object of one's own."""
    returned = {
        "path": f"import pathlib\nreturn pathlib.Path({str(wrong(project))!r})",
        "application": "from tests.applications import flask_app\nreturn flask_app('close-answers-open')",
        "target": "from tests.test_applications import InProcess\nreturn InProcess()",
    }
    targeting(project, returned[name])
    done = run_pytest("-q", session=None, PYTHONPATH=str(ROOT))
    assert done.returncode == (0 if name == "target" else 1), done.stdout
    assert (f"conformant: {len(BUILT_IN.requirements)} of" if name == "target" else "state/closed (MUST, xml)") in done.stdout


def test_a_target_of_the_fixture_is_asked_once_under_xdist(project: Path, run_pytest: Command, live_endpoint: Endpoint) -> None:
    """By one worker for all of them; the results are put together from all."""
    targeting(project, f"return {live_endpoint.url!r}")
    done = run_pytest("-n", "3", f"--jobinfo-report={project / 'report'}")
    assert done.returncode == 0, done.stdout
    requests = json.loads((project / "report" / "report.json").read_text("utf-8"))["requests"]
    assert len(live_endpoint.asked) == requests
    assert set(outcomes(project / "report").values()) == {"pass", "not-applicable"}


def test_a_target_that_can_not_be_used_ends_the_session(project: Path, run_pytest: Command) -> None:
    """With exit status 2 and its line; under xdist too."""
    targeting(project, "return 'missing.har'")
    for more in ([], ["-n", "2"]):
        done = run_pytest(*more)
        assert done.returncode == 2, done.stdout
        assert "missing.har is neither a file, nor an http URL" in done.stdout + done.stderr


def test_a_session_has_one_target(project: Path, run_pytest: Command) -> None:
    """Where a folder has another one, that is said, and not judged by the first."""
    targeting(project, "return 'reference'")
    (project / "other").mkdir()
    (project / "other" / "test_other.py").write_text(OWN, "utf-8")
    targeting(project / "other", "return None")
    done = run_pytest("-p", "no:randomly", "--import-mode=importlib")
    assert done.returncode == 2
    assert (
        "a session tests one target, but jobinfo_target returned a second one: run pytest for each" in done.stdout + done.stderr
    )


def test_markers_select_by_level_and_family(run_pytest: Command) -> None:
    """They are registered, so that strict settings take them."""
    done = run_pytest(*SUITE, "-v", "--strict-markers", "-m", "must and not refuses")
    selected = {line.partition("[")[2].partition("]")[0] for line in done.stdout.splitlines() if "test_requirement[" in line}
    wanted = {
        f"{name}-{form}" if form else name
        for name, form in BUILT_IN.places
        if BUILT_IN.requirements[name].level == "MUST" and BUILT_IN.requirements[name].family != "refuses"
    }
    assert selected == wanted
    assert set(FAMILIES) == {requirement.family for requirement in BUILT_IN.requirements.values()}


def test_a_second_version_is_refused_and_not_taken_in_silence(run_pytest: Command) -> None:
    """Which of the two would be tested is not for the last one to say."""
    done = run_pytest(*SUITE, "--jobinfo-api-version=36.0", "--jobinfo-api-version=62.0")
    assert done.returncode == 4
    assert "argument --jobinfo-api-version: given twice" in done.stderr


BROKEN_SESSIONS = {
    "loading a recording": (
        "from jobinfo_conformance._targets import recorded\n"
        "def breaks(*_): raise RuntimeError('broken')\n"
        "recorded._load = breaks\n"
    ),
    "the configuration": "def pytest_configure(config): raise RuntimeError('broken')\n",
    "the start": "def pytest_sessionstart(session): raise RuntimeError('broken')\n",
    "the collection": "def pytest_collection_finish(session): raise RuntimeError('broken')\n",
    "the middle": "def pytest_report_teststatus(report): raise RuntimeError('broken')\n",
}


@pytest.mark.parametrize("name", BROKEN_SESSIONS)
def test_a_session_that_breaks_down_is_an_error_of_the_suite(tmp_path: Path, run_pytest: Command, name: str) -> None:
    """Its exit status is 4, and not the 3 that pytest has for it, which means inconclusive here; nor that of half a verdict."""
    (tmp_path / "conftest.py").write_text(BROKEN_SESSIONS[name], "utf-8")
    done = run_pytest(*SUITE, "--jobinfo-target", ROOT / "fixtures" / "documented-xml.har")
    assert done.returncode == 4, done.stdout
    assert "RuntimeError: broken" in done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        [*SUITE, "-k", "second-close"],
        [*SUITE, "--jobinfo-target=reference", "--jobinfo-max-requests=10", "--jobinfo-serialization=xml"],
    ],
)
def test_inconclusive_is_3_as_on_the_command_line(run_pytest: Command, arguments: list[str]) -> None:
    """It is the status that pytest has for its own breakdown, too; the two are told apart."""
    done = run_pytest(*arguments)
    assert done.returncode == 3, done.stdout
    assert "inconclusive: " in done.stdout


@pytest.mark.parametrize("arguments", [["--", "-k", "second-close"], ["reference", "--max-requests", "10", "--", "-q"]])
def test_so_it_is_for_run_by_pytest(command: Command, arguments: list[str]) -> None:
    """Where arguments go to pytest."""
    done = command("run", *arguments)
    assert done.returncode == 3, done.stdout


INTERRUPTED = """
import pytest

class Slow:
    name, asked = "slow", 0

    def send(self, request):
        self.asked += 1
        pytest.fail("Timeout (>5.0s) from a plugin.")

slow = Slow()

@pytest.fixture(scope="session")
def jobinfo_target():
    yield slow
    print("asked", slow.asked)
"""


def test_a_target_that_could_not_be_asked_to_the_end_is_not_asked_again(tmp_path: Path, run_pytest: Command) -> None:
    """By every test anew: the first one fails, and the second ends the session."""
    (tmp_path / "conftest.py").write_text(INTERRUPTED, "utf-8")
    (tmp_path / "test_own.py").write_text(OWN, "utf-8")
    done = run_pytest("-s", "test_own.py")
    assert done.returncode == 2
    assert "\nTimeout (>5.0s) from a plugin.\n" in done.stdout
    assert "error in the suite" not in done.stdout + done.stderr
    assert "asked 1\n" in done.stdout
    said = "the target was not asked to the end: Timeout (>5.0s) from a plugin; give tests more time than a run takes"
    assert said in done.stdout + done.stderr


def test_an_option_of_the_suite_after_the_dashes_wins(command: Command, tmp_path: Path) -> None:
    """Over the one before them; those that may be repeated are put together."""
    done = command("run", "--serialization", "xml", "--", "--jobinfo-serialization=json", f"--jobinfo-report={tmp_path}")
    assert done.returncode == 0
    tested = {form for (_, form), outcome in outcomes(tmp_path).items() if outcome == "pass"}
    assert tested == {"json"}
    done = command("run", "--only", "state", "--", "--jobinfo-only=http", "--jobinfo-target=reference", "-v")
    assert "state/closed-xml] PASS" in done.stdout
    assert "http/status-200-xml] PASS" in done.stdout
    assert "schema/root-xml] NOT APPLICABLE" in done.stdout


def test_what_follows_from_a_requirement_that_is_not_selected_is_told_by_itself(run_pytest: Command) -> None:
    """The cause is not among what was asked for."""
    asked = ["--jobinfo-target=reference:close-answers-open", "--jobinfo-only=lifecycle/any-order"]
    done = run_pytest("--pyargs", "jobinfo_conformance.suite", *asked)
    assert "lifecycle/any-order (MUST, xml): After requests in any order" in done.stdout
    assert "because of state/closed" not in done.stdout


def test_run_by_pytest_leaves_the_environment_as_it_was(tmp_path: Path) -> None:
    """It takes out what would bring in the caller's settings, for the session alone."""
    program = (
        "import os; from jobinfo_conformance._cli import main; "
        "print(main(['run', '--', '-k', 'documented']), os.environ['PYTEST_ADDOPTS'])"
    )
    environment = {**os.environ, "PYTEST_ADDOPTS": "-k nothing"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "0 -k nothing"


def test_nothing_is_tested_if_nothing_says_what(project: Path, run_pytest: Command) -> None:
    """The documented exchanges would be green whatever the user's own endpoint does."""
    for more in ([], ["-n", "2"]):
        done = run_pytest(*more)
        assert done.returncode == 2, done.stdout
        assert "nothing says what to test: return a target from a fixture jobinfo_target" in done.stdout + done.stderr
    assert run_pytest(f"--jobinfo-target={ROOT / 'fixtures' / 'documented-xml.har'}").returncode == 0
    assert (project / "test_own.py").is_file()


def test_two_ways_to_name_a_target_have_to_agree(project: Path, run_pytest: Command) -> None:
    """Neither is left out without a word."""
    targeting(project, "return 'reference'")
    done = run_pytest("--jobinfo-target=zzz.har")
    assert done.returncode == 2
    said = "--jobinfo-target=zzz.har: the fixture jobinfo_target returns another target"
    assert said in done.stdout + done.stderr


@pytest.mark.parametrize(
    "definition", ["@pytest.fixture(name='jobinfo_target')\ndef mine():", "from other import jobinfo_target"]
)
def test_a_fixture_is_found_however_it_is_defined(project: Path, run_pytest: Command, definition: str) -> None:
    """By another name, or somewhere else."""
    (project / "other.py").write_text(CONFTEST.format(f"return {str(wrong(project))!r}"), "utf-8")
    body = f"\n    return {str(wrong(project))!r}\n" if definition.endswith(":") else "\n"
    (project / "conftest.py").write_text(f"import pytest\n\n{definition}{body}", "utf-8")
    done = run_pytest(*SUITE, PYTHONPATH=str(project))
    assert done.returncode == 1, done.stdout
    assert "state/closed (MUST, xml)" in done.stdout


def test_a_refusal_is_one_line_under_xdist_and_no_crash(project: Path, run_pytest: Command) -> None:
    """The session ends, and no worker is started anew."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    targeting(project, f"return 'http://127.0.0.1:{port}'")
    done = run_pytest("-n", "2")
    assert done.returncode == 2
    assert f"http://127.0.0.1:{port} does not answer: Connection refused" in done.stdout + done.stderr
    assert "crashed" not in done.stdout
    assert "replacing" not in done.stdout


def test_workers_do_not_wait_for_one_that_died(project: Path, run_pytest: Command) -> None:
    """The controller tells them; a target that ends its process can't be used."""
    own = "class Deadly:\n    name = 'deadly'\n    def send(self, request):\n        import os\n        os._exit(3)\n"
    targeting(project, f"{own}return Deadly()")
    done = run_pytest("-n", "2")
    assert done.returncode == 2, done.stdout
    assert "died while it asked the target" in done.stdout + done.stderr


def test_xdist_plays_as_many_scenarios_side_by_side_as_it_has_workers(run_pytest: Command, live_endpoint: Endpoint) -> None:
    """The target is asked once."""
    done = run_pytest(*SUITE, "-n", "2", f"--jobinfo-target={live_endpoint.url}")
    assert done.returncode == 0, done.stdout
    assert sum("Finished" in asked for asked in live_endpoint.asked) == 2  # the fault of that name, in each serialization


def test_options_that_can_not_be_used_are_one_line_where_tests_are_collected(project: Path, run_pytest: Command) -> None:
    """The whole line, and no traceback of the suite's."""
    targeting(project, "return 'reference'")
    done = run_pytest("--jobinfo-extension=a_module_with_quite_a_long_name_that_is_nowhere")
    assert done.returncode == 2, done.stdout
    said = "jobinfo-conformance: --extension: the module a_module_with_quite_a_long_name_that_is_nowhere can't be imported"
    assert said in done.stdout
    assert "_pytest_session.py" not in done.stdout

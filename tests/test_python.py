"""``jobinfo_conformance.run``: the core that every front calls."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import jobinfo_conformance
from jobinfo_conformance import BadInput, Judgement, Level, Outcome, Results, Serialization, TargetUnusable, Verdict
from jobinfo_conformance._evidence.har_writer import write_har
from jobinfo_conformance._option_values import _VALUES
from jobinfo_conformance._options import OPTIONS
from jobinfo_conformance._settings import Options
from tests.endpoint import SESSION, Endpoint
from tests.exchanges import CLOSED, JSON, close


def wrong(folder: Path) -> Path:
    """A recording of a close that is answered Open."""
    path = folder / "wrong.har"
    path.write_bytes(write_har([close(CLOSED.replace(state="Open"), JSON)]))
    return path


def test_results_are_typed_values(tmp_path: Path) -> None:
    """A requirement that does not hold says what was expected, what came, and shows the exchange."""
    results = jobinfo_conformance.run(wrong(tmp_path))
    assert results.verdict is Verdict.NOT_CONFORMANT
    assert results.exit_status == 1
    [failed] = [judgement for judgement in results.requirements if judgement.outcome is Outcome.FAIL]
    assert isinstance(failed, Judgement)
    assert (failed.id, failed.level, failed.serialization) == ("state/closed", Level.MUST, Serialization.JSON)
    [finding] = failed.findings
    assert (finding.expected, finding.got, finding.where) == ("Closed", "Open", "state")
    assert finding.exchanges == results.exchanges


@pytest.mark.parametrize("kind", [str, Path])
def test_results_go_to_json_and_come_back(tmp_path: Path, kind: Callable[[Path], str | Path]) -> None:
    """As the same values; those of a live run, too."""
    for target in (wrong(tmp_path), "reference:errors-without-body"):
        results = jobinfo_conformance.run(target)
        (tmp_path / "report.json").write_text(results.to_json(), "utf-8")
        assert Results.read(kind(tmp_path / "report.json")) == results


def test_a_report_says_nothing_of_extensions_where_there_are_none() -> None:
    """So that it can be read by whoever reads those of 0.1.0."""
    report = json.loads(jobinfo_conformance.run().to_json())
    assert not {"extensions", "errors"} & set(report)
    rows = [row for row in report["requirements"] if row["outcome"] == "pass"]
    assert {tuple(row) for row in rows} == {
        ("id", "level", "sentence", "source", "serialization", "outcome", "reason", "evidence", "known")
    }


def test_what_a_later_version_adds_to_a_report_is_ignored(tmp_path: Path) -> None:
    """At its top, in a requirement, and in evidence."""
    results = jobinfo_conformance.run(wrong(tmp_path))
    report = json.loads(results.to_json())
    report["newer"] = [1]
    for row in report["requirements"]:
        row["newer"] = {"a": 1}
        for case in row["evidence"]:
            case["newer"] = None
    (tmp_path / "report.json").write_text(json.dumps(report), "utf-8")
    assert Results.read(tmp_path / "report.json") == results


def test_options_are_keywords(tmp_path: Path) -> None:
    """Those of the command line, with ``_`` for ``-``."""
    results = jobinfo_conformance.run(wrong(tmp_path), only=["state/closed", "http"], serialization="json", strict=True)
    tested = {judgement.id for judgement in results.requirements if judgement.outcome.tested}
    assert "http/status-200" in tested
    assert {each for each in tested if not each.startswith("http/")} == {"state/closed"}
    for name in ("no_such_option", "report"):
        options: dict[str, Any] = {name: "folder"}
        with pytest.raises(TypeError, match=f"a run has no option {name}"):
            jobinfo_conformance.run(**options)


def test_each_option_of_the_command_line_is_a_keyword() -> None:
    """But for where the report goes; each has a check of its own."""
    names = {name.replace("-", "_") for name in OPTIONS} - {"report"}
    assert set(Options.__annotations__) == names == set(_VALUES)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"api_version": "v36.0"}, "'v36.0' is not an API version: write it like 36.0"),
        ({"serialization": "yaml"}, "'yaml' is not a serialization: write xml, json or both"),
        ({"only": ["state/clsed"]}, "--only state/clsed: neither a requirement nor a family"),
        ({"baseline": "nowhere.json"}, "nowhere.json can't be read: No such file or directory"),
        ({"known_failures": "nowhere.toml"}, "nowhere.toml can't be read: No such file or directory"),
        ({"api_version": 36.0}, "api_version is 36.0: give a text like '36.0'"),
        ({"workers": 0}, "workers is 0: give a whole number above 0"),
        ({"workers": True}, "workers is True: give a whole number above 0"),
        ({"workers": 1.5}, "workers is 1.5: give a whole number above 0"),
        ({"timeout": 0}, "timeout is 0: give a number of seconds above 0"),
        ({"wait": float("inf")}, "wait is inf: give a number of seconds above 0"),
        ({"wait": float("nan")}, "wait is nan: give a number of seconds above 0"),
        ({"max_requests": 0}, "max_requests is 0: give a whole number above 0"),
        ({"max_requests": -5}, "max_requests is -5: give a whole number above 0"),
        ({"only": "state"}, "only is of type str: give a list, such as ['state/closed', 'http']"),
        ({"only": [3]}, "only is of type list: give a list, such as ['state/closed', 'http']"),
        ({"extension": "apps"}, "extension is of type str: give a list, such as ['acme_gateway']"),
        ({"header": None}, "header is None: give a list, such as ['X-Api-Key: $MY_KEY']"),
        ({"header": "X-Api-Key: secret"}, "header is of type str: give a list, such as ['X-Api-Key: $MY_KEY']"),
        ({"session_as": None}, "session_as is None: give a text like 'Authorization: Bearer {}'"),
        ({"object": None}, "object is None: give the name of an object, such as 'Account'"),
        ({"object": ""}, "object is '': give the name of an object, such as 'Account'"),
        ({"strict": "no"}, "strict is of type str: give True or False"),
        ({"known_failures": 3}, "known_failures is 3: give a path"),
    ],
)
def test_options_that_make_no_sense_are_bad_input(options: dict[str, str], said: str) -> None:
    """With one line for the user."""
    with pytest.raises(BadInput) as refused:
        jobinfo_conformance.run(**options)  # type: ignore[arg-type]
    assert said in str(refused.value)


def test_a_target_that_is_not_there_is_bad_input() -> None:
    """Whatever kind it would be of."""
    with pytest.raises(TargetUnusable, match=r"missing\.har is neither a file, nor an http URL"):
        jobinfo_conformance.run("missing.har")
    with pytest.raises(TargetUnusable, match=r"missing\.har can't be read"):
        jobinfo_conformance.run(Path("missing.har"))


def test_progress_is_a_callback(live_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is called as each scenario begins."""
    monkeypatch.setenv("JOBINFO_SESSION_ID", SESSION)
    told: list[tuple[int, int, str]] = []
    jobinfo_conformance.run(live_endpoint.url, workers=2, progress=lambda *step: told.append(step))
    assert sorted(number for number, _, _ in told) == list(range(1, len(told) + 1))
    assert told[0][2] == "close an empty job, read it in every way, close it again and try to reopen it (xml)"


def test_it_can_be_called_in_a_thread_and_twice(tmp_path: Path) -> None:
    """Two targets side by side, each with its own results."""
    results: dict[str, Results] = {}

    def run(name: str, target: str | Path) -> None:
        results[name] = jobinfo_conformance.run(target)

    threads = [
        threading.Thread(target=run, args=arguments)
        for arguments in (("right", "reference"), ("wrong", "reference:close-answers-open"), ("recorded", wrong(tmp_path)))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    verdicts = {name: found.verdict.value for name, found in results.items()}
    assert verdicts == {"right": "conformant", "wrong": "not-conformant", "recorded": "not-conformant"}


def test_it_leaves_the_process_as_it_is(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It prints nothing, and touches no signal handler, environment variable, folder or path of modules."""
    monkeypatch.chdir(tmp_path)

    def state() -> tuple[object, ...]:
        handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
        return handlers, dict(os.environ), Path.cwd(), list(sys.path), list(tmp_path.iterdir())

    before = state()
    jobinfo_conformance.run("reference")
    assert state() == before
    assert tuple(capfd.readouterr()) == ("", "")


def test_it_prints_nothing_if_it_is_interrupted(capfd: pytest.CaptureFixture[str]) -> None:
    """Nor of requests that are cut off on their way."""

    def interrupt(number: int, _total: int, _name: str) -> None:
        if number == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        jobinfo_conformance.run("reference", workers=3, progress=interrupt)
    assert tuple(capfd.readouterr()) == ("", "")


def test_it_leaves_nothing_in_the_folder_of_a_script(tmp_path: Path) -> None:
    """Hypothesis would leave a folder of what it read in the script."""
    script = tmp_path / "script.py"
    script.write_text("import jobinfo_conformance as j\nprint(j.run('reference').verdict)\n", "utf-8")
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "conformant\n"
    assert list(tmp_path.iterdir()) == [script]


def test_what_is_drawn_does_not_depend_on_the_modules_of_the_caller(tmp_path: Path) -> None:
    """A constant in a user's module changes no request."""
    run = "import jobinfo_conformance as j\nasked = [e.request for e in j.run('reference').exchanges]\n"
    run += "print(len(asked), [(r.method, r.headers.get('Content-Type'), r.body) for r in asked])\n"
    printed = set()
    for number, constant in enumerate(("", "A = 12345, 54321, 999, 'application/xml', 17\n")):
        script = tmp_path / f"script{number}.py"
        script.write_text(constant + run, "utf-8")
        done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=True)
        printed.add(done.stdout)
    assert len(printed) == 1

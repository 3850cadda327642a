"""``jobinfo-conformance run`` on recordings: verdicts, exit statuses, reports, and what it says of bad input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._evidence.har_writer import write_har
from jobinfo_conformance._exchange import Exchange, Request, Response
from jobinfo_conformance._judging import by_kind, findings_in
from jobinfo_conformance._resources import resource
from jobinfo_conformance._targets.opening import open_target
from jobinfo_conformance._targets.target import Asking
from tests.conftest import Command
from tests.exchanges import CLOSED, JSON, close, create, read
from tests.figures import conformant, documented, how_many_tested

ALL_CLOSED = [create(), close(), read()]
#: The last line of a run on the documented exchanges.
VERDICT = f"{conformant(how_many_tested(documented()))}; a recording like this can show {documented().showable}"
#: The set that all requirements are; nothing if some came after the last release.
SET = documented().requirement_set


def recording(folder: Path, *exchanges: Exchange) -> Path:
    """A HAR file."""
    path = folder / "recording.har"
    path.write_bytes(write_har(exchanges))
    return path


def outcomes(folder: Path) -> dict[tuple[str, str | None], str]:
    """The outcome of each requirement in each serialization, out of a report."""
    report = json.loads((folder / "report.json").read_text("utf-8"))
    return {(row["id"], row["serialization"]): row["outcome"] for row in report["requirements"]}


#: The lines of a small terminal.
SCREEN = 24


def test_the_documented_exchanges_conform(command: Command) -> None:
    """With nothing named, the run is on what ships with the package."""
    done = command("run")
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    judged_by = f"requirements {SET}, " if SET else ""
    assert f"target: the documented exchanges, API version 36.0, {judged_by}2 requests" in lines
    assert lines[0] == "conformant: no problem found"
    assert len(lines) <= SCREEN
    assert [line for line in lines if line.startswith("next: ")]
    assert lines[-1] == VERDICT


def test_other_traffic_in_a_recording_changes_nothing(command: Command, tmp_path: Path) -> None:
    """A browser's recording holds pages, pictures and other APIs."""
    other = [Exchange(Request("GET", f"https://example.test/{name}"), Response(200, body=b"\xff")) for name in "abc"]
    verdicts = []
    for number, exchanges in enumerate((ALL_CLOSED, [other[0], *ALL_CLOSED, *other])):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert command("run", recording(folder, *exchanges), "--report", folder).returncode == 0
        verdicts.append(outcomes(folder))
    assert verdicts[0] == verdicts[1]


JOB_PATH = f"/services/async/36.0/job/{CLOSED.id}"
ODD_REQUESTS: dict[str, dict[str, Any]] = {
    "escaped id": {"url": f"https://x.test{JOB_PATH.replace('Q', '%51')}"},
    "space": {"url": f"https://x.test/my org{JOB_PATH}"},
    "letters": {"url": f"https://x.test/ä{JOB_PATH}"},
    "NUL": {"url": f"https://x.test/\0{JOB_PATH}"},
    "dots": {"url": f"https://x.test/a/../b{JOB_PATH}"},
    "relative": {"url": JOB_PATH},
    "no host": {"url": f"http://{JOB_PATH}"},
    "scheme": {"url": f"wss://x.test{JOB_PATH}"},
    "port": {"url": f"http://x.test:99999{JOB_PATH}"},
    "no port": {"url": f"http://x.test:ab{JOB_PATH}"},
    "host": {"url": f"http://*.example{JOB_PATH}"},
    "two types": {"headers": [("Content-Type", "application/xml"), ("Content-Type", "application/json")]},
    "no name": {"headers": [("", "x")]},
    "colon": {"headers": [("a:b", "x")]},
    "newline": {"headers": [("a\n", "x\r\ny")]},
}


@pytest.mark.parametrize("name", ODD_REQUESTS)
def test_whatever_a_stranger_recorded_gets_a_verdict(tmp_path: Path, name: str) -> None:
    """Also a request that no HTTP client would send; it is shown as it was recorded."""
    document = json.loads(recording(tmp_path, close()).read_bytes())
    request = document["log"]["entries"][0]["request"]
    request["url"] = ODD_REQUESTS[name].get("url", request["url"])
    for header, value in ODD_REQUESTS[name].get("headers", []):
        request["headers"].append({"name": header, "value": value})
    path = tmp_path / "odd.har"
    path.write_text(json.dumps(document), "utf-8")
    [history] = open_target(str(path), Asking(), BUILT_IN).observe(tuple(Serialization), BUILT_IN).histories
    [step] = history.steps
    assert step.exchange.request.url == request["url"]
    assert list(step.exchange.request.headers) == [(header["name"], header["value"]) for header in request["headers"]]
    assert list(findings_in(history, by_kind(BUILT_IN.requirements.values()))) == []


def test_no_session_of_a_recording_is_printed_or_saved(command: Command, tmp_path: Path) -> None:
    """An answer to a request that names none may repeat that of another request."""
    session = "00D000000000001!a.session.in.another.exchange"
    document = json.loads(recording(tmp_path, close(), close(CLOSED.replace(object=session))).read_bytes())
    document["log"]["entries"][0]["request"]["headers"].append({"name": "X-SFDC-Session", "value": session})
    path = tmp_path / "leaks.har"
    path.write_text(json.dumps(document), "utf-8")
    done = command("run", path, "--report", tmp_path / "report")
    assert "FAIL errors/no-secrets" in done.stdout
    assert session not in done.stdout + done.stderr
    for file in (tmp_path / "report").rglob("*.*"):
        assert session not in file.read_text("utf-8"), file.name


def test_a_failure_says_all_that_is_needed(command: Command, tmp_path: Path) -> None:
    """The requirement and its sentence, expected, got, where, and a curl line without the session."""
    done = command("run", recording(tmp_path, close(CLOSED.replace(number_batches_total=0, number_records_processed=3))))
    lines = [line.strip() for line in done.stdout.splitlines()]
    start = lines.index("FAIL counters/zero-without-batches (MUST, xml): If numberBatchesTotal is 0, every other counter is 0.")
    assert done.returncode == 1
    assert [line.split(maxsplit=1)[0] for line in lines[start + 1 : start + 7]] == [
        "source",
        "expected",
        "got",
        "where",
        "exchange",
        "curl",
    ]
    assert lines[start + 2 : start + 5] == ["expected  0", "got       3", "where     numberRecordsProcessed"]
    assert lines[start + 5].endswith(" (state Closed) answered 200 (state Closed)")
    assert "curl -i -X POST https://" in lines[start + 6]
    assert lines[0] == "not-conformant: 1 problem"
    assert lines[-1].startswith("not-conformant: ")
    assert ", 1 fail; a recording like this can show " in lines[-1]


def test_a_job_of_an_old_version_may_be_closed_through_a_new_one(command: Command, tmp_path: Path) -> None:
    """With the fields of either; apiVersion is the version that created it."""
    gone = {"numberRecordsFailed", "totalProcessingTime", "apiActiveProcessingTime", "apexProcessingTime"}
    old = CLOSED.replace(api_version=Version(18))
    for job in (old, JobInfo({name: value for name, value in old.items() if name not in gone})):
        done = command("run", recording(tmp_path, close(job)))
        assert done.returncode == 0, done.stdout


def test_a_warning_fails_under_strict(command: Command, tmp_path: Path) -> None:
    """The same evidence, and the same text under another word."""
    har = recording(tmp_path, close(CLOSED.replace(id=CLOSED.id[:15] + "AAA")))
    lenient, strict = command("run", har), command("run", har, "--strict")
    assert (lenient.returncode, strict.returncode) == (0, 1)
    assert "WARN identity/id-checksum (SHOULD, xml): " in lenient.stdout
    assert "FAIL identity/id-checksum (SHOULD, xml): " in strict.stdout
    assert lenient.stdout.splitlines()[-1].startswith("conformant: ")


@pytest.mark.parametrize("selection", [["--only", "lifecycle"], ["--", "-k", "no_such_test"]], ids=["directly", "by pytest"])
def test_a_run_that_tested_nothing_is_inconclusive(command: Command, selection: list[str]) -> None:
    """Selecting nothing that the target shows, or no test, makes no verdict."""
    done = command("run", *selection)
    assert done.returncode == 3
    left_out = "jobinfo-conformance: nothing was tested: what follows -- leaves out every test\n"
    assert done.stderr == (left_out if selection[0] == "--" else "")


@pytest.mark.parametrize("form", ["xml", "json"])
def test_the_other_serialization_is_not_applicable_where_the_target_lacks_it(
    command: Command, tmp_path: Path, form: str
) -> None:
    """--serialization says what the target offers."""
    done = command("run", "--serialization", form, "--report", tmp_path)
    found = outcomes(tmp_path)
    assert done.returncode == 0
    assert {outcome for (_, judged), outcome in found.items() if judged not in (form, None)} == {"not-applicable"}
    assert found["state/closed", form] == "pass"


#: An extension whose one check breaks.
BROKEN = """
from jobinfo_conformance.extending import MUST, accepted_close, documented, requirement

@requirement("broken/check", MUST, on=accepted_close, source=documented("nowhere"))
def breaks(subject):
    "It breaks."
    raise KeyError("broken")
"""
#: An extension that makes the suite blind to every damage of a payload, and adds a requirement.
BLIND = f"""{BROKEN.replace('raise KeyError("broken")', "pass")}
from jobinfo_conformance import _self_check

_self_check.is_noticed = lambda damage: False
"""


def test_an_error_of_the_suite_is_no_failure_of_the_target(command: Command, tmp_path: Path) -> None:
    """A check that breaks is named, with its traceback, and the status is 4; the others are judged all the same."""
    (tmp_path / "broken.py").write_text(BROKEN, "utf-8")
    done = command("run", "--extension", "broken", "--report", tmp_path, PYTHONPATH=str(tmp_path))
    found = outcomes(tmp_path)
    assert done.returncode == 4
    assert (found["broken/check", "xml"], found["state/closed", "xml"]) == ("error", "pass")
    assert "error in the extension broken: broken/check (xml): Traceback (most recent call last):" in done.stderr
    assert "KeyError: 'broken'" in done.stderr
    assert done.stdout.splitlines()[-1].startswith("error: ")


def test_an_error_of_the_suite_under_pytest_is_told_with_the_results(command: Command, tmp_path: Path) -> None:
    """The same status and the same report; what pytest prints goes to standard output."""
    (tmp_path / "broken.py").write_text(BROKEN, "utf-8")
    done = command("run", "--extension", "broken", "--report", tmp_path, "--", PYTHONPATH=str(tmp_path))
    assert done.returncode == 4
    assert outcomes(tmp_path)["broken/check", "xml"] == "error"
    assert "error in the extension broken: " in done.stdout
    assert "KeyError: 'broken'" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("error: ")


@pytest.mark.parametrize(
    ("exchanges", "status", "verdict"),
    [(ALL_CLOSED, 0, "conformant"), ([close(CLOSED.replace(state="Open"), JSON)], 1, "not-conformant")],
    ids=["0", "1"],
)
def test_a_report_is_written_whatever_the_verdict(
    command: Command, tmp_path: Path, exchanges: list[Exchange], status: int, verdict: str
) -> None:
    """In a folder that is made for it."""
    har = recording(tmp_path, *exchanges)
    done = command("run", har, "--report", tmp_path / "deep" / "report")
    report: dict[str, Any] = json.loads((tmp_path / "deep" / "report" / "report.json").read_text("utf-8"))
    assert done.returncode == status
    assert (report["verdict"], report["target"], report["requests"]) == (verdict, str(har), len(exchanges))
    failed = [row for row in report["requirements"] if row["outcome"] == "fail"]
    assert [row["id"] for row in failed] == ["state/closed"] * status
    for row in failed:
        [case] = row["evidence"]
        assert (case["expected"], case["got"], case["where"]) == ("Closed", "Open", "state")
        assert case["curl"].startswith("curl -i -X POST ")
        assert case["exchanges"][0]["response"]["status"] == 200


@pytest.mark.parametrize("selection", [["--only", "broken/check"], ["--", "-k", "broken/check"]], ids=["directly", "by pytest"])
def test_a_run_whose_only_check_breaks_still_reports(command: Command, tmp_path: Path, selection: list[str]) -> None:
    """The target was observed, so there is a verdict: error."""
    (tmp_path / "broken.py").write_text(BROKEN, "utf-8")
    done = command("run", "--extension", "broken", "--report", tmp_path, *selection, PYTHONPATH=str(tmp_path))
    assert done.returncode == 4
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["verdict"] == "error"
    assert done.stdout.splitlines()[-1].startswith("error: 0 of ")


@pytest.mark.parametrize("more", [[], ["--"]], ids=["directly", "by pytest"])
def test_an_error_of_the_suite_in_no_requirement_is_said_too(command: Command, tmp_path: Path, more: list[str]) -> None:
    """Such as a damage that nothing notices."""
    (tmp_path / "blind.py").write_text(BLIND, "utf-8")
    done = command("run", "--extension", "blind", *more, PYTHONPATH=str(tmp_path))
    said = done.stdout if more else done.stderr
    assert done.returncode == 4
    assert "error in the suite, please report it: " in said
    assert "AssertionError" in said
    assert done.stdout.splitlines()[-1].startswith("error: ")


BAD_INPUT = {
    "a missing file": (["missing.har"], "missing.har is neither a file, nor an http URL, nor reference"),
    "a folder": (["."], ". holds 5 .har files: there must be one; name one itself"),
    "no HAR": (["text.har"], "text.har is not a HAR file: "),
    "cut short": (["short.har"], "short.har is not a HAR file: "),
    "another JSON": (["other.har"], "other.har is not a HAR file: `log` is missing"),
    "an empty HAR": (["empty.har"], "empty.har holds no close of a job: no POST to /services/async/VERSION/job/ID"),
    "a HAR without a close": (["reads.har"], "reads.har holds no close of a job"),
    "an unknown version": (["--api-version", "v36.0"], "'v36.0' is not an API version: write it like 36.0"),
    "a version before the first": (["--api-version", "16.0"], "API version 16.0 is unknown: Bulk API 1.0 begins with 17.0"),
    "another scheme": (["ftp://127.0.0.1"], "ftp://127.0.0.1 is not a base URL: write it like https://"),
    "no scheme": (
        ["127.0.0.1:8080"],
        "127.0.0.1:8080 is neither a file, nor an http URL, nor reference, nor app:MODULE:ATTRIBUTE; perhaps http://127.0.0.1:8080",
    ),
    "a port that is none": (["http://127.0.0.1:99999"], "http://127.0.0.1:99999 is not a base URL: its host or its port can't"),
    "a query that is empty": (
        ["http://127.0.0.1:9?"],
        "http://127.0.0.1:9 goes on after its path: leave out the ? or #, and what",
    ),
    "a host that is none": (
        ["https://my..salesforce.com"],
        "https://my..salesforce.com does not answer: its host can't be one",
    ),
    "a query": (["http://127.0.0.1:9?a=1"], "http://127.0.0.1:9 goes on after its path: leave out the ? or #"),
    "the whole path": (
        ["http://127.0.0.1:9/services/async/36.0"],
        "http://127.0.0.1:9/services/async/36.0 is more than the base URL: leave out /services/async and what follows",
    ),
    "an extension that is none": (["--extension", "json"], "--extension json adds nothing: it has no requirement, scenario,"),
    "a password in the URL": (
        ["http://me:word@127.0.0.1:1"],
        "http://127.0.0.1:1 contains a user name or a password: leave them out",
    ),
}


@pytest.mark.parametrize("name", BAD_INPUT)
def test_bad_input_gets_one_line_and_status_2(command: Command, tmp_path: Path, name: str) -> None:
    """What, where and what to do; no traceback, no verdict."""
    folder = tmp_path / "elsewhere"
    (folder / "text.har").write_text("no JSON", "utf-8")
    (folder / "short.har").write_bytes(resource("fixtures", "documented-xml.har").read_bytes()[:900])
    (folder / "other.har").write_text("{}", "utf-8")
    (folder / "empty.har").write_bytes(write_har([]))
    (folder / "reads.har").write_bytes(write_har([read()]))
    arguments, message = BAD_INPUT[name]
    done = command("run", *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stdout + done.stderr
    assert done.stderr.startswith(f"jobinfo-conformance: {message}")


def test_unknown_options_are_refused(command: Command) -> None:
    """And not taken for something else."""
    for words, said in (
        (["run", "--session", "secret", "--no-such=secret", "-ssecret"], "run does not take --session --no-such -s"),
        (["run", "reference", "secret"], "run does not take so many arguments"),
        (["--strict", "run", "reference"], "--strict stands before the command: options come after run"),
    ):
        done = command(*words)
        assert (done.returncode, "secret" in done.stderr) == (2, False)
        assert done.stderr.splitlines()[-1] == f"jobinfo-conformance run: error: {said}"
    done = command("client", "python", "loader.py", "--json")
    said = "client does not take --json: -- comes before the command that runs the client"
    assert done.stderr.splitlines()[-1] == f"jobinfo-conformance client: error: {said}"


def test_a_hostile_folder_changes_no_verdict(command: Command, tmp_path: Path) -> None:
    """``run`` takes nothing from the folder it is called in, nor from the environment of pytest."""
    folder = tmp_path / "elsewhere"
    (folder / "conftest.py").write_text("raise RuntimeError('hostile')", "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\npython_files = nothing.py\naddopts = -k nothing --bogus\n", "utf-8")
    done = command("run", PYTEST_ADDOPTS="-k nothing --bogus", PYTEST_PLUGINS="nothing", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == VERDICT
    assert sorted(path.name for path in folder.iterdir()) == ["conftest.py", "pytest.ini"]


@pytest.mark.parametrize("name", ["run", "requirements"])
def test_python_without_docstrings_is_refused_in_one_line(command: Command, name: str) -> None:
    """They are the sentences of the requirements."""
    done = command(name, PYTHONOPTIMIZE="2")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == ("jobinfo-conformance: the suite needs its docstrings: run Python without -OO and PYTHONOPTIMIZE=2\n")


@pytest.mark.parametrize("library", ["msgspec", "requests", "jinja2", "tomli_w"])
def test_an_installation_that_lacks_a_library_is_told_so_in_one_line(command: Command, tmp_path: Path, library: str) -> None:
    """Whichever it is, and also where the suite needs it to tell of an error."""
    (tmp_path / f"{library}.py").write_text(f"raise ModuleNotFoundError({library!r}, name={library!r})", "utf-8")
    done = command("run", "--report", tmp_path / "r", PYTHONPATH=str(tmp_path), PYTHONNOUSERSITE="1")  # so it is a new process
    assert done.returncode == 4
    assert done.stderr == (
        f"jobinfo-conformance: the installation lacks {library}: install jobinfo-conformance again, with what it depends on\n"
    )


def test_arguments_after_two_dashes_go_to_pytest(command: Command) -> None:
    """``-v`` reads as the catalogue."""
    done = command("run", "--", "-v", "-k", "closed and xml")
    assert "test_requirement[state/closed-xml] PASS" in done.stdout

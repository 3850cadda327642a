"""The gate: known failures that are in force and up to date, and a baseline whose passes stay."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jobinfo_conformance._contract.ids import long_form
from jobinfo_conformance._evidence.har_writer import write_har
from jobinfo_conformance._gate import drafted, exit_status, known_by, out_of_date, read_known_failures, regressions
from jobinfo_conformance._reports.badge import as_badge
from jobinfo_conformance._reports.github import workflow_commands
from jobinfo_conformance._reports.html import as_html
from jobinfo_conformance._reports.junit import as_junit
from jobinfo_conformance._reports.summary import as_summary
from jobinfo_conformance._reports.tally import Tally
from jobinfo_conformance._results.results import Results
from tests.conftest import Command
from tests.exchanges import CLOSED, JSON, close, create, of_job, read
from tests.reports import report
from tests.test_report import problems

TODAY = date(2026, 11, 24)
OTHER = long_form("7500K00000EVfY3")
#: Closes of two jobs, in XML and in JSON; and the same, the latter answered Open.
GOOD = [close(), of_job(OTHER, close(form=JSON))]
OPEN = [close(), of_job(OTHER, close(CLOSED.replace(state="Open"), JSON))]

NO_MATCH = "matches nothing: the requirement"


def written(folder: Path, *entries: str) -> Path:
    """A file of known failures."""
    file = folder / "known.toml"
    file.write_text("\n".join(f"[[known]]\n{entry}" for entry in entries), "utf-8")
    return file


def entry(requirement: str = "state/closed", **more: str) -> str:
    """An entry with a reason."""
    values = {"requirement": requirement, "reason": "tracked", **more}
    return "\n".join(f'{name} = "{value}"' if name != "expires" else f"{name} = {value}" for name, value in values.items())


def saved(results: Results, file: Path) -> Path:
    """A report.json."""
    file.write_text(json.dumps(results), "utf-8")
    return file


def outdated(folder: Path, results: Results, *entries: str) -> list[str]:
    """What is said of the entries of a file."""
    return list(out_of_date(read_known_failures(written(folder, *entries)), results["requirements"], TODAY))


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([entry()], []),
        ([entry(serialization="json", expires="2026-11-24", issue="https://example.test/1")], []),
        ([entry(serialization="xml")], ["known failure state/closed (xml) passes now: remove its entry"]),
        ([entry("state/kept")], []),
        (
            [entry("state/close")],
            ["known failure state/close matches nothing: there is no such requirement; write state/closed or remove it"],
        ),
        (
            [entry("schema/element-order", serialization="json")],
            [f"known failure schema/element-order (json) {NO_MATCH} is not about json alone; correct its entry or remove it"],
        ),
        (
            [entry(expires="2026-11-23")],
            ["known failure state/closed has expired on 2026-11-23: fix it, or give its entry a later date"],
        ),
        ([entry(), entry()], ["known failure state/closed stands twice: remove one of its entries"]),
        ([entry(serialization="json"), entry()], ["known failure state/closed (json) stands twice: remove one of its entries"]),
        ([entry(expires="2020-01-01", serialization="xml")], ["known failure state/closed (xml) passes now: remove its entry"]),
    ],
    ids=["fails", "until today", "passes", "untested", "misspelt", "other form", "expired", "twice", "covered twice", "both"],
)
def test_an_entry_that_is_out_of_date_says_what_to_do(tmp_path: Path, entries: Sequence[str], said: list[str]) -> None:
    """One that fails in one serialization, or that nothing tested, may stay."""
    assert outdated(tmp_path, report(*OPEN), *entries) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("known = ", "known.toml is not TOML: Invalid value (at end of document)"),
        ("\xff", "known.toml is not TOML: "),
        ("[known]", "known.toml: known is no list of tables: an entry begins with [[known]]"),
        ("[[knwon]]", "known.toml: unknown key knwon: an entry begins with [[known]]"),
        ("[[known]]\nreason = 'x'", "entry 1: no requirement: write its id, like state/closed"),
        ("[[known]]\nrequirement = 'state/closed'", "entry 1 (state/closed): no reason: say why it is known not to hold"),
        ("[[known]]\nrequirement = 'a/b'\nreason = ' '", "entry 1 (a/b): no reason: say why it is known not to hold"),
        ("[[known]]\nreasons = 'x'", "unknown key reasons: known are requirement, serialization, reason, issue, expires"),
        ("[[known]]\nexpires = '2027-03-01'", "entry 1: expires is not a date like 2027-03-01"),
        ("[[known]]\nexpires = 2027-03-01T00:00:00", "entry 1: expires is not a date like 2027-03-01"),
        ("[[known]]\nrequirement = 'a/b'\nserialization = 'csv'", 'entry 1 (a/b): serialization is not "xml" or "json"'),
        (None, "known.toml can't be read: No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_used_gets_one_line_and_status_2(
    command: Command, tmp_path: Path, text: str | None, said: str
) -> None:
    """Before anything is asked."""
    if text is not None:
        (tmp_path / "known.toml").write_bytes(text.encode("latin-1"))
    done = command("run", "http://127.0.0.1:9", "--known-failures", tmp_path / "known.toml")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr


def test_a_known_failure_fails_no_run_and_is_told_as_known(command: Command, tmp_path: Path) -> None:
    """In the matrix, in a list with its reason and issue, and in the last line."""
    (tmp_path / "a.har").write_bytes(write_har(OPEN))
    known = written(tmp_path, entry(serialization="json", reason="fixed in 4.2", issue="https://example.test/7"))
    assert command("run", tmp_path / "a.har").returncode == 1
    done = command("run", tmp_path / "a.har", "--known-failures", known, "--report", tmp_path / "r", "--", "-v")
    assert done.returncode == 0, done.stdout
    assert re.search(r"^state/closed +MUST +pass +known$", done.stdout, re.MULTILINE)
    assert "known not to hold:\n  state/closed (json): fixed in 4.2, https://example.test/7\n" in done.stdout
    assert "test_requirement[state/closed-json] KNOWN" in done.stdout
    assert re.search(r"^conformant: \d+ of \d+ requirements tested, \d+ pass, 1 known to fail$", done.stdout, re.MULTILINE)
    document = json.loads((tmp_path / "r" / "report.json").read_text("utf-8"))
    [row] = [row for row in document["requirements"] if row["known"]]
    assert (row["id"], row["outcome"], row["known"]) == (
        "state/closed",
        "fail",
        {"reason": "fixed in 4.2", "issue": "https://example.test/7"},
    )


def test_an_entry_that_passes_fails_the_run(command: Command, tmp_path: Path) -> None:
    """Conformant as the target is; the sentence stands before the verdict."""
    done = command("run", "--known-failures", written(tmp_path, entry()), "--report", tmp_path / "r")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-3] == "known failure state/closed passes now: remove its entry"
    assert done.stdout.splitlines()[-1].startswith("conformant: ")
    assert json.loads((tmp_path / "r" / "report.json").read_text("utf-8"))["objections"] == [done.stdout.splitlines()[-3]]


def known(results: Results, *requirements: str) -> Results:
    """The results with failures that are known."""
    entries = tuple(read_known_failures(written(Path(), *map(entry, requirements))))
    rows = [{**row, "known": known_by(entries, row, TODAY)} for row in results["requirements"]]
    return {**results, "verdict": "conformant", "requirements": rows}  # type: ignore[typeddict-item]


def test_every_report_tells_a_known_failure_as_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No failure in JUnit, no annotation, no green badge."""
    monkeypatch.chdir(tmp_path)
    results: Results = {**known(report(*OPEN), "state/closed"), "objections": ["known failure a::b [c] is out of date"]}
    assert problems(results) == []
    assert Tally.of(results["requirements"]).parts[1:] == ["1 known to fail"]
    junit = as_junit(results)
    assert 'failures="0"' in junit.splitlines()[1]
    assert '<skipped message="known not to hold: tracked" />' in junit
    assert list(workflow_commands(results)) == ["::error title=jobinfo-conformance::known failure a::b [c] is out of date"]
    badge = json.loads(as_badge(results))
    assert (badge["color"], badge["message"].partition(",")[0]) == ("yellow", "1 known to fail")
    page = as_html(results)
    assert '<a class="outcome known" href="#state/closed/json">known</a>' in page
    assert "Known not to hold: tracked" in page
    assert "known failure a::b [c] is out of date" in page
    summary = as_summary(results)
    assert "Known not to hold:\n\n- state/closed \\(json\\)\\: tracked\n" in summary
    assert "- known failure a\\:\\:b \\[c\\] is out of date" in summary
    assert "<details>" not in summary


def test_a_requirement_with_news_beside_what_is_known_counts_as_news(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails in XML too, and only JSON is known."""
    monkeypatch.chdir(tmp_path)
    results = report(close(CLOSED.replace(state="Open")), OPEN[1])
    entries = read_known_failures(written(tmp_path, entry(serialization="json")))
    rows: Any = [{**row, "known": known_by(entries, row, TODAY)} for row in results["requirements"]]
    assert "1 fail" in Tally.of(rows).parts
    assert Tally.of(rows).known == 0


def test_a_file_of_known_failures_is_written_from_a_report(command: Command, tmp_path: Path) -> None:
    """It is refused until the reasons are filled in, and then the run passes; nothing is overwritten."""
    (tmp_path / "a.har").write_bytes(write_har(OPEN))
    saved(report(*OPEN), tmp_path / "report.json")
    done = command("known-failures", tmp_path / "report.json", tmp_path / "new.toml")
    assert (done.returncode, done.stdout) == (0, f"1 entries in {tmp_path / 'new.toml'}; fill in the reasons\n")
    text = (tmp_path / "new.toml").read_text("utf-8")
    assert "# state/closed (json): expected Closed, got Open, in state\n[[known]]\n" in text
    refused = command("run", tmp_path / "a.har", "--known-failures", tmp_path / "new.toml")
    assert refused.returncode == 2
    assert "entry 1 (state/closed): no reason" in refused.stderr
    again = command("known-failures", tmp_path / "report.json", tmp_path / "new.toml")
    assert (again.returncode, again.stderr.count("\n")) == (2, 1)
    assert "is there already" in again.stderr
    (tmp_path / "new.toml").write_text(text.replace('reason = ""', 'reason = "tracked"'), "utf-8")
    assert command("run", tmp_path / "a.har", "--known-failures", tmp_path / "new.toml").returncode == 0


def test_a_file_that_is_written_again_keeps_the_reasons_that_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However they are written."""
    monkeypatch.chdir(tmp_path)
    results = known(report(*OPEN), "state/closed")
    for row in results["requirements"]:
        if row["known"]:
            row["known"]["reason"] = 'a "quoted" \\ reason 😀'
    [one] = tomllib.loads(drafted(results["requirements"]))["known"]
    assert one == {"requirement": "state/closed", "serialization": "json", "reason": 'a "quoted" \\ reason 😀'}


def test_a_baseline_objects_to_what_passed_and_does_not_pass_and_to_nothing_else(command: Command, tmp_path: Path) -> None:
    """What failed there is no news, and what passes now neither."""
    (tmp_path / "a.har").write_bytes(write_har(OPEN))
    same = saved(report(*OPEN), tmp_path / "same.json")
    better = saved(report(*GOOD), tmp_path / "better.json")
    worse = saved(report(close(CLOSED.replace(state="Open"), JSON)), tmp_path / "worse.json")
    for baseline in (same, worse):
        done = command("run", tmp_path / "a.har", "--baseline", baseline)
        assert done.returncode == 0, done.stdout
        assert done.stdout.splitlines()[-3] == f"nothing that passed in {baseline} does not pass here"
        assert done.stdout.splitlines()[-1].startswith("not-conformant: ")
    done = command("run", tmp_path / "a.har", "--baseline", better, "--report", tmp_path / "r")
    assert done.returncode == 1
    said = "state/closed (json) passed in the baseline and fails here: 1 problem in 1 case"
    assert said in done.stdout.splitlines()
    document = json.loads((tmp_path / "r" / "report.json").read_text("utf-8"))
    assert (document["baseline"], document["objections"]) == (str(better), [said])


def test_what_vanished_and_what_is_not_tested_any_more_is_a_regression() -> None:
    """Whatever became of the first there."""
    before = report(create(), close(), read())
    gone: Any = {**report(close(CLOSED.replace(state="Open")))["requirements"][0], "id": "state/of-old"}
    before["requirements"].append(gone)
    said = list(regressions(before, report(close())))
    assert said[-1] == "state/of-old (xml) is in the baseline and not in this suite: make a new baseline once that is meant"
    assert "state/kept (xml) passed in the baseline and is not tested here: needs a read after the close" in said


@pytest.mark.parametrize(("version", "regression"), [("35.0", False), ("36.0", True), (None, True), ("v36.0", True)])
def test_what_a_version_does_not_have_is_no_regression(version: str | None, *, regression: bool) -> None:
    """JSON came with 36.0."""
    after: Results = {**report(close()), "apiVersion": version}
    assert any("(json)" in one for one in regressions(report(*GOOD), after)) == regression


def test_a_failure_that_is_known_is_no_regression(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has its reason."""
    monkeypatch.chdir(tmp_path)
    assert list(regressions(report(*GOOD), known(report(*OPEN), "state/closed"))) == []


def test_a_baseline_that_is_no_report_gets_one_line_and_status_2(command: Command, tmp_path: Path) -> None:
    """Before anything is asked."""
    (tmp_path / "a.har").write_bytes(write_har(OPEN))
    for file, said in ((tmp_path / "a.har", "is not a report.json: "), (tmp_path / "none.json", "can't be read: No such file")):
        done = command("run", "http://127.0.0.1:9", "--baseline", file)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert said in done.stderr


@pytest.mark.parametrize(
    ("verdict", "objections", "baseline", "status"),
    [
        ("conformant", [], None, 0),
        ("conformant", ["one"], None, 1),
        ("inconclusive", [], None, 3),
        ("inconclusive", ["one"], None, 1),
        ("error", ["one"], "b.json", 4),
        ("not-conformant", [], "b.json", 0),
        ("not-conformant", ["one"], "b.json", 1),
        ("inconclusive", [], "b.json", 0),
    ],
)
def test_the_exit_status_is_the_worst(verdict: Any, objections: list[str], baseline: str | None, status: int) -> None:
    """An error is worse than an objection; against a baseline the verdict itself is no news."""
    assert exit_status({**report(close()), "verdict": verdict, "objections": objections, "baseline": baseline}) == status


def test_a_run_that_tested_nothing_is_inconclusive_against_any_baseline() -> None:
    """It never passes."""
    assert exit_status({**report(), "baseline": "b.json"}) == 3

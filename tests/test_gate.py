"""The gate: known failures that are in force and up to date, and a baseline whose passes stay."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.ids import long_form
from jobinfo_conformance._evidence.har_writer import write_har
from jobinfo_conformance._exchange import Response
from jobinfo_conformance._gate.baseline import regressions
from jobinfo_conformance._gate.known_failures import drafted, known_by, out_of_date, read_known_failures
from jobinfo_conformance._reports.badge import as_badge
from jobinfo_conformance._reports.github import workflow_commands
from jobinfo_conformance._reports.html import as_html
from jobinfo_conformance._reports.junit import as_junit
from jobinfo_conformance._reports.summary import as_summary
from jobinfo_conformance._reports.tally import Tally
from jobinfo_conformance._results.results import Known, Outcome, Results, Verdict, verdict_of
from tests.conftest import Command
from tests.endpoint import Endpoint, refusing
from tests.exchanges import CLOSED, JSON, close, create, of_job, read
from tests.reports import report
from tests.test_report import problems
from tests.test_report import written as document_of

EVERY = len(BUILT_IN.requirements)
TODAY = date(2026, 11, 24)
OTHER = long_form("7500K00000EVfY3")
#: Closes of two jobs, in XML and in JSON; and the same, the latter answered Open.
GOOD = [close(), of_job(OTHER, close(form=JSON))]
OPEN = [close(), of_job(OTHER, close(CLOSED.replace(state="Open"), JSON))]

NO_MATCH = "matches nothing: the requirement"
#: What is said of a file that is no list of known failures, before and after what is wrong with it and where.
A_DATE = "a date without quotes, like 2027-03-01, is needed"
NOT_A_LIST, BEGINS = "known.toml does not list known failures:", "an entry begins with [[known]]"
ENTRY = "[[known]]\nrequirement = 'a/b'\nreason = 'x'\n"


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
    file.write_text(results.to_json(), "utf-8")
    return file


def outdated(folder: Path, results: Results, *entries: str) -> list[str]:
    """What is said of the entries of a file."""
    return list(out_of_date(read_known_failures(written(folder, *entries)), results.requirements, TODAY))


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
            ["known failure state/closed expired on 2026-11-23: fix it, or give its entry a later date"],
        ),
        ([entry(), entry()], ["known failure state/closed is listed twice: remove one of its entries"]),
        (
            [entry(serialization="json"), entry()],
            ["known failure state/closed (json) is listed twice: remove one of its entries"],
        ),
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
        ("known = ", "known.toml is not TOML: its end: a quote or a bracket is open"),
        ("\xff", "known.toml, line 1: it has the byte 0xff where UTF-8 has none"),
        ("[known]", f"{NOT_A_LIST} known: a list is needed, not an object; {BEGINS}"),
        ("[[knwon]]", f"{NOT_A_LIST} `knwon` is not known; {BEGINS}"),
        ("[[known]]\nreason = 'x'", f"{NOT_A_LIST} known[0]: `requirement` is missing"),
        ("[[known]]\nrequirement = ''\nreason = 'x'", "entry 1 (): no requirement: write its id, like state/closed"),
        ("[[known]]\nrequirement = 'a/b'", f"{NOT_A_LIST} known[0]: `reason` is missing"),
        ("[[known]]\nrequirement = 'a/b'\nreason = ' '", "entry 1 (a/b): no reason: say why it is known not to hold"),
        ("[[known]]\nreasons = 'x'", f"{NOT_A_LIST} known[0]: `reasons` is not known; {BEGINS}"),
        (f"{ENTRY}expires = '2027-03-01'", f"{NOT_A_LIST} known[0].expires: {A_DATE}, not a text"),
        (f"{ENTRY}expires = 2027-03-01T00:00:00", f"{NOT_A_LIST} known[0].expires: {A_DATE}, not a date with a time"),
        (f"{ENTRY}expires = 07:32:00", f"{NOT_A_LIST} known[0].expires: {A_DATE}, not a time"),
        (f"{ENTRY}serialization = 'csv'", f"{NOT_A_LIST} known[0].serialization: 'csv' is none of the values that it can have"),
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
    assert re.search(r"^conformant: \d+ of \d+ requirements tested, \d+ pass, 1 known to fail;", done.stdout, re.MULTILINE)
    document = json.loads((tmp_path / "r" / "report.json").read_text("utf-8"))
    [row] = [row for row in document["requirements"] if row["known"]]
    assert (row["id"], row["outcome"], row["known"]) == (
        "state/closed",
        "fail",
        {"reason": "fixed in 4.2", "issue": "https://example.test/7"},
    )


def test_an_entry_that_passes_fails_the_run(command: Command, tmp_path: Path) -> None:
    """Conformant as the target is; the sentence stands before the verdict, which says that the run fails all the same."""
    done = command("run", "--known-failures", written(tmp_path, entry()), "--report", tmp_path / "r")
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == "conformant: no problem found, but the run fails"
    assert done.stdout.splitlines()[-3] == "known failure state/closed passes now: remove its entry"
    assert re.fullmatch(r"conformant: .* pass; .*, but the run fails", done.stdout.splitlines()[-1])
    assert json.loads((tmp_path / "r" / "report.json").read_text("utf-8"))["objections"] == [done.stdout.splitlines()[-3]]


def test_what_fails_a_run_is_said_when_quiet_too(command: Command, tmp_path: Path) -> None:
    """Else a red run would show nothing but the word conformant."""
    done = command("run", "-q", "--known-failures", written(tmp_path, entry()))
    said, verdict = done.stdout.splitlines()
    assert (done.returncode, said) == (1, "known failure state/closed passes now: remove its entry")
    assert verdict.endswith(", but the run fails")


def known(results: Results, folder: Path, *entries: str) -> Results:
    """The results with failures that a file says are known."""
    failures = read_known_failures(written(folder, *entries))
    judgements = [replace(judgement, known=known_by(failures, judgement, TODAY)) for judgement in results.requirements]
    return replace(results, verdict=Verdict.CONFORMANT, requirements=tuple(judgements))


def test_every_report_tells_a_known_failure_as_known(tmp_path: Path) -> None:
    """No failure in JUnit, no annotation, no green badge."""
    results = known(report(*OPEN), tmp_path, entry())
    results = replace(results, objections=("known failure a::b [c] is out of date",))
    assert problems(document_of(results)) == []
    assert Tally.of(results.requirements).parts[1:] == ["1 known to fail"]
    junit = as_junit(results)
    assert 'failures="0"' in junit.splitlines()[1]
    assert '<skipped message="known not to hold: tracked" />' in junit
    assert list(workflow_commands(results)) == ["::error title=jobinfo-conformance::known failure a::b [c] is out of date"]
    badge = json.loads(as_badge(results))
    assert (badge["color"], badge["message"].partition(",")[0]) == ("yellow", "1 known to fail")
    page = as_html(results)
    assert '<a class="outcome known" href="#problem-1">known</a>' in page
    assert "Known not to hold: tracked" in page
    assert "known failure a::b [c] is out of date" in page
    summary = as_summary(results)
    assert "Known not to hold:\n\n- state/closed \\(json\\)\\: tracked\n" in summary
    assert "- known failure a\\:\\:b \\[c\\] is out of date" in summary
    assert "<details>" not in summary


def test_a_requirement_with_news_beside_what_is_known_counts_as_news(tmp_path: Path) -> None:
    """It fails in XML too, and only JSON is known."""
    results = known(report(close(CLOSED.replace(state="Open")), OPEN[1]), tmp_path, entry(serialization="json"))
    tally = Tally.of(results.requirements)
    assert "1 fail" in tally.parts
    assert tally.known == 0


def test_a_file_of_known_failures_is_written_from_a_report(command: Command, tmp_path: Path) -> None:
    """It is refused until the reasons are filled in, and then the run passes; nothing is overwritten."""
    (tmp_path / "a.har").write_bytes(write_har(OPEN))
    saved(report(*OPEN), tmp_path / "report.json")
    done = command("known-failures", tmp_path / "report.json", tmp_path / "new.toml")
    assert (done.returncode, done.stdout) == (
        0,
        f"1 entry in {tmp_path / 'new.toml'}; fill in the reasons, or give --reason TEXT\n",
    )
    text = (tmp_path / "new.toml").read_text("utf-8")
    assert "# state/closed (json): expected Closed, got Open, in state\n[[known]]\n" in text
    refused = command("run", tmp_path / "a.har", "--known-failures", tmp_path / "new.toml")
    assert refused.returncode == 2
    assert "entry 1 (state/closed): no reason" in refused.stderr
    again = command("known-failures", tmp_path / "report.json", tmp_path / "new.toml")
    assert (again.returncode, again.stderr.count("\n")) == (2, 1)
    assert "already exists" in again.stderr
    (tmp_path / "new.toml").write_text(text.replace('reason = ""', 'reason = "tracked"'), "utf-8")
    assert command("run", tmp_path / "a.har", "--known-failures", tmp_path / "new.toml").returncode == 0


def test_a_file_that_is_written_again_keeps_the_reasons_that_are_known(tmp_path: Path) -> None:
    """However they are written."""
    reason = 'a "quoted" \\ reason 😀'
    judgements = [
        replace(judgement, known=judgement.known and Known(reason))
        for judgement in known(report(*OPEN), tmp_path, entry()).requirements
    ]
    text, reasons = drafted(judgements, Known("another"))
    [drafted_entry] = tomllib.loads(text)["known"]
    assert reasons == [reason]
    assert drafted_entry == {"requirement": "state/closed", "serialization": "json", "reason": reason}


def without_json(asked: str, answer: Response) -> Response:
    """An endpoint that has no jobs in JSON."""
    return refusing("InvalidXml", "No JSON here", JSON) if asked.startswith("POST json") else answer


def reason_everything(command: Command, folder: Path, url: str, *more: str) -> tuple[list[str], Path]:
    """Run an endpoint, list all that is wrong or untested, and run it again with that list: the last lines of both runs."""
    before = command("run", url, "--report", folder / "before")
    listed = command(
        "known-failures", folder / "before" / "report.json", folder / "known.toml", "--reason", "no JSON yet", *more
    )
    assert (listed.returncode, listed.stderr) == (0, "")
    again = command("run", url, "--known-failures", folder / "known.toml", "--report", folder / "again")
    return [f"{done.returncode} {done.stdout.splitlines()[-1]}" for done in (before, again)], folder / "known.toml"


def test_a_partial_endpoint_is_green_once_all_that_is_missing_is_known(
    command: Command, live_endpoint: Endpoint, tmp_path: Path
) -> None:
    """The last line, the badge and the files say that it was not tested."""
    live_endpoint.spoil = without_json
    (before, again), file = reason_everything(command, tmp_path, live_endpoint.url, "--issue", "https://example.test/9")
    assert before.startswith("1 not-conformant: ")
    assert re.fullmatch(rf"0 conformant: \d+ of {EVERY} requirements tested, .*; \d+ known and not tested", again), again
    badge = json.loads((tmp_path / "again" / "badge.json").read_text("utf-8"))
    assert badge["color"] == "yellow"
    assert " known and not tested, " in badge["message"]
    reason = "known: no JSON yet, https://example.test/9"
    assert reason in (tmp_path / "again" / "junit.xml").read_text("utf-8")
    assert reason in (tmp_path / "again" / "report.html").read_text("utf-8")
    assert reason in (tmp_path / "again" / "report.sarif").read_text("utf-8")
    entries = tomllib.loads(file.read_text("utf-8"))["known"]
    assert {(entry["reason"], entry["issue"]) for entry in entries} == {("no JSON yet", "https://example.test/9")}


def test_a_must_that_was_not_tested_and_is_not_known_leaves_the_run_inconclusive(
    command: Command, live_endpoint: Endpoint, tmp_path: Path
) -> None:
    """However many others are known."""
    live_endpoint.spoil = without_json
    _, file = reason_everything(command, tmp_path, live_endpoint.url)
    text = file.read_text("utf-8")
    document = json.loads((tmp_path / "again" / "report.json").read_text("utf-8"))
    untested = next(
        row["id"]
        for row in document["requirements"]
        if (row["outcome"], row["level"], row["serialization"]) == ("inconclusive", "MUST", "json")
    )
    entry = next(part for part in text.split("\n\n") if f'"{untested}"' in part)
    (tmp_path / "less.toml").write_text(text.replace(entry, ""), "utf-8")
    done = command("run", live_endpoint.url, "--known-failures", tmp_path / "less.toml")
    assert done.returncode == 3
    assert done.stdout.splitlines()[-1].startswith("inconclusive: ")


def test_an_entry_for_what_could_not_be_tested_has_to_go_once_it_passes(
    command: Command, live_endpoint: Endpoint, tmp_path: Path
) -> None:
    """As any other."""
    live_endpoint.spoil = without_json
    _, file = reason_everything(command, tmp_path, live_endpoint.url)
    live_endpoint.spoil = lambda _asked, answer: answer
    done = command("run", live_endpoint.url, "--known-failures", file)
    assert done.returncode == 1
    assert "known failure accepts/documented (json) passes now: remove its entry" in done.stdout


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize(
    ("judged", "verdict"),
    [
        ([(Outcome.PASS, None), (Outcome.FAIL, "known")], Verdict.CONFORMANT),
        ([(Outcome.PASS, None), (Outcome.WARN, "known")], Verdict.CONFORMANT),
        ([(Outcome.PASS, None), (Outcome.INCONCLUSIVE, "known")], Verdict.CONFORMANT),
        ([(Outcome.PASS, None), (Outcome.INCONCLUSIVE, "known"), (Outcome.FAIL, None)], Verdict.NOT_CONFORMANT),
        ([(Outcome.FAIL, "known"), (Outcome.INCONCLUSIVE, "known")], Verdict.CONFORMANT),
        ([(Outcome.INCONCLUSIVE, "known")], Verdict.INCONCLUSIVE),
        ([(Outcome.NOT_APPLICABLE, None), (Outcome.INCONCLUSIVE, "known")], Verdict.INCONCLUSIVE),
        ([(Outcome.PASS, None), (Outcome.INCONCLUSIVE, "known"), (Outcome.ERROR, None)], Verdict.ERROR),
    ],
)
def test_what_is_known_counts_as_tested_only_if_it_was(
    judged: Sequence[tuple[Outcome, str | None]], verdict: Verdict, *, live: bool
) -> None:
    """On a recording and on an endpoint; a run in which nothing was tested is never conformant."""
    plain = report(close()).requirements[0]
    judgements = [replace(plain, outcome=outcome, known=Known(why) if why else None) for outcome, why in judged]
    assert verdict_of(judgements, live=live) is verdict


def test_xml_and_json_share_an_entry_if_both_are_concerned(tmp_path: Path) -> None:
    """And have entries of their own if only one is, or if they have different reasons."""
    wrong = CLOSED.replace(state="Open")
    both = report(close(wrong), of_job(OTHER, close(wrong, JSON)))
    of_both = {"requirement": "state/closed", "reason": "new"}
    assert tomllib.loads(drafted(both.requirements, Known("new"))[0])["known"] == [of_both]
    in_json = known(both, tmp_path, entry(serialization="json"))
    entries = tomllib.loads(drafted(in_json.requirements, Known("new", "https://example.test/1"))[0])["known"]
    assert entries == [
        {**of_both, "serialization": "xml", "issue": "https://example.test/1"},
        {**of_both, "serialization": "json", "reason": "tracked"},
    ]
    assert tomllib.loads(drafted(report(*OPEN).requirements, Known("new"))[0])["known"] == [
        {**of_both, "serialization": "json"}
    ]


def test_a_reason_that_says_nothing_is_refused(command: Command, tmp_path: Path) -> None:
    """Before a file is written."""
    saved(report(*OPEN), tmp_path / "report.json")
    done = command("known-failures", tmp_path / "report.json", tmp_path / "new.toml", "--reason", " ")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "jobinfo-conformance: --reason is empty: say why the requirements are known not to hold\n"
    assert not (tmp_path / "new.toml").exists()


def test_a_baseline_objects_to_what_passed_and_does_not_pass_and_to_nothing_else(command: Command, tmp_path: Path) -> None:
    """What failed there is no news, and what passes now neither."""
    (tmp_path / "a.har").write_bytes(write_har(OPEN))
    same = saved(report(*OPEN), tmp_path / "same.json")
    better = saved(report(*GOOD), tmp_path / "better.json")
    worse = saved(report(close(CLOSED.replace(state="Open"), JSON)), tmp_path / "worse.json")
    for baseline in (same, worse):
        done = command("run", tmp_path / "a.har", "--baseline", baseline)
        assert done.returncode == 0, done.stdout
        assert done.stdout.splitlines()[-3] == f"no regression against {baseline}"
        assert done.stdout.splitlines()[-1].startswith("not-conformant: ")
    done = command("run", tmp_path / "a.har", "--baseline", better, "--report", tmp_path / "r")
    assert done.returncode == 1
    said = "state/closed (json) passed in the baseline and fails here: 1 finding in 1 case"
    assert said in done.stdout.splitlines()
    document = json.loads((tmp_path / "r" / "report.json").read_text("utf-8"))
    assert (document["baseline"], document["objections"]) == (str(better), [said])


def test_what_vanished_and_what_is_not_tested_any_more_is_a_regression() -> None:
    """Whatever became of the first there."""
    before = report(create(), close(), read())
    gone = replace(report(close(CLOSED.replace(state="Open"))).requirements[0], id="state/of-old")
    before = replace(before, requirements=(*before.requirements, gone))
    said = list(regressions(before, report(close()), BUILT_IN))
    assert said[-1] == "state/of-old (xml) is in the baseline but not in this suite: if that is intended, make a new baseline"
    assert "state/kept (xml) passed in the baseline and is not tested here: needs a read after the close" in said


@pytest.mark.parametrize(("version", "regression"), [("35.0", False), ("36.0", True), (None, True), ("v36.0", True)])
def test_what_a_version_does_not_have_is_no_regression(version: str | None, *, regression: bool) -> None:
    """JSON came with 36.0."""
    after = replace(report(close()), api_version=version)
    assert any("(json)" in sentence for sentence in regressions(report(*GOOD), after, BUILT_IN)) == regression


def test_a_failure_that_is_known_is_no_regression(tmp_path: Path) -> None:
    """It has its reason."""
    assert list(regressions(report(*GOOD), known(report(*OPEN), tmp_path, entry()), BUILT_IN)) == []


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
        (Verdict.CONFORMANT, (), None, 0),
        (Verdict.CONFORMANT, ("objection",), None, 1),
        (Verdict.NOT_CONFORMANT, (), None, 1),
        (Verdict.INCONCLUSIVE, (), None, 3),
        (Verdict.INCONCLUSIVE, ("objection",), None, 1),
        (Verdict.ERROR, ("objection",), "b.json", 4),
        (Verdict.NOT_CONFORMANT, (), "b.json", 0),
        (Verdict.NOT_CONFORMANT, ("objection",), "b.json", 1),
        (Verdict.INCONCLUSIVE, (), "b.json", 0),
    ],
)
def test_the_exit_status_is_the_worst(verdict: Verdict, objections: tuple[str, ...], baseline: str | None, status: int) -> None:
    """An error is worse than an objection; against a baseline the verdict itself is no news."""
    assert replace(report(close()), verdict=verdict, objections=objections, baseline=baseline).exit_status == status


def test_a_run_that_tested_nothing_is_inconclusive_against_any_baseline() -> None:
    """It never passes."""
    assert replace(report(), baseline="b.json").exit_status == 3


@pytest.mark.parametrize("more", [[], ["--"]], ids=["directly", "by pytest"])
def test_what_follows_from_a_known_failure_is_known(command: Command, tmp_path: Path, more: list[str]) -> None:
    """An entry for the cause is enough, on each front; the reason names the cause."""
    (tmp_path / "known.toml").write_text('[[known]]\nrequirement = "state/closed"\nreason = "Open until 4.2"\n', "utf-8")
    target = "reference:close-answers-open"
    done = command("run", target, "--known-failures", tmp_path / "known.toml", "--report", tmp_path / "r", *more)
    rows = json.loads((tmp_path / "r" / "report.json").read_text("utf-8"))["requirements"]
    failing = {row["id"]: row.get("known") for row in rows if row["outcome"] == "fail"}
    assert failing["state/closed"]["reason"] == "Open until 4.2"
    following = {name: known for name, known in failing.items() if name != "state/closed" and known is not None}
    assert following
    assert {known["reason"] for known in following.values()} == {"follows from state/closed: Open until 4.2"}
    assert all(f"FAIL {name} " not in done.stdout for name in following)

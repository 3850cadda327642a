"""What a recording is worth: no verdict without an accepted close and its body, and how much a recording can show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jobinfo_conformance import run
from jobinfo_conformance._evidence.har_writer import write_har
from jobinfo_conformance._exchange import Exchange
from jobinfo_conformance._results.results import Results, Verdict
from tests.conftest import Command
from tests.exchanges import CLOSED, EMPTY, JSON, XML, close, create, error, read
from tests.recordings import entries_of, recorded, saved

LACKING = "no accepted close with its body was judged: "
HOW = "save it with bodies, in a browser as 'HAR with content', in Playwright with content 'embed' or 'attach'"


def unavailable(status: int = 503) -> Exchange:
    """A close that a gateway answered."""
    return close(None, status=status, answer=b"<html>upstream</html>")


@pytest.mark.parametrize(
    ("exchanges", "why"),
    [
        ([create(), unavailable()], "the only close was answered 503; record one of an open job that is accepted"),
        (
            [create(), unavailable(), close(None, answer=error("InvalidJobState"))],
            "none of 2 closes was accepted (400, 503); record one of an open job that is accepted",
        ),
        (
            [close(None, answer=error("InvalidSessionId"))] * 3,
            "none of 3 closes was accepted (3 with 400); record one of an open job that is accepted",
        ),
        ([create().answered(body=None), close().answered(body=None)], f"2 exchanges, 2 without the body of the answer; {HOW}"),
        ([create(), close(form=JSON).answered(body=None)], f"2 exchanges, 1 without the body of the answer; {HOW}"),
    ],
    ids=["503", "refused and 503", "no session", "no bodies", "no body of the close"],
)
def test_a_recording_without_an_accepted_close_and_its_body_is_inconclusive(
    exchanges: list[Exchange], why: str, tmp_path: Path, command: Command
) -> None:
    """Whatever else holds in it: the line before the last says why, and what to do."""
    done = command("run", recorded(tmp_path / "a.har", *exchanges), "--report", tmp_path)
    assert done.returncode == 3, done.stdout
    assert done.stdout.splitlines()[-3:-1] == [LACKING + why, ""]
    assert done.stdout.splitlines()[-1].startswith("inconclusive: ")
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (report["verdict"], report["shortfall"]) == ("inconclusive", LACKING + why)
    for name in ("report.html", "summary.md"):
        assert "no accepted close with its body was judged" in (tmp_path / name).read_text("utf-8").replace("\\", "")


def test_requests_without_bodies_tell_no_close(tmp_path: Path) -> None:
    """A tool that leaves out what was sent leaves out which requests are closes."""
    entries = entries_of(create(), close(), read())
    for entry in entries[:2]:
        entry["request"]["postData"] = {"mimeType": "application/xml", "text": "", "params": []}
    results = run(str(saved(tmp_path / "a.har", entries)))
    assert results.verdict is Verdict.INCONCLUSIVE
    assert results.shortfall == f"{LACKING}3 exchanges, 1 without the body of the close; {HOW}"


def test_a_recording_in_which_no_request_is_a_close_says_so(tmp_path: Path) -> None:
    """A malformed one that was refused is none."""
    [entry] = entries_of(close(None, answer=error("InvalidXml")))
    entry["request"]["postData"]["text"] = "<jobInfo>"
    results = run(str(saved(tmp_path / "a.har", [entry])))
    assert results.verdict is Verdict.INCONCLUSIVE
    assert results.shortfall == f"{LACKING}no request in it is a close that can be read; record one of an open job"


def test_a_failure_is_a_failure_all_the_same(tmp_path: Path) -> None:
    """What is wrong needs no accepted close."""
    broken = create(EMPTY.replace(state="Closed"))
    body = (broken.response.body or b"").replace(b"<state>Closed</state>", b"")
    results = run(str(recorded(tmp_path / "a.har", broken.answered(body=body), unavailable())))
    assert (results.verdict, results.exit_status) == (Verdict.NOT_CONFORMANT, 1)


@pytest.mark.parametrize("form", [XML, JSON], ids=str)
def test_a_close_in_a_serialization_that_is_not_asked_for_counts_for_nothing(form: Any, tmp_path: Path) -> None:
    """Only what the run is about can be seen to work in it."""
    path = recorded(tmp_path / "a.har", close(form=form), close(None, form.other, answer=error(form=form.other)))
    assert run(str(path), serialization=form.value).verdict is Verdict.CONFORMANT
    assert run(str(path), serialization=form.other.value).verdict is Verdict.INCONCLUSIVE
    assert run(str(path)).verdict is Verdict.CONFORMANT


def test_one_accepted_close_with_its_body_is_enough(tmp_path: Path) -> None:
    """However many others are not."""
    results = run(str(recorded(tmp_path / "a.har", create(), unavailable(), close(), close().answered(body=None))))
    assert (results.verdict, results.shortfall) == (Verdict.CONFORMANT, None)


def test_the_last_line_says_how_much_a_recording_can_show(tmp_path: Path, command: Command) -> None:
    """Fewer requirements than a live run, and more if the recording is whole; of a live target nothing is said."""

    def showable(results: Results) -> int:
        assert results.showable is not None
        return results.showable

    exchanges = [create(), close(), read(CLOSED)]
    theirs = recorded(tmp_path / "theirs.har", *exchanges)
    (tmp_path / "own.har").write_bytes(write_har(exchanges, whole=True))
    by_stranger, whole = (showable(run(str(path))) for path in (theirs, tmp_path / "own.har"))
    live = run("reference", serialization="xml", max_requests=20)
    assert by_stranger < whole < len(live.requirements)
    assert live.showable is None
    done = command("run", theirs)
    assert done.stdout.splitlines()[-1].endswith(f" pass; a recording like this can show {by_stranger}")


def test_the_documented_exchanges_and_a_whole_recording_conform(tmp_path: Path, command: Command) -> None:
    """They have accepted closes with bodies."""
    assert run().verdict is Verdict.CONFORMANT
    assert command("record", "reference", tmp_path / "a.har").returncode == 0
    assert run(str(tmp_path / "a.har")).verdict is Verdict.CONFORMANT


def test_a_report_is_read_back_with_what_was_said_of_its_recording(tmp_path: Path) -> None:
    """Reports made again from it say the same."""
    entries = entries_of(create(), unavailable())
    entries.append({})
    results = run(str(saved(tmp_path / "a.har", entries)))
    (tmp_path / "report.json").write_text(results.to_json(), "utf-8")
    again = Results.read(tmp_path / "report.json")
    assert (again.shortfall, again.showable, again.passed_over) == (results.shortfall, results.showable, results.passed_over)
    assert again.passed_over

"""What a run prints: the verdict first and last, and each problem once, in the words of the answers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._console.results import summary
from jobinfo_conformance._evidence.har_writer import write_har
from jobinfo_conformance._run import Run
from jobinfo_conformance._selftest import observed
from jobinfo_conformance._settings import Settings
from tests.conftest import Command
from tests.exchanges import CLOSED, JSON, XML, close, create, error, exchange, post_state, read

#: How Python shows its own values, which no answer does.
WORDS_OF_PYTHON = re.compile(r"\bNone\b|datetime|\('|', |\bTrue\b|\bFalse\b")


def printed(fault: str) -> list[str]:
    """What a run on the reference with a fault prints."""
    run = Run(None, Settings(BUILT_IN))
    run.observation = observed(fault, BUILT_IN)
    return list(summary(run.concluded([run.judge(place) for place in BUILT_IN.places])))


def blocks(lines: list[str]) -> list[str]:
    """The first line of each problem."""
    return [line for line in lines if re.match(r"(?:FAIL|WARN) [a-z-]+/", line)]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A close in each serialization that is answered Open, and one with a wrong checksum."""
    path = tmp_path / "a.har"
    wrong = CLOSED.replace(state="Open")
    path.write_bytes(write_har([close(wrong), close(wrong, JSON), close(CLOSED.replace(id=CLOSED.id[:15] + "AAA"))]))
    return path


def test_the_verdict_comes_first_and_last(command: Command, recording: Path) -> None:
    """First with the number of problems, last with that of the requirements."""
    lines = command("run", recording).stdout.splitlines()
    assert lines[0] == "not-conformant: 2 problems"
    assert re.fullmatch(r"not-conformant: \d+ of \d+ requirements tested, \d+ pass, 1 warn, 1 fail; .*", lines[-1])


def test_each_problem_is_told_once_and_a_must_first(command: Command, recording: Path) -> None:
    """XML and JSON together."""
    lines = command("run", recording).stdout.splitlines()
    assert [line.partition(":")[0] for line in blocks(lines)] == [
        "FAIL state/closed (MUST, xml and json)",
        "WARN identity/id-checksum (SHOULD, xml)",
    ]
    assert "  cases     2, of which this is the smallest" in lines


def test_quiet_is_the_verdict_alone(command: Command, recording: Path) -> None:
    """With the same exit status."""
    done, full = command("run", recording, "-q"), command("run", recording)
    assert done.stdout.splitlines() == full.stdout.splitlines()[-1:]
    assert (done.returncode, done.stderr) == (1, "")


def test_verbose_is_the_matrix_and_all_evidence(command: Command, recording: Path) -> None:
    """Each case in each serialization, and the names of all that was not tested."""
    text = command("run", recording, "-v").stdout
    assert re.search(r"^state/closed +MUST +FAIL +FAIL$", text, re.MULTILINE)
    assert re.findall(r"^state/closed \(MUST, (\w+)\): ", text, re.MULTILINE) == ["xml", "json"]
    assert "  needs a read after the close: state/kept\n" in text
    assert "state/kept" not in command("run", recording).stdout


def test_quiet_and_verbose_exclude_each_other(command: Command) -> None:
    """In one line that names both."""
    done = command("run", "-q", "-v")
    assert done.returncode == 2
    assert "not allowed with argument" in done.stderr


def test_the_servers_own_message_is_shown(command: Command, tmp_path: Path) -> None:
    """With the code, where the exchange stands."""
    refused = close(None, answer=error("InvalidJob", "Not on a Sunday"))
    (tmp_path / "a.har").write_bytes(write_har([create(), refused, read(CLOSED.replace(state="Open"))]))
    text = command("run", tmp_path / "a.har").stdout
    assert " (state Closed) answered 400 (InvalidJob: Not on a Sunday)\n" in text


def test_the_error_form_of_the_rest_api_is_called_that(command: Command, tmp_path: Path) -> None:
    """And shown as it came."""
    body = b'[{"errorCode": "INVALID_JOB", "message": "no"}]'
    refused = exchange("POST", f"/{CLOSED.id}", b'{"state": "Open"}', form=JSON, answer=body, status=400)
    (tmp_path / "a.har").write_bytes(write_har([close(form=JSON), refused]))
    text = command("run", tmp_path / "a.har").stdout
    assert "  got       the REST API's error form, a list of errorCode and message\n" in text
    assert 'answered 400 ([{"errorCode": "INVALID_JOB", "message": "no"}])' in text


def test_what_follows_is_a_line_below_its_cause(command: Command, tmp_path: Path) -> None:
    """With its level and cases, and not told again."""
    opened = CLOSED.replace(state="Open")
    steps = [create(), close(), read(), post_state("Open", opened), read(opened)]
    (tmp_path / "a.har").write_bytes(write_har(steps))
    lines = command("run", tmp_path / "a.har").stdout.splitlines()
    assert [line.partition(" (")[0] for line in blocks(lines)] == ["FAIL state/final"]
    assert "  so also   state/kept (MUST): 1 in xml" in lines


@pytest.mark.parametrize(
    "fault",
    [
        "close-moves-created-to-midnight",
        "finished-batches-stay-queued",
        "fifth-close-answers-500",
        "mode-in-json-is-serial",
        "organization-as-user",
        "reopens",
        "second-close-is-accepted",
        "xml-knows-no-job-states",
        "no-retries-in-xml",
    ],
)
def test_a_failure_is_told_in_the_words_of_the_answers(fault: str) -> None:
    """No value is shown as Python writes it, and what is told fits on a screen or two."""
    lines = printed(fault)
    told = [line for line in lines if line.startswith(("  expected", "  got", "  where"))]
    assert told
    assert [line for line in told if WORDS_OF_PYTHON.search(line)] == []
    assert len(lines) <= 48


def test_a_test_of_what_follows_names_the_cause_in_a_line(run_pytest: Command, tmp_path: Path) -> None:
    """And the test of the cause tells the first case."""
    opened = CLOSED.replace(state="Open")
    (tmp_path / "a.har").write_bytes(write_har([create(), close(), read(), post_state("Open", opened), read(opened)]))
    target = f"--jobinfo-target={tmp_path / 'a.har'}"
    text = run_pytest("--pyargs", "jobinfo_conformance.suite", target, "-p", "no:cacheprovider").stdout
    assert "state/kept (xml) fails because of state/final: expected a refusal, got 200, in status" in text.splitlines()
    assert text.count("  source    ") == 1
    assert XML in text

"""A live endpoint: what is asked of it, what is left behind, and what a bad one is said to be."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._contract.writer import write_xml
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._exchange import Headers, Response
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._judging import by_kind, findings_in
from jobinfo_conformance._left_behind import left_open as lines_on_left_open
from jobinfo_conformance._targets.opening import open_target
from jobinfo_conformance._targets.target import Asking, TargetUnusable
from tests.conftest import Command
from tests.endpoint import DROPPED, HANGING, SESSION, Endpoint, Spoil, answering, refusing

EVERY = len(BUILT_IN.requirements)
#: The last line for an endpoint whose batches are done at once, so that none is unfinished when its job is closed.
ALL_BUT_ONE = f"conformant: {EVERY - 1} of {EVERY} requirements tested, {EVERY - 1} pass"
READ_BATCH = Operation.READ_BATCH
RESOURCE = "/services/async/36.0/job"
ENVIRONMENT = {"JOBINFO_SESSION_ID": SESSION}


def observe(
    url: str, *, timeout: float = 5, max_requests: int | None = None, version: int = 36, workers: int = 1
) -> Observation:
    """What a live target is seen to do."""
    asking = Asking(Version(version), timeout=timeout, max_requests=max_requests, wait=1, workers=workers)
    return open_target(url, asking, BUILT_IN, environment=ENVIRONMENT).observe(list(Serialization), BUILT_IN)


def on(part: str, answer: Response) -> Spoil:
    """Give this answer to requests that hold a text."""
    return lambda asked, own: answer if part in asked else own


def test_a_conforming_endpoint_passes_and_is_left_without_an_open_job(
    command: Command, live_endpoint: Endpoint, tmp_path: Path
) -> None:
    """In few requests; the one requirement that it can't show is about batches that are not done yet."""
    done = command("run", live_endpoint.url, "--report", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == ALL_BUT_ONE
    assert set(live_endpoint.states()) == {"Closed", "Aborted"}
    assert len(live_endpoint.jobs) <= 60
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["requests"] == len(live_endpoint.asked) <= 260


def test_a_wrong_close_in_one_serialization_fails_there_alone(command: Command, live_endpoint: Endpoint) -> None:
    """With all that is needed to see it again, and without the session."""

    def still_open(asked: str, answer: Response) -> Response:
        wrong = "POST json" in asked and "Closed" in asked
        return replace(answer, body=(answer.body or b"").replace(b'"Closed"', b'"Open"')) if wrong else answer

    live_endpoint.spoil = still_open
    done = command("run", live_endpoint.url)
    assert done.returncode == 1
    assert "FAIL state/closed (MUST, json): The answer to an accepted close says that the state is Closed." in done.stdout
    assert "  expected  Closed\n  got       Open\n  where     state\n" in done.stdout
    assert '-H "X-SFDC-Session: $JOBINFO_SESSION_ID"' in done.stdout
    assert "state/closed (MUST, xml)" not in done.stdout
    assert SESSION not in done.stdout + done.stderr


def test_workers_of_xdist_ask_nothing_themselves(command: Command, live_endpoint: Endpoint) -> None:
    """The target is asked once, and the bound on requests holds for all of them together."""
    done = command("run", live_endpoint.url, "--max-requests", "260", "--", "-n", "2")
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == ALL_BUT_ONE
    assert f", {len(live_endpoint.asked)} requests\n" in done.stdout
    assert len(live_endpoint.asked) <= 260


def test_a_refused_session_is_one_line_under_xdist(command: Command, live_endpoint: Endpoint) -> None:
    """No worker is started for it."""
    done = command("run", live_endpoint.url, "--", "-n", "2", session="another-session")
    said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    assert (done.returncode, len(said)) == (2, 1), said


def test_collecting_asks_nothing_and_says_what_a_run_costs(command: Command, live_endpoint: Endpoint) -> None:
    """``--collect-only`` is for looking: at most 260 requests and 60 jobs."""
    done = command("run", live_endpoint.url, "--collect-only")
    assert live_endpoint.asked == []
    costs = [line.split(maxsplit=2) for line in done.stdout.splitlines() if re.match(r" +\d+ +\d+ ", line)]
    *scenarios, (requests, jobs, total) = costs
    assert "close jobs in every legal form (json)" in [name for _, _, name in scenarios]
    assert (total, int(requests)) == ("in all", sum(int(cost) for cost, _, _ in scenarios))
    assert (int(requests) <= 260, int(jobs) <= 60) == (True, True)


@pytest.mark.parametrize("by_pytest", [(), ("--",)], ids=["run", "pytest"])
def test_collecting_plans_what_the_version_has(command: Command, by_pytest: tuple[str, ...]) -> None:
    """JSON came with 36.0: before, there is nothing to plan in it."""
    done = command("run", "reference", "--api-version", "20.0", "--collect-only", *by_pytest)
    costs = [line for line in done.stdout.splitlines() if re.match(r" +\d+ +\d+ ", line)]
    assert (done.returncode, [line for line in costs if "(xml)" in line] != []) == (0, True)
    assert [line for line in costs if "(json)" in line] == []
    done = command("run", "reference", "--api-version", "20.0", "--serialization", "json", "--collect-only", *by_pytest)
    assert done.returncode == 2
    assert "API version 20.0 has no JSON: it came with 36.0" in done.stdout + done.stderr


SESSION_HINT = "set JOBINFO_SESSION_ID to a session that is valid there; --session-as names another header for it"
VERSION_HINT = "name a version that the endpoint speaks with --api-version"
REFUSALS = {
    "a refused session": (400, "InvalidSessionId", SESSION_HINT),
    "an unknown version": (400, "InvalidVersion", VERSION_HINT),
    "a retired version": (410, "Gone", VERSION_HINT),
    "a retired version with another status": (400, "Gone", VERSION_HINT),
    "a wrong URL": (400, "InvalidUrl", "check the URL"),
    "no such feature": (400, "FeatureNotEnabled", "the Bulk API is not enabled there"),
    "401": (401, "Unknown", SESSION_HINT),
    "403": (403, "Unknown", f"the session may lack permission: {SESSION_HINT}"),
    "404": (404, "Unknown", f"check the URL, or {VERSION_HINT}"),
    "410": (410, "Unknown", VERSION_HINT),
    "a code that says more than the status": (404, "FeatureNotEnabled", "the Bulk API is not enabled there"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_of_the_first_request_ends_the_run_and_says_what_to_do(live_endpoint: Endpoint, name: str) -> None:
    """There is nothing to test."""
    status, code, hint = REFUSALS[name]
    live_endpoint.spoil = on("POST xml", refusing(code, "No\nway", Serialization.XML, status))
    with pytest.raises(TargetUnusable) as caught:
        observe(live_endpoint.url)
    said = str(caught.value)
    assert f"{live_endpoint.url}/services/async/36.0/job answered {status} {code}: No\\nway; {hint}" in said
    assert "\n" not in said
    assert len(live_endpoint.asked) == 1


def test_a_refusal_that_repeats_the_session_is_about_the_session(live_endpoint: Endpoint) -> None:
    """Which is not printed."""
    live_endpoint.spoil = on("POST xml", refusing("Unknown", f"No {SESSION} here", Serialization.XML, 403))
    with pytest.raises(TargetUnusable) as caught:
        observe(live_endpoint.url)
    assert f"answered 403 Unknown: No [JOBINFO-SESSION] here; {SESSION_HINT}" in str(caught.value)
    assert SESSION not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "content_type", "body"),
    [
        (410, "text/html", b"<html>gone</html>"),
        (410, "application/json", b'{"exceptionCode": ["Gone"], "exceptionMessage": {}}'),
        (404, "text/plain", b""),
    ],
)
def test_a_refusal_without_an_error_document_is_told_by_its_status(
    live_endpoint: Endpoint, status: int, content_type: str, body: bytes
) -> None:
    """A gateway in front of a retired version sends a page."""
    live_endpoint.spoil = on("POST xml", answering(status, body, content_type))
    with pytest.raises(TargetUnusable, match=f"answered {status}.*--api-version"):
        observe(live_endpoint.url)


def test_a_refusal_of_the_session_is_one_line_and_status_2(command: Command, live_endpoint: Endpoint) -> None:
    """As a user sees it."""
    done = command("run", live_endpoint.url, session="another-session")
    said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    assert done.returncode == 2
    assert len(said) == 1
    assert "answered 400 InvalidSessionId: Invalid session id; set JOBINFO_SESSION_ID to a session" in said[0]


@pytest.mark.parametrize(
    ("answer", "failing"),
    [
        (answering(500, b"oops", "text/plain"), "errors/status-4xx"),
        (answering(200, b"oops", "text/plain"), "schema/well-formed"),
        (answering(302, b"", "text/html", ("Location", "/login")), None),
        (answering(400, b"{}", "application/json"), "errors/document"),
    ],
    ids=["500", "garbage", "redirect", "no error document"],
)
def test_an_odd_first_answer_is_evidence(
    command: Command, live_endpoint: Endpoint, answer: Response, failing: str | None
) -> None:
    """It gets a verdict: a failure where a requirement is broken, else inconclusive."""
    live_endpoint.spoil = lambda _asked, _answer: answer
    done = command("run", live_endpoint.url, "--serialization", "xml")
    assert done.returncode == (1 if failing else 3), done.stdout
    if failing:
        assert f"FAIL {failing} (MUST, xml)" in done.stdout
    assert all("/login" not in asked for asked in live_endpoint.asked)


def test_an_endpoint_without_json_fails_unless_the_user_says_that_it_has_none(
    command: Command, live_endpoint: Endpoint
) -> None:
    """A job that was created in XML can't be closed in JSON, and no form of the close is blamed for it."""
    refused = refusing("UnsupportedContentType", "No JSON", Serialization.JSON)
    live_endpoint.spoil = lambda asked, answer: (
        refused if asked.startswith("POST") and "json" in asked.split()[1].lower() else answer
    )
    done = command("run", live_endpoint.url)
    assert done.returncode == 1
    assert "FAIL accepts/documented (MUST, json)" in done.stdout
    assert "FAIL accepts/gzip" not in done.stdout
    assert "the documented close is refused too: 400: UnsupportedContentType: No JSON" in done.stdout
    assert len(live_endpoint.jobs) > 12
    assert command("run", live_endpoint.url, "--serialization", "xml").returncode == 0


@pytest.mark.parametrize(
    "spoil",
    [
        on("<state>Closed", refusing("InvalidJob", "no", Serialization.XML)),
        on("<state>Closed", DROPPED),
        on("<state>Closed", HANGING),
        on("POST xml <?xml", answering(201, b"oops", "text/plain", ("Location", f"{RESOURCE}/750000000000001AAA"))),
    ],
    ids=["refused", "dropped", "hanging", "create unreadable"],
)
def test_a_job_that_was_not_closed_is_aborted(live_endpoint: Endpoint, spoil: Spoil) -> None:
    """Whatever became of the close, and also where only the Location names the job."""
    live_endpoint.spoil = lambda asked, answer: answer if "Aborted" in asked else spoil(asked, answer)
    seen = observe(live_endpoint.url, timeout=2, max_requests=25)
    assert any("Aborted" in asked for asked in live_endpoint.asked)
    assert seen.left_open == ()
    assert seen.requests == len(live_endpoint.asked)


def test_a_job_that_cannot_be_aborted_is_named(command: Command, live_endpoint: Endpoint, tmp_path: Path) -> None:
    """In the output and in the report, with what to do."""
    refused = refusing("InvalidJob", "no", Serialization.XML)
    live_endpoint.spoil = lambda asked, answer: refused if "Closed" in asked or "Aborted" in asked else answer
    done = command("run", live_endpoint.url, "--serialization", "xml", "--report", tmp_path)
    assert done.returncode == 1
    left_open = json.loads((tmp_path / "report.json").read_text("utf-8"))["leftOpen"]
    assert left_open
    assert set(left_open) <= set(live_endpoint.jobs)
    [said] = [line for line in done.stdout.splitlines() if line.startswith("left open: ")]
    assert said.startswith(f"left open: {len(left_open)} jobs could not be aborted; close or abort them by hand: ")
    assert said.endswith(", ".join(left_open))


def test_a_few_jobs_that_cannot_be_aborted_are_named_in_a_line_each() -> None:
    """Which may be copied."""
    left = Observation("an endpoint", (), 0, (), left_open=("750A", "750B"))
    assert list(lines_on_left_open(left)) == [
        f"left open: job {job} could not be aborted; close or abort it by hand" for job in ("750A", "750B")
    ]


@pytest.mark.parametrize(
    ("close", "more", "interrupt"),
    [
        ("<state>Closed", [], signal.SIGINT),
        ('"state": "Closed"', ["--workers", "3"], signal.SIGINT),
        ('"state": "Closed"', ["--", "-n", "3"], signal.SIGINT),
        ("<state>Closed", [], signal.SIGTERM),
        ("<state>Closed", [], signal.SIGHUP),
        ("<state>Closed", [], signal.SIGQUIT),
    ],
    ids=["alone", "side by side", "by pytest", "cancelled", "hung up", "quit"],
)
@pytest.mark.parametrize("abort", ["accepted", "refused"])
def test_a_run_that_is_interrupted_aborts_what_is_open(
    live_endpoint: Endpoint, abort: str, close: str, more: list[str], interrupt: signal.Signals
) -> None:
    """The run ends at once, and the jobs with it, or they are named."""
    refused = refusing("InvalidJob", "no")

    def spoil(asked: str, answer: Response) -> Response:
        if "Aborted" in asked:
            return refused if abort == "refused" else replace(answer, status=200, body=b'{"state": "Aborted"}')
        return HANGING if close in asked else answer

    live_endpoint.spoil = spoil
    process = subprocess.Popen(
        [sys.executable, "-m", "jobinfo_conformance", "run", live_endpoint.url, *more],
        env={**os.environ, **ENVIRONMENT},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    until(lambda: any(close in asked for asked in live_endpoint.asked))
    process.send_signal(interrupt)
    printed, _ = process.communicate(timeout=20)
    named = re.findall(r"left open: job (\w+)", printed)
    assert process.returncode == 2, printed
    assert "Aborted" in live_endpoint.asked[-1]
    assert "Traceback" not in printed
    assert bool(named) == (abort == "refused") == ("every job that was opened is closed or aborted" not in printed)
    assert set(named) <= set(live_endpoint.jobs)


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("most", [*range(1, 13), 30, 100, 260])
def test_the_bound_on_requests_is_kept(live_endpoint: Endpoint, most: int, workers: int) -> None:
    """A request to clean up is kept back before a job is opened, so none stays open."""
    seen = observe(live_endpoint.url, max_requests=most, workers=workers)
    assert len(live_endpoint.asked) == seen.requests <= most
    assert "Open" not in live_endpoint.states()
    assert (seen.obstacles == {}) == (most == 260)


def test_workers_ask_side_by_side(live_endpoint: Endpoint) -> None:
    """As many scenarios at once, and the same evidence in the same order."""
    at_once = most = 0

    def count(_asked: str, answer: Response) -> Response:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        time.sleep(0.005)
        at_once -= 1
        return answer

    live_endpoint.spoil = count
    side_by_side = observe(live_endpoint.url, workers=4)
    assert 1 < most <= 4
    by_one = observe(live_endpoint.url)
    assert [operations(history) for history in side_by_side.histories] == [operations(history) for history in by_one.histories]


def operations(history: History) -> list[str]:
    """What was asked of a job."""
    return [step.operation.name for step in history.steps]


def test_what_was_not_asked_for_want_of_requests_is_inconclusive(command: Command, live_endpoint: Endpoint) -> None:
    """Too small a bound is no pass."""
    done = command("run", live_endpoint.url, "--max-requests", "4")
    assert done.returncode == 3
    assert "the 4 requests of this run are used up" in done.stdout


@contextmanager
def raw_server(*parts: bytes, pause: float = 0) -> Iterator[str]:
    """A server that answers anything with these bytes, pausing between them."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        ended = threading.Event()

        def serve() -> None:
            while not ended.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                with connection:
                    _read_request(connection)
                    for part in parts:
                        if ended.wait(pause):
                            break
                        try:
                            connection.sendall(part)
                        except OSError:
                            break

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            ended.set()
            thread.join()


def _read_request(connection: socket.socket) -> None:
    """Read a request to its end: closing a connection with something unread in it resets it."""
    asked = b""
    while b"\r\n\r\n" not in asked:
        asked += connection.recv(65536) or b"\r\n\r\n"
    head, _, body = asked.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    while length is not None and len(body) < int(length[1]):
        body += connection.recv(65536) or b" " * int(length[1])


def test_a_body_that_dribbles_is_cut_off_after_the_timeout() -> None:
    """An answer that never ends is evidence, not a wait."""
    head = b"HTTP/1.1 201 Created\r\nContent-Type: application/xml\r\nContent-Length: 100000\r\n\r\n"
    with raw_server(head, *[b"<"] * 200, pause=0.05) as url:
        first = observe(url, timeout=2).histories[0].steps[0].exchange
    assert first.response.defect == "a body that had not ended after 2 seconds"
    assert (first.milliseconds or 0) >= 2_000


@pytest.mark.parametrize(
    ("answer", "defect"),
    [
        (b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n<jobInfo", "a body that broke off or does not decode: "),
        (
            b"HTTP/1.1 201 Created\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
            "a body that broke off or does not decode: ",
        ),
    ],
    ids=["cut short", "no gzip"],
)
def test_a_body_that_breaks_off_or_does_not_decode_is_a_defect(answer: bytes, defect: str) -> None:
    """And so not well-formed, where it was a jobInfo that was asked for."""
    with raw_server(answer) as url:
        [first, *_] = observe(url, timeout=2).histories
    assert (first.steps[0].exchange.response.defect or "").startswith(defect)
    assert [finding.requirement for finding in first.steps[0].job_findings] == ["schema/well-formed"]


def test_what_does_not_speak_http_does_not_answer() -> None:
    """The line says what came instead."""
    with raw_server(b"220 mail ready\r\n") as url, pytest.raises(TargetUnusable, match="does not answer: "):
        observe(url, timeout=1)


@pytest.mark.parametrize("line", [f"HTTP/1.1 {SESSION}", f"oops {SESSION}"])
def test_a_status_line_that_repeats_the_session_does_not_print_it(command: Command, line: str) -> None:
    """The words of the transport are made safe too."""
    with raw_server(f"{line}\r\n\r\n".encode()) as url:
        done = command("run", url)
    assert done.returncode == 2
    assert "[JOBINFO-SESSION]" in done.stderr
    assert SESSION not in done.stdout + done.stderr


def test_headers_that_dribble_are_no_whole_answer() -> None:
    """They are cut off after the timeout as a body is."""
    head = [b"HTTP/1.1 201 Created\r\n", *[b"X-More: x\r\n"] * 100]
    with raw_server(*head, pause=0.05) as url, pytest.raises(TargetUnusable, match=r"within 2 seconds"):
        observe(url, timeout=2)


def test_a_port_where_nobody_listens_is_one_line_and_status_2(command: Command) -> None:
    """No HTTP answer came."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    done = command("run", f"http://127.0.0.1:{port}")
    said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    assert done.returncode == 2
    assert [f"http://127.0.0.1:{port} does not answer: Connection refused" in line for line in said] == [True]


@pytest.mark.parametrize(
    ("session", "said"),
    [
        (None, "a live target needs a session: set the environment variable JOBINFO_SESSION_ID"),
        ("  ", "a live target needs a session"),
        ("two words", "JOBINFO_SESSION_ID contains characters that a session can't have"),
        ("line\nbreak", "JOBINFO_SESSION_ID contains characters that a session can't have"),
    ],
)
def test_a_live_target_needs_a_session(session: str | None, said: str) -> None:
    """It is looked for in the environment alone, and is not repeated."""
    environment = {} if session is None else {"JOBINFO_SESSION_ID": session}
    with pytest.raises(BadInput) as caught:
        open_target("http://127.0.0.1:1", Asking(), BUILT_IN, environment=environment)
    assert said in str(caught.value)
    assert session is None or not session.strip() or session not in str(caught.value)


def test_the_session_is_in_nothing_that_a_run_leaves_behind(command: Command, live_endpoint: Endpoint, tmp_path: Path) -> None:
    """Also where the endpoint repeats it, in tracebacks with every local, and in JUnit."""

    def repeat(_asked: str, answer: Response) -> Response:
        body = (answer.body or b"").replace(b"Account", SESSION.encode())
        headers = Headers.of([*answer.headers, ("X-Echo", SESSION), ("Set-Cookie", f"sid={SESSION}")])
        return replace(answer, body=body, headers=headers)

    live_endpoint.spoil = repeat
    report, junit = tmp_path / "report", tmp_path / "junit.xml"
    pytest_arguments = ["--", "-vv", "-l", "--tb=long", f"--junit-xml={junit}"]
    done = command("run", live_endpoint.url, "--report", report, *pytest_arguments)
    assert done.returncode == 1
    assert "errors/no-secrets" in done.stdout
    for text in (done.stdout, done.stderr, (report / "report.json").read_text("utf-8"), junit.read_text("utf-8")):
        assert SESSION not in text
        assert SESSION.rpartition("!")[2] not in text


def test_nothing_of_the_users_is_sent(live_endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No password out of a .netrc, no cookie that an answer set."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password word\n", "utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HOME", str(tmp_path))
    cookie = ("Set-Cookie", "a=b")
    live_endpoint.spoil = lambda _asked, answer: replace(answer, headers=Headers.of([*answer.headers, cookie]))
    observe(live_endpoint.url)
    assert [name for headers in live_endpoint.headers for name in headers if name in ("authorization", "cookie")] == []


def test_an_endpoint_without_query_jobs_gets_no_batch(command: Command, live_endpoint: Endpoint) -> None:
    """Its jobs stay empty, so nothing is written; what needs batches is not applicable."""
    done = command("run", live_endpoint.url, "--no-queries", "-v")
    assert done.returncode == 0
    assert [asked for asked in live_endpoint.asked if "SELECT" in asked] == []
    assert {job.settings["operation"] for job in live_endpoint.jobs.values()} == {"insert", "upsert", "delete"}
    assert not any(job.batches for job in live_endpoint.jobs.values())
    assert re.search(r"^lifecycle/accepted-batches-finish +MUST +- +-$", done.stdout, re.MULTILINE)


def test_a_batch_that_does_not_finish_in_time_is_a_failure_that_names_the_bound(
    command: Command, live_endpoint: Endpoint
) -> None:
    """The user's own --wait, and the looks at the batch are few."""
    live_endpoint.batch_time = timedelta(hours=1)
    done = command("run", live_endpoint.url, "--wait", "0.5", "--serialization", "xml")
    assert done.returncode == 1
    assert "FAIL lifecycle/accepted-batches-finish (MUST, xml): " in done.stdout
    assert "  expected  Completed or Failed within 0.5 seconds\n  got       Queued\n" in done.stdout
    looks = [step for history in observe(live_endpoint.url).histories for step in history.steps if step.operation is READ_BATCH]
    assert 2 <= len(looks) <= 2 * 9


def test_a_slow_endpoint_passes(live_endpoint: Endpoint) -> None:
    """Nothing depends on time but the bounds that the user gave."""
    live_endpoint.batch_time = timedelta(seconds=0.5)
    seen = observe(live_endpoint.url)
    requirements = BUILT_IN.requirements.values()
    assert [finding for history in seen.histories for finding in findings_in(history, by_kind(requirements))] == []


def test_a_version_without_json_can_not_be_asked_for_json_alone(command: Command, live_endpoint: Endpoint) -> None:
    """There is nothing to ask."""
    done = command("run", live_endpoint.url, "--serialization", "json", "--api-version", "35.0")
    assert (done.returncode, live_endpoint.asked) == (2, [])
    assert "API version 35.0 has no JSON: it came with 36.0" in done.stderr


def test_a_version_without_json_is_asked_for_xml_alone(live_endpoint: Endpoint) -> None:
    """JSON came with 36.0."""
    seen = observe(live_endpoint.url, version=35)
    assert seen.serializations == (Serialization.XML,)
    assert [asked for asked in live_endpoint.asked if "json" in asked] == []
    assert write_xml("jobInfo", {"state": "Closed"}).decode() in live_endpoint.asked[1]

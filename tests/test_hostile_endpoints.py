"""Whatever an endpoint answers becomes evidence or a reason, in bounded memory and time, and never an error of the suite."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import cycle
from pathlib import Path

import pytest

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.ids import is_id
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.history import histories
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Exchange, Headers, Request
from jobinfo_conformance._judging import judge_or_report_error
from jobinfo_conformance._reference.spoiled_bytes import Spoil
from jobinfo_conformance._targets.bounded_answer import LONGEST_ANSWER, LONGEST_HEAD
from jobinfo_conformance._targets.http_client import HttpClient, NoAnswer
from tests.conftest import Command
from tests.endpoint import SESSION
from tests.exchanges import close
from tests.hostile import ENDLESS, FRAMES, HEADS, IDS, TEXTS, hostile_endpoint
from tests.wire import wire

ALL = {**HEADS, **FRAMES, **TEXTS, **IDS}
#: What a terminal, a CI server or a reader would obey, or be misled by, if it were printed as it came.
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]|^::error::owned", re.MULTILINE)


def asked(url: str, timeout: float = 20) -> Exchange | NoAnswer:
    """What comes of a create."""
    body = b'{"operation": "insert", "object": "Account", "contentType": "JSON"}'
    headers = Headers.of([("X-SFDC-Session", SESSION), ("Content-Type", "application/json")])
    try:
        with HttpClient(timeout) as client:
            return client.send(Request("POST", f"{url}/services/async/36.0/job", headers, body))
    except NoAnswer as reason:
        return reason


def errors_of_judging(exchange: Exchange) -> Iterator[str]:
    """Judge an exchange by every requirement, and yield the tracebacks."""
    seen = Observation("hostile", tuple(histories([exchange], whole=True)), 1, tuple(Serialization), "36.0")
    for name, form in BUILT_IN.places:
        _, error = judge_or_report_error(BUILT_IN.requirements[name], form, seen)
        if error is not None:
            yield error


@pytest.mark.parametrize("name", ALL)
def test_whatever_is_answered_is_judged_or_is_a_reason(name: str) -> None:
    """No more of it is kept than an answer can need, and an id is one."""
    with hostile_endpoint(ALL[name]) as url:
        answer = asked(url)
    if isinstance(answer, NoAnswer):
        assert str(answer)
        return
    assert len(answer.response.body or b"") <= LONGEST_ANSWER
    assert sum(len(name) + len(value) for name, value in answer.response.headers) <= LONGEST_HEAD
    step = Step.of(answer)
    assert step is not None
    assert step.job_id is None or is_id(step.job_id)
    assert list(errors_of_judging(answer)) == []


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("code", ['{"a": 1}', '["InvalidJob"]', "7", "true"])
def test_an_error_code_that_is_no_text_is_a_fault_of_the_error_document(status: int, code: str) -> None:
    """It is judged like any other error, whatever the status."""
    body = f'{{"exceptionCode": {code}, "exceptionMessage": "No"}}'.encode()
    exchange = close().answered(status=status, body=body, headers=Headers.of([("Content-Type", "application/json")]))
    step = Step.of(exchange)
    assert step is not None
    assert (step.refused, step.error_code) == (True, None)
    assert list(errors_of_judging(exchange)) == []


@pytest.mark.parametrize("name", ENDLESS)
def test_an_answer_without_end_ends_with_the_timeout(name: str) -> None:
    """Or before, where more of it came than an answer can need."""
    with hostile_endpoint(ENDLESS[name]) as url:
        answer = asked(url, timeout=2)
    assert isinstance(answer, NoAnswer) or answer.response.defect is not None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("status line b'HTTP/1.1 abc'", "no status line of HTTP/1: HTTP/1.1 abc"),
        ("status line b'HTTP/9.9 200 OK'", "no status line of HTTP/1: HTTP/9.9"),
        ("a line without a colon", "headers with a line that is no header"),
        ("90 headers of 65 kB", "an answer of more than 4 MiB"),
        ("9 headers of 9 kB", "headers of more than 64 KiB"),
        ("100,000 headers", "more than 100 headers"),
    ],
)
def test_an_answer_whose_head_can_not_be_read_is_none(name: str, reason: str) -> None:
    """The reason says what came."""
    with hostile_endpoint(HEADS[name]) as url:
        answer = asked(url)
    assert isinstance(answer, NoAnswer)
    assert str(answer) == reason


@pytest.mark.parametrize(
    ("name", "defect"),
    [
        ("a gzip bomb", "a body of more than 32768 bytes"),
        ("a nested bomb", "a body of more than 32768 bytes"),
        ("a hundred codings", "a body that broke off or does not decode: 100 content codings, one inside another"),
        ("deflate that is none", "a body that broke off or does not decode: it is not deflate"),
        ("gzip that breaks off", "a body that broke off or does not decode: the gzip ends early"),
        ("chunks of one byte", "a body of more than 32768 bytes"),
    ],
)
def test_a_body_that_can_not_be_one_is_defective(name: str, defect: str) -> None:
    """Its status and headers count all the same."""
    with hostile_endpoint(FRAMES[name]) as url:
        answer = asked(url)
    assert isinstance(answer, Exchange)
    assert answer.response.defect == defect


@pytest.mark.parametrize("name", [name for name in HEADS if "location" in name or "redirect" in name])
def test_a_redirect_is_evidence_wherever_it_leads(name: str) -> None:
    """It is neither followed nor resolved, and no more of its body is read than of another."""
    with hostile_endpoint(HEADS[name]) as url:
        answer = asked(url)
    assert isinstance(answer, Exchange)
    assert answer.response.status == 302


def test_interim_answers_are_passed_over() -> None:
    """As RFC 9110 says: 102 and 103 are not the answer."""
    with hostile_endpoint(HEADS["interim answers, then the final one"]) as url:
        answer = asked(url)
    assert isinstance(answer, Exchange)
    assert (answer.response.status, answer.response.defect) == (201, None)


def in_turn(spoils: list[Spoil]) -> Spoil:
    """Each answer spoiled in another way."""
    turns = cycle(spoils)

    def spoiled(answer: bytes) -> bytes | Iterable[bytes]:
        return next(turns)(answer)

    return spoiled


@pytest.mark.parametrize("when", [b"Closed", b"operation", b"SELECT", b"GET "], ids=["closes", "creates", "batches", "reads"])
def test_a_run_on_an_endpoint_that_is_hostile_in_every_way_ends_with_a_report(
    command: Command, tmp_path: Path, when: bytes
) -> None:
    """Nothing in it is obeyed by whoever shows it."""
    with hostile_endpoint(in_turn([*TEXTS.values(), *IDS.values(), *FRAMES.values()]), when) as url:
        done = command("run", url, "--timeout", "5", "--wait", "1", "--report", tmp_path / "r", "-v", GITHUB_ACTIONS="true")
    assert done.returncode in (1, 3), done.stderr[-2000:]
    files = [file for file in (tmp_path / "r").rglob("*") if file.is_file()]
    for text in (done.stdout, done.stderr, *(file.read_text("utf-8") for file in files)):
        assert not OBEYED.search(text)
    assert sum(file.stat().st_size for file in files) < 80 << 20


def held_back(answer: bytes) -> Iterator[bytes]:
    """An answer but its end, which does not come in time."""
    yield answer[:-5]
    time.sleep(3)


def test_three_answers_in_a_row_that_are_cut_off_end_the_run(command: Command) -> None:
    """Each counts as unanswered, though what came of it is evidence."""
    with hostile_endpoint(held_back) as url:
        done = command("run", url, "--timeout", "1")
    assert "3 requests in a row were not answered" in done.stdout
    assert "a body that had not ended after 1 seconds" in done.stdout


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3000\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 3000\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n",
    ],
    ids=["connection closes", "HTTP/1.0", "keep-alive", "no length"],
)
@pytest.mark.parametrize("pace", [0.1, 60], ids=["drips", "hangs"])
def test_a_body_that_does_not_come_is_cut_off_however_its_connection_ends(head: bytes, pace: float) -> None:
    """http.client lets go of the socket where the connection is to end after the answer; without a length, `{}` looks whole."""
    gone = threading.Event()

    def dripping(_request: bytes) -> Iterator[bytes]:
        yield head + b"\r\n{}"
        while not gone.wait(pace):
            yield b" "

    with wire(dripping) as endpoint:
        answer = asked(endpoint.url, timeout=1)
        gone.set()
    assert isinstance(answer, Exchange)
    assert answer.response.defect == "a body that had not ended after 1 seconds"
    assert answer.timed_out


def test_a_name_that_is_not_found_in_time_ends_with_the_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server can be asked before; whatever the lookup waits for is left behind."""
    released = threading.Event()

    def looked_up(*_: object, **__: object) -> list[object]:
        released.wait(60)
        raise OSError("nobody waits for this")

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    answer = asked("http://slow.invalid", timeout=0.5)
    released.set()
    assert isinstance(answer, NoAnswer)
    assert (str(answer), answer.was_sent) == ("nothing within 0.5 seconds", False)


def test_a_name_that_does_not_exist_is_told_as_such() -> None:
    """By the words of the system."""
    answer = asked("http://nobody.invalid")
    assert isinstance(answer, NoAnswer)
    assert not answer.was_sent
    assert "[Errno" not in str(answer)


def test_a_handshake_that_drips_ends_with_the_timeout() -> None:
    """It is part of the one answer that the timeout is for."""
    dripped = 0
    gone = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            nonlocal dripped
            accepted, _ = listening.accept()
            with accepted, suppress(OSError):
                accepted.sendall(b"\x16\x03\x03\x40\x00")  # a record of 16 KiB
                while not gone.wait(0.1):
                    accepted.sendall(b"\x02")
                    dripped += 1

        thread = threading.Thread(target=drip)
        thread.start()
        answer = asked(f"https://127.0.0.1:{listening.getsockname()[1]}", timeout=1)
        gone.set()
        thread.join()
    assert isinstance(answer, NoAnswer)
    assert str(answer) == "nothing within 1 seconds"
    assert dripped > 0

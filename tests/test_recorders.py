"""What recorders do to bodies and entries: it is undone where it can be, and is never charged to the endpoint."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobinfo_conformance._cli import main
from jobinfo_conformance._evidence.har_reader import NotHar, read_har, read_lines
from tests.conftest import Command
from tests.exchanges import CLOSED, JSON, XML, close, create, read
from tests.recordings import entries_of, recorded, saved

ANSWER = close().response.body or b""
SENT = close().request.body
#: A job whose object has a name that is not ASCII.
OPEN = CLOSED.replace(state="Open", object="Rücknahme__c")


def text(body: bytes) -> str:
    """Bytes in base64."""
    return base64.b64encode(body).decode()


def read_back(tmp_path: Path, coding: str | None = None, **content: Any) -> bytes | None:
    """The body of an answer as it is read from a recording with this content."""
    [entry] = entries_of(close())
    entry["response"]["content"] = {"mimeType": "application/xml", **content}
    if coding is not None:
        entry["response"]["headers"].append({"name": "content-encoding", "value": coding})
    [exchange] = read_har(saved(tmp_path / "a.har", [entry]))
    return exchange.response.body


RAW_DEFLATE = zlib.compress(ANSWER)[2:-4]


@pytest.mark.parametrize(
    ("coding", "coded"),
    [
        ("gzip", gzip.compress(ANSWER, mtime=0)),
        ("GZIP", gzip.compress(ANSWER, mtime=0)),
        ("x-gzip", gzip.compress(ANSWER, mtime=0)),
        ("deflate", zlib.compress(ANSWER)),
        ("deflate", RAW_DEFLATE),
        ("gzip, gzip", gzip.compress(gzip.compress(ANSWER, mtime=0), mtime=0)),
    ],
    ids=["gzip", "upper case", "x-gzip", "deflate", "raw deflate", "twice"],
)
def test_a_body_that_was_left_compressed_is_decompressed(coding: str, coded: bytes, tmp_path: Path) -> None:
    """Written in base64, or with a character for each byte."""
    assert read_back(tmp_path, coding, text=text(coded), encoding="base64") == ANSWER
    assert read_back(tmp_path, coding, text=coded.decode("latin-1")) == ANSWER


@pytest.mark.parametrize(
    ("coding", "content"),
    [
        ("br", {"text": text(b"\x1b\x0f\x04\x88\x99abc"), "encoding": "base64"}),
        ("zstd", {"text": text(b"\x28\xb5\x2f\xfd\x01\x02"), "encoding": "base64"}),
        ("aws-chunked", {"text": text(b"\x01\x02\x03"), "encoding": "base64"}),
        ("gzip", {"text": text(gzip.compress(ANSWER, mtime=0)[:200]), "encoding": "base64"}),
        ("gzip", {"text": gzip.compress(ANSWER, mtime=0).decode("utf-8", "replace")}),
        ("gzip", {"text": text(zlib.compress(ANSWER)), "encoding": "base64"}),
    ],
    ids=["br", "zstd", "unknown", "cut short", "characters lost", "another coding"],
)
def test_a_body_that_cannot_be_decompressed_was_not_kept(coding: str, content: dict[str, Any], tmp_path: Path) -> None:
    """What a recorder lost is not the endpoint's."""
    assert read_back(tmp_path, coding, **content) is None


@pytest.mark.parametrize("body", [ANSWER, b'{"a": 1}', b"Service unavailable", "é".encode()], ids=["xml", "json", "text", "é"])
def test_a_body_that_was_decompressed_is_left_alone(body: bytes, tmp_path: Path) -> None:
    """Recorders keep the header about a coding that they have undone."""
    assert read_back(tmp_path, "gzip", text=body.decode()) == body


@pytest.mark.parametrize(
    ("written", "encoding"),
    [
        (base64.encodebytes(ANSWER).decode(), "base64"),
        (text(ANSWER).rstrip("="), "base64"),
        (base64.urlsafe_b64encode(ANSWER).decode(), "base64"),
        (text(ANSWER), " Base64 "),
        (ANSWER.decode(), "base64"),
        (ANSWER.decode(), "utf-8"),
        (ANSWER.decode(), None),
        (ANSWER.decode(), 64),
    ],
    ids=["wrapped", "unpadded", "url-safe", "letter case", "false", "another name", "null", "number"],
)
def test_base64_is_read_however_it_is_written_and_text_is_text_whatever_is_said_of_it(
    written: str, encoding: Any, tmp_path: Path
) -> None:
    """A known bug of browsers names base64 beside plain text."""
    assert read_back(tmp_path, text=written, encoding=encoding) == ANSWER


@pytest.mark.parametrize(
    "content",
    [
        {"text": ANSWER[:300].decode(), "size": len(ANSWER)},
        {"text": ANSWER[:300].decode(), "_truncated": True},
        {"text": ANSWER[:300].decode(), "comment": "Response body truncated"},
        {"text": 5},
        {"text": ["<jobInfo/>"]},
        {"text": {}},
    ],
    ids=["size", "flag", "comment", "number", "list", "object"],
)
def test_a_body_of_which_only_the_beginning_was_kept_was_not_kept(content: dict[str, Any], tmp_path: Path) -> None:
    """Nor one that is no text."""
    assert read_back(tmp_path, **content) is None


@pytest.mark.parametrize("size", [0, 10, len(ANSWER), len(ANSWER) + 100, -1, "many", None, True], ids=str)
def test_a_size_that_contradicts_a_whole_body_is_not_believed(size: Any, tmp_path: Path) -> None:
    """Some recorders count characters, or what was on the wire."""
    assert read_back(tmp_path, text=ANSWER.decode(), size=size) == ANSWER
    malformed = ANSWER.replace(b"<state>", b"state>")
    assert read_back(tmp_path, text=malformed.decode(), size=size) == malformed


@pytest.mark.parametrize(
    ("coding", "post", "body"),
    [
        ("gzip", {"text": text(gzip.compress(SENT, mtime=0)), "encoding": "base64"}, SENT),
        ("gzip", {"text": gzip.compress(SENT, mtime=0).decode("latin-1")}, SENT),
        ("gzip", {"text": SENT.decode()}, SENT),
        ("gzip", {"text": gzip.compress(SENT, mtime=0).decode("utf-8", "replace")}, b""),
        (None, {"text": SENT.decode(), "encoding": "base64"}, SENT),
        (None, {"text": None}, b""),
        (None, {}, b""),
        (None, {"params": []}, b""),
        (None, {"text": "", "params": [{"name": "state", "value": "Closed"}, {"name": "a b"}, None]}, b"state=Closed&a+b="),
    ],
    ids=["base64", "latin-1", "decoded", "lost", "false base64", "null", "none", "no params", "form"],
)
def test_the_body_of_a_request_is_read_in_the_same_way(
    coding: str | None, post: dict[str, Any], body: bytes, tmp_path: Path
) -> None:
    """Fields of a form stand in for a text that is missing."""
    [entry] = entries_of(close())
    entry["request"]["postData"] = {"mimeType": "application/xml", **post}
    if coding is not None:
        entry["request"]["headers"].append({"name": "Content-Encoding", "value": coding})
    [exchange] = read_har(saved(tmp_path / "a.har", [entry]))
    assert exchange.request.body == body


Change = Callable[[dict[str, Any]], Any]
#: What may be odd about an entry, and why it is then passed over.
PASSED_OVER: dict[str, tuple[Change, str]] = {
    "status 0": (lambda entry: entry["response"].update(status=0), "it was never answered"),
    "no status": (lambda entry: entry["response"].pop("status"), "it was never answered"),
    "word": (lambda entry: entry["response"].update(status="error"), "it was never answered: its status is error"),
    "true": (lambda entry: entry["response"].update(status=True), "it was never answered: its status is True"),
    "infinity": (lambda entry: entry["response"].update(status=float("inf")), "it was never answered: its status is inf"),
    "not yet": (lambda entry: entry["response"].update(status=101), "it was never answered: its status is 101"),
    "no response": (lambda entry: entry.pop("response"), "it was never answered"),
    "null response": (lambda entry: entry.update(response=None), "it was never answered"),
    "no request": (lambda entry: entry.pop("request"), "it has no request with a method and a URL"),
    "no method": (lambda entry: entry["request"].update(method=None), "it has no request with a method and a URL"),
    "no URL": (lambda entry: entry["request"].update(url=None), "it has no request with a method and a URL"),
    "content": (lambda entry: entry["response"].update(content="x"), "not a HAR entry: its response.content has another form"),
    "headers": (lambda entry: entry["request"].update(headers="x"), "not a HAR entry: its request.headers has another form"),
}


@pytest.mark.parametrize("name", PASSED_OVER)
def test_an_odd_entry_costs_itself_and_not_the_file(name: str, tmp_path: Path) -> None:
    """The others keep their numbers, and it is said which one was passed over and why."""
    change, reason = PASSED_OVER[name]
    entries = entries_of(create(), read(), close())
    change(entries[1])
    recording = read_har(saved(tmp_path / "a.har", entries))
    assert [exchange.entry for exchange in recording] == [0, 2]
    assert recording.remarks == [f"1 entry was passed over (entry 1): {reason}"]
    (tmp_path / "a.ndjson").write_text("\n".join(map(json.dumps, entries)), "utf-8")
    lines = read_lines(tmp_path / "a.ndjson")
    assert [exchange.entry for exchange in lines] == [0, 2]
    assert lines.remarks == [f"1 entry was passed over (line 2): {reason}"]


@pytest.mark.parametrize("odd", [None, "x", 5, []], ids=str)
def test_an_entry_that_is_no_object_costs_itself_too(odd: Any, tmp_path: Path) -> None:
    """Null members are common at the end of a file that a recorder could not finish."""
    recording = read_har(saved(tmp_path / "a.har", [odd, *entries_of(close())]))
    assert [exchange.entry for exchange in recording] == [1]
    assert recording.remarks == ["1 entry was passed over (entry 0): not a HAR entry: it is no JSON object"]


def test_entries_passed_over_for_one_reason_are_one_line(tmp_path: Path) -> None:
    """A browser may give up hundreds of requests."""
    entries = entries_of(*[read()] * 5, close())
    for entry in entries[:5]:
        entry["response"]["status"] = 0
    recording = read_har(saved(tmp_path / "a.har", entries))
    assert len(list(recording)) == 1
    assert recording.remarks == ["5 entries were passed over (entry 0, entry 1, entry 2, and 2 more): it was never answered"]


def test_of_many_entries_that_are_passed_over_the_first_few_stand_for_the_rest(tmp_path: Path) -> None:
    """So a recording of nothing else does not fill the memory; their number is exact."""
    recording = read_har(saved(tmp_path / "a.har", [{}] * 1000 + entries_of(close())))
    assert [exchange.entry for exchange in recording] == [1000]
    assert [(skipped.entry, skipped.times) for skipped in recording.passed_over] == [(0, 1), (1, 1), (2, 1), (3, 997)]


def test_many_reasons_for_passing_entries_over_are_told_as_one(tmp_path: Path) -> None:
    """A recorder may write what it likes in place of a status."""
    entries = entries_of(*[close()] * 200)
    for number, entry in enumerate(entries):
        entry["response"]["status"] = f"not {number}"
    recording = read_har(saved(tmp_path / "a.har", entries))
    assert list(recording) == []
    assert len(recording.remarks) == 51
    assert recording.remarks[-1].startswith(
        "150 entries were passed over (entry 50, entry 51, entry 52, and 147 more): for other"
    )


@pytest.mark.parametrize(
    "member",
    [
        {"time": "12"},
        {"time": float("nan")},
        {"startedDateTime": 1709287262000},
        {"startedDateTime": "yesterday"},
        {"startedDateTime": None, "time": None},
        {"timings": None, "cache": None, "pageref": None},
        {"_webSocketMessages": []},
    ],
    ids=["text", "NaN", "number", "word", "null", "members", "more"],
)
def test_what_is_odd_beside_the_messages_costs_nothing(member: dict[str, Any], tmp_path: Path) -> None:
    """Times that can't be read are not known."""
    [entry] = entries_of(close())
    recording = read_har(saved(tmp_path / "a.har", [{**entry, **member}]))
    assert [exchange.response.body for exchange in recording] == [ANSWER]
    assert recording.remarks == []


def test_headers_that_are_listed_twice_or_joined_are_each_read(tmp_path: Path, command: Command) -> None:
    """HTTP/2 has pseudo-headers; browsers join headers of one name with line feeds."""
    [entry] = entries_of(close())
    named = [("Content-Type", "application/xml\napplication/xml"), ("content-type", "application/xml"), (":status", "200")]
    entry["response"]["headers"] = [{"name": name, "value": value} for name, value in named]
    path = saved(tmp_path / "a.har", [entry])
    [exchange] = read_har(path)
    assert exchange.response.headers.pairs == (
        ("Content-Type", "application/xml"),
        ("Content-Type", "application/xml"),
        ("content-type", "application/xml"),
    )
    assert command("run", path).returncode == 0


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("arguments", [("run",), ("check",), ("compare", "plain.har")], ids=["run", "check", "compare"])
def test_a_recording_in_another_encoding_is_one_line_that_names_it(
    encoding: str,
    arguments: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And what to do: save it in UTF-8."""
    monkeypatch.chdir(tmp_path)
    exchanges = [create(OPEN), close(OPEN.replace(state="Closed"))]
    saved(Path("odd.har"), entries_of(*exchanges), encoding)
    recorded(Path("plain.har"), *exchanges)
    status = main([*arguments, "odd.har"])
    printed = capsys.readouterr()
    assert (status, printed.out, printed.err.count("\n")) == (2, "", 1), printed.err
    named = {"cp1252": "such as Windows-1252 or Latin-1 (ISO-8859-1)", "utf-32": "in UTF-32"}.get(encoding, "in UTF-16")
    assert printed.err.startswith("jobinfo-conformance: odd.har")
    assert printed.err.endswith(f" {named}: save it in UTF-8\n")


def test_a_recording_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    """As some editors save it."""
    assert len(list(read_har(saved(tmp_path / "a.har", entries_of(close()), "utf-8-sig")))) == 1


def test_lines_in_another_encoding_are_refused_before_any_is_read(tmp_path: Path) -> None:
    """Line ends in UTF-16 would cut characters in half."""
    (tmp_path / "a.ndjson").write_bytes(json.dumps(entries_of(close())[0]).encode("utf-16"))
    with pytest.raises(NotHar, match=r"a\.ndjson is in UTF-16: save it in UTF-8"):
        read_lines(tmp_path / "a.ndjson")


def test_what_was_passed_over_is_said_by_run_by_check_and_in_the_report(tmp_path: Path, command: Command) -> None:
    """On standard error by check, whose lines are findings."""
    entries = entries_of(create(), close(), read())
    entries[2]["response"]["status"] = "error"
    path = saved(tmp_path / "a.har", entries)
    sentence = "1 entry was passed over (entry 2): it was never answered: its status is error"
    run = command("run", path, "--report", tmp_path / "report")
    assert (run.returncode, sentence in run.stdout.splitlines()) == (0, True)
    report = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
    assert report["passedOver"] == [{"entry": 2, "place": "entry 2", "reason": "it was never answered: its status is error"}]
    checked = command("check", path, "--format", "json")
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", f"jobinfo-conformance: {path}: {sentence}\n")


def test_a_recording_of_which_nothing_is_left_says_why(tmp_path: Path, command: Command) -> None:
    """One line, status 2."""
    entries = entries_of(close(form=JSON))
    entries[0]["response"] = None
    for name, lacking in (("run", "holds no close of a job"), ("check", "holds no exchange about a job")):
        done = command(name, saved(tmp_path / "a.har", entries))
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert lacking in done.stderr
        assert done.stderr.endswith("; 1 entry was passed over (entry 0): it was never answered\n")


def test_bodies_that_a_recorder_spoiled_fail_no_run(tmp_path: Path, command: Command) -> None:
    """The rest is judged all the same."""
    entries = entries_of(create(), close(), read(form=XML))
    entries[2]["response"]["content"] |= {"text": gzip.compress(ANSWER, mtime=0)[:99].decode("latin-1"), "encoding": "none"}
    entries[2]["response"]["headers"].append({"name": "Content-Encoding", "value": "gzip"})
    done = command("run", saved(tmp_path / "a.har", entries))
    assert done.returncode == 0, done.stdout

"""Evidence: HAR in and out, curl lines, secrets, and the histories of jobs."""

from __future__ import annotations

import base64
import gzip
import json
import os
import subprocess
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import msgspec
import pytest

from jobinfo_conformance._contract.reader import read as read_body
from jobinfo_conformance._evidence.curl import curl
from jobinfo_conformance._evidence.har_reader import NotHar, read_har, read_lines
from jobinfo_conformance._evidence.har_writer import har_entry, write_har
from jobinfo_conformance._evidence.history import histories
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._evidence.secrets import MARK, Redaction, Secret
from jobinfo_conformance._exchange import Exchange, Headers, Request, Response
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._job_requests.resource import Resource
from tests.exchanges import CLOSED, JOB_ID, add_batch, at, close, create, exchange, read, read_batch

URL = f"https://example.test/services/async/36.0/job/{JOB_ID}"
SESSION = "00D000000000001!AQ&EAQ<secret>/+"  # a session that every form has to escape somewhere


def saved(path: Path, document: Any) -> Path:
    """A file with a JSON document."""
    path.write_text(json.dumps(document), "utf-8")
    return path


def har(*entries: Any) -> dict[str, Any]:
    """A HAR document by a stranger."""
    return {"log": {"version": "1.2", "creator": {"name": "a browser", "version": "1"}, "entries": list(entries)}}


def entry(**changes: Any) -> dict[str, Any]:
    """The least that HAR 1.2 asks of an entry of a close, with changes to its response's content."""
    text = (close().response.body or b"").decode()
    return {
        "request": {"method": "POST", "url": URL, "headers": [], "postData": {"mimeType": "application/xml", "text": "<a/>"}},
        "response": {"status": 200, "headers": [], "content": {"mimeType": "application/xml", "text": text, **changes}},
    }


def as_written(exchange: Exchange) -> str:
    """An exchange as it stands in a recording."""
    return msgspec.json.encode(har_entry(exchange)).decode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"plain",
        "é\r\n".encode(),
        b"\xff\x00\x01",
        "<a/>".encode("utf-16"),
        b'<?xml version="1.0" encoding="latin-1"?><a>\xe9</a>',
    ],
    ids=["empty", "plain", "text", "binary", "utf-16", "latin-1"],
)
def test_bodies_survive_a_recording_to_the_byte(body: bytes, tmp_path: Path) -> None:
    """What was sent and answered is what is read back."""
    one = Exchange(
        Request("POST", URL, Headers.of([("Content-Type", "application/xml")]), body), Response(200, Headers(), body)
    )
    (tmp_path / "a.har").write_bytes(write_har([one]))
    [again] = read_har(tmp_path / "a.har")
    assert (again.request.body, again.response.body) == (body, body)


def test_a_request_keeps_its_coding_in_our_own_recordings_and_an_answer_what_was_wrong_with_it(tmp_path: Path) -> None:
    """The bodies are decoded all the same; a stranger's headers about them are dropped."""
    coded = [("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")]
    one = Exchange(Request("POST", URL, Headers.of(coded), b"<a/>"), Response(200, body=b"<", defect="a body that broke off"))
    [kept] = read_har(saved(tmp_path / "own.har", json.loads(write_har([one]))))
    assert (kept.request.headers.pairs, kept.request.body) == (tuple(coded), b"<a/>")
    assert kept.response.defect == "a body that broke off"
    theirs = entry()
    theirs["request"]["headers"] = [{"name": name, "value": value} for name, value in coded]
    [read_back] = read_har(saved(tmp_path / "theirs.har", har(theirs)))
    assert read_back.request.headers.get("Content-Encoding") is None


def test_exchanges_of_several_jobs_are_told_in_the_order_in_which_they_were_seen() -> None:
    """By their instants; where one has none, by their places in the recording."""
    other = URL.replace(JOB_ID, "7500K00000EVfY3QAL")
    told = [at(one, seconds) for seconds, one in enumerate([create(), close(), read(), close()])]
    told[2] = replace(told[2], request=replace(told[2].request, url=other))
    placed = [replace(one, started=None, entry=place) for place, one in enumerate(told)]
    for exchanges in (told, placed):
        observation = Observation("a test", tuple(histories(exchanges)), 4, ())
        assert len(observation.histories) == 2
        assert observation.exchanges == tuple(exchanges)


@pytest.mark.parametrize(
    ("content", "on_wire", "body"),
    [
        ({"text": None, "size": 10}, -1, None),
        ({"text": None, "size": -1}, -1, None),
        ({"text": None, "size": -1, "_file": "body.json"}, -1, None),
        ({"text": None}, -1, None),
        ({"text": "", "size": 700}, -1, None),
        ({"text": None, "size": 0}, 700, None),
        ({"text": None, "size": 0}, -1, b""),
        ({"text": None, "size": 0}, 0, b""),
        ({"text": ""}, -1, b""),
    ],
    ids=["size", "unknown", "file", "no size", "no text", "on the wire", "nothing", "nothing on the wire", "empty text"],
)
def test_a_body_that_was_not_kept_is_not_an_empty_one(
    content: dict[str, Any], on_wire: int, body: bytes | None, tmp_path: Path
) -> None:
    """Only a recording that says so says that there was none."""
    one = entry(**content)
    one["response"]["bodySize"] = on_wire
    [again] = read_har(saved(tmp_path / "a.har", har(one)))
    assert again.response.body == body


@pytest.mark.parametrize("content", [None, {}], ids=["null", "empty"])
def test_an_answer_without_its_content_has_a_body_that_was_not_kept(content: Any, tmp_path: Path) -> None:
    """HAR requires the member; not every tool writes it."""
    one = entry()
    one["response"]["content"] = content
    [again] = read_har(saved(tmp_path / "a.har", har(one)))
    assert again.response.body is None


def test_a_body_that_was_not_kept_stays_so(tmp_path: Path) -> None:
    """A recording of a recording does not make an empty body of it."""
    (tmp_path / "a.har").write_bytes(write_har([close().answered(body=None)]))
    [again] = read_har(tmp_path / "a.har")
    assert again.response.body is None


def test_the_media_type_of_a_body_stands_for_a_header_that_was_not_kept(tmp_path: Path) -> None:
    """Whatever other headers were."""
    one = entry()
    one["response"]["headers"] = [{"name": "Date", "value": "today"}]
    [again] = read_har(saved(tmp_path / "a.har", har(one)))
    assert again.response.headers.pairs == (("Date", "today"), ("Content-Type", "application/xml"))


@pytest.mark.parametrize("encoding", ["UTF-16", "UTF-16LE", "UTF-8"])
def test_a_byte_order_mark_that_a_recording_keeps_is_not_doubled(encoding: str, tmp_path: Path) -> None:
    """Some tools leave it in the text of a body."""
    text = (close().response.body or b"").decode().replace("UTF-8", encoding)
    [again] = read_har(saved(tmp_path / "a.har", har(entry(text=f"\ufeff{text}"))))
    body = again.response.body or b""
    assert read_body(body, "application/xml").findings == ()
    assert body.decode(encoding).count("\ufeff") == (encoding != "UTF-16")


@pytest.mark.parametrize("encoding", ["undefined", "idna", "nonsense", "base64"])
def test_an_encoding_that_nobody_has_is_the_answers_fault(encoding: str, tmp_path: Path) -> None:
    """The recording can be read all the same."""
    text = (close().response.body or b"").decode().replace("UTF-8", encoding)
    [again] = read_har(saved(tmp_path / "a.har", har(entry(text=text))))
    [finding] = read_body(again.response.body or b"", "application/xml").findings
    assert finding.requirement == "schema/well-formed"


def test_what_browsers_and_proxies_write_is_understood(tmp_path: Path) -> None:
    """Pseudo headers, lower-case methods, media types without headers, coding headers, and a byte order mark."""
    one = entry()
    one["request"]["method"] = "post"
    one["request"]["headers"] = [{"name": ":authority", "value": "x"}, {"name": "content-TYPE", "value": "application/xml"}]
    one["response"]["headers"] = [{"name": "content-encoding", "value": "gzip"}, {"name": "Content-Length", "value": "1"}]
    path = tmp_path / "a.har"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(har(one)).encode())
    [again] = read_har(path)
    assert again.request.method == "POST"
    assert again.request.headers.pairs == (("content-TYPE", "application/xml"),)
    assert again.response.headers.pairs == (("Content-Type", "application/xml"),)


def test_entries_that_were_never_answered_are_passed_over(tmp_path: Path) -> None:
    """A browser writes status 0 for a request that it gave up; the numbers of the others stay."""
    unanswered = entry()
    unanswered["response"]["status"] = 0
    [again] = read_har(saved(tmp_path / "a.har", har(unanswered, entry())))
    assert again.entry == 1


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "is not a HAR file: an object is needed, not a list"),
        ({}, "is not a HAR file: `log` is missing"),
        ({"log": {"entries": {}}}, "is not a HAR file: log.entries: a list is needed, not an object"),
    ],
    ids=["array", "no log", "no list"],
)
def test_a_file_that_is_no_har_says_where(document: Any, message: str, tmp_path: Path) -> None:
    """One line, with the place in it."""
    with pytest.raises(NotHar) as caught:
        list(read_har(saved(tmp_path / "a.har", document)))
    assert message in str(caught.value)
    assert str(tmp_path / "a.har") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_recording_of_any_size_is_read_in_little_memory(tmp_path: Path) -> None:
    """20 MB of other traffic pass by an entry at a time."""
    other = entry(text="x" * 100_000)
    other["request"]["url"] = "https://example.test/"
    path = saved(tmp_path / "a.har", har(*[other] * 200, entry()))
    assert path.stat().st_size > 20_000_000
    tracemalloc.start()
    assert [one.entry for one in read_har(path)] == [200]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


FAKE_CURL = """#!/usr/bin/env bash
printf '%s\\0' "$@" > "$OUT/words"
for word in "$@"; do [ "$word" = "@-" ] && cat > "$OUT/stdin"; done
exit 0
"""


@pytest.mark.parametrize(
    "body",
    [
        b'{"state" : "Closed"}',
        b'it\'s "quoted" $HOME `x` \\ !\n\ttabbed\r\n',
        b"@file",
        b"-x",
        "é ü".encode(),
        "<a/>".encode("utf-16"),
        b"\x00\xff",
        b"\x1b[31m",
    ],
    ids=["json", "quotes", "at", "dash", "text", "utf-16", "binary", "escape"],
)
def test_a_curl_line_sends_the_same_request(body: bytes, tmp_path: Path) -> None:
    """A shell hands curl the same URL, headers and bytes, and the session out of the environment."""
    script = tmp_path / "curl"
    script.write_text(FAKE_CURL, "utf-8")
    script.chmod(0o755)
    headers = Headers.of([("X-SFDC-Session", MARK), ("Content-Type", "application/json; charset='x'")])
    line = curl(Request("POST", f"{URL}?a=1&b=%27", headers, body))
    assert "\n" not in line
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "OUT": str(tmp_path),
        "JOBINFO_SESSION_ID": SESSION,
    }
    subprocess.run(["bash", "-c", line], env=environment, check=True, cwd=tmp_path)  # noqa: S607  # any bash
    words = (tmp_path / "words").read_bytes().split(b"\0")
    assert f"{URL}?a=1&b=%27".encode() in words
    assert f"X-SFDC-Session: {SESSION}".encode() in words
    assert b"Content-Type: application/json; charset='x'" in words
    sent = words[words.index(b"--data-binary") + 1]
    assert (tmp_path / "stdin").read_bytes() == body if sent == b"@-" else sent == body


def test_a_curl_line_is_one_line_whatever_a_recording_names() -> None:
    """A URL or a header of a stranger's can't begin a line of its own in a log."""
    line = curl(Request("POST", f"{URL}\n::error::x\x1b[1m\ud800", Headers.of([("Content-Type", "a\u2028\r\nb")]), b""))
    assert line.isprintable()
    assert "\\n::error::x\\033[1m" in line


def test_a_curl_line_compresses_what_was_compressed(tmp_path: Path) -> None:
    """curl itself would send the header beside a plain body."""
    (tmp_path / "curl").write_text(FAKE_CURL, "utf-8")
    (tmp_path / "curl").chmod(0o755)
    line = curl(Request("POST", URL, Headers.of([("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")]), b"<a/>"))
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "OUT": str(tmp_path)}
    subprocess.run(["bash", "-c", line], env=environment, check=True, cwd=tmp_path)  # noqa: S607  # any bash
    assert gzip.decompress((tmp_path / "stdin").read_bytes()) == b"<a/>"
    assert b"Transfer-Encoding: chunked" in (tmp_path / "words").read_bytes()


def test_a_session_does_not_print() -> None:
    """pytest shows the repr of values in tracebacks."""
    assert SESSION not in f"{Secret(SESSION)!r} {Secret(SESSION)} {vars(Secret)}"
    assert Secret(SESSION).reveal() == SESSION


@pytest.mark.parametrize(
    "written",
    [
        SESSION.encode(),
        b"00D000000000001!AQ&amp;EAQ&lt;secret&gt;/+",
        b"00D000000000001%21AQ%26EAQ%3Csecret%3E%2F%2B",
        json.dumps(SESSION).encode(),
        SESSION.encode("utf-16-le"),
        SESSION.encode("utf-16-be"),
        SESSION.replace("!", "&#33;").replace("A", "&#x0041;").encode(),
        SESSION.replace("!", "\\u0021").replace("/", "\\/").encode(),
        SESSION.replace("<", "&#x3C;").encode("utf-16-le"),
        SESSION.lower().encode(),
        SESSION.upper().encode(),
        SESSION.encode().hex().encode(),
        base64.b64encode(f"me:{SESSION}".encode()),
    ],
    ids=[
        "plain",
        "xml",
        "url",
        "json",
        "utf-16-le",
        "utf-16-be",
        "references",
        "escapes",
        "references in utf-16",
        "small letters",
        "capitals",
        "hexadecimal",
        "base64",
    ],
)
def test_a_session_in_an_answer_becomes_the_mark(written: bytes) -> None:
    """However the answer writes it."""
    safe = Redaction([SESSION]).in_exchange(exchange("GET", answer=b"<a>" + written + b"</a>"))
    body = safe.response.body or b""
    assert written not in body
    assert MARK.encode() in body.replace(b"\0", b"")


def test_a_body_in_utf_16_can_still_be_read_without_its_session() -> None:
    """The mark is as wide as what it replaces."""
    for encoding in ("utf-16-le", "utf-16-be"):
        safe = Redaction([SESSION]).in_exchange(exchange("GET", answer=f"<a>{SESSION}</a>".encode(encoding)))
        assert (safe.response.body or b"").decode(encoding) == f"<a>{MARK}</a>"


def test_secrets_in_headers_and_urls_are_removed() -> None:
    """The session header and every cookie lose their values, whatever these are."""
    one = exchange("GET", f"?sid={SESSION}")
    sent = Headers.of([("x-sfdc-session", SESSION), ("Cookie", "sid=other"), ("Accept", "x")])
    answered = Headers.of(
        [("Set-Cookie", f"sid={SESSION}"), ("Set-Cookie", "a=b"), ("Location", f"/?sid={SESSION}"), (SESSION, "x")]
    )
    one = replace(one, request=replace(one.request, headers=sent), response=replace(one.response, headers=answered))
    safe = Redaction([SESSION]).in_exchange(one)
    assert SESSION not in as_written(safe)
    assert safe.request.headers.pairs == (("x-sfdc-session", MARK), ("Cookie", "[removed]"), ("Accept", "x"))
    assert safe.response.headers.pairs == (
        ("Set-Cookie", MARK),
        ("Set-Cookie", "[removed]"),
        ("Location", f"/?sid={MARK}"),
        (MARK, "x"),
    )


@pytest.mark.parametrize(
    ("headers", "url"),
    [
        ([("X-SFDC-Session", SESSION)], URL),
        ([("X-SFDC-Session", "another session"), ("x-sfdc-session", SESSION)], URL),
        ([("Authorization", f"Bearer {SESSION}")], URL),
        ([("Cookie", f"a=b; sid={SESSION}")], URL),
        ([("Referer", f"{URL}?sid={quote(SESSION, safe='')}")], URL),
        ([], f"{URL}?a=b&sid={quote(SESSION, safe='')}"),
    ],
    ids=["header", "second header", "token", "cookie", "referer", "query"],
)
@pytest.mark.parametrize("suffix", ["har", "ndjson"])
def test_a_session_that_a_recording_names_is_removed_from_all_of_it(
    headers: list[tuple[str, str]], url: str, suffix: str, tmp_path: Path
) -> None:
    """Also from exchanges before and after it that name none, and where other traffic names it."""
    names_it, silent, other = entry(), entry(text=f"<a>{SESSION}</a>"), entry()
    for one in (names_it, other):
        one["request"] |= {"headers": [{"name": name, "value": value} for name, value in headers], "url": url}
    other["request"]["url"] = other["request"]["url"].replace("/services/async/", "/other/")
    for entries in ([silent, names_it, silent], [other, silent]):
        path = tmp_path / f"a.{suffix}"
        if suffix == "har":
            saved(path, har(*entries))
        else:
            path.write_text("".join(json.dumps(one) + "\n" for one in entries), "utf-8")
        found = list((read_har if suffix == "har" else read_lines)(path))
        assert SESSION not in unquote("".join(map(as_written, found)))
        assert found[-1].response.body == f"<a>{MARK}</a>".encode()


def test_a_user_and_a_password_in_a_url_are_removed(tmp_path: Path) -> None:
    """In the request's URL, and in headers that repeat it."""
    one = entry()
    one["request"] |= {"url": URL.replace("//", "//me:word@"), "headers": [{"name": "Referer", "value": "https://me:word@x/"}]}
    one["response"]["headers"] = [{"name": "Location", "value": "//me:w@rd@x/"}]
    [again] = read_har(saved(tmp_path / "a.har", har(one)))
    assert again.request.url == URL
    assert again.request.headers.get("Referer") == "https://x/"
    assert again.response.headers.get("Location") == "//x/"


@pytest.mark.parametrize("time", ["1e300", f"1{'0' * 400}", "NaN", "-Infinity", '"x"', "null"], ids=lambda text: text[:9])
def test_a_duration_that_no_clock_shows_is_not_known(time: str, tmp_path: Path) -> None:
    """Whatever stands there, the exchange is evidence."""
    (tmp_path / "a.ndjson").write_text(json.dumps({**entry(), "time": "here"}).replace('"here"', time), "utf-8")
    [again] = read_lines(tmp_path / "a.ndjson")
    assert again.milliseconds is None


def test_an_exchange_may_end_after_the_calendar() -> None:
    """Then nobody knows when."""
    assert replace(close(), started=datetime.max.replace(tzinfo=UTC), milliseconds=1).ended is None


def test_other_traffic_may_be_odd(tmp_path: Path) -> None:
    """What is not about jobs is not looked at."""
    other = entry(text="ab-_cd\n==", encoding="base64")
    other["request"] |= {"url": "https://example.test/picture.png", "headers": [{"name": "x"}]}
    other["response"]["status"] = None
    [again] = read_har(saved(tmp_path / "a.har", har(other, entry())))
    assert again.entry == 1


def test_a_file_of_nothing_but_brackets_costs_no_memory(tmp_path: Path) -> None:
    """Each level of it would be a place as long as the one before."""
    path = tmp_path / "a.har"
    path.write_text('{"log":{"entries":[' + "[" * 50_000, "utf-8")
    tracemalloc.start()
    with pytest.raises(NotHar, match=r"a\.har is not a HAR file: its values are nested too deeply"):
        list(read_har(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_exchanges_are_sorted_into_the_histories_of_their_jobs() -> None:
    """By id, in 15 or 18 characters; other traffic is left out."""
    other = CLOSED.replace(id="750xx000000001GAAQ")
    second = replace(close(other), request=replace(close().request, url=URL.replace(JOB_ID, other.id)))
    short = replace(read(), request=replace(read().request, url=URL.replace(JOB_ID, JOB_ID[:15])))
    traffic = Exchange(Request("GET", "https://example.test/services/data/v62.0/jobs/ingest"), Response(200))
    found = histories([create(), traffic, second, close(), short])
    assert [[step.operation for step in history.steps] for history in found] == [
        [Operation.CREATE, Operation.CLOSE, Operation.READ],
        [Operation.CLOSE],
    ]


def test_a_create_begins_a_new_history_of_an_id() -> None:
    """An emulator that starts again gives its ids again."""
    found = histories([create(), close(), create(), close()])
    assert [len(history.steps) for history in found] == [2, 2]


def test_requests_that_overlap_have_no_order() -> None:
    """What was sent before the other's answer came neither precedes nor follows it."""
    first, second, third = at(read(), 1, 500), at(read(), 1.2, 100), at(read(), 2, 10)
    [history] = histories([first, second, third])
    one, two, three = history.steps
    assert not one.precedes(two)
    assert history.after(one) == (three,)
    assert history.before(three) == (one, two)


@pytest.mark.parametrize(
    ("one", "operation"),
    [
        (create(), Operation.CREATE),
        (close(), Operation.CLOSE),
        (exchange("POST", f"/{JOB_ID}", b"{"), Operation.CHANGE),
        (exchange("PATCH", f"/{JOB_ID}"), Operation.OTHER_METHOD),
        (add_batch(), Operation.ADD_BATCH),
        (read_batch(), Operation.READ_BATCH),
        (exchange("GET", f"/{JOB_ID}/batch"), Operation.LIST_BATCHES),
    ],
    ids=lambda value: value.name if isinstance(value, Operation) else "",
)
def test_a_request_is_understood_by_its_method_path_and_body(one: Exchange, operation: Operation) -> None:
    """A body that can't be read asks for a change that nobody knows."""
    [history] = histories([one])
    assert history.steps[0].operation is operation


@pytest.mark.parametrize(
    "url", ["https://x/services/data/v62.0/jobs/ingest/1", "https://x/services/async/36.0/jobs", "https://[", "x"]
)
def test_other_urls_are_of_no_job(url: str) -> None:
    """2.0's resource, and what is no URL at all."""
    assert histories([Exchange(Request("GET", url), Response(200))]) == []


def test_a_base_path_and_a_trailing_slash_are_part_of_no_id() -> None:
    """A gateway may serve the API below a path of its own."""
    found = Resource.of(f"http://127.0.0.1:80/gateway/services/async/36.0/job/{JOB_ID}/?x=1")
    assert found is not None
    assert (found.origin, found.job_id, found.version_text) == ("http://127.0.0.1:80/gateway", JOB_ID, "36.0")


@pytest.mark.parametrize("member", ["encoding", "_encoding"])
def test_base64_in_a_recording_is_the_body(member: str, tmp_path: Path) -> None:
    """The way to keep bytes that are not text; tools name it in either way, also for what was sent."""
    kept = base64.b64encode(b"\xff<").decode()
    coded = entry(**{"text": kept, member: "base64"})
    coded["request"]["postData"] = {"mimeType": "application/xml", "text": kept, member: "base64"}
    [again] = read_har(saved(tmp_path / "a.har", har(coded)))
    assert (again.request.body, again.response.body) == (b"\xff<", b"\xff<")


def test_a_header_without_a_value_is_left_out(tmp_path: Path) -> None:
    """What is not there is not read as if it were."""
    odd = entry()
    odd["request"]["headers"] = [{"name": "X-More"}, None, {"name": "X-Last", "value": 1}]
    [again] = read_har(saved(tmp_path / "a.har", har(odd)))
    assert again.request.headers.pairs == (("X-Last", "1"), ("Content-Type", "application/xml"))

"""Recordings of endpoints: nothing in them names anybody, and they give the outcomes that the endpoint had."""

from __future__ import annotations

import base64
import gzip
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.ids import checksum, is_id, same_id
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.session import SESSION_HEADER, WRONG_SESSION
from jobinfo_conformance._evidence.har_writer import write_har
from jobinfo_conformance._evidence.leaks import first_leak
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._evidence.pseudonyms import pseudonymised
from jobinfo_conformance._evidence.secrets import MARK
from jobinfo_conformance._evidence.spelling import as_read
from jobinfo_conformance._exchange import Exchange, Headers, Request, Response
from jobinfo_conformance._job_requests.near_misses import UNKNOWN_ID
from jobinfo_conformance._judging import judge
from jobinfo_conformance._targets.opening import open_target
from jobinfo_conformance._targets.target import Asking
from jobinfo_conformance.generate.jobs import salesforce_ids
from tests.conftest import Command
from tests.endpoint import SESSION, Endpoint, Spoil, refusing
from tests.exchanges import CLOSED, JOB_ID, JSON, close, create, read

KNOWN = (UNKNOWN_ID, WRONG_SESSION)


def outcomes(observation: Observation) -> dict[tuple[str, str | None], str]:
    """The outcome of each requirement in each serialization."""
    return {
        (name, form and form.value): judge(BUILT_IN.requirements[name], form, observation).outcome.value
        for name, form in BUILT_IN.places
    }


def answering_with(**changes: Any) -> Exchange:
    """An accepted close whose answer is changed."""
    return close().answered(**changes)


def as_seen(asked: str, answer: Response) -> Response:
    """Nothing is spoilt."""
    del asked
    return answer


def in_closes(change: Spoil) -> Spoil:
    """Spoil the answers to what asks for Closed."""
    return lambda asked, answer: change(asked, answer) if "Closed" in asked else answer


def wrong_checksum(_asked: str, answer: Response) -> Response:
    """The last characters of ids, in other letters."""
    body = re.sub(rb"(750\w{12})(\w{3})", lambda found: found[1] + found[2].lower(), answer.body or b"")
    return replace(answer, body=body)


def repeated_session(_asked: str, answer: Response) -> Response:
    """The session in a header that nobody needs."""
    return replace(answer, headers=Headers.of([*answer.headers, ("X-Debug", f"session {SESSION}")]))


def in_utf_16(_asked: str, answer: Response) -> Response:
    """XML in UTF-16, with the ids in it."""
    body = answer.body or b""
    return replace(answer, body=body.decode().replace("UTF-8", "UTF-16").encode("utf-16")) if body.startswith(b"<") else answer


def another_job(_asked: str, answer: Response) -> Response:
    """The id of a job that was not asked for."""
    return replace(answer, body=re.sub(rb"750\w{15}", b"7500K00000EVfY2QAL", answer.body or b""))


@pytest.mark.parametrize(
    ("spoil", "failing"),
    [
        (as_seen, None),
        (in_closes(wrong_checksum), "identity/id-checksum"),
        (in_closes(repeated_session), "errors/no-secrets"),
        (in_utf_16, None),
        (in_closes(another_job), "identity/id-is-the-jobs"),
    ],
    ids=["conforming", "wrong checksum", "repeated session", "in UTF-16", "another job"],
)
def test_a_recording_gives_every_outcome_that_the_endpoint_had(
    live_endpoint: Endpoint, tmp_path: Path, spoil: Spoil, failing: str | None
) -> None:
    """All but what takes a wait, which a recording does not hold."""
    live_endpoint.spoil = spoil
    target = open_target(live_endpoint.url, Asking(wait=1), BUILT_IN, environment={"JOBINFO_SESSION_ID": SESSION})
    live = target.observe(tuple(Serialization), BUILT_IN)
    exchanges = pseudonymised(live.exchanges, known=KNOWN)
    assert first_leak(exchanges) is None
    (tmp_path / "a.har").write_bytes(write_har(exchanges))
    recording = open_target(str(tmp_path / "a.har"), Asking(), BUILT_IN)
    again = outcomes(recording.observe(tuple(Serialization), BUILT_IN))
    before = outcomes(live)
    assert {key: (before[key], again[key]) for key in before if again[key] != before[key]} == {
        ("lifecycle/accepted-batches-finish", form): ("pass", "not-applicable") for form in ("xml", "json")
    }
    assert failing is None or before[failing, "json"] in ("warn", "fail")


def test_a_recording_names_neither_host_nor_ids_nor_session(live_endpoint: Endpoint, command: Command, tmp_path: Path) -> None:
    """Whatever the endpoint called its jobs and its user; what else its headers said is left out too."""
    live_endpoint.spoil = lambda _asked, answer: replace(
        answer, headers=Headers.of([*answer.headers, ("Set-Cookie", "sid=oatmeal"), ("X-Instance", "oatmeal")])
    )
    done = command("record", live_endpoint.url, tmp_path / "a.har", "--serialization", "json")
    har = (tmp_path / "a.har").read_text("utf-8")
    entries = json.loads(har)["log"]["entries"]
    assert (done.returncode, done.stdout) == (0, f"{len(entries)} exchanges in {tmp_path / 'a.har'}\n")
    assert len(entries) > 50
    texts = [har, *(base64.b64decode(text).decode("latin-1") for text in re.findall(r'"text": "([\w+/=]+)"', har) if text)]
    gone = ["127.0.0.1", SESSION.partition("!")[2], "oatmeal", *(job.id[:15] for job in live_endpoint.jobs.values())]
    assert [word for word in gone if any(word in text for text in texts)] == []
    assert command("run", tmp_path / "a.har").stdout.splitlines()[-1].startswith("conformant: ")


@given(job_id=salesforce_ids(), suffix=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345abc", min_size=3, max_size=3))
def test_a_pseudonym_is_as_right_as_the_id(job_id: str, suffix: str) -> None:
    """A checksum is right where it was right; the prefix and the length stay."""
    for answered in (job_id, job_id[:15], job_id[:15] + suffix):
        body = json.dumps({"id": answered, "state": "Closed"}).encode()
        asked = Request("POST", f"https://a.test/services/async/36.0/job/{job_id}", body=body)
        [found] = pseudonymised([Exchange(asked, Response(200))])
        new = json.loads(found.request.body)["id"]
        assert (new[:3], len(new)) == (job_id[:3], len(answered))
        assert same_id(new, found.request.url.rpartition("/")[2])
        assert (new[15:] == checksum(new[:15])) == (answered[15:] == checksum(job_id[:15]))
        assert new[:15] != job_id[:15]


@pytest.mark.parametrize(
    "written",
    [
        JOB_ID,
        JOB_ID[:15],
        "".join(f"&#{ord(char)};" for char in JOB_ID),
        "".join(f"&#x{ord(char):X};" for char in JOB_ID),
        "".join(f"\\u{ord(char):04X}" for char in JOB_ID),
        "".join(f"%{ord(char):02x}" for char in JOB_ID),
        f"{JOB_ID[:7]}<!-- a comment -->{JOB_ID[7:]}",
        JOB_ID.encode("utf-16-le").decode("latin-1"),
    ],
    ids=["long", "short", "decimal", "hexadecimal", "JSON", "URL", "comment", "UTF-16"],
)
def test_an_id_is_replaced_however_it_is_written(written: str) -> None:
    """In the same spelling, with nothing changed around it."""
    before, after = "<id>&amp;\xe9\x00", "\xff</id>"
    [found] = pseudonymised([answering_with(body=f"{before}{written}{after}".encode("latin-1"))])
    text = (found.response.body or b"").decode("latin-1")
    assert text.startswith(before)
    assert text.endswith(after)
    new = as_read(text[len(before) : -len(after)])
    assert is_id(new)
    assert same_id(new, found.request.url.rpartition("/")[2])
    assert ("<!--" in text, text.count("&#"), text.count("\\u")) == (
        "<!--" in written,
        written.count("&#"),
        written.count("\\u"),
    )


def test_two_ids_stay_two_and_each_stays_one() -> None:
    """Over all exchanges, in URLs, headers, bodies and messages; what nobody has stays as it is."""
    other = CLOSED.replace(id="7500K00000EVfY3QAL")
    told = f"{{'exceptionMessage': 'no batch for {JOB_ID[:15]} of user {CLOSED.created_by_id}, nor for {UNKNOWN_ID}'}}"
    found = pseudonymised([create(), close(form=JSON), read(other), answering_with(body=told.encode())], known=KNOWN)
    text = write_har(found).decode()
    assert sorted(set(re.findall(r"750\w{12}", text))) == ["750000000000ZZZ", "750Xx0000000001", "750Xx0000000003"]
    assert set(re.findall(r"005\w{12}", text)) == {"005Xx0000000002"}


def test_what_is_no_text_changes_in_nothing() -> None:
    """Bytes that spell no name are kept exactly."""
    body = gzip.compress(b"Name\nx\n", mtime=0) + bytes(range(256))
    [found] = pseudonymised([answering_with(body=body)])
    assert found.response.body == body


@pytest.mark.parametrize(
    ("said", "look"),
    [
        ("the session 00Dxx0000001gPLEAY!AQcAQH0dMHEXAMPLEzmpkb58urFRkgeBGsxL is over", "a session id"),
        ('"access_token" : "0123456789abcdef"', "a named secret"),
        ("<sessionId>0123456789abcdef</sessionId>", "a named secret"),
        ("sent as Bearer 0123456789abcdef0123", "a bearer token"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln", "a web token"),
        ("-----BEGIN RSA PRIVATE KEY-----", "a private key"),
        ("00Dxx0000001gPL&#33;AQcAQH0dMHEXAMPLEzmpkb", "a session id"),
    ],
)
def test_what_looks_like_a_secret_is_noticed(said: str, look: str) -> None:
    """However it is spelled."""
    assert str(first_leak([answering_with(body=said.encode())])).endswith(f"holds what looks like {look}")


def test_a_recording_that_holds_what_looks_like_a_secret_is_not_saved(
    command: Command, live_endpoint: Endpoint, tmp_path: Path
) -> None:
    """One line says where it is and what it looks like, and does not repeat it."""
    leaked = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln"
    live_endpoint.spoil = lambda asked, answer: refusing("Unknown", leaked, JSON) if "PATCH" in asked else answer
    done = command("record", live_endpoint.url, tmp_path / "a.har", "--serialization", "json")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    said = r"jobinfo-conformance: nothing was saved: PATCH http://host\S+ holds what looks like a web token\n"
    assert re.fullmatch(said, done.stderr)
    assert not (tmp_path / "a.har").exists()


def test_what_names_no_secret_is_no_leak() -> None:
    """Messages about sessions and passwords, the mark, and the session that nobody has."""
    messages = [
        "INVALID_SESSION_ID: Invalid Session ID found in SessionId null",
        "Password authentication: not supported",
        f"the session {MARK} is over",
        f"{SESSION_HEADER}: {WRONG_SESSION}",
    ]
    assert first_leak([answering_with(body=message.encode()) for message in messages]) is None


@pytest.mark.parametrize(
    ("target", "file", "said"),
    [
        ("a.har", "b.har", "a.har is neither an http URL, an application nor reference: nothing else can be recorded"),
        ("reference", "missing/b.har", "missing/b.har can't be written: there is no folder missing"),
        ("reference", ".", ". can't be written: it is a folder: name a file in it"),
        ("http://127.0.0.1:9", "b.har", "http://127.0.0.1:9 does not answer: "),
    ],
    ids=["a recording", "no folder", "a folder", "nobody there"],
)
def test_what_cannot_be_recorded_gets_one_line_and_status_2(command: Command, target: str, file: str, said: str) -> None:
    """And nothing is written."""
    done = command("record", target, file, "--serialization", "json", "--no-queries")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"jobinfo-conformance: {said}")


@pytest.mark.parametrize("why", ["refused creates", "too few requests"])
def test_a_recording_that_a_run_would_refuse_is_not_written(
    command: Command, live_endpoint: Endpoint, tmp_path: Path, why: str
) -> None:
    """Without a close there is nothing to test in it; the lines before say why there was none."""
    if why == "refused creates":
        live_endpoint.spoil = lambda asked, answer: (
            refusing("Unknown", "no jobs today", status=500) if "POST" in asked else answer
        )
    file = tmp_path / "made.har"
    done = command("record", live_endpoint.url, file, *(["--max-requests", "2"] if why == "too few requests" else []))
    assert (done.returncode, done.stdout) == (2, "")
    *reasons, last = done.stderr.splitlines()
    why_not = "no close could be sent, and a recording without one shows nothing to test"
    assert last == f"jobinfo-conformance: {file} was not written: {why_not}"
    assert all(line.startswith("jobinfo-conformance: not everything was asked: ") for line in reasons)
    assert reasons
    assert not file.exists()

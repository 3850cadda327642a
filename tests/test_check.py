"""``jobinfo-conformance check``: what a payload is taken for, and what is found in it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._catalogue.of_clients import OF_CLIENTS
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._contract.writer import write, write_json, write_request, write_xml
from jobinfo_conformance._evidence.har_writer import har_entry, write_har
from jobinfo_conformance._exchange import Exchange, Request, Response
from jobinfo_conformance._job_requests.legal_forms import VARIANTS
from tests.conftest import Command
from tests.exchanges import CLOSED, EMPTY, JSON, XML, add_batch, close, create, error, post_state, read
from tests.recordings import recorded
from tests.test_never_required import broken

Checked = tuple[int, list[str], list[str]]


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command in a folder of its own: its status, the lines it prints, and those of complaint."""
    from jobinfo_conformance._cli import main

    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Checked:
        status = main(["check", *arguments])
        printed = capsys.readouterr()
        return status, printed.out.splitlines(), printed.err.splitlines()

    return run


BODIES: dict[str, dict[Serialization, bytes]] = {
    "create-request": {
        XML: write_request({"operation": "insert", "object": "Account", "contentType": "CSV"}, XML),
        JSON: write_request({"operation": "insert", "object": "Account", "contentType": "CSV"}, JSON),
    },
    "close-request": {form: write_request({"state": "Closed"}, form) for form in Serialization},
    "abort-request": {form: write_request({"state": "Aborted"}, form) for form in Serialization},
    "jobInfo": {form: write(CLOSED, form) for form in Serialization},
    "error": {form: error(form=form) for form in Serialization},
}


@pytest.mark.parametrize("form", list(Serialization), ids=str)
@pytest.mark.parametrize("kind", BODIES)
def test_a_payload_is_taken_for_what_it_is(check: Any, kind: str, form: Serialization) -> None:
    """By its root and its fields, whatever its name."""
    Path("payload").write_bytes(BODIES[kind][form])
    assert check("payload") == (0, [f"payload: {kind}: nothing found"], [])


def test_a_payload_is_judged_as_what_the_user_says(check: Any) -> None:
    """The answer to a close looks like any other jobInfo."""
    Path("a.json").write_bytes(write(CLOSED.replace(state="Open"), JSON))
    assert check("a.json")[0] == 0
    status, [line], _ = check("a.json", "--as", "close-response")
    assert status == 1
    assert line == "a.json: close-response: fail state/closed (MUST) state: expected Closed, got Open"


def test_a_finding_is_a_line_of_json_and_there_is_no_other_line(check: Any) -> None:
    """With the keys that scripts rely on."""
    Path("whole.xml").write_bytes(write(CLOSED, XML))
    Path("odd.json").write_bytes(write_json({"state": "closed", "foo": 1}))
    status, lines, complaints = check("whole.xml", "odd.json", "--format", "json", "--as", "close-request")
    assert complaints == []
    found = [json.loads(line) for line in lines if json.loads(line)["file"] == "odd.json"]
    assert status == 1
    assert [(one["requirement"], one["level"], one["outcome"], one["where"]) for one in found] == [
        ("schema/enumerations", "MUST", "fail", "state"),
        ("schema/no-unknown-keys", "SHOULD", "warn", "foo"),
    ]
    assert list(found[0]) == ["file", "entry", "kind", "requirement", "level", "outcome", "where", "message"]
    assert (found[0]["entry"], found[0]["kind"]) == (None, "close-request")


@pytest.mark.parametrize(("arguments", "status", "word"), [([], 0, "warn"), (["--strict"], 1, "fail")])
def test_a_should_is_a_warning_or_with_strict_a_failure(check: Any, arguments: list[str], status: int, word: str) -> None:
    """As in a run."""
    Path("a.json").write_bytes(write(CLOSED, JSON).replace(b"{", b'{"extra": 1,'))
    got, [line], _ = check("a.json", *arguments)
    assert got == status
    assert line == f"a.json: jobInfo: {word} schema/no-unknown-keys (SHOULD) extra: expected no such key, got 1"


def har_line(exchange: Exchange) -> str:
    """An exchange as a line of a file with one HAR entry a line."""
    return msgspec.json.encode(har_entry(exchange)).decode() + "\n"


def test_the_entries_of_a_recording_are_numbered_from_0(check: Any) -> None:
    """What is no jobInfo and no error has no line."""
    exchanges = [create(), add_batch(), close(CLOSED.replace(state="Open")), close(None), read()]
    Path("a.har").write_bytes(write_har(exchanges))
    Path("a.ndjson").write_text("".join(map(har_line, exchanges)), "utf-8")
    for name in ("a.har", "a.ndjson"):
        status, lines, _ = check(name)
        assert status == 1
        assert lines == [
            f"{name}, entry 0: jobInfo: nothing found",
            f"{name}, entry 2: close-response: fail state/closed (MUST) state: expected Closed, got Open",
            f"{name}, entry 3: error: nothing found",
            f"{name}, entry 4: jobInfo: nothing found",
        ]


@pytest.mark.parametrize("name", ["empty.har", "pages.har", "empty.ndjson"])
def test_a_recording_without_a_job_is_said_to_hold_none(check: Any, name: str) -> None:
    """Rather than to be free of findings."""
    page = Exchange(Request("GET", "https://example.test/"), Response(200))
    Path(name).write_bytes({"empty.har": write_har([]), "pages.har": write_har([page]), "empty.ndjson": b""}[name])
    status, lines, said = check(name)
    assert (status, lines) == (2, [])
    assert said == [f"jobinfo-conformance: {name} holds no exchange about a job: no request to /services/async/VERSION/job"]


def test_a_recording_is_not_taken_for_one_payload(check: Any) -> None:
    """Its entries say what they are."""
    Path("a.har").write_bytes(write_har([close()]))
    status, lines, said = check("a.har", "--as", "error")
    assert (status, lines) == (2, [])
    assert said == ["jobinfo-conformance: a.har: --as is for payloads; the entries of a recording say what they are"]


def test_one_file_that_cannot_be_used_keeps_nothing_from_the_others(check: Any) -> None:
    """Each is said, and the status is 2."""
    Path("bad.har").write_text("[]", "utf-8")
    Path("bad.ndjson").write_text("{}\n", "utf-8")
    Path("good.xml").write_bytes(write(CLOSED, XML))
    status, lines, complaints = check("missing.xml", "bad.har", "bad.ndjson", "good.xml")
    passed_over = "1 entry was passed over (line 1): it has no request with a method and a URL"
    lacking = f"no request to /services/async/VERSION/job; {passed_over}"
    assert (status, lines) == (2, ["good.xml: jobInfo: nothing found"])
    assert complaints == [
        "jobinfo-conformance: missing.xml can't be read: No such file or directory",
        "jobinfo-conformance: bad.har is not a HAR file: an object is needed, not a list",
        f"jobinfo-conformance: bad.ndjson holds no exchange about a job: {lacking}",
    ]


def test_an_unknown_version_is_refused(check: Any) -> None:
    """One line, status 2."""
    Path("a.xml").write_bytes(write(CLOSED, XML))
    status, lines, complaints = check("a.xml", "--api-version", "36")
    assert (status, lines) == (2, [])
    assert complaints == ["jobinfo-conformance: '36' is not an API version: write it like 36.0"]


@pytest.mark.parametrize("name", ["a.xml.gz", "a.ndjson.gz", "a.ndjson.zst"])
def test_what_is_compressed_is_refused(check: Any, name: str) -> None:
    """It is no answer that says so itself, which would be judged."""
    Path(name).write_bytes(gzip.compress(b"{}"))
    status, lines, [complaint] = check(name)
    assert (status, lines) == (2, [])
    assert complaint.startswith(f"jobinfo-conformance: {name} is compressed: decompress it first")


def test_a_version_for_a_recording_is_refused(check: Any) -> None:
    """Its entries say what they are."""
    Path("a.har").write_bytes(write_har([close()]))
    status, lines, complaints = check("a.har", "--api-version", "36.0")
    assert (status, lines) == (2, [])
    assert complaints == [
        "jobinfo-conformance: a.har: --api-version is for payloads; the entries of a recording say what they are"
    ]


def test_the_version_of_a_payload_is_its_own_and_every_missing_field_is_named(check: Any) -> None:
    """A jobInfo of 18.0 has no numberRecordsFailed and no times; one of 36.0 must."""
    gone = ("numberRecordsFailed", "totalProcessingTime", "apiActiveProcessingTime", "apexProcessingTime")
    text = "".join(line for line in write(CLOSED, XML).decode().splitlines(True) if not any(name in line for name in gone))
    Path("old.xml").write_text(text.replace("36.0", "18.0"), "utf-8")
    Path("new.xml").write_text(text, "utf-8")
    assert check("old.xml") == (0, ["old.xml: jobInfo: nothing found"], [])
    assert [line.split(": expected")[0] for line in check("new.xml")[1]] == [
        f"new.xml: jobInfo: fail schema/required-fields (MUST) {', '.join(gone)}"
    ]


def test_a_version_that_does_not_exist_is_found_and_the_rest_is_checked(check: Any) -> None:
    """As what the contract is without one."""
    Path("a.json").write_bytes(write_json({"apiVersion": 1.0, "state": "closed", "id": 5}))
    status, lines, _ = check("a.json")
    assert status == 1
    found = {line.split(": expected")[0].removeprefix("a.json: jobInfo: fail ") for line in lines}
    assert {"schema/field-types (MUST) apiVersion", "schema/enumerations (MUST) state"} <= found
    assert "schema/field-types (MUST) id" in found
    assert any(line.startswith("schema/required-fields (MUST) ") and "numberRecordsFailed" in line for line in found)


def test_a_job_of_an_old_version_is_the_same_by_itself_and_in_an_exchange(check: Any) -> None:
    """Whichever version its URI names."""
    gone = {"numberRecordsFailed", "totalProcessingTime", "apiActiveProcessingTime", "apexProcessingTime"}
    old = JobInfo({name: value for name, value in CLOSED.items() if name not in gone}).replace(api_version=Version(18))
    Path("a.xml").write_bytes(write(old, XML))
    Path("a.har").write_bytes(write_har([read(old), read(CLOSED.replace(api_version=Version(18)))]))
    assert check("a.xml") == (0, ["a.xml: jobInfo: nothing found"], [])
    assert check("a.har") == (0, [f"a.har, entry {number}: jobInfo: nothing found" for number in (0, 1)], [])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "fail schema/well-formed (MUST) body: expected a body, got an empty body"),
        (b"\x89PNG\r\n", "fail schema/well-formed (MUST) byte 0: expected JSON in UTF-8, got byte 0x89"),
        (b"[]", "fail schema/root (MUST) body: expected an object, got an array"),
        (write_xml("batchInfo", {"id": "x"}), "fail schema/root (MUST) jobInfo: expected "),
    ],
    ids=["empty", "picture", "array", "batchInfo"],
)
def test_what_is_no_payload_is_a_finding(check: Any, body: bytes, expected: str) -> None:
    """A file is never an exception."""
    Path("a").write_bytes(body)
    status, lines, _ = check("a")
    assert status == 1
    assert expected in lines[0]


def test_characters_that_steer_a_terminal_are_shown_and_not_sent(check: Any) -> None:
    """A payload can't clear the reader's screen."""
    Path("a.json").write_bytes(write_json({"state": "\x1b[2JClosed", "foo\n\x1b[2J": 1}))
    _, lines, _ = check("a.json", "--as", "close-request")
    assert lines
    assert "\x1b" not in "".join(lines)
    assert all(line.startswith("a.json: ") for line in lines)


def test_a_reader_that_leaves_early_causes_no_traceback(tmp_path: Path) -> None:
    """``check … | head -1``."""
    line = har_line(close(CLOSED.replace(state="Open")))
    (tmp_path / "a.ndjson").write_text(line * 3_000, "utf-8")
    command = f"{sys.executable} -m jobinfo_conformance check {tmp_path / 'a.ndjson'} | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)  # noqa: S607  # any bash
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""


def test_requirements_are_printed_as_a_table_and_as_json(command: Command) -> None:
    """Each with its level and source."""
    table, listed = command("requirements"), command("requirements", "--format", "json")
    assert (table.returncode, listed.returncode) == (0, 0)
    catalogue = json.loads(listed.stdout)
    assert [one["id"] for one in catalogue] == [*BUILT_IN.requirements, *OF_CLIENTS.requirements]
    for one in catalogue:
        assert one["level"] in ("MUST", "SHOULD")
        assert one["source"]
        assert f"`{one['id']}`" in table.stdout or one["id"] in table.stdout


def test_the_requests_in_a_recording_are_checked_too(check: Any) -> None:
    """Creates, closes and aborts, each under its own kind; one with which nothing is wrong has no line."""
    malformed = close().request.body.replace(b"<state>", b"state>")
    exchanges = [
        create(settings={"operation": "inserts", "object": "Account"}),
        replace(close(), request=replace(close().request, body=malformed)),
        replace(close(), request=replace(close().request, body=write_request({"state": "closed"}, XML))),
        post_state("Aborted", CLOSED.replace(state="Aborted"), JSON),
        close(),
    ]
    body = write_json({"state": "Aborted", "abortedBy": "me"})
    exchanges[3] = replace(exchanges[3], request=replace(exchanges[3].request, body=body))
    recorded(Path("a.har"), *exchanges)
    status, lines, _ = check("a.har")
    requests = [line.split(": expected")[0] for line in lines if "-request: " in line]
    assert status == 1
    assert requests == [
        "a.har, entry 0: create-request: fail schema/enumerations (MUST) operation",
        "a.har, entry 1: close-request: fail schema/well-formed (MUST) line 3",
        "a.har, entry 2: close-request: fail schema/enumerations (MUST) state",
        "a.har, entry 3: abort-request: warn schema/no-unknown-keys (SHOULD) abortedBy",
    ]
    status, lines, _ = check("a.har", "--format", "json")
    found = [json.loads(line) for line in lines]
    assert [(line["entry"], line["kind"], line["outcome"]) for line in found] == [
        (0, "create-request", "fail"),
        (1, "close-request", "fail"),
        (2, "close-request", "fail"),
        (3, "abort-request", "warn"),
    ]


def test_a_wrong_request_that_was_rightly_refused_is_a_wrong_request(check: Any) -> None:
    """What is checked is what the client sent."""
    asked = replace(close().request, body=b"<jobInfo/>")
    recorded(Path("a.har"), replace(close(None, answer=error("InvalidXml")), request=asked))
    status, lines, _ = check("a.har")
    assert (status, [line.partition(": expected")[0] for line in lines]) == (
        1,
        [
            "a.har, entry 0: close-request: fail schema/root (MUST) jobInfo",
            "a.har, entry 0: close-request: fail schema/required-fields (MUST) state",
            "a.har, entry 0: error: nothing found",
        ],
    )


LEGAL_REQUESTS: dict[str, Request] = {
    **{name: variant.apply(close().request) for name, variant in VARIANTS.items() if XML in variant.form.serializations},
    **{
        f"json {name}": variant.apply(close(form=JSON).request)
        for name, variant in VARIANTS.items()
        if JSON in variant.form.serializations
    },
    "not kept": replace(close().request, body=b""),
    "compressed": replace(close().request, body=b"\x1f\x8b\x08\x00\x01"),
    "batch": add_batch().request,
    "read": read().request,
    "nulls": replace(
        create(form=JSON).request,
        body=write_json({**dict.fromkeys(JobInfo.FIELDS), "operation": "insert", "object": "Account", "numberRetries": 0}),
    ),
    "a number as the mode": replace(
        create(form=JSON).request, body=write_json({"operation": "insert", "object": "Account", "concurrencyMode": 0})
    ),
    "a boolean as the mode": replace(
        create(form=JSON).request, body=write_json({"operation": "insert", "object": "Account", "concurrencyMode": True})
    ),
}


@pytest.mark.parametrize("name", LEGAL_REQUESTS)
def test_nothing_is_said_of_a_request_that_is_legal_or_was_not_kept(check: Any, name: str) -> None:
    """In any legal form; batches are not checked."""
    recorded(Path("a.har"), replace(close(), request=LEGAL_REQUESTS[name]), close())
    assert [line for line in check("a.har")[1] if "-request: " in line] == []


@pytest.mark.parametrize("mode", [0, 1, 0.0, True, False, None, "Serial"], ids=str)
def test_a_create_may_name_its_mode_as_real_clients_do(check: Any, mode: Any) -> None:
    """With a number or a boolean; what they stand for, only the answer says."""
    settings = {"operation": "insert", "object": "Account", "contentType": "CSV", "concurrencyMode": mode}
    Path("a.json").write_bytes(write_json(settings))
    assert check("a.json", "--as", "create-request") == (0, ["a.json: create-request: nothing found"], [])
    answered = {"Serial": ["Serial"], None: ["Parallel"]}.get(mode, ["Parallel", "Serial"])
    for name in answered:
        created = create(EMPTY.replace(concurrency_mode=name), form=JSON)
        created = replace(created, request=replace(created.request, body=write_json(settings)))
        assert broken(created, close(CLOSED.replace(concurrency_mode=name), JSON)) == []


def test_a_key_that_a_request_does_not_set_is_no_unknown_key(check: Any) -> None:
    """The vendor's own client names 24, most of them null or 0; one that has a value is a warning."""
    unset = {"a": None, "b": 0, "c": False, "d": "", "e": 0.0}
    for kind, values in (("close-request", {"state": "Closed"}), ("create-request", {"operation": "insert", "object": "Case"})):
        Path("a.json").write_bytes(write_json({**unset, **values}))
        assert check("a.json", "--as", kind) == (0, [f"a.json: {kind}: nothing found"], [])
        Path("a.json").write_bytes(write_json({**values, "f": 1}))
        assert check("a.json", "--as", kind)[1] == [
            f"a.json: {kind}: warn schema/no-unknown-keys (SHOULD) f: expected no such key, got 1"
        ]

"""What changed between two recordings, and what that means to a client."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from jobinfo_conformance._comparison.changes import ChangeKind, compared
from jobinfo_conformance._contract.ids import long_form
from jobinfo_conformance._contract.jobinfo import NAMESPACE
from jobinfo_conformance._contract.writer import write, xml_values
from jobinfo_conformance._evidence.har_writer import write_har
from jobinfo_conformance._evidence.history import histories
from jobinfo_conformance._exchange import Exchange, Headers
from tests.conftest import Command
from tests.exchanges import (
    CLOSED,
    DONE,
    EMPTY,
    JSON,
    XML,
    add_batch,
    at,
    close,
    create,
    error,
    of_job,
    post_state,
    read,
    read_batch,
)
from tests.reports import report

OTHER = long_form("7500K00000EVfY3")


def changes(old: Sequence[Exchange], new: Sequence[Exchange]) -> list[str]:
    """Each change in a line: its kind, where it is, what it is."""
    found = compared(histories(old, whole=True), histories(new, whole=True))
    return [f"{change.kind} {change.where}: {change.what}" for kind in ChangeKind for _, change, _ in found.of(kind)]


def replacing(one: Exchange, old: str, new: str) -> Exchange:
    """The exchange with a text in its answer replaced."""
    body = one.response.body or b""
    assert old.encode() in body
    return one.answered(body=body.replace(old.encode(), new.encode()))


def typed(one: Exchange, content_type: str) -> Exchange:
    """The exchange with another Content-Type of its answer."""
    return one.answered(headers=Headers.of([("Content-Type", content_type)]))


IN_JSON = close(form=JSON)
REFUSED = close(None)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (close(), close(None), "breaking status: now refused"),
        (close(), close(status=201), "breaking status: a different status"),
        (REFUSED, close(None, status=404), "breaking status: a different status"),
        (close(), close(answer=b""), "breaking body: now empty"),
        (close(), close(answer=b"<a>"), "breaking body: now unreadable"),
        (close(), close(answer=write(CLOSED, JSON)), "breaking body: a different serialization"),
        (close(), replacing(close(), "<numberRetries>0</numberRetries>", ""), "breaking numberRetries: gone"),
        (IN_JSON, replacing(IN_JSON, ' "numberRetries": 0,\n', ""), "breaking numberRetries: gone"),
        (close(), replacing(close(), "numberRetries>", "numberRetry>"), "breaking numberRetries: renamed"),
        (IN_JSON, replacing(IN_JSON, "numberRetries", "number_retries"), "breaking numberRetries: renamed"),
        (close(), replacing(close(), "</jobInfo>", "<closedBy>x</closedBy></jobInfo>"), "breaking closedBy: a new element"),
        (IN_JSON, replacing(IN_JSON, "{", '{"closedBy": "x",'), "additive closedBy: a new key"),
        (IN_JSON, replacing(IN_JSON, '"numberRetries": 0', '"numberRetries": "0"'), "breaking numberRetries: a different type"),
        (IN_JSON, replacing(IN_JSON, '"numberRetries": 0', '"numberRetries": 0.0'), "breaking numberRetries: a different type"),
        (close(), replacing(close(), "34.000Z", "34.000+0000"), None),
        (close(), close(CLOSED.replace(content_type="PDF")), "breaking contentType: a value outside its enumeration"),
        (close(), close(CLOSED.replace(state="Open")), "breaking state: a different value"),
        (REFUSED, close(None, answer=error("InvalidJob")), "breaking exceptionCode: a different value"),
        (REFUSED, close(None, answer=error("NoSuchThing")), "breaking exceptionCode: a value outside its enumeration"),
        (REFUSED, close(None, answer=error(message="Sorry")), "cosmetic exceptionMessage: a different text"),
        (
            close(),
            replacing(close(), f'jobInfo xmlns="{NAMESPACE}"', 'jobInfo xmlns="urn:x"'),
            "breaking body: a different root",
        ),
        (close(), typed(close(), "application/xml; charset=UTF-8"), "cosmetic Content-Type header: a different value"),
        (close(), typed(close(), "text/xml"), "breaking Content-Type header: a different value"),
        (
            IN_JSON,
            replacing(IN_JSON, '"externalIdFieldName": null', '"externalIdFieldName": "Key__c"'),
            "additive externalIdFieldName: now filled",
        ),
        (IN_JSON, replacing(IN_JSON, ' "externalIdFieldName": null,\n', ""), "cosmetic externalIdFieldName: gone"),
        (
            close(),
            replacing(close(), "<concurrencyMode>", "<externalIdFieldName>Key__c</externalIdFieldName> <concurrencyMode>"),
            "additive externalIdFieldName: a new element",
        ),
        (IN_JSON, replacing(IN_JSON, '"object": "Account"', '"object": null'), "breaking object: no longer always filled"),
    ],
)
def test_a_change_is_told_by_where_it_is_and_what_it_means(old: Exchange, new: Exchange, found: str | None) -> None:
    """And nothing else is."""
    if found is None:
        assert changes([old], [new]) == [f"breaking {name}: a different type" for name in ("createdDate", "systemModstamp")]
    else:
        assert changes([old], [new]) == [found]


def fixed(exchange: Exchange, wrong: Exchange) -> tuple[list[Exchange], list[Exchange]]:
    """An exchange that was wrong, and is right now."""
    return [wrong], [exchange]


MISS = post_state("Shut", None)
REPAIRS = {
    "a server error": (*fixed(close(), close(None, status=500)), "status: now accepted"),
    "a gateway's error": (*fixed(close(), close(None, status=503)), "status: now accepted"),
    "a refused close": (*fixed(close(), close(None)), "status: now accepted"),
    "a close that was created": (*fixed(close(), close(status=201)), "status: a different status"),
    "a redirect": (*fixed(close(), close(status=302)), "status: a different status"),
    "a close that fails now and then": ([close(None, status=500), close()], [close()], "status: a different status"),
    "an accepted fault": (*fixed(MISS, MISS.answered(status=200, body=close().response.body)), "status: now refused"),
    "a fault refused with 500": (*fixed(MISS, MISS.answered(status=500)), "status: a different status"),
    "a fault refused with 422": (*fixed(MISS, MISS.answered(status=422)), "status: a different status"),
    "an empty body": (*fixed(close(), close(answer=b"")), "body: a different serialization"),
    "a body that is no XML": (*fixed(close(), close(answer=b"<a>")), "body: a different serialization"),
    "the other serialization": (*fixed(close(), close(answer=write(CLOSED, JSON))), "body: a different serialization"),
    "another media type": (*fixed(close(), typed(close(), "text/xml")), "Content-Type header: a different value"),
    "another namespace": (*fixed(close(), replacing(close(), NAMESPACE, "urn:x")), "body: a different root"),
    "a missing element": (
        *fixed(close(), replacing(close(), "<numberRetries>0</numberRetries>", "")),
        "numberRetries: a new element",
    ),
    "a missing key": (*fixed(IN_JSON, replacing(IN_JSON, ' "numberRetries": 0,\n', "")), "numberRetries: a new key"),
    "a misspelt element": (*fixed(close(), replacing(close(), "numberRetries>", "numberRetry>")), "numberRetry: renamed"),
    "a misspelt key": (*fixed(IN_JSON, replacing(IN_JSON, "numberRetries", "number_retries")), "number_retries: renamed"),
    "an unknown element": (
        *fixed(close(), replacing(close(), "</jobInfo>", "<closedBy>x</closedBy></jobInfo>")),
        "closedBy: gone",
    ),
    "a number as a string": (
        *fixed(IN_JSON, replacing(IN_JSON, '"numberRetries": 0', '"numberRetries": "0"')),
        "numberRetries: a different type",
    ),
    "a number with a fraction": (
        *fixed(IN_JSON, replacing(IN_JSON, '"numberRetries": 0', '"numberRetries": 0.0')),
        "numberRetries: a different type",
    ),
    "null": (*fixed(IN_JSON, replacing(IN_JSON, '"object": "Account"', '"object": null')), "object: now filled"),
    "a value outside its enumeration": (
        *fixed(close(), close(CLOSED.replace(content_type="PDF"))),
        "contentType: a different value",
    ),
    "another state": (*fixed(close(), close(CLOSED.replace(state="Open"))), "state: a different value"),
    "a setting that was lost": (
        [create(), close(CLOSED.replace(concurrency_mode="Serial"))],
        [create(), close()],
        "concurrencyMode: a different value",
    ),
    "a state that was lost": (
        [create(), close(), read(CLOSED.replace(state="Open"))],
        [create(), close(), read()],
        "state: a different value",
    ),
    "an unknown code": (*fixed(REFUSED, close(None, answer=error("NoSuchThing"))), "exceptionCode: a different value"),
    "a second close that was accepted": (
        [create(), close(), close()],
        [create(), close(), close(None, answer=error("InvalidJobState"))],
        "status: now refused",
    ),
}


@pytest.mark.parametrize("name", REPAIRS)
def test_a_change_towards_the_contract_is_a_repair_and_one_away_from_it_is_none(name: str) -> None:
    """Nothing else is said of a repair."""
    old, new, found = REPAIRS[name]
    assert changes(old, new) == [f"repaired {found}"]
    assert not any(line.startswith("repaired") for line in changes(new, old))


NO_REPAIRS = {
    "from one wrong status to another": (
        close(None, status=500),
        close(None, status=400),
        "breaking status: a different status",
    ),
    "from one wrong type to another": (
        replacing(IN_JSON, '"numberRetries": 0', '"numberRetries": "0"'),
        replacing(IN_JSON, '"numberRetries": 0', '"numberRetries": true'),
        "breaking numberRetries: a different type",
    ),
    "from one wrong name to another": (
        replacing(close(), "numberRetries>", "numberRetry>"),
        replacing(close(), "numberRetries>", "numberRetrys>"),
        "breaking numberRetry: renamed",
    ),
    "a key that clients may read": (replacing(IN_JSON, "{", '{"closedBy": "x",'), IN_JSON, "breaking closedBy: gone"),
    "what the contract leaves open": (
        REFUSED,
        close(None, answer=error("InvalidEntity")),
        "breaking exceptionCode: a different value",
    ),
}


@pytest.mark.parametrize("name", NO_REPAIRS)
def test_a_change_that_does_not_reach_the_contract_breaks_as_before(name: str) -> None:
    """Clients have come to live with what was there."""
    old, new, found = NO_REPAIRS[name]
    assert changes([old], [new]) == [found]


def test_repairs_alone_are_exit_status_0(command: Command, tmp_path: Path) -> None:
    """In text, in JSON and in the last line."""
    for name, exchange in (("old", close(None, status=500)), ("new", close())):
        (tmp_path / f"{name}.har").write_bytes(write_har([exchange]))
    done = command("compare", tmp_path / "old.har", tmp_path / "new.har")
    assert (done.returncode, done.stdout.splitlines()) == (
        0,
        [
            "repaired  xml   status: now accepted: 500 -> 200, in close",
            "0 breaking, 1 repaired, 0 additive, 0 cosmetic; 1 questions compared",
        ],
    )
    in_json = command("compare", tmp_path / "old.har", tmp_path / "new.har", "--format", "json")
    assert in_json.returncode == 0
    assert [change["kind"] for change in json.loads(in_json.stdout)["changes"]] == ["repaired"]


def test_another_order_breaks_clients_in_xml_alone() -> None:
    """The vendor's own client reads in order; keys of JSON have none."""
    values = xml_values(CLOSED)
    moved = {"state": values["state"], **values}
    body = (close().response.body or b"").decode()
    head, tail = body[: body.index(" <id>")], "</jobInfo>\n"
    swapped = head + "".join(f" <{name}>{value}</{name}>\n" for name, value in moved.items()) + tail
    assert changes([close()], [close(answer=swapped.encode())]) == ["breaking body: a different order"]
    assert changes([close(answer=swapped.encode())], [close()]) == ["repaired body: a different order"]
    value = json.loads(IN_JSON.response.body or b"")
    reversed_keys = json.dumps(dict(reversed(value.items()))).encode()
    assert changes([IN_JSON], [IN_JSON.answered(body=reversed_keys)]) == []


def test_what_differs_from_job_to_job_is_no_change() -> None:
    """Ids, dates, times, counters, and how far a batch has come."""
    old = [create(), add_batch(), close(), read_batch("Queued", 0, 0), read()]
    done = DONE.replace(id=OTHER, created_by_id="00528000000ToIsAAK", api_version=EMPTY.api_version)
    new = [of_job(OTHER, one) for one in (create(), add_batch(), close(done), read_batch(), read(done))]
    later = [at(one, 9 * place, 500) for place, one in enumerate(new)]
    assert changes(old, later) == []
    said = [close(None, answer=error(message=f"no job {one} in 3.5 s")) for one in ("7500K00000EVfY2QAL", "750000000000001")]
    assert changes(said[:1], said[1:]) == []


def test_a_request_that_is_now_sometimes_refused_is_one_change() -> None:
    """And not one for each field that an error document lacks."""
    refused = of_job(OTHER, close(None, answer=error()))
    assert changes([close(), of_job(OTHER, close())], [close(), refused]) == ["breaking status: a different status"]


def test_settings_are_held_against_what_the_create_set() -> None:
    """A recording may hold jobs of more types than the other; one that answers another type than was set is told."""
    csv, in_json = [create(), close()], EMPTY.replace(content_type="JSON")
    other = [of_job(OTHER, one) for one in (create(in_json), close(in_json.replace(state="Closed")))]
    assert changes(csv, [*csv, *other]) == []
    assert changes(csv, [create(), close(in_json.replace(state="Closed"))]) == ["breaking contentType: a different value"]


def test_exchanges_are_paired_by_what_they_ask() -> None:
    """A second close is another question than the first, and one side may not have asked it."""
    found = compared(histories([create(), close()], whole=True), histories([create(), close(), REFUSED], whole=True))
    assert not found.changes
    assert [one.asked for one in found.compared] == ["create for insert", "close of an open job"]
    assert [one.asked for one in found.only_new] == ["close of a closed job"]


def test_a_version_that_lacks_a_field_by_contract_breaks_nothing() -> None:
    """Four fields came with 19.0: in either direction they are known."""
    late = ("numberRecordsFailed", "totalProcessingTime", "apiActiveProcessingTime", "apexProcessingTime")

    def in_17(one: Exchange) -> Exchange:
        body = (one.response.body or b"").decode()
        lines = [line for line in body.splitlines(keepends=True) if not line.strip().startswith(tuple(f"<{x}>" for x in late))]
        url = one.request.url.replace("/36.0/", "/17.0/")
        return replace(one, request=replace(one.request, url=url)).answered(body="".join(lines).encode())

    assert changes([in_17(close())], [close()]) == [f"known {name}: a new element" for name in late]
    assert changes([close()], [in_17(close())]) == [f"known {name}: gone" for name in late]


def test_a_change_is_told_once_with_all_that_shows_it(command: Command, tmp_path: Path) -> None:
    """The lines name two questions and count the rest; the last line counts all; breaking is status 1."""
    old = [create(), close(), read(), REFUSED]
    new = [replacing(one, "numberRetries>", "retries>") if one is not REFUSED else one for one in old]
    for name, exchanges in (("old", old), ("new", new)):
        (tmp_path / f"{name}.har").write_bytes(write_har(exchanges))
    done = command("compare", tmp_path / "old.har", tmp_path / "new.har")
    assert (done.returncode, done.stderr) == (1, "")
    [line, last] = done.stdout.splitlines()
    shown = "create for insert; close of an open job; and 1 more"
    assert line == f"breaking  xml   numberRetries: renamed: numberRetries -> retries, in {shown}"
    assert last == "1 breaking, 0 repaired, 0 additive, 0 cosmetic; 4 questions compared"
    same = command("compare", tmp_path / "old.har", tmp_path / "old.har")
    assert (same.returncode, same.stdout) == (0, "0 breaking, 0 repaired, 0 additive, 0 cosmetic; 4 questions compared\n")


def test_reports_are_compared_by_their_exchanges(command: Command, tmp_path: Path) -> None:
    """In JSON each change is an object; a report may be held against a recording."""
    (tmp_path / "old.json").write_text(report(IN_JSON).to_json(), "utf-8")
    (tmp_path / "new.har").write_bytes(write_har([replacing(IN_JSON, "{", '{"closedBy": "x",')]))
    done = command("compare", tmp_path / "old.json", tmp_path / "new.har", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "changes": [
            {
                "kind": "additive",
                "serialization": "json",
                "where": "closedBy",
                "what": "a new key",
                "old": "absent",
                "new": "present",
                "asked": ["close"],
            }
        ],
        "compared": [{"asked": "close", "serialization": "json"}],
        "onlyOld": [],
        "onlyNew": [],
    }


def test_two_versions_of_the_reference_differ_in_nothing(command: Command, tmp_path: Path) -> None:
    """All that is asked of a live endpoint is paired."""
    for version in ("36.0", "62.0"):
        done = command("record", "reference", tmp_path / f"{version}.har", "--api-version", version)
        assert done.returncode == 0, done.stderr
    done = command("compare", tmp_path / "36.0.har", tmp_path / "62.0.har")
    assert done.returncode == 0
    [line] = done.stdout.splitlines()
    assert line.startswith("0 breaking, 0 repaired, 0 additive, 0 cosmetic; ")
    assert int(line.split()[-3]) > 60


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "other can't be read: No such file or directory"),
        ("no JSON", "other is not a report.json: "),
        ("{}", "other is not a report.json: "),
        ('{"log": {"entries": []}}', "other holds no exchange about a job"),
        (write_har([read(form=JSON)]).decode(), "can't be compared: nothing was asked in both"),
    ],
    ids=["missing", "no JSON", "neither", "empty", "nothing in common"],
)
def test_what_cannot_be_compared_gets_one_line_and_status_2(
    command: Command, tmp_path: Path, text: str | None, said: str
) -> None:
    """Whichever side it is."""
    (tmp_path / "old.har").write_bytes(write_har([close(form=XML)]))
    if text is not None:
        (tmp_path / "other").write_text(text, "utf-8")
    done = command("compare", tmp_path / "old.har", tmp_path / "other")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr

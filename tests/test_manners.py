"""Manners: conforming servers answer in many ways, and the suite objects to none of them."""

from __future__ import annotations

import codecs
import inspect
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from itertools import count
from json import loads
from urllib.parse import urlsplit

import jsonschema_rs
import pytest
from lxml import etree

import jobinfo_conformance
from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.built_in import BUILT_IN, members
from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._cli import main
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.writer import write_request
from jobinfo_conformance._exchange import Headers, Request, Response
from jobinfo_conformance._reference.manners import FAMILIES, http, json, media_types, xml
from jobinfo_conformance._reference.manners.manner import Manner, after, manner
from jobinfo_conformance._reference.server import serving
from jobinfo_conformance._reference.service import ANY_SESSION, Service
from jobinfo_conformance._reference.wire import Lines, Wire
from jobinfo_conformance._self_check import broken, is_noticed
from jobinfo_conformance._selftest import trial
from jobinfo_conformance.generate import damages
from tests.conftest import ROOT, Command
from tests.test_reference import RESOURCE, Client

XML, JSON = Serialization.XML, Serialization.JSON
EVERY_MANNER = pytest.mark.parametrize("name", BUILT_IN.manners)
#: Manners whose batches are finished by a clock that runs, rather than by one that moves on with each look.
BY_THE_CLOCK = {"slow-batches", "clock-of-whole-seconds"}
#: Manners of how a document is written, each with a serialization that it is about.
WRITTEN = [(manner.name, XML) for family in (media_types, xml) for manner in members(family, Manner)]
WRITTEN += [(manner.name, JSON) for manner in members(json, Manner)]
DOCUMENT = (ROOT / "docs" / "manners.md").read_text("utf-8")


def in_manners(*names: str) -> Catalogue:
    """The catalogue with a reference that answers in these manners."""
    return BUILT_IN.in_manners(names)


# The suite on each


@pytest.mark.parametrize("name", [name for name in BUILT_IN.manners if name not in BY_THE_CLOCK])
def test_the_suite_does_not_object_to_a_manner(name: str) -> None:
    """Every requirement passes, strictly, but for those on which such a server leaves nothing to test."""
    found = trial(None, in_manners(name))
    assert found.untried is None
    assert {requirement for requirement, _ in found.places} == BUILT_IN.manners[name].hides


@pytest.mark.parametrize("name", sorted(BY_THE_CLOCK))
def test_the_suite_does_not_object_to_batches_that_take_their_time(name: str) -> None:
    """It waits for them."""
    results = jobinfo_conformance.run("reference", strict=True, wait=3, manner=[name])
    assert {judgement.id for judgement in results.requirements if judgement.outcome != "pass"} <= BUILT_IN.manners[name].hides
    assert results.verdict.value == "conformant"
    assert results.target == f"reference, {name}"


@pytest.mark.parametrize(
    ("name", "coding"),
    [("old-name-of-gzip", "x-gzip"), ("capital-gzip", "GZIP"), ("gzip-members", "gzip"), ("deflate", "deflate")],
)
def test_the_suite_reads_each_content_coding_that_it_is_told_to_accept(
    name: str, coding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a header that the user has it send."""
    monkeypatch.setenv("JOBINFO_SESSION_ID", ANY_SESSION)
    seen: set[str] = set()

    class Noting(type(in_manners(name).wire())):  # type: ignore[misc]  # whichever it is
        def headers(self, lines: Lines) -> Lines:
            seen.update(value for name, value in lines if name == "Content-Encoding")
            return lines

    with serving(Service(batch_seconds=0.2), wire=Noting()) as url:
        results = jobinfo_conformance.run(url, strict=True, header=["Accept-Encoding: gzip, deflate"])
    assert (results.verdict.value, results.errors) == ("conformant", ())
    assert seen == {coding}


@pytest.mark.parametrize(
    "names",
    [
        ["utf-16", "cdata", "comments", "one-line", "messages-in-japanese", "odd-chunks", "interim-early-hints"],
        ["latin-1-by-its-charset", "cdata-in-part", "windows-lines", "messages-in-german", "no-date", "failed-batches"],
        ["answers-in-http-1", "lower-case-headers", "ids-that-differ-in-case", "escaped-json", "keys-backwards", "no-location"],
    ],
    ids=lambda names: names[0],
)
def test_the_suite_does_not_object_to_several_manners_at_once(names: list[str]) -> None:
    """As real servers have them."""
    assert trial(None, in_manners(*names)).places == frozenset()


@pytest.mark.parametrize(("name", "form"), WRITTEN)
def test_damage_to_an_answer_in_a_manner_is_noticed(name: str, form: Serialization) -> None:
    """Being used to the unusual is no excuse."""
    client = Client(in_manners(name).service())
    client.close(client.create(form), form)
    close = client.exchanges[-1]
    assert broken(close) == set()
    assert [damage.name for damage in list(damages(close))[::7] if not is_noticed(damage)] == []


def test_a_fault_is_noticed_in_any_manner(command: Command) -> None:
    """By the requirement that it breaks, and by no other."""
    done = command("run", "reference:close-answers-201", "--manner", "utf-16", "--manner", "keys-at-random", session=None)
    assert done.returncode == 1
    assert set(re.findall("^FAIL (.*?) ", done.stdout, re.MULTILINE)) == {"http/status-200"}


# Legal in the eyes of others


def closed(name: str, form: Serialization) -> Response:
    """The answer to a close, in a manner."""
    client = Client(in_manners(name).service())
    return client.close(client.create(form), form)


@pytest.mark.parametrize("name", [name for name, form in WRITTEN if form is XML])
def test_another_parser_finds_the_xml_of_a_manner_valid(name: str) -> None:
    """By the XSD, in the encoding that its byte order mark or else the media type names."""
    answer = closed(name, XML)
    body, header = answer.body or b"", Message()
    header["Content-Type"] = answer.content_type or ""
    is_marked = body.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    charset = None if is_marked else header.get_content_charset()
    document = etree.fromstring(body, etree.XMLParser(encoding=charset, resolve_entities=False))
    etree.XMLSchema(file=ROOT / "schemas" / "jobinfo.xsd").assertValid(document)
    assert document.xpath("string(*[local-name() = 'state'])") == "Closed"


@pytest.mark.parametrize("name", [name for name, form in WRITTEN if form is JSON])
def test_another_validator_finds_the_json_of_a_manner_valid(name: str) -> None:
    """By the JSON Schema."""
    value = loads(closed(name, JSON).body or b"")
    schema = loads((ROOT / "schemas" / "jobinfo.schema.json").read_bytes())
    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(value)
    assert value["state"] == "Closed"


# What a manner is


@EVERY_MANNER
def test_a_manner_says_what_it_is(name: str) -> None:
    """Its name has small words and hyphens, and it has a sentence."""
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    assert BUILT_IN.manners[name].sentence.endswith(".")
    assert BUILT_IN.manners[name].hides <= set(BUILT_IN.requirements)


def test_a_manner_has_a_name_of_its_own() -> None:
    """In all families together."""
    assert [manner.name for family in FAMILIES for manner in members(family, Manner)] == list(BUILT_IN.manners)


#: What does not show in the pieces that are sent, but in when.
WHEN = {"late-answers"}


@pytest.mark.parametrize("name", [name for name in BUILT_IN.manners if name not in WHEN])
def test_a_manner_shows(name: str) -> None:
    """A server answers otherwise in it than without it, in one of many answers at least."""
    assert sent(in_manners(name)) != sent(BUILT_IN)


def test_late_answers_are_late() -> None:
    """By the time that they say."""
    catalogue = in_manners("late-answers")
    started = time.monotonic()
    pieces = sent(catalogue)
    assert time.monotonic() - started >= 0.02 * len(pieces)  # a sleep is never shorter
    assert pieces == sent(BUILT_IN)


class Asked:
    """A reference under questioning, whose clock moves on by 10 ms with each look; it keeps the pieces of each answer."""

    def __init__(self, catalogue: Catalogue) -> None:
        ticks = count()
        started = datetime(2026, 1, 1, 0, 0, 0, 123000, UTC)
        self.service = catalogue.service(batch_seconds=0.2, clock=lambda: started + next(ticks) * timedelta(milliseconds=10))
        self.wire = catalogue.wire()
        self.answers: list[list[bytes]] = []

    def write(self, piece: bytes) -> None:
        """Keep a piece of the last answer, in which the present time is no difference."""
        self.answers[-1].append(_DATE.sub(_undated, piece))

    def ask(self, method: str, place: str, form: Serialization, body: bytes = b"", **headers: str) -> None:
        """Send a request about a place below the job resource."""
        given = {"Content-Type": form.media_type, "Accept": form.media_type, "X-SFDC-Session": ANY_SESSION}
        given["Accept-Encoding"] = "gzip, deflate" if method == "GET" else "identity"
        pairs = {**given, **{name.replace("_", "-"): value for name, value in headers.items()}}
        request = Request(method, place if place.startswith("http") else RESOURCE + place, Headers.of(pairs.items()), body)
        self.answers.append([])
        self.wire.send(request, self.service.answer(request), self)

    def create(self, form: Serialization) -> str:
        """Create a job, and return its place."""
        settings = {"operation": "query", "object": "Account", "contentType": form.value.upper()}
        self.ask("POST", "", form, write_request(settings, form))
        return f"/{list(self.service.jobs)[-1]}"

    def change(self, place: str, state: str, form: Serialization) -> None:
        """Ask for a state of a job."""
        self.ask("POST", place, form, write_request({"state": state}, form))


_DATE = re.compile(rb"(?<=Date: )[^\r]+", re.IGNORECASE)


def _undated(date: re.Match[bytes]) -> bytes:
    late = datetime.now(UTC) - parsedate_to_datetime(date[0].decode())
    return b"now" if abs(late) < timedelta(minutes=5) else date[0]


def sent(catalogue: Catalogue) -> list[list[bytes]]:
    """The pieces of all answers of a reference to requests that show each of its manners."""
    asked = Asked(catalogue)
    for form in Serialization:
        full = asked.create(form)
        batch = f"{full}/batch"
        for _ in range(2):
            asked.ask("POST", batch, form, b"SELECT Id FROM Account", Content_Type=form.media_type)
        asked.change(full, "Closed", form)
        asked.change(full, "Aborted", form) if form is XML else None
        asked.ask("POST", batch, form, b"SELECT Id FROM Account")
        asked.change(full, "Closed", form)
        number = next(iter(asked.service.jobs[full[1:]].batches)).id
        for _ in range(30):
            asked.ask("GET", f"{batch}/{number}", form.other)
        asked.ask("GET", batch, form)
        asked.ask("GET", full, form.other, Accept=form.media_type)
        asked.change(full, "Aborted", form)
        aborted = asked.create(form)
        for state in ("Aborted", "Aborted", "Closed"):
            asked.change(aborted, state, form)
        wrong = aborted[:-3] + ("AAB" if aborted.endswith("AAA") else "AAA")
        for place in (f"{full}/", wrong):
            asked.ask("GET", place, form)
        asked.ask("POST", full, form, b"<jobInfo")
        asked.ask("POST", full, form, b"{")
        asked.ask("PUT", full, form)
        opened = asked.create(form)
        body = write_request({"state": "Closed"}, XML)
        asked.ask("POST", opened, XML, body.replace(b"<state>", b"<state kind='x'>"))
        asked.ask("POST", opened, XML, body.replace(b"Closed", b" Closed "))
        asked.ask("GET", RESOURCE.replace("36.0", "20.0") + opened, form)
    return asked.answers


# Several manners


def test_two_answers_to_one_question_are_refused() -> None:
    """Which would be the server's is anybody's guess."""
    with pytest.raises(
        BadInput, match="--manner utf-16 and --manner latin-1 both settle the XML declaration: give one of them"
    ):
        in_manners("comments", "utf-16", "latin-1")
    with pytest.raises(BadInput, match="--manner cookies is given twice"):
        in_manners("cookies", "cookies")


def test_manners_of_the_same_step_are_handed_on() -> None:
    """The last one has the last word."""

    @after(Service.xml_layout)
    def first(document: bytes) -> bytes:
        """One."""
        return document + b"<!-- first -->"

    @after(Service.xml_layout)
    def second(document: bytes) -> bytes:
        """Two."""
        return document + b"<!-- second -->"

    catalogue = replace(BUILT_IN, manners={"first": first, "second": second}).in_manners(["first", "second"])
    client = Client(catalogue.service())
    client.create()
    assert (client.exchanges[0].response.body or b"").endswith(b"<!-- first --><!-- second -->")


def test_a_manner_needs_a_sentence() -> None:
    """However it is made, and at once: that is the programmer's mistake."""
    with pytest.raises(ValueError, match="the manner wordless has no sentence"):
        manner()(type("Wordless", (Wire,), {"__doc__": None}))

    def without_words(document: bytes) -> bytes:
        return document

    with pytest.raises(ValueError, match="the manner without-words has no sentence"):
        after(Service.xml_layout)(without_words)


# On the command line


@pytest.mark.parametrize("arguments", [["run", "reference"], ["serve"], ["record", "reference", "x.har"]])
def test_an_unknown_manner_is_one_line_with_names_that_are_close(command: Command, arguments: list[str]) -> None:
    """And exit status 2."""
    done = command(*arguments, "--manner", "utf16")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("jobinfo-conformance: the reference has no manner utf16: did you mean utf-16")
    assert done.stderr.count("\n") == 1


def test_a_manner_is_for_the_reference_alone(command: Command) -> None:
    """Any other target has its own, and a run would not be what the user asked for."""
    for target in (["http://127.0.0.1:9"], []):
        done = command("run", *target, "--manner", "utf-16")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (
            "jobinfo-conformance: --manner is for the target reference alone: other targets answer in their own way\n"
        )


def test_manners_are_listed_with_their_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    """A line each."""
    assert main(["serve", "--list-manners"]) == 0
    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    assert lines == [[name, manner.sentence] for name, manner in BUILT_IN.manners.items()]


def test_serve_answers_in_the_manners_that_are_named() -> None:
    """As a client sees it, with batches that take the time that they are given."""
    arguments = ["--manner", "no-reason-phrase", "--manner", "lower-case-headers", "--batch-time", "600"]
    with served(*arguments) as url:
        raw = exchanged(url, "POST", "", write_request({"operation": "query", "object": "A", "contentType": "XML"}, XML))
        head, _, body = raw.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 201 \r\nserver: ")
        assert b"\r\ncontent-type: application/xml" in head
        job_id = re.findall(rb"<id>(\w+)", body)[0].decode()
        assert b"<state>Queued</state>" in exchanged(url, "POST", f"/{job_id}/batch", b"SELECT Id FROM A")


def test_a_batch_time_that_is_none_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """And exit status 2."""
    for given in ("-1", "soon", "nan", "inf"):
        assert main(["serve", "--batch-time", given]) == 2
        assert f"argument --batch-time: {given!r} is no number of seconds: write it like 0.5" in capsys.readouterr().err


def test_a_client_of_http_1_0_is_answered_plainly() -> None:
    """It knows neither chunks nor interim answers."""
    catalogue = in_manners("chunked", "interim-continue")
    with serving(catalogue.service(), wire=catalogue.wire()) as url:
        raw = exchanged(url, "POST", "", b"", version="1.0")
    assert raw.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"chunked" not in raw.lower()


@contextmanager
def served(*arguments: str) -> Iterator[str]:
    """The reference in a process of its own, and its URL."""
    environment = {name: value for name, value in os.environ.items() if name != "JOBINFO_SESSION_ID"}
    command = [sys.executable, "-m", "jobinfo_conformance", "serve", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert found
        yield found[0]
        process.terminate()


def exchanged(url: str, method: str, place: str, body: bytes, version: str = "1.1") -> bytes:
    """Every byte of the answer to a request, on a connection of its own."""
    host, _, port = url.removeprefix("http://").partition(":")
    head = f"{method} {urlsplit(RESOURCE).path}{place} HTTP/{version}\r\nHost: {host}\r\nConnection: close\r\n"
    head += f"X-SFDC-Session: {ANY_SESSION}\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + body)
        return b"".join(iter(lambda: connection.recv(1 << 16), b""))


# The document


def test_the_document_names_every_manner() -> None:
    """With its sentence, in the order of the catalogue."""
    rows = re.findall(r"^\| `([^`]+)` \| (.*) \|$", DOCUMENT, re.MULTILINE)
    wanted = [(name, manner.sentence) for name, manner in BUILT_IN.manners.items()]
    assert rows == wanted, "docs/manners.md needs a row for each that serve --list-manners prints"


def test_the_manner_in_the_document_is_a_real_one() -> None:
    """Word for word."""
    [example] = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    assert example in inspect.getsource(http)

"""Faults: each departs as it says, where it says, and the suite notices it."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.built_in import BUILT_IN, members
from jobinfo_conformance._catalogue.catalogue import Catalogue, Extension
from jobinfo_conformance._catalogue.of_clients import with_clients
from jobinfo_conformance._cli import main
from jobinfo_conformance._clients.conforming import ClientFault
from jobinfo_conformance._console.kill_map import conclusion, result
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.reader import read
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._exchange import Response
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._reference.faults import FAMILIES, hostile_framing, schema
from jobinfo_conformance._reference.faults.fault import Fault, after, before, fault
from jobinfo_conformance._reference.service import ANY_SESSION, Service
from jobinfo_conformance._reports.kill_map import as_markdown
from jobinfo_conformance._selftest import KillMap, Trial, trial
from tests.conftest import ROOT, Command
from tests.test_reference import Client, code, job

XML, JSON = Serialization.XML, Serialization.JSON
EVERY_FAULT = pytest.mark.parametrize("departure", BUILT_IN.faults.values(), ids=lambda departure: departure.name)
KILL_MAP = (ROOT / "docs" / "kill-map.md").read_text("utf-8")
KILL_MAP_AGAIN = "write it again: jobinfo-conformance selftest --write docs/kill-map.md"
WITH_CLIENTS = with_clients(BUILT_IN)
CONCLUDED = (
    f"{len(WITH_CLIENTS.all_faults)} faults, survivors: {{}}; "
    f"{len(WITH_CLIENTS.requirements)} requirements, without a fault of their own: {{}}"
)
DOCUMENT = (ROOT / "docs" / "faults.md").read_text("utf-8")


def client_of(name: str) -> Client:
    """A client of a service with a fault."""
    return Client(BUILT_IN.fault(name).service())


def raw(response: Response, name: str) -> object:
    """A field as it is written."""
    return read(response.body or b"", response.content_type).fields.get(name)


# What a fault is


@EVERY_FAULT
def test_a_fault_says_what_it_is(departure: Fault) -> None:
    """Its name has small words and hyphens, it has a sentence, and it breaks a requirement in a serialization of that."""
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", departure.name)
    assert departure.sentence.endswith(".")
    requirement = BUILT_IN.requirements[departure.breaks]
    assert departure.serializations
    assert requirement.only is None or requirement.only in departure.serializations


def test_a_fault_stands_with_those_of_the_family_that_it_breaks() -> None:
    """Where a reader looks for it."""
    for family in FAMILIES:
        name = family.__name__.rpartition(".")[2]
        if name.startswith("hostile_"):
            assert all(departure.spoil and departure.says for departure in members(family, Fault))
        else:
            assert {departure.breaks.partition("/")[0] for departure in members(family, Fault)} == {name}


def test_sixty_faults_send_any_bytes() -> None:
    """Each is told in words of its own place, and none of them counts as what a requirement kills."""
    hostile = [departure for departure in BUILT_IN.faults.values() if departure.spoil]
    assert len(hostile) >= 60
    assert KillMap(BUILT_IN, tuple(map(noticed, hostile))).unshown == list(BUILT_IN.places)


@pytest.mark.parametrize("name", ["status-is-a-word", "gzip-that-is-none", "half-a-surrogate-pair"])
def test_a_fault_that_sends_any_bytes_is_noticed_in_its_own_words(name: str) -> None:
    """As a reason why nothing could be tested, as a body that is none, and as a value."""
    departure = BUILT_IN.fault(name)
    assert trial(name, BUILT_IN).missed(BUILT_IN) == []
    told_otherwise = replace(BUILT_IN, faults={name: replace(departure, says="in other words")})
    assert trial(name, told_otherwise).missed(told_otherwise) == [(departure.breaks, departure.serializations[0])]


def test_every_requirement_has_a_fault_that_is_meant_to_break_it() -> None:
    """In each serialization that the requirement has."""
    assert KillMap(WITH_CLIENTS, tuple(map(noticed, WITH_CLIENTS.all_faults.values()))).unshown == []


def noticed(departure: Fault | ClientFault) -> Trial:
    """A trial in which a fault is noticed where it is meant to be."""
    return Trial(departure, frozenset(Trial(departure).meant(WITH_CLIENTS)))


def test_a_fault_in_one_serialization_leaves_the_other_alone() -> None:
    """Numbers are strings in JSON; in XML, on the same jobs, nothing is wrong."""
    client = client_of("numbers-as-strings")
    job_id = client.create(XML)
    assert raw(client.close(job_id, XML), "numberRetries") == "0"
    assert client.problems() == []
    assert raw(client.ask("GET", f"/{job_id}", content_type="application/json"), "numberRetries") == "0"
    assert "schema/field-types" in client.problems()


def test_a_fault_on_one_operation_leaves_the_others_alone() -> None:
    """A create and a read answer as they should."""
    client = client_of("close-answers-open")
    job_id = client.create()
    assert job(client.close(job_id)).state == "Open"
    assert job(client.ask("GET", f"/{job_id}")).state == "Closed"


def test_a_fault_at_times_is_there_every_third_time() -> None:
    """The third close and the sixth, whatever else is asked in between."""
    client = client_of("third-close-answers-202")
    assert [client.close(client.create()).status for _ in range(6)] == [200, 200, 202] * 2


def test_a_fault_in_what_a_close_does_is_not_in_its_answer() -> None:
    """The answer is right, and another job is closed."""
    client = client_of("closes-every-job")
    other, closed = client.create(), client.create()
    assert job(client.close(closed)).state == "Closed"
    assert job(client.ask("GET", f"/{other}")).state == "Closed"


def test_a_fault_may_refuse_what_is_legal() -> None:
    """With an error document like any other."""
    client = client_of("unfinished-jobs-stay-open")
    client.service = BUILT_IN.fault("unfinished-jobs-stay-open").service(batch_seconds=60)
    job_id = client.create(contentType="XML")
    client.ask("POST", f"/{job_id}/batch", b"SELECT Id FROM Account")
    assert code(client.close(job_id)) == "InvalidJobState"


def test_a_fault_is_named_for_its_class_or_function() -> None:
    """Which is the only place where the name stands."""

    class ClosesNothingAt12(Service):
        """A close does nothing."""

    @after(Service.info, breaks="state/closed", only=JSON, on=Operation.CLOSE, every=2)
    def one_of_2_is_open(info: JobInfo) -> JobInfo:
        """Every second close answers Open."""
        return info

    closes_nothing = fault(breaks="state/closed")(ClosesNothingAt12)
    assert (closes_nothing.name, closes_nothing.departs) == ("closes-nothing-at-12", ClosesNothingAt12)
    assert closes_nothing.sentence == "A close does nothing."
    assert one_of_2_is_open.name == "one-of-2-is-open"
    assert (one_of_2_is_open.serializations, one_of_2_is_open.on, one_of_2_is_open.every) == ((JSON,), (Operation.CLOSE,), 2)


def with_fault(departure: Fault) -> Catalogue:
    """The catalogue with a fault more."""
    return BUILT_IN.extended([Extension("own", faults=(departure,))])


def test_a_fault_needs_a_name_of_its_own() -> None:
    """Of what is built in each has one, and what an extension adds is refused where it has none."""
    built_in = [departure.name for family in FAMILIES for departure in members(family, Fault)]
    assert built_in == list(BUILT_IN.faults)

    class CloseAborts(Service):
        """Another one."""

    with pytest.raises(BadInput, match="extension own: there is already a fault close-aborts"):
        with_fault(fault(breaks="state/closed")(CloseAborts))


def test_a_fault_needs_a_sentence() -> None:
    """However it is made, and at once: that is the programmer's mistake."""
    with pytest.raises(ValueError, match="the fault wordless has no sentence"):
        fault(breaks="state/closed")(type("Wordless", (Service,), {}))

    def without_words(anything: Any) -> Any:
        return anything

    for made in (after(Service.info, breaks="state/closed"), before(Service.answer, breaks="state/closed")):
        with pytest.raises(ValueError, match="the fault without-words has no sentence"):
            made(without_words)


def test_a_fault_breaks_a_requirement_that_exists() -> None:
    """Else nothing could notice it."""
    departure = replace(BUILT_IN.fault("close-answers-201"), name="breaks-nothing", breaks="state/of-old")
    with pytest.raises(
        BadInput, match="extension own: the fault breaks-nothing breaks state/of-old, which is not a requirement"
    ):
        with_fault(departure)


# On the command line


@pytest.mark.parametrize("arguments", [["run", "reference:close-abort"], ["serve", "--fault", "close-abort"]])
def test_an_unknown_fault_is_one_line_with_names_that_are_close(command: Command, arguments: list[str]) -> None:
    """And exit status 2."""
    done = command(*arguments)
    said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    assert done.returncode == 2
    assert len(said) == 1
    assert "the reference has no fault close-abort: did you mean close-aborts" in said[0]


def test_a_faulty_client_is_no_fault_of_the_reference(command: Command) -> None:
    """The line says what tries it."""
    done = command("run", "reference:never-closes")
    said = "never-closes is a faulty client, which jobinfo-conformance selftest never-closes tries"
    assert (done.returncode, done.stderr) == (2, f"jobinfo-conformance: {said}; the reference has no such fault\n")


def test_where_no_name_is_close_the_line_says_where_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    """All of them."""
    assert main(["serve", "--fault", "xyz"]) == 2
    assert capsys.readouterr().err == (
        "jobinfo-conformance: the reference has no fault xyz: jobinfo-conformance selftest --list names them all\n"
    )


def test_faults_are_listed_with_what_they_break(capsys: pytest.CaptureFixture[str]) -> None:
    """A line each."""
    assert main(["selftest", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(WITH_CLIENTS.all_faults)
    assert lines[0].split()[1] == "http/status-200"
    assert lines[0].endswith("A close is answered with 201, as if it created something.")


def test_serve_has_the_fault(tmp_path: Path) -> None:
    """As a client sees it."""
    environment = {name: value for name, value in os.environ.items() if name != "JOBINFO_SESSION_ID"}
    with subprocess.Popen(
        [sys.executable, "-m", "jobinfo_conformance", "serve", "--fault", "close-answers-201"],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=tmp_path,
    ) as process:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert found
        run = subprocess.run(
            [sys.executable, "-m", "jobinfo_conformance", "run", found[0], "--serialization", "xml"],
            env={**environment, "JOBINFO_SESSION_ID": ANY_SESSION},
            capture_output=True,
            text=True,
            check=False,
        )
        process.terminate()
    assert run.returncode == 1
    assert re.findall("^FAIL (.*?) ", run.stdout, re.MULTILINE) == ["http/status-200"]


# The kill map


def test_the_reference_without_a_fault_conforms_strictly() -> None:
    """By the clock of the self-test too."""
    conforming = trial(None, BUILT_IN)
    assert conforming.is_right(BUILT_IN)
    assert result(conforming, BUILT_IN) == "conforms  the reference without a fault"


@pytest.mark.parametrize("name", ["close-answers-201", "nulls-are-values", "records-count-down"])
def test_a_fault_is_killed_by_the_requirement_that_it_breaks(name: str) -> None:
    """A MUST, a SHOULD, and one that takes several answers."""
    found = trial(name, BUILT_IN)
    assert found.is_right(BUILT_IN)
    assert set(found.meant(BUILT_IN)) <= found.places
    assert result(found, BUILT_IN).startswith(f"killed    {name} ")


def test_a_fault_that_others_notice_survives() -> None:
    """It is meant to break something else, and that is what the map is about."""
    departs = BUILT_IN.fault("close-answers-201").departs
    catalogue = with_fault(Fault("meant-otherwise", "It does.", "state/kept", departs, (XML,), (Operation.CLOSE,)))
    found = trial("meant-otherwise", catalogue)
    assert not found.is_right(catalogue)
    assert found.missed(catalogue) == [("state/kept", XML)]
    assert KillMap(catalogue, (found,)).wrong == [found]
    said = r"SURVIVES  meant-otherwise +state/kept \(xml\): xml passes, also by http/status-200"
    assert re.fullmatch(said, result(found, catalogue))


def test_a_target_that_ends_the_run_is_no_kill() -> None:
    """It says why nothing was seen."""
    found = Trial(BUILT_IN.fault("close-aborts"), untried="it does not answer")
    assert not found.is_right(BUILT_IN)
    assert not KillMap(BUILT_IN, (found,)).survivors
    assert result(found, BUILT_IN).startswith("UNTRIED   close-aborts ")
    assert result(found, BUILT_IN).endswith("state/closed (xml, json): it does not answer")
    assert conclusion(KillMap(BUILT_IN, (found,))).startswith("1 faults, survivors: 0, not tried: 1; ")


def test_a_reference_that_departs_without_a_fault_is_named_with_what_it_breaks() -> None:
    """On the terminal and in the document."""
    found = Trial(None, frozenset({("state/closed", XML), ("http/status-200", JSON)}))
    assert result(found, BUILT_IN) == "DEPARTS   the reference without a fault (http/status-200, state/closed)"
    line = "- the reference without a fault departs (http/status-200, state/closed)"
    assert line in as_markdown(KillMap(BUILT_IN, (found,))).splitlines()


@pytest.mark.parametrize("broken", [False, True])
def test_the_self_test_says_what_survives_and_what_no_fault_shows(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: bool
) -> None:
    """On the terminal and in the document, with exit status 1; else 0."""

    def found(*_names_and_extension: object) -> Iterator[Trial]:
        yield Trial(None)
        for departure in WITH_CLIENTS.all_faults.values():
            yield Trial(departure) if broken and departure.name == "ids-end-in-aaa" else noticed(departure)

    monkeypatch.setattr("jobinfo_conformance._commands.selftest.trials", found)
    written = tmp_path / "kill-map.md"
    assert main(["selftest", "--write", str(written)]) == int(broken)
    last = capsys.readouterr().out.splitlines()[-1]
    document = written.read_text("utf-8")
    if broken:
        assert last == CONCLUDED.format("1", "1 (identity/id-checksum)")
        assert "- no fault shows identity/id-checksum (json)" in document
    else:
        assert last == CONCLUDED.format("0", "0")
        assert "no fault shows" not in document


def test_faults_that_are_named_are_tried_by_themselves(capsys: pytest.CaptureFixture[str]) -> None:
    """In processes of their own; a line each, in the order in which they were named."""
    names = ["close-aborts", "close-answers-201"]
    assert main(["selftest", *names]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in lines] == [["killed", name, BUILT_IN.fault(name).breaks] for name in names]


def test_a_fault_that_is_named_and_unknown_is_said_before_the_wait(capsys: pytest.CaptureFixture[str]) -> None:
    """One line, and exit status 2."""
    assert main(["selftest", "close-aborts", "close-abort"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("jobinfo-conformance: the reference has no fault close-abort: did you mean close-aborts")
    assert printed.err.count("\n") == 1


def test_a_kill_map_that_cannot_be_written_is_one_line_before_the_wait(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """And exit status 2."""
    assert main(["selftest", "--write", str(tmp_path)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert (
        printed.err == f"jobinfo-conformance: the kill map can't be written to {tmp_path}: it is a folder: name a file in it\n"
    )


def rows(title: str) -> list[list[str]]:
    """The rows of the tables under titles that begin so, in the kill map that is in the documents."""
    sections = [one for one in KILL_MAP.split("\n## ") if one.startswith(title)]
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for one in sections for line in re.findall(r"^\|.*", one, re.M)
    ]


def test_the_kill_map_in_the_documents_is_of_the_faults_and_requirements_that_exist() -> None:
    """With their sentences, and no survivor."""
    faults = [row[:3] for row in rows("Faults") if row[0] not in ("fault", "---")]
    every = WITH_CLIENTS.all_faults.values()
    assert faults == [[departure.name, departure.sentence, departure.breaks] for departure in every], KILL_MAP_AGAIN
    requirements = [row for row in rows("Requirements") if row[0] not in ("requirement", "---")]
    assert requirements == [
        [name, ", ".join(departure.name for departure in every if departure.breaks == name)]
        for name in WITH_CLIENTS.requirements
    ], KILL_MAP_AGAIN
    assert "What is wrong" not in KILL_MAP


# The document


EXAMPLES = re.findall(r"^    \$ jobinfo-conformance (.*)\n((?:    .+\n|\n(?=    ))+)", DOCUMENT, re.MULTILINE)


@pytest.mark.parametrize(("arguments", "shown"), EXAMPLES, ids=[arguments.split()[1] for arguments, _ in EXAMPLES])
def test_a_failure_in_the_document_is_what_a_run_prints(command: Command, arguments: str, shown: str) -> None:
    """Word for word, but for the port."""
    done = command(*arguments.split(), session=None)
    printed = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8080", done.stdout)
    assert done.returncode == 1
    assert re.sub(r"^    ", "", shown, flags=re.MULTILINE) in printed


def test_there_are_three_examples() -> None:
    """Each of another fault."""
    assert len(EXAMPLES) == 3


def test_the_fault_in_the_document_is_a_real_one() -> None:
    """Word for word."""
    spoils, changes = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    assert spoils in inspect.getsource(hostile_framing)
    assert changes in inspect.getsource(schema)

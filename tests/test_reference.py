"""The reference implementation: strict about what it accepts, and a job's life as the contract tells it."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.jobinfo import NAMESPACE, JobInfo
from jobinfo_conformance._contract.reader import read
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.writer import write_request
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._exchange import Exchange, Headers, Request, Response
from jobinfo_conformance._judging import by_kind, findings_in
from jobinfo_conformance._reference.server import serving
from jobinfo_conformance._reference.service import ANY_SESSION, Service
from jobinfo_conformance.generate import close_requests
from tests.conftest import Command

XML, JSON = Serialization.XML, Serialization.JSON
BOTH = pytest.mark.parametrize("form", list(Serialization), ids=str)
RESOURCE = "http://127.0.0.1/services/async/36.0/job"


class Client:
    """Asks a service directly, and keeps the exchanges."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.exchanges: list[Exchange] = []

    def ask(
        self, method: str, path: str = "", body: bytes = b"", content_type: str | None = "application/xml", **headers: str
    ) -> Response:
        """One request with the session."""
        named = [] if content_type is None else [("Content-Type", content_type)]
        sent = {"X_SFDC_Session": ANY_SESSION, **headers}
        pairs = [*((name.replace("_", "-"), value) for name, value in sent.items()), *named]
        request = Request(method, path if path.startswith("http") else f"{RESOURCE}{path}", Headers.of(pairs), body)
        response = self.service.answer(request)
        self.exchanges.append(Exchange(request, response))
        return response

    def create(self, form: Serialization = XML, **settings: str) -> str:
        """The id of a new job."""
        values = {"operation": "query", "object": "Account", "contentType": "CSV", **settings}
        response = self.ask("POST", "", write_request(values, form), form.media_type)
        assert response.status == 201, response.body
        return str(job(response)["id"])

    def close(self, job_id: str, form: Serialization = XML) -> Response:
        """The documented close."""
        return self.ask("POST", f"/{job_id}", write_request({"state": "Closed"}, form), form.media_type)

    def problems(self) -> list[str]:
        """What the suite has against all that was asked so far."""
        history = History.of(self.exchanges, whole=True)
        return [finding.requirement for finding in findings_in(history, by_kind(BUILT_IN.requirements.values()))]


def job(response: Response) -> JobInfo:
    """The job that is answered."""
    return JobInfo.of(read(response.body or b"", response.content_type))


def code(response: Response) -> object:
    """The code of an error document."""
    return read(response.body or b"", response.content_type).fields["exceptionCode"]


@pytest.fixture
def client() -> Client:
    """A client of a fresh service."""
    return Client(Service())


@BOTH
def test_a_job_is_created_closed_and_stays_closed(client: Client, form: Serialization) -> None:
    """And the suite has nothing against any of it."""
    job_id = client.create(form)
    assert job(client.close(job_id, form)).state == "Closed"
    assert job(client.ask("GET", f"/{job_id}", content_type=form.media_type)).state == "Closed"
    second = client.close(job_id, form)
    assert (second.status, code(second)) == (400, "InvalidJobState")
    assert client.problems() == []


@BOTH
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_every_legal_form_of_a_close_closes(form: Serialization, data: st.DataObject) -> None:
    """Whatever the suite can generate."""
    client = Client(Service())
    job_id = client.create()
    request = data.draw(close_requests(form, job_id=job_id, resource=RESOURCE))
    response = client.ask("POST", f"/{job_id}", request.body, request.content_type)
    assert (response.status, job(response).state) == (200, "Closed")


@BOTH
def test_the_vendors_own_client_sends_every_key(client: Client, form: Serialization) -> None:
    """Null, 0, false or nothing for all but two."""
    job_id = client.create()
    if form is JSON:
        unset = {**dict.fromkeys(JobInfo.FIELDS), "numberRetries": 0, "fastPathEnabled": False}
        body = json.dumps({**unset, "id": job_id, "state": "Closed"})
    else:
        body = f'<jobInfo xmlns="{NAMESPACE}"><id>{job_id}</id><state>Closed</state><numberRetries>0</numberRetries></jobInfo>'
    assert client.ask("POST", f"/{job_id}", body.encode(), form.media_type).status == 200


def xml(inside: str = "<state>Closed</state>", root: str = "jobInfo", namespace: str = NAMESPACE, before: str = "") -> bytes:
    """A body in XML."""
    return f'{before}<{root} xmlns="{namespace}">{inside}</{root}>'.encode()


REFUSED: dict[str, tuple[bytes, str, str]] = {
    "unknown state": (xml("<state>Done</state>"), "xml", "InvalidJob"),
    "lower case": (xml("<state>closed</state>"), "xml", "InvalidJob"),
    "missing state": (xml(""), "xml", "InvalidJob"),
    "empty body": (b"", "xml", "InvalidXml"),
    "malformed xml": (xml()[:-10], "xml", "InvalidXml"),
    "malformed json": (b'{"state": "Closed"', "json", "ClientInputError"),
    "wrong namespace": (xml(namespace="http://x"), "xml", "InvalidXml"),
    "wrong root": (xml(root="job"), "xml", "InvalidXml"),
    "doubled state": (xml("<state>Closed</state><state>Closed</state>"), "xml", "InvalidJob"),
    "doubled key": (b'{"state": "Closed", "state": "Closed"}', "json", "InvalidJob"),
    "array": (b'["Closed"]', "json", "ClientInputError"),
    "wrong type": (b'{"state": 1}', "json", "InvalidJob"),
    "unknown field": (b'{"state": "Closed", "foo": "x"}', "json", "InvalidJob"),
    "server-set field": (xml("<state>Closed</state><numberRetries>1</numberRetries>"), "xml", "InvalidJob"),
    "other id": (xml("<id>750000000000999AAA</id><state>Closed</state>"), "xml", "InvalidJob"),
    "doctype": (xml(before="<!DOCTYPE jobInfo>"), "xml", "InvalidJob"),
    "the other serialization": (xml(), "json", "ClientInputError"),
    "undocumented type": (xml(), "text/xml", "UnsupportedContentType"),
    "reopening": (xml("<state>Open</state>"), "xml", "InvalidJob"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_faulty_close_is_refused_and_the_job_stays_open(client: Client, name: str) -> None:
    """With 400 and an error document, and the job can still be closed."""
    body, media_type, expected = REFUSED[name]
    job_id = client.create()
    media_type = media_type if "/" in media_type else f"application/{media_type}"
    response = client.ask("POST", f"/{job_id}", body, media_type)
    assert (response.status, code(response)) == (400, expected), response.body
    assert job(client.ask("GET", f"/{job_id}")).state == "Open"
    assert client.close(job_id).status == 200
    assert client.problems() == []


@pytest.mark.parametrize(
    ("method", "path", "status", "expected"),
    [
        ("GET", "/750000000000999AAA", 400, "InvalidJob"),
        ("GET", "/750", 400, "InvalidJob"),
        ("GET", RESOURCE.replace("36.0", "999.0") + "/750000000000001AAA", 400, "InvalidVersion"),
        ("GET", RESOURCE.replace("36.0", "v36.0") + "/750000000000001AAA", 400, "InvalidVersion"),
        ("GET", RESOURCE.replace("job", "jobs"), 404, "InvalidUrl"),
        ("PATCH", "/750000000000001AAA", 405, "InvalidOperation"),
        ("GET", "/750000000000001AAA/batch/751000000000009AAA", 400, "InvalidBatch"),
    ],
)
def test_what_is_not_there_is_refused(client: Client, method: str, path: str, status: int, expected: str) -> None:
    """Unknown jobs, versions, paths and methods, each with a code of its own."""
    client.create()
    response = client.ask(method, path)
    assert (response.status, code(response)) == (status, expected)


def test_a_refusal_is_well_formed_whatever_the_uri_names(client: Client) -> None:
    """XML can't hold control characters, and a URI can."""
    response = client.ask("GET", "/%06a%0Bb")
    assert b"Unable to find job with id \\x06a\\x0bb" in (response.body or b"")
    assert code(response) == "InvalidJob"


@pytest.mark.parametrize("session", ["", "another"])
def test_a_request_without_the_session_is_refused(client: Client, session: str) -> None:
    """With 400, as real servers do."""
    response = client.ask("POST", "", write_request({"operation": "query", "object": "Account"}, XML), X_SFDC_Session=session)
    assert (response.status, code(response)) == (400, "InvalidSessionId")
    assert client.service.jobs == {}


def test_a_batch_goes_from_queued_to_completed_after_the_close_too() -> None:
    """And the counters follow it."""
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    client = Client(Service(batch_seconds=10, clock=lambda: now[0]))
    job_id = client.create(operation="insert", contentType="CSV")
    added = client.ask("POST", f"/{job_id}/batch", b"Name\none\ntwo\n", "text/csv")
    assert added.status == 201
    client.close(job_id)
    seen = []
    for seconds in (0, 6, 10):
        now[0] = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        info = job(client.ask("GET", f"/{job_id}"))
        seen.append((info.number_batches_queued, info.number_batches_in_progress, info.number_batches_completed))
    assert seen == [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
    assert (info.number_records_processed, info.total_processing_time) == (2, 5000)
    client.ask("GET", f"/{job_id}/batch/{read(added.body or b'').fields['id']}")
    assert client.problems() == []


def test_an_abort_drops_what_is_not_done_and_takes_no_batch() -> None:
    """And an aborted job can't be closed."""
    client = Client(Service(batch_seconds=10))
    job_id = client.create(contentType="XML")
    client.ask("POST", f"/{job_id}/batch", b"SELECT Id FROM Account")
    aborted = client.ask("POST", f"/{job_id}", write_request({"state": "Aborted"}, XML))
    assert (aborted.status, job(aborted).state) == (200, "Aborted")
    listed = client.ask("GET", f"/{job_id}/batch")
    assert b"<state>NotProcessed</state>" in (listed.body or b"")
    assert code(client.close(job_id)) == "InvalidJobState"
    assert code(client.ask("POST", f"/{job_id}/batch", b"SELECT Id FROM Account")) == "InvalidJobState"
    assert code(client.ask("POST", f"/{job_id}", write_request({"state": "Aborted"}, XML))) == "InvalidJobState"


@pytest.mark.parametrize(
    ("content_type", "media_type", "body", "records"),
    [
        ("CSV", "text/csv; charset=UTF-8", b'Name\n"two\nlines"\nx\n', 2),
        ("XML", "application/xml", b"<sObjects><sObject/><sObject/></sObjects>", 2),
        ("JSON", "application/json", b"[{}, {}, {}]", 3),
    ],
)
def test_records_are_counted_in_the_format_of_the_job(
    client: Client, content_type: str, media_type: str, body: bytes, records: int
) -> None:
    """And a batch of another format is refused."""
    job_id = client.create(operation="insert", contentType=content_type)
    assert code(client.ask("POST", f"/{job_id}/batch", body, "text/plain")) == "InvalidBatch"
    assert code(client.ask("POST", f"/{job_id}/batch", b" ", media_type)) == "InvalidBatch"
    added = client.ask("POST", f"/{job_id}/batch", body, media_type)
    assert Serialization.of_media_type(added.content_type) is (JSON if content_type == "JSON" else XML)
    assert job(client.ask("GET", f"/{job_id}")).number_records_processed == records


@pytest.mark.parametrize("content_type", ["ZIP_CSV", "ZIP_XML", "ZIP_JSON"])
def test_a_batch_in_a_zip_file_counts_as_a_record(client: Client, content_type: str) -> None:
    """Its media type is zip/csv and the like, and its results are what they are without attachments."""
    job_id = client.create(operation="insert", contentType=content_type)
    written = content_type.removeprefix("ZIP_").lower()
    refused = client.ask("POST", f"/{job_id}/batch", b"PK", "application/zip")
    assert f"must be zip/{written}" in (refused.body or b"").decode()
    assert client.ask("POST", f"/{job_id}/batch", b"PK", f"zip/{written}").status == 201
    assert job(client.ask("GET", f"/{job_id}")).number_records_processed == 1
    batch = f"/{job_id}/batch/751000000000001AAA"
    sent, results = (client.ask("GET", f"{batch}/{part}") for part in ("request", "result"))
    assert (sent.content_type, sent.body) == (f"zip/{written}", b"PK")
    assert str(results.content_type).endswith(written)


def test_a_batch_in_a_format_that_nothing_is_known_of_may_have_any_media_type(client: Client) -> None:
    """It counts as a record too, and is given back as bytes."""
    job_id = client.create(operation="insert", contentType="AVRO")
    assert client.ask("POST", f"/{job_id}/batch", b"Obj", "avro/binary").status == 201
    assert job(client.ask("GET", f"/{job_id}")).number_records_processed == 1
    assert client.ask("GET", f"/{job_id}/batch/751000000000001AAA/request").body == b"Obj"


def test_fields_are_those_of_the_version(client: Client) -> None:
    """18.0 has no numberRecordsFailed and no JSON."""
    resource = RESOURCE.replace("36.0", "18.0")
    response = client.ask("POST", resource, write_request({"operation": "query", "object": "Account"}, XML))
    assert "numberRecordsFailed" not in job(response)
    assert response.headers.get("Location") == f"/services/async/18.0/job/{job(response).id}"
    body = write_request({"operation": "query", "object": "Account"}, JSON)
    assert code(client.ask("POST", resource, body, "application/json")) == "UnsupportedContentType"
    assert client.problems() == []


def test_versions_that_are_yet_to_come_are_served(client: Client) -> None:
    """The contract knows no latest."""
    response = client.ask("POST", RESOURCE.replace("36.0", "90.0"), write_request({"operation": "query", "object": "A"}, XML))
    assert (response.status, str(job(response).api_version)) == (201, "90.0")


@BOTH
def test_a_query_finds_a_record(client: Client, form: Serialization) -> None:
    """So that counters of records are not all zero, and nothing need be written for it."""
    job_id = client.create(form, contentType=form.value.upper())
    client.ask("POST", f"/{job_id}/batch", b"SELECT Id FROM Account LIMIT 1", form.media_type)
    client.close(job_id, form)
    assert job(client.ask("GET", f"/{job_id}", content_type=form.media_type)).number_records_processed == 1
    assert client.problems() == []


@pytest.mark.parametrize("job_id", ["750000000000001", "750000000000001AAA"])
def test_both_forms_of_an_id_name_the_job(client: Client, job_id: str) -> None:
    """15 and 18 characters."""
    client.create()
    assert client.close(job_id).status == 200


def test_compressed_and_chunked_requests_are_read_on_the_wire() -> None:
    """gzip, chunks, both at once; a broken gzip is refused, and the connection goes on."""
    service = Service()
    chunks = b"5\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (xml()[:5], len(xml()[5:]), xml()[5:])
    with serving(service) as url:
        connection = HTTPConnection(url.removeprefix("http://"))
        for headers, body in (
            ({"Content-Encoding": "gzip"}, gzip.compress(xml(), mtime=0)),
            ({"Transfer-Encoding": "chunked"}, chunks),
            ({"Content-Encoding": "gzip"}, b"no gzip"),
        ):
            job_id = Client(service).create()
            connection.request(
                "POST",
                f"/services/async/36.0/job/{job_id}",
                body,
                {"X-SFDC-Session": ANY_SESSION, "Content-Type": "application/xml", "Accept-Encoding": "gzip", **headers},
            )
            response = connection.getresponse()
            answered = read(gzip.decompress(response.read()))
            assert response.headers["Content-Encoding"] == "gzip"
            assert response.status == (400 if body == b"no gzip" else 200)
            assert answered.fields.get("state") == (None if body == b"no gzip" else "Closed")
        connection.close()


def test_run_reference_conforms(command: Command) -> None:
    """The suite and the reference are of one mind, and the session is not the user's."""
    done = command("run", "reference", "--strict", session=None)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^target: reference, API version 36\.0, requirements 1\.0, \d+ requests$", done.stdout, re.MULTILINE)
    every = len(BUILT_IN.requirements)
    assert done.stdout.splitlines()[-1] == f"conformant: {every} of {every} requirements tested, {every} pass"


def test_serve_says_where_it_is_and_ends_with_ctrl_c() -> None:
    """A line with the URL, once it listens; the session is the environment's or a well-known one."""
    environment = {name: value for name, value in os.environ.items() if name != "JOBINFO_SESSION_ID"}
    with subprocess.Popen(
        [sys.executable, "-m", "jobinfo_conformance", "serve"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", first)
        assert found, first
        assert f"JOBINFO_SESSION_ID='{ANY_SESSION}'" in process.stdout.readline()
        run = subprocess.run(
            [sys.executable, "-m", "jobinfo_conformance", "run", found[0]],
            env={**environment, "JOBINFO_SESSION_ID": ANY_SESSION},
            capture_output=True,
            text=True,
            check=False,
        )
        process.send_signal(signal.SIGINT)
        printed = process.stdout.read()
    assert run.returncode == 0, run.stdout
    assert process.returncode == 0
    assert printed == ""


def test_a_port_that_is_taken_is_one_line_and_status_2(command: Command) -> None:
    """What, where, and what to do."""
    with serving(Service()) as url:
        port = url.rpartition(":")[2]
        done = command("serve", "--port", port)
    assert done.returncode == 2
    assert done.stderr == f"jobinfo-conformance: port {port} can't be used: Address already in use\n"

"""The reference implementation as clients meet it: what they ask for on the way to a close."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from xml.etree.ElementTree import fromstring

import pytest

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._exchange import Headers, Request, Response
from jobinfo_conformance._reference.server import serving
from jobinfo_conformance._reference.service import ANY_SESSION, Service
from tests.test_reference import RESOURCE, Client, code

ORIGIN = RESOURCE.partition("/services")[0]
RECORDS = {
    "CSV": ("text/csv", b"Name\na\nb\n"),
    "JSON": ("application/json", b'[{"Name": "a"}, {"Name": "b"}]'),
    "XML": ("application/xml", b"<sObjects><sObject/><sObject/></sObjects>"),
}


@pytest.fixture
def client() -> Client:
    """A client of a fresh service."""
    return Client(Service())


def finished_batch(client: Client, operation: str, content: str) -> str:
    """The path of a batch."""
    job_id = client.create(operation=operation, contentType=content)
    media_type, body = RECORDS[content]
    sent = b"SELECT Id, Name FROM Account" if operation == "query" else body
    added = client.ask("POST", f"/{job_id}/batch", sent, media_type)
    text = (added.body or b"").decode()
    batch = json.loads(text)["id"] if content == "JSON" else fromstring(text)[0].text  # noqa: S314  # the reference's own
    return f"/{job_id}/batch/{batch}"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("CSV", b'"Id","Success","Created","Error"\n"001000000000001AAA","true","true",""\n'),
        ("XML", b"<result><id>001000000000001AAA</id><success>true</success><created>true</created></result>"),
        ("JSON", b'"success": true'),
    ],
)
def test_results_of_a_batch_are_in_the_contenttype_of_the_job(client: Client, content: str, expected: bytes) -> None:
    """A row for each record, and the batch as it was sent."""
    path = finished_batch(client, "insert", content)
    media_type, body = RECORDS[content]
    sent, result = client.ask("GET", f"{path}/request"), client.ask("GET", f"{path}/result")
    assert (sent.body, sent.content_type) == (body, media_type)
    assert result.content_type == media_type
    assert expected in (result.body or b"")


@pytest.mark.parametrize(
    ("content", "media_type"), [("CSV", "application/xml"), ("XML", "application/xml"), ("JSON", "application/json")]
)
def test_results_of_a_query_are_listed_and_read_by_their_id(client: Client, content: str, media_type: str) -> None:
    """The record has the fields that were asked for; no other id is known."""
    path = finished_batch(client, "query", content)
    listed = client.ask("GET", f"{path}/result")
    assert listed.content_type == media_type
    text = (listed.body or b"").decode()
    result = json.loads(text)[0] if content == "JSON" else str(fromstring(text)[0].text)  # noqa: S314  # the reference's own
    records = client.ask("GET", f"{path}/result/{result}")
    assert records.content_type == RECORDS[content][0]
    assert b"001000000000001AAA" in (records.body or b"")
    assert b"Name 1" in (records.body or b"")
    assert code(client.ask("GET", f"{path}/result/752000000000009AAA")) == "InvalidBatch"


def test_results_of_an_unfinished_batch_are_refused() -> None:
    """Until it is finished."""
    client = Client(Service(batch_seconds=60))
    assert code(client.ask("GET", f"{finished_batch(client, 'insert', 'CSV')}/result")) == "InvalidBatch"


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/services/Soap/u/62.0", b"<login/>", f"<sessionId>{ANY_SESSION}</sessionId>"),
        ("/services/oauth2/token", b"grant_type=password", f'"access_token": "{ANY_SESSION}"'),
    ],
)
def test_a_login_hands_out_the_session_at_the_origin_that_was_asked(
    client: Client, path: str, body: bytes, expected: str
) -> None:
    """Scheme and host are those of the request."""
    answer = client.service.answer(Request("POST", f"https://some.example{path}", Headers(), body))
    text = (answer.body or b"").decode()
    assert answer.status == 200
    assert expected in text
    assert "https://some.example" in text


def test_rest_resources_take_the_session_as_a_token(client: Client) -> None:
    """And no other."""

    def asked(token: str) -> Response:
        headers = Headers.of([("Authorization", f"Bearer {token}")])
        return client.service.answer(Request("GET", f"{ORIGIN}/services/data/v62.0/sobjects", headers))

    assert b'"name": "Account"' in (asked(ANY_SESSION).body or b"")
    assert asked("another").status == 401


def test_the_path_is_looked_at_before_the_session(client: Client) -> None:
    """Nothing is there for anybody."""
    nowhere = Request("GET", f"{ORIGIN}/services/async/62.0/query")
    assert (client.service.answer(nowhere).status, code(client.service.answer(nowhere))) == (404, "InvalidUrl")
    assert code(client.service.answer(Request("GET", f"{RESOURCE}/750000000000001AAA"))) == "InvalidSessionId"


def test_media_types_come_bare(client: Client) -> None:
    """As two clients compare them."""
    client.create()
    assert client.ask("GET", "/750000000000001AAA").content_type == "application/xml"


def test_a_slash_at_the_end_changes_nothing(client: Client) -> None:
    """Of a job, nor of its batches."""
    job_id = client.create()
    assert client.ask("GET", f"/{job_id}/").status == 200
    assert client.ask("GET", f"/{job_id}/batch/").status == 200


def test_a_read_may_name_a_coding_without_a_body() -> None:
    """As the vendor's own client does."""
    with serving(Service()) as url:
        connection = HTTPConnection(url.removeprefix("http://"))
        headers = {"X-SFDC-Session": ANY_SESSION, "Content-Encoding": "gzip"}
        connection.request("GET", "/services/async/62.0/job/750000000000001AAA", headers=headers)
        assert b"InvalidJob" in connection.getresponse().read()
        connection.close()


def test_a_failed_batch_says_why(client: Client) -> None:
    """In its stateMessage, after its state."""
    from jobinfo_conformance._catalogue.built_in import BUILT_IN

    client.service = BUILT_IN.in_manners(["failed-batches"]).service()
    job_id = client.create(operation="insert", contentType="CSV")
    added = client.ask("POST", f"/{job_id}/batch", RECORDS["CSV"][1], "text/csv")
    assert b"<state>Failed</state>\n <stateMessage>" in (added.body or b"")


def test_a_redirect_leads_to_the_job(client: Client) -> None:
    """As the name of the fault says."""
    from jobinfo_conformance._catalogue.built_in import BUILT_IN

    client.service = BUILT_IN.fault("xml-close-redirects").service()
    job_id = client.create()
    assert client.close(job_id).headers.get("Location") == f"/services/async/36.0/job/{job_id}"


@pytest.mark.parametrize("operation", ["insert", "query"])
def test_a_batch_that_counts_more_records_than_it_can_have_shows_no_more_than_that(operation: str) -> None:
    """Clients that read results are tried on large counters too, and rows for all of them would fill the memory."""
    client = Client(BUILT_IN.in_manners(["large-record-counters"]).service())
    path = finished_batch(client, operation, "CSV")
    if operation == "query":
        listed = client.ask("GET", f"{path}/result")
        path = f"{path}/result/{fromstring(listed.body or b'')[0].text}"  # noqa: S314  # the reference's own
    else:
        path = f"{path}/result"
    rows = client.ask("GET", path)
    assert len((rows.body or b"").splitlines()) == 1 + 10_000

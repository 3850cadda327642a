"""Answers that do not come whole: what the server ended is the server's, and a broken connection is nobody's."""

from __future__ import annotations

import gzip
import shutil
import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest

from jobinfo_conformance._contract.writer import write
from jobinfo_conformance._exchange import Request
from jobinfo_conformance._targets import http_client
from jobinfo_conformance._targets.http_client import HttpClient, NoAnswer
from tests.conftest import Command
from tests.exchanges import EMPTY, XML
from tests.wire import read_request, wire

BODY = write(EMPTY, XML)
ZIPPED = gzip.compress(BODY, mtime=0)
TIMEOUT = 20


def answering(body: bytes, *headers: bytes, length: int | None = None) -> bytes:
    """An answer that announces so many bytes; by default, as many as it has."""
    announced = b"Content-Length: %d" % (len(body) if length is None else length)
    return head(announced, *headers) + body


def head(*headers: bytes) -> bytes:
    """The head of an answer."""
    return b"\r\n".join([b"HTTP/1.1 201 Created", b"Content-Type: application/xml", *headers, b"", b""])


CHUNKED, GZIP = b"Transfer-Encoding: chunked", b"Content-Encoding: gzip"
ONE_CHUNK = b"%x\r\n%s\r\n" % (len(BODY), BODY)

#: Answers that end early.
EARLY = {
    "short of its length": answering(BODY, length=len(BODY) + 9),
    "without a body": answering(b"", length=9),
    "inside a chunk": head(CHUNKED) + ONE_CHUNK[:50],
    "inside the size of a chunk": head(CHUNKED) + ONE_CHUNK + b"1",
    "before the last chunk": head(CHUNKED) + ONE_CHUNK,
    "inside gzip": answering(ZIPPED[:50], GZIP, length=len(ZIPPED)),
}
#: Answers that are whole by their framing, but not by their content coding.
NOT_DECODING = {
    "half of gzip": answering(ZIPPED[:50], GZIP),
    "gzip without its check": answering(ZIPPED[:-8], GZIP),
    "no gzip": answering(BODY, GZIP),
    "no chunks": head(CHUNKED) + b"size\r\n" + BODY,
}
WHOLE = {
    "by length": answering(BODY),
    "in chunks": head(CHUNKED) + ONE_CHUNK + b"0\r\n\r\n",
    "in gzip": answering(ZIPPED, GZIP),
    "in two members of gzip": answering(gzip.compress(BODY[:9], mtime=0) + gzip.compress(BODY[9:], mtime=0), GZIP),
    "in gzip with an old name": answering(ZIPPED, b"Content-Encoding: X-GZip"),
    "in gzip that is empty": answering(b"", GZIP),
}


@pytest.mark.parametrize("name", [*EARLY, *NOT_DECODING])
def test_an_answer_that_its_server_ends_early_is_the_servers_fault(name: str) -> None:
    """The status counts, and the body is defective."""
    answer = {**EARLY, **NOT_DECODING}[name]
    with wire(lambda _asked: answer) as server, HttpClient(TIMEOUT) as client:
        response = client.send(Request("GET", server.url)).response
    assert response.status == 201
    assert (response.defect or "").startswith("a body that broke off or does not decode: ")


def test_an_error_of_the_suite_is_never_the_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What breaks while a request is prepared is told as it is."""

    def broken(request: Request) -> bytes:
        raise ValueError(f"a bug in {request.method}")

    monkeypatch.setattr(http_client, "_coded", broken)
    with HttpClient(TIMEOUT) as client, pytest.raises(ValueError, match="a bug in GET"):
        client.send(Request("GET", "http://127.0.0.1:9"))


@pytest.mark.parametrize("name", EARLY)
def test_a_connection_that_is_reset_inside_an_answer_is_no_answer(name: str) -> None:
    """Nobody knows what the server would have sent."""
    with wire(lambda _asked: EARLY[name], reset=True) as server, HttpClient(TIMEOUT) as client:
        with pytest.raises(NoAnswer) as caught:
            client.send(Request("GET", server.url))
        assert str(caught.value) == "the connection broke inside the answer: Connection reset by peer"


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("name", WHOLE)
def test_an_answer_that_is_whole_counts_however_its_connection_ends(name: str, *, reset: bool) -> None:
    """With its coding undone."""
    with wire(lambda _asked: WHOLE[name], reset=reset) as server, HttpClient(TIMEOUT) as client:
        response = client.send(Request("GET", server.url)).response
    assert response.defect is None
    assert response.body == (b"" if "empty" in name else BODY)


def test_a_server_that_ends_connections_without_saying_so_costs_one_request() -> None:
    """From then on each request has a connection of its own."""
    per_connection = []
    with socket.create_server(("127.0.0.1", 0)) as listening, HttpClient(TIMEOUT) as client:

        def serve() -> None:
            for _ in range(4):
                accepted, _ = listening.accept()
                with accepted:
                    asked = [read_request(accepted)]
                    accepted.sendall(WHOLE["by length"])
                    asked.append(read_request(accepted))  # empty if the client ends the connection
                    per_connection.append(sum(map(bool, asked)))

        serving = threading.Thread(target=serve)
        serving.start()
        request = Request("POST", f"http://127.0.0.1:{listening.getsockname()[1]}", body=BODY)
        client.send(request)
        with pytest.raises(NoAnswer, match="the connection was closed without an answer"):
            client.send(request)
        assert [client.send(request).response.status for _ in range(3)] == [201, 201, 201]
        serving.join()
    assert per_connection == [2, 1, 1, 1]


def test_a_body_without_a_length_ends_with_its_connection_unless_that_breaks() -> None:
    """As HTTP/1.0 has it."""
    with wire(lambda _asked: head() + BODY) as server, HttpClient(TIMEOUT) as client:
        response = client.send(Request("GET", server.url)).response
    assert (response.body, response.defect) == (BODY, None)
    with (
        wire(lambda _asked: head() + BODY, reset=True) as server,
        HttpClient(TIMEOUT) as client,
        pytest.raises(NoAnswer, match="the connection broke inside the answer"),
    ):
        client.send(Request("GET", server.url))


@pytest.mark.parametrize("reset", [False, True])
def test_a_run_blames_the_server_alone(command: Command, *, reset: bool) -> None:
    """An orderly end is a finding; a reset of the first answer is a target that does not answer."""
    with wire(lambda _asked: EARLY["short of its length"], reset=reset) as server:
        done = command("run", server.url, "--serialization", "xml")
    if reset:
        assert (done.returncode, done.stdout) == (2, "")
        said = f"{server.url} does not answer: the connection broke inside the answer: Connection reset by peer; "
        assert (
            done.stderr
            == f"jobinfo-conformance: {said}perhaps left open: 1 job whose create got no answer, or one without an id\n"
        )
    else:
        assert done.returncode == 1
        assert "FAIL schema/well-formed (MUST, xml)" in done.stdout


def test_a_run_of_several_versions_says_what_it_may_leave_open(command: Command) -> None:
    """As a run of one does."""
    with wire(lambda _asked: EARLY["short of its length"], reset=True) as server:
        done = command("run", server.url, "--api-version", "36.0", "--api-version", "37.0")
    assert done.returncode == 2
    assert "perhaps left open: 1 job whose create got no answer" in done.stderr


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for loopback, with its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    made += ["-subj", "/CN=loopback", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(made, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("name", ["by length", "short of its length"])
def test_a_missing_goodbye_of_tls_is_not_held_against_anybody(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Many servers leave it out; an early end is one by what was announced."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate / "cert.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    answer = {**WHOLE, **EARLY}[name]
    with wire(lambda _asked: answer, tls=context) as server, HttpClient(TIMEOUT) as client:
        response = client.send(Request("GET", server.url)).response
    assert (response.defect is None) == (name in WHOLE)
    assert response.status == 201

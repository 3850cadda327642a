"""Clients whose requests are framed or coded unusually, on real connections: told if they are broken, and not if legal."""

from __future__ import annotations

import gzip
import socket
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from jobinfo_conformance._clients.conforming import ConformingClient, InXml
from jobinfo_conformance._contract.session import SESSION_HEADER
from jobinfo_conformance._exchange import Request
from jobinfo_conformance._reference.server import serving
from jobinfo_conformance._reference.service import Service
from tests.test_clients import failing, judged, judgement


def closing_by(method: str, framing: str, body: bytes | None = None) -> type[ConformingClient]:
    """A client that sends a close byte for byte, and then no more on that connection, before it sends the documented one.

    ``LENGTH`` in the framing stands for the length of the body, which is that of the documented close unless another is given.
    """

    class ClosesInBytes(ConformingClient):
        def close(self, job_id: str) -> None:
            request = self.closing(job_id)
            sent = request.body if body is None else body
            url = urlsplit(request.url)
            head = (
                f"{method} {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Type: application/json\r\nConnection: close\r\n"
            )
            head += f"{SESSION_HEADER}: {self.place.session}\r\n{framing.replace('LENGTH', str(len(sent)))}\r\n\r\n"
            with socket.create_connection((url.hostname or "", url.port or 0), timeout=10) as connection:
                connection.sendall(head.encode() + sent)
                connection.shutdown(socket.SHUT_WR)
                try:
                    while connection.recv(65536):
                        pass
                except ConnectionResetError:
                    pass  # the server had not read all of it
            super().close(job_id)

    return ClosesInBytes


CLOSE = b'{"state": "Closed"}'


@pytest.mark.parametrize(
    ("framing", "body", "got"),
    [
        ("Content-Length: 99", CLOSE, "19 of the 99 bytes of its Content-Length"),
        ("Content-Length: 999999999999999", CLOSE, "19 of the 999999999999999 bytes of its Content-Length"),
        ("Content-Length: -1", CLOSE, "the Content-Length -1"),
        ("Content-Length: abc", CLOSE, "the Content-Length abc"),
        ("Content-Length: 1_9", CLOSE, "the Content-Length 1_9"),
        ("Content-Length: 19\r\nContent-Length: 20", CLOSE, "the Content-Length 19 and 20"),
        ("Transfer-Encoding: chunked", b"zz\r\n" + CLOSE + b"\r\n0\r\n\r\n", "a chunk whose size is 'zz'"),
        ("Transfer-Encoding: chunked", b"0x13\r\n" + CLOSE + b"\r\n0\r\n\r\n", "a chunk whose size is '0x13'"),
        ("Transfer-Encoding: chunked", b"40\r\n" + CLOSE, "19 of the 64 bytes of a chunk"),
        ("Transfer-Encoding: chunked", b"12\r\n" + CLOSE + b"\r\n0\r\n\r\n", "a chunk that is longer than its size"),
        ("Transfer-Encoding: chunked", b"13\r\n" + CLOSE + b"\r\n", "chunks without an end"),
        ("Transfer-Encoding: chunked", b"13\r\n" + CLOSE + b"\r\n0\r\n", "chunks without an end"),
        ("Content-Length: LENGTH\r\nContent-Encoding: gzip", CLOSE, "no gzip, which its Content-Encoding names"),
        ("Content-Length: LENGTH\r\nContent-Encoding: gzip", gzip.compress(CLOSE, mtime=0)[:-6], "gzip that is cut short"),
        (
            "Content-Length: LENGTH\r\nContent-Encoding: gzip",
            gzip.compress(CLOSE, mtime=0) + b"more",
            "no gzip, which its Content-Encoding names",
        ),
        (
            "Content-Length: LENGTH\r\nContent-Encoding: gzip",
            gzip.compress(bytes(40_000_001), mtime=0),
            "more than 40000000 bytes in gzip",
        ),
        ("Content-Length: LENGTH\r\nContent-Encoding: br", CLOSE, "the content encoding br, which is not supported"),
    ],
)
def test_a_close_whose_body_is_not_as_its_headers_announce_it_is_told(framing: str, body: bytes, got: str) -> None:
    """Though the client closes its job as it should afterwards; and the broken close changes nothing."""
    results = judged(closing_by("POST", framing, body))
    found = judgement(results, "client/body-fits-schema").findings
    assert [(finding.expected, finding.got) for finding in found] == [("a body that is as its headers announce it", got)]
    assert judgement(results, "client/closes-once").outcome.holds


@pytest.mark.parametrize(
    ("framing", "body"),
    [
        ("Content-Length: LENGTH", CLOSE),
        ("Content-Length: LENGTH\r\nContent-Length: LENGTH", CLOSE),
        ("Transfer-Encoding: chunked", b"013 ;a=b\r\n" + CLOSE + b"\r\n0\r\nTrailer: x\r\n\r\n"),
        ("Transfer-Encoding: chunked", b"9\r\n" + CLOSE[:9] + b"\r\nA\r\n" + CLOSE[9:] + b"\r\n000\r\n\r\n"),
        (
            "Content-Length: LENGTH\r\nContent-Encoding: gzip",
            gzip.compress(CLOSE[:9], mtime=0) + gzip.compress(CLOSE[9:], mtime=0),
        ),
        ("Content-Length: LENGTH\r\nContent-Encoding: x-gzip", gzip.compress(CLOSE, mtime=0)),
        ("Content-Length: LENGTH\r\nContent-Encoding: GZIP", gzip.compress(CLOSE, mtime=0)),
        ("Content-Length: LENGTH\r\nContent-Encoding: identity", CLOSE),
    ],
)
def test_a_close_in_any_legal_framing_and_coding_closes_the_job(framing: str, body: bytes) -> None:
    """So that all that is wrong with the client is its second close."""
    assert failing(judged(closing_by("POST", framing, body))) == ["client/closes-once"]


@pytest.mark.parametrize("method", ["MERGE", "TRACE", "LINK", "patch", "post", "Post"])
def test_a_close_by_a_method_that_nobody_knows_is_told(method: str) -> None:
    """Methods are case-sensitive (RFC 9110, 9.1)."""
    found = judgement(judged(closing_by(method, "Content-Length: LENGTH")), "client/method")
    assert [finding.got for finding in found.findings] == [method]


class SendsALargeBatch(InXml):
    """Sends a batch in gzip that is as long as a batch may be once it is unpacked."""

    content_type = "CSV"

    def batch(self, job_id: str) -> Request:
        """Of 10,000,000 characters."""
        records = b"Name\n" + b"0123456\xc3\xa9\n" * 1_111_110
        return replace(super().batch(job_id), body=gzip.compress(records, 1, mtime=0)).with_header("Content-Encoding", "gzip")


def test_a_batch_in_gzip_may_be_as_long_as_a_batch_may_be() -> None:
    """Bulk API 1.0 allows 10,000,000 characters."""
    assert failing(judged(SendsALargeBatch)) == []


def test_a_connection_on_which_the_next_request_can_not_be_found_is_ended() -> None:
    """And the answer says so (RFC 9112, 9.6)."""
    with serving(Service()) as url, socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=10) as connection:
        connection.sendall(b"POST /services/async/62.0/job HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n")
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"\r\nConnection: close\r\n" in answer
    assert b"The body is not as its headers announce it: the Content-Length abc" in answer

"""How the reference implementation puts an answer on the wire: its status line, headers, framing and pieces."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from email.utils import formatdate
from http import HTTPStatus
from typing import Protocol

from jobinfo_conformance._exchange import Request, Response

Lines = Sequence[tuple[str, str]]

_PHRASES = {status.value: status.phrase for status in HTTPStatus}


class Stream(Protocol):
    """What an answer is written to."""

    def write(self, piece: bytes, /) -> object:
        """Send a piece at once."""


class Wire:
    """The usual way to send an answer: HTTP/1.1, with a Content-Length, on a connection that stays open.

    Subclasses override a step to send it in another legal way.
    """

    version = "HTTP/1.1"

    def keeps_open(self, response: Response) -> bool:  # noqa: ARG002  # for subclasses
        """Whether the connection stays open after an answer."""
        return True

    def send(self, request: Request, response: Response, stream: Stream) -> None:
        """Send the answer to a request."""
        body, coding = self.coded(response.body or b"", (request.headers.get("Accept-Encoding") or "").lower())
        framed, framing = self.framed(body)
        ending = [] if self.keeps_open(response) else [("Connection", "close")]
        lines = self.headers([*self.general(), *response.headers, *coding, *framing, *ending])
        head = self.interim() + self.status_line(response.status) + b"".join(map(self.line, lines)) + b"\r\n"
        for piece in self.pieces(head, b"" if request.method == "HEAD" else framed):
            stream.write(piece)

    def interim(self) -> bytes:
        """Interim answers, which come before the final one."""
        return b""

    def status_line(self, status: int) -> bytes:
        """The status line."""
        return f"{self.version} {status} {self.phrase(status)}\r\n".encode("latin-1")

    def phrase(self, status: int) -> str:
        """The reason phrase of a status."""
        return _PHRASES.get(status, "")

    def general(self) -> Lines:
        """The headers that every answer has, whatever it says."""
        return [("Server", "jobinfo-reference"), ("Date", formatdate(usegmt=True))]

    def headers(self, lines: Lines) -> Lines:
        """All headers of an answer, in order."""
        return lines

    def line(self, header: tuple[str, str]) -> bytes:
        """A header as it is written."""
        return f"{header[0]}: {header[1]}\r\n".encode("latin-1")

    def coded(self, body: bytes, accepted: str) -> tuple[bytes, Lines]:
        """The body in a content coding that the client accepts, and the headers that say so."""
        if not body or "gzip" not in accepted:
            return body, []
        return gzip.compress(body, mtime=0), [("Content-Encoding", "gzip")]

    def framed(self, body: bytes) -> tuple[bytes, Lines]:
        """The body as it is sent, and the headers that say where it ends."""
        return body, [("Content-Length", str(len(body)))]

    def pieces(self, head: bytes, body: bytes) -> Iterator[bytes]:
        """The pieces in which an answer is sent."""
        yield head
        yield body

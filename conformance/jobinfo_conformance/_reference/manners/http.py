"""Manners of HTTP: status lines, headers, framing, content codings and connections."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate

from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._exchange import Headers, Request, Response
from jobinfo_conformance._reference.manners.manner import after, manner
from jobinfo_conformance._reference.service import Service
from jobinfo_conformance._reference.wire import Lines, Stream, Wire

_FRAMING, _CONNECTION = "where a body ends", "what becomes of the connection"
_PHRASE, _NAMES, _CODING = "the reason phrase", "the names of headers", "the content coding"
_PIECES, _DATE, _LOCATION = "the pieces of an answer", "the Date", "the Location"

_HOUR = 3600


class _Closing(Wire):
    """Answers that close their connections."""

    def keeps_open(self, response: Response) -> bool:  # noqa: ARG002  # whatever it is
        """Never."""
        return False


# Status lines, and what comes before them


@manner(_FRAMING, _CONNECTION, "interim answers")
class AnswersInHttp1(_Closing):
    """Answers are HTTP/1.0, and each closes its connection."""

    version = "HTTP/1.0"


@after(Wire.phrase, _PHRASE)
def no_reason_phrase(_phrase: str) -> str:
    """The status line has no reason phrase."""
    return ""


@after(Wire.phrase, _PHRASE)
def other_reason_phrase(_phrase: str) -> str:
    """The reason phrase is the server's own, and not in ASCII."""
    return "Das wär's: erledigt (404?)"


@manner("interim answers")
class InterimContinue(Wire):
    """Each answer is preceded by 100 Continue, which no client asked for."""

    def interim(self) -> bytes:
        """One interim answer."""
        return super().interim() + b"HTTP/1.1 100 Continue\r\n\r\n"


@manner("interim answers")
class InterimEarlyHints(Wire):
    """Each answer is preceded by two 103 Early Hints with headers."""

    def interim(self) -> bytes:
        """Two interim answers."""
        return super().interim() + 2 * b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"


@manner("interim answers")
class InterimProcessing(Wire):
    """Each answer is preceded by 102 Processing."""

    def interim(self) -> bytes:
        """One interim answer."""
        return super().interim() + b"HTTP/1.1 102 Processing\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\n\r\n"


# Connections


@manner(_CONNECTION)
class NoKeepAlive(_Closing):
    """Every answer closes its connection and says so."""


@manner(_CONNECTION)
class RefusalsCloseTheConnection(Wire):
    """A refusal closes its connection."""

    def keeps_open(self, response: Response) -> bool:
        """Unless it is a refusal."""
        return response.status < 400


@after(Wire.general, _CONNECTION)
def keep_alive_headers(lines: Lines) -> Lines:
    """Headers say that the connection stays open, for how long and for how many requests."""
    return [*lines, ("Connection", "keep-alive"), ("Keep-Alive", "timeout=5, max=100")]


@manner(_PIECES)
class ByteByByte(Wire):
    """Answers are sent one byte at a time."""

    def pieces(self, head: bytes, body: bytes) -> Iterator[bytes]:
        """One byte each."""
        return (bytes([byte]) for piece in super().pieces(head, body) for byte in piece)


@manner(_PIECES)
class SlowHeaders(Wire):
    """There is a pause after each header."""

    def pieces(self, head: bytes, body: bytes) -> Iterator[bytes]:
        """Line by line."""
        for line in head.splitlines(keepends=True):
            yield line
            time.sleep(0.001)
        yield body


@manner(_PIECES)
class SlowBodies(Wire):
    """There are pauses within the body."""

    def pieces(self, head: bytes, body: bytes) -> Iterator[bytes]:
        """In pieces of 200 bytes."""
        yield head
        for start in range(0, len(body), 200):
            time.sleep(0.002)
            yield body[start : start + 200]


@manner()
class LateAnswers(Wire):
    """Each answer is delayed by 20 ms."""

    def send(self, request: Request, response: Response, stream: Stream) -> None:
        """Wait first."""
        time.sleep(0.02)
        super().send(request, response, stream)


# Framing


def _chunks(body: bytes, size: int) -> list[bytes]:
    return [body[start : start + size] for start in range(0, len(body), size)]


class _Chunked(Wire):
    """The body in chunks."""

    sizes = 1000
    coding = "chunked"
    last = b"0\r\n\r\n"

    def framed(self, body: bytes) -> tuple[bytes, Lines]:
        """The body in chunks, and no length."""
        written = [self.size(len(chunk)) + b"\r\n" + chunk + b"\r\n" for chunk in _chunks(body, self.sizes)]
        return b"".join(written) + self.last, [("Transfer-Encoding", self.coding)]

    def size(self, length: int) -> bytes:
        """The size of a chunk as it is written."""
        return f"{length:x}".encode()


@manner(_FRAMING)
class LengthWithZeros(Wire):
    """The Content-Length has leading zeros."""

    def framed(self, body: bytes) -> tuple[bytes, Lines]:
        """In ten digits."""
        return body, [("Content-Length", f"{len(body):010}")]


@manner(_FRAMING)
class Chunked(_Chunked):
    """Bodies are chunked, and sizes have leading zeros and upper-case digits."""

    coding = "Chunked"

    def size(self, length: int) -> bytes:
        """With zeros before it."""
        return f"{length:06X}".encode()


@manner(_FRAMING)
class OneByteChunks(_Chunked):
    """Bodies are sent in chunks of one byte."""

    sizes = 1


@manner(_FRAMING)
class OddChunks(_Chunked):
    """Bodies are sent in chunks of 7 bytes, which split tags and characters."""

    sizes = 7


@manner(_FRAMING)
class ChunkExtensions(_Chunked):
    """Each chunk has extensions, one of them quoted."""

    sizes = 100

    def size(self, length: int) -> bytes:
        """With extensions behind it."""
        return f'{length:x};part;name="a; b"'.encode()


@manner(_FRAMING)
class Trailers(_Chunked):
    """Bodies are chunked, with trailers after the last chunk."""

    last = b"0\r\nServer-Timing: total;dur=1\r\nX-Checksum: 0\r\n\r\n"

    def framed(self, body: bytes) -> tuple[bytes, Lines]:
        """With a header that announces the trailers."""
        framed, lines = super().framed(body)
        return framed, [*lines, ("Trailer", "Server-Timing, X-Checksum")]


@manner(_FRAMING, _CONNECTION)
class EndOfConnection(_Closing):
    """Bodies have no length: they end when the connection is closed."""

    def framed(self, body: bytes) -> tuple[bytes, Lines]:
        """No length."""
        return body, []


# Content codings, where a client accepts them


@manner(_CODING)
class OldNameOfGzip(Wire):
    """To a client that accepts gzip, the coding is called x-gzip."""

    def coded(self, body: bytes, accepted: str) -> tuple[bytes, Lines]:
        """By the other name."""
        coded, lines = super().coded(body, accepted)
        return coded, [(name, "x-gzip") for name, _ in lines]


@manner(_CODING)
class CapitalGzip(Wire):
    """To a client that accepts gzip, the coding is called GZIP."""

    def coded(self, body: bytes, accepted: str) -> tuple[bytes, Lines]:
        """In capitals."""
        coded, lines = super().coded(body, accepted)
        return coded, [(name, "GZIP") for name, _ in lines]


@manner(_CODING)
class GzipMembers(Wire):
    """To a client that accepts gzip, bodies are gzip of several members."""

    def coded(self, body: bytes, accepted: str) -> tuple[bytes, Lines]:
        """A member for each 100 bytes."""
        coded, lines = super().coded(body, accepted)
        return (b"".join(map(gzip.compress, _chunks(body, 100))) if lines else coded), lines


@manner(_CODING)
class Deflate(Wire):
    """To a client that accepts deflate, bodies are in that coding."""

    def coded(self, body: bytes, accepted: str) -> tuple[bytes, Lines]:
        """In the format of zlib, as the standard has it."""
        if "deflate" not in accepted:
            return super().coded(body, accepted)
        return zlib.compress(body), [("Content-Encoding", "deflate")]


# Headers


@manner(_NAMES)
class LowerCaseHeaders(Wire):
    """Header names are in lower case."""

    def line(self, header: tuple[str, str]) -> bytes:
        """In lower case."""
        return super().line((header[0].lower(), header[1]))


@manner(_NAMES)
class UpperCaseHeaders(Wire):
    """Header names are in upper case."""

    def line(self, header: tuple[str, str]) -> bytes:
        """In upper case."""
        return super().line((header[0].upper(), header[1]))


@manner("white space around the values of headers")
class NoSpaceInHeaders(Wire):
    """Headers have no space after the colon."""

    def line(self, header: tuple[str, str]) -> bytes:
        """Without the space."""
        return super().line(header).replace(b": ", b":", 1)


@manner("white space around the values of headers")
class SpaceInHeaders(Wire):
    """Header values have spaces and tabs around them."""

    def line(self, header: tuple[str, str]) -> bytes:
        """With white space on both sides."""
        return super().line((header[0], f" \t {header[1]} \t"))


@after(Wire.headers)
def headers_in_another_order(lines: Lines) -> Lines:
    """Headers are in reverse order, with Content-Length first and Date near the end."""
    return lines[::-1]


@after(Wire.general)
def cookies(lines: Lines) -> Lines:
    """Each answer sets cookies, which no later request has to carry."""
    return [
        *lines,
        ("Set-Cookie", "BrowserId=QWxsIG9mIGl0; domain=.example.com; path=/; expires=Fri, 31-Dec-2038 23:59:59 GMT"),
        ("Set-Cookie", "CookieConsentPolicy=0:1; path=/; Max-Age=31536000; secure; HttpOnly; SameSite=None"),
    ]


@after(Wire.general)
def gateway_headers(lines: Lines) -> Lines:
    """Answers have the headers that gateways add: on security, caching and limits."""
    return [
        *lines,
        ("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-cache,must-revalidate,max-age=0,no-store,private"),
        ("Expires", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("Vary", "Accept-Encoding"),
        ("Vary", "Origin"),
        ("ETag", 'W/"00d-1"'),
        ("Last-Modified", "Mon, 01 Jan 2024 00:00:00 GMT"),
        ("Retry-After", "1"),
        ("Sforce-Limit-Info", "api-usage=18/15000"),
        ("Via", "1.1 gateway.example"),
        ("Alt-Svc", 'h3=":443"; ma=86400'),
    ]


@after(Wire.general)
def many_headers(lines: Lines) -> Lines:
    """Each answer has 60 further headers, some of them empty."""
    return [*lines, *((f"X-Trace-{number}", "" if number % 7 == 0 else f"hop {number}") for number in range(60))]


@after(Wire.general)
def long_header(lines: Lines) -> Lines:
    """One header is 16,000 characters long."""
    return [*lines, ("X-Policy", "default-src 'self'; " * 800)]


@after(Wire.general)
def latin_1_header(lines: Lines) -> Lines:
    """A header has a value that is not in ASCII."""
    return [*lines, ("X-Region", "Zürich, Île-de-France")]


@after(Wire.headers, _DATE)
def no_date(lines: Lines) -> Lines:
    """Answers have neither Date nor Server."""
    return [(name, value) for name, value in lines if name not in ("Date", "Server")]


@after(Wire.headers, _DATE)
def date_of_another_clock(lines: Lines) -> Lines:
    """The Date header is seven hours slow."""
    return [(name, formatdate(time.time() - 7 * _HOUR, usegmt=True) if name == "Date" else value) for name, value in lines]


# Where a new job is


def _located(response: Response, location: str | None) -> Response:
    others = response.headers.without("Location")
    return replace(response, headers=Headers.of([*others, *([("Location", location)] if location else [])]))


@after(Service.create, _LOCATION)
def no_location(created: Response) -> Response:
    """The answer to a create has no Location."""
    return _located(created, None)


@after(Service.create, _LOCATION)
def location_on_another_host(created: Response) -> Response:
    """The Location of a new job is on another host, which only the server's network knows."""
    return _located(created, f"https://na1-internal.example:8443{created.headers.get('Location')}")


@after(Service.create, _LOCATION)
def location_with_a_slash(created: Response) -> Response:
    """The Location of a new job ends in a slash."""
    return _located(created, f"{created.headers.get('Location')}/")


@after(Service.create, _LOCATION)
def relative_location(created: Response) -> Response:
    """The Location of a new job is relative to the URL of the create."""
    return _located(created, "job/" + (created.headers.get("Location") or "").rpartition("/")[2])


@manner(_LOCATION)
class AbsoluteLocation(Service):
    """The Location of a new job is an absolute URL, and so is its Content-Location."""

    def create(self, request: Request, version: Version) -> Response:
        """Complete the Location by the URL of the request."""
        created = super().create(request, version)
        url = f"{request.url.rstrip('/')}/{(created.headers.get('Location') or '').rpartition('/')[2]}"
        located = _located(created, url)
        return replace(located, headers=Headers.of([*located.headers, ("Content-Location", url)]))

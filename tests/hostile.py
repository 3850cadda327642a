"""Hostile answers: a conforming endpoint behind a wire that spoils what it says, byte by byte, in one way each."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from jobinfo_conformance._reference.spoiled_bytes import (
    CHUNKED,
    GZIP,
    MEGABYTE,
    Spoil,
    body_of,
    bomb,
    endless,
    with_body,
    with_field,
    with_headers,
    with_status_line,
)
from jobinfo_conformance._reference.spoiled_bytes import framed as framed_by_hand
from jobinfo_conformance._reference.spoiled_bytes import redirect as redirect_to
from tests.endpoint import SESSION, endpoint
from tests.wire import forwarding_to, wire

ESCAPES = "\x1b]0;owned\x07\x1b[2J\u202e\u2066::error::owned\r\n::error::owned"


@contextmanager
def hostile_endpoint(spoil: Spoil, when: bytes = b"") -> Iterator[str]:
    """Yield the URL of an endpoint whose answers to requests that contain ``when`` are spoiled."""
    with endpoint() as honest:
        forwarded = forwarding_to(urlsplit(honest.url).port or 0)

        def answer(request: bytes) -> bytes | Iterable[bytes]:
            answered = forwarded(request)
            assert isinstance(answered, bytes)
            return spoil(answered) if when in request else answered

        with wire(answer) as found:
            yield found.url


def status(line: bytes) -> Spoil:
    """Another status line."""
    return lambda answer: with_status_line(answer, line)


def header(*lines: bytes, without: bytes = b"") -> Spoil:
    """These lines at the beginning of the head, and none that begins with ``without``."""
    return lambda answer: with_headers(answer, *lines, without=without)


def body(make: bytes | Callable[[bytes], bytes], *lines: bytes) -> Spoil:
    """Another body, with its right length."""
    return lambda answer: with_body(answer, make if isinstance(make, bytes) else make(body_of(answer)), *lines)


def field(name: str, value: bytes) -> Spoil:
    """A jobInfo or an error with another value for a field, in XML or in JSON."""
    return lambda answer: with_field(answer, name, value)


def framed(rest: bytes | Iterable[bytes], *lines: bytes) -> Spoil:
    """What follows the head is framed by hand."""
    return lambda answer: framed_by_hand(answer, rest, *lines)


def redirect(location: bytes, content: bytes = b"", *lines: bytes) -> Spoil:
    """A redirect that leads anywhere."""
    return lambda _answer: redirect_to(location, content, *lines)


def dripping(answer: bytes) -> Iterator[bytes]:
    """An answer, a byte at a time."""
    for place in range(len(answer)):
        time.sleep(0.2)
        yield answer[place : place + 1]


_ODD_IDS = {
    "traversal": b"..%2F..%2F..%2Fsecret",
    "plain traversal": b"../../../../secret",
    "escapes": b"750\\u001b[2J\x1b[2J0000000000",
    "ten megabytes": b"7" * 100_000,
    "empty": b"",
    "a surrogate": b"\\ud800",
    "a query": b"750000000000001AAA?x=",
    "full-width": b"\xef\xbc\x97" * 15,
}

#: What is wrong with the head of an answer.
HEADS: Mapping[str, Spoil] = {
    **{
        f"status line {line!r}": status(line)
        for line in (
            b"HTTP/1.1 abc",
            b"HTTP/1.1 99 x",
            b"HTTP/1.1 1000 x",
            b"HTTP/9.9 200 OK",
            b"HTTP/1.1",
            b"",
            b"\0\0",
            b"X" * 70_000,
        )
    },
    "status line with escapes": status(ESCAPES.encode()),
    "101": status(b"HTTP/1.1 101 Switching Protocols"),
    "location http://[": redirect(b"http://["),
    "location of raw bytes": redirect(b"\xff\xfe\x80://\x00"),
    "location in another scheme": redirect(b"javascript:alert(1)"),
    "location of a megabyte": redirect(b"/" + b"x" * 60_000),
    "location with a port that is none": redirect(b"https://host:99999999/"),
    "location to itself": redirect(b"?" * 10),
    "redirect with a gzip bomb": redirect(b"/", bomb(64 * MEGABYTE), GZIP),
    "redirect with nested bombs": redirect(b"/", bomb(64 * MEGABYTE, layers=3), b"Content-Encoding: gzip, gzip, gzip"),
    "charset* that can't be decoded": header(
        b"Content-Type: application/xml; charset*=utf-8''%ff%fe%", without=b"content-type"
    ),
    "charset* of no charset": header(
        b"Content-Type: application/json; charset*=x'y'%80; charset*0*=a", without=b"content-type"
    ),
    "charset of NULs": header(b"Content-Type: application/xml; charset=\0\x01", without=b"content-type"),
    "charset that is no text encoding": header(b"Content-Type: application/xml; charset=base64", without=b"content-type"),
    "charset idna": header(b"Content-Type: application/json; charset=idna", without=b"content-type"),
    "content type of 60 kB": header(b"Content-Type: " + b";a=b" * 15_000, without=b"content-type"),
    "a line without a colon": header(b"no header at all"),
    "a first line that continues": header(b" continued: yes"),
    "a colon alone": header(b": nothing"),
    "100,000 headers": header(*[b"X-%d: y" % number for number in range(100_000)]),
    "90 headers of 65 kB": header(*[b"X-%d: " % number + b"y" * 65_000 for number in range(90)]),
    "9 headers of 9 kB": header(*[b"X-%d: " % number + b"y" * 9_000 for number in range(9)]),
    "a header of 10 MB": header(b"X-Long: " + b"y" * (10 * MEGABYTE)),
    "NULs in a header": header(b"X-Nul: a\0b\0"),
    "bytes that are not ASCII": header(b"X-\xff: \xfe\xe2\x80\xae"),
    "escapes in a header": header(b"X-Escapes: \x1b]0;owned\x07\x1b[2J"),
    "bare line feeds": lambda answer: answer.replace(b"\r\n", b"\n"),
    "bare carriage returns": lambda answer: answer.replace(b"\r\n", b"\r", 3),
    "a length that is negative": header(b"Content-Length: -1", without=b"content-length"),
    "a length that is no number": header(b"Content-Length: \xb2", without=b"content-length"),
    "a length of many digits": header(b"Content-Length: " + b"9" * 5_000, without=b"content-length"),
    "two lengths": header(b"Content-Length: 5"),
    "a length that is too short": header(b"Content-Length: 9", without=b"content-length"),
    "a set-cookie of 60 kB": header(b"Set-Cookie: a=" + b"; expires=" * 6_000),
    "www-authenticate of nothing": lambda _answer: b"HTTP/1.1 401 No\r\nWWW-Authenticate: Digest\r\nContent-Length: 0\r\n\r\n",
    "interim answers, then the final one": lambda answer: [
        b"HTTP/1.1 102 P\r\n\r\nHTTP/1.1 103 E\r\nLink: x\r\n\r\n" * 50,
        answer,
    ],
}
#: What is wrong with the framing and the coding of a body.
FRAMES: Mapping[str, Spoil] = {
    **{
        f"chunk size {size!r}": framed(size + b"\r\nabc\r\n0\r\n\r\n", CHUNKED)
        for size in (
            b"-5",
            b"-1",
            b"0x3",
            b"zz",
            b"f" * 16,
            b"f" * 5_000,
            b"3;" + b"x" * MEGABYTE,
            b"\xb2",
            b"",
            b"1_0",
            b"+3",
            b" 3",
        )
    },
    "trailers": framed(b"0\r\n" + b"X: y\r\n" * 200_000 + b"\r\n", CHUNKED),
    "chunks of one byte": framed(b"1\r\n \r\n" * 300_000 + b"0\r\n\r\n", CHUNKED),
    "chunked twice": framed(b"0\r\n\r\n", CHUNKED, CHUNKED),
    "a gzip bomb": body(bomb(64 * MEGABYTE), GZIP),
    "a nested bomb": body(bomb(64 * MEGABYTE, layers=3), b"Content-Encoding: gzip, gzip, gzip"),
    "empty members of gzip": body(gzip.compress(b"", mtime=0) * 50_000, GZIP),
    "a hundred codings": body(b"x", b"Content-Encoding: " + b", ".join([b"gzip"] * 100)),
    "deflate, bare": body(zlib.compress(b"x")[2:-4], b"Content-Encoding: deflate"),
    "deflate that is none": body(b"\xff" * 99, b"Content-Encoding: deflate"),
    "an unknown coding": body(b"\x01" * 99, b"Content-Encoding: br"),
    "gzip that breaks off": body(gzip.compress(b"x" * 999, mtime=0)[:-9], GZIP),
    "gzip of another length": body(gzip.compress(b"x" * 999, mtime=0)[:-4] + b"\0\0\0\0", GZIP),
}
#: What is wrong with the text of a body.
TEXTS: Mapping[str, Spoil] = {
    "two megabytes": body(b"<" + b"x" * (2 * MEGABYTE)),
    "JSON, 50,000 deep": body(b"[" * 50_000),
    "objects, 20,000 deep": body(b'{"a":' * 20_000),
    "a number of 10,000 digits": field("numberRetries", b"9" * 10_000),
    "a fraction of 10,000 digits": field("numberRetries", b"0." + b"9" * 10_000),
    "an exponent": field("numberRetries", b"1e999999999"),
    "NaN": field("apiVersion", b"NaN"),
    "-Infinity": field("apiVersion", b"-Infinity"),
    "a surrogate in a value": field("object", b'"\\ud800"'),
    "a surrogate in a name": body(b'{"\\udfff": 1, "id": "750000000000001AAA"}'),
    "keys by the thousand": body(b"{" + b",".join([b'"a":1'] * 15_000) + b"}"),
    "unknown keys by the thousand": body(b"{" + b",".join(b'"k%d":1' % number for number in range(9_000)) + b"}"),
    "unknown elements by the thousand": body(
        lambda old: old.replace(b"</jobInfo>", b"".join(b"<e%d/>" % number for number in range(9_000)) + b"</jobInfo>")
    ),
    "attributes by the thousand": body(
        lambda old: old.replace(b"<state>", b"<state %s>" % b" ".join(b"a%d='1'" % n for n in range(9_000)))
    ),
    "an XML bomb": body(
        b"<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'>%s]><jobInfo>&z;</jobInfo>"
        % b"".join(b"<!ENTITY %c '%b'>" % (c, b"&%c;" % (c - 1) * 10) for c in range(ord("b"), ord("z") + 1))
    ),
    "an external entity": body(b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><jobInfo>&x;</jobInfo>"),
    "elements, 10,000 deep": body(b"<a>" * 10_000),
    "a declared encoding that does not exist": body(b"<?xml version='1.0' encoding='none-such'?><jobInfo/>"),
    "a declared encoding that is no text": body(b"<?xml version='1.0' encoding='zlib_codec'?><jobInfo/>"),
    "UTF-7": body(b"<?xml version='1.0' encoding='UTF-7'?>+ADw-jobInfo/+AD4-"),
    "escapes in every value": field("object", f'"{ESCAPES}"'.encode()),
    "workflow commands": field("exceptionMessage", b"\n::error::owned\n::set-output name=x::y"),
    "open comments": body(b"<!--" * 30_000),
    "escapes without end": body(b"\\u0041&#65;%41" * 8_000),
    "the session but its end, again and again": body((SESSION[:-1].encode() + b" ") * 4_000),
    "dates beyond the calendar": field("createdDate", b'"99999-99-99T99:99:99.999Z"'),
}


def located(location: bytes) -> Spoil:
    """An empty body and this Location."""
    return lambda answer: with_headers(with_body(answer, b""), b"Location: " + location, without=b"location")


#: Ids that are none, in bodies and in Location headers.
IDS: Mapping[str, Spoil] = {
    **{f"id in the body: {name}": field("id", b'"%b"' % value) for name, value in _ODD_IDS.items()},
    **{f"id in Location: {name}": located(b"/services/async/36.0/job/" + value[:60_000]) for name, value in _ODD_IDS.items()},
    "a Location out of the job resource": located(b"https://elsewhere.invalid/services/async/36.0/job/750000000000001AAA"),
}
#: Answers that never end. Each takes as long as --timeout says.
ENDLESS: Mapping[str, Spoil] = {
    "a head that drips": dripping,
    "interim answers without end": lambda _answer: endless(b"HTTP/1.1 102 Processing\r\n\r\n" * 99),
    "continues without end": lambda _answer: endless(b"HTTP/1.1 100 Continue\r\n\r\n" * 99),
    "headers without end": lambda _answer: [b"HTTP/1.1 200 OK\r\n", *([b"X: y\r\n" * 999] * 999)],
    "a body without end": framed(endless(b"x" * 65_536)),
    "chunks without end": framed(endless(b"5\r\nxxxxx\r\n" * 999), CHUNKED),
    "a chunk extension without end": framed(endless(b"5;" + b"x" * 65_536), CHUNKED),
    "trailers without end": framed((part for part in [b"0\r\n", *([b"X: y\r\n" * 9_999] * 999)]), CHUNKED),
}

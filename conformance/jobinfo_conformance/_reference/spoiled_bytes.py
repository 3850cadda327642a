"""Spoiling the bytes of an answer: another status line, header, framing or body, such as no library would send."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache

#: Makes what is sent from the bytes of an honest answer, at once or in pieces.
Spoil = Callable[[bytes], bytes | Iterable[bytes]]

MEGABYTE = 1 << 20
CHUNKED, GZIP = b"Transfer-Encoding: chunked", b"Content-Encoding: gzip"


def with_status_line(answer: bytes, line: bytes) -> bytes:
    """The answer with another status line."""
    return line + answer[answer.index(b"\r\n") :]


def with_headers(answer: bytes, *lines: bytes, without: bytes = b"") -> bytes:
    """The answer with these lines at the beginning of its head, and none that begins with ``without``."""
    kept = re.sub(rb"(?im)^%b:.*\r\n" % without, b"", answer) if without else answer
    return kept.replace(b"\r\n", b"\r\n" + b"".join(line + b"\r\n" for line in lines), 1)


def with_body(answer: bytes, body: bytes, *lines: bytes) -> bytes:
    """The answer with another body, its right length, and these lines in its head."""
    return _head(answer, *lines, b"Content-Length: %d" % len(body)) + body


def framed(answer: bytes, rest: bytes | Iterable[bytes], *lines: bytes) -> Iterator[bytes]:
    """The head of the answer without a length and with these lines, and then whatever follows."""
    yield _head(answer, *lines)
    yield from [rest] if isinstance(rest, bytes) else rest


def redirect(location: bytes, body: bytes = b"", *lines: bytes) -> bytes:
    """A redirect that leads anywhere, after which the connection ends."""
    return with_body(b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\n\r\n", body, b"Connection: close", *lines)


def body_of(answer: bytes) -> bytes:
    """The body of the answer."""
    return answer.partition(b"\r\n\r\n")[2]


def with_field(answer: bytes, name: str, value: bytes) -> bytes:
    """The answer with another value for a field of its jobInfo, in XML or in JSON, and its right length."""
    key = name.encode()
    body = re.sub(rb"(<%b>)[^<]*(</%b>)" % (key, key), lambda found: found[1] + value + found[2], body_of(answer))
    body = re.sub(rb'("%b"\s*:\s*)("[^"]*"|[^,}\s]+)' % key, lambda found: found[1] + value, body)
    return with_body(answer, body)


def endless(part: bytes) -> Iterator[bytes]:
    """The same again and again, as fast as it is read."""
    while True:
        yield part


@cache
def bomb(size: int, *, layers: int = 1) -> bytes:
    """So many bytes of white space, in so many layers of gzip."""
    packed = gzip.compress(b" " * size, mtime=0)
    for _ in range(layers - 1):
        packed = gzip.compress(packed, mtime=0)
    return packed


def _head(answer: bytes, *lines: bytes) -> bytes:
    head = answer.partition(b"\r\n\r\n")[0] + b"\r\n"
    return (
        re.sub(rb"(?im)^(content-length|content-encoding):.*\r\n", b"", head)
        + b"".join([b"%b\r\n" % line for line in lines])
        + b"\r\n"
    )

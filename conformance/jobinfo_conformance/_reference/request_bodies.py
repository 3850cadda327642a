"""The body of a request as a server gets at it: read by the headers that say how long it is, and unpacked."""

from __future__ import annotations

import gzip
import re
import zlib
from io import BufferedIOBase, BytesIO

from jobinfo_conformance._exchange import Headers

#: The longest body that is unpacked, in bytes: the 10,000,000 characters that a batch may have take up to four each.
LONGEST_UNPACKED = 40_000_000
_GZIP = ("gzip", "x-gzip")  # RFC 9110, 8.4.1.3
_PIECE = 1 << 16
_LONGEST_LINE = 8192
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,15}")


class BrokenBody(Exception):
    """A body is not as its headers announce it; ``came`` is what came of it, as it was sent."""

    def __init__(self, defect: str, came: bytes) -> None:
        super().__init__(defect)
        self.came = came


def received(stream: BufferedIOBase, headers: Headers) -> bytes:
    """The body as it was sent, put together from its chunks. Raises BrokenBody (RFC 9112, 6 to 8)."""
    if "chunked" in (headers.get("Transfer-Encoding") or "").lower():
        return _joined(stream)
    lengths = sorted({value.strip() for name, value in headers if name.lower() == "content-length"}) or ["0"]
    if len(lengths) > 1 or not re.fullmatch("[0-9]{1,15}", lengths[0]):
        raise BrokenBody(f"the Content-Length {' and '.join(lengths)}", b"")
    length = int(lengths[0])
    body = _up_to(stream, length)
    if len(body) < length:
        raise BrokenBody(f"{len(body)} of the {length} bytes of its Content-Length", body)
    return body


def unpacked(body: bytes, headers: Headers) -> bytes:
    """The body without its content coding. Raises BrokenBody if that is unknown, or the body is not in it."""
    coding = (headers.get("Content-Encoding") or "identity").strip().lower()
    if coding == "identity" or not body:  # the vendor's client names a coding on each GET
        return body
    if coding not in _GZIP:
        raise BrokenBody(f"the content encoding {coding}, which is not supported", body)
    try:
        with gzip.open(BytesIO(body)) as members:
            found = members.read(LONGEST_UNPACKED + 1)
    except EOFError as error:
        raise BrokenBody("gzip that is cut short", body) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise BrokenBody("no gzip, which its Content-Encoding names", body) from error
    if len(found) > LONGEST_UNPACKED:
        raise BrokenBody(f"more than {LONGEST_UNPACKED} bytes in gzip", body)
    return found


def _joined(stream: BufferedIOBase) -> bytes:
    body = bytearray()
    while size := _chunk_size(stream, body):
        chunk = _up_to(stream, size)
        body += chunk
        if len(chunk) < size:
            raise BrokenBody(f"{len(chunk)} of the {size} bytes of a chunk", bytes(body))
        if stream.readline(3).strip():
            raise BrokenBody("a chunk that is longer than its size", bytes(body))
    while (trailer := stream.readline(_LONGEST_LINE)).strip():
        pass
    if not trailer:
        raise BrokenBody("chunks without an end", bytes(body))
    return bytes(body)


def _chunk_size(stream: BufferedIOBase, body: bytearray) -> int:
    line = stream.readline(_LONGEST_LINE)
    if not line:
        raise BrokenBody("chunks without an end", bytes(body))
    size = line.partition(b";")[0].strip()
    if not _SIZE.fullmatch(size):
        raise BrokenBody(f"a chunk whose size is {size[:20].decode('latin-1')!r}", bytes(body))
    return int(size, 16)


def _up_to(stream: BufferedIOBase, size: int) -> bytes:
    """What comes, up to a size. A size is only announced, so no memory is taken for it ahead."""
    body = bytearray()
    while piece := stream.read(min(size - len(body), _PIECE)):
        body += piece
    return bytes(body)

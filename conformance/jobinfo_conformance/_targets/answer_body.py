"""Reading the body of an answer off the wire, and whose fault it is if it does not come whole.

An early but orderly end is the server's: the body that it announced is defective. If the connection breaks, there is no answer.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import requests
from urllib3.exceptions import HTTPError

from jobinfo_conformance._contract.document import LONGEST_BODY
from jobinfo_conformance._targets.transport_errors import is_broken_connection, reason

_CHUNK = 1 << 14
_GZIP = ("gzip", "x-gzip")


class ConnectionBroke(Exception):
    """The connection broke inside an answer; the message says how."""


def read_body(answer: requests.Response) -> tuple[bytes, str | None]:
    """Return the body with its content coding undone, and what is wrong with it in transit. Raises ConnectionBroke."""
    body = bytearray()
    try:
        for part in _decoded(answer):
            body += part
            if len(body) > LONGEST_BODY:
                break  # a reader refuses it for its length already; the rest would prove nothing
    except (requests.RequestException, HTTPError, zlib.error, EOFError, OSError) as error:
        if is_broken_connection(error):
            raise ConnectionBroke(reason(error)) from error
        return bytes(body), f"a body that broke off or does not decode: {reason(error)}"
    return bytes(body), None


def _decoded(answer: requests.Response) -> Iterator[bytes]:
    """Yield the body in parts. Raises EOFError if it is gzip that ends early, which urllib3 does not notice."""
    coding = (answer.headers.get("Content-Encoding") or "").strip().lower()
    if coding not in _GZIP:
        yield from answer.iter_content(_CHUNK)
        return
    unzip = zlib.decompressobj(wbits=31)
    is_empty = True
    for part in answer.raw.stream(_CHUNK, decode_content=False):
        is_empty = is_empty and not part
        yield unzip.decompress(part)
        while unzip.eof and unzip.unused_data.startswith(b"\x1f\x8b"):  # gzip may have several members
            unused, unzip = unzip.unused_data, zlib.decompressobj(wbits=31)
            yield unzip.decompress(unused)
    if not unzip.eof and not is_empty:
        raise EOFError("the gzip stream ends early")

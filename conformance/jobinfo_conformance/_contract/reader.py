"""The reader of bodies in either serialization."""

from __future__ import annotations

import codecs
from functools import lru_cache

from jobinfo_conformance._contract.charset import charset_of
from jobinfo_conformance._contract.document import LONGEST_BODY, Reading
from jobinfo_conformance._contract.json_reader import read_json
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.xml_reader import read_xml
from jobinfo_conformance._finding import Finding

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


#: Up to this length, in bytes, what was read of a body is kept, since it is asked for again and again. The documents of longer
#: ones would fill the memory.
LONGEST_KEPT = 1 << 14


def read(body: bytes, content_type: str | None = None, otherwise: Serialization | None = Serialization.JSON) -> Reading:
    """Read a body of up to 1,048,576 bytes as XML or JSON.

    The first character of the body decides which. If it begins neither, ``content_type`` decides; if that names
    neither, ``otherwise``.
    """
    return (_read_and_keep if len(body) <= LONGEST_KEPT else _read_for_now)(body, content_type, otherwise)


@lru_cache(maxsize=256)
def _read_and_keep(body: bytes, content_type: str | None, otherwise: Serialization | None) -> Reading:
    return _read(body, content_type, otherwise)


@lru_cache(maxsize=4)
def _read_for_now(body: bytes, content_type: str | None, otherwise: Serialization | None) -> Reading:
    return _read(body, content_type, otherwise)


def _read(body: bytes, content_type: str | None, otherwise: Serialization | None) -> Reading:
    serialization = serialization_of(body, content_type) or otherwise or Serialization.JSON
    if len(body) > LONGEST_BODY:
        finding = Finding("schema/well-formed", f"at most {LONGEST_BODY} bytes", f"at least {len(body)} bytes", "body")
        return Reading(serialization, None, (finding,))
    if not body.strip():
        finding = Finding("schema/well-formed", "a body", "an empty body", "body")
        return Reading(serialization, None, (finding,))
    if serialization is Serialization.JSON:
        return read_json(body)
    return read_xml(body, charset_of(content_type))


def serialization_of(body: bytes, content_type: str | None = None) -> Serialization | None:
    """The serialization of a body, by its first character or else its media type; None if neither tells."""
    for mark in _MARKS:
        body = body.removeprefix(mark)
    start = body[:4096].replace(b"\0", b"").lstrip()[:1]
    if start == b"<":
        return Serialization.XML
    if start in (b"{", b"["):
        return Serialization.JSON
    return Serialization.of_media_type(content_type)

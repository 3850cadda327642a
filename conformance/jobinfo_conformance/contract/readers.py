"""Reading a body whose serialization has to be seen first."""

from __future__ import annotations

import codecs
from email.message import Message
from functools import lru_cache

from jobinfo_conformance.contract.json_reader import read_json
from jobinfo_conformance.contract.reading import LONGEST_BODY, Finding, Reading, Serialization
from jobinfo_conformance.contract.xml_reader import read_xml

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@lru_cache(maxsize=256)
def read(body: bytes, content_type: str | None = None, otherwise: Serialization | None = Serialization.JSON) -> Reading:
    """Read a body of up to 1,048,576 bytes in the serialization that it is in.

    The body itself decides, by its first character; where that is of neither, ``content_type``; where that names
    neither, it is read as ``otherwise`` says.
    """
    serialization = serialization_of(body, content_type) or otherwise or Serialization.JSON
    if len(body) > LONGEST_BODY:
        finding = Finding("schema/well-formed", "body", f"at most {LONGEST_BODY} bytes", f"{len(body)} bytes or more")
        return Reading(serialization, None, (finding,))
    if not body.strip():
        finding = Finding("schema/well-formed", "body", "a body", "an empty body")
        return Reading(serialization, None, (finding,))
    if serialization is Serialization.JSON:
        return read_json(body)
    return read_xml(body, charset_of(content_type))


def serialization_of(body: bytes, content_type: str | None = None) -> Serialization | None:
    """The serialization that a body is in, by its first character, else by the media type; None where neither tells."""
    for mark in _MARKS:
        body = body.removeprefix(mark)
    start = body[:4096].replace(b"\0", b"").lstrip()[:1]
    if start == b"<":
        return Serialization.XML
    if start in (b"{", b"["):
        return Serialization.JSON
    return Serialization.of_media_type(content_type)


def charset_of(content_type: str | None) -> str | None:
    """The charset that a Content-Type header names, by the name that parsers know; None where it names none of use."""
    header = Message()
    header["Content-Type"] = (content_type or "").replace("\r", " ").replace("\n", " ")
    try:
        return codecs.lookup(header.get_content_charset() or "").name
    except (LookupError, ValueError):
        return None

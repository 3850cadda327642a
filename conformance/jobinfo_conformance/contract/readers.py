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
def read(body: bytes, content_type: str | None = None) -> Reading:
    """Read a body of up to 1,048,576 bytes in the serialization that it is in.

    The body itself decides: ``<`` starts XML, anything else that is not told by ``content_type`` is read as JSON.
    """
    serialization = serialization_of(body, content_type)
    if len(body) > LONGEST_BODY:
        finding = Finding("schema/well-formed", "body", f"at most {LONGEST_BODY} bytes", f"{len(body)} bytes or more")
        return Reading(serialization, None, (finding,))
    if not body.strip():
        finding = Finding("schema/well-formed", "body", "a body", "an empty body")
        return Reading(serialization, None, (finding,))
    if serialization is Serialization.JSON:
        return read_json(body)
    return read_xml(body, charset_of(content_type))


def serialization_of(body: bytes, content_type: str | None = None) -> Serialization:
    """The serialization that a body is in, by its first character; where that is none, by the media type."""
    for mark in _MARKS:
        body = body.removeprefix(mark)
    start = body[:4096].replace(b"\0", b"").lstrip()[:1]
    if start == b"<":
        return Serialization.XML
    if start in (b"{", b"["):
        return Serialization.JSON
    return Serialization.of_media_type(content_type) or Serialization.JSON


def charset_of(content_type: str | None) -> str | None:
    """The charset that a Content-Type header names, by the name that parsers know; None where it names none of use."""
    header = Message()
    header["Content-Type"] = (content_type or "").replace("\r", " ").replace("\n", " ")
    try:
        return codecs.lookup(header.get_content_charset() or "").name
    except (LookupError, ValueError):
        return None

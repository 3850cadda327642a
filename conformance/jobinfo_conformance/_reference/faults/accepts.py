"""Faults in what is understood: legal forms of a close that are refused."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace

from jobinfo_conformance._contract.reader import read
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.writer import write_request
from jobinfo_conformance._exchange import Request
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._reference.faults.fault import JSON, XML, before, fault
from jobinfo_conformance._reference.jobs import Job
from jobinfo_conformance._reference.service import Refused, Service

_CLOSE = Operation.CLOSE
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'


def documented(request: Request) -> Request:
    """The documented close in the place of a request."""
    form = Serialization.of_media_type(request.content_type) or XML
    return replace(request, body=write_request({"state": "Closed"}, form))


def refusing(request: Request, found: object, message: str) -> Request:
    """The request, or a refusal where something was found in it."""
    if found:
        raise Refused("ClientInputError", message)
    return request


def _has(request: Request, name: str, text: str) -> bool:
    return text in (request.headers.get(name) or "").lower()


@before(Service.understand, breaks="accepts/documented", on=_CLOSE)
def charset_is_asked_for(request: Request) -> Request:
    """A close whose media type has no charset is refused."""
    if not _has(request, "Content-Type", "charset"):
        raise Refused("UnsupportedContentType", f"Unsupported content type: {request.content_type}")
    return request


@before(Service.understand, breaks="accepts/documented", on=_CLOSE, only=JSON)
def json_is_no_close(request: Request) -> Request:
    """A close in JSON is refused, though jobs are created in it."""
    return refusing(request, request.body, "JSON is not supported here")


@before(Service.understand, breaks="accepts/without-declaration", on=_CLOSE, only=XML)
def declaration_is_asked_for(request: Request) -> Request:
    """A close without an XML declaration is refused."""
    return refusing(request, b"<?xml" not in request.body and b"<\0?" not in request.body, "No XML declaration")


@before(Service.understand, breaks="accepts/declaration", on=_CLOSE, only=XML)
def declaration_is_compared(request: Request) -> Request:
    """A close whose XML declaration is not the documented one to the letter is refused."""
    return refusing(request, b"<?xml" in request.body and _DECLARATION not in request.body, "Wrong XML declaration")


@before(Service.understand, breaks="accepts/namespace-prefix", on=_CLOSE, only=XML)
def prefixes_are_not_known(request: Request) -> Request:
    """A close whose elements have a prefix is refused: tags are compared as text."""
    return refusing(request, re.search(rb"<[\w.-]+:jobInfo", request.body), "No jobInfo")


@before(Service.understand, breaks="accepts/comments", on=_CLOSE, only=XML)
def comments_are_taken_for_children(request: Request) -> Request:
    """A close with a comment is refused: it is taken for an element without a name."""
    return refusing(request, b"<!--" in request.body, "Unknown element")


@before(Service.understand, breaks="accepts/cdata", on=_CLOSE, only=XML)
def cdata_is_not_known(request: Request) -> Request:
    """A close with a CDATA section is refused."""
    return refusing(request, b"<![CDATA[" in request.body, "Unknown state")


@before(Service.understand, breaks="accepts/character-references", on=_CLOSE, only=XML)
def references_are_not_resolved(request: Request) -> Request:
    """A close with character references is refused: they are taken for the text."""
    return refusing(request, b"&#" in request.body, "Unknown state")


@before(Service.understand, breaks="accepts/white-space", on=_CLOSE, only=XML)
def tags_are_compared(request: Request) -> Request:
    """A close with white space in a tag is refused: tags are compared as text."""
    return refusing(request, re.search(rb"\s>", request.body), "No jobInfo")


@before(Service.understand, breaks="accepts/utf-16", on=_CLOSE, only=XML)
def utf_8_alone(request: Request) -> Request:
    """A close in UTF-16 is refused."""
    return refusing(request, b"\0" in request.body, "The body is not UTF-8")


@before(Service.understand, breaks="accepts/charset-parameter", on=_CLOSE)
def media_type_is_compared(request: Request) -> Request:
    """A close whose media type has a parameter is refused: the header is compared as text."""
    if _has(request, "Content-Type", ";"):
        raise Refused("UnsupportedContentType", f"Unsupported content type: {request.content_type}")
    return request


@before(Service.understand, breaks="accepts/chunked", on=_CLOSE)
def chunks_are_not_read(request: Request) -> Request:
    """A close in chunks is read as empty: its Content-Length is not there."""
    return replace(request, body=b"") if _has(request, "Transfer-Encoding", "chunked") else request


@before(Service.understand, breaks="accepts/gzip", on=_CLOSE)
def gzip_is_not_read(request: Request) -> Request:
    """A close in gzip is read as it is, and makes no sense."""
    return replace(request, body=gzip.compress(request.body)) if _has(request, "Content-Encoding", "gzip") else request


@before(Service.understand, breaks="accepts/gzip", on=_CLOSE, only=JSON)
def gzip_answers_500(request: Request) -> Request:
    """A close in JSON and gzip is answered with 500."""
    if _has(request, "Content-Encoding", "gzip"):
        raise Refused("InternalServerError", "codec can't decode byte 0x8b", 500)
    return request


@before(Service.understand, breaks="accepts/id-and-state", on=_CLOSE)
def id_is_not_expected(request: Request) -> Request:
    """A close that names the job's id is refused."""
    return refusing(request, "id" in read(request.body, request.content_type).fields, "The id can't be set")


@before(Service.understand, breaks="accepts/json-escapes", on=_CLOSE, only=JSON)
def escapes_are_not_resolved(request: Request) -> Request:
    """A close with escaped characters is refused: they are taken for the text."""
    return refusing(request, b"\\u" in request.body, "Unknown state")


@before(Service.understand, breaks="accepts/json-white-space", on=_CLOSE, only=JSON)
def tabs_in_json(request: Request) -> Request:
    """A close with tabs or carriage returns in its JSON is refused."""
    return refusing(request, re.search(rb"[\t\r]", request.body), "Unexpected character")


@before(Service.understand, breaks="accepts/json-nulls", on=_CLOSE, only=JSON)
def nulls_are_values(request: Request) -> Request:
    """A close with a field that is null is refused: the field can't be set."""
    return refusing(request, b"null" in request.body, "This field can't be set")


@fault(breaks="accepts/short-id", on=_CLOSE)
class ShortIdsAreNotFound(Service):
    """A job is not found by its id of 15 characters."""

    def find(self, job_id: str) -> Job:
        """The job whose id it is, to the letter."""
        if len(job_id) != 18:
            raise Refused("InvalidJob", f"Unable to find job with id {job_id}")
        return super().find(job_id)


@before(Service.understand, breaks="accepts/combined", on=_CLOSE)
def buffer_of_the_documented_length(request: Request) -> Request:
    """A close in gzip or in chunks is read no further than the documented one is long."""
    coded = _has(request, "Content-Encoding", "gzip") or _has(request, "Transfer-Encoding", "chunked")
    return replace(request, body=request.body[: len(documented(request).body)]) if coded else request

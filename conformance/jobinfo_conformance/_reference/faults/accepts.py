"""Faults in what is accepted: legal forms of a close that are refused."""

from __future__ import annotations

import codecs
import gzip
import re
from dataclasses import replace

from jobinfo_conformance._contract.reader import read
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._contract.writer import write_request
from jobinfo_conformance._exchange import Request, Response
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._reference.faults.fault import JSON, XML, before, fault
from jobinfo_conformance._reference.jobs import Job
from jobinfo_conformance._reference.service import Refused, Service

_CLOSE = Operation.CLOSE
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'


def documented(request: Request) -> Request:
    """The request with the documented close as its body."""
    form = Serialization.of_media_type(request.content_type) or XML
    return replace(request, body=write_request({"state": "Closed"}, form))


def refused_if_found(request: Request, found: object, message: str) -> Request:
    """Return the request. Raises Refused if something was found in it."""
    if found:
        raise Refused("ClientInputError", message)
    return request


def _has(request: Request, name: str, text: str) -> bool:
    return text in (request.headers.get(name) or "").lower()


def _typed_otherwise(request: Request, wrong: object) -> Request:
    """Return the request. Raises Refused if its Content-Type is wrong."""
    if wrong:
        raise Refused("UnsupportedContentType", f"Unsupported content type: {request.content_type}")
    return request


@before(Service.understand, breaks="accepts/documented", on=_CLOSE)
def charset_is_asked_for(request: Request) -> Request:
    """A close whose Content-Type has no charset is refused."""
    return _typed_otherwise(request, not _has(request, "Content-Type", "charset"))


@before(Service.understand, breaks="accepts/documented", on=_CLOSE, only=JSON)
def json_is_no_close(request: Request) -> Request:
    """A close in JSON is refused, although jobs can be created in JSON."""
    return refused_if_found(request, request.body, "JSON is not supported here")


@fault(breaks="accepts/documented", only=JSON, on=(Operation.CREATE, Operation.CLOSE))
class XmlIsAllThatIsRead(Service):
    """A create in JSON is refused, and a close in JSON breaks: every body is parsed as XML."""

    def create(self, request: Request, version: Version) -> Response:
        """Refuse the create."""
        raise Refused("InvalidXml", "Content is not allowed in prolog.")

    def change(self, request: Request, job: Job) -> Response:
        """Break."""
        raise Refused("InternalServerError", "Content is not allowed in prolog.", 500)


@fault(breaks="accepts/documented", on=_CLOSE)
class SerialJobsStayOpen(Service):
    """A Serial job can't be closed."""

    def close(self, job: Job) -> Job:
        """Refuse to close a Serial job."""
        return self.parallel(job) if job.settings["concurrencyMode"] == "Serial" else super().close(job)

    def parallel(self, job: Job) -> Job:
        """Refuse."""
        raise Refused("InvalidJob", f"Job {job.id} is not Parallel")


@fault(breaks="accepts/documented", on=_CLOSE)
class CsvJobsStayOpen(Service):
    """A close of a CSV job is refused unless it is CSV itself: its media type is compared with the contentType."""

    def change(self, request: Request, job: Job) -> Response:
        """Refuse to close a CSV job."""
        if job.settings["contentType"] == "CSV":
            raise Refused("UnsupportedContentType", f"Unsupported content type: {request.content_type}")
        return super().change(request, job)


@fault(breaks="accepts/documented", on=_CLOSE)
class DeletesStayOpen(Service):
    """A delete job can't be closed: operations are looked up in a list that lacks it."""

    def close(self, job: Job) -> Job:
        """Refuse to close a delete job."""
        if job.settings["operation"] == "delete":
            raise Refused("InvalidOperation", "Unknown operation: delete")
        return super().close(job)


@before(Service.understand, breaks="accepts/without-declaration", on=_CLOSE, only=XML)
def declaration_is_asked_for(request: Request) -> Request:
    """A close without an XML declaration is refused."""
    return refused_if_found(request, b"<?xml" not in request.body and b"<\0?" not in request.body, "No XML declaration")


@before(Service.understand, breaks="accepts/declaration", on=_CLOSE, only=XML)
def declaration_is_compared(request: Request) -> Request:
    """A close whose XML declaration differs from the documented one in any character is refused."""
    return refused_if_found(request, b"<?xml" in request.body and _DECLARATION not in request.body, "Wrong XML declaration")


@before(Service.understand, breaks="accepts/namespace-prefix", on=_CLOSE, only=XML)
def prefixes_are_not_known(request: Request) -> Request:
    """A close whose elements have a prefix is refused: tags are compared as text."""
    return refused_if_found(request, re.search(rb"<[\w.-]+:jobInfo", request.body), "No jobInfo")


@before(Service.understand, breaks="accepts/namespace-prefix", on=_CLOSE, only=XML)
def unused_prefixes_are_unknown_attributes(request: Request) -> Request:
    """A close that declares a prefix without using it is refused: the declaration is taken for an unknown attribute."""
    return refused_if_found(request, re.search(rb"<jobInfo[^>]* xmlns:", request.body), "Unknown attribute")


@before(Service.understand, breaks="accepts/comments", on=_CLOSE, only=XML)
def comments_are_taken_for_children(request: Request) -> Request:
    """A close with a comment is refused: the comment is taken for an element without a name."""
    return refused_if_found(request, b"<!--" in request.body, "Unknown element")


@before(Service.understand, breaks="accepts/comments", on=_CLOSE, only=XML)
def root_comes_first(request: Request) -> Request:
    """A close with a comment before its root is refused: the first thing after the declaration must be the root."""
    return refused_if_found(request, re.match(rb"(<\?.*?\?>)?\s*<!--", request.body), "No jobInfo")


@before(Service.understand, breaks="accepts/comments", on=_CLOSE, only=XML)
def nothing_comes_after_the_root(request: Request) -> Request:
    """A close with a comment after its root is refused."""
    return refused_if_found(request, re.search(rb"jobInfo\s*>\s*<!--", request.body), "Content after the root")


@before(Service.understand, breaks="accepts/comments", on=_CLOSE, only=XML)
def value_ends_at_a_comment(request: Request) -> Request:
    """A comment within the state ends it: only the first piece of text is read."""
    return refused_if_found(request, re.search(rb"<(\w+:)?state\s*>[^<]+<!--", request.body), "Unknown state")


@before(Service.understand, breaks="accepts/cdata", on=_CLOSE, only=XML)
def cdata_is_not_known(request: Request) -> Request:
    """A close with a CDATA section is refused."""
    return refused_if_found(request, b"<![CDATA[" in request.body, "Unknown state")


@before(Service.understand, breaks="accepts/cdata", on=_CLOSE, only=XML)
def value_is_all_cdata_or_none(request: Request) -> Request:
    """A CDATA section that holds a part of the state is refused: only the first piece of text is read."""
    return refused_if_found(request, re.search(rb"<(\w+:)?state\s*>[^<]+<!\[CDATA\[", request.body), "Unknown state")


@before(Service.understand, breaks="accepts/character-references", on=_CLOSE, only=XML)
def references_are_not_resolved(request: Request) -> Request:
    """A close with character references is refused: they are taken literally."""
    return refused_if_found(request, b"&#" in request.body, "Unknown state")


@before(Service.understand, breaks="accepts/character-references", on=_CLOSE, only=XML)
def decimal_references_are_not_resolved(request: Request) -> Request:
    """A decimal character reference is taken literally; a hexadecimal one is resolved."""
    return refused_if_found(request, re.search(rb"&#[0-9]", request.body), "Unknown state")


@before(Service.understand, breaks="accepts/character-references", on=_CLOSE, only=XML)
def hexadecimal_digits_are_lower_case(request: Request) -> Request:
    """A hexadecimal character reference with a capital digit is refused."""
    return refused_if_found(request, re.search(rb"&#x[0-9a-f]*[A-F]", request.body), "Unknown state")


@before(Service.understand, breaks="accepts/character-references", on=_CLOSE, only=XML)
def hexadecimal_digits_are_upper_case(request: Request) -> Request:
    """A hexadecimal character reference with a small digit is refused."""
    return refused_if_found(request, re.search(rb"&#x[0-9A-F]*[a-f]", request.body), "Unknown state")


@before(Service.understand, breaks="accepts/white-space", on=_CLOSE, only=XML)
def tags_are_compared(request: Request) -> Request:
    """A close with white space inside a tag is refused: tags are compared as text."""
    return refused_if_found(request, re.search(rb"\s>", request.body), "No jobInfo")


@before(Service.understand, breaks="accepts/utf-16", on=_CLOSE, only=XML)
def utf_8_alone(request: Request) -> Request:
    """A close in UTF-16 is refused."""
    return refused_if_found(request, b"\0" in request.body, "The body is not UTF-8")


@before(Service.understand, breaks="accepts/utf-16", on=_CLOSE, only=XML)
def little_endian_alone(request: Request) -> Request:
    """A close in UTF-16 with the big end first is refused."""
    return refused_if_found(request, request.body.startswith(codecs.BOM_UTF16_BE), "The body can't be decoded")


@before(Service.understand, breaks="accepts/utf-16", on=_CLOSE, only=XML)
def big_endian_alone(request: Request) -> Request:
    """A close in UTF-16 with the little end first is refused."""
    return refused_if_found(request, request.body.startswith(codecs.BOM_UTF16_LE), "The body can't be decoded")


@before(Service.understand, breaks="accepts/charset-parameter", on=_CLOSE)
def media_type_is_compared(request: Request) -> Request:
    """A close whose Content-Type has a parameter is refused: the header is compared as text."""
    return _typed_otherwise(request, _has(request, "Content-Type", ";"))


@before(Service.understand, breaks="accepts/charset-parameter", on=_CLOSE)
def quotes_are_part_of_the_charset(request: Request) -> Request:
    """A close whose charset is in quotation marks is refused: they are taken for a part of its name."""
    return _typed_otherwise(request, '"' in (request.content_type or ""))


@before(Service.understand, breaks="accepts/charset-parameter", on=_CLOSE)
def media_types_are_lower_case(request: Request) -> Request:
    """A close whose media type has capital letters is refused."""
    media_type = (request.content_type or "").partition(";")[0]
    return _typed_otherwise(request, media_type != media_type.lower())


@before(Service.understand, breaks="accepts/chunked", on=_CLOSE)
def chunks_are_not_read(request: Request) -> Request:
    """A chunked close is read as empty, because it has no Content-Length."""
    return replace(request, body=b"") if _has(request, "Transfer-Encoding", "chunked") else request


@before(Service.understand, breaks="accepts/chunked", on=_CLOSE)
def only_gzip_comes_in_chunks(request: Request) -> Request:
    """A chunked close is read as empty unless it is compressed."""
    alone = _has(request, "Transfer-Encoding", "chunked") and not _has(request, "Content-Encoding", "gzip")
    return replace(request, body=b"") if alone else request


@before(Service.understand, breaks="accepts/gzip", on=_CLOSE)
def gzip_is_not_read(request: Request) -> Request:
    """A gzipped close is read without being decompressed, and makes no sense."""
    return replace(request, body=gzip.compress(request.body, mtime=0)) if _has(request, "Content-Encoding", "gzip") else request


@before(Service.understand, breaks="accepts/gzip", on=_CLOSE)
def gzip_comes_in_chunks(request: Request) -> Request:
    """A gzipped close with a Content-Length is not decompressed; a chunked one is."""
    alone = _has(request, "Content-Encoding", "gzip") and not _has(request, "Transfer-Encoding", "chunked")
    return replace(request, body=gzip.compress(request.body, mtime=0)) if alone else request


@before(Service.understand, breaks="accepts/gzip", on=_CLOSE, only=JSON)
def gzip_answers_500(request: Request) -> Request:
    """A gzipped close in JSON is answered with 500."""
    if _has(request, "Content-Encoding", "gzip"):
        raise Refused("InternalServerError", "codec can't decode byte 0x8b", 500)
    return request


@before(Service.understand, breaks="accepts/id-and-state", on=_CLOSE)
def id_is_not_expected(request: Request) -> Request:
    """A close that names the job's id is refused."""
    return refused_if_found(request, "id" in read(request.body, request.content_type).fields, "The id can't be set")


@before(Service.understand, breaks="accepts/json-escapes", on=_CLOSE, only=JSON)
def escapes_are_not_resolved(request: Request) -> Request:
    """A close with escaped characters is refused: they are taken literally."""
    return refused_if_found(request, b"\\u" in request.body, "Unknown state")


@before(Service.understand, breaks="accepts/json-escapes", on=_CLOSE, only=JSON)
def escapes_in_keys_are_not_resolved(request: Request) -> Request:
    """A close whose key is written with an escape is refused: keys are taken literally."""
    return refused_if_found(request, re.search(rb'[{,]\s*"[^"]*\\u', request.body), "Unknown field")


@before(Service.understand, breaks="accepts/json-escapes", on=_CLOSE, only=JSON)
def escapes_in_values_are_not_resolved(request: Request) -> Request:
    """A close whose value is written with an escape is refused: values are taken literally."""
    return refused_if_found(request, re.search(rb':\s*"[^"]*\\u', request.body), "Unknown state")


@before(Service.understand, breaks="accepts/json-white-space", on=_CLOSE, only=JSON)
def tabs_in_json(request: Request) -> Request:
    """A close with tabs or carriage returns in its JSON is refused."""
    return refused_if_found(request, re.search(rb"[\t\r]", request.body), "Unexpected character")


@before(Service.understand, breaks="accepts/json-nulls", on=_CLOSE, only=JSON)
def nulls_are_values(request: Request) -> Request:
    """A close with a null field is refused, as if it tried to set that field."""
    return refused_if_found(request, b"null" in request.body, "This field can't be set")


@fault(breaks="accepts/short-id", on=_CLOSE)
class ShortIdsAreNotFound(Service):
    """A job is not found by its 15-character id."""

    def find(self, job_id: str) -> Job:
        """The job whose 18-character id this is."""
        if len(job_id) != 18:
            raise Refused("InvalidJob", f"Unable to find job with id {job_id}")
        return super().find(job_id)


@before(Service.understand, breaks="accepts/combined", on=_CLOSE)
def buffer_of_the_documented_length(request: Request) -> Request:
    """A gzipped or chunked close is read only up to the length of the documented one."""
    coded = _has(request, "Content-Encoding", "gzip") or _has(request, "Transfer-Encoding", "chunked")
    return replace(request, body=request.body[: len(documented(request).body)]) if coded else request

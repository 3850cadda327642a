"""The legal forms of a close request besides the documented one: how to recognise each, and how to write a close in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from jobinfo_conformance._contract.charset import charset_of, utf_16_order
from jobinfo_conformance._contract.ids import same_id, short_form
from jobinfo_conformance._contract.jobinfo import NAMESPACE, JobInfo
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.writer import write_request
from jobinfo_conformance._exchange import Request
from jobinfo_conformance._job_requests.job_request import JobRequest, Operation

XML, JSON = Serialization.XML, Serialization.JSON


@dataclass(frozen=True)
class Form:
    """A legal form: its name, its serializations, how to recognise it, and how to rewrite the documented close in it.

    An ``optional`` form is a SHOULD: an endpoint may refuse it.
    """

    name: str
    serializations: tuple[Serialization, ...]
    optional: bool
    has: Callable[[JobRequest], bool]
    apply: Callable[[Request], Request]


_CODED = ("charset-parameter", "gzip", "chunked")
#: Forms that go together in one request, in the order to apply them. No form that has to be accepted is missing.
TOGETHER: dict[Serialization, tuple[tuple[str, ...], ...]] = {
    XML: (
        ("id-and-state", "comments", "cdata", "declaration", "white-space", *_CODED),
        ("namespace-prefix", "character-references", "without-declaration"),
    ),
    JSON: (("id-and-state", "json-escapes", "json-white-space", *_CODED),),
}


def apply_forms(names: Iterable[str], request: Request) -> Request:
    """Rewrite the documented close in several forms at once."""
    for name in names:
        request = FORMS[name].apply(request)
    return request


def forms_of(asked: JobRequest) -> frozenset[str]:
    """The forms that a conformant close is in; empty for the documented form, and for any other request."""
    if not is_conformant_close(asked):
        return frozenset()
    serialization = asked.body.serialization
    return frozenset(form.name for form in FORMS.values() if serialization in form.serializations and form.has(asked))


def is_conformant_close(asked: JobRequest) -> bool:
    """Whether a request closes a job in a way that the contract allows, in the serialization that its Content-Type names."""
    if asked.operation is not Operation.CLOSE or asked.serialization is not asked.body.serialization:
        return False
    if asked.body.serialization is XML and _has_unset(asked):
        return False  # not known to be legal: the client that sends fields it does not set sends them in JSON
    if charset_of(asked.request.content_type) not in _charsets_of(asked):
        return False  # a server may refuse any other, and one that contradicts the body
    names_its_job = same_id(str(asked.body.fields.get("id") or asked.resource.job_id), asked.resource.job_id or "")
    return names_its_job and not asked.broken_as_close


def _charsets_of(asked: JobRequest) -> tuple[str | None, ...]:
    """The charsets that a close may name."""
    order = utf_16_order(asked.request.body)
    return (None, "utf-16", order) if order else (None, "utf-8")


def _form(
    name: str, has: Callable[[JobRequest], bool], *serializations: Serialization, optional: bool = False
) -> Callable[[Callable[[Request], Request]], Form]:
    return lambda apply: Form(name, serializations or tuple(Serialization), optional, has, apply)


def _body_has(*texts: bytes) -> Callable[[JobRequest], bool]:
    return lambda asked: any(text in asked.request.body for text in texts)


def _header_has(name: str, text: str) -> Callable[[JobRequest], bool]:
    return lambda asked: text in (asked.request.headers.get(name) or "").lower()


def _is_utf_16(asked: JobRequest) -> bool:
    return utf_16_order(asked.request.body) is not None


def _has_other_declaration(asked: JobRequest) -> bool:
    body = asked.request.body
    return b"<?xml" in body and re.search(rb'<\?xml version="1\.0" encoding="(?i:UTF-8)"\s*\?>', body) is None


def _has_no_declaration(asked: JobRequest) -> bool:
    return b"<?xml" not in asked.request.body and not _is_utf_16(asked)


def _has_prefix(asked: JobRequest) -> bool:
    return any(finding.requirement == "schema/default-namespace" for finding in asked.body.findings)


def _has_odd_space(asked: JobRequest) -> bool:
    return re.search(rb"[\t\r]|\s>", asked.request.body) is not None


def _has_id(asked: JobRequest) -> bool:
    return set(asked.body.fields) == {"id", "state"} and not _has_unset(asked)


def _has_unset(asked: JobRequest) -> bool:
    return asked.body.fields != asked.set_fields.fields


def _has_short_id(asked: JobRequest) -> bool:
    return len(asked.resource.job_id or "") == 15


def _job_id(request: Request) -> str:
    return request.url.rpartition("/")[2]


@_form("without-declaration", _has_no_declaration, XML)
def _without_declaration(request: Request) -> Request:
    return replace(request, body=request.body.partition(b"\n")[2])


@_form("declaration", _has_other_declaration, XML)
def _declaration(request: Request) -> Request:
    return request.with_text('version="1.0" encoding="UTF-8"', "version='1.0' encoding='utf-8' standalone='yes'")


@_form("namespace-prefix", _has_prefix, XML)
def _namespace_prefix(request: Request) -> Request:
    inside = f'<async:jobInfo xmlns:async="{NAMESPACE}">\n <async:state>Closed</async:state>\n</async:jobInfo>\n'
    return replace(request, body=f'<?xml version="1.0" encoding="UTF-8"?>\n{inside}'.encode())


@_form("comments", _body_has(b"<!--"), XML)
def _comments(request: Request) -> Request:
    return request.with_text("<state>", "<!-- the state --><state>")


@_form("cdata", _body_has(b"<![CDATA["), XML)
def _cdata(request: Request) -> Request:
    return request.with_text("Closed", "<![CDATA[Closed]]>")


@_form("character-references", _body_has(b"&#"), XML)
def _character_references(request: Request) -> Request:
    return request.with_text("Closed", "&#67;los&#x65;d")


@_form("white-space", _has_odd_space, XML)
def _white_space(request: Request) -> Request:
    text = request.body.decode().replace("\n", "\r\n\t").replace("state>", "state\n>")
    return replace(request, body=text.encode())


@_form("utf-16", _is_utf_16, XML, optional=True)
def _utf_16(request: Request) -> Request:
    text = request.body.decode().replace("UTF-8", "UTF-16")
    return replace(request, body=text.encode("utf-16"))


@_form("charset-parameter", _header_has("Content-Type", "charset="))
def _charset_parameter(request: Request) -> Request:
    return request.with_header("Content-Type", f"{request.content_type}; charset=UTF-8")


@_form("chunked", _header_has("Transfer-Encoding", "chunked"))
def _chunked(request: Request) -> Request:
    return request.with_header("Transfer-Encoding", "chunked")


@_form("gzip", _header_has("Content-Encoding", "gzip"))
def _gzip(request: Request) -> Request:
    return request.with_header("Content-Encoding", "gzip")


@_form("id-and-state", _has_id)
def _id_and_state(request: Request) -> Request:
    form = Serialization.of_media_type(request.content_type)
    assert form is not None
    return replace(request, body=write_request({"id": _job_id(request), "state": "Closed"}, form))


@_form("json-escapes", _body_has(b"\\"), JSON)
def _json_escapes(request: Request) -> Request:
    text = request.body.decode().replace("state", "st\\u0061te").replace("Closed", "\\u0043losed")
    return replace(request, body=text.encode())


@_form("json-white-space", _has_odd_space, JSON)
def _json_white_space(request: Request) -> Request:
    return replace(request, body=request.body.replace(b"\n", b"\r\n\t").replace(b":", b"\t:\r\n"))


@_form("json-nulls", _has_unset, JSON, optional=True)
def _json_nulls(request: Request) -> Request:
    numbers = {name: 0 for name, field in JobInfo.FIELDS.items() if name.startswith("number") or field.json_only}
    unset = {**dict.fromkeys(JobInfo.FIELDS), **numbers, "fastPathEnabled": False}
    return replace(request, body=json.dumps({**unset, "id": _job_id(request), "state": "Closed"}).encode())


@_form("short-id", _has_short_id, optional=True)
def _short_id(request: Request) -> Request:
    return request.with_job(short_form(_job_id(request)))


#: All forms by name, in the order of the catalogue.
FORMS: Mapping[str, Form] = {form.name: form for form in tuple(vars().values()) if isinstance(form, Form)}

"""The legal forms of a close request besides the documented one: how to recognise each, and how to write a close in it."""

from __future__ import annotations

import codecs
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

Apply = Callable[[Request], Request]


@dataclass(frozen=True)
class Form:
    """A legal form: its name, its serializations, and how to recognise it.

    An ``optional`` form is a SHOULD: an endpoint may refuse it.
    """

    name: str
    has: Callable[[JobRequest], bool]
    serializations: tuple[Serialization, ...] = tuple(Serialization)
    optional: bool = False


@dataclass(frozen=True)
class Variant:
    """A way to write a close in a form: its name, the form, and how to rewrite the documented close."""

    name: str
    form: Form
    apply: Apply


#: Variants that go together in one request, in the order to apply them. No variant of a form that has to be accepted is
#: missing. Those that could hide each other are apart: each coding is sent without the other too.
TOGETHER: dict[Serialization, tuple[tuple[str, ...], ...]] = {
    XML: (
        ("id-and-state", "comments-before-root", "cdata", "declaration", "white-space", "quoted-charset", "gzip"),
        ("namespace-prefix", "comments-inside", "comments-after-root", "cdata-in-part", "upper-case-media-type", "chunked"),
        (
            "without-declaration",
            "unused-prefix",
            "decimal-reference",
            "lower-case-hexadecimal-reference",
            "upper-case-hexadecimal-reference",
            "comments-in-value",
            "charset-parameter",
            "gzip",
            "chunked",
        ),
    ),
    JSON: (
        ("id-and-state", "escapes-in-key", "quoted-charset", "gzip"),
        ("json-white-space", "upper-case-media-type", "chunked"),
        ("escapes-in-value", "charset-parameter", "gzip", "chunked"),
    ),
}


def apply_variants(names: Iterable[str], request: Request) -> Request:
    """Rewrite the documented close in several variants at once."""
    for name in names:
        request = VARIANTS[name].apply(request)
    return request


def forms_of(asked: JobRequest) -> frozenset[str]:
    """The forms that a conformant close is in; empty for the documented form, and for any other request."""
    if not is_conformant_close(asked):
        return frozenset()
    serialization = asked.body.serialization
    return frozenset(form.name for form in FORMS.values() if serialization in form.serializations and form.has(asked))


def has_plain_media_type(asked: JobRequest) -> bool:
    """Whether a request's Content-Type is written as the documentation shows it: bare, or with a charset."""
    return _PLAIN_TYPE.fullmatch(asked.request.content_type or "") is not None


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


# How to recognise them

_PLAIN_TYPE = re.compile(r"application/(xml|json)(; ?charset=(?i:utf-8))?")


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
    return b"xmlns:" in asked.request.body


def _has_odd_space(asked: JobRequest) -> bool:
    return re.search(rb"[\t\r]|\s>", asked.request.body) is not None


def _has_longer_media_type(asked: JobRequest) -> bool:
    return asked.request.content_type != asked.body.serialization.media_type


def _has_id(asked: JobRequest) -> bool:
    return set(asked.body.fields) == {"id", "state"} and not _has_unset(asked)


def _has_unset(asked: JobRequest) -> bool:
    return asked.body.fields != asked.set_fields.fields


def _has_short_id(asked: JobRequest) -> bool:
    return 15 in (len(asked.resource.job_id or ""), len(str(asked.body.fields.get("id") or "")))


#: All forms by name, in the order of the catalogue.
FORMS: Mapping[str, Form] = {
    form.name: form
    for form in (
        Form("without-declaration", _has_no_declaration, (XML,)),
        Form("declaration", _has_other_declaration, (XML,)),
        Form("namespace-prefix", _has_prefix, (XML,)),
        Form("comments", _body_has(b"<!--"), (XML,)),
        Form("cdata", _body_has(b"<![CDATA["), (XML,)),
        Form("character-references", _body_has(b"&#"), (XML,)),
        Form("white-space", _has_odd_space, (XML,)),
        Form("utf-16", _is_utf_16, (XML,), optional=True),
        Form("charset-parameter", _has_longer_media_type),
        Form("chunked", _header_has("Transfer-Encoding", "chunked")),
        Form("gzip", _header_has("Content-Encoding", "gzip")),
        Form("id-and-state", _has_id),
        Form("json-escapes", _body_has(b"\\"), (JSON,)),
        Form("json-white-space", _has_odd_space, (JSON,)),
        Form("json-nulls", _has_unset, (JSON,), optional=True),
        Form("short-id", _has_short_id, optional=True),
    )
}


# How to write a close in them


def _variant(form: str) -> Callable[[Apply], Variant]:
    """Turn a function into a variant of a form. It is named after the function."""
    return lambda apply: Variant(apply.__name__.removeprefix("_").replace("_", "-"), FORMS[form], apply)


def _replacing(name: str, form: str, old: str, new: str) -> Variant:
    """A variant of a form in which a piece of the documented body is written otherwise."""
    return Variant(name, FORMS[form], lambda request: request.with_text(old, new))


def _job_id(request: Request) -> str:
    return request.url.rpartition("/")[2]


@_variant("without-declaration")
def _without_declaration(request: Request) -> Request:
    return replace(request, body=request.body.partition(b"\n")[2])


_declaration = _replacing(
    "declaration", "declaration", 'version="1.0" encoding="UTF-8"', "version='1.0' encoding='utf-8' standalone='yes'"
)


@_variant("namespace-prefix")
def _namespace_prefix(request: Request) -> Request:
    inside = f'<async:jobInfo xmlns:async="{NAMESPACE}">\n <async:state>Closed</async:state>\n</async:jobInfo>\n'
    return replace(request, body=f'<?xml version="1.0" encoding="UTF-8"?>\n{inside}'.encode())


_unused_prefix = _replacing(
    "unused-prefix", "namespace-prefix", "<jobInfo", '<jobInfo xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
_comments_before_root = _replacing("comments-before-root", "comments", "<jobInfo", "<!-- the job -->\n<jobInfo")


@_variant("comments")
def _comments_inside(request: Request) -> Request:
    return replace(request, body=re.sub(rb"<(\w+:)?state>", rb"<!-- the state -->\g<0>", request.body))


@_variant("comments")
def _comments_after_root(request: Request) -> Request:
    return replace(request, body=request.body + b"<!-- the end -->")


_comments_in_value = _replacing("comments-in-value", "comments", "sed<", "<!-- not yet -->sed<")
_cdata = _replacing("cdata", "cdata", "Closed", "<![CDATA[Closed]]>")
_cdata_in_part = _replacing("cdata-in-part", "cdata", "Closed", "Clo<![CDATA[sed]]>")
_decimal_reference = _replacing("decimal-reference", "character-references", "Closed", "&#67;losed")
_lower_case_hexadecimal_reference = _replacing(
    "lower-case-hexadecimal-reference", "character-references", "losed", "&#x6c;osed"
)
_upper_case_hexadecimal_reference = _replacing("upper-case-hexadecimal-reference", "character-references", "osed", "&#x6F;sed")


@_variant("white-space")
def _white_space(request: Request) -> Request:
    text = request.body.decode().replace("\n", "\r\n\t").replace("state>", "state\n>")
    return replace(request, body=text.encode())


def _in_utf_16(request: Request, mark: bytes, encoding: str) -> Request:
    text = request.body.decode().replace("UTF-8", "UTF-16")
    return replace(request, body=mark + text.encode(encoding))


@_variant("utf-16")
def _utf_16_little_endian(request: Request) -> Request:
    return _in_utf_16(request, codecs.BOM_UTF16_LE, "utf-16-le")


@_variant("utf-16")
def _utf_16_big_endian(request: Request) -> Request:
    return _in_utf_16(request, codecs.BOM_UTF16_BE, "utf-16-be")


@_variant("charset-parameter")
def _charset_parameter(request: Request) -> Request:
    return request.with_header("Content-Type", f"{request.content_type}; charset=UTF-8")


@_variant("charset-parameter")
def _quoted_charset(request: Request) -> Request:
    return request.with_header("Content-Type", f'{request.content_type};charset="utf-8"')


@_variant("charset-parameter")
def _upper_case_media_type(request: Request) -> Request:
    return request.with_header("Content-Type", (request.content_type or "").upper())


@_variant("chunked")
def _chunked(request: Request) -> Request:
    return request.with_header("Transfer-Encoding", "chunked")


@_variant("gzip")
def _gzip(request: Request) -> Request:
    return request.with_header("Content-Encoding", "gzip")


@_variant("id-and-state")
def _id_and_state(request: Request) -> Request:
    form = Serialization.of_media_type(request.content_type)
    assert form is not None
    return replace(request, body=write_request({"id": _job_id(request), "state": "Closed"}, form))


_escapes_in_key = _replacing("escapes-in-key", "json-escapes", "state", "st\\u0061t\\u0065")
_escapes_in_value = _replacing("escapes-in-value", "json-escapes", "Closed", "C\\u006Co\\u0073ed")


@_variant("json-white-space")
def _json_white_space(request: Request) -> Request:
    return replace(request, body=request.body.replace(b"\n", b"\r\n\t").replace(b":", b"\t:\r\n"))


@_variant("json-nulls")
def _json_nulls(request: Request) -> Request:
    numbers = {name: 0 for name in JobInfo.FIELDS if name.startswith("number")}
    unset = {**dict.fromkeys(JobInfo.FIELDS), **numbers, "fastPathEnabled": False}
    return replace(request, body=json.dumps({**unset, "id": _job_id(request), "state": "Closed"}).encode())


@_variant("short-id")
def _short_id(request: Request) -> Request:
    return request.with_job(short_form(_job_id(request)))


#: All variants by name.
VARIANTS: Mapping[str, Variant] = {variant.name: variant for variant in tuple(vars().values()) if isinstance(variant, Variant)}

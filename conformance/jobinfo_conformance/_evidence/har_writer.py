"""The writer of recordings: exchanges as HAR 1.2."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import replace

import msgspec

from jobinfo_conformance import __version__
from jobinfo_conformance._evidence.har import (
    CODING,
    Content,
    Creator,
    Entry,
    HarRequest,
    HarResponse,
    Header,
    PostData,
    Timings,
)
from jobinfo_conformance._evidence.har_reader import NO_INSTANT
from jobinfo_conformance._evidence.provenance import Provenance
from jobinfo_conformance._evidence.recorded_body import body_of
from jobinfo_conformance._exchange import Exchange, Headers
from jobinfo_conformance._files.json_text import written

CREATOR = "jobinfo-conformance"
#: How much of a body is shown with each finding, in bytes; a jobInfo has about a thousand.
_LONGEST_SHOWN = 1 << 13


def write_har(
    exchanges: Iterable[Exchange], *, version: str = __version__, whole: bool = True, provenance: Provenance | None = None
) -> bytes:
    """Return exchanges as a HAR file, which names ``version`` as that of its creator.

    ``whole`` says that they include every request about their jobs, and ``provenance`` how a run came by them, in this order.
    Bodies that are not text are written in base64.
    """
    log = {
        "version": "1.2",
        "creator": Creator(CREATOR, version),
        "_whole": whole,
        **({} if provenance is None else {"_run": provenance}),
        "entries": [har_entry(exchange) for exchange in exchanges],
    }
    return written({"log": log}).encode()


def as_recorded(exchange: Exchange, entry: int | None = None) -> Exchange:
    """Return an exchange as a recording gives it back, as entry ``entry``: without what HAR does not keep.

    That are the headers about the form of a body on the wire; and a duration that is not known becomes 0.
    """
    request, response = exchange.request, exchange.response
    if not request.body:
        request = replace(request, headers=request.headers.without(*CODING))
    response = replace(response, headers=response.headers.without(*CODING))
    return replace(exchange, request=request, response=response, milliseconds=float(exchange.milliseconds or 0), entry=entry)


def as_evidence(exchange: Exchange) -> Exchange:
    """Return a recorded exchange as evidence of a finding: the same body may be evidence of many, so a long one is cut."""
    recorded = as_recorded(exchange)
    body = recorded.response.body or b""
    return recorded if len(body) <= _LONGEST_SHOWN else recorded.answered(body=body[:_LONGEST_SHOWN])


def har_entry(exchange: Exchange) -> Entry:
    """Return an exchange as an entry of a HAR file."""
    milliseconds = float(exchange.milliseconds or 0)
    return Entry(
        started_date_time=exchange.started.isoformat() if exchange.started else NO_INSTANT,
        time=milliseconds,
        request=_request(exchange),
        response=_response(exchange),
        timings=Timings(wait=milliseconds),
    )


def _request(exchange: Exchange) -> HarRequest:
    request = exchange.request
    post = PostData(
        mime_type=request.content_type or "",
        text=_text(request.body, request.content_type),
        own_encoding=_encoding(request.body, request.content_type),
        decoded=True,
    )
    return HarRequest(
        method=request.method,
        url=request.url,
        headers=_pairs(request.headers if request.body else request.headers.without(*CODING)),
        body_size=len(request.body),
        post_data=post if request.body else msgspec.UNSET,
    )


def _response(exchange: Exchange) -> HarResponse:
    response = exchange.response
    body = response.body
    content = Content(
        size=-1 if body is None else len(body),
        mime_type=response.content_type or "",
        text=msgspec.UNSET if body is None else _text(body, response.content_type),
        encoding=msgspec.UNSET if body is None else _encoding(body, response.content_type),
        defect=msgspec.UNSET if response.defect is None else response.defect,
    )
    return HarResponse(
        status=response.status,
        headers=_pairs(response.headers.without(*CODING)),
        content=content,
        redirect_url=response.headers.get("Location") or "",
    )


def _pairs(headers: Headers) -> list[Header | None]:
    return [Header(name, value) for name, value in headers]


def _text(body: bytes, content_type: str | None) -> str:
    return body.decode("utf-8") if _is_text(body, content_type) else base64.b64encode(body).decode("ascii")


def _encoding(body: bytes, content_type: str | None) -> str | msgspec.UnsetType:
    return msgspec.UNSET if _is_text(body, content_type) else "base64"


def _is_text(body: bytes, content_type: str | None) -> bool:
    """Whether a body, written as text, is read back byte for byte."""
    try:
        return body_of(Content(text=body.decode("utf-8")), content_type) == body
    except UnicodeDecodeError:
        return False

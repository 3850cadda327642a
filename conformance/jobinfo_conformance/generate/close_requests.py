"""Conformant close requests, in every legal form."""

from __future__ import annotations

import codecs
from collections.abc import Container, Mapping
from dataclasses import replace

from hypothesis import strategies as st

from jobinfo_conformance._contract.document import JsonValue
from jobinfo_conformance._contract.ids import short_form
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._exchange import Headers, Request
from jobinfo_conformance._job_requests.legal_forms import FORMS
from jobinfo_conformance.generate.bodies import json_objects, xml_elements
from jobinfo_conformance.generate.jobs import salesforce_ids

_ENDPOINT = "https://example.test/services/async/36.0/job"
#: What a client sends for a field that it does not set.
_UNSET: st.SearchStrategy[JsonValue] = st.sampled_from([None, None, None, 0, False])


@st.composite
def close_requests(
    draw: st.DrawFn,
    serialization: Serialization,
    *,
    job_id: str | None = None,
    resource: str = _ENDPOINT,
    forms: Container[str] = frozenset(FORMS),
) -> Request:
    """Requests that close a job, without a session: any legal layout, encoding, media type parameter and coding.

    ``resource`` is the URL of the job resource. ``job_id`` is the job's id of 18 characters; by default it is drawn too.
    ``forms`` names the legal forms that may be drawn, as in the requirements ``accepts/…``; by default all.
    """
    job_id = job_id or draw(salesforce_ids())
    spellings = [job_id, *([short_form(job_id)] if "short-id" in forms else [])]
    sent_id = draw(st.sampled_from(["", *(spellings if "id-and-state" in forms else [])]))
    values = {**({"id": sent_id} if sent_id else {}), "state": "Closed"}
    named = draw(st.sampled_from(spellings))
    unset = draw(_unset(forms)) if serialization is Serialization.JSON else {}
    request = draw(posts(serialization, {**unset, **values}, f"{resource}/{named}", forms))
    codings = []
    if "gzip" in forms and draw(st.booleans()):
        codings.append(("Content-Encoding", "gzip"))
    if "chunked" in forms and draw(st.booleans()):
        codings.append(("Transfer-Encoding", "chunked"))
    return replace(request, headers=Headers.of([*request.headers, *codings]))


@st.composite
def _unset(draw: st.DrawFn, forms: Container[str]) -> dict[str, JsonValue]:
    """Fields that a client names but does not set, in JSON."""
    if "json-nulls" not in forms or not draw(st.booleans()):
        return {}
    names = draw(st.lists(st.sampled_from(list(JobInfo.FIELDS)), min_size=1, unique=True))
    return {name: draw(_UNSET) for name in names}


@st.composite
def posts(
    draw: st.DrawFn,
    serialization: Serialization,
    values: Mapping[str, JsonValue],
    url: str,
    forms: Container[str] = frozenset(FORMS),
) -> Request:
    """Requests that post these values as a jobInfo, in any of these legal forms; in XML the values become text."""
    if serialization is Serialization.XML:
        body = draw(xml_elements({name: str(value) for name, value in values.items()}, forms))
    else:
        body = draw(json_objects(values, forms))
    return Request("POST", url, draw(headers_of(serialization, body, forms)), body)


@st.composite
def headers_of(draw: st.DrawFn, serialization: Serialization, body: bytes, forms: Container[str] = frozenset(FORMS)) -> Headers:
    """A Content-Type header with the media type of a body, in any letter case, with or without its charset."""
    in_utf_16 = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    named = [serialization.media_type]
    if "charset-parameter" in forms and not in_utf_16:
        named += [f"{named[0]}; charset=UTF-8", f'{named[0]};charset="utf-8"', named[0].upper()]
    return Headers.of([("Content-Type", draw(st.sampled_from(named)))])

"""Conformant close requests, in every legal form."""

from __future__ import annotations

from collections.abc import Container

from hypothesis import strategies as st

from jobinfo_conformance.contract.jobinfo import JobInfo
from jobinfo_conformance.contract.reading import JsonValue, Serialization
from jobinfo_conformance.evidence.exchange import Headers, Request
from jobinfo_conformance.forms import FORMS
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

    ``resource`` is the URL of the job resource, ``job_id`` the job's id of 18 characters; any where it is not given.
    ``forms`` names the legal forms that may be drawn, as in the requirements ``accepts/…``; all where it is not given.
    """
    job_id = job_id or draw(salesforce_ids())
    ids = ["", *([job_id, job_id[:15]] if "id-and-state" in forms else [])]
    sent_id = draw(st.sampled_from(ids))
    values = {**({"id": sent_id} if sent_id else {}), "state": "Closed"}
    if serialization is Serialization.XML:
        body = draw(xml_elements(values, forms))
    else:
        body = draw(json_objects({**draw(_unset(forms)), **values}, forms))
    in_utf_16 = body.startswith((b"\xff\xfe", b"\xfe\xff"))
    parameters = ["; charset=UTF-8", ";charset=utf-8"] if "charset-parameter" in forms and not in_utf_16 else []
    headers = [("Content-Type", serialization.media_type + draw(st.sampled_from(["", *parameters])))]
    if "gzip" in forms and draw(st.booleans()):
        headers.append(("Content-Encoding", "gzip"))
    if "chunked" in forms and draw(st.booleans()):
        headers.append(("Transfer-Encoding", "chunked"))
    named = draw(st.sampled_from([job_id, *([job_id[:15]] if "short-id" in forms else [])]))
    return Request("POST", f"{resource}/{named}", Headers.of(headers), body)


@st.composite
def _unset(draw: st.DrawFn, forms: Container[str]) -> dict[str, JsonValue]:
    """Fields that a client names and does not set, in JSON."""
    if "json-nulls" not in forms or not draw(st.booleans()):
        return {}
    names = draw(st.lists(st.sampled_from(list(JobInfo.FIELDS)), min_size=1, unique=True))
    return {name: draw(_UNSET) for name in names}

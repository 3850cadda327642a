"""Conformant close requests, in every legal form."""

from __future__ import annotations

import codecs
from collections.abc import Mapping

from hypothesis import strategies as st

from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.evidence.exchange import Headers, Request
from jobinfo_conformance.generate.bodies import json_objects, xml_elements
from jobinfo_conformance.generate.jobs import salesforce_ids

_ENDPOINT = "https://example.test/services/async/36.0/job"


@st.composite
def close_requests(
    draw: st.DrawFn, serialization: Serialization, *, job_id: str | None = None, resource: str = _ENDPOINT
) -> Request:
    """Requests that close a job, without a session: any legal layout, and the id beside the state or not.

    ``resource`` is the URL of the job resource, ``job_id`` the job's id of 18 characters; any where it is not given.
    """
    job_id = job_id or draw(salesforce_ids())
    values = {**draw(st.sampled_from([{}, {"id": job_id}, {"id": job_id[:15]}])), "state": "Closed"}
    return draw(posts(serialization, values, f"{resource}/{job_id}"))


@st.composite
def posts(draw: st.DrawFn, serialization: Serialization, values: Mapping[str, str], url: str) -> Request:
    """Requests that post these values of a jobInfo, in any legal layout."""
    in_xml = serialization is Serialization.XML
    body = draw(xml_elements(values, prefixed=True) if in_xml else json_objects(dict(values)))
    return Request("POST", url, draw(headers_of(serialization, body)), body)


@st.composite
def headers_of(draw: st.DrawFn, serialization: Serialization, body: bytes) -> Headers:
    """The media type of a body, with or without its charset."""
    in_utf_16 = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    parameters = "" if in_utf_16 else draw(st.sampled_from(["", "; charset=UTF-8", ";charset=utf-8"]))
    return Headers.of([("Content-Type", serialization.media_type + parameters)])

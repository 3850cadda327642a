"""Conformant close requests, in every legal form."""

from __future__ import annotations

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
    if serialization is Serialization.XML:
        body = draw(xml_elements(values, prefixed=True))
        parameters = (
            ""
            if body.startswith((b"\xff\xfe", b"\xfe\xff"))
            else draw(st.sampled_from(["", "; charset=UTF-8", ";charset=utf-8"]))
        )
    else:
        body = draw(json_objects(dict(values)))
        parameters = draw(st.sampled_from(["", "; charset=UTF-8", ";charset=utf-8"]))
    headers = Headers.of([("Content-Type", serialization.media_type + parameters)])
    return Request("POST", f"{resource}/{job_id}", headers, body)

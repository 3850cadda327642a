"""Conformant exchanges."""

from __future__ import annotations

from hypothesis import strategies as st

from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.contract.versions import DEFAULT, Version
from jobinfo_conformance.evidence.exchange import Exchange, Headers, Response
from jobinfo_conformance.generate.bodies import json_bodies, xml_bodies
from jobinfo_conformance.generate.jobs import jobs
from jobinfo_conformance.generate.requests import close_requests


@st.composite
def closes(draw: st.DrawFn, serialization: Serialization, *, version: Version = DEFAULT) -> Exchange:
    """Closes that were accepted, as a conforming server answers them in a version."""
    job = draw(jobs(version=version, state="Closed"))
    resource = f"https://example.test/services/async/{version}/job"
    request = draw(close_requests(serialization, job_id=job.id, resource=resource))
    body = draw(xml_bodies(job) if serialization is Serialization.XML else json_bodies(job))
    parameters = "" if body.startswith((b"\xff\xfe", b"\xfe\xff")) else draw(st.sampled_from(["", "; charset=UTF-8"]))
    headers = Headers.of([("Content-Type", serialization.media_type + parameters)])
    return Exchange(request, Response(200, headers, body))

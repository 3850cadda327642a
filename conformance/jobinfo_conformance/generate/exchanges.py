"""Conformant exchanges."""

from __future__ import annotations

from hypothesis import strategies as st

from jobinfo_conformance._contract.jobinfo import SETTINGS, JobInfo
from jobinfo_conformance._contract.schemas import Body, xml_types
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import DEFAULT, Version
from jobinfo_conformance._exchange import Exchange, Request, Response
from jobinfo_conformance.generate.bodies import json_bodies, json_objects, xml_bodies, xml_elements
from jobinfo_conformance.generate.close_requests import close_requests, headers_of, posts
from jobinfo_conformance.generate.jobs import jobs, salesforce_ids

_MESSAGES = ("InvalidJob : Invalid job id: 750", "a < b & c", "Auftrag unbekannt", "\u540d\u524d", '"\\')


def exchanges(serialization: Serialization, *, version: Version = DEFAULT) -> st.SearchStrategy[Exchange]:
    """Exchanges with the job resource: a job that is created, read, closed or aborted, and closes that are refused."""
    kinds = (creates, reads, closes, aborts, refusals)
    return st.one_of([kind(serialization, version=version) for kind in kinds])


@st.composite
def closes(draw: st.DrawFn, serialization: Serialization, *, version: Version = DEFAULT) -> Exchange:
    """Accepted closes, as a conforming server answers them in a version."""
    job = draw(jobs(version=version, state="Closed"))
    request = draw(close_requests(serialization, job_id=job.id, resource=_resource(version)))
    return Exchange(request, draw(answers(serialization, job)))


@st.composite
def creates(draw: st.DrawFn, serialization: Serialization, *, version: Version = DEFAULT) -> Exchange:
    """Accepted creates, of jobs that are open and have no batches yet."""
    job = draw(jobs(version=version, state="Open").filter(lambda drawn: drawn.number_batches_total == 0))
    settings = {name: job[name] for name in SETTINGS if job[name] is not None}
    request = draw(posts(serialization, settings, _resource(version)))
    return Exchange(request, draw(answers(serialization, job, status=201)))


@st.composite
def reads(draw: st.DrawFn, serialization: Serialization, *, version: Version = DEFAULT) -> Exchange:
    """Reads of a job in any state."""
    job = draw(jobs(version=version))
    request = Request("GET", f"{_resource(version)}/{job.id}", draw(headers_of(serialization, b"")))
    return Exchange(request, draw(answers(serialization, job)))


@st.composite
def aborts(draw: st.DrawFn, serialization: Serialization, *, version: Version = DEFAULT) -> Exchange:
    """Accepted aborts."""
    job = draw(jobs(version=version, state="Aborted"))
    request = draw(posts(serialization, {"state": "Aborted"}, f"{_resource(version)}/{job.id}"))
    return Exchange(request, draw(answers(serialization, job)))


@st.composite
def refusals(draw: st.DrawFn, serialization: Serialization, *, version: Version = DEFAULT) -> Exchange:
    """Refused closes, for any documented reason and with various messages."""
    codes = [str(code) for code in xml_types(Body.ERROR)["exceptionCode"].enumeration or ()]
    values = {"exceptionCode": draw(st.sampled_from(codes)), "exceptionMessage": draw(st.sampled_from(_MESSAGES))}
    in_xml = serialization is Serialization.XML
    body = draw(xml_elements(values, root="error") if in_xml else json_objects(dict(values)))
    request = draw(close_requests(serialization, job_id=draw(salesforce_ids()), resource=_resource(version)))
    return Exchange(request, Response(400, draw(headers_of(serialization, body)), body))


@st.composite
def answers(draw: st.DrawFn, serialization: Serialization, job: JobInfo, *, status: int = 200) -> Response:
    """Answers that show a job."""
    body = draw(xml_bodies(job) if serialization is Serialization.XML else json_bodies(job))
    return Response(status, draw(headers_of(serialization, body)), body)


def _resource(version: Version) -> str:
    return f"https://example.test/services/async/{version}/job"

"""Clients that send a wrong request."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

from jobinfo_conformance._checks import client as family
from jobinfo_conformance._clients.conforming import ConformingClient, InXml, faulty
from jobinfo_conformance._contract.jobinfo import NAMESPACE, JobInfo
from jobinfo_conformance._contract.session import SESSION_HEADER, WRONG_SESSION
from jobinfo_conformance._exchange import Headers, Request, Response


def _with_json(request: Request, **values: object) -> Request:
    return replace(request, body=json.dumps(values).encode())


def _with_xml(request: Request, content: str) -> Request:
    return replace(request, body=f'<jobInfo xmlns="{NAMESPACE}">{content}</jobInfo>'.encode())


# Where a request goes, and how


@faulty(family.method)
class ClosesWithPut(ConformingClient):
    """PUT closes the job, as in other APIs."""

    def closing(self, job_id: str) -> Request:
        """With PUT."""
        return replace(super().closing(job_id), method="PUT")


@faulty(family.method)
class ClosesWithPatch(ConformingClient):
    """PATCH closes the job, as in Bulk API 2.0."""

    def closing(self, job_id: str) -> Request:
        """With PATCH."""
        return replace(super().closing(job_id), method="PATCH")


@faulty(family.method)
class ClosesWithGet(ConformingClient):
    """The close is the body of a GET, which reads the job."""

    def closing(self, job_id: str) -> Request:
        """With GET."""
        return replace(super().closing(job_id), method="GET")

    def check(self, response: Response, job_id: str) -> None:
        """The status is 200."""
        self.accepted(response)


@faulty(family.method)
class ListsJobs(ConformingClient):
    """GET asks for all jobs first, of which this API has no list."""

    def create(self) -> str:
        """Ask for the jobs first."""
        self.send(Request("GET", self.resource))
        return super().create()


@faulty(family.method)
class DeletesItsJob(ConformingClient):
    """DELETE ends the job after the close."""

    def close(self, job_id: str) -> None:
        """Delete it as well."""
        super().close(job_id)
        self.send(Request("DELETE", f"{self.resource}/{job_id}"))


@faulty(family.uri)
class VersionBeginsWithV(ConformingClient):
    """The version in the URI begins with a v, as in the REST API."""

    def closing(self, job_id: str) -> Request:
        """With another version."""
        request = super().closing(job_id)
        return replace(request, url=request.url.replace("/async/", "/async/v"))


@faulty(family.uri)
class ClosesAtAPathOfItsOwn(ConformingClient):
    """The close goes to a path that ends in /close."""

    def closing(self, job_id: str) -> Request:
        """With another path."""
        request = super().closing(job_id)
        return replace(request, url=f"{request.url}/close")


@faulty(family.uri)
class ClosesInTheRestApi(ConformingClient):
    """The close goes to the jobs of Bulk API 2.0."""

    def closing(self, job_id: str) -> Request:
        """In the REST API."""
        return replace(super().closing(job_id), url=f"{self.place.base_url}/services/data/v62.0/jobs/ingest/{job_id}")


@faulty(family.uri)
class QuotesTheId(ConformingClient):
    """The id in the URI is in quotes."""

    def closing(self, job_id: str) -> Request:
        """With quotes."""
        return super().closing(f"%22{job_id}%22")


# The session


class _ClosesAs(ConformingClient):
    def carrying(self, request: Request) -> Request:
        """Requests but the close carry the session as usual."""
        return self.carried(request) if b"Closed" in request.body else super().carrying(request)

    def carried(self, request: Request) -> Request:
        """The close with what it carries."""
        return request


@faulty(family.session_header)
class ClosesWithoutSession(_ClosesAs):
    """The close carries no session."""


@faulty(family.session_header)
class SessionAsBearer(_ClosesAs):
    """The close carries the session as a bearer token alone."""

    def carried(self, request: Request) -> Request:
        """In the header Authorization."""
        return request.with_header("Authorization", f"Bearer {self.place.session}")


@faulty(family.session_header)
class SessionInTheUrl(_ClosesAs):
    """The close carries the session in its URL as well."""

    def carried(self, request: Request) -> Request:
        """In the query."""
        carried = request.with_header(SESSION_HEADER, self.place.session)
        return replace(carried, url=f"{request.url}?sid={self.place.session}")


@faulty(family.session_header)
class AnotherSession(_ClosesAs):
    """The close carries a session that is not the one it was given."""

    def carried(self, request: Request) -> Request:
        """Another one."""
        return request.with_header(SESSION_HEADER, WRONG_SESSION)


# The media type


@faulty(family.content_type_fits_body)
class JsonSentAsXml(ConformingClient):
    """A close in JSON is sent as application/xml."""

    def closing(self, job_id: str) -> Request:
        """With the other media type."""
        return super().closing(job_id).with_header("Content-Type", "application/xml")


@faulty(family.content_type_fits_body)
class XmlCalledText(InXml):
    """A close in XML is sent as text/xml."""

    def closing(self, job_id: str) -> Request:
        """With a media type for texts."""
        return super().closing(job_id).with_header("Content-Type", "text/xml; charset=UTF-8")


@faulty(family.content_type_fits_body)
class ClosesWithoutMediaType(ConformingClient):
    """The close has no Content-Type."""

    def closing(self, job_id: str) -> Request:
        """Without the header."""
        request = super().closing(job_id)
        return replace(request, headers=Headers.of(pair for pair in request.headers if pair[0] != "Content-Type"))


@faulty(family.content_type_fits_body)
class BatchCalledJson(InXml):
    """A batch in XML is sent as JSON."""

    def batch(self, job_id: str) -> Request:
        """With the other media type."""
        return super().batch(job_id).with_header("Content-Type", "application/json")


# The body


@faulty(family.body_fits_schema)
class WithoutABracket(InXml):
    """The close lacks the < of its state, as a real library once sent it."""

    def closing(self, job_id: str) -> Request:
        """Without it."""
        return super().closing(job_id).with_text("<state>", "state>")


@faulty(family.body_fits_schema)
class TrailingJunk(ConformingClient):
    """The close has another brace at its end."""

    def closing(self, job_id: str) -> Request:
        """With a brace too many."""
        request = super().closing(job_id)
        return replace(request, body=request.body + b"}")


@faulty(family.body_fits_schema)
class WithoutNamespace(InXml):
    """The close has no namespace."""

    def closing(self, job_id: str) -> Request:
        """Without it."""
        return super().closing(job_id).with_text(f' xmlns="{NAMESPACE}"', "")


@faulty(family.body_fits_schema)
class EmptyClose(ConformingClient):
    """The close has no body."""

    def closing(self, job_id: str) -> Request:
        """Without it."""
        return replace(super().closing(job_id), body=b"")


@faulty(family.body_fits_schema)
class StateTwice(ConformingClient):
    """The close says its state twice."""

    def closing(self, job_id: str) -> Request:
        """Once more."""
        return replace(super().closing(job_id), body=b'{"state": "Closed", "state": "Closed"}')


@faulty(family.body_fits_schema)
class GzipCutShort(ConformingClient):
    """The close is compressed, and its last bytes are missing."""

    def closing(self, job_id: str) -> Request:
        """Compressed."""
        request = super().closing(job_id)
        return replace(request, body=gzip.compress(request.body, mtime=0)[:-6]).with_header("Content-Encoding", "gzip")


@faulty(family.body_fits_schema)
class CreatesWithoutObject(InXml):
    """A create names no object at first."""

    def create(self) -> str:
        """Try without an object first."""
        self.send(_with_xml(Request("POST", self.resource, Headers.of([("Content-Type", "application/xml")])), _NO_OBJECT))
        return super().create()


_NO_OBJECT = "<operation>insert</operation><contentType>XML</contentType>"


@faulty(family.body_fits_schema)
class OneRecordAsBatch(ConformingClient):
    """A batch in JSON is a record rather than a list of records."""

    def batch(self, job_id: str) -> Request:
        """One record."""
        return _with_json(super().batch(job_id), Name="a")


# The state


@faulty(family.state_closed)
class LowerCaseState(InXml):
    """The close says closed, in lower case."""

    def closing(self, job_id: str) -> Request:
        """In lower case."""
        return super().closing(job_id).with_text("Closed", "closed")


@faulty(family.state_closed)
class UploadComplete(ConformingClient):
    """The close says UploadComplete, as in Bulk API 2.0."""

    def closing(self, job_id: str) -> Request:
        """With the other state."""
        return super().closing(job_id).with_text("Closed", "UploadComplete")


@faulty(family.state_closed)
class NoState(ConformingClient):
    """The close is an empty object."""

    def closing(self, job_id: str) -> Request:
        """Without a state."""
        return _with_json(super().closing(job_id))


# The fields


@faulty(family.element_order)
class StateBeforeId(InXml):
    """The close has its id after its state."""

    def closing(self, job_id: str) -> Request:
        """The other way round."""
        return _with_xml(super().closing(job_id), f"<state>Closed</state><id>{job_id}</id>")


@faulty(family.element_order)
class AlphabeticalCreate(InXml):
    """A create has its elements in alphabetical order at first."""

    def create(self) -> str:
        """Try it so first."""
        headers = Headers.of([("Content-Type", "application/xml")])
        content = "<contentType>XML</contentType><object>Account</object><operation>insert</operation>"
        self.send(_with_xml(Request("POST", self.resource, headers), content))
        return super().create()


@faulty(family.only_settable_fields)
class SendsTheJobBack(ConformingClient):
    """The close is the job as it was read, with another state."""

    def closing(self, job_id: str) -> Request:
        """All that the job has."""
        request = super().closing(job_id)
        job = json.loads(self.send(Request("GET", request.url, request.headers)).body or b"{}")
        return _with_json(request, **{**{name: job.get(name) for name in JobInfo.FIELDS}, "state": "Closed"})


@faulty(family.only_settable_fields)
class ClosesWithAnOperation(InXml):
    """The close repeats the operation."""

    def closing(self, job_id: str) -> Request:
        """With the operation."""
        return _with_xml(super().closing(job_id), "<operation>insert</operation><state>Closed</state>")

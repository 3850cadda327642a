"""Faults in how a close is answered over HTTP."""

from __future__ import annotations

from dataclasses import replace

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._exchange import Headers, Request, Response
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._reference.faults.fault import JSON, XML, after, before, fault
from jobinfo_conformance._reference.jobs import Job
from jobinfo_conformance._reference.service import Refused, Service

_OTHER_METHODS = Operation.OTHER_METHOD


def typed(response: Response, content_type: str | None) -> Response:
    """The answer with another Content-Type, or without one."""
    others = response.headers.without("Content-Type")
    return replace(response, headers=Headers.of([*others, *([("Content-Type", content_type)] if content_type else [])]))


# The status of a close


@after(Service.show, breaks="http/status-200", on=Operation.CLOSE)
def close_answers_201(answer: Response) -> Response:
    """A close is answered with 201, as if it created something."""
    return replace(answer, status=201)


@after(Service.show, breaks="http/status-200", on=Operation.CLOSE)
def close_answers_201_and_nothing(answer: Response) -> Response:
    """A close is answered with 201 and an empty JSON object, whatever its serialization."""
    return typed(replace(answer, status=201, body=b"{}"), "application/json")


@after(Service.show, breaks="http/status-200", on=Operation.CLOSE)
def close_answers_204(answer: Response) -> Response:
    """A close is answered with 204 and no body."""
    return typed(replace(answer, status=204, body=b""), None)


@after(Service.show, breaks="http/status-200", on=Operation.CLOSE, every=3)
def third_close_answers_202(answer: Response) -> Response:
    """Every third close is answered with 202, as if it were still to be carried out."""
    return replace(answer, status=202)


@fault(breaks="http/status-200", on=Operation.CLOSE, only=XML)
class XmlCloseRedirects(Service):
    """A close in XML is answered with a redirect to the job."""

    def show(self, job: Job, form: Serialization) -> Response:
        """Where the job can be read."""
        location = f"{self.path(job.version)}/{job.id}"
        return replace(super().show(job, form), status=303, headers=Headers.of([("Location", location)]), body=b"")


# The media type


@after(Service.show, breaks="http/content-type", only=XML)
def text_xml(answer: Response) -> Response:
    """XML is sent as text/xml."""
    return typed(answer, "text/xml; charset=UTF-8")


@after(Service.show, breaks="http/content-type", only=JSON)
def json_as_text(answer: Response) -> Response:
    """JSON is sent as text/plain."""
    return typed(answer, "text/plain")


@after(Service.show, breaks="http/content-type", only=JSON, on=Operation.CLOSE)
def json_called_xml(answer: Response) -> Response:
    """A close in JSON is answered in JSON, but sent as application/xml."""
    return typed(answer, "application/xml")


@after(Service.show, breaks="http/content-type", on=Operation.READ)
def reads_without_content_type(answer: Response) -> Response:
    """A read is answered without a Content-Type."""
    return typed(answer, None)


@after(Service.show, breaks="http/content-type", on=Operation.CREATE, only=JSON)
def vendors_own_media_type(answer: Response) -> Response:
    """A create in JSON is answered with a vendor-specific media type that ends in +json."""
    return typed(answer, "application/vnd.salesforce+json")


# The serialization


@after(Service.serialization, breaks="http/serialization-follows-request", only=JSON)
def xml_whatever_is_asked(_form: Serialization) -> Serialization:
    """Requests in JSON are answered in XML."""
    return XML


@after(Service.serialization, breaks="http/serialization-follows-request", only=XML, on=Operation.CLOSE)
def closes_answer_in_json(_form: Serialization) -> Serialization:
    """A close in XML is answered in JSON."""
    return JSON


@fault(breaks="http/serialization-follows-request", on=Operation.CLOSE)
class AcceptDecides(Service):
    """The answer to a close is in the serialization that its Accept header names."""

    def serialization(self, request: Request, otherwise: Serialization = XML) -> Serialization:
        """The serialization in Accept, if it is one."""
        accepted = Serialization.of_media_type(request.headers.get("Accept"))
        return accepted or super().serialization(request, otherwise)


# Other methods


@before(Service.route, breaks="http/other-methods-refused")
def patch_closes(request: Request) -> Request:
    """PATCH closes a job, as it does in Bulk API 2.0."""
    return replace(request, method="POST") if request.method == "PATCH" else request


@before(Service.route, breaks="http/other-methods-refused", on=_OTHER_METHODS)
def other_methods_read(request: Request) -> Request:
    """PUT, PATCH and DELETE are taken for GET and answered with the job."""
    return replace(request, method="GET", body=b"")


@fault(breaks="http/other-methods-refused", on=_OTHER_METHODS)
class DeleteDropsTheJob(Service):
    """DELETE is answered with 204, and the job is gone."""

    def route(self, request: Request) -> Response:
        """Drop the job that a DELETE names."""
        if request.method != "DELETE":
            return super().route(request)
        del self.jobs[self.find(request.url.rpartition("/")[2]).id]
        return Response(204)


@fault(breaks="http/other-methods-refused", on=_OTHER_METHODS)
class RefusedPutClosesAllTheSame(Service):
    """PUT is answered with 405, but closes the job."""

    def allow(self, request: Request, *methods: str) -> None:
        """Close the job before checking the method."""
        if request.method == "PUT":
            job = self.find(request.url.rpartition("/")[2])
            self.jobs[job.id] = job.closed()
        super().allow(request, *methods)


@fault(breaks="http/method-status-405", on=_OTHER_METHODS)
class OtherMethodsAnswer400(Service):
    """PUT, PATCH and DELETE are answered with 400."""

    def allow(self, request: Request, *methods: str) -> None:
        """Refuse with another status."""
        raise Refused("InvalidOperation", f"{request.method} is not supported here")


@fault(breaks="http/method-status-405", on=_OTHER_METHODS)
class DeleteAnswers404(Service):
    """DELETE is answered with 404, because it has no route."""

    def allow(self, request: Request, *methods: str) -> None:
        """Refuse with another status."""
        if request.method == "DELETE":
            raise Refused("InvalidUrl", "Destination URL not known", 404)
        super().allow(request, *methods)


@fault(breaks="http/method-status-405", on=_OTHER_METHODS)
class OtherMethodsAnswer501(Service):
    """PUT, PATCH and DELETE are answered with 501."""

    def allow(self, request: Request, *methods: str) -> None:
        """Refuse with another status."""
        raise Refused("Unknown", f"Unsupported method ({request.method})", 501)

"""Faults in how requests are refused."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.session import SESSION_HEADER
from jobinfo_conformance._exchange import Headers, Request, Response
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._reference.faults.fault import JSON, XML, after, before, fault
from jobinfo_conformance._reference.faults.http import typed
from jobinfo_conformance._reference.service import Refused, Service

_CHANGES = (Operation.CLOSE, Operation.CHANGE)


class _RenamesCodes(Service):
    """Refuses with codes of its own."""

    def refusal(self, request: Request, refused: Refused) -> Response:
        """Refuse with another code."""
        return super().refusal(request, Refused(self.renamed(refused.code), str(refused), refused.status))

    def renamed(self, code: str) -> str:
        """The code in place of another."""
        return code


# status


@after(Service.refusal, breaks="errors/status-4xx", on=_CHANGES)
def faulty_closes_answer_500(answer: Response) -> Response:
    """A faulty close is answered with 500."""
    return replace(answer, status=500)


@after(Service.refusal, breaks="errors/status-4xx", only=JSON, on=_CHANGES, every=3)
def third_refusal_answers_500(answer: Response) -> Response:
    """Every third close in JSON, if it is refused, is answered with 500."""
    return replace(answer, status=500)


@after(Service.refusal, breaks="errors/status-4xx", on=_CHANGES)
def malformed_closes_answer_503(answer: Response) -> Response:
    """A close that can't be read is answered with 503: the parser's exception reaches the gateway."""
    unreadable = any(code in (answer.body or b"") for code in (b"InvalidXml", b"ClientInputError"))
    return replace(answer, status=503) if unreadable else answer


@after(Service.refusal, breaks="errors/status-4xx", on=_CHANGES)
def faulty_closes_answer_200(answer: Response) -> Response:
    """A faulty close is answered with an error document, but with the status 200."""
    return replace(answer, status=200)


@fault(breaks="errors/status-4xx", on=_CHANGES)
class UnknownJobsAnswer500(Service):
    """A close of a job that does not exist is answered with 500."""

    def refusal(self, request: Request, refused: Refused) -> Response:
        """Answer 500 for an unknown job."""
        unknown = refused.code == "InvalidJob" and "Unable to find" in str(refused)
        return super().refusal(request, Refused("InternalServerError", "None", 500) if unknown else refused)


# document


@after(Service.refusal, breaks="errors/document", on=_CHANGES)
def errors_in_html(answer: Response) -> Response:
    """An error is an HTML page."""
    return typed(replace(answer, body=b"<html><body><h1>Bad Request</h1></body></html>"), "text/html")


@after(Service.refusal, breaks="errors/document", on=_CHANGES)
def errors_in_plain_text(answer: Response) -> Response:
    """An error is a line of plain text."""
    return typed(replace(answer, body=b"Bad Request"), "text/plain")


@after(Service.refusal, breaks="errors/document", on=_CHANGES)
def errors_without_body(answer: Response) -> Response:
    """An error has no body."""
    return replace(answer, body=b"")


@after(Service.refusal, breaks="errors/document", only=JSON)
def errors_of_the_rest_api(answer: Response) -> Response:
    """An error in JSON is a list with errorCode and message, as in the vendor's REST API."""
    return replace(answer, body=json.dumps([{"errorCode": "INVALIDJOB", "message": "Invalid job"}]).encode())


@after(Service.refusal, breaks="errors/document", only=JSON)
def errors_wrapped(answer: Response) -> Response:
    """An error in JSON is wrapped in an object, as the value of the key error."""
    return replace(answer, body=b'{"error": ' + (answer.body or b"") + b"}")


@after(Service.refusal, breaks="errors/document", only=XML)
def errors_without_namespace(answer: Response) -> Response:
    """An error in XML has no namespace."""
    return replace(answer, body=re.sub(rb' xmlns="[^"]*"', b"", answer.body or b""))


@after(Service.refusal, breaks="errors/document")
def errors_without_message(answer: Response) -> Response:
    """An error has no exceptionMessage."""
    in_json = re.sub(rb',\s*"exceptionMessage": ".*"', b"", answer.body or b"")
    return replace(answer, body=re.sub(rb" <exceptionMessage>.*</exceptionMessage>\n", b"", in_json))


# code and message


@fault(breaks="errors/known-code")
class CodesOfOthers(_RenamesCodes):
    """Error codes are in capitals with underscores, as in the vendor's other APIs."""

    def renamed(self, code: str) -> str:
        """The code in capitals and underscores."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", code).upper()


@fault(breaks="errors/known-code", only=JSON)
class JobNotFound(_RenamesCodes):
    """The code InvalidJob is JobNotFound in JSON, which is not documented."""

    def renamed(self, code: str) -> str:
        """JobNotFound in place of InvalidJob."""
        return "JobNotFound" if code == "InvalidJob" else code


@fault(breaks="errors/message-not-empty")
class MessagesSayNothing(Service):
    """The exceptionMessage is empty."""

    def refusal(self, request: Request, refused: Refused) -> Response:
        """Refuse with an empty message."""
        return super().refusal(request, Refused(refused.code, "", refused.status))


# serialization


@fault(breaks="errors/serialization", only=JSON)
class ErrorsInXmlAlone(Service):
    """Errors are in XML even if the request is in JSON."""

    def refusal(self, request: Request, refused: Refused) -> Response:
        """Refuse as if the request were in XML."""
        return super().refusal(_in(XML, request), refused)


@fault(breaks="errors/serialization", only=XML)
class ErrorsInJsonAlone(Service):
    """Errors are in JSON even if the request is in XML."""

    def refusal(self, request: Request, refused: Refused) -> Response:
        """Refuse as if the request were in JSON."""
        return super().refusal(_in(JSON, request), refused)


@after(Service.refusal, breaks="errors/serialization")
def errors_without_content_type(answer: Response) -> Response:
    """An error has no Content-Type."""
    return replace(answer, headers=answer.headers.without("Content-Type"))


def _in(form: Serialization, request: Request) -> Request:
    return request.with_header("Content-Type", form.media_type)


# no-secrets


@fault(breaks="errors/no-secrets")
class ErrorsRepeatTheSession(Service):
    """The message of an error repeats the session."""

    def refusal(self, request: Request, refused: Refused) -> Response:
        """Refuse with the session in the message."""
        session = request.headers.get(SESSION_HEADER)
        return super().refusal(request, Refused(refused.code, f"{refused} (session {session})", refused.status))


@fault(breaks="errors/no-secrets")
class HeadersRepeatTheSession(Service):
    """Every answer repeats the session in a header, as a debugging aid."""

    def answer(self, request: Request) -> Response:
        """Answer with one more header."""
        answer = super().answer(request)
        session = request.headers.get(SESSION_HEADER) or ""
        return replace(answer, headers=Headers.of([*answer.headers, ("X-Request-Session", session)]))


@before(Service.route, breaks="errors/no-secrets", on=Operation.CREATE, only=JSON)
def session_is_the_object(request: Request) -> Request:
    """A job created in JSON has the session as its object: two arguments are swapped."""
    session = (request.headers.get(SESSION_HEADER) or "").encode()
    return replace(request, body=re.sub(rb'("object": ")\w+', lambda key: key[1] + session, request.body))

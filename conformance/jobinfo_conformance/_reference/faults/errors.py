"""Faults in how a request is refused."""

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


class _Renamed(Service):
    """Refuses with other codes."""

    def refusal(self, request: Request, refused: Refused) -> Response:
        """The same refusal under another name."""
        return super().refusal(request, Refused(self.renamed(refused.code), str(refused), refused.status))

    def renamed(self, code: str) -> str:
        """Another code."""
        return code


# status


@after(Service.refusal, breaks="errors/status-4xx", on=_CHANGES)
def faulty_closes_answer_500(answer: Response) -> Response:
    """A faulty close is answered with 500."""
    return replace(answer, status=500)


@after(Service.refusal, breaks="errors/status-4xx", only=JSON, on=_CHANGES, every=3)
def third_refusal_answers_503(answer: Response) -> Response:
    """Of closes in JSON, every third is answered with 503 where it is refused."""
    return replace(answer, status=503)


@fault(breaks="errors/status-4xx", on=_CHANGES)
class UnknownJobsAnswer500(Service):
    """A job that does not exist is answered with 500."""

    def refusal(self, request: Request, refused: Refused) -> Response:
        """Break down over what is not there."""
        unknown = refused.code == "InvalidJob" and "Unable to find" in str(refused)
        return super().refusal(request, Refused("InternalServerError", "None", 500) if unknown else refused)


# document


@after(Service.refusal, breaks="errors/document", on=_CHANGES)
def errors_in_html(answer: Response) -> Response:
    """An error is a page of HTML."""
    return typed(replace(answer, body=b"<html><body><h1>Bad Request</h1></body></html>"), "text/html")


@after(Service.refusal, breaks="errors/document", on=_CHANGES)
def errors_in_plain_text(answer: Response) -> Response:
    """An error is a line of text."""
    return typed(replace(answer, body=b"Bad Request"), "text/plain")


@after(Service.refusal, breaks="errors/document", on=_CHANGES)
def errors_without_body(answer: Response) -> Response:
    """An error has no body."""
    return replace(answer, body=b"")


@after(Service.refusal, breaks="errors/document", only=JSON)
def errors_of_the_rest_api(answer: Response) -> Response:
    """An error in JSON is a list with errorCode and message, as in other interfaces of the vendor's."""
    return replace(answer, body=json.dumps([{"errorCode": "INVALIDJOB", "message": "Invalid job"}]).encode())


@after(Service.refusal, breaks="errors/document", only=JSON)
def errors_wrapped(answer: Response) -> Response:
    """An error in JSON is the value of a key error."""
    return replace(answer, body=b'{"error": ' + (answer.body or b"") + b"}")


@after(Service.refusal, breaks="errors/document", only=XML)
def errors_without_namespace(answer: Response) -> Response:
    """An error in XML is in no namespace."""
    return replace(answer, body=re.sub(rb' xmlns="[^"]*"', b"", answer.body or b""))


@after(Service.refusal, breaks="errors/document")
def errors_without_message(answer: Response) -> Response:
    """An error has no exceptionMessage."""
    in_json = re.sub(rb',\s*"exceptionMessage": ".*"', b"", answer.body or b"")
    return replace(answer, body=re.sub(rb" <exceptionMessage>.*</exceptionMessage>\n", b"", in_json))


# code and message


@fault(breaks="errors/known-code")
class CodesOfOthers(_Renamed):
    """Codes of errors are in capitals, as in the vendor's other interfaces."""

    def renamed(self, code: str) -> str:
        """The code in capitals and underscores."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", code).upper()


@fault(breaks="errors/known-code", only=JSON)
class JobNotFound(_Renamed):
    """The code of an InvalidJob in JSON is JobNotFound, which is not documented."""

    def renamed(self, code: str) -> str:
        """A code that says more."""
        return "JobNotFound" if code == "InvalidJob" else code


@fault(breaks="errors/message-not-empty")
class MessagesSayNothing(Service):
    """The exceptionMessage is empty."""

    def refusal(self, request: Request, refused: Refused) -> Response:
        """The same refusal without its message."""
        return super().refusal(request, Refused(refused.code, "", refused.status))


# serialization


@fault(breaks="errors/serialization", only=JSON)
class ErrorsInXmlAlone(Service):
    """Errors are in XML, also where the request is in JSON."""

    def refusal(self, request: Request, refused: Refused) -> Response:
        """The refusal of a request in XML."""
        return super().refusal(_in(XML, request), refused)


@fault(breaks="errors/serialization", only=XML)
class ErrorsInJsonAlone(Service):
    """Errors are in JSON, also where the request is in XML."""

    def refusal(self, request: Request, refused: Refused) -> Response:
        """The refusal of a request in JSON."""
        return super().refusal(_in(JSON, request), refused)


def _in(form: Serialization, request: Request) -> Request:
    return request.with_header("Content-Type", form.media_type)


# no-secrets


@fault(breaks="errors/no-secrets")
class ErrorsRepeatTheSession(Service):
    """An error says whose session it was, and repeats it."""

    def refusal(self, request: Request, refused: Refused) -> Response:
        """The same refusal, with the session in its message."""
        session = request.headers.get(SESSION_HEADER)
        return super().refusal(request, Refused(refused.code, f"{refused} (session {session})", refused.status))


@fault(breaks="errors/no-secrets")
class HeadersRepeatTheSession(Service):
    """Every answer carries the session in a header, for whoever debugs."""

    def answer(self, request: Request) -> Response:
        """The answer, with one header more."""
        answer = super().answer(request)
        session = request.headers.get(SESSION_HEADER) or ""
        return replace(answer, headers=Headers.of([*answer.headers, ("X-Request-Session", session)]))


@before(Service.route, breaks="errors/no-secrets", on=Operation.CREATE, only=JSON)
def session_is_the_object(request: Request) -> Request:
    """A job that is created in JSON has the session as its object: two arguments that were swapped."""
    session = (request.headers.get(SESSION_HEADER) or "").encode()
    return replace(request, body=re.sub(rb'("object": ")\w+', lambda key: key[1] + session, request.body))

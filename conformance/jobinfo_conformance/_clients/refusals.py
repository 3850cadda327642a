"""Closes that are refused: the job stays open, and no answer says that it is closed."""

from __future__ import annotations

import threading
from typing import Any

from jobinfo_conformance._clients.closes import AnswersClosesOtherwise
from jobinfo_conformance._exchange import Headers, Request, Response
from jobinfo_conformance._reference.jobs import Batch, Job
from jobinfo_conformance._reference.service import Refused
from jobinfo_conformance._url_parts import parts_of

#: How long an answer keeps a client waiting that never comes, in seconds.
_HANGS = 3.0


class _RefusesCloses(AnswersClosesOtherwise):
    code = "InvalidJobState"
    message = "Job is in a state in which it can't be closed"
    status = 400

    def instead(self, request: Request, job: Job) -> Response:
        """Refuse it."""
        raise Refused(self.code, self.message, self.status)


class InvalidJobState(_RefusesCloses):
    """A close is refused as InvalidJobState."""


class InvalidSession(_RefusesCloses):
    """A close is refused as InvalidSessionId: the session has expired."""

    code, message = "InvalidSessionId", "Invalid session id"


class ExceededQuota(_RefusesCloses):
    """A close is refused as ExceededQuota."""

    code, message = "ExceededQuota", "ApiBatchItems Limit exceeded"


class ServerError(_RefusesCloses):
    """A close is refused as InternalServerError, with status 500."""

    code, message, status = "InternalServerError", "Internal server error", 500


class UnavailableInHtml(AnswersClosesOtherwise):
    """A gateway answers a close with 503 and a page in HTML."""

    def instead(self, request: Request, job: Job) -> Response:
        """A page for people."""
        page = b"<html><head><title>Down for Maintenance</title></head><body><h1>503</h1></body></html>"
        return Response(503, Headers.of([("Content-Type", "text/html; charset=UTF-8")]), page)


class NoContent(AnswersClosesOtherwise):
    """A close is answered with 204 and no body, and the job stays open."""

    def instead(self, request: Request, job: Job) -> Response:
        """Nothing."""
        return Response(204)


class CreatedNothing(AnswersClosesOtherwise):
    """A close is answered with 201 and an empty JSON object, and the job stays open."""

    def instead(self, request: Request, job: Job) -> Response:
        """An empty object."""
        return Response(201, Headers.of([("Content-Type", "application/json")]), b"{}")


class Reset(AnswersClosesOtherwise):
    """The connection of a close ends without an answer."""

    def instead(self, request: Request, job: Job) -> Response:
        """Drop the connection."""
        raise ConnectionError("a close is not answered")


class Hang(AnswersClosesOtherwise):
    """A close is not answered for three seconds; then its connection ends."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.ended = threading.Event()

    def instead(self, request: Request, job: Job) -> Response:
        """Keep the client waiting."""
        self.ended.wait(_HANGS)
        raise ConnectionError("a close is not answered")


class NoResults(AnswersClosesOtherwise):
    """The results of a batch are refused as InternalServerError, with status 500."""

    def read_part(self, job: Job, batch: Batch, path: Any) -> Response:
        """Refuse results."""
        if path["part"] == "/request":
            return super().read_part(job, batch, path)
        raise Refused("InternalServerError", "Results can't be fetched", 500)

    def route(self, request: Request) -> Response:
        """Note a request for results."""
        if "/result" in parts_of(request.url).path:
            self.odd.append(request)
        return super().route(request)

    def instead(self, request: Request, job: Job) -> Response:
        """Closes are answered as usual."""
        self.odd.remove(request)
        return super().instead(request, job)


ALL = (
    InvalidJobState,
    InvalidSession,
    ExceededQuota,
    ServerError,
    UnavailableInHtml,
    NoContent,
    CreatedNothing,
    Reset,
    Hang,
    NoResults,
)

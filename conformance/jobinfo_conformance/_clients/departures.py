"""Answers to a close that lie, or that lead astray."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from jobinfo_conformance._clients.closes import AnswersClosesOtherwise
from jobinfo_conformance._contract.ids import JOB_PREFIX, long_form
from jobinfo_conformance._exchange import Headers, Request, Response
from jobinfo_conformance._reference.jobs import Job


class StillOpen(AnswersClosesOtherwise):
    """A close is answered with 200 and the job as it was, which stays Open."""

    def instead(self, request: Request, job: Job) -> Response:
        """The job as it was."""
        return self.show(job, self.serialization(request))


class Aborted(AnswersClosesOtherwise):
    """A close is answered with 200 and the state Aborted: the job was aborted."""

    def instead(self, request: Request, job: Job) -> Response:
        """Abort the job."""
        self.jobs[job.id] = self.abort(job)
        return self.show(self.jobs[job.id], self.serialization(request))


class AnotherJob(AnswersClosesOtherwise):
    """A close is answered with another job, which is closed; the job itself stays open."""

    def instead(self, request: Request, job: Job) -> Response:
        """A job that nobody opened."""
        other = replace(job.closed(), id=long_form(f"{JOB_PREFIX}999999999999"))
        return self.show(other, self.serialization(request))


class OtherSerialization(AnswersClosesOtherwise):
    """A close is carried out, and answered in JSON if it is in XML, and in XML if it is in JSON."""

    def instead(self, request: Request, job: Job) -> Response:
        """Close the job."""
        self.jobs[job.id] = self.close(job)
        return self.show(self.jobs[job.id], self.serialization(request).other)


class Redirect(AnswersClosesOtherwise):
    """A close is answered with 303, which leads to the job, and the job stays open."""

    def instead(self, request: Request, job: Job) -> Response:
        """Where the job can be read."""
        return Response(303, Headers.of([("Location", f"{self.path(job.version)}/{job.id}")]))


class RedirectElsewhere(AnswersClosesOtherwise):
    """A close is answered with 307, which leads to another origin: the session does not belong there."""

    def __init__(self, *, elsewhere: str = "", **settings: Any) -> None:
        super().__init__(**settings)
        self.elsewhere = elsewhere

    def instead(self, request: Request, job: Job) -> Response:
        """The same path at another origin; a close that follows is carried out."""
        if request.url.startswith(f"{self.elsewhere}/"):
            return super().instead(request, job)
        return Response(307, Headers.of([("Location", f"{self.elsewhere}{self.path(job.version)}/{job.id}")]))


ALL = (StillOpen, Aborted, AnotherJob, OtherSerialization, Redirect, RedirectElsewhere)

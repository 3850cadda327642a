"""A service that answers closes otherwise than the reference does, and everything else alike."""

from __future__ import annotations

from typing import Any

from jobinfo_conformance._contract.reader import read
from jobinfo_conformance._exchange import Request, Response
from jobinfo_conformance._reference.jobs import Job
from jobinfo_conformance._reference.service import Service


class AnswersClosesOtherwise(Service):
    """Closes get an answer of their own. ``odd`` are the requests that got one, by identity."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.odd: list[Request] = []

    def change(self, request: Request, job: Job) -> Response:
        """Answer a close of an open job otherwise, and anything else as usual."""
        asked = read(request.body, request.content_type).fields.get("state")
        if asked != "Closed" or job.state != "Open":
            return super().change(request, job)
        self.odd.append(request)
        return self.instead(request, job)

    def instead(self, request: Request, job: Job) -> Response:
        """The answer to a close."""
        return super().change(request, job)

"""The reference implementation under test: it notes what it is asked, and a test may spoil its answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.writer import write_json, write_xml
from jobinfo_conformance._exchange import Headers, Request, Response
from jobinfo_conformance._reference.server import serving
from jobinfo_conformance._reference.service import Service

SESSION = "00D000000000001!AQEAQ.secret"

Spoil = Callable[[str, Response], Response]


class Endpoint(Service):
    """``spoil`` gets what was asked and the answer; ``asked`` holds "METHOD xml|json BODY" of each request."""

    def __init__(self) -> None:
        super().__init__(session=SESSION)
        self.url = ""
        self.asked: list[str] = []
        self.headers: list[list[str]] = []
        self.spoil: Spoil = lambda _asked, answer: answer
        self.ended = threading.Event()

    def answer(self, request: Request) -> Response:
        """Answer as the contract says, then as the test does."""
        body = request.body.decode(errors="replace")
        asked = f"{request.method} {(request.content_type or '').removeprefix('application/')} {body}"
        self.asked.append(asked)
        self.headers.append([name.lower() for name, _ in request.headers])
        answer = self.spoil(asked, super().answer(request))
        if answer is HANGING:
            self.ended.wait(20)
        if answer in (HANGING, DROPPED):
            raise ConnectionAbortedError
        return answer

    def states(self) -> list[str]:
        """The states of the jobs, in the order of their creation."""
        return [job.state for job in self.jobs.values()]


#: Answers that do not come: the connection stays open without one, or is closed.
HANGING, DROPPED = Response(-1), Response(0)


def answering(status: int, body: bytes, content_type: str, *headers: tuple[str, str]) -> Response:
    """Any answer."""
    return Response(status, Headers.of([("Content-Type", content_type), *headers]), body)


def refusing(code: str, message: str, form: Serialization = Serialization.XML, status: int = 400) -> Response:
    """An error document."""
    values = {"exceptionCode": code, "exceptionMessage": message}
    body = write_xml("error", values) if form is Serialization.XML else write_json(dict(values))
    return answering(status, body, form.media_type)


@contextmanager
def endpoint() -> Iterator[Endpoint]:
    """Run an endpoint on a free port of loopback."""
    one = Endpoint()
    with serving(one) as one.url:
        try:
            yield one
        finally:
            one.ended.set()

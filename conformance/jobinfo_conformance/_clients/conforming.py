"""A small client that conforms, and what a faulty one is: a subclass with a step that goes wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from jobinfo_conformance._catalogue.requirement import AnyRequirement
from jobinfo_conformance._clients.places import Place
from jobinfo_conformance._contract.document import Reading
from jobinfo_conformance._contract.reader import read
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.session import SESSION_HEADER
from jobinfo_conformance._evidence.client_run import Ending
from jobinfo_conformance._exchange import Headers, Request, Response
from jobinfo_conformance._job_requests import plain
from jobinfo_conformance._reference.faults.fault import kebab

#: How many requests a client may send until it is taken for one that never ends.
_MOST_REQUESTS = 60
_TIMEOUT = 10.0


class Failed(Exception):
    """The client gives up, and says why."""


class EndlessRetries(Exception):
    """The client has sent so many requests that it will not end."""


class ConformingClient:
    """Creates a job, adds a batch, closes the job, and looks at the answer. Subclasses override a step."""

    form = Serialization.JSON
    job_object = "Account"
    queries = False
    content_type: str | None = None

    def __init__(self, place: Place) -> None:
        self.place = place
        self.sent = 0

    @property
    def resource(self) -> str:
        """The URL of the job resource."""
        return f"{self.place.async_url}job"

    def run(self) -> None:
        """Do all of it. Raises Failed."""
        job_id = self.create()
        self.add_batch(job_id)
        self.close(job_id)

    def create(self) -> str:
        """Create a job and return its id."""
        settings = {"operation": "insert", "contentType": plain.content_type(self, self.form)}
        return self.text(self.accepted(self.send(plain.create_with(settings, self, self.form))), "id")

    def add_batch(self, job_id: str) -> None:
        """Add a batch of two records."""
        self.accepted(self.send(self.batch(job_id)))

    def batch(self, job_id: str) -> Request:
        """A batch of two records."""
        return plain.add_records(self, job_id, plain.content_type(self, self.form))

    def close(self, job_id: str) -> None:
        """Close a job, and make sure that it is closed."""
        self.check(self.send(self.closing(job_id)), job_id)

    def closing(self, job_id: str) -> Request:
        """The request that closes a job."""
        return plain.close(self, job_id, self.form)

    def check(self, response: Response, job_id: str) -> None:
        """Make sure that an answer says that this job is closed."""
        if response.status != 200:
            raise Failed(f"the close was answered {response.status}")
        said = self.reading(response)
        if said.serialization is not self.form or said.fields.get("state") != "Closed" or said.fields.get("id") != job_id:
            raise Failed("the answer does not say that the job is closed")

    def accepted(self, response: Response) -> Response:
        """Return an answer if it is a good one."""
        if response.status not in (200, 201):
            raise Failed(f"answered {response.status}")
        return response

    def reading(self, response: Response) -> Reading:
        """The body of an answer, as read."""
        return read(response.body or b"", response.content_type)

    def text(self, response: Response, name: str) -> str:
        """A field of an answer."""
        return str(self.reading(response).fields.get(name))

    def carrying(self, request: Request) -> Request:
        """The request with the session."""
        return request.with_header(SESSION_HEADER, self.place.session)

    def send(self, request: Request) -> Response:
        """Send a request with the session. Raises OSError if no answer comes."""
        self.sent += 1
        if self.sent > _MOST_REQUESTS:
            raise EndlessRetries
        return exchanged(self.carrying(request))


class InXml(ConformingClient):
    """The same in XML."""

    form = Serialization.XML


def exchanged(request: Request) -> Response:
    """Send a request on a connection of its own, and return the answer. Raises OSError if none comes."""
    parts = urlsplit(request.url)
    connection = HTTPConnection(parts.netloc, timeout=_TIMEOUT)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    try:
        connection.request(request.method, target, request.body or None, dict(request.headers))
        answer = connection.getresponse()
        return Response(answer.status, Headers.of(answer.getheaders()), answer.read())
    except HTTPException as error:
        raise ConnectionError(str(error)) from error
    finally:
        connection.close()


@dataclass(frozen=True)
class InProcess:
    """A client that is run in this process, rather than as a command."""

    client: type[ConformingClient]

    def __call__(self, place: Place) -> Ending:
        """Run the client, and return how a command would have ended."""
        began = time.monotonic()

        def ended(status: int | None, complaint: str = "") -> Ending:
            return Ending(status, round(time.monotonic() - began, 3), complaint=complaint)

        try:
            self.client(place).run()
        except EndlessRetries:
            return ended(None)
        except (Failed, OSError) as error:
            return ended(1, str(error))
        return ended(0)


@dataclass(frozen=True)
class ClientFault:
    """A faulty client: its name, what it does in a sentence, and the requirement that it is meant to break.

    ``shown_on`` names the answers that show it, besides the usual ones.
    """

    name: str
    sentence: str
    breaks: str
    client: type[ConformingClient]
    shown_on: tuple[str, ...] = ()
    serializations: tuple[Serialization, ...] = ()
    extension: str | None = None


def faulty(breaks: AnyRequirement, *shown_on: str) -> Callable[[type[ConformingClient]], ClientFault]:
    """Turn a subclass of ConformingClient into a faulty client, whose sentence is the class's docstring."""

    def made(client: type[ConformingClient]) -> ClientFault:
        return ClientFault(kebab(client.__name__), " ".join((client.__doc__ or "").split()), breaks.id, client, shown_on)

    return made

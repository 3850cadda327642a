"""The members of HAR 1.2 that this project reads and writes. Those with an underscore are its own."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from msgspec import UNSET, Struct, UnsetType, field

E = TypeVar("E")

#: What other recorders may write where HAR wants text or a number.
Scalar = str | int | float | bool | None

#: Headers about the form of a body on the wire. A HAR keeps the decoded body, for which they would be wrong.
CODING = ("Content-Length", "Transfer-Encoding", "Content-Encoding")


class Header(Struct, frozen=True):
    """A header line."""

    name: Scalar
    value: Scalar


class PostData(Struct, frozen=True, rename="camel"):
    """The body of a request.

    HAR has no ``encoding`` for the body of a request, and recorders give it two names. ``decoded`` says that the codings
    that the headers name are undone in ``text``, as in this project's own recordings.
    """

    mime_type: str | None = None
    text: str | UnsetType | None = UNSET
    encoding: Scalar | UnsetType = UNSET
    own_encoding: Scalar | UnsetType = field(name="_encoding", default=UNSET)
    decoded: Scalar | UnsetType = field(name="_decoded", default=UNSET)


class Content(Struct, frozen=True, rename="camel"):
    """The body of an answer. ``defect`` says what went wrong in transit."""

    size: Scalar | UnsetType = UNSET
    mime_type: str | None = None
    text: str | UnsetType | None = UNSET
    encoding: Scalar | UnsetType = UNSET
    own_encoding: Scalar | UnsetType = field(name="_encoding", default=UNSET)
    defect: Scalar | UnsetType = field(name="_defect", default=UNSET)


class HarRequest(Struct, frozen=True, rename="camel"):
    """A request."""

    method: str
    url: str
    http_version: Any = "HTTP/1.1"
    cookies: Any = ()
    headers: list[Header] | None = None
    query_string: Any = ()
    headers_size: Any = -1
    body_size: Any = -1
    post_data: PostData | UnsetType | None = UNSET


class HarResponse(Struct, frozen=True, rename="camel"):
    """An answer. A status of 0 says that there was none."""

    status: Scalar
    status_text: Any = ""
    http_version: Any = "HTTP/1.1"
    cookies: Any = ()
    headers: list[Header] | None = None
    content: Content | None = None
    redirect_url: Any = field(name="redirectURL", default="")
    headers_size: Any = -1
    body_size: Scalar = -1


class Timings(Struct, frozen=True):
    """Where the time went, in milliseconds."""

    send: float = 0.0
    wait: float = 0.0
    receive: float = 0.0


class Entry(Struct, frozen=True, rename="camel"):
    """An exchange; ``time`` is in milliseconds."""

    request: HarRequest
    response: HarResponse
    started_date_time: Scalar = None
    time: Scalar = None
    cache: Any = {}
    timings: Any = Timings()


class Creator(Struct, frozen=True):
    """The program that wrote a file."""

    name: str
    version: str


class Log(Struct, Generic[E], frozen=True):
    """A recording, whose entries may be decoded later, one by one.

    ``whole`` says that it holds every request about each of its jobs.
    """

    entries: list[E]
    version: Any = "1.2"
    creator: Any = None
    whole: Scalar = field(name="_whole", default=None)


class HarFile(Struct, Generic[E], frozen=True):
    """A HAR file."""

    log: Log[E]

"""The members of HAR 1.2 that this project reads and writes.

Those with an underscore are extensions: ``_file`` is written by browser tools, the others are this project's own. A member that
strangers fill in many ways is Any here; whoever reads it looks at what it holds.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from msgspec import UNSET, Struct, UnsetType, field

E = TypeVar("E")

#: Headers about the form of a body on the wire. A HAR keeps the decoded body, for which they would be wrong.
CODING = ("Content-Length", "Transfer-Encoding", "Content-Encoding")


class Header(Struct, frozen=True):
    """A header line. Strangers may leave out either part."""

    name: Any = None
    value: Any = None


class PostData(Struct, frozen=True, rename="camel"):
    """The body of a request: its ``text``, the ``params`` of a form, or the name of a ``file`` beside the recording.

    HAR has no ``encoding`` for the body of a request, and recorders give it two names. ``decoded`` says that the codings
    that the headers name are undone in ``text``, as in this project's own recordings.
    """

    mime_type: Any = None
    text: Any = UNSET
    params: Any = UNSET
    encoding: Any = UNSET
    own_encoding: Any = field(name="_encoding", default=UNSET)
    decoded: Any = field(name="_decoded", default=UNSET)
    file: Any = field(name="_file", default=UNSET)
    truncated: Any = field(name="_truncated", default=UNSET)
    comment: Any = UNSET


class Content(Struct, frozen=True, rename="camel"):
    """The body of an answer: its ``text``, or the name of a ``file`` beside the recording.

    ``defect`` says what went wrong in transit.
    """

    size: Any = UNSET
    mime_type: Any = None
    text: Any = UNSET
    encoding: Any = UNSET
    own_encoding: Any = field(name="_encoding", default=UNSET)
    defect: Any = field(name="_defect", default=UNSET)
    file: Any = field(name="_file", default=UNSET)
    truncated: Any = field(name="_truncated", default=UNSET)
    comment: Any = UNSET


class HarRequest(Struct, frozen=True, rename="camel"):
    """A request."""

    method: Any = None
    url: Any = None
    http_version: Any = "HTTP/1.1"
    cookies: Any = ()
    headers: list[Header | None] | None = None
    query_string: Any = ()
    headers_size: Any = -1
    body_size: Any = -1
    post_data: PostData | UnsetType | None = UNSET


class HarResponse(Struct, frozen=True, rename="camel"):
    """An answer. A status of 0 says that there was none."""

    status: Any = None
    status_text: Any = ""
    http_version: Any = "HTTP/1.1"
    cookies: Any = ()
    headers: list[Header | None] | None = None
    content: Content | None = None
    redirect_url: Any = field(name="redirectURL", default="")
    headers_size: Any = -1
    body_size: Any = -1


class Timings(Struct, frozen=True):
    """Where the time went, in milliseconds."""

    send: float = 0.0
    wait: float = 0.0
    receive: float = 0.0


class Entry(Struct, frozen=True, rename="camel"):
    """An exchange; ``time`` is in milliseconds."""

    request: HarRequest | None = None
    response: HarResponse | None = None
    started_date_time: Any = None
    time: Any = None
    cache: Any = {}
    timings: Any = Timings()


class Creator(Struct, frozen=True):
    """The program that wrote a file."""

    name: str
    version: str


class Log(Struct, Generic[E], frozen=True):
    """A recording, whose entries may be decoded later, one by one.

    ``whole`` says that it holds every request about each of its jobs, and ``run`` how a run of the suite made it.
    """

    entries: list[E]
    version: Any = "1.2"
    creator: Any = None
    whole: Any = field(name="_whole", default=None)
    run: Any = field(name="_run", default=None)


class HarFile(Struct, Generic[E], frozen=True):
    """A HAR file."""

    log: Log[E]

"""An HTTP request and its answer: the types that everything shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Headers:
    """Header lines, in order; names match in any letter case.

    Headers are immutable: what changes them returns new ones.

        >>> Headers.of([("Content-Type", "text/plain")]).get("content-type")
        'text/plain'
    """

    pairs: tuple[tuple[str, str], ...] = ()

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def get(self, name: str) -> str | None:
        """Return the first value of a header; None if it is absent."""
        wanted = name.lower()
        for key, value in self.pairs:
            if key.lower() == wanted:
                return value
        return None

    def values(self, name: str) -> list[str]:
        """Return all values of a header."""
        wanted = name.lower()
        return [value for key, value in self.pairs if key.lower() == wanted]

    def without(self, *names: str) -> Headers:
        """Return the headers without those of these names."""
        dropped = {name.lower() for name in names}
        if not any(name.lower() in dropped for name, _ in self.pairs):
            return self
        return Headers(tuple(pair for pair in self.pairs if pair[0].lower() not in dropped))

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Headers:
        """Make headers from pairs of name and value."""
        return cls(tuple(pairs))


@dataclass(frozen=True)
class Request:
    """A request.

    ``url`` is absolute; ``body`` is what a server reads once transfer and content codings are undone. ``defect`` says what
    went wrong in transit: the body was cut short, or does not decode.

        >>> close = Request("POST", "https://x.test/services/async/36.0/job/750000000000001AAA", body=b'{"state": "Closed"}')
        >>> close.with_header("Content-Type", "application/json").content_type
        'application/json'
    """

    method: str
    url: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    defect: str | None = None

    @property
    def content_type(self) -> str | None:
        """The Content-Type header."""
        return self.headers.get("Content-Type")

    def with_job(self, job_id: str) -> Request:
        """Return this request for another job; its URL must end in a job id."""
        return replace(self, url=f"{self.url.rpartition('/')[0]}/{job_id}")

    def with_header(self, name: str, value: str) -> Request:
        """Return this request with this header, in place of any others of that name."""
        return replace(self, headers=Headers((*self.headers.without(name), (name, value))))

    def with_text(self, old: str, new: str) -> Request:
        """Return this request with ``old``, which its body must contain in UTF-8, replaced by ``new``."""
        assert old.encode() in self.body
        return replace(self, body=self.body.replace(old.encode(), new.encode()))


@dataclass(frozen=True)
class Response:
    """An answer.

    ``body`` has its content coding undone, and is None if a recording left it out. ``defect`` says what went wrong in
    transit: the body was cut short, or does not decode.

        >>> Response(204).body
        b''
    """

    status: int
    headers: Headers = field(default_factory=Headers)
    body: bytes | None = b""
    defect: str | None = None

    @property
    def content_type(self) -> str | None:
        """The Content-Type header."""
        return self.headers.get("Content-Type")


@dataclass(frozen=True)
class Exchange:
    """A request and its answer.

    ``started`` is when the request was sent, and ``milliseconds`` the time until the last byte of the answer; each is
    None if it was not recorded. ``entry`` is the place in a recording, counted from 0. ``timed_out`` says that the answer had
    not ended when the timeout was over.

        >>> exchange = Exchange(Request("GET", "https://x.test/services/async/36.0/job/750000000000001AAA"), Response(200))
        >>> exchange.answered(status=404).response.status
        404
    """

    request: Request
    response: Response
    started: datetime | None = None
    milliseconds: float | None = None
    entry: int | None = field(default=None, compare=False)
    timed_out: bool = field(default=False, compare=False)

    @property
    def ended(self) -> datetime | None:
        """When the last byte of the answer came; None if that is unknown, or past the end of the calendar."""
        return ended(self.started, self.milliseconds)

    def answered(self, **changes: object) -> Exchange:
        """Return this exchange with changes to its answer: ``exchange.answered(status=201)``."""
        return replace(self, response=replace(self.response, **changes))  # type: ignore[arg-type]


def ended(started: datetime | None, milliseconds: float | None) -> datetime | None:
    """When an exchange ended that took so long; None if that is unknown, or past the end of the calendar."""
    if started is None or milliseconds is None:
        return None
    try:
        return started + timedelta(milliseconds=max(milliseconds, 0))
    except OverflowError:
        return None

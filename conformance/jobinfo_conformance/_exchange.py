"""One request and its answer, as they were on the wire, without secrets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Headers:
    """Header lines in their order; names in any letter case.

    >>> Headers.of([("Content-Type", "text/plain")]).get("content-type")
    'text/plain'
    """

    pairs: tuple[tuple[str, str], ...] = ()

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def get(self, name: str) -> str | None:
        """The first value of a header, None where it is not there."""
        wanted = name.lower()
        for key, value in self.pairs:
            if key.lower() == wanted:
                return value
        return None

    def without(self, *names: str) -> Headers:
        """The headers less those of these names."""
        dropped = {name.lower() for name in names}
        return Headers(tuple(pair for pair in self.pairs if pair[0].lower() not in dropped))

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Headers:
        """Make headers of pairs of name and value."""
        return cls(tuple(pairs))


@dataclass(frozen=True)
class Request:
    """What was sent. ``url`` is absolute; ``body`` is what a server reads after transfer and content coding.

    >>> close = Request("POST", "https://x.test/services/async/36.0/job/750000000000001AAA", body=b'{"state": "Closed"}')
    >>> close.with_header("Content-Type", "application/json").content_type
    'application/json'
    """

    method: str
    url: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    @property
    def content_type(self) -> str | None:
        """The Content-Type header."""
        return self.headers.get("Content-Type")

    def with_job(self, job_id: str) -> Request:
        """Return this request, whose URL ends in a job's id, with another id."""
        return replace(self, url=f"{self.url.rpartition('/')[0]}/{job_id}")

    def with_header(self, name: str, value: str) -> Request:
        """Return this request with one header of a name."""
        return replace(self, headers=Headers((*self.headers.without(name), (name, value))))

    def with_text(self, old: str, new: str) -> Request:
        """Return this request with another text in the place of one that its body, in UTF-8, has."""
        assert old.encode() in self.body
        return replace(self, body=self.body.replace(old.encode(), new.encode()))


@dataclass(frozen=True)
class Response:
    """What was answered.

    ``body`` is decoded of content coding, and None where a recording left it out. ``defect`` says what was wrong on
    the way: a body cut short, or one that does not decode.

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
    """A request and the answer to it.

    ``started`` is when the request was sent, and ``milliseconds`` how long it took to its last byte; None where that
    was not recorded. ``entry`` is its place in a recording, counted from 0.

        >>> exchange = Exchange(Request("GET", "https://x.test/services/async/36.0/job/750000000000001AAA"), Response(200))
        >>> exchange.answered(status=404).response.status
        404
    """

    request: Request
    response: Response
    started: datetime | None = None
    milliseconds: float | None = None
    entry: int | None = field(default=None, compare=False)

    @property
    def ended(self) -> datetime | None:
        """When the last byte of the answer came; None also where the calendar ends before."""
        if self.started is None or self.milliseconds is None:
            return None
        try:
            return self.started + timedelta(milliseconds=max(self.milliseconds, 0))
        except OverflowError:
            return None

    def answered(self, **changes: object) -> Exchange:
        """Return this exchange with another answer: ``exchange.answered(status=201)``."""
        return replace(self, response=replace(self.response, **changes))  # type: ignore[arg-type]

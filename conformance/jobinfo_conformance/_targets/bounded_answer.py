"""An answer on its way in, within bounds: whatever a server sends, no more of it is read and kept than an answer can need."""

from __future__ import annotations

import http.client
import io
from http import HTTPStatus
from typing import Any

#: The longest head that is read, in bytes: many times what servers and clients allow each other.
LONGEST_HEAD = 1 << 16
#: The longest body that is kept of an answer, in bytes. A jobInfo is about one kilobyte.
LONGEST_ANSWER = 1 << 15
#: The most bytes that are read for one answer, with its interim answers, chunk sizes and trailers.
LONGEST_ON_WIRE = 1 << 22
#: The most interim answers that are passed over.
_MOST_INTERIM = 100
#: What the parser of headers calls lines that are no headers.
_NO_HEADERS = ("MissingHeaderBodySeparatorDefect", "FirstHeaderLineIsContinuationDefect")


class BrokenAnswer(http.client.HTTPException):
    """What came is too long, or is no HTTP; the message says in what way.

    ``status`` and ``location`` are those of the answer, as far as they were read.
    """

    def __init__(self, message: str, status: int | None = None, location: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.location = location


class _BoundedStream(io.RawIOBase):
    """A stream that ends in BrokenAnswer after so many bytes."""

    def __init__(self, stream: io.RawIOBase, most: int) -> None:
        self._stream = stream
        self._left = most

    def readable(self) -> bool:
        """Whether it can be read: always."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what there is. Raises BrokenAnswer if that is too much."""
        read = self._stream.readinto(buffer)
        self._left -= read or 0
        if self._left < 0:
            raise BrokenAnswer(f"an answer of more than {LONGEST_ON_WIRE >> 20} MiB")
        return read

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()
        super().close()


class FinalResponse(http.client.HTTPResponse):
    """The final response to a request: any interim ones before it are passed over (RFC 9110, 15.2).

    The base class passes over 100 Continue alone, and takes 102 or 103 for the answer. It also reads without bounds, and takes
    the headers after a line that is none for the body.
    """

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.fp = io.BufferedReader(_BoundedStream(self.fp.detach(), LONGEST_ON_WIRE))
        self._answers = 0

    def _read_status(self) -> tuple[Any, ...]:
        """Read a status line. Raises HTTPException, also if there are too many."""
        self._answers += 1
        if self._answers > 1 + _MOST_INTERIM:
            raise BrokenAnswer(f"more than {_MOST_INTERIM} interim answers")
        read: tuple[Any, ...] = super()._read_status()  # type: ignore[misc]  # it has no types
        return read

    def begin(self) -> None:
        """Read the status and the headers. Raises HTTPException."""
        super().begin()
        while HTTPStatus.SWITCHING_PROTOCOLS < self.status < HTTPStatus.OK:
            self.headers = self.msg = None  # type: ignore[assignment]  # with which it begins anew
            super().begin()
        location = self.msg.get("Location")
        if any(type(defect).__name__ in _NO_HEADERS for defect in self.msg.defects):
            raise BrokenAnswer("headers with a line that is no header", self.status, location)
        if sum(len(name) + len(value) for name, value in self.msg.items()) > LONGEST_HEAD:
            raise BrokenAnswer(f"headers of more than {LONGEST_HEAD >> 10} KiB", self.status, location)

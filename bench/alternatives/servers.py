"""The servers that both tools are tried on: the reference as it is, in unusual manners, and with each of its faults."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import count

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._exchange import Request, Response
from jobinfo_conformance._reference.server import serving
from jobinfo_conformance._reference.service import Refused, Service

#: How often the plain reference is tried, and its manners, which were drawn by lot: what is noticed there is a false alarm.
_TIMES = 3
_MANNERS = (
    *("no-date", "second-close-conflicts", "odd-chunks", "schema-location", "gateway-headers", "attributes-are-refused"),
    *("batches-are-never-in-progress", "queries-that-find-nothing"),
)
#: How long a batch takes, in seconds, as on the target ``reference``.
_BATCH_SECONDS = 0.2


@dataclass(frozen=True)
class Server:
    """A server: the reference with a fault, in a manner, or as it is for the nth time. ``name`` says which."""

    name: str
    fault: str | None = None
    manner: str | None = None

    @contextmanager
    def running(self) -> Iterator[tuple[str, Counted]]:
        """Serve on loopback; yield the base URL, and what counts the requests."""
        catalogue = BUILT_IN.in_manners([self.manner] if self.manner else [])
        counted = Counted(catalogue.service(self.fault, batch_seconds=_BATCH_SECONDS))
        with serving(counted, wire=catalogue.wire(self.fault)) as url:
            yield url, counted


class Counted:
    """A service that counts the requests that reach it."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._numbers = count(1)
        self.requests = 0

    def answer(self, request: Request) -> Response:
        """Answer a request. Raises ConnectionError to drop the connection."""
        self.requests = next(self._numbers)
        return self._service.answer(request)

    def refusal(self, request: Request, refused: Refused) -> Response:
        """Refuse a request whose body can't be decoded."""
        self.requests = next(self._numbers)
        return self._service.refusal(request, refused)


def servers() -> list[Server]:
    """All servers: first those that conform, then the faults in an order by lot, so that the first are a fair sample.

    A fault that is added leaves the others in their order.
    """
    return [
        *(Server(f"reference {number}") for number in range(1, _TIMES + 1)),
        *(Server(f"manner {name}", manner=name) for name in _MANNERS),
        *(Server(f"fault {name}", fault=name) for name in sorted(BUILT_IN.faults, key=_lot)),
    ]


def _lot(name: str) -> bytes:
    return sha256(name.encode()).digest()

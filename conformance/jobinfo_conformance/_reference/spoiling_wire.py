"""A wire that spoils answers on their way: what a server can do that sends any bytes."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from jobinfo_conformance._exchange import Request, Response
from jobinfo_conformance._reference.spoiled_bytes import Spoil
from jobinfo_conformance._reference.wire import Stream, Wire


def spoiling(usual: Wire, spoil: Spoil, concerns: Callable[[Request], bool]) -> Wire:
    """Return a wire that spoils the answers to the requests that it ``concerns``, and sends all others as usual.

    Each connection ends after its answer: where a spoiled answer ends, nobody knows.
    """

    class Spoiling(type(usual)):  # type: ignore[misc]  # whichever it is
        def keeps_open(self, _response: Response) -> bool:
            return False

        def send(self, request: Request, response: Response, stream: Stream) -> None:
            if not concerns(request):
                super().send(request, response, stream)
                return
            honest = BytesIO()
            super().send(request, response, honest)
            spoiled = spoil(honest.getvalue())
            for piece in [spoiled] if isinstance(spoiled, bytes) else spoiled:
                stream.write(piece)

    return Spoiling()

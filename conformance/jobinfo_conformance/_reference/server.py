"""The reference implementation over HTTP, on loopback."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from jobinfo_conformance._exchange import Headers, Request, Response
from jobinfo_conformance._reference.request_bodies import BrokenBody, received, unpacked
from jobinfo_conformance._reference.service import Refused
from jobinfo_conformance._reference.wire import Wire

_USUAL = Wire()


class Endpoint(Protocol):
    """What answers requests."""

    def answer(self, request: Request) -> Response:
        """Answer a request. Raises ConnectionError to drop the connection."""

    def refusal(self, request: Request, refused: Refused) -> Response:
        """Refuse a request whose body can't be decoded."""


class Tls(Protocol):
    """Certificates for hosts, and what is done with a client that does not want one."""

    def context_for(self, host: str) -> ssl.SSLContext:
        """The server's side of TLS for a host."""

    def note_unwanted(self, host: str) -> None:
        """A client connected to a host, and sent no request."""


@contextmanager
def serving(
    service: Endpoint,
    *,
    port: int = 0,
    delay: float = 0,
    wire: Wire = _USUAL,
    tls: Tls | None = None,
    tunnels: Tls | None = None,
) -> Iterator[str]:
    """Serve on loopback and yield the base URL; port 0 picks a free port.

    ``delay`` is added to every answer, in seconds. ``wire`` sends the answers to clients that speak HTTP/1.1. With ``tls``
    the URL is of https; with ``tunnels`` it is also that of a proxy, all of whose tunnels end here. A ConnectionError that
    the service raises drops the connection. Raises OSError if the port is taken.
    """
    scheme = "http" if tls is None else "https"
    members = {"service": service, "delay": delay, "wire": wire, "scheme": scheme, "tunnels": tunnels}
    handler = type("Handler", (Handler,), members)
    with _Server(("127.0.0.1", port), handler) as server:
        server.handler, server.tls = handler, tls
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"{scheme}://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    """Serves without printing that a client has gone away."""

    daemon_threads = True
    handler: type[Handler]
    tls: Tls | None = None

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection, in TLS if that is what this server speaks."""
        if self.tls is None:
            super().finish_request(request, client_address)
            return
        _serve_in_tls(request, self.tls, "127.0.0.1", lambda secured: self.handler(secured, client_address, self))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print what broke, unless it is the connection."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Reads requests and sends the answers."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # otherwise each answer waits for an acknowledgement
    server_version = "jobinfo-reference"
    sys_version = ""
    service: Endpoint
    delay: float
    wire: Wire
    scheme: str
    tunnels: Tls | None
    asked = False

    def _serve(self) -> None:
        self.asked = True
        headers = Headers.of(self.headers.items())
        request = self._read(Request(self.command, self._url(headers), headers))
        time.sleep(self.delay)
        try:
            response = self._answer(request)
        except ConnectionError:
            self.close_connection = True
            return
        wire = self.wire if self.request_version == "HTTP/1.1" else _USUAL
        wire.send(request, response, self.wfile)
        self.close_connection = self.close_connection or not wire.keeps_open(response)

    def _url(self, headers: Headers) -> str:
        """The URL that is asked; a client that takes this for its proxy says all of it."""
        return self.path if "://" in self.path else f"{self.scheme}://{headers.get('Host') or '127.0.0.1'}{self.path}"

    def do_CONNECT(self) -> None:  # http.server's name
        """Let a tunnel end here, whatever its host."""
        if self.tunnels is None:
            self._serve()
            return
        host = self.path.rpartition(":")[0].strip("[]")
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.close_connection = True
        inside = type("Inside", (type(self),), {"scheme": "https", "tunnels": None})
        _serve_in_tls(self.connection, self.tunnels, host, lambda secured: inside(secured, self.client_address, self.server))

    def _read(self, request: Request) -> Request:
        """The request with its body; with a defect if that is not as the headers announce it."""
        try:
            raw = received(self.rfile, request.headers)
        except BrokenBody as broken:
            self.close_connection = True  # where the next request would begin can't be told
            return replace(request, body=broken.came, defect=str(broken))
        try:
            return replace(request, body=unpacked(raw, request.headers))
        except BrokenBody as broken:
            return replace(request, body=broken.came, defect=str(broken))

    def _answer(self, request: Request) -> Response:
        if request.defect is not None:
            why = f"The body is not as its headers announce it: {request.defect}"
            response = self.service.refusal(request, Refused("ClientInputError", why))
            ending = [("Connection", "close")] if self.close_connection else []
            return replace(response, headers=Headers.of([*response.headers, *ending]))
        try:
            return self.service.answer(request)
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001  # a fault or an adaptation of an extension: who asks has to see it
            text = f"the reference broke down: {type(error).__name__}: {error}"
            return Response(500, Headers.of([("Content-Type", "text/plain")]), text.encode())

    def __getattr__(self, name: str) -> Callable[[], None]:
        """What http.server calls for a method, whatever the method: the service answers, and what is asked is kept."""
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def _serve_in_tls(connection: socket.socket, tls: Tls, host: str, serve: Callable[[socket.socket], Handler]) -> None:
    """Secure a connection and serve it. A client that goes away before it has asked anything is noted."""
    asked = False
    try:
        with tls.context_for(host).wrap_socket(connection, server_side=True) as secured:
            asked = serve(secured).asked
    except OSError:  # an SSLError is one
        pass
    if not asked:
        tls.note_unwanted(host)

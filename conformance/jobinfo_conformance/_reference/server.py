"""The reference implementation over HTTP, on loopback."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from jobinfo_conformance._contract.document import LONGEST_BODY
from jobinfo_conformance._exchange import Headers, Request, Response
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
    handler = type("Handler", (_Handler,), members)
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
    handler: type[_Handler]
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


class _Handler(BaseHTTPRequestHandler):
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
        try:
            raw = self._body(headers)
        except ValueError:
            self.close_connection = True
            self.send_error(400)
            return
        time.sleep(self.delay)
        request = Request(self.command, self._url(headers), headers, raw)
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

    def _answer(self, request: Request) -> Response:
        try:
            request = Request(request.method, request.url, request.headers, _decoded(request))
        except Refused as refused:
            return self.service.refusal(request, refused)
        try:
            return self.service.answer(request)
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001  # a fault or an adaptation of an extension: who asks has to see it
            text = f"the reference broke down: {type(error).__name__}: {error}"
            return Response(500, Headers.of([("Content-Type", "text/plain")]), text.encode())

    def _body(self, headers: Headers) -> bytes:
        """The body as it was sent, put together from its chunks. Raises ValueError if its length can't be told."""
        if "chunked" not in (headers.get("Transfer-Encoding") or "").lower():
            return self.rfile.read(int(headers.get("Content-Length") or 0))
        body = bytearray()
        while size := int(self.rfile.readline(100).partition(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline(3)
        while self.rfile.readline(1000).strip():  # trailers
            pass
        return bytes(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve  # noqa: N815  # http.server's names

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def _serve_in_tls(connection: socket.socket, tls: Tls, host: str, serve: Callable[[socket.socket], _Handler]) -> None:
    """Secure a connection and serve it. A client that goes away before it has asked anything is noted."""
    asked = False
    try:
        with tls.context_for(host).wrap_socket(connection, server_side=True) as secured:
            asked = serve(secured).asked
    except OSError:  # an SSLError is one
        pass
    if not asked:
        tls.note_unwanted(host)


def _decoded(request: Request) -> bytes:
    """The body without its content coding. Raises Refused if that is unknown, or the body can't be decoded."""
    coding = (request.headers.get("Content-Encoding") or "identity").lower()
    if coding == "identity" or not request.body:  # the vendor's client names a coding on each GET
        return request.body
    if coding != "gzip":
        raise Refused("ClientInputError", f"Unsupported content encoding: {coding}")
    unzip = zlib.decompressobj(wbits=31)
    try:
        body = unzip.decompress(request.body, LONGEST_BODY + 1)
    except zlib.error as error:
        raise Refused("ClientInputError", "The body is not gzip") from error
    if not unzip.eof:
        raise Refused("ClientInputError", "The body is cut short or too long")
    return body

"""The suite's own HTTP client: it follows no redirects, remembers no cookies, and keeps every byte."""

from __future__ import annotations

import gzip
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError

from jobinfo_conformance._contract.session import NO_SESSION, SESSION_HEADER
from jobinfo_conformance._exchange import Exchange, Headers, Request, Response
from jobinfo_conformance._targets.answer_body import ConnectionBroke, read_body
from jobinfo_conformance._targets.surroundings import EnvironmentSession, Proxy
from jobinfo_conformance._targets.transport_errors import never_connected, reason


class NoAnswer(Exception):
    """No HTTP answer came; the message says why, in the words of the transport.

    ``was_sent`` says whether the request may have reached the endpoint, and been carried out.
    """

    def __init__(self, message: str, *, was_sent: bool = True) -> None:
        super().__init__(message)
        self.was_sent = was_sent


class HttpClient:
    """Sends requests as they are, one at a time.

    ``timeout`` is in seconds, from connecting to the last byte of the answer; when it is over, the connection is cut off.
    """

    def __init__(self, timeout: float = 30, adapter: Adapter | None = None) -> None:
        self._timeout = timeout
        self._session = EnvironmentSession()
        self._session.headers.clear()
        self._session.auth = _no_auth  # otherwise a .netrc would add credentials to the evidence
        self._adapter = adapter or Adapter()
        self._session.mount("https://", self._adapter)
        self._session.mount("http://", self._adapter)

    def __enter__(self) -> HttpClient:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def cut(self) -> None:
        """Cut off, from another thread, what is being sent and whatever is sent later."""
        self._adapter.is_cut = True
        self._adapter.shut_down()

    def send(self, request: Request) -> Exchange:
        """Send a request. Raises NoAnswer if no status line comes back."""
        started, clock = datetime.now(UTC), time.monotonic()
        with self._adapter.cut_off_after(self._timeout) as cut:
            try:
                answer = self._session.request(
                    request.method,
                    request.url,
                    data=_coded(request),
                    headers=dict(without_stand_in(request.headers)),
                    timeout=self._timeout,
                    allow_redirects=False,
                    stream=True,
                )
            except (requests.RequestException, HTTPError, OSError) as error:
                why = f"nothing within {self._timeout:g} seconds" if cut.is_set() else reason(error)
                raise NoAnswer(_on_the_way(why, request.url), was_sent=not never_connected(error)) from error
            self._session.cookies.clear()
            if cut.is_set():  # the headers that were read may not be all of them
                answer.close()
                raise NoAnswer(_on_the_way(f"no whole answer within {self._timeout:g} seconds", request.url))
            if answer.status_code == 407 and Proxy.on_the_way_to(request.url):
                answer.close()
                why = _on_the_way("407, which asks for a user name and a password", request.url)
                raise NoAnswer(why, was_sent=False)
            with answer:
                body, defect = self._body(answer, request.url, cut)
        response = Response(answer.status_code, Headers.of(answer.raw.headers.items()), body, defect)
        return Exchange(request, response, started, (time.monotonic() - clock) * 1000)

    def _body(self, answer: requests.Response, url: str, cut: threading.Event) -> tuple[bytes, str | None]:
        """Read a body, and say what is wrong with it. Raises NoAnswer if the connection broke by itself."""
        try:
            body, defect = read_body(answer)
        except ConnectionBroke as error:
            if not cut.is_set():
                raise NoAnswer(_on_the_way(f"the connection broke inside the answer: {error}", url)) from error
            body, defect = b"", str(error)
        if defect is not None and cut.is_set():
            defect = f"a body that had not ended after {self._timeout:g} seconds"
        return body, defect


class _FinalResponse(http.client.HTTPResponse):
    """The final response to a request: any interim ones before it are passed over (RFC 9110, 15.2).

    The base class passes over 100 Continue alone, and takes 102 or 103 for the answer.
    """

    def begin(self) -> None:
        """Read the status and the headers."""
        super().begin()
        while http.HTTPStatus.SWITCHING_PROTOCOLS < self.status < http.HTTPStatus.OK:
            self.headers = self.msg = None  # type: ignore[assignment]  # with which it begins anew
            super().begin()


class Adapter(HTTPAdapter):
    """Keeps hold of its connection, so that a server that sends a byte now and then can't keep the suite waiting.

    A timeout of the requests library bounds a single operation on the socket, never all of them together.
    """

    connection: HTTPConnection | None = None
    is_cut = False

    def get_connection_with_tls_context(self, *arguments: Any, **more: Any) -> Any:
        """Return a pool whose connection is tracked."""
        pool: Any = super().get_connection_with_tls_context(*arguments, **more)
        adapter = self

        class Tracked(type(pool).ConnectionCls):  # type: ignore[misc]  # of HTTP or HTTPS
            response_class = _FinalResponse

            def connect(self) -> None:
                adapter.connection = self
                super().connect()
                if adapter.is_cut:  # it was cut off while it connected, or earlier
                    adapter.shut_down()

        pool.ConnectionCls = Tracked
        return pool

    def shut_down(self) -> None:
        """Shut the connection down."""
        sock = self.connection.sock if self.connection else None
        if sock is not None:
            with suppress(OSError):  # closed already
                sock.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def cut_off_after(self, seconds: float) -> Iterator[threading.Event]:
        """Shut the connection down after this many seconds; the event tells whether that has happened."""
        was_cut = threading.Event()

        def cut() -> None:
            was_cut.set()
            self.shut_down()

        timer = threading.Timer(seconds, cut)
        timer.daemon = True
        timer.start()
        try:
            yield was_cut
        finally:
            timer.cancel()


def _coded(request: Request) -> bytes | Iterator[bytes] | None:
    """Return the body as it goes on the wire, in the codings that the request's headers name."""
    body = request.body
    if request.headers.get("Content-Encoding") == "gzip":
        body = gzip.compress(body, mtime=0)
    if request.headers.get("Transfer-Encoding") == "chunked":
        return iter([body[:10], body[10:]])
    return body or None


def without_stand_in(headers: Headers) -> Headers:
    """Return the headers to send: all but the one that stands for having no session."""
    return Headers.of(pair for pair in headers if pair != (SESSION_HEADER, NO_SESSION))


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _on_the_way(why: str, url: str) -> str:
    """Return why no answer came, with the proxy on the way to the URL."""
    proxy = Proxy.on_the_way_to(url)
    return why if proxy is None else f"{proxy.hidden_in(why)}, by way of the proxy {proxy.name} that the environment names"

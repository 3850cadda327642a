"""The suite's own HTTP client: it follows no redirects, remembers no cookies, and keeps every byte."""

from __future__ import annotations

import gzip
import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError
from urllib3.util.wait import wait_for_read

from jobinfo_conformance._contract.session import NO_SESSION, SESSION_HEADER
from jobinfo_conformance._exchange import Exchange, Headers, Request, Response
from jobinfo_conformance._targets.answer_body import read_body
from jobinfo_conformance._targets.bounded_answer import LONGEST_ANSWER, BrokenAnswer, FinalResponse
from jobinfo_conformance._targets.surroundings import EnvironmentSession, Proxy
from jobinfo_conformance._targets.transport_errors import causes, reason
from jobinfo_conformance._targets.watchdog import Watchdog

#: How many bytes of a body are read at a time.
_PART = 1 << 14
#: How long a server takes at most to end a connection after its answer, in seconds. One that is slower costs a request.
_A_MOMENT = 0.01
#: What the libraries beneath raise over what a server sends, or does not send.
_TRANSPORT_ERRORS = (requests.RequestException, HTTPError, http.client.HTTPException, OSError, ValueError)


class NoAnswer(Exception):
    """No HTTP answer came, or none that can be used; the message says why.

    ``was_sent`` says whether the request may have reached the endpoint, and been carried out. ``heard`` is what there was of an
    answer, which may name a job that was made.
    """

    def __init__(self, message: str, *, was_sent: bool = True, heard: Exchange | None = None) -> None:
        super().__init__(message)
        self.was_sent = was_sent
        self.heard = heard


class HttpClient:
    """Sends requests as they are, one at a time, and reads no more of an answer than can be one.

    ``timeout`` is in seconds, from connecting to the last byte of the answer; when it is over, the connection is cut off.
    ``longest`` is how many bytes of a body are read.
    """

    def __init__(self, timeout: float = 30, adapter: Adapter | None = None, *, longest: int = LONGEST_ANSWER) -> None:
        self._timeout = timeout
        self._longest = longest
        self._ways: dict[tuple[str, str], dict[str, Any]] = {}
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

    def send(self, request: Request, within: float | None = None) -> Exchange:
        """Send a request; ``within`` may be a shorter timeout. Raises NoAnswer if no status and headers come back."""
        timeout = self._timeout if within is None else min(self._timeout, within)
        try:
            prepared = self._prepared(request)
        except requests.RequestException as error:
            raise NoAnswer(reason(error), was_sent=False) from error
        started, clock = datetime.now(UTC), time.monotonic()
        with self._adapter.cut_off_after(timeout) as cut:

            def is_over() -> bool:  # a wait on the socket may end before the watchdog wakes up
                return cut.is_set() or time.monotonic() - clock >= timeout

            try:
                answer = self._adapter.send(prepared, timeout=timeout, **self._way_to(str(prepared.url)))
            except _TRANSPORT_ERRORS as error:
                self._adapter.note_silence()
                why = f"nothing within {timeout:g} seconds" if is_over() else reason(error)
                heard = _heard(request, error)
                raise NoAnswer(_on_the_way(why, request.url), was_sent=self._adapter.is_connected, heard=heard) from error
            if cut.is_set():  # the headers that were read may not be all of them
                answer.close()
                raise NoAnswer(_on_the_way(f"no whole answer within {timeout:g} seconds", request.url))
            if answer.status_code == 407 and Proxy.on_the_way_to(request.url):
                answer.close()
                why = _on_the_way("407, which asks for a user name and a password", request.url)
                raise NoAnswer(why, was_sent=False)
            with answer:
                headers = Headers.of(answer.raw.headers.items())
                body = read_body(answer.raw.stream(_PART, decode_content=False), headers, self._longest)
        milliseconds = (time.monotonic() - clock) * 1000
        # A body that ends with its connection looks whole where that was cut off.
        timed_out = cut.is_set() or (body.defect is not None and is_over())
        defect = f"a body that had not ended after {timeout:g} seconds" if timed_out else body.defect
        response = Response(answer.status_code, headers, body.content, defect)
        exchange = Exchange(request, response, started, milliseconds, timed_out=timed_out)
        if body.broke is not None and not timed_out:
            why = _on_the_way(f"the connection broke inside the answer: {body.broke}", request.url)
            raise NoAnswer(why, heard=exchange)
        return exchange

    def _prepared(self, request: Request) -> requests.PreparedRequest:
        """A request for the adapter to send.

        If the session sent it, it would also read what a redirect says, and look up where it leads, even if it is not to be
        followed.
        """
        return self._session.prepare_request(
            requests.Request(request.method, request.url, data=_coded(request), headers=dict(without_stand_in(request.headers)))
        )

    def _way_to(self, url: str) -> dict[str, Any]:
        """The proxy and the certificates on the way to a URL, for which the environment is looked through once."""
        scheme, host, *_ = urlsplit(url)
        if (scheme, host) not in self._ways:
            self._ways[scheme, host] = self._session.merge_environment_settings(url, {}, True, None, None)
        return self._ways[scheme, host]


class Adapter(HTTPAdapter):
    """Keeps hold of its connection, so that a server that sends a byte now and then can't keep the suite waiting.

    A timeout of the requests library bounds a single operation on the socket, never all of them together.
    """

    is_cut = False
    #: Whether the connection was made, its tunnel and TLS included: before that no request can have reached the endpoint.
    is_connected = False
    _connection: HTTPConnection | None = None
    #: Whether an answer has come on the connection.
    _is_used = False
    #: Whether a connection is used again: not with a server that ends connections without saying so. None if nobody knows yet.
    _keeps_open: bool | None = None
    #: The connection that is being made.
    _coming: Future[socket.socket] | None = None
    #: The connection's socket below TLS, which lives on where http.client lets go of it: while TLS greets, and while the body
    #: of an answer comes after which the connection ends.
    _handle: socket.socket | None = None
    _was_cut = threading.Event()

    def __init__(self) -> None:
        super().__init__()
        self._watchdog = Watchdog(self._cut)

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """Return an answer as it came: no charset is looked up in its headers, and no cookie is read."""
        answer = requests.Response()
        answer.status_code = resp.status
        answer.headers.update(resp.headers)
        answer.raw, answer.request, answer.url = resp, req, str(req.url)
        return answer

    def get_connection_with_tls_context(self, *arguments: Any, **more: Any) -> Any:
        """Return a pool whose connection is tracked."""
        pool: Any = super().get_connection_with_tls_context(*arguments, **more)
        if pool.ConnectionCls is not type(pool).ConnectionCls:  # it is tracked already
            return pool
        adapter = self

        class Tracked(type(pool).ConnectionCls):  # type: ignore[misc]  # of HTTP or HTTPS
            response_class = FinalResponse

            def connect(self) -> None:
                adapter.is_connected = False
                super().connect()
                adapter.is_connected = True

            def _new_conn(self) -> socket.socket:
                sock = adapter.made(super()._new_conn)
                adapter.hold(self, sock)
                return sock

        pool.ConnectionCls = Tracked
        return pool

    def made(self, connect: Callable[[], socket.socket]) -> socket.socket:
        """Make a connection, unless it is cut off before. Raises ConnectTimeoutError then.

        The name of a host is looked up on the way, and nothing but leaving it behind in a thread ends that.
        """
        coming: Future[socket.socket] = Future()
        self._coming = coming
        threading.Thread(target=_make, args=(connect, coming), daemon=True).start()
        if self.is_cut or self._was_cut.is_set():
            self.shut_down()
        try:
            return coming.result()
        finally:
            self._coming = None

    def hold(self, connection: HTTPConnection, sock: socket.socket) -> None:
        """Keep hold of a connection that is made; it is shut down if it was cut off before that."""
        self._let_go()
        self._connection, self._handle, self._is_used = connection, sock.dup(), False
        if self.is_cut or self._was_cut.is_set():
            self.shut_down()

    def note_silence(self) -> None:
        """Note that no answer came. If one had come on this connection before, the server may have ended it in silence.

        RFC 9112, section 9.6 asks a server to announce that, but does not require it; so each request gets its own from now on.
        """
        if self._is_used:
            self._keeps_open = False

    def _watch_for_silence(self) -> None:
        """The first time that a connection is to be used again, see whether the server ends it, before a request gets lost."""
        if self._keeps_open is None and self._is_used and self._connection is not None and self._connection.sock is not None:
            self._keeps_open = not wait_for_read(self._connection.sock, timeout=_A_MOMENT)

    def shut_down(self) -> None:
        """Shut the connection down, also while it is being made."""
        coming, handle = self._coming, self._handle
        if coming is not None:
            with suppress(InvalidStateError):  # it is made
                coming.set_exception(ConnectTimeoutError("the connection was cut off before it was made"))
        if handle is not None:
            with suppress(OSError):  # closed already
                handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection."""
        super().close()
        self._watchdog.close()
        self._let_go()

    def _let_go(self) -> None:
        if self._handle is not None:
            self._handle.close()
            self._handle = None

    @contextmanager
    def cut_off_after(self, seconds: float) -> Iterator[threading.Event]:
        """Shut the connection down after this many seconds; the event tells whether that has happened."""
        self._watch_for_silence()
        was_cut = self._was_cut = threading.Event()
        try:
            with self._watchdog.watching(seconds):
                yield was_cut
            self._is_used = True
        finally:
            if self._connection is not None and self._keeps_open is False:
                self._connection.close()
            if self._connection is None or self._connection.sock is None:  # it is not kept alive
                self._let_go()

    def _cut(self) -> None:
        self._was_cut.set()
        self.shut_down()


def _make(connect: Callable[[], socket.socket], coming: Future[socket.socket]) -> None:
    """Make a connection for whoever waits for it; if nobody does any more, close it."""
    try:
        sock = connect()
    except (OSError, HTTPError) as error:
        with suppress(InvalidStateError):
            coming.set_exception(error)
        return
    try:
        coming.set_result(sock)
    except InvalidStateError:
        sock.close()


def _coded(request: Request) -> bytes | Iterator[bytes] | None:
    """Return the body as it goes on the wire, in the codings that the request's headers name."""
    body = request.body
    if request.headers.get("Content-Encoding") == "gzip":
        body = gzip.compress(body, mtime=0)
    if request.headers.get("Transfer-Encoding") == "chunked":
        return iter([body[:10], body[10:]])
    return body or None


def _heard(request: Request, error: BaseException) -> Exchange | None:
    """Return what there was of an answer whose headers can't be used."""
    unreadable = next((cause for cause in causes(error) if isinstance(cause, BrokenAnswer)), None)
    if unreadable is None or unreadable.status is None:
        return None
    headers = Headers.of([] if unreadable.location is None else [("Location", unreadable.location)])
    return Exchange(request, Response(unreadable.status, headers, b"", str(unreadable)))


def without_stand_in(headers: Headers) -> Headers:
    """Return the headers to send: all but the one that stands for having no session."""
    return Headers.of(pair for pair in headers if pair != (SESSION_HEADER, NO_SESSION))


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _on_the_way(why: str, url: str) -> str:
    """Return why no answer came, with the proxy on the way to the URL."""
    proxy = Proxy.on_the_way_to(url)
    return why if proxy is None else f"{proxy.hidden_in(why)}, by way of the proxy {proxy.name} that the environment names"

"""The suite's own HTTP client: a requests session that follows nothing, remembers nothing and keeps every byte."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from types import TracebackType

import requests
from urllib3.exceptions import HTTPError

from jobinfo_conformance.contract.reading import LONGEST_BODY
from jobinfo_conformance.evidence.exchange import Exchange, Headers, Request, Response

_CHUNK = 1 << 14


class NoAnswer(Exception):
    """No HTTP answer came; the message says why, in the words of the transport."""


class Client:
    """Sends requests as they are, one at a time.

    ``timeout`` is in seconds: for the connection, for the first byte, and for the whole answer.
    """

    def __init__(self, timeout: float = 30) -> None:
        self._timeout = timeout
        self._session = requests.Session()
        self._session.headers.clear()
        self._session.auth = _no_auth  # else a .netrc adds credentials to the evidence
        self.sent = 0

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._session.close()

    def send(self, request: Request) -> Exchange:
        """Send a request. Raises NoAnswer where no status line came back."""
        started, clock = datetime.now(UTC), time.monotonic()
        self.sent += 1
        try:
            answer = self._session.request(
                request.method,
                request.url,
                data=request.body or None,
                headers=dict(request.headers),
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            )
        except (requests.RequestException, HTTPError, OSError) as error:
            raise NoAnswer(_reason(error)) from error
        self._session.cookies.clear()
        with answer:
            body, defect = self._body(answer, clock + self._timeout)
        response = Response(answer.status_code, Headers.of(answer.raw.headers.items()), body, defect)
        return Exchange(request, response, started, (time.monotonic() - clock) * 1000)

    def _body(self, answer: requests.Response, deadline: float) -> tuple[bytes, str | None]:
        body = bytearray()
        try:
            for chunk in answer.iter_content(_CHUNK):
                body += chunk
                if len(body) > LONGEST_BODY:
                    break  # a reader refuses it for its length; more of it proves nothing
                if time.monotonic() > deadline:
                    return bytes(body), f"a body that had not ended after {self._timeout:g} seconds"
        except (requests.RequestException, HTTPError, OSError) as error:
            return bytes(body), f"a body that broke off or does not decode: {_reason(error)}"
        return bytes(body), None


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _reason(error: BaseException) -> str:
    """The innermost cause, in a line."""
    seen: BaseException = error
    while seen.__cause__ is not None or seen.__context__ is not None:
        seen = seen.__cause__ or seen.__context__ or seen
    text = " ".join(str(seen).split()) or type(seen).__name__
    return text.removeprefix("[Errno 111] ")

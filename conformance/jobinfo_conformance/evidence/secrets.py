"""Secrets, and the border at which they leave the evidence.

Every occurrence of a session becomes `MARK`, in requests and in responses. No code past this border can print the
session, and a check can still see that a response repeated it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import quote
from xml.sax.saxutils import escape

from jobinfo_conformance.evidence.exchange import Exchange, Headers, Response

MARK = "[JOBINFO-SESSION]"
REMOVED = "[removed]"

SESSION_HEADER = "X-SFDC-Session"
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})

#: Shorter values are not looked for in bodies: they stand there by chance, and are nobody's session.
_SHORTEST_LIVE = 8
#: What a stranger's recording has in the header may be a placeholder, such as a word that every body holds.
_SHORTEST_RECORDED = 15


class Session:
    """A session id or OAuth token. Its repr is safe to print; `reveal` is for the request's header alone."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Session(…)"

    def reveal(self) -> str:
        """The session itself."""
        return self._value


def redact(exchange: Exchange, session: Session) -> Exchange:
    """Return the exchange of a live target without its session."""
    return _redact(exchange, [session.reveal()] if len(session.reveal()) >= _SHORTEST_LIVE else [])


def redact_recorded(exchange: Exchange) -> Exchange:
    """Return an exchange out of a recording without the session that its own request names."""
    session = exchange.request.headers.get(SESSION_HEADER) or ""
    bearer = (exchange.request.headers.get("Authorization") or "").rpartition(" ")[2]
    return _redact(exchange, [one for one in (session, bearer) if len(one) >= _SHORTEST_RECORDED and one != MARK])


def _redact(exchange: Exchange, secrets: Iterable[str]) -> Exchange:
    forms = sorted({form for secret in secrets for form in _forms(secret)}, key=len, reverse=True)
    request, response = exchange.request, exchange.response
    return replace(
        exchange,
        request=replace(
            request,
            url=_in_text(request.url, forms),
            headers=_in_headers(request.headers, forms),
            body=_in_bytes(request.body, forms),
        ),
        response=Response(
            status=response.status,
            headers=_in_headers(response.headers, forms),
            body=None if response.body is None else _in_bytes(response.body, forms),
            defect=response.defect and _in_text(response.defect, forms),
        ),
    )


def _forms(secret: str) -> set[str]:
    """The ways in which a response may write a secret."""
    quoted = {quote(secret, safe=""), quote(secret), json.dumps(secret)[1:-1], escape(secret), escape(secret, {'"': "&quot;"})}
    return {secret, *quoted}


def _in_text(text: str, forms: Iterable[str]) -> str:
    for form in forms:
        text = text.replace(form, MARK)
    return text


def _in_bytes(body: bytes, forms: Iterable[str]) -> bytes:
    for form in forms:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            body = body.replace(form.encode(encoding), MARK.encode(encoding))
    return body


def _in_headers(headers: Headers, forms: Iterable[str]) -> Headers:
    return Headers.of((name, _in_header(name, value, forms)) for name, value in headers)


def _in_header(name: str, value: str, forms: Iterable[str]) -> str:
    if name.lower() == SESSION_HEADER.lower():
        return MARK
    redacted = _in_text(value, forms)
    if name.lower() not in _SECRET_HEADERS:
        return redacted
    return MARK if MARK in redacted else REMOVED

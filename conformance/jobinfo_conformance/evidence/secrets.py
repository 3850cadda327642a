"""Secrets, and the border at which they leave the evidence.

Every occurrence of a session becomes `MARK`, in requests and in responses. No code past this border can print the
session, and a check can still see that a response repeated it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from xml.sax.saxutils import escape

from jobinfo_conformance.evidence.exchange import Exchange, Headers, Response

MARK = "[JOBINFO-SESSION]"
REMOVED = "[removed]"
#: For requests that must be refused: a session that nobody has, and none at all, for which no header is sent.
WRONG_SESSION, NO_SESSION = "00D000000000000!NOBODYS.SESSION", "[no session]"

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


def redact_text(text: str, session: Session) -> str:
    """Return a text without a session in it."""
    return _in_text(text, [session.reveal()])


def _redact(exchange: Exchange, secrets: Sequence[str]) -> Exchange:
    request, response = exchange.request, exchange.response
    return replace(
        exchange,
        request=replace(
            request,
            url=_in_text(request.url, secrets),
            headers=_in_headers(request.headers, secrets),
            body=_in_bytes(request.body, secrets),
        ),
        response=Response(
            status=response.status,
            headers=_in_headers(response.headers, secrets),
            body=None if response.body is None else _in_bytes(response.body, secrets),
            defect=response.defect and _in_text(response.defect, secrets),
        ),
    )


@lru_cache(maxsize=64)
def _pattern(secret: str, before: str = "", after: str = "") -> re.Pattern[str]:
    """A secret, each character of it as it is or escaped in the way of XML, JSON or URLs.

    ``before`` and ``after`` stand around each character: in UTF-16 a NUL on one side.
    """

    def spelled(text: str) -> str:
        return "".join(f"{before}{re.escape(char)}{after}" for char in text)

    def written(char: str) -> str:
        code = ord(char)
        references = [f"&#{code};", *(f"&#{'0' * zeros}{code};" for zeros in (1, 2))]
        references += [f"&#x{'0' * zeros}{code:x};" for zeros in (0, 2)]
        references += [escape(char, {'"': "&quot;", "'": "&apos;"})]
        escapes = [char, f"\\{char}", f"\\u{code:04x}", f"%{code:02x}", *references]
        # Hexadecimal digits and the x are written in either case; the character itself is not.
        return "|".join([spelled(char), *(f"(?i:{spelled(one)})" for one in escapes[1:])])

    return re.compile("".join(f"(?:{written(char)})" for char in secret))


def _in_text(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = _pattern(secret).sub(MARK, text)
    return text


def _in_bytes(body: bytes, secrets: Iterable[str]) -> bytes:
    text = body.decode("latin-1")  # a character a byte, so that nothing is lost
    for secret in secrets:
        text = _pattern(secret).sub(MARK, text)
        if "\0" in text:
            text = _pattern(secret, after="\0").sub("".join(f"{char}\0" for char in MARK), text)
            text = _pattern(secret, before="\0").sub("".join(f"\0{char}" for char in MARK), text)
    return text.encode("latin-1")


def _in_headers(headers: Headers, secrets: Sequence[str]) -> Headers:
    return Headers.of((_in_text(name, secrets), _in_header(name, value, secrets)) for name, value in headers)


def _in_header(name: str, value: str, secrets: Sequence[str]) -> str:
    if name.lower() == SESSION_HEADER.lower():
        return value if value in (WRONG_SESSION, NO_SESSION) else MARK
    redacted = _in_text(value, secrets)
    if name.lower() not in _SECRET_HEADERS:
        return redacted
    return MARK if MARK in redacted else REMOVED

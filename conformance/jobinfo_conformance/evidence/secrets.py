"""Secrets, and the border at which they leave the evidence.

Every occurrence of a session becomes `MARK`, in requests and in responses. No code past this border can print the
session, and a check can still see that a response repeated it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from urllib.parse import unquote
from xml.sax.saxutils import escape

from jobinfo_conformance.evidence.exchange import Exchange, Headers, Response

MARK = "[JOBINFO-SESSION]"
REMOVED = "[removed]"
#: For requests that must be refused: a session that nobody has, and none at all, for which no header is sent.
WRONG_SESSION, NO_SESSION = "00D000000000000!NOBODYS.SESSION", "[no session]"

SESSION_HEADER = "X-SFDC-Session"
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
#: A session in the query of a URL, and in a cookie.
_PARAMETER = re.compile(r"[?&](?:sid|access_token|oauth_token)=([^&#\s]+)", re.IGNORECASE)
_COOKIE = re.compile(r"(?:^|;\s*)sid=([^;\s]+)", re.IGNORECASE)
#: A user and a password in a URL.
_USERINFO = re.compile(r"(?<=//)[^/?#\s]*@")

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


def sessions_named(url: str, headers: Iterable[tuple[str, str]]) -> set[str]:
    """The sessions that a request names: in its session header, as a token, in a cookie or in a URL."""
    named = _PARAMETER.findall(url)
    for name, value in headers:
        if name.lower() == SESSION_HEADER.lower():
            named.append(value)
        elif name.lower() == "authorization":
            named.append(value.rpartition(" ")[2])
        else:
            named += (_COOKIE if name.lower() == "cookie" else _PARAMETER).findall(value)
    found = {*named, *map(unquote, named)} - {MARK, WRONG_SESSION, NO_SESSION}
    return {one for one in found if len(one) >= _SHORTEST_RECORDED}


def redact_recorded(exchange: Exchange, sessions: Iterable[str]) -> Exchange:
    """Return an exchange out of a recording without any of the sessions that the recording names."""
    return _redact(exchange, sessions)


def redact_text(text: str, session: Session) -> str:
    """Return a text without a session in it."""
    return _in_text(text, (session.reveal(),))


def _redact(exchange: Exchange, sessions: Iterable[str]) -> Exchange:
    secrets = tuple(sorted(sessions, key=len, reverse=True))  # one may begin with another
    request, response = exchange.request, exchange.response
    return replace(
        exchange,
        request=replace(
            request,
            url=_USERINFO.sub("", _in_text(request.url, secrets)),
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
def _pattern(secrets: tuple[str, ...], before: str = "", after: str = "") -> re.Pattern[str]:
    """Any of several secrets, each character as it is or escaped in the way of XML, JSON or URLs.

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

    return re.compile("|".join("".join(f"(?:{written(char)})" for char in secret) for secret in secrets))


def _in_text(text: str, secrets: tuple[str, ...]) -> str:
    return _pattern(secrets).sub(MARK, text) if secrets else text


def _in_bytes(body: bytes, secrets: tuple[str, ...]) -> bytes:
    if not secrets:
        return body
    text = _in_text(body.decode("latin-1"), secrets)  # a character a byte, so that nothing is lost
    if "\0" in text:
        text = _pattern(secrets, after="\0").sub("".join(f"{char}\0" for char in MARK), text)
        text = _pattern(secrets, before="\0").sub("".join(f"\0{char}" for char in MARK), text)
    return text.encode("latin-1")


def _in_headers(headers: Headers, secrets: tuple[str, ...]) -> Headers:
    return Headers.of((_in_text(name, secrets), _in_header(name, value, secrets)) for name, value in headers)


def _in_header(name: str, value: str, secrets: tuple[str, ...]) -> str:
    if name.lower() == SESSION_HEADER.lower():
        return value if value in (WRONG_SESSION, NO_SESSION) else MARK
    redacted = _USERINFO.sub("", _in_text(value, secrets))
    if name.lower() not in _SECRET_HEADERS:
        return redacted
    return MARK if MARK in redacted else REMOVED

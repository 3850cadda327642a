"""Secrets, and the border at which they are removed from the evidence.

Every occurrence of a secret becomes `MARK`, in requests and in answers. No code past this border can print a session,
but a check can still see that an answer repeated it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, takewhile
from urllib.parse import unquote

from jobinfo_conformance._contract.session import NO_SESSION, SESSION_HEADER, WRONG_SESSION
from jobinfo_conformance._evidence.spelling import as_read, is_plain, spans
from jobinfo_conformance._exchange import Exchange, Headers, Request, Response

#: Stands for a session.
MARK = "[JOBINFO-SESSION]"
#: Stands for the value of a header that the user adds; a variable that fills it in is named after a colon.
HEADER_MARK = "[JOBINFO-HEADER]"
HEADER_MARKS = re.compile(r"\[JOBINFO-HEADER(?::(?P<variable>\w+))?\]")
#: Stands for anything else that may be a secret.
REMOVED = "[removed]"

_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
#: A session in the query of a URL, and in a cookie.
_PARAMETER = re.compile(r"[?&](?:sid|access_token|oauth_token)=([^&#\s]+)", re.IGNORECASE)
_COOKIE = re.compile(r"(?:^|;\s*)sid=([^;\s]+)", re.IGNORECASE)
#: A user and a password in a URL.
_USERINFO = re.compile(r"(?<=//)[^/?#\s]*@")

#: Shorter values are not searched for: they occur by chance, and are nobody's session.
_SHORTEST = 8
#: The same for recordings, where the header may hold a placeholder, such as a word that every body has.
_SHORTEST_RECORDED = 15
#: How many different headers are kept in mind.
_MOST_HEADERS = 256
#: How many times a text is unescaped: an escape may itself be escaped, as in JSON inside XML.
_DEEPEST_ESCAPE = 3


class Secret:
    """A session id, a token, or the value of a header. Its repr is safe to print; `reveal` is for the transport alone."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def reveal(self) -> str:
        """The secret itself."""
        return self._value


def header_mark(variable: str | None = None) -> str:
    """Return what stands for the value of a header, which this variable of the environment fills in.

    >>> header_mark("GATEWAY_KEY")
    '[JOBINFO-HEADER:GATEWAY_KEY]'
    """
    return HEADER_MARK if variable is None else f"{HEADER_MARK[:-1]}:{variable}]"


class Redaction:
    """Removes secrets wherever they occur, in time linear in the text, however many secrets there are.

    A secret is found as it is, in lower and in upper case (a proxy may have changed the case of a header), in base64 and
    in hexadecimal; and in each of these with any character escaped as in XML, JSON or URLs. One of fewer than ``shortest``
    characters is not looked for.
    """

    def __init__(self, secrets: Iterable[str], mark: str = MARK, *, shortest: int = _SHORTEST) -> None:
        self._mark = mark
        #: Clients and servers send the same headers again and again.
        self._known_headers: dict[Headers, Headers] = {}
        spellings = {spelling for secret in secrets if len(secret) >= shortest for spelling in _spellings(secret)}
        self._pattern = re.compile(_any_of(sorted(spellings))) if spellings else None

    def in_exchange(self, exchange: Exchange) -> Exchange:
        """Return an exchange without the secrets, and without anything else in its headers and URL that may be secret."""
        request, response = exchange.request, exchange.response
        return Exchange(
            Request(
                request.method,
                _USERINFO.sub("", self.in_text(request.url)),
                self._in_headers(request.headers),
                self._in_bytes(request.body),
            ),
            Response(
                status=response.status,
                headers=self._in_headers(response.headers),
                body=None if response.body is None else self._in_bytes(response.body),
                defect=response.defect and self.in_text(response.defect),
            ),
            exchange.started,
            exchange.milliseconds,
            exchange.entry,
        )

    def in_text(self, text: str) -> str:
        """Return a text without the secrets."""
        if self._pattern is None:
            return text
        text = self._pattern.sub(self._mark, text)
        return text if is_plain(text) else self._in_escaped(text)

    def _in_escaped(self, text: str) -> str:
        assert self._pattern is not None
        for start, end in reversed(spans(text, self._pattern)):
            # In UTF-16 there is a NUL beside each character.
            mark = "\0".join(self._mark) if "\0" in text[start:end] else self._mark
            text = text[:start] + mark + text[end:]
        return text if not self._hides_deeper(text) else self._mark

    def _hides_deeper(self, text: str) -> bool:
        """Whether a secret appears once escaped escapes are undone. Such a text is removed as a whole."""
        assert self._pattern is not None
        for _ in range(_DEEPEST_ESCAPE):
            read = as_read(text)
            if read == text:
                return False
            if self._pattern.search(read):
                return True
            text = read
        return False

    def _in_bytes(self, body: bytes) -> bytes:
        # One character per byte, so that nothing is lost.
        return self.in_text(body.decode("latin-1")).encode("latin-1") if self._pattern is not None else body

    def _in_headers(self, headers: Headers) -> Headers:
        found = self._known_headers.get(headers)
        if found is None:
            found = Headers.of((self.in_text(name), self._in_header(name, value)) for name, value in headers)
            if len(self._known_headers) < _MOST_HEADERS:
                self._known_headers[headers] = found
        return found

    def _in_header(self, name: str, value: str) -> str:
        if name.lower() == SESSION_HEADER.lower():
            return value if value in (WRONG_SESSION, NO_SESSION) else MARK
        redacted = _USERINFO.sub("", self.in_text(value))
        if name.lower() not in _SECRET_HEADERS or WRONG_SESSION in redacted:
            return redacted
        scheme, _, rest = redacted.partition(" ")
        if scheme.isalpha() and _is_mark(rest):
            return redacted
        header = HEADER_MARKS.search(redacted)
        return MARK if MARK in redacted else header[0] if header else REMOVED


def sessions_named(url: str, headers: Iterable[tuple[str, str]]) -> set[str]:
    """The sessions that a recorded request names: in its session header, as a token, in a cookie or in its URL."""
    named = _PARAMETER.findall(url)
    for name, value in headers:
        if name.lower() == SESSION_HEADER.lower():
            named.append(value)
        elif name.lower() == "authorization":
            named.append(value.rpartition(" ")[2])
        else:
            named += (_COOKIE if name.lower() == "cookie" else _PARAMETER).findall(value)
    found = {*named, *map(unquote, named)} - {WRONG_SESSION, NO_SESSION}
    return {session for session in found if len(session) >= _SHORTEST_RECORDED and not _is_mark(session)}


def _is_mark(text: str) -> bool:
    """Whether a text only stands for a secret."""
    return text == MARK or HEADER_MARKS.fullmatch(text) is not None


def _spellings(secret: str) -> Iterator[str]:
    """All the ways to write a secret that are searched for."""
    yield from (secret, secret.lower(), secret.upper())
    encoded = secret.encode("utf-8", "surrogatepass")
    yield from (encoded.hex(), encoded.hex().upper())
    for before in range(3):  # how many bytes precede it in a base64 group of three
        certain = slice(-(-before * 8 // 6), (before + len(encoded)) * 8 // 6)
        for altchars in (b"+/", b"-_"):
            yield base64.b64encode(bytes(before) + encoded, altchars).decode("ascii")[certain]


def _any_of(words: Sequence[str]) -> str:
    """A pattern for any of these words, which are sorted: a beginning that several share is tried once for all of them."""
    first, last = min(words), max(words)
    same = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    shared = "".join(char for char, _ in same)
    rests = [word[len(shared) :] for word in words]
    branches = ["".join(_any_of(list(group))) for start, group in groupby(rests, key=lambda rest: rest[:1]) if start]
    if not branches:
        return re.escape(shared)
    return f"{re.escape(shared)}(?:{'|'.join(branches)}){'?' * ('' in rests)}"

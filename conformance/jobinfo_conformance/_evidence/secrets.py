"""Secrets, and the border at which they are removed from the evidence.

Every occurrence of a secret becomes `MARK`, in requests and in answers. No code past this border can print a session,
but a check can still see that an answer repeated it.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import replace
from typing import Literal
from urllib.parse import unquote

from jobinfo_conformance._contract.session import NO_SESSION, SESSION_HEADER, WRONG_SESSION
from jobinfo_conformance._evidence.secret_names import (
    REMOVED,
    is_named_secret,
    parameters_named,
    without_named,
    without_named_in,
)
from jobinfo_conformance._evidence.spelling import readings, solid, spans, with_separators, without_separators
from jobinfo_conformance._evidence.words import Words, merged
from jobinfo_conformance._exchange import Exchange, Headers, Request, Response

#: Stands for a session.
MARK = "[JOBINFO-SESSION]"
#: Stands for the value of a header that the user adds; a variable that fills it in is named after a colon.
HEADER_MARK = "[JOBINFO-HEADER]"
HEADER_MARKS = re.compile(r"\[JOBINFO-HEADER(?::(?P<variable>\w+))?\]")

#: A session in the query of a URL, and in a cookie.
_SESSION_PARAMETER = re.compile(r"[?&](?:sid|access_token|oauth_token)=([^&#\s]+)", re.IGNORECASE)
_SESSION_COOKIE = re.compile(r"(?:^|;\s*)sid=([^;\s]+)", re.IGNORECASE)
#: A user and a password in a URL.
_USERINFO = re.compile(r"(?<=//)[^/?#\s]*@")

#: Shorter values are not searched for: they occur by chance, and are nobody's session.
_SHORTEST = 8
#: The same for recordings, where the header may hold a placeholder, such as a word that every body has.
_SHORTEST_RECORDED = 15
#: From this length on, the value of a header that the user adds is also found where its end is missing.
SHORTEST_CUT_HEADER = 8
#: From this length on a secret is also found where its end is missing, as in a message that a gateway cut short: three quarters
#: of it count, and never fewer characters than this. The first 15 characters of a session id are those of an organization.
_SHORTEST_CUT = 24
#: Fewer digits and letters occur by chance in a text whose marks are left out.
_SHORTEST_IN_GROUPS = 8
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


class Sealed(str):
    """The value of a header with a secret in it, whose repr is safe to print, as a debugger or a traceback does."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


def header_mark(variable: str | None = None) -> str:
    """Return what stands for the value of a header, which this variable of the environment fills in.

    >>> header_mark("GATEWAY_KEY")
    '[JOBINFO-HEADER:GATEWAY_KEY]'
    """
    return HEADER_MARK if variable is None else f"{HEADER_MARK[:-1]}:{variable}]"


class Redaction:
    """Removes secrets wherever they occur, in time linear in the text, however many secrets there are.

    A secret is found in any letter case, since a proxy may have changed it and since whoever has it in another case has most of
    it; in UTF-8 or UTF-16, and in base64, base64 of base64, base32 and hexadecimal of either, wrapped in lines or not, the last
    two also in groups; and in each of these with any character escaped as in XML, HTML, JSON, C or URLs, and escaped again. One
    of fewer than ``shortest`` characters is not looked for. One that is cut off after three quarters of its length is found
    too, if these are ``shortest_cut`` characters; so are its last three quarters, and what follows the id of the organization
    in a session.
    """

    def __init__(
        self, secrets: Iterable[str], mark: str = MARK, *, shortest: int = _SHORTEST, shortest_cut: int = _SHORTEST_CUT
    ) -> None:
        self._mark = mark
        searched = ["".join(secret.split()) for secret in secrets if len(secret) >= shortest]
        self._words = Words(_by_shortest(_words_of(searched, _spellings, shortest_cut)))
        in_groups = _words_of(searched, _spellings_in_groups, shortest_cut)
        self._words_in_groups = Words(_by_shortest(word for word in in_groups if len(word[0]) >= _SHORTEST_IN_GROUPS))
        #: Clients and servers send the same headers again and again.
        self._known_headers: dict[Headers, Headers] = {}

    def in_exchange(self, exchange: Exchange) -> Exchange:
        """Return an exchange without the secrets, and without anything else in its headers and URL that may be secret."""
        request, response = exchange.request, exchange.response
        return replace(
            exchange,
            request=Request(
                request.method,
                without_named(_USERINFO.sub("", self.in_text(request.url))),
                self._in_headers(request.headers),
                self._in_bytes(request.body),
                request.defect and self.in_text(request.defect),
            ),
            response=Response(
                status=response.status,
                headers=self._in_headers(response.headers),
                body=None if response.body is None else self._in_bytes(response.body),
                defect=response.defect and self.in_text(response.defect),
            ),
        )

    def finds(self, text: str) -> bool:
        """Whether a text shows a secret."""
        return self._shown_below(text, -1) is not None

    def in_text(self, text: str) -> str:
        """Return a text without the secrets."""
        depth = -1
        while (shown := self._shown_below(text, depth)) is not None:
            depth, found = shown
            pieces: list[str] = []
            place = 0
            for start, end in spans(text, depth, found):
                # In UTF-16 there is a NUL beside each character.
                mark = "\0".join(self._mark) if "\0" in text[start:end] else self._mark
                pieces += (text[place:start], mark)
                place = end
            text = "".join([*pieces, text[place:]])
        return text

    def _shown_below(self, text: str, depth: int) -> tuple[int, list[tuple[int, int]]] | None:
        """The depth of the first reading below this one that shows a secret, and where it does; None if there is none."""
        for below, reading in enumerate(readings(text, _DEEPEST_ESCAPE)):
            found = self._found_in(reading) if below > depth else []
            if found:
                return below, found
        return None

    def _found_in(self, reading: str) -> list[tuple[int, int]]:
        """Where a reading shows a secret, also in digits that are written in groups."""
        in_groups = self._words_in_groups.found_in(without_separators(reading))
        return merged([*self._words.found_in(reading), *with_separators(reading, in_groups)])

    def _in_bytes(self, body: bytes) -> bytes:
        # One character per byte, so that nothing is lost.
        return without_named_in(self.in_text(body.decode("latin-1")).encode("latin-1"))

    def _in_headers(self, headers: Headers) -> Headers:
        found = self._known_headers.get(headers)
        if found is None:
            unsealed = ((name, str(value)) for name, value in headers)
            found = Headers.of((self.in_text(name), self._in_header(name, value)) for name, value in unsealed)
            if len(self._known_headers) < _MOST_HEADERS:
                self._known_headers[headers] = found
        return found

    def _in_header(self, name: str, value: str) -> str:
        if name.lower() == SESSION_HEADER.lower():
            return value if value in (WRONG_SESSION, NO_SESSION) else MARK
        redacted = without_named(_USERINFO.sub("", self.in_text(value)))
        if not is_named_secret(name) or WRONG_SESSION in redacted:
            return redacted
        scheme, _, rest = redacted.partition(" ")
        if scheme.isalpha() and _is_mark(rest):
            return redacted
        header = HEADER_MARKS.search(redacted)
        return MARK if MARK in redacted else header[0] if header else REMOVED


def without(sessions: Set[str], keys: Set[str]) -> Callable[[Exchange], Exchange]:
    """Return what removes the sessions of a recording, and the other secrets in it, from its exchanges."""
    of_sessions, others = Redaction(sessions), keys - sessions
    if not others:
        return of_sessions.in_exchange
    of_keys = Redaction(others, REMOVED)
    return lambda exchange: of_keys.in_exchange(of_sessions.in_exchange(exchange))


def sessions_named(url: str, headers: Iterable[tuple[str, str]]) -> set[str]:
    """The sessions that a recorded request names: in its session header, as a token, in a cookie or in its URL."""
    named = _SESSION_PARAMETER.findall(url)
    for name, value in headers:
        if name.lower() == SESSION_HEADER.lower():
            named.append(value)
        elif name.lower() == "authorization":
            named.append(value.rpartition(" ")[2])
        else:
            named += (_SESSION_COOKIE if name.lower() == "cookie" else _SESSION_PARAMETER).findall(value)
    return _long_enough(named)


def keys_named(url: str, headers: Iterable[tuple[str, str]]) -> set[str]:
    """The other secrets that a recorded request names in its URL and its headers, such as the key of a gateway."""
    own = (SESSION_HEADER.lower(), "authorization", "cookie")
    keys = [value for name, value in headers if is_named_secret(name) and name.lower() not in own]
    return _long_enough([*keys, *parameters_named(url)])


def _long_enough(named: Iterable[str]) -> set[str]:
    named = list(named)
    found = {*named, *map(unquote, named)} - {WRONG_SESSION, NO_SESSION}
    return {secret for secret in found if len(secret) >= _SHORTEST_RECORDED and not _is_mark(secret)}


def _is_mark(text: str) -> bool:
    """Whether a text only stands for a secret."""
    return text == MARK or HEADER_MARKS.fullmatch(text) is not None


def _after_organization(secret: str) -> str:
    """What is secret in a session: all that follows its organization; the whole secret if that is short."""
    rest = secret.partition("!")[2]
    return rest if len(rest) >= _SHORTEST_CUT else secret


def _last_part(secret: str) -> str:
    """As much of the end of a secret as gives it away; all of a short one."""
    return secret[-_enough(len(secret), len(secret), _SHORTEST_CUT) :]


def _enough(length: int, spelled: int, shortest: int) -> int:
    """How much of a secret gives it away, of the ``spelled`` characters that it takes in some spelling.

    That is three quarters of its ``length``, and no fewer than ``shortest`` characters.
    """
    if length <= shortest:
        return spelled
    return math.ceil(spelled * max(shortest, 3 * length // 4) / length)


def _spellings(secret: str) -> Iterator[str]:
    """All the ways to write a secret that are searched for, as readings have them; but for those that are written in groups."""
    yield solid(secret)
    for code in _encoded(secret):
        yield solid(code.decode("latin-1").replace("\0", ""))
        # Base64 of letters, digits and their few marks is the same in its variant for URLs.
        for once in {word for altchars in (b"+/", b"-_") for word in _in_base(64, code, altchars)}:
            yield once.lower()
            yield from map(str.lower, _in_base(64, once.encode()))
    for once in _in_base(64, secret.encode("utf-8", "surrogatepass")):
        for again in _encoded(once)[1:]:
            yield from map(str.lower, _in_base(64, again))


def _spellings_in_groups(secret: str) -> Iterator[str]:
    """The ways to write a secret in which marks may stand between any two characters, as in 30:30."""
    for code in _encoded(secret):
        yield code.hex()
        yield from map(str.lower, _in_base(32, code))


def _encoded(text: str) -> tuple[bytes, ...]:
    return tuple(text.encode(encoding, "surrogatepass") for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


def _in_base(base: Literal[32, 64], code: bytes, altchars: bytes = b"+/") -> Iterator[str]:
    """The characters that are certain of bytes in base64 or base32, for each place in a group at which they may begin."""
    bits, group = (6, 3) if base == 64 else (5, 5)
    for before in range(group):  # how many bytes precede them in their group
        padded = bytes(before) + code
        written = base64.b64encode(padded, altchars) if base == 64 else base64.b32encode(padded)
        yield written.decode("ascii")[-(-before * 8 // bits) : len(padded) * 8 // bits]


def _words_of(
    secrets: Iterable[str], spellings: Callable[[str], Iterable[str]], shortest_cut: int
) -> Iterator[tuple[str, str]]:
    """The words to look for, each after as much of its beginning as gives the secret away."""
    for secret in secrets:
        for part in {secret, _after_organization(secret)}:
            for word in spellings(part):
                yield word[: _enough(len(part), len(word), shortest_cut)], word
        for word in spellings(_last_part(secret)):
            yield word, word


def _by_shortest(words: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The words by their beginnings, without each beginning that begins with another: that one finds its words too."""
    kept: dict[str, list[str]] = {}
    last: str | None = None
    for beginning, word in sorted(set(words)):
        if last is None or not beginning.startswith(last):
            last = beginning
        kept.setdefault(last, []).append(word)
    return kept

"""The sessions that requests anywhere in an archive name: none is to be printed, whichever job's answer repeats it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from msgspec import Raw

from jobinfo_conformance._escaping import encodable
from jobinfo_conformance._evidence.secrets import sessions_named
from jobinfo_conformance._evidence.watched_secrets import are_long, has_short_words
from jobinfo_conformance._exchange import Exchange
from jobinfo_conformance._files.json_text import decoded

#: The most sessions that are kept in mind. Beyond these, an answer that repeats the session of another job goes unnoticed.
MOST = 100_000
#: What may be a session, or begin or end with one.
_WORD = re.compile(rb"[^\s\"'<>,;&?=\\]{15,}")


def sessions_of(url: str, headers: Any) -> frozenset[str]:
    """The sessions that a request names, by its URL and by its headers as HAR has them, decoded or not."""
    in_headers = _in_json(bytes(headers)) if isinstance(headers, Raw) else _in_headers(headers)
    return in_headers | sessions_named(url, ()) if "?" in url else in_headers


@lru_cache(maxsize=1024)
def _in_json(headers: bytes) -> frozenset[str]:
    """A client sends the same headers again and again."""
    return _in_headers(headers)


def _in_headers(headers: Any) -> frozenset[str]:
    try:
        found = decoded(headers, list[Any])
    except ValueError:
        return frozenset()
    pairs = [(str(header.get("name")), encodable(str(header.get("value")))) for header in found if isinstance(header, dict)]
    return frozenset(sessions_named("", pairs))


class Sessions:
    """Many sessions, of which those that occur in an exchange are found in time that does not depend on how many there are."""

    def __init__(self, sessions: Iterable[str]) -> None:
        sessions = set(sessions)
        self._are_long = are_long(sessions)
        self._sessions = {spelling.encode(): each for each in sessions for spelling in (each, each.lower(), each.upper())}

    def may_be_in(self, text: str) -> bool:
        """Whether one of these sessions is a word in a text."""
        if self._are_long and has_short_words(text):
            return False
        return not self._sessions.keys().isdisjoint(_WORD.findall(text.encode()))

    def among(self, exchanges: Iterable[Exchange]) -> set[str]:
        """The sessions that occur in these exchanges, as words."""
        words = {word for exchange in exchanges for text in _texts(exchange) for word in _WORD.findall(text)}
        return {self._sessions[word] for word in words & self._sessions.keys()}


def _texts(exchange: Exchange) -> Iterator[bytes]:
    response = exchange.response
    yield exchange.request.body
    yield response.body or b""
    yield " ".join(value for _, value in response.headers).encode()

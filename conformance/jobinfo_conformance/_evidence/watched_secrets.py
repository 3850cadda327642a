"""The secrets of a recording: quick to tell that a text holds none of them, and what removes them from exchanges."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Set
from functools import cached_property

from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.secrets import MARK, Redaction, without
from jobinfo_conformance._exchange import Exchange

#: A session or a token is one word.
_WORD = re.compile(r"[A-Za-z0-9!._~+/=-]+")
#: The characters of a secret however it is spelled, and those that none goes on after; an escape could stand for any character.
_INSIDE, _OUTSIDE = r"[A-Za-z0-9!._~+/=:-]", r"[^A-Za-z0-9!._~+/=:\-\0&\\%\x80-\U0010ffff]"
#: Of a secret of this length, a word of 30 characters is the least that gives it away. Few texts have a word that long.
_LONG, _SHORT_WORDS = 40, re.compile(f"{_OUTSIDE}*+(?:{_INSIDE}{{1,29}}+{_OUTSIDE}++)*+(?:{_INSIDE}{{1,29}}+)?")
#: Secrets that could be what every answer holds: an instant, a number, a part of the namespace.
_COMMON = re.compile(r"[0-9TZtz:.+-]+|.*/2009/06/.*|.*//.*")


def has_short_words(text: str) -> bool:
    """Whether a text reads as it is written and has only words that are shorter than what gives a long secret away."""
    solid = "".join(text.split())
    return _SHORT_WORDS.fullmatch(solid) is not None and "<!" not in solid and "]]>" not in solid


def are_long(secrets: Iterable[str]) -> bool:
    """Whether each secret is one word, and so long that any part that counts is long."""
    parts = (part for secret in secrets for part in (secret, secret.partition("!")[2] or secret))
    return all(len(part) >= _LONG and _WORD.fullmatch(part) for part in parts)


class WatchedSecrets:
    """The sessions and other secrets that the requests in a recording name.

    >>> WatchedSecrets({"00D000000000001!AQEAQ.a.session.that.nobody.has.any.more"}, set()).may_be_in("Account")
    False
    """

    def __init__(self, sessions: Set[str], keys: Set[str]) -> None:
        self._sessions = sessions
        self._keys = keys

    @cached_property
    def removed(self) -> Callable[[Exchange], Exchange]:
        """What removes them from an exchange."""
        return without(self._sessions, self._keys)

    def may_be_in(self, text: str) -> bool:
        """Whether one of them may be in a text, or in a part of it; a text is parted where no secret goes on.

        `MARK` stands for one that was removed when the recording was made.
        """
        if MARK in text or not self._are_words:
            return True
        if self._are_long and has_short_words(text):
            return False
        return self._are_common or self._redaction.finds(text)

    @cached_property
    def _are_common(self) -> bool:
        """Whether one is a part of what most answers hold."""
        return self._redaction.finds("<".join([*JobInfo.FIELDS, *Serialization]))

    @cached_property
    def _redaction(self) -> Redaction:
        return Redaction({*self._sessions, *self._keys})

    @cached_property
    def _are_words(self) -> bool:
        """Whether each is one word, and none that an answer holds anyway."""
        return all(_WORD.fullmatch(secret) and not _COMMON.fullmatch(secret) for secret in (*self._sessions, *self._keys))

    @cached_property
    def _are_long(self) -> bool:
        return are_long((*self._sessions, *self._keys))

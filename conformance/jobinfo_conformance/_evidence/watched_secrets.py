"""The secrets of a recording: quick to tell that a text holds none of them, and what removes them from exchanges."""

from __future__ import annotations

import re
from collections.abc import Callable, Set
from functools import cached_property

from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.secrets import Redaction, without
from jobinfo_conformance._exchange import Exchange

#: What holds no escape and nothing between words. A session or a token is made of such characters.
_WORD = re.compile(r"[A-Za-z0-9!._~+/=-]+")
#: From this length on, what gives a secret away is a word that is longer than all that answers usually hold.
_LONG, _GIVEN_AWAY = 40, re.compile(r"[A-Za-z0-9!._~+/=:-]{30}|[\0&\\%\x80-\U0010ffff]|<!|\]\]>")
#: Secrets that could be what every answer holds: an instant, a number, a part of the namespace.
_COMMON = re.compile(r"[0-9TZtz:.+-]+|.*/2009/06/.*|.*//.*")


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
        """Whether one of them may be in a text, or in a part of it; a text is parted where no secret goes on."""
        if not self._are_words:
            return True
        if self._are_long and _GIVEN_AWAY.search("".join(text.split())) is None:
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
        """Whether each is so long that any part that counts is long."""
        parts = (part for secret in (*self._sessions, *self._keys) for part in (secret, secret.partition("!")[2] or secret))
        return all(len(part) >= _LONG for part in parts)

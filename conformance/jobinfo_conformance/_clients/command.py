"""A client under test that is a command: started anew for each run, and ended with all that it started."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from tempfile import TemporaryFile

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._clients.places import Place, environment_for, with_values
from jobinfo_conformance._evidence.client_run import Ending
from jobinfo_conformance._process.commands import Running, end_of

#: A client: it is told a place, connects there, and ends.
Client = Callable[[Place], Ending]

#: How much of what a command writes to a stream is looked at, in bytes from the end.
_LOOKED_AT = 100_000_000
#: How long a command has to end once it is asked to, in seconds.
_GRACE = 1.0


@dataclass(frozen=True)
class Command:
    """A command with its arguments, in which placeholders stand for what it is told.

    ``time_limit`` is the longest that it may run, in seconds; then it is ended.
    """

    words: Sequence[str]
    time_limit: float = 60
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def __call__(self, place: Place) -> Ending:
        """Run the command. Raises BadInput if it can't be started."""
        words = with_values(self.words, place)
        began = time.monotonic()
        with TemporaryFile() as output, TemporaryFile() as complaint:
            with Running(_GRACE) as running:
                try:
                    running.start(
                        words, output=output, complaint=complaint, environment=environment_for(place, self.environment)
                    )
                except OSError as error:
                    raise BadInput(f"{self.words[0]} can't be started: {error.strerror}") from error
                status = running.wait(self.time_limit)
                seconds = self.time_limit if status is None else time.monotonic() - began
            return Ending(status, seconds, end_of(output, _LOOKED_AT), end_of(complaint, _LOOKED_AT))


@dataclass(frozen=True)
class NoticedBy:
    """How a client shows that something went wrong.

    By its exit status, by what it writes to standard error, or by a pattern in what it writes; None: by one of the first two.
    """

    how: str | None = None

    @classmethod
    def of(cls, text: str | None) -> NoticedBy:
        """Read what a user says: exit, stderr or a regular expression. Raises BadInput."""
        if text not in (None, "exit", "stderr"):
            try:
                re.compile(str(text))
            except re.error as error:
                raise BadInput(f"--noticed-by {text!r} is no regular expression, nor exit, nor stderr") from error
        return cls(text)

    def signs(self, ending: Ending) -> frozenset[str]:
        """In which of these ways a client that ended so shows that something went wrong, unless it usually does."""
        if ending.status is None:
            return frozenset()
        ways = ("exit", "stderr") if self.how is None else (self.how,)
        return frozenset(way for way in ways if _shows(way, ending))

    @property
    def in_words(self) -> str:
        """What such a client does."""
        named = {
            None: "an exit status other than 0, or a message on standard error",
            "exit": "an exit status other than 0",
            "stderr": "a message on standard error",
        }
        return named.get(self.how) or f"a line that matches {self.how}"


def _shows(way: str, ending: Ending) -> bool:
    """Whether a client shows in this way that something went wrong. A pattern is looked for in each stream by itself."""
    if way == "exit":
        return ending.status != 0
    if way == "stderr":
        return bool(ending.complaint.strip())
    return any(re.search(way, text, re.MULTILINE) for text in (ending.output, ending.complaint))


#: What most clients do.
EXIT_OR_STDERR = NoticedBy()

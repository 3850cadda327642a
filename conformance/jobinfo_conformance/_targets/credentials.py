"""Credentials: the session, and the headers that the user adds to every request. All of them are secret."""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Iterable, Mapping
from string import Template

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._contract.session import NO_SESSION, SESSION_HEADER, WRONG_SESSION
from jobinfo_conformance._escaping import in_line
from jobinfo_conformance._evidence.secrets import HEADER_MARK, MARK, Redaction, Secret
from jobinfo_conformance._exchange import Exchange, Headers, Request

SESSION_VARIABLE = "JOBINFO_SESSION_ID"
COMMAND_VARIABLE = "JOBINFO_SESSION_COMMAND"
#: How long the command may take to print a session, in seconds.
_PATIENCE = 120

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Credentials:
    """The session and the user's own headers for a run; `redacted` removes every trace of them from an exchange.

    ``session_as`` is the header that carries the session; ``{}`` is where the session goes.
    """

    def __init__(
        self,
        session: str | None,
        *,
        session_as: str = f"{SESSION_HEADER}: {{}}",
        headers: Iterable[tuple[str, Secret]] = (),
        command: str | None = None,
    ) -> None:
        self._name, self._form = _session_header(session_as)
        self._headers = tuple(headers)
        self._command = command
        self._lock = threading.Lock()
        self._was_accepted = session is not None  # a session from the environment may be old, so it may be renewed once
        self._of_headers = Redaction(_words(secret.reveal() for _, secret in self._headers), HEADER_MARK)
        self._known: list[str] = []
        self._use(_usable(session, SESSION_VARIABLE) if session else self._session_from_command())

    @classmethod
    def of(cls, environment: Mapping[str, str], *, session_as: str, headers: Iterable[str]) -> Credentials | None:
        """Return the credentials that an environment and options name; None if they name no session. Raises BadInput."""
        session = environment.get(SESSION_VARIABLE, "").strip()
        command = environment.get(COMMAND_VARIABLE, "").strip()
        named = [_header(text, environment) for text in headers]
        if not session and not command:
            return None
        return cls(session or None, session_as=session_as, headers=named, command=command or None)

    def on(self, request: Request) -> Request:
        """Return a request with its credentials; it may instead ask for a session that nobody has, or for none."""
        meant = request.headers.get(SESSION_HEADER)
        kept = [pair for pair in request.headers if pair[0] != SESSION_HEADER and not {MARK, HEADER_MARK} & set(_marks(pair))]
        session = WRONG_SESSION if meant == WRONG_SESSION else self._session.reveal()
        carried = [(SESSION_HEADER, NO_SESSION)] if meant == NO_SESSION else [(self._name, self._form.format(session))]
        own = [(name, secret.reveal()) for name, secret in self._headers]
        return Request(request.method, request.url, Headers((*kept, *carried, *own)), request.body)

    def redacted(self, exchange: Exchange) -> Exchange:
        """Return an exchange without the session and the values of the user's own headers."""
        return self._of_headers.in_exchange(self._of_session.in_exchange(exchange))

    def redacted_text(self, text: str) -> str:
        """Return a text without the same secrets."""
        return self._of_headers.in_text(self._of_session.in_text(text))

    def note_accepted(self) -> None:
        """Note that the session in use was accepted: if it is refused later, it has expired."""
        self._was_accepted = True

    def renew(self, refused: Request) -> bool:
        """Have the command print a new session if the one that a refused request carried has expired.

        Returns whether there is another session to try.
        """
        with self._lock:
            if self._form.format(self._session.reveal()) not in [value for _, value in refused.headers]:
                return True  # another thread has renewed it already
            if self._command is None or not self._was_accepted:
                return False
            self._was_accepted = False
            self._use(self._session_from_command())
            return True

    def _use(self, session: str) -> None:
        self._session = Secret(session)
        self._known.append(session)
        self._of_session = Redaction(self._known, MARK)

    def _session_from_command(self) -> str:
        """Run the command and return the session that it prints. Raises BadInput, which does not repeat what it printed."""
        assert self._command is not None
        try:
            done = subprocess.run(  # noqa: S602  # the user's own shell command
                self._command, shell=True, capture_output=True, text=True, timeout=_PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            raise BadInput(f"{COMMAND_VARIABLE} printed no session within {_PATIENCE} seconds") from None
        if done.returncode != 0:
            raise BadInput(f"{COMMAND_VARIABLE} ended with status {done.returncode}: run it by hand to see why")
        return _usable(done.stdout.strip(), f"the output of {COMMAND_VARIABLE}")


def _marks(pair: tuple[str, str]) -> list[str]:
    return [mark for mark in (MARK, HEADER_MARK) if mark in pair[1]]


def _usable(session: str, what: str) -> str:
    if not session:
        raise BadInput(f"{what} is empty: a session is a session id or an OAuth token")
    if not session.isprintable() or not session.isascii() or " " in session:
        raise BadInput(f"{what} contains characters that a session can't have")
    return session


def _session_header(text: str) -> tuple[str, str]:
    name, colon, form = (part.strip() for part in text.partition(":"))
    if not colon or not _NAME.fullmatch(name) or form.count("{}") != 1 or form.count("{") != 1 or form.count("}") != 1:
        raise BadInput(f"--session-as {in_line(text)!r}: write it like 'Authorization: Bearer {{}}'")
    return name, form


def _header(text: str, environment: Mapping[str, str]) -> tuple[str, Secret]:
    """Parse a header of the user's own; $NAME in its value comes from the environment. Raises BadInput, without the value."""
    name, colon, value = (part.strip() for part in text.partition(":"))
    if not colon or not _NAME.fullmatch(name):
        raise BadInput("--header: write it like 'X-Api-Key: $MY_KEY'")
    try:
        filled = Template(value).substitute(environment)
    except KeyError as error:
        raise BadInput(f"--header {name}: the environment has no variable {error.args[0]}") from None
    except ValueError:
        raise BadInput(f"--header {name}: write $$ for a $ that is not before the name of a variable") from None
    if not filled.isascii() or not filled.isprintable():
        raise BadInput(f"--header {name}: its value contains characters that a header can't have")
    return name, Secret(filled)


def _words(values: Iterable[str]) -> set[str]:
    """Return what has to stay secret in these values: each value, and each of its words, such as the token after a scheme."""
    return {word for value in values for word in (value, *value.split())}

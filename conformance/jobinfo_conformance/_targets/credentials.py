"""Credentials: the session, and the headers that the user adds to every request. All of them are secret."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import psutil

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._contract.session import NO_SESSION, SESSION_HEADER, WRONG_SESSION
from jobinfo_conformance._evidence.secrets import HEADER_MARK, MARK, SHORTEST_CUT_HEADER, Redaction, Sealed, Secret
from jobinfo_conformance._exchange import Exchange, Headers, Request, Response
from jobinfo_conformance._targets.own_headers import DOCUMENTED_HEADER, OwnHeader, SessionHeader
from jobinfo_conformance._targets.target import TargetUnusable

SESSION_VARIABLE = "JOBINFO_SESSION_ID"
COMMAND_VARIABLE = "JOBINFO_SESSION_COMMAND"
#: How long the command may take to print a session, in seconds.
_PATIENCE = 120
#: The most bytes that are read of what it prints: a session is shorter, whatever kind of token it is.
_LONGEST_OUTPUT = 64 << 10
#: How long to wait for the rest of that once the command has ended, in seconds.
_A_MOMENT = 1
_WITHOUT_SESSION = [(SESSION_HEADER, NO_SESSION)]


class Credentials:
    """The session and the user's own headers for a run; `redacted` removes every trace of them from an exchange.

    ``session_as`` is the header that carries the session, and ``command`` prints another one when it has expired.
    """

    def __init__(
        self,
        session: str | None,
        *,
        session_as: SessionHeader = DOCUMENTED_HEADER,
        headers: Sequence[OwnHeader] = (),
        command: str | None = None,
    ) -> None:
        self._session_as = session_as
        self._headers = {header.name.lower(): header for header in headers}
        self._command = command
        self._lock = threading.Lock()
        self._was_accepted = session is not None  # a session from the environment may be old, so it may be renewed once
        self._of_headers = _redaction_of(headers)
        self._known: list[str] = []
        self._use(_usable(session, SESSION_VARIABLE) if session else self._session_from_command())

    @classmethod
    def of(
        cls,
        environment: Mapping[str, str],
        *,
        session_as: SessionHeader,
        headers: Sequence[OwnHeader],
        otherwise: str | None = None,
    ) -> Credentials:
        """Return the credentials that an environment names; ``otherwise`` is the session if it names none.

        Raises BadInput, and TargetUnusable if there is no session at all.
        """
        session = environment.get(SESSION_VARIABLE, "").strip() or None
        command = environment.get(COMMAND_VARIABLE, "").strip() or None
        if session is None and command is None:
            session = otherwise
        if session is None and command is None:
            raise TargetUnusable(f"a live target needs a session: set the environment variable {SESSION_VARIABLE}")
        return cls(session, session_as=session_as, headers=headers, command=command)

    def on(self, request: Request) -> Request:
        """Return a request with its credentials; it may instead ask for a session that nobody has, or for none."""
        meant = request.headers.get(SESSION_HEADER)
        if WRONG_SESSION in (request.headers.get(self._session_as.name) or ""):
            meant = WRONG_SESSION
        session = WRONG_SESSION if meant == WRONG_SESSION else self._session.reveal()
        kept = request.headers.without(SESSION_HEADER, self._session_as.name, *self._headers)
        carried = [(self._session_as.name, Sealed(self._carrying(session)))] if meant != NO_SESSION else _WITHOUT_SESSION
        own = [(header.name, Sealed(header.value.reveal())) for header in self._headers.values()]
        return Request(request.method, request.url, Headers((*kept, *carried, *own)), request.body)

    def redacted(self, exchange: Exchange) -> Exchange:
        """Return an exchange without the session and the values of the user's own headers."""
        # The user's own lines first: once part of one is removed, nothing says which variable fills it in.
        shown = [(name, self._shown(name, value)) for name, value in exchange.request.headers]
        exchange = replace(exchange, request=replace(exchange.request, headers=Headers.of(shown)))
        return self._of_headers.in_exchange(self._of_session.in_exchange(exchange))

    def on_paper(self, request: Request) -> Request:
        """Return a request with its credentials, as evidence shows it: without their values."""
        return self.redacted(Exchange(self.on(request), Response(0, Headers(), None))).request

    def _shown(self, name: str, value: str) -> str:
        header = self._headers.get(name.lower())
        return value if header is None else header.shown

    def _carrying(self, session: str) -> str:
        return self._session_as.form.format(session)

    def redacted_text(self, text: str) -> str:
        """Return a text without the same secrets."""
        return self._of_headers.in_text(self._of_session.in_text(text))

    def note_accepted(self) -> None:
        """Note that the session in use was accepted: if it is refused later, it has expired."""
        self._was_accepted = True

    def renew(self, used: int) -> bool:
        """Have the command print a new session if the one numbered ``used`` has expired; return whether there is another."""
        with self._lock:
            if used < self.number:
                return True  # another thread has renewed it already
            if self._command is None or not self._was_accepted:
                return False
            self._was_accepted = False
            self._use(self._session_from_command())
            return True

    @property
    def number(self) -> int:
        """The number of the session in use, counted from 1."""
        return len(self._known)

    def _use(self, session: str) -> None:
        self._session = Secret(session)
        self._known.append(session)
        self._of_session = Redaction(self._known, MARK)

    def _session_from_command(self) -> str:
        """Run the command and return the session that it prints. Raises BadInput, which does not repeat what it printed."""
        assert self._command is not None
        status, printed = _run_bounded(self._command)
        if len(printed) > _LONGEST_OUTPUT:
            raise BadInput(f"{COMMAND_VARIABLE} printed more than {_LONGEST_OUTPUT >> 10} kB: have it print the session alone")
        if status is None:
            raise BadInput(f"{COMMAND_VARIABLE} printed no session within {_PATIENCE} seconds")
        if status != 0:
            raise BadInput(f"{COMMAND_VARIABLE} ended with status {status}: run it by hand to see why")
        return _usable(printed.decode("utf-8", "replace").strip(), f"the output of {COMMAND_VARIABLE}")


def _run_bounded(command: str) -> tuple[int | None, bytes]:
    """Run a shell command; return its status and what it printed, as far as that is read.

    The status is None if it was ended since it took too long; it is also ended if it prints too much.
    """
    running = subprocess.Popen(  # noqa: S602  # the user's own
        command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
    )
    printed = bytearray()

    def read() -> None:
        assert running.stdout is not None
        with running.stdout:
            while part := running.stdout.read(_LONGEST_OUTPUT):
                printed.extend(part)
                if len(printed) > _LONGEST_OUTPUT:
                    _end(running)
                    return

    # In a thread that can be left behind: what the command leaves running, such as an agent, may hold the pipe.
    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        status: int | None = running.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        status = None
    finally:
        if running.poll() is None:
            _end(running)
            running.wait()
    reader.join(_A_MOMENT)
    return status, bytes(printed)


def _end(running: subprocess.Popen[bytes]) -> None:
    """Kill a shell with all that it started. It is stopped first, so that it starts nothing else meanwhile."""
    with suppress(psutil.NoSuchProcess):
        shell = psutil.Process(running.pid)
        shell.suspend()
        for process in (*shell.children(recursive=True), shell):
            with suppress(psutil.NoSuchProcess):
                process.kill()


def without_known_secrets(text: str, environment: Mapping[str, str], headers: Sequence[OwnHeader] = ()) -> str:
    """Return the words of an error without the secrets that are known before any target is opened."""
    of_session = Redaction([environment.get(SESSION_VARIABLE, "").strip()])
    return _redaction_of(headers).in_text(of_session.in_text(text))


def _redaction_of(headers: Iterable[OwnHeader]) -> Redaction:
    """What removes the words of headers, which say themselves what is looked for, however short."""
    words = {word.reveal() for header in headers for word in header.words}
    return Redaction(words, HEADER_MARK, shortest=1, shortest_cut=SHORTEST_CUT_HEADER)


def _usable(session: str, what: str) -> str:
    if not session:
        raise BadInput(f"{what} is empty: a session is a session id or an OAuth token")
    if not session.isprintable() or not session.isascii() or " " in session:
        raise BadInput(f"{what} contains characters that a session can't have")
    return session

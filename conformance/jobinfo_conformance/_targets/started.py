"""``--start``: a command that serves the target, for as long as the target is observed."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from tempfile import TemporaryFile
from typing import IO, NamedTuple
from urllib.parse import urlsplit

import psutil

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._endpoint_url import DEFAULT_PORTS
from jobinfo_conformance._process.commands import Running, end_of
from jobinfo_conformance._targets.opening import refuse_odd_url
from jobinfo_conformance._targets.target import TargetUnusable

#: How long the command has to end once it is asked to, or accepts no connections any more, in seconds.
_GRACE = 5.0
#: How long to wait before trying the port again, and how long one try may take, in seconds.
_PAUSE, _ONE_TRY = 0.05, 1.0
#: How long a connection has to stay open, in seconds. A proxy whose server is not up yet ends it at once.
_STAYS_OPEN = 0.2
#: How many lines of what the command wrote are shown, out of how many bytes from the end.
_LINES_SHOWN, _BYTES_SHOWN = 10, 20_000
#: What the exit statuses of a shell mean.
_OF_THE_SHELL = {126: ": the shell can't execute it", 127: ": the shell can't find it"}


class Address(NamedTuple):
    """Where a target is to accept connections."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @classmethod
    def of(cls, target: object) -> Address:
        """The host and the port of a base URL. Raises BadInput if the target is something else."""
        if not isinstance(target, str) or "://" not in target:
            raise BadInput("--start needs a URL as the target, whose port it waits for: http://127.0.0.1:8080")
        refuse_odd_url(target)
        parts = urlsplit(target)
        assert parts.hostname is not None  # it is no odd URL
        return cls(parts.hostname, parts.port or DEFAULT_PORTS[parts.scheme])


class Started:
    """A command that was started to serve a target at an address."""

    def __init__(self, running: Running, address: Address, written: Callable[[], tuple[str, ...]]) -> None:
        self._running = running
        self._address = address
        self._written = written

    def wait(self, patience: float) -> None:
        """Wait until the address accepts connections, ``patience`` seconds at the most. Raises TargetUnusable."""
        end = time.monotonic() + patience
        while self._running.is_alive:
            left = end - time.monotonic()
            refused = why_refused(self._address, min(_ONE_TRY, max(left, _PAUSE)), stays_open=_STAYS_OPEN)
            if refused is None:
                return
            if left <= 0:
                raise TargetUnusable(self._never_accepted(patience, refused), self._written())
            time.sleep(_PAUSE)
        raise TargetUnusable(self._ended_early(), self._written())

    def _never_accepted(self, patience: float, refused: str) -> str:
        elsewhere = sorted(self._listening())
        ports = f"; the command listens on port {' and '.join(map(str, elsewhere))}" if elsewhere else ""
        advice = "" if elsewhere else ": give it longer with --timeout"
        return f"--start: {self._address} accepted no connection within {patience:g} s ({refused}){ports}{advice}"

    def _listening(self) -> set[int]:
        """The ports on which the command, or what it started, accepts connections."""
        found = set()
        for process in self._running.processes():
            with suppress(psutil.Error):
                found |= {each.laddr.port for each in process.net_connections("tcp") if each.status == psutil.CONN_LISTEN}
        return found

    def _ended_early(self) -> str:
        status = self._running.status
        more = _OF_THE_SHELL.get(status or 0, "") if status else ": give one that stays in the foreground"
        return f"--start: the command {_in_words(status)} before {self._address} accepted connections{more}"

    @property
    def remarks(self) -> tuple[str, ...]:
        """That the command ended by itself while the target was observed, if it did. One that is about to end has a while."""
        if why_refused(self._address, _ONE_TRY) is None or not self._running.ends_within(_GRACE):
            return ()
        why = "to see why, have it write into a file, as in --start 'COMMAND > log 2>&1'"
        return (f"--start: the command {_in_words(self._running.status)} during the run; {why}",)


def _in_words(status: int | None) -> str:
    """How a command ended."""
    if status is not None and status < 0:
        return f"was ended by a signal ({signal.strsignal(-status)})"
    return f"ended with exit status {status}"


@contextmanager
def started(command: str, address: Address, patience: float, redacted: Callable[[str], str]) -> Iterator[Started]:
    """Start a command of the shell, wait until an address accepts connections, and end it with all that it started.

    ``patience`` is the longest to wait, in seconds. ``redacted`` removes secrets from what the command wrote, which is shown
    only if it did not come to serve the address. Raises BadInput if something serves it already, and TargetUnusable if the
    command does not.
    """
    if why_refused(address, _ONE_TRY) is None:
        raise BadInput(f"--start: {address} accepts connections already: end what serves it, or leave out --start to test that")
    with TemporaryFile() as output, Running(_GRACE) as running:
        try:
            running.start(command, output=output, complaint=output, environment=os.environ)
        except OSError as error:
            raise BadInput(f"--start: the shell can't be started: {error.strerror}") from error
        found = Started(running, address, lambda: _last_lines(output, redacted))
        found.wait(patience)
        try:
            yield found
        except BadInput as error:
            for remark in found.remarks:
                error.add_note(remark)
            raise


def why_refused(address: Address, patience: float, *, stays_open: float = 0) -> str | None:
    """Why an address accepts no connection; None if it accepts one, and does not end it within ``stays_open`` seconds."""
    try:
        with socket.create_connection(address, timeout=patience) as connection:
            return _why_ended(connection, stays_open) if stays_open else None
    except OSError as error:
        return error.strerror or str(error)


def _why_ended(connection: socket.socket, seconds: float) -> str | None:
    """Why a connection is of no use, on which nothing was asked; None if it stays open. Raises OSError if it is reset."""
    connection.settimeout(seconds)
    try:
        said = connection.recv(1)
    except TimeoutError:
        return None
    return None if said else "it ends each at once"


def _last_lines(output: IO[bytes], redacted: Callable[[str], str]) -> tuple[str, ...]:
    lines = redacted(end_of(output, _BYTES_SHOWN)).splitlines()
    return tuple(line.rstrip() for line in lines if line.strip())[-_LINES_SHOWN:]

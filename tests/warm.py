"""Python that has imported the suite, and forks for each command: what a test asks is not buried under what a start costs.

A command is a process of its own, with streams, environment and folder of its own, and ends as any other. Only its start is
short. As a script this module is the process that forks.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import IO, NamedTuple

#: The longest that a command may run, in seconds. SIGALRM ends one that takes longer.
LONGEST = 120
#: How much is read from a socket at a time, in bytes.
_PART = 1 << 16


class Order(NamedTuple):
    """A module to run as ``python -m`` does."""

    module: str
    arguments: Sequence[str]
    folder: str
    environment: Mapping[str, str]


class WarmPython:
    """Python that has imported a module. It ends when ``close`` is called, or when whoever started it ends."""

    def __init__(self, module: str, environment: Mapping[str, str] | None = None) -> None:
        self._orders, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno()), module],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def run(
        self, order: Order, stdout: IO[bytes] | None = None, stderr: IO[bytes] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a module in a process of its own, and return how it ended, and what it printed where no stream is given."""
        if _starts_otherwise(order):
            return _started_anew(order, stdout or subprocess.PIPE, stderr or subprocess.PIPE)
        with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as complaints:
            streams = [(stdout or printed).fileno(), (stderr or complaints).fileno()]
            line = json.dumps(order).encode() + b"\n"
            sent = socket.send_fds(self._orders, [line], streams)
            self._orders.sendall(line[sent:])
            status = int(self._orders.recv(_PART) or "-1")
            return subprocess.CompletedProcess(order.arguments, status, _text(printed), _text(complaints))

    def close(self) -> None:
        """End the process."""
        self._orders.close()
        self._process.wait()


def _starts_otherwise(order: Order) -> bool:
    """Whether the environment of a module changes how Python itself starts, more than by where it looks for modules."""
    differ = {name for name, _ in order.environment.items() ^ os.environ.items()} - {"PYTHONPATH"}
    return any(name.startswith("PYTHON") for name in differ)


def _started_anew(order: Order, stdout: IO[bytes] | int, stderr: IO[bytes] | int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", order.module, *order.arguments],
        cwd=order.folder,
        env=order.environment,
        stdout=stdout,
        stderr=stderr,
        text=True,
        timeout=LONGEST,
        check=False,
    )


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n")


def _serve(orders: socket.socket) -> Order | None:
    """Return each order in a process that is forked for it, and None in this one when there are no more."""
    while True:
        given, streams, _, _ = socket.recv_fds(orders, _PART, 2)
        if not given:
            return None
        while not given.endswith(b"\n"):
            given += orders.recv(_PART)
        process = os.fork()
        if process == 0:
            orders.close()
            for number, stream in enumerate(streams, 1):
                os.dup2(stream, number)
                os.close(stream)
            return Order(*json.loads(given))
        for stream in streams:
            os.close(stream)
        _, ended = os.waitpid(process, 0)
        orders.send(str(os.waitstatus_to_exitcode(ended)).encode())


def _settle(order: Order) -> None:
    """Make this process what Python is as it begins to run the module."""
    signal.alarm(LONGEST)
    os.chdir(order.folder)
    os.environ.clear()
    os.environ.update(order.environment)
    more = [entry for entry in order.environment.get("PYTHONPATH", "").split(os.pathsep) if entry]
    sys.path[:1] = [order.folder, *more]
    sys.argv[1:] = order.arguments


def _main() -> None:
    number, module = sys.argv[1:]
    importlib.import_module(module)
    gc.freeze()  # what stays for good need not be looked through in each process
    order = _serve(socket.socket(fileno=int(number)))
    if order is not None:
        _settle(order)
        runpy.run_module(order.module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()

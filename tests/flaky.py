"""A network that fails now and then: a proxy on loopback between a client and an endpoint, the same for each seed."""

from __future__ import annotations

import random
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tests.wire import read_request

#: How many answers in a hundred come to grief.
_TROUBLE = 12


class Ended(Exception):
    """The connection is over."""


def _reset(client: socket.socket) -> None:
    """End a connection without a goodbye, and discard what the client has not read."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise Ended


def reset_before(client: socket.socket, _answer: bytes) -> None:
    """No byte of the answer comes."""
    _reset(client)


def reset_inside(client: socket.socket, answer: bytes) -> None:
    """A part of the answer comes."""
    client.sendall(answer[: len(answer) * 2 // 3])
    time.sleep(0.01)
    _reset(client)


def reset_after(client: socket.socket, answer: bytes) -> None:
    """The answer comes, and may be lost all the same."""
    client.sendall(answer)
    _reset(client)


def close_before(_client: socket.socket, _answer: bytes) -> None:
    """The connection is closed in order, but before the answer."""
    raise Ended


def close_while_idle(client: socket.socket, answer: bytes) -> None:
    """The answer comes, and the connection does not stay open."""
    client.sendall(answer)
    raise Ended


def delay(client: socket.socket, answer: bytes) -> None:
    """The answer comes late, in two parts."""
    client.sendall(answer[:50])
    time.sleep(0.05)
    client.sendall(answer[50:])


TROUBLES: tuple[Callable[[socket.socket, bytes], None], ...] = (
    *(reset_before, reset_inside, reset_after),
    *(close_before, close_while_idle, delay),
)


class Flaky:
    """A proxy; ``url`` is where it is, and ``met`` names the troubles that came up."""

    def __init__(self, url: str, seed: int) -> None:
        self.url = url
        self.met: set[str] = set()
        self._random = random.Random(seed)  # noqa: S311  # no secret depends on it
        self._one_at_a_time = threading.Lock()

    def pass_on(self, client: socket.socket, answer: bytes) -> None:
        """Pass an answer on, or what is left of it. Raises Ended."""
        with self._one_at_a_time:
            is_well = self._random.randrange(100) >= _TROUBLE
            trouble = self._random.choice(TROUBLES)
        if is_well:
            client.sendall(answer)
        else:
            self.met.add(trouble.__name__)
            trouble(client, answer)


@contextmanager
def flaky(port: int, seed: int) -> Iterator[Flaky]:
    """Run a proxy before the endpoint on this port of loopback, whose answers have a Content-Length."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        found = Flaky(f"http://127.0.0.1:{listening.getsockname()[1]}", seed)

        def serve() -> None:
            with suppress(OSError):  # the listening socket is shut down at the end
                while True:
                    client, _ = listening.accept()
                    threading.Thread(target=_relay, args=(client, port, found), daemon=True).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield found
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def _relay(client: socket.socket, port: int, found: Flaky) -> None:
    with client, socket.create_connection(("127.0.0.1", port)) as server, suppress(OSError, Ended):
        while request := read_request(client):
            server.sendall(request)
            found.pass_on(client, _whole_answer(server))


def _whole_answer(server: socket.socket) -> bytes:
    """An answer up to the end of its body; nothing if there is none any more."""
    data = b""
    while True:
        head, end, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?im)^content-length: *(\d+)", head)
        if end and len(body) >= (int(length[1]) if length else 0):
            return data
        more = server.recv(1 << 16)
        if not more:
            return b""
        data += more

"""A server on loopback whose every byte a test chooses, and how it ends each connection."""

from __future__ import annotations

import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

#: Makes the bytes of an answer from the bytes of a request; several parts are sent one by one.
Answer = Callable[[bytes], bytes | Iterable[bytes]]


class Wire:
    """``url`` is its base URL, and ``asked`` holds the requests as they came."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[bytes] = []
        self.ended = threading.Event()


@contextmanager
def wire(answer: Answer, *, reset: bool = False, tls: ssl.SSLContext | None = None) -> Iterator[Wire]:
    """Answer one request on each connection and end it: orderly, or with ``reset`` by a reset.

    With ``tls`` the connection is encrypted, and ends without TLS's own goodbye.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        found = Wire(f"{'https' if tls else 'http'}://127.0.0.1:{listening.getsockname()[1]}")

        def serve() -> None:
            while not found.ended.is_set():
                with suppress(OSError):
                    accepted, _ = listening.accept()
                    threading.Thread(target=talk, args=(accepted,), daemon=True).start()

        def talk(accepted: socket.socket) -> None:
            with suppress(OSError), tls.wrap_socket(accepted, server_side=True) if tls else accepted as connection:
                request = read_request(connection)
                found.asked.append(request)
                answered = answer(request)
                for part in [answered] if isinstance(answered, bytes) else answered:
                    connection.sendall(part)
                if reset:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield found
        finally:
            found.ended.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def read_request(connection: socket.socket) -> bytes:
    """Read a request to the end of its body."""
    data = b""
    while not _is_whole(data):
        more = connection.recv(1 << 16)
        if not more:
            break
        data += more
    return data


def _is_whole(data: bytes) -> bool:
    head, end, body = data.partition(b"\r\n\r\n")
    if not end:
        return False
    if re.search(rb"(?im)^transfer-encoding: *chunked", head):
        return body.endswith(b"0\r\n\r\n")
    length = re.search(rb"(?im)^content-length: *(\d+)", head)
    return len(body) >= (int(length[1]) if length else 0)


def forwarding_to(port: int) -> Answer:
    """Answer as a proxy does: with what a server on this port of loopback answers."""

    def forwarded(request: bytes) -> bytes:
        request = re.sub(rb"^(\S+) http://[^/]+", rb"\1 ", request)
        request = re.sub(rb"(?im)^connection: .*\r\n", b"", request).replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
        with socket.create_connection(("127.0.0.1", port)) as onward:
            onward.sendall(request)
            answered = b""
            while more := onward.recv(1 << 16):
                answered += more
        return answered

    return forwarded

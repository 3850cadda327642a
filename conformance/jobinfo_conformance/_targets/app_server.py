"""A WSGI or ASGI application, served on loopback by servers that are used in production."""

from __future__ import annotations

import inspect
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from jobinfo_conformance._targets.target import TargetUnusable

#: How long a server may take to start, in seconds.
_PATIENCE = 30
_INSTALL = "pip install 'jobinfo-conformance[app]'"


@contextmanager
def serving_app(app: Any) -> Iterator[str]:
    """Serve an application on a free port of loopback, and yield the base URL. Raises TargetUnusable if it can't start."""
    with _serving_asgi(app) if is_asgi(app) else _serving_wsgi(app) as port:
        yield f"http://127.0.0.1:{port}"


def is_asgi(app: Any) -> bool:
    """Whether an application takes calls by ASGI rather than by WSGI."""
    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(getattr(app, "__call__", None))  # noqa: B004


@contextmanager
def _serving_wsgi(app: Any) -> Iterator[int]:
    try:
        from waitress import wasyncore
        from waitress.server import create_server
    except ImportError:
        raise TargetUnusable(f"a WSGI application is served by waitress, which is not installed: {_INSTALL}") from None
    channels: dict[int, Any] = {}
    server: Any = create_server(app, map=channels, host="127.0.0.1", port=0, threads=8, clear_untrusted_proxy_headers=True)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server.effective_port
    finally:
        # In the server's own thread, which waits on the sockets and ends with the last of them.
        with suppress(OSError):  # the server has already closed its sockets, this trigger among them
            server.trigger.pull_trigger(lambda: wasyncore.close_all(channels, ignore_all=True))
        thread.join(_PATIENCE)
        server.task_dispatcher.shutdown()


@contextmanager
def _serving_asgi(app: Any) -> Iterator[int]:
    try:
        import uvicorn
    except ImportError:
        raise TargetUnusable(f"an ASGI application is served by uvicorn, which is not installed: {_INSTALL}") from None
    # TCP is named because asyncio otherwise leaves Nagle's algorithm on.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="auto"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            while thread.is_alive() and not server.started:
                thread.join(0.01)
            if not server.started:
                raise TargetUnusable("the ASGI application could not be started: its lifespan ended in an error")
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(_PATIENCE)

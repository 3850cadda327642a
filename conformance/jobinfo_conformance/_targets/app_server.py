"""A WSGI or ASGI application, served on loopback by servers that are used in production."""

from __future__ import annotations

import inspect
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from typing import Any

from jobinfo_conformance._targets.target import TargetUnusable

#: How long a server may take to end, in seconds. An application that never answers keeps its thread for longer.
_LEAVING = 2
_INSTALL = "pip install 'jobinfo-conformance[app]'"
#: The loggers of the servers. Without a handler of the user's own, Python would print what they log.
_LOGGERS = ("waitress", "uvicorn", "asyncio")


class Interface(Enum):
    """How an application is called: with the arguments that it takes."""

    WSGI = ("environ", "start_response")
    ASGI = ("scope", "receive", "send")


@contextmanager
def serving_app(app: Any, interface: Interface | None = None, *, patience: float = 30) -> Iterator[str]:
    """Serve an application on a free port of loopback, and yield the base URL.

    ``patience`` is how long it may take to start, in seconds. Raises TargetUnusable if it can't start.
    """
    is_asgi = (interface or interface_of(app)) is Interface.ASGI
    with _quiet(), _serving_asgi(app, patience) if is_asgi else _serving_wsgi(app) as port:
        yield f"http://127.0.0.1:{port}"


def interface_of(app: Any) -> Interface:
    """Tell how an application is called, by the arguments that it takes. Raises TargetUnusable if it is no application."""
    if not callable(app):
        raise TargetUnusable(f"an object of type {type(app).__name__} is not an application: it can't be called")
    if inspect.isclass(app) and not hasattr(app, "__iter__") and not hasattr(app, "__await__"):
        raise TargetUnusable(f"the class {app.__name__} is not an application: name an instance of it")
    is_async = inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(getattr(app, "__call__", None))  # noqa: B004
    try:
        signature = inspect.signature(app)
    except (TypeError, ValueError):  # it is not written in Python
        return Interface.ASGI if is_async else Interface.WSGI
    takes = [interface for interface in Interface if _takes(signature, len(interface.value))]
    if not takes or (_takes(signature, 0) and not _takes(signature, 9)):
        name = getattr(app, "__name__", type(app).__name__)
        raise TargetUnusable(
            f"{name} is not an application, which takes {' or '.join(map(_arguments, Interface))}; "
            "if it makes one, name what it returns"
        )
    return Interface.ASGI if is_async or Interface.WSGI not in takes else Interface.WSGI


def _arguments(interface: Interface) -> str:
    return f"({', '.join(interface.value)})"


def _takes(signature: inspect.Signature, number: int) -> bool:
    """Whether a function can be called with so many arguments."""
    try:
        signature.bind(*range(number))
    except TypeError:
        return False
    return True


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what servers log from being printed; handlers of the user's own still get it."""
    handler = logging.NullHandler()
    for name in _LOGGERS:
        logging.getLogger(name).addHandler(handler)
    try:
        yield
    finally:
        for name in _LOGGERS:
            logging.getLogger(name).removeHandler(handler)


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
        thread.join(_LEAVING)
        server.task_dispatcher.shutdown(timeout=_LEAVING)


@contextmanager
def _serving_asgi(app: Any, patience: float) -> Iterator[int]:
    try:
        import uvicorn
    except ImportError:
        raise TargetUnusable(f"an ASGI application is served by uvicorn, which is not installed: {_INSTALL}") from None
    # TCP is named because asyncio otherwise leaves Nagle's algorithm on.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            app, interface="asgi3", log_config=None, access_log=False, lifespan="auto", timeout_graceful_shutdown=_LEAVING
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            deadline = time.monotonic() + patience
            while thread.is_alive() and not server.started and time.monotonic() < deadline:
                thread.join(0.01)
            if not server.started:
                how = f"took more than {patience:g} seconds" if thread.is_alive() else "ended in an error"
                raise TargetUnusable(f"the ASGI application could not be started: its lifespan {how}")
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(2 * _LEAVING if server.started else 0)

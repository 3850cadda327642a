"""Trials of tools on servers, and the file that keeps them, so that a measurement of hours can be interrupted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from subprocess import TimeoutExpired

import msgspec

from bench.alternatives.servers import Server
from bench.alternatives.tools import Tool


class Trial(msgspec.Struct, frozen=True):
    """What a tool made of a server. ``status`` is its exit status, None if it was ended after the limit; times in seconds."""

    tool: str
    version: str
    server: str
    status: int | None
    requests: int
    seconds: float

    @property
    def noticed(self) -> bool:
        """Whether somebody who looks at the exit status would know that something is wrong."""
        return self.status not in (0, None)


def tried(tool: Tool, server: Server, limit: float) -> Trial:
    """Try a tool on a server, for so many seconds at most."""
    with server.running() as (url, counted):
        started = time.perf_counter()
        try:
            status = tool.status(url, limit)
        except TimeoutExpired:
            status = None
        seconds = round(time.perf_counter() - started, 1)
    return Trial(tool.name, tool.version, server.name, status, counted.requests, seconds)


def kept(file: Path) -> Iterator[Trial]:
    """Yield the trials in a file; none if there is no such file."""
    if file.exists():
        yield from (msgspec.json.decode(line, type=Trial) for line in file.read_bytes().splitlines())


def keep(file: Path, trial: Trial) -> None:
    """Add a trial to a file."""
    with file.open("ab") as opened:
        opened.write(msgspec.json.encode(trial) + b"\n")

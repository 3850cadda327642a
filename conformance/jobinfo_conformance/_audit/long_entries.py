"""Entries that are too long for the engine to sort: they stay in a file beside it, and are read when they are looked at.

A batch may have ten megabytes. The engine keeps several entries in memory at a time, and so does whoever looks at a job.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class LongEntry:
    """An entry in a file: ``length`` bytes from ``start`` on.

    >>> LongEntry.named("5 3", Path("entries"))
    LongEntry(path=PosixPath('entries'), start=5, length=3)
    """

    path: Path
    start: int
    length: int

    @classmethod
    def kept(cls, raw: bytes, path: Path) -> LongEntry:
        """Add an entry to a file. Raises OSError."""
        with path.open("ab") as file:
            return cls(path, file.tell(), file.write(raw))

    @classmethod
    def named(cls, name: str, path: Path) -> LongEntry:
        """The entry in a file that has this name."""
        start, length = name.split()
        return cls(path, int(start), int(length))

    @property
    def name(self) -> str:
        """What names it in its file. No JSON object begins like this."""
        return f"{self.start} {self.length}"

    def read(self) -> bytes:
        """Read it. Raises OSError."""
        with self.path.open("rb") as file:
            file.seek(self.start)
            return file.read(self.length)

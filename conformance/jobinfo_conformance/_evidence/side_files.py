"""Where the bodies of a recording are if it does not hold them: in files beside it, as browser tools save them.

A name out of a recording is a stranger's. It leads to a file inside the recording's own folder or archive, or to none.
"""

from __future__ import annotations

import zipfile
import zlib
from functools import cached_property
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from jobinfo_conformance._contract.document import LONGEST_BODY

#: The longest name of a file that is looked for, in characters.
_LONGEST_NAME = 1024
#: What zipfile raises for a damaged archive, a password or a compression that it does not know.
ARCHIVE_ERRORS = (zipfile.BadZipFile, zlib.error, LZMAError, EOFError, RuntimeError, NotImplementedError, OSError)


class SideFiles(Protocol):
    """The files beside a recording."""

    def read(self, name: str) -> bytes | None:
        """The contents of a file, up to one byte more than a reader takes; None if there is no such file inside."""


class Folder:
    """The folder that a recording is in."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, name: str) -> bytes | None:
        """Read a file in the folder or below it; a symbolic link that leads out of it counts as missing."""
        if not _is_inside(name):
            return None
        try:
            file = (self._path / name).resolve()
            if not file.is_relative_to(self._path.resolve()) or not file.is_file():
                return None
            with file.open("rb") as stream:
                return _bounded(stream)
        except (OSError, ValueError):  # ValueError: a NUL in the name
            return None


class Archive:
    """The .zip that a recording is in; names are relative to the recording's own folder there."""

    def __init__(self, path: Path, recording: str) -> None:
        self._path = path
        self._folder = PurePosixPath(recording).parent

    @cached_property
    def _archive(self) -> zipfile.ZipFile:
        """The archive, opened once: to open it again for each body would take long."""
        return zipfile.ZipFile(self._path)

    def read(self, name: str) -> bytes | None:
        """Read a member of the archive."""
        if not _is_inside(name):
            return None
        try:
            with self._archive.open(str(self._folder / name)) as stream:
                return _bounded(stream)
        except (KeyError, *ARCHIVE_ERRORS):
            return None


def _is_inside(name: str) -> bool:
    """Whether a name is relative and leads nowhere else, on any system."""
    parts = name.replace("\\", "/").split("/")
    return 0 < len(name) <= _LONGEST_NAME and parts[0] != "" and ".." not in parts and ":" not in parts[0]


def _bounded(stream: IO[bytes]) -> bytes:
    return stream.read(LONGEST_BODY + 1)

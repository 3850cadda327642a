"""Files that users give, opened in one place: none makes a command hang, fills the memory, or is taken for what it is not."""

from __future__ import annotations

import codecs
import mmap
import os
import stat
from collections.abc import Iterator
from enum import Enum
from io import BufferedReader, FileIO
from pathlib import Path

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._escaping import in_line
from jobinfo_conformance._files.formats import not_text, not_utf_8

#: The most bytes that are read of a report.json, of known failures, of a line of an .ndjson file and of a HAR out of a pipe.
LONGEST_REPORT, LONGEST_LIST, LONGEST_LINE, LONGEST_PIPED = 64 << 20, 4 << 20, 64 << 20, 256 << 20
#: What has no contents to read, and what to do about it.
_WITHOUT_CONTENTS = (
    (stat.S_ISDIR, "it is a folder: name a file in it"),
    (stat.S_ISCHR, "it is a device: save what it gives in a file"),
    (stat.S_ISBLK, "it is a device: save what it gives in a file"),
    (stat.S_ISSOCK, "it is a socket: save what it gives in a file"),
)


def opened(path: Path) -> BufferedReader:
    """Open a file whose bytes can be read in any order. Raises BadInput for anything else."""
    file = _opened(path)
    if _is_pipe(file):
        file.close()
        raise BadInput(f"{named(path)} can't be read: it is a pipe, and is read more than once: save what it gives in a file")
    return BufferedReader(file)


def beginning(path: Path, most: int) -> bytes:
    """Return the first bytes of a file, or of what a program writes to a pipe: one more than ``most`` if there are more.

    Raises BadInput; a pipe without a writer is not waited for.
    """
    file = _opened(path)
    first: bytes | None = b""
    try:
        if _is_pipe(file):
            first = file.read(1 << 16)  # None if its writer has not written yet
            if first == b"":
                file.close()
                raise BadInput(f"{named(path)} can't be read: it is a pipe that no program writes to")
            os.set_blocking(file.fileno(), True)
        with BufferedReader(file) as stream:
            rest: bytes | None = stream.read(most + 1)  # None if a file of the system has nothing to give for now
    except OSError as error:
        raise unreadable(path, error) from error
    if rest is None:
        raise BadInput(f"{named(path)} can't be read: it has no contents for now: save what it gives in a file")
    return (first or b"") + rest


def contents(path: Path, most: int) -> bytes:
    """Return the bytes of a file without its byte order mark. Raises BadInput, also if there are more than ``most``."""
    data = beginning(path, most)
    if len(data) > most:
        raise BadInput(f"{named(path)} has more than {most >> 20} MiB, the most that is read of such a file")
    return data.removeprefix(codecs.BOM_UTF8)


def text(path: Path, most: int) -> str:
    """Return a file in UTF-8 without its byte order mark. Raises BadInput, which says what the file is instead."""
    data = contents(path, most)
    refuse_other_formats(path, data)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = 1 + data.count(b"\n", 0, error.start)
        raise BadInput(f"{named(path)}, line {line}: {not_utf_8(error)}") from error


def mapped(path: Path) -> memoryview:
    """Return the bytes of a file without its byte order mark; a large one is not loaded into memory. Raises BadInput."""
    with _opened(path) as file:
        try:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except (ValueError, OSError):  # it is empty, or a pipe
            return memoryview(contents(path, LONGEST_PIPED))
    return data[3:] if bytes(data[:3]) == codecs.BOM_UTF8 else data


class TooLong(Enum):
    """Stands for a line that is too long to be read."""

    TOO_LONG = "a line that is too long"


TOO_LONG = TooLong.TOO_LONG


def lines(path: Path) -> Iterator[bytes | TooLong]:
    """Yield the lines of a file without the white space around them, and TOO_LONG for each that is. Raises BadInput."""
    mark = codecs.BOM_UTF8
    with opened(path) as file:
        while line := file.readline(LONGEST_LINE + 1):
            if len(line) <= LONGEST_LINE:
                yield line.removeprefix(mark).strip()
            else:
                _skip_rest(file, line)
                yield TOO_LONG
            mark = b""


def refuse_other_formats(path: Path, data: bytes) -> None:
    """Raise BadInput if the first bytes of a file show that it is no text in UTF-8."""
    found = not_text(data)
    if found is not None:
        raise BadInput(f"{named(path)} {found}")


def named(path: Path) -> str:
    """Return a path for a message, in one line whatever is in it."""
    return in_line(str(path))


def _opened(path: Path) -> FileIO:
    """Open a file or a pipe, without waiting for a writer. Raises BadInput."""
    try:
        mode = path.stat().st_mode  # before it is opened, which has effects on some devices
        reason = next((reason for is_such, reason in _WITHOUT_CONTENTS if is_such(mode)), None)
        if reason is not None:
            raise BadInput(f"{named(path)} can't be read: {reason}")
        return FileIO(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)))
    except OSError as error:
        raise unreadable(path, error) from error
    except ValueError as error:
        raise BadInput(f"{named(path)} can't be read: no file has a NUL in its name") from error


def _is_pipe(file: FileIO) -> bool:
    return stat.S_ISFIFO(os.fstat(file.fileno()).st_mode)


def unreadable(path: Path, error: OSError) -> BadInput:
    """Return what to raise where the bytes of a file can't be read."""
    return BadInput(f"{named(path)} can't be read: {error.strerror}")


def _skip_rest(file: BufferedReader, line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = file.readline(1 << 20)

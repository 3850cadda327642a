"""Files that are written whole or not at all, so that a full disk leaves no half of one that somebody then relies on.

What can't be written is told before any work is done for it, and a pipe that nobody reads is not waited for. Each OSError that
is raised here says in its ``strerror`` why, in plain words.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BufferedWriter, FileIO
from pathlib import Path
from tempfile import TemporaryDirectory

from jobinfo_conformance._bad_input import BadInput


@contextmanager
def told_if_unwritable(said: str) -> Iterator[None]:
    """Turn an OSError into BadInput, whose message is what is ``said`` of it here, and why."""
    try:
        yield
    except OSError as error:
        raise BadInput(f"{said}: {error.strerror}") from error


def check_file(path: Path, *, regular: bool = False) -> None:
    """Raise OSError if no file can be written here; nothing is opened or made.

    A pipe or a device will do, unless the file has to be a ``regular`` one.
    """
    mode = _mode(path)
    if mode is None:
        if not path.parent.is_dir():
            raise OSError(errno.ENOENT, f"there is no folder {path.parent}")
        check_folder(path.parent)
    elif stat.S_ISDIR(mode):
        raise OSError(errno.EISDIR, "it is a folder: name a file in it")
    elif regular and not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is a device or a pipe: name a file")
    else:
        _check_access(path, os.W_OK)


def check_folder(path: Path) -> None:
    """Raise OSError if this is no folder in which files can be written, and none can be made here."""
    for folder in (path, *path.absolute().parents):
        mode = _mode(folder)
        if mode is None:
            continue
        if not stat.S_ISDIR(mode):
            raise OSError(errno.ENOTDIR, "it is no folder" if folder == path else f"{folder} is no folder")
        _check_access(folder, os.W_OK | os.X_OK)
        return


def write_file(path: Path, content: bytes, *, anew: bool = False) -> None:
    """Write a file; if that fails, remove it. With ``anew`` it must not exist yet. Raises OSError."""
    with BufferedWriter(FileIO(path, "xb" if anew else "wb", opener=_opened)) as file:
        try:
            file.write(content)
            file.flush()
        except OSError:
            if path.is_file():  # and no device or pipe
                path.unlink()
            raise


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder, which is made if it is missing: all of them, or none. Raises OSError.

    A name may lead into a folder in that folder. What begins with #! can be executed.
    """
    check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".unfinished-") as unfinished:
        for name, content in files.items():
            path = Path(unfinished) / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
            if content.startswith(b"#!"):
                path.chmod(path.stat().st_mode | 0o111)
        for name in files:
            (folder / name).parent.mkdir(exist_ok=True)
            (Path(unfinished) / name).replace(folder / name)


def _opened(path: str, flags: int) -> int:
    """Open a file to write it, without waiting for somebody who reads it."""
    try:
        descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise OSError(errno.ENXIO, "it is a pipe that no program reads from") from error
        raise
    if hasattr(os, "O_NONBLOCK"):
        os.set_blocking(descriptor, True)  # whoever reads may take their time
    return descriptor


def _mode(path: Path) -> int | None:
    """The type and permissions of what is here; None if nothing is. Raises OSError."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        if path.is_symlink():
            raise OSError(errno.ENOENT, "it is a link to nothing") from None
        return None


def _check_access(path: Path, wanted: int) -> None:
    if not os.access(path, wanted):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))

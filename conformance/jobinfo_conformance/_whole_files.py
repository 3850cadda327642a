"""Files that are written whole or not at all, so that a full disk leaves no half of one that somebody then relies on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory


def write_file(path: Path, content: bytes, *, anew: bool = False) -> None:
    """Write a file; if that fails, remove it. With ``anew`` it must not exist yet. Raises OSError."""
    with path.open("xb" if anew else "wb") as file:
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

"""DuckDB: it sorts more than memory holds, and reads and writes Parquet."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jobinfo_conformance._bad_input import BadInput

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: How much memory a worker's engine takes before it moves to disk; and to read Parquet, two thousand rows at a time.
_MEMORY, MEMORY_TO_READ = "96MB", "256MB"
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})


@contextmanager
def connected(folder: Path | None = None, memory: str = _MEMORY) -> Iterator[DuckDBPyConnection]:
    """Connect to an engine of its own, with one thread, that moves what is too much into a folder. Raises BadInput."""
    try:
        import duckdb
    except ImportError as error:
        raise BadInput("an audit needs DuckDB: pip install 'jobinfo-conformance[audit]'") from error
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": "1",
        "memory_limit": memory,
        "preserve_insertion_order": "false",
    }
    if folder is not None:
        config["temp_directory"] = str(folder)
    try:
        with duckdb.connect(config=config) as engine:
            yield engine
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise no_space(folder) from error


def no_space(folder: Path | None) -> BadInput:
    """Make the error for a temporary folder that takes no more."""
    where = "the temporary folder" if folder is None else f"the temporary folder {folder.parent}"
    return BadInput(f"{where} is full or can't be written: name another in TMPDIR, with as much space as the unpacked archive")


@contextmanager
def space_in(folder: Path) -> Iterator[None]:
    """Turn what the system says of a folder that takes no more into BadInput."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_SPACE:  # it is about something else, such as what is read meanwhile
            raise
        raise no_space(folder) from error


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what the engine says of a file that it can't read into BadInput."""
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise BadInput(f"{path} has more in two thousand rows than can be read at a time: make it a file of lines") from error
    except duckdb.Error as error:
        raise BadInput(f"{path} can't be read: it is damaged, or no Parquet") from error


def literal(path: Path) -> str:
    """A path as SQL takes it where it takes no parameter."""
    return "'" + str(path).replace("'", "''") + "'"


def quoted_name(name: str) -> str:
    """A name of a column as SQL takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'

"""Importing a module that the user names, which may break in any way: that is the user's to mend, not an error of the suite."""

from __future__ import annotations

import sys
import traceback
from importlib import import_module
from pathlib import Path
from types import ModuleType

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._escaping import in_line


def imported(name: str) -> ModuleType:
    """Import a module by its dotted name. Raises BadInput, which says what broke in it, and where."""
    if not all(part.isidentifier() for part in name.split(".")):
        raise BadInput(f"{name!r} is not the name of a module: write it like package.module")
    try:
        return import_module(name)
    except (Exception, SystemExit) as error:  # the module is the user's own, and may raise anything
        raise BadInput(in_line(f"the module {name} can't be imported: {_what_broke(error)}")) from error


def add_current_folder() -> None:
    """Let modules be imported from the current folder, after all others. For commands: it stays so in this process."""
    folder = str(Path.cwd())
    if folder not in sys.path and "" not in sys.path:
        sys.path.append(folder)


def _what_broke(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError):
        return str(error)
    if isinstance(error, SyntaxError):
        return f"{_file(error.filename or '?')}, line {error.lineno}: {error.msg}"
    said = str(error) if isinstance(error, (ValueError, ImportError)) else f"{type(error).__name__}: {error}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith(("<frozen", str(Path(__file__).parent)))]
    place = next((frame for frame in reversed(own) if "importlib" not in frame.filename), None)
    return said if place is None else f"{_file(place.filename)}, line {place.lineno}: {said}"


def _file(name: str) -> str:
    return Path(name).name

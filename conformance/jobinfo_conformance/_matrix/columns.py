"""Implementations: the reports that are given, each under a name of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._escaping import in_line
from jobinfo_conformance._results.results import Results


@dataclass(frozen=True)
class Column:
    """An implementation: its number from 1, its name, the report, and what a run found."""

    number: int
    name: str
    path: Path
    results: Results

    @property
    def anchor(self) -> str:
        """Where the page tells of its problems."""
        return f"implementation-{self.number}"


def columns(given: Sequence[str]) -> list[Column]:
    """Read reports that are given as ``REPORT.json`` or ``NAME=REPORT.json``; without a name it is the report's target.

    Raises BadInput if one can't be read, has no name, or has the name of another.
    """
    found: list[Column] = []
    for number, text in enumerate(given, 1):
        name, path = _parts(text)
        results = Results.read(path)
        column = Column(number, results.target if name is None else name, path, results)
        if not column.name.strip():
            raise BadInput(f"{in_line(text)} has no name: write NAME=REPORT.json")
        if any(other.name == column.name for other in found):
            raise BadInput(f"two reports are named {in_line(column.name)}: give each a name, as in NAME=REPORT.json")
        found.append(column)
    return found


def _parts(text: str) -> tuple[str | None, Path]:
    """The name, if there is one, and the path; an equals sign in the path of an existing file belongs to the path."""
    name, equals, path = text.partition("=")
    if not equals or Path(text).exists():
        return None, Path(text)
    if not path:
        raise BadInput(f"{in_line(text)} names no file: write NAME=REPORT.json")
    try:
        name.encode()
    except UnicodeEncodeError as error:  # Python has half of a surrogate pair for each byte that is not text
        raise BadInput(f"the name of {path} is not in UTF-8: write it in UTF-8") from error
    return name, Path(path)

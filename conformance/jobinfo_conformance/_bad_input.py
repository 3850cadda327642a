"""The error for user input that can't be used."""

from __future__ import annotations

from collections.abc import Sequence

from jobinfo_conformance._escaping import in_line


class BadInput(Exception):
    """Something that the user gave can't be used: a file, an option or a target. Exit status 2.

    The message is one line for the user: what is wrong, where, and what to do about it.

        >>> from jobinfo_conformance import run
        >>> try:
        ...     run(api_version="v36.0")
        ... except BadInput as reason:
        ...     print(reason)
        'v36.0' is not an API version: write it like 36.0

    ``quoted`` are lines of somebody else's that explain it, such as the last ones that a command wrote.
    """

    def __init__(self, message: str, quoted: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.quoted = tuple(quoted)


def with_notes(error: BaseException, message: object) -> str:
    """Return a message in one line with the notes on an error: what a run that it ended leaves behind."""
    return "; ".join([str(message), *getattr(error, "__notes__", ())])


def lines_of(error: BadInput) -> list[str]:
    """What to print of an error: its line, and what it quotes below that, indented. Nothing in them moves a cursor."""
    line = f"jobinfo-conformance: {with_notes(error, error)}"
    return [in_line(line), *(f"    {in_line(quoted)}" for quoted in error.quoted)]

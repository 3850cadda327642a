"""The error for user input that can't be used."""

from __future__ import annotations


class BadInput(Exception):
    """Something that the user gave can't be used: a file, an option or a target. Exit status 2.

    The message is one line for the user: what is wrong, where, and what to do about it.

        >>> from jobinfo_conformance import run
        >>> try:
        ...     run(api_version="v36.0")
        ... except BadInput as reason:
        ...     print(reason)
        'v36.0' is not an API version: write it like 36.0
    """


def with_notes(error: BaseException, message: object) -> str:
    """Return a message in one line with the notes on an error: what a run that it ended leaves behind."""
    return "; ".join([str(message), *getattr(error, "__notes__", ())])

"""Text from outside, made safe to print: nothing in it ends a line, moves a cursor or reverses the writing direction."""

from __future__ import annotations


def in_line(text: str) -> str:
    r"""Return the text with its line ends and all other invisible characters escaped.

    >>> in_line("a\nb")
    'a\\nb'
    """
    return text if text.isprintable() else "".join(map(_escaped, text))


def in_lines(text: str) -> str:
    """Return a text of several lines with its invisible characters escaped; line ends and tabs stay."""
    return "".join(char if char in "\n\t" else _escaped(char) for char in text)


def encodable(text: str) -> str:
    """Return the text with a mark in place of each half of a surrogate pair, which no encoding can write."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def quoted(value: object, limit: int = 80) -> str:
    """Return a value for a message, in ASCII, cut after ``limit`` characters.

    >>> quoted("x" * 100, 3)
    'xxx… (100 characters)'
    """
    return shortened(str(value).encode("unicode_escape").decode("ascii"), limit)


def shortened(text: str, limit: int) -> str:
    """Return a text, cut after ``limit`` characters."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"


def _escaped(char: str) -> str:
    return char if char.isprintable() else char.encode("unicode_escape").decode("ascii")

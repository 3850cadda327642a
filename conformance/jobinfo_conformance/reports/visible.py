"""A stranger's text, made safe to show: nothing in it ends a line, moves a cursor or turns the direction of writing."""

from __future__ import annotations


def in_line(text: str) -> str:
    """The text with every character that can't be seen as its escape, the end of a line too."""
    return text if text.isprintable() else "".join(map(_shown, text))


def in_lines(text: str) -> str:
    """The same for a text of several lines, whose ends and tabs stay."""
    return "".join(char if char in "\n\t" else _shown(char) for char in text)


def _shown(char: str) -> str:
    return char if char.isprintable() else char.encode("unicode_escape").decode("ascii")

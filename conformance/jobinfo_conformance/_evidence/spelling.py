"""A text as its reader sees it: without escapes of XML, JSON and URLs, without comments, and without the NULs of UTF-16.

So a word is found however it is written, and can be replaced without touching anything around it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

_SPECIAL = re.compile(r"<!--|[\0&\\%]")
_ESCAPE = re.compile(
    r"\0|&(?:#(?:x[0-9a-fA-F]{1,6}|[0-9]{1,7})|amp|lt|gt|quot|apos);|\\u[0-9a-fA-F]{4}|\\.|%[0-9a-fA-F]{2}", re.DOTALL
)
_END_OF_COMMENT = "-->"
#: What JSON writes for control characters.
_CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def is_plain(text: str) -> bool:
    """Whether a text reads as it is written."""
    return _SPECIAL.search(text) is None


def as_read(text: str) -> str:
    r"""The text as its reader sees it.

    >>> as_read(r"Cl&#111;s\u0065d<!-- -->!")
    'Closed!'
    """
    return text if is_plain(text) else "".join(map(_meaning, units(text)))


def units(text: str) -> list[str]:
    """Cut a text into units that stand for one character each, or for none, in time linear in the text."""
    found: list[str] = []
    place = 0
    has_comments = True
    while (special := _SPECIAL.search(text, place)) is not None:
        found += text[place : special.start()]
        place, escape = special.start(), _ESCAPE.match(text, special.start())
        if escape is not None:
            end = escape.end()
        else:
            closed = text.find(_END_OF_COMMENT, place + 4) if has_comments and text.startswith("<!--", place) else -1
            has_comments = has_comments and (closed >= 0 or not text.startswith("<!--", place))
            end = closed + len(_END_OF_COMMENT) if closed >= 0 else place + 1
        found.append(text[place:end])
        place = end
    found += text[place:]
    return found


def spans(text: str, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
    """Where a text matches as its reader sees it: spans in the text as written, from the first to the last character."""
    starts: list[int] = []
    ends: list[int] = []
    meanings: list[str] = []
    place = 0
    for unit in units(text):
        meaning = _meaning(unit)
        if meaning:
            meanings.append(meaning)
            starts.append(place)
            ends.append(place + len(unit))
        place += len(unit)
    return [(starts[match.start()], ends[match.end() - 1]) for match in pattern.finditer("".join(meanings))]


def replaced(text: str, pattern: re.Pattern[str], new: Callable[[re.Match[str]], str]) -> str:
    """Replace each match in a text as its reader sees it, character by character, each spelled as before."""
    written = units(text)
    places = [place for place, unit in enumerate(written) if _meaning(unit)]
    for match in pattern.finditer("".join(map(_meaning, written))):
        at, word = places[match.start() : match.end()], new(match)
        for place, char in zip(at, word, strict=False):
            written[place] = _spelled(char, written[place])
        for place in at[len(word) :]:
            written[place] = ""
        written[at[-1]] += word[len(at) :]
    return "".join(written)


def _meaning(unit: str) -> str:
    """The character that a unit stands for; nothing for a NUL or a comment."""
    if len(unit) == 1:
        return "" if unit == "\0" else unit
    if unit.startswith("<!--"):
        return ""
    if unit[0] == "&":
        return unescape(unit)[:1]
    if unit[0] == "\\" and len(unit) == len("\\n"):  # also a \u without its digits
        return _CONTROLS.get(unit[1], unit[1])
    return chr(int(unit.lstrip("\\u%"), 16))


def _spelled(char: str, unit: str) -> str:
    """A character, spelled in the same way as a unit."""
    if len(unit) == 1:
        return char
    if unit[0] == "&" and unit[1] == "#":
        return f"&#x{ord(char):x};" if unit[2] == "x" else f"&#{ord(char)};"
    if unit[0] == "&" or len(unit) == len("\\n"):
        return char
    return f"\\u{ord(char):04x}" if unit[0] == "\\" else f"%{ord(char):02X}"

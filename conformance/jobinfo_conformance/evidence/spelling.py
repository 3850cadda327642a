"""A text as its reader gets it, and where each character of that stands: escaped, or with a comment in the middle.

So a word is found however XML, JSON or a URL writes it, and can be replaced without touching anything around it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

#: What stands for a character, or for none: a comment, and the NUL beside each character in UTF-16.
_UNIT = re.compile(r"<!--.*?-->|\0|&#(?:x[0-9a-fA-F]{1,6}|[0-9]{1,7});|\\u[0-9a-fA-F]{4}|%[0-9a-fA-F]{2}|.", re.DOTALL)


def as_read(text: str) -> str:
    """The text as its reader gets it."""
    return "".join(map(_meant, _UNIT.findall(text)))


def replaced(text: str, pattern: re.Pattern[str], new: Callable[[re.Match[str]], str]) -> str:
    """The text with each match in it, as its reader gets it, replaced: character by character, each spelled as before."""
    units = _UNIT.findall(text)
    places = [place for place, unit in enumerate(units) if _meant(unit)]
    for match in pattern.finditer("".join(map(_meant, units))):
        at, word = places[match.start() : match.end()], new(match)
        for place, char in zip(at, word, strict=False):
            units[place] = _spelled(char, units[place])
        for place in at[len(word) :]:
            units[place] = ""
        units[at[-1]] += word[len(at) :]
    return "".join(units)


def _meant(unit: str) -> str:
    if unit == "\0" or unit.startswith("<!--"):
        return ""
    if len(unit) == 1:
        return unit
    if unit[0] == "&":
        return unescape(unit)[:1] or " "  # one character a unit, whatever it is
    return chr(int(unit.lstrip("\\u%"), 16))


def _spelled(char: str, unit: str) -> str:
    """A character in the way of a unit."""
    if len(unit) == 1:
        return char
    if unit[0] == "&":
        return f"&#x{ord(char):x};" if unit[2] == "x" else f"&#{ord(char)};"
    return f"\\u{ord(char):04x}" if unit[0] == "\\" else f"%{ord(char):02X}"

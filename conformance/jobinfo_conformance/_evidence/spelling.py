"""A text as its reader sees it: without escapes of XML, HTML, JSON, C and URLs, and without comments.

Nor has it the NULs of UTF-16 and the soft line ends of mail, which stand between characters.
So a word is found however it is written, and can be replaced without touching anything around it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from html.entities import html5
from string import octdigits

from jobinfo_conformance._escaping import encodable

_SPECIAL = re.compile(r"<!|[\0&\\%]|\]\]>|=\r?\n")
#: The references by name that stand for a character of ASCII, such as &excl; in HTML.
_NAMES = {
    name.removesuffix(";"): char for name, char in html5.items() if name.endswith(";") and len(char) == 1 and char.isascii()
}
#: A reference may have any number of leading zeros, and a reader of HTML takes one that ends without its semicolon.
_REFERENCE = (
    r"&#(?:[xX](?=[0-9a-fA-F])0*+(?P<hex>[0-9a-fA-F]{0,6})|(?=[0-9])0*+(?P<decimal>[0-9]{0,7}));?"
    rf"|&(?P<name>{'|'.join(_NAMES)});"
)
#: Fewer than three octal digits are an escape only where no other digit follows: a path may have a backslash before an id.
_AFTER_BACKSLASH = (
    r"u[0-9a-fA-F]{4}|[ux]\{[0-9a-fA-F]{1,6}\}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|[0-3][0-7]{2}|(?:[1-7][0-7]|0)(?![0-7])|[^0-9]"
)
_ESCAPE = re.compile(
    rf"\0|=\r?\n|{_REFERENCE}|\\(?:{_AFTER_BACKSLASH})|%u[0-9a-fA-F]{{4}}|%[0-9a-fA-F]{{2}}|<!\[CDATA\[|\]\]>", re.DOTALL
)
#: What may stand between groups of digits, as in 30:30, 3030-4478 and 0x30, 0x30; but no escape, which is read for itself.
_BETWEEN_GROUPS = re.compile(r"0x|[^0-9a-z%\\]+")
_END_OF_COMMENT = "-->"
#: The last character that three octal digits, the first of which is 3 at most, can say.
_MOST_IN_OCTAL = 0o377
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


def readings(text: str, deepest: int) -> Iterator[str]:
    """Yield a text as it is, as its reader sees it, and as that reads in turn, up to ``deepest`` times, while that differs.

    An escape may itself be escaped, as in JSON inside XML. Each reading is in lower case and without white space, so that a
    word is found in any letter case and in wrapped lines.
    """
    yield solid(text)
    for _ in range(deepest):
        read = as_read(text)
        if read == text:
            return
        text = read
        yield solid(text)


def without_separators(reading: str) -> str:
    """A reading whose letters and digits stand together, as those of hexadecimal do that is written in groups.

    >>> without_separators("0x30,0x30:4478-7830")
    '303044787830'
    """
    return _BETWEEN_GROUPS.sub("", reading)


def with_separators(reading: str, found: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return where places in what `without_separators` made of a reading are in that reading."""
    found = list(found)
    if not found:
        return found
    kept: list[int] = []
    place = 0
    for between in _BETWEEN_GROUPS.finditer(reading):
        kept += range(place, between.start())
        place = between.end()
    kept += range(place, len(reading))
    return [(kept[start], kept[end - 1] + 1) for start, end in found]


def spans(text: str, depth: int, found: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return where places in a reading, counted from 0, are in the text as written, from the first to the last character."""
    read = text
    starts: Sequence[int] = range(len(text))
    ends: Sequence[int] = range(1, len(text) + 1)
    for _ in range(depth):
        read, starts, ends = _read_on(read, starts, ends)
    kept = [place for place, char in enumerate(read) if not char.isspace()]
    return [(starts[kept[start]], ends[kept[end - 1]]) for start, end in found]


def _read_on(text: str, starts: Sequence[int], ends: Sequence[int]) -> tuple[str, Sequence[int], Sequence[int]]:
    """Read a text once more; ``starts`` and ``ends`` say where each of its characters was written."""
    read: list[str] = []
    places: list[int] = []
    last: list[int] = []
    place = 0
    for unit in units(text):
        meaning = _meaning(unit)
        if meaning:
            read.append(meaning)
            places.append(starts[place])
            last.append(ends[place + len(unit) - 1])
        place += len(unit)
    return "".join(read), places, last


def solid(text: str) -> str:
    """A text in lower case, without white space, and such that it can be encoded; every other character stays one character."""
    lower = text.lower()
    return encodable("".join((lower if len(lower) == len(text) else "".join(char.lower()[0] for char in text)).split()))


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
    """The character that a unit stands for; nothing for a NUL, a soft line end, a comment, and the ends of a CDATA section."""
    if len(unit) == 1:
        return "" if unit == "\0" else unit
    if unit[0] in "<]=":
        return ""
    if unit[0] == "&":
        return _referenced(unit)
    if unit[0] == "\\" and unit[1] in octdigits:
        return _char(unit[1:], 8)
    if unit[0] == "\\" and len(unit) == len("\\n"):  # also a \u without its digits
        return _CONTROLS.get(unit[1], unit[1])
    return _char(unit.strip("\\uUx%{}"), 16)


def _referenced(reference: str) -> str:
    """The character that a reference of XML or HTML stands for."""
    found = _ESCAPE.match(reference)
    assert found is not None
    if found["name"] is not None:
        return _NAMES[found["name"]]
    return _char(found["hex"], 16) if found["hex"] is not None else _char(found["decimal"], 10)


def _char(digits: str, base: int) -> str:
    """The character with this number, nothing for NUL; a mark in place of one that there is not, or that is half of a pair."""
    number = int(digits or "0", base)
    if number == 0:
        return ""
    return chr(number) if number <= sys.maxunicode and not 0xD800 <= number <= 0xDFFF else "\ufffd"


def _spelled(char: str, unit: str) -> str:
    """A character, spelled in the same way as a unit."""
    if len(unit) == 1:
        return char
    if unit[0] == "&" and unit[1] == "#":
        return f"&#x{ord(char):x};" if unit[2] == "x" else f"&#{ord(char)};"
    if unit[0] == "&" or len(unit) == len("\\n"):
        return char
    if unit[0] == "\\" and unit[1].isdigit() and ord(char) <= _MOST_IN_OCTAL:
        return f"\\{ord(char):03o}"
    return f"\\u{ord(char):04x}" if unit[0] == "\\" else f"%{ord(char):02X}"

"""The charset that a Content-Type header names, and whether the bytes of a body agree with it."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from urllib.parse import unquote

_PARAMETER = re.compile(r';\s*charset(?P<coded>\*[0-9]*\*?)?\s*=\s*(?:"(?P<quoted>[^"]*)"|(?P<bare>[^;\s]*))', re.IGNORECASE)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_WIDE = ("utf-16", "utf-16-le", "utf-16-be")


def named_charset(content_type: str | None) -> str | None:
    """Return the charset as a Content-Type header names it; None if it names none."""
    match = _PARAMETER.search(content_type or "")
    if match is None:
        return None
    name = match["quoted"] if match["quoted"] is not None else match["bare"]
    return unquote(name.rpartition("'")[2]) if match["coded"] else name or None


@lru_cache(maxsize=256)
def charset_of(content_type: str | None) -> str | None:
    """Return that charset by the name that parsers know; None if the header names none, or an unknown one."""
    try:
        return codecs.lookup(named_charset(content_type) or "").name
    except (LookupError, ValueError):
        return None


def utf_16_order(body: bytes) -> str | None:
    """Return ``utf-16-le`` or ``utf-16-be`` if the first bytes of a body are in UTF-16; None otherwise."""
    marked = next((name for mark, name in _MARKS.items() if body.startswith(mark)), None)
    if marked is not None:
        return marked if marked in _WIDE else None
    zeros = [byte == 0 for byte in body[:4]]
    orders = {"utf-16-le": [False, True, False, True], "utf-16-be": [True, False, True, False]}
    return next((name for name, pattern in orders.items() if zeros == pattern), None)


def is_contradicted(body: bytes, content_type: str | None) -> bool:
    """Whether the bytes of a body are not in the charset that its Content-Type names, or nobody knows that charset.

    Names that differ are no contradiction where they stand for the same text, as US-ASCII and UTF-8 often do. Where the body
    can't be read in its own encoding either, nothing is known.
    """
    if named_charset(content_type) is None:
        return False
    charset = charset_of(content_type)
    if charset is None:
        return True
    own = _own_encoding(body)
    if charset == "utf-16" and own in _WIDE:
        return False  # whichever order: few servers write the mark that RFC 2781 asks for
    meant = _decoded(body, own)
    return meant is not None and _decoded(body, charset) != meant


def _own_encoding(body: bytes) -> str:
    """The encoding that a body shows by itself: by its first bytes, by its XML declaration, or else UTF-8."""
    declared = _DECLARED.match(body.removeprefix(codecs.BOM_UTF8))
    return utf_16_order(body) or (declared[1].decode("ascii") if declared else "utf-8")


def _decoded(body: bytes, encoding: str) -> str | None:
    """The text of a body without its byte order mark; None if it can't be decoded."""
    try:
        return body.decode(encoding).removeprefix("\ufeff")
    except (LookupError, ValueError):
        return None

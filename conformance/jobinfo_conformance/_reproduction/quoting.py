"""Texts as sh reads them."""

from __future__ import annotations

import re

#: What needs a backslash inside double quotes.
_SPECIAL = re.compile(r'[\\"$`]')
#: What stands for itself in a format of printf that is in single quotes: text without what a shell or printf interprets.
_PLAIN = frozenset({*range(0x20, 0x7F), 0x0A}) - set(b"%\\'$`")


def in_double_quotes(text: str) -> str:
    """Return what stands for a text between double quotes."""
    return _SPECIAL.sub(r"\\\g<0>", text.replace("\0", ""))


def quoted(text: str) -> str:
    """Return a text in double quotes."""
    return f'"{in_double_quotes(text)}"'


def as_format(data: bytes) -> str:
    r"""Return what stands for bytes in a format of printf, between single quotes.

    >>> as_format(b"100 %\n\xff")
    '100 %%\n\\377'
    """
    return "".join(chr(byte) if byte in _PLAIN else _escaped(byte) for byte in data)


def _escaped(byte: int) -> str:
    return {0x25: "%%", 0x5C: "\\\\", 0x0D: "\\r"}.get(byte, f"\\{byte:03o}")

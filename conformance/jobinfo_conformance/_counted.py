"""Numbers in sentences."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Return a number of things whose plural ends in s.

    >>> counted(1, "close"), counted(1200, "close")
    ('1 close', '1,200 closes')
    """
    return f"1 {noun}" if number == 1 else f"{number:,} {noun}s"

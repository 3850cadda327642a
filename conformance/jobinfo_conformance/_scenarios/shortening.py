"""Shortening what departs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def fewest(parts: Sequence[T], departs: Callable[[Sequence[T]], bool]) -> Sequence[T]:
    """Return as few of the parts as still depart: each is left out in turn, and stays out where the rest departs without it."""
    for place in reversed(range(len(parts))):
        fewer = [*parts[:place], *parts[place + 1 :]]
        if departs(fewer):
            parts = fewer
    return parts

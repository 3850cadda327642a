"""How a failing sequence is shortened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def fewest(parts: Sequence[T], fails: Callable[[Sequence[T]], bool]) -> Sequence[T]:
    """Return only the parts that it takes to fail: each is left out in turn, and stays out if the rest still fails."""
    for place in reversed(range(len(parts))):
        fewer = [*parts[:place], *parts[place + 1 :]]
        if fails(fewer):
            parts = fewer
    return parts

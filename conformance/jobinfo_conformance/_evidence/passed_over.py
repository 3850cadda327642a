"""Entries of a recording that are passed over: each costs itself, and not the file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

#: How many places a sentence names at most.
_MOST_PLACES = 3


@dataclass(frozen=True)
class PassedOver:
    """An entry that is no evidence, and why. ``entry`` counts from 0, and ``place`` is what users call it."""

    entry: int
    place: str
    reason: str


def sentences(passed_over: Iterable[PassedOver]) -> list[str]:
    """Return a sentence for each reason: how many entries were passed over for it, and which.

    >>> sentences([PassedOver(3, "entry 3", "no answer")])
    ['1 entry was passed over (entry 3): no answer']
    """
    places: dict[str, list[str]] = {}
    for entry in passed_over:
        places.setdefault(entry.reason, []).append(entry.place)
    return [_sentence(reason, named) for reason, named in places.items()]


def _sentence(reason: str, places: list[str]) -> str:
    more = len(places) - _MOST_PLACES
    named = ", ".join([*places[:_MOST_PLACES], *([f"and {more} more"] if more > 0 else [])])
    count = "1 entry was" if len(places) == 1 else f"{len(places)} entries were"
    return f"{count} passed over ({named}): {reason}"

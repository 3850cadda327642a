"""Entries of a recording that are passed over: each costs itself, and not the file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

#: How many places a sentence names at most.
_MOST_PLACES = 3


@dataclass(frozen=True)
class PassedOver:
    """An entry that is no evidence, and why. ``entry`` counts from 0, and ``place`` is what users call it.

    In an archive, one may stand for others: ``times`` is how many there are.
    """

    entry: int
    place: str
    reason: str
    times: int = 1


def sentences(passed_over: Iterable[PassedOver]) -> list[str]:
    """Return a sentence for each reason: how many entries were passed over for it, and which.

    >>> sentences([PassedOver(3, "entry 3", "no answer")])
    ['1 entry was passed over (entry 3): no answer']
    """
    by_reason: dict[str, list[PassedOver]] = {}
    for entry in passed_over:
        by_reason.setdefault(entry.reason, []).append(entry)
    return [_sentence(reason, entries) for reason, entries in by_reason.items()]


def _sentence(reason: str, entries: list[PassedOver]) -> str:
    times = sum(entry.times for entry in entries)
    places = [entry.place for entry in entries[:_MOST_PLACES]]
    more = times - len(places)
    named = ", ".join([*places, *([f"and {more:,} more"] if more > 0 else [])])
    count = "1 entry was" if times == 1 else f"{times:,} entries were"
    return f"{count} passed over ({named}): {reason}"

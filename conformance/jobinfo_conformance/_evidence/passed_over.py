"""Entries of a recording that are passed over: each costs itself, and not the file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace

#: How many places a sentence names at most, and how many reasons are told apart.
_MOST_PLACES, _MOST_REASONS = 3, 50


@dataclass(frozen=True)
class PassedOver:
    """An entry that is no evidence, and why. ``entry`` counts from 0, and ``place`` is what users call it.

    Where there are many, one may stand for later ones too: ``times`` is how many there are.
    """

    entry: int
    place: str
    reason: str
    times: int = 1


class PassedOverEntries:
    """The entries of a recording that are no evidence: the first few for each reason, the last of which stands for the rest."""

    def __init__(self) -> None:
        self._by_reason: dict[str, list[PassedOver]] = {}

    def __iter__(self) -> Iterator[PassedOver]:
        """Yield them in the order of the recording."""
        return iter(sorted((found for kept in self._by_reason.values() for found in kept), key=lambda found: found.entry))

    def __bool__(self) -> bool:
        return bool(self._by_reason)

    def add(self, entry: int, reason: str, place: Callable[[int], str]) -> None:
        """Note an entry; ``place`` says what users call it."""
        told = reason_among(self._by_reason, reason)
        kept = self._by_reason.setdefault(told, [])
        if len(kept) <= _MOST_PLACES:
            kept.append(PassedOver(entry, place(entry), told))
        else:
            kept[-1] = replace(kept[-1], times=kept[-1].times + 1)


def reason_among(known: Collection[str], reason: str) -> str:
    """The reason to tell, where these are known already: there are not to be too many."""
    return reason if reason in known or len(known) < _MOST_REASONS else "for other reasons than these"


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

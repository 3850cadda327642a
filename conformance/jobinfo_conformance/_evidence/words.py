"""Many words, found in a text in one pass, however many they are and however alike they begin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ahocorasick_rs import AhoCorasick, MatchKind

#: How many characters of a beginning are looked for at first. All of each would take long to prepare.
_ANCHOR = 24


class Words:
    """Words by their beginnings, none of which begins with another: a word is found where its beginning is."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        self._words = words
        lengths: dict[str, set[int]] = {}
        for beginning in words:
            lengths.setdefault(beginning[:_ANCHOR], set()).add(len(beginning))
        #: How long the beginnings are that begin with each anchor.
        self._lengths = [tuple(sorted(found)) for found in lengths.values()]
        self._anchors = AhoCorasick(lengths, matchkind=MatchKind.Standard, store_patterns=False) if lengths else None

    def found_in(self, text: str) -> list[tuple[int, int]]:
        """Where a text has words, each from its first character to the last that agrees; what overlaps is one place."""
        found: list[tuple[int, int]] = []
        if self._anchors is None:
            return found
        for number, start, _ in sorted(self._anchors.find_matches_as_indexes(text, overlapping=True), key=_start):
            for length in self._lengths[number]:
                known = found and start + length <= found[-1][1]
                words = () if known else self._words.get(text[start : start + length], ())
                if words:
                    end = start + max(_agreeing(text, start, word) for word in words)
                    _add(found, start, end)
        return found


def merged(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Places in the order of a text; what overlaps is one place."""
    in_order: list[tuple[int, int]] = []
    for start, end in sorted(found):
        _add(in_order, start, end)
    return in_order


def _start(match: tuple[int, int, int]) -> int:
    return match[1]


def _add(found: list[tuple[int, int]], start: int, end: int) -> None:
    """Add a place after those that begin before it."""
    if found and start < found[-1][1]:
        start, before = found.pop()
        end = max(end, before)
    found.append((start, end))


def _agreeing(text: str, start: int, word: str) -> int:
    """How many characters of a word the text has from ``start`` on."""
    pairs = enumerate(zip(word, text[start : start + len(word)], strict=False))
    return next((place for place, (wanted, found) in pairs if wanted != found), min(len(word), len(text) - start))

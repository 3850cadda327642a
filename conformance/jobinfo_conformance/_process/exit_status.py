"""The exit status of a command if several apply."""

from __future__ import annotations

from collections.abc import Iterable

#: An error of the suite hides every other result, and what can't be used or written hides the verdict.
_WORST_FIRST = (4, 2, 1, 3, 0)

UNUSABLE, SUITE_ERROR = 2, 4


def worst(statuses: Iterable[int]) -> int:
    """Return the status that wins: 4, then 2, then 1, then 3. Raises ValueError if none of these statuses is ours.

    >>> worst([3, 0, 1])
    1
    """
    return min(statuses, key=_WORST_FIRST.index)

"""Jobs that are alike in all that the built-in requirements look at: of those in which nothing is wrong, one is judged.

A conforming server answers thousands of jobs that differ only in their ids, times and counters. What the requirements look at
in those is not the values, but how they relate to each other: whether a sum is right, which of two times is later, whether a
counter grew. An exchange by itself is compared in the same way.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from itertools import pairwise
from typing import Any, Generic, TypeVar

from jobinfo_conformance._contract.ids import short_form
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._evidence.glance import Glance

T = TypeVar("T")

#: How many kinds of job are kept in mind, and how many exchanges one of them has at most.
_MOST, _LONGEST = 2048, 64
_COUNTERS = tuple(name for name in JobInfo.FIELDS if name.startswith("number"))
_TIMES = ("totalProcessingTime", "apiActiveProcessingTime", "apexProcessingTime")
#: The fields of which it matters which of two values is larger, in two answers and in one; and those whose values matter.
_RANKED = ("createdDate", "systemModstamp", "numberRecordsProcessed", "numberRecordsFailed", *_TIMES)
_RELATED = ("numberBatchesTotal", "numberRecordsProcessed", "numberRecordsFailed", *_TIMES, "createdDate", "systemModstamp")
_VALUES = tuple(name for name in JobInfo.FIELDS if name not in (*_RANKED, "id"))


class Faultless(Generic[T]):
    """What became of jobs in which nothing is wrong, to be looked up for those that are alike."""

    def __init__(self) -> None:
        self._known: dict[Hashable, T] = {}

    def get(self, likeness: Hashable | None) -> T | None:
        """What became of a job that is alike; None if none is known."""
        return None if likeness is None else self._known.get(likeness)

    def add(self, likeness: Hashable | None, became: T) -> None:
        """Keep what became of a job in which nothing is wrong."""
        if likeness is not None and len(self._known) < _MOST:
            self._known[likeness] = became


def likeness(seen: Sequence[Glance]) -> Hashable | None:
    """All that the built-in requirements look at in the exchanges of a job, in their order.

    None if that is hard to tell: they are not about one job, or not one after the other.
    """
    if not seen or len(seen) > _LONGEST or any(each.creates for each in seen[1:]):
        return None
    if len({short_form(each.job_id) for each in seen}) > 1 or not (_in_turn(seen) or _untimed(seen)):
        return None
    jobs = [each.job for each in seen if each.job is not None]
    return (
        tuple((each.asked, each.answered) for each in seen),
        tuple(job.several(_VALUES) for job in jobs),
        tuple(map(_ranks, zip(*(job.several(_RANKED) for job in jobs), strict=True))),
        tuple(map(_relations, jobs)),
    )


def _in_turn(seen: Sequence[Glance]) -> bool:
    """Whether each exchange is known to have ended before the next began."""
    return all(
        earlier.ended is not None and later.started is not None and earlier.ended <= later.started
        for earlier, later in pairwise(seen)
    )


def _untimed(seen: Iterable[Glance]) -> bool:
    return all(each.started is None for each in seen)


def _ranks(values: Sequence[Any]) -> Hashable:
    """Which of these values are equal, and which are larger than others."""
    distinct = set(values)
    if len(distinct) < 2:
        return None
    rank = {value: number for number, value in enumerate(sorted(distinct))}
    return tuple(rank[value] for value in values)


def _relations(job: JobInfo) -> tuple[bool, ...]:
    """How the numbers and times of a job relate to each other."""
    total, processed, failed, taken, active, apex, created, changed = job.several(_RELATED)
    relations = (failed <= processed, apex <= active, active <= taken, created <= changed)
    return relations if total else (*relations, any(job.several(_COUNTERS)), any(job.several(_TIMES)))

"""Exchanges that are alike in all that the built-in requirements look at: of those in which nothing is wrong, one is judged.

A conforming server answers thousands of closes that differ only in their ids, times and counters. What the requirements look at
in those is not the values, but how they relate to each other: whether a sum is right, or which of two times is later.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

from jobinfo_conformance._contract.ids import JOB_PREFIX, long_form, same_id
from jobinfo_conformance._contract.jobinfo import SETTINGS, JobInfo
from jobinfo_conformance._contract.session import SESSION_HEADER, WRONG_SESSION
from jobinfo_conformance._evidence.secrets import MARK
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._job_requests.near_misses import UNKNOWN_ID

T = TypeVar("T")

#: The longest request whose body is compared, in bytes, and how many kinds of exchange are kept in mind.
_LONGEST, _MOST = 4096, 2048
_MARK = MARK.encode()
#: The headers of a request that requirements look at.
_HEADERS = ("Content-Type", "Accept", "Transfer-Encoding", "Content-Encoding", SESSION_HEADER)
#: The fields whose values requirements compare with others than the numbers and times of the same job.
_VALUES = (*SETTINGS, "createdById", "state", "apiVersion")
_COUNTERS = tuple(name for name in JobInfo.FIELDS if name.startswith("number"))
_TIMES = ("totalProcessingTime", "apiActiveProcessingTime", "apexProcessingTime")


class Faultless(Generic[T]):
    """What became of exchanges in which nothing is wrong, to be looked up for those that are alike."""

    def __init__(self) -> None:
        self._known: dict[Hashable, T] = {}

    def get(self, likeness: Hashable | None) -> T | None:
        """What became of an exchange that is alike; None if none is known."""
        return None if likeness is None else self._known.get(likeness)

    def add(self, likeness: Hashable | None, became: T) -> None:
        """Keep what became of an exchange in which nothing is wrong."""
        if likeness is not None and len(self._known) < _MOST:
            self._known[likeness] = became


def likeness(step: Step) -> Hashable | None:
    """All that the built-in requirements look at in an exchange by itself.

    None if that is hard to tell. Only accepted closes and reads are compared whose answers, as jobInfos, have nothing wrong.
    """
    request, response, resource = step.exchange.request, step.exchange.response, step.resource
    if step.operation not in (Operation.CLOSE, Operation.READ) or not step.answer.is_flawless or resource.job_id is None:
        return None
    if len(request.body) > _LONGEST or resource.job_id.encode() in request.body or _repeats_session(step):
        return None
    job, job_id = step.job, step.job["id"]
    return (
        request.method,
        request.body,
        tuple(request.headers.get(name) for name in _HEADERS),
        any(WRONG_SESSION in value for _, value in request.headers),
        resource.version_text,
        len(resource.job_id),
        resource.job_id.isalnum(),
        resource.job_id == UNKNOWN_ID,
        response.status,
        response.content_type,
        bool(response.headers.pairs),
        step.answer.serialization,
        tuple(job[name] for name in _VALUES),
        same_id(job_id, resource.job_id),
        job_id == long_form(job_id),
        job_id.startswith(JOB_PREFIX),
        *_relations(job),
    )


def _relations(job: JobInfo) -> Iterator[bool]:
    """How the numbers and times of a job relate to each other."""
    counted = job["numberBatchesQueued"] + job["numberBatchesInProgress"]
    yield counted > 0
    counted += job["numberBatchesCompleted"] + job["numberBatchesFailed"]
    total, taken, active, apex = job["numberBatchesTotal"], *(job[name] for name in _TIMES)
    yield counted > total
    yield counted == total
    yield job["numberRecordsFailed"] <= job["numberRecordsProcessed"]
    yield apex <= active
    yield active <= taken
    yield job["systemModstamp"] >= job["createdDate"]
    yield total == 0
    if total == 0:
        yield any(job[name] for name in _COUNTERS)
        yield any(job[name] for name in _TIMES)


def _repeats_session(step: Step) -> bool:
    """Whether the answer has a session in it, as far as sessions are known."""
    response = step.exchange.response
    return _MARK in (response.body or b"") or any(MARK in value for _, value in response.headers)

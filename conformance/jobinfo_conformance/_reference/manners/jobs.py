"""Manners of jobs: their ids, dates, counters and times, and the serialization in which they are read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any

from jobinfo_conformance._contract.ids import USER_PREFIX, long_form
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import TIMES_SINCE
from jobinfo_conformance._exchange import Request, Response
from jobinfo_conformance._reference.jobs import Job
from jobinfo_conformance._reference.manners.manner import after, manner
from jobinfo_conformance._reference.service import Service

_IDS, _CLOCK, _STAMP, _TIMES = "ids", "the clock", "systemModstamp", "times"
_READ = "the serialization in which a read is answered"

_ALPHABET = ascii_lowercase + ascii_uppercase + digits


def _in_base_62(number: int) -> str:
    """The last 12 digits of a number in base 62, lower-case letters first."""
    letters = ""
    for _ in range(12):
        number, digit = divmod(number, len(_ALPHABET))
        letters = _ALPHABET[digit] + letters
    return letters


# Ids


@manner(_IDS)
class RandomIds(Service):
    """Ids are in no order."""

    def new_id(self, prefix: str, number: int) -> str:
        """A hash of the number."""
        return long_form(prefix + _in_base_62(int(hashlib.sha256(f"{prefix}{number}".encode()).hexdigest(), 16)))


@manner(_IDS)
class IdsThatDifferInCase(Service):
    """Ids differ in letter case alone, and so in their checksums."""

    def new_id(self, prefix: str, number: int) -> str:
        """The binary digits of the number, as capitals in a word."""
        digits_of = f"{number:012b}"
        letters = (char.upper() if digit == "1" else char for char, digit in zip("abcdefghijkl", digits_of, strict=False))
        return long_form(prefix + "".join(letters))


@manner(_IDS)
class IdsInBase62(Service):
    """Ids are consecutive numbers in base 62."""

    def new_id(self, prefix: str, number: int) -> str:
        """In base 62, within a pod."""
        return long_form(f"{prefix}{_in_base_62(62**9 * 17 + number)}")


@manner()
class AnotherUserForEachJob(Service):
    """Each job was created by a different user."""

    def info(self, job: Job) -> JobInfo:
        """With a user that the job's id tells."""
        return super().info(job).replace(created_by_id=long_form(USER_PREFIX + job.id[3:15]))


# Clocks


@after(Service.now, _CLOCK)
def clock_three_hours_slow(now: datetime) -> datetime:
    """The server's clock is three hours slow."""
    return now - timedelta(hours=3)


@after(Service.now, _CLOCK)
def clock_a_day_fast(now: datetime) -> datetime:
    """The server's clock is a day fast."""
    return now + timedelta(days=1)


@after(Service.now, _CLOCK)
def clock_of_whole_seconds(now: datetime) -> datetime:
    """The server's clock counts whole seconds, so every date ends in .000."""
    return now.replace(microsecond=0)


# The modification stamp


class _Stamped(Service):
    """The modification stamp is of the last change."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.stamps: dict[str, datetime] = {}

    def info(self, job: Job) -> JobInfo:
        """With the last stamp."""
        info = super().info(job)
        return info.replace(system_modstamp=max(info.system_modstamp, self.stamps.get(job.id, info.system_modstamp)))


@manner(_STAMP)
class StampOfTheClose(_Stamped):
    """systemModstamp is the time of the close."""

    def close(self, job: Job) -> Job:
        """Note the time."""
        closed = super().close(job)
        self.stamps[job.id] = self.now()
        return closed


@manner(_STAMP)
class StampLongAfterTheClose(_Stamped):
    """systemModstamp is 23 seconds later than the close, in the future."""

    def close(self, job: Job) -> Job:
        """Note a later time."""
        closed = super().close(job)
        self.stamps[job.id] = self.now() + timedelta(seconds=23)
        return closed


@manner(_STAMP)
class StampOfTheLastBatch(Service):
    """systemModstamp moves on as batches arrive and finish."""

    def info(self, job: Job) -> JobInfo:
        """With the time of the latest of these."""
        info, now = super().info(job), self.now()
        instants = [batch.accepted for batch in job.batches] + [batch.accepted + batch.takes for batch in job.batches]
        return info.replace(system_modstamp=max([info.created_date, *(instant for instant in instants if instant <= now)]))


# Counters and times


@after(Service.info)
def retries(info: JobInfo) -> JobInfo:
    """numberRetries is 2 for every job that has batches."""
    return info.replace(number_retries=2) if info.number_batches_total else info


def _with_times(info: JobInfo, total: int, active: int, apex: int) -> JobInfo:
    if info.api_version < TIMES_SINCE:
        return info
    return info.replace(total_processing_time=total, api_active_processing_time=active, apex_processing_time=apex)


@after(Service.info, _TIMES)
def times_of_zero(info: JobInfo) -> JobInfo:
    """All times are 0, however many batches were processed."""
    return _with_times(info, 0, 0, 0)


@after(Service.info, _TIMES)
def long_times(info: JobInfo) -> JobInfo:
    """Each batch took 90 days, most of them in Apex."""
    day = 86_400_000 * info.number_batches_completed
    return _with_times(info, 90 * day, 60 * day, 50 * day)


@after(Service.info, _TIMES)
def equal_times(info: JobInfo) -> JobInfo:
    """The total, active and Apex times are the same."""
    taken = 1234 * info.number_batches_completed
    return _with_times(info, taken, taken, taken)


@after(Service.info, _TIMES)
def times_of_waiting(info: JobInfo) -> JobInfo:
    """The total time is above 0, and the active time is 0."""
    return _with_times(info, 77 * info.number_batches_completed, 0, 0)


@manner(_TIMES)
class GrowingTimes(Service):
    """Times grow while batches are processed."""

    def info(self, job: Job) -> JobInfo:
        """With the time until now, or until each batch was finished."""
        now = self.now()
        taken = sum(min(now - batch.accepted, batch.takes) // timedelta(milliseconds=1) for batch in job.batches)
        return _with_times(super().info(job), taken, taken // 2, taken // 5)


# Settings and serializations


@after(Service.info)
def assignment_rule(info: JobInfo) -> JobInfo:
    """Every job shows an assignmentRuleId, as those do that were created with one."""
    return info if info.get("assignmentRuleId") else info.replace(assignment_rule_id=long_form("01QD00000000001"))


@after(Service.info)
def object_in_capitals(info: JobInfo) -> JobInfo:
    """The object is in capitals, whatever the letter case in the create."""
    return info.replace(object=info.object.upper())


@manner(_READ, hides=["equivalence/same-job"])
class ReadsInTheJobsOwnForm(Service):
    """A read is answered in the serialization of the job's contentType, whatever it asks for."""

    def read(self, request: Request, job: Job) -> Response:
        """Ask for nothing."""
        return super().read(replace(request, headers=request.headers.without("Content-Type")), job)


@manner(_READ)
class ReadsByAccept(Service):
    """A read is answered in the serialization that its Accept header names."""

    def read(self, request: Request, job: Job) -> Response:
        """Take Accept for the Content-Type."""
        accepted = request.headers.get("Accept")
        return super().read(request.with_header("Content-Type", accepted) if accepted else request, job)


@manner("how precise a date is")
class DatesOfWholeSeconds(Service):
    """Dates have no fraction of a second."""

    def body(self, fields: Mapping[str, Any], form: Serialization) -> bytes:
        """Without the fraction."""
        return re.sub(rb"(:\d\d)\.\d{3}(Z|\+0000)", rb"\1\2", super().body(fields, form))


@manner("how precise a date is")
class DatesInMicroseconds(Service):
    """Dates have six digits of a second."""

    def body(self, fields: Mapping[str, Any], form: Serialization) -> bytes:
        """With three digits more."""
        return re.sub(rb"(:\d\d\.\d{3})(Z|\+0000)", rb"\g<1>789\2", super().body(fields, form))

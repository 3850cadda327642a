"""Conformant jobs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from jobinfo_conformance._contract.ids import JOB_PREFIX, USER_PREFIX, long_form
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.schemas import names_of
from jobinfo_conformance._contract.versions import DEFAULT, TIMES_SINCE, Version

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"
_INT, _LONG = 2**31 - 1, 2**63 - 1
_MILLISECOND = timedelta(milliseconds=1)


@st.composite
def salesforce_ids(draw: st.DrawFn, prefix: str = JOB_PREFIX) -> str:
    """Ids of 18 characters with the right checksum, beginning with a prefix of three characters."""
    alphabet = _LETTERS + _DIGITS
    length = 15 - len(prefix)
    number = draw(st.integers(0, len(alphabet) ** length - 1))
    digits = (number // len(alphabet) ** place % len(alphabet) for place in reversed(range(length)))
    return long_form(prefix + "".join(alphabet[digit] for digit in digits))


def _words(letters: str, shortest: int, longest: int) -> st.SearchStrategy[str]:
    # Lists, because st.text makes Hypothesis build its table of all of Unicode first, which takes half a second.
    return st.lists(st.sampled_from(letters), min_size=shortest, max_size=longest).map("".join)


def api_names() -> st.SearchStrategy[str]:
    """Names of objects and fields."""
    letter, rest = st.sampled_from(_LETTERS), _words(_LETTERS + _DIGITS + "_", 0, 20)
    return st.builds("{}{}{}".format, letter, rest, st.sampled_from(["", "__c"]))


def instants() -> st.SearchStrategy[datetime]:
    """Instants in UTC, in whole milliseconds."""
    first = datetime(2009, 1, 1, tzinfo=UTC)
    return st.integers(0, 10**12).map(lambda count: first + count * _MILLISECOND)


@st.composite
def jobs(draw: st.DrawFn, *, version: Version = DEFAULT, state: str | None = None) -> JobInfo:
    """Jobs that keep every requirement on a jobInfo; by default in any state."""
    operation = draw(st.sampled_from(names_of("operation")))
    created = draw(instants())
    queued, in_progress, completed, failed = draw(st.one_of(st.just((0, 0, 0, 0)), _batches()))
    total = queued + in_progress + completed + failed
    most = _LONG if total else 0
    processed = draw(st.integers(0, most))
    values: dict[str, Any] = {
        "id": draw(salesforce_ids()),
        "operation": operation,
        "object": draw(api_names()),
        "createdById": draw(salesforce_ids(USER_PREFIX)),
        "createdDate": created,
        "systemModstamp": created + draw(st.integers(0, 10**9)) * _MILLISECOND,
        "state": state or draw(st.sampled_from(names_of("state"))),
        "externalIdFieldName": draw(api_names()) if operation == "upsert" else None,
        "concurrencyMode": draw(st.sampled_from(names_of("concurrencyMode"))),
        "contentType": draw(st.sampled_from(names_of("contentType"))),
        "numberBatchesQueued": queued,
        "numberBatchesInProgress": in_progress,
        "numberBatchesCompleted": completed,
        "numberBatchesFailed": failed,
        "numberBatchesTotal": total,
        "numberRecordsProcessed": processed,
        "numberRetries": draw(st.integers(0, _INT if total else 0)),
        "apiVersion": version,
        "assignmentRuleId": draw(st.none() | salesforce_ids("01Q")),
        "fastPathEnabled": draw(st.none() | st.booleans()),
    }
    if version >= TIMES_SINCE:
        times = sorted(draw(st.lists(st.integers(0, most), min_size=3, max_size=3)))
        values["numberRecordsFailed"] = draw(st.integers(0, processed))
        values["apexProcessingTime"], values["apiActiveProcessingTime"], values["totalProcessingTime"] = times
    return JobInfo(values)


def _batches() -> st.SearchStrategy[tuple[int, int, int, int]]:
    count = st.integers(0, _INT // 4)
    return st.tuples(count, count, count, count)

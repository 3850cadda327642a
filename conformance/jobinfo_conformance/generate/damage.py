"""The answer to a close, damaged in one way at a time: in every way that follows from the schemas and the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from jobinfo_conformance._contract.charset import charset_of
from jobinfo_conformance._contract.ids import short_form
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.schemas import Body, names_of
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import TIMES_SINCE, Version
from jobinfo_conformance._contract.writer import write, write_json, write_xml
from jobinfo_conformance._evidence.secrets import MARK
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Exchange, Headers
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance.generate.mutants import mutants

#: What a mutant may break and still be a legal error document.
_LEGAL_IN_ERRORS = (None, "schema/no-doctype", "schema/default-namespace")


@dataclass(frozen=True)
class Damage:
    """A conformant exchange and one departure from it: its name, and the requirement that it breaks."""

    name: str
    requirement: str
    conformant: Exchange
    departure: Mapping[str, Any]

    @property
    def exchange(self) -> Exchange:
        """The exchange with the departure in its answer."""
        return self.conformant.answered(**self.departure)


def damages(exchange: Exchange) -> Iterator[Damage]:
    """Yield every single departure from a conformant close, accepted or refused with 4xx, except 405, whose body is free.

    Mutants that are still legal are left out. Raises ValueError if the answer can be read but does not conform.
    """
    step = Step.of(exchange)
    if step is None or step.operation is not Operation.CLOSE or step.answer.document is None:
        return
    if step.accepted:
        yield from _damaged_jobs(exchange, step)
    elif step.is_client_error and step.status != 405:
        yield from _damaged_errors(exchange, step)


def _body(body: bytes, exchange: Exchange) -> Mapping[str, Any]:
    """The departure to another body, which is in UTF-8: a media type that names another charset goes with the old one."""
    response = exchange.response
    form = Serialization.of_media_type(response.content_type)
    if form is None or charset_of(response.content_type) in (None, "utf-8"):
        return {"body": body}
    return {"body": body, "headers": Headers.of([*response.headers.without("Content-Type"), ("Content-Type", form.media_type)])}


# An accepted close


def _damaged_jobs(exchange: Exchange, step: Step) -> Iterator[Damage]:
    body = exchange.response.body or b""
    for mutant in mutants(body, Body.JOB_INFO, step.version):
        if mutant.requirement is not None:
            yield Damage(mutant.name, mutant.requirement, exchange, _body(mutant.body, exchange))
    for name, requirement, broken in _broken_jobs(step.job, step.version):
        yield Damage(name, requirement, exchange, _body(write(broken, step.answer.serialization), exchange))
    yield from _damaged_http(exchange, step)


#: The name of a departure, the requirement that it breaks, and the job with it.
_BrokenJob = tuple[str, str, JobInfo]


def _broken_jobs(job: JobInfo, version: Version) -> Iterator[_BrokenJob]:
    """The job with one rule broken at a time, if its values leave room for that."""
    yield from _misdescribed(job)
    yield from _miscounted(job)
    if "numberRecordsFailed" in job and version >= TIMES_SINCE:
        yield from _broken_since_19(job)


def _misdescribed(job: JobInfo) -> Iterator[_BrokenJob]:
    """Rules on the state, the ids and the times of the job itself."""
    for state in names_of("state"):
        if state != "Closed":
            yield f"still {state}", "state/closed", job.replace(state=state)
    other = job.id[:14] + ("a" if job.id[14] != "a" else "b")
    yield "the id of another job", "identity/id-is-the-jobs", job.replace(id=f"{other}AAA")
    wrong = "".join("A" if char != "A" else "B" for char in job.id[15:])
    yield "a wrong checksum", "identity/id-checksum", job.replace(id=short_form(job.id) + wrong)
    yield "the id of an account", "identity/id-prefix", job.replace(created_by_id=f"001{job.created_by_id[3:]}")
    earlier = job.created_date - timedelta(seconds=1)
    yield "changed before it was created", "times/modstamp-not-before-created", job.replace(system_modstamp=earlier)


def _miscounted(job: JobInfo) -> Iterator[_BrokenJob]:
    total = job.number_batches_total
    counted = job.number_batches_completed + job.number_batches_failed
    counted += job.number_batches_queued + job.number_batches_in_progress
    if counted > 0:
        yield "a total of one batch too few", "counters/sum-within-total", job.replace(number_batches_total=counted - 1)
    if total < 2**31 - 1:
        yield "a total of one batch too many", "counters/sum-equals-total", job.replace(number_batches_total=total + 1)
    if total == 0:
        yield "records without batches", "counters/zero-without-batches", job.replace(number_records_processed=1)
        yield "retries without batches", "counters/zero-without-batches", job.replace(number_retries=1)


def _broken_since_19(job: JobInfo) -> Iterator[_BrokenJob]:
    """Rules on the fields that came with 19.0."""
    if job.number_batches_total == 0:
        yield "time without batches", "times/zero-without-batches", job.replace(total_processing_time=1)
    if job.number_records_processed < 2**63 - 1:
        failed = job.number_records_processed + 1
        yield "more failed than processed", "counters/failed-within-processed", job.replace(number_records_failed=failed)
    if job.api_active_processing_time < 2**63 - 1:
        apex = job.api_active_processing_time + 1
        yield "more time in Apex than active", "times/apex-within-active", job.replace(apex_processing_time=apex)
    if job.total_processing_time < 2**63 - 1:
        active = job.total_processing_time + 1
        yield "more active time than in total", "times/active-within-total", job.replace(api_active_processing_time=active)


def _damaged_http(exchange: Exchange, step: Step) -> Iterator[Damage]:
    for status in (201, 202, 302):
        yield Damage(f"status {status}", "http/status-200", exchange, {"status": status})
    yield Damage("status 500", "errors/status-4xx", exchange, {"status": 500})
    for media_type in ("text/plain", step.answer.serialization.other.media_type, "text/xml", "application/octet-stream"):
        headers = exchange.response.headers.without("Content-Type").pairs
        named = Headers.of([*headers, ("Content-Type", media_type)])
        yield Damage(f"Content-Type {media_type}", "http/content-type", exchange, {"headers": named})
    bare = exchange.response.headers.without("Content-Type")
    yield Damage("no Content-Type", "http/content-type", exchange, {"headers": bare})
    other = step.answer.serialization.other
    named = Headers.of([("Content-Type", other.media_type)])
    if step.requested_serialization is not None:
        body = write(step.job, other)
        name = f"answered in {other}"
        yield Damage(name, "http/serialization-follows-request", exchange, {"headers": named, "body": body})


# A refused close


def _damaged_errors(exchange: Exchange, step: Step) -> Iterator[Damage]:
    body, form = exchange.response.body or b"", step.answer.serialization
    for mutant in mutants(body, Body.ERROR, step.version):
        if mutant.requirement not in _LEGAL_IN_ERRORS:
            of_code = mutant.requirement == "schema/enumerations"
            requirement = "errors/known-code" if of_code else "errors/document"
            yield Damage(mutant.name, requirement, exchange, _body(mutant.body, exchange))
    code = str(step.answer.fields["exceptionCode"])
    yield Damage("no message", "errors/message-not-empty", exchange, _body(_error(code, " ", form), exchange))
    yield Damage("the session", "errors/no-secrets", exchange, _body(_error(code, f"{MARK} is no session", form), exchange))
    yield Damage("status 500", "errors/status-4xx", exchange, {"status": 500})
    if step.requested_serialization is not None:
        yield Damage(f"refused in {form.other}", "errors/serialization", exchange, {"body": _error(code, "No", form.other)})


def _error(code: str, message: str, form: Serialization) -> bytes:
    values = {"exceptionCode": code, "exceptionMessage": message}
    return write_xml("error", values) if form is Serialization.XML else write_json(dict(values))

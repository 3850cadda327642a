"""What the contract asks of the answer to a question, which tells a change towards the contract from one away from it."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from jobinfo_conformance._comparison.questions import Instance
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._job_requests.legal_forms import FORMS, is_conformant_close

#: A requirement that an answer does not meet, and where in the answer. The name stands for a group where several say the same.
Misfit = tuple[str, str]

ORDER, ROOT, PREFIX = "schema/element-order", "schema/root", "schema/default-namespace"
WELL_FORMED, FOLLOWS_REQUEST, CONTENT_TYPE = "schema/well-formed", "http/serialization-follows-request", "http/content-type"
REQUIRED, DUPLICATES = "schema/required-fields", "schema/no-duplicates"
#: A key that the contract does not have: it breaks nobody, but its removal breaks the clients that read it.
HARMLESS = "schema/no-unknown-keys"


class Fit(IntEnum):
    """How well a status fits the contract."""

    WRONG = 0
    TOLERATED = 1
    AS_ASKED = 2


@dataclass(frozen=True)
class _Wanted:
    """The statuses that a question asks for, and those that at most a SHOULD speaks against."""

    asked: Container[int]
    tolerated: Container[int] = ()

    def fit(self, status: int) -> Fit:
        return Fit.AS_ASKED if status in self.asked else Fit.TOLERATED if status in self.tolerated else Fit.WRONG


_CLIENT_ERRORS = range(400, 500)
_CREATED, _DONE, _REFUSED = _Wanted([201]), _Wanted([200]), _Wanted([400], _CLIENT_ERRORS)
_DONE_IF_OFFERED = _Wanted([200], _CLIENT_ERRORS)
#: What the contract leaves open: only a server error is wrong.
_UNDECIDED = _Wanted((), range(100, 500))
_WANTED: Mapping[Operation, _Wanted] = {
    Operation.CREATE: _CREATED,
    Operation.ADD_BATCH: _CREATED,
    Operation.READ: _DONE,
    Operation.READ_BATCH: _DONE,
    Operation.LIST_BATCHES: _DONE,
    Operation.CLOSE: _DONE,
    Operation.ABORT: _DONE,
    Operation.CHANGE: _UNDECIDED,
    Operation.OTHER_METHOD: _Wanted([405], _CLIENT_ERRORS),
}
#: What is different once a job is closed or aborted.
_WANTED_OF_ENDED_JOB: Mapping[Operation, _Wanted] = {
    **_WANTED,
    Operation.ADD_BATCH: _REFUSED,
    Operation.CHANGE: _REFUSED,
    Operation.CLOSE: _Wanted(_CLIENT_ERRORS, [200]),
    Operation.ABORT: _UNDECIDED,
}

_ENDED = (Operation.CLOSE, Operation.ABORT)
#: The state in which an accepted request leaves its job.
_STATES: Mapping[Operation | None, str] = {Operation.CREATE: "Open", Operation.CLOSE: "Closed", Operation.ABORT: "Aborted"}


def fit_of(instance: Instance) -> Fit:
    """Return how well the status of an answer fits what was asked."""
    return _wanted(instance).fit(instance.step.status)


def _wanted(instance: Instance) -> _Wanted:
    step = instance.step
    if step.near_miss is not None:
        return _REFUSED
    if step.operation is Operation.CLOSE and not is_conformant_close(step.asked):
        return _UNDECIDED
    if instance.changed_by in _ENDED:
        return _WANTED_OF_ENDED_JOB[step.operation]
    is_optional = any(FORMS[form].optional for form in step.legal_forms)
    return _DONE_IF_OFFERED if is_optional else _WANTED[step.operation]


def misfits_of(instance: Instance) -> Iterator[Misfit]:
    """Yield what in an answer does not fit the contract, apart from its status."""
    step = instance.step
    is_error = step.refused and step.has_body
    findings = step.job_findings if step.answers_job else step.error_findings if is_error else ()
    yield from ((finding.requirement, finding.where) for finding in findings)
    if step.answers_job or is_error:
        yield from _misfits_of_form(step)
    expected = _STATES.get(instance.changed_by if step.operation is Operation.READ else step.operation)
    if step.answers_job and expected is not None and step.answer.fields.get("state") != expected:
        yield "state", "state"
    is_second_close = step.operation is Operation.CLOSE and instance.changed_by is Operation.CLOSE
    if is_second_close and step.refused and step.error_code != "InvalidJobState":
        yield "state/second-close-refused", "exceptionCode"


def _misfits_of_form(step: Step) -> Iterator[Misfit]:
    answered = step.answer.serialization
    if step.requested_serialization not in (None, answered):
        yield FOLLOWS_REQUEST, "body"
    if Serialization.of_media_type(step.exchange.response.content_type) is not answered:
        yield CONTENT_TYPE, "Content-Type header"

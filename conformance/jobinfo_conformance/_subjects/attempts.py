"""Attempts: requests to a job whose state the history tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import groupby

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._job_requests.legal_forms import FORMS, has_plain_media_type, is_conformant_close
from jobinfo_conformance._job_requests.near_misses import NAMES_NO_JOB, WRONG_CALLER
from jobinfo_conformance._subjects.kind import Shown, SubjectKind, subject_kind
from jobinfo_conformance._subjects.neighbours import (
    in_state,
    is_alone,
    is_of_gateway,
    may_change_state,
    may_have_been_ended,
    refused_regardless,
    seen_after,
    seen_around,
    seen_before,
    several_requests,
    state_after,
    state_before,
)
from jobinfo_conformance._subjects.slips import known_fault
from jobinfo_conformance._subjects.subject import Asked, Attempt, Between


@subject_kind("a documented close of an open job")
def documented_close(history: History) -> Iterator[Attempt]:
    """Closes in the documented form that were accepted, or refused although the job was open.

    Also those whose Content-Type names the charset, unless they were refused: then that may be why.
    """
    for step in history.closes:
        forms = _forms(history, step)
        documented = has_plain_media_type(step.asked) and forms <= {"charset-parameter"} and (step.accepted or not forms)
        if documented and is_conformant_close(step.asked) and _shows_acceptance(history, step):
            yield _close_of_open(history, step)


@subject_kind("a close in a legal form")
def _close_in_any_form(history: History) -> Iterator[Asked]:
    """Closes in any legal form other than the documented one."""
    return (Asked(step) for step in history.closes if _forms(history, step))


def _forms(history: History, close: Step) -> frozenset[str]:
    """The legal forms that a close is in. An id of 15 characters is none if the endpoint's own ids have no more."""
    ids = {len(str(step.job["id"])) for step in history.jobs if step.job.get("id") is not None}
    return close.legal_forms - {"short-id"} if ids == {15} else close.legal_forms


@cache
def close_in(form: str) -> SubjectKind[Attempt]:
    """Closes in a given legal form; a refused one counts only if it is in no other form as well."""

    @subject_kind(f"a close of an open job in the form {form}", part_of=_close_in_any_form)
    def in_form(history: History) -> Iterator[Attempt]:
        for step in history.closes:
            forms = _forms(history, step)
            if form in forms and (step.accepted or forms == {form}) and _shows_acceptance(history, step):
                yield _close_of_open(history, step)

    return in_form


@subject_kind("a close of an open job in several legal forms at once")
def combined_close(history: History) -> Iterator[Attempt]:
    """Closes in several legal forms; a refused one counts only if none of its forms is optional."""
    for step in history.closes:
        forms = _forms(history, step)
        optional = any(FORMS[form].optional for form in forms)
        if len(forms) > 1 and (step.accepted or not optional) and _shows_acceptance(history, step):
            yield _close_of_open(history, step)


@cache
def near_miss(name: str) -> SubjectKind[Attempt]:
    """Closes with a given fault, sent to an open job, or to no job at all if the fault is in the id."""
    # Not every recording keeps what was sent, so an empty body in it is no fault.
    shown = Shown.BY_WHOLE if name == "empty-body" else Shown.BY_ANY

    @subject_kind(f"a close of an open job with the fault {name}", part_of=_any_near_miss, shown=shown)
    def with_fault(history: History) -> Iterator[Attempt]:
        return (attempt for attempt in _any_near_miss.find(history) if known_fault(history, attempt.step) == name)

    return with_fault


@subject_kind("a faulty close that was refused")
def refused_near_miss(history: History) -> Iterator[Attempt]:
    """Requests with one fault that were refused with 4xx."""
    return (attempt for attempt in _any_near_miss.find(history) if attempt.step.is_client_error)


@subject_kind("a close of an open job with one fault")
def _any_near_miss(history: History) -> Iterator[Attempt]:
    """Near misses whose effect on the job is known.

    Several may be sent before the job is read again. If it is still open then, none of them closed it. If it is not, any of
    the refused ones may have closed it silently, so none of those is a subject.
    """
    for step in history.steps:
        name = known_fault(history, step)
        regardless = name not in WRONG_CALLER and refused_regardless(history, step)
        if name is None or regardless or is_of_gateway(history, step):
            continue
        of_no_job = name in NAMES_NO_JOB
        if state_before(history, step) != "Open" and not of_no_job:
            continue
        if of_no_job or not step.refused or is_alone(history, step) or state_after(history, step) == "Open":
            yield Attempt(step, seen_before(history, step), seen_after(history, step))


@subject_kind("a refused request")
def refusal(history: History) -> Iterator[Asked]:
    """Requests answered with 4xx, and those answered with 5xx although the client was at fault.

    The suite sends a live endpoint nothing that may be answered with 5xx. In a recording, a 5xx may also come from a server
    in trouble, and then says nothing about the request.
    """
    for step in history.steps:
        if not step.refused or is_of_gateway(history, step):
            continue
        if step.status < 500 or history.whole or _client_is_at_fault(history, step):
            yield Asked(step)


def _client_is_at_fault(history: History, step: Step) -> bool:
    """Whether a request is faulty, or asks for something that the job's state does not allow."""
    if step.operation is Operation.OTHER_METHOD or known_fault(history, step) is not None:
        return True
    changes = step.operation is Operation.ADD_BATCH or may_change_state(step)
    return changes and state_before(history, step) in ("Closed", "Aborted")


def _shows_acceptance(history: History, close: Step) -> bool:
    """Whether a close was accepted, or refused without excuse: the job was open, and neither close nor caller was at fault."""
    if close.accepted:
        return True
    still_open = state_before(history, close) == "Open" and not may_have_been_ended(history, close)
    excused = refused_regardless(history, close) or known_fault(history, close) is not None or _asks_for_other_answer(close)
    return still_open and not excused


def _asks_for_other_answer(close: Step) -> bool:
    """Whether a close was refused because its Accept header names another serialization than its Content-Type."""
    accepted = Serialization.of_media_type(close.exchange.request.headers.get("Accept"))
    return close.status == 406 and accepted is not close.requested_serialization


def _close_of_open(history: History, close: Step) -> Attempt:
    """A close, and the step that shows that the job was open; what came afterwards is not judged."""
    return Attempt(close, seen_before(history, close), None)


@subject_kind("a documented close of an open job without batches", part_of=documented_close, known_by=("numberBatchesTotal",))
def close_without_batches(history: History) -> Iterator[Attempt]:
    """Documented closes of an open job without batches."""
    for asked in documented_close.find(history):
        before = seen_before(history, asked.step)
        if before is None or before.job.get("state") != "Open" or before.job.get("numberBatchesTotal") != 0:
            continue
        if not any(step.operation is Operation.ADD_BATCH and step.accepted for step in history.before(asked.step)):
            yield asked


@subject_kind("a close of a job with unfinished batches", part_of=documented_close)
def close_with_unfinished(history: History) -> Iterator[Attempt]:
    """Documented closes whose answer (after a refusal, the next read) still shows unfinished batches."""
    for asked in documented_close.find(history):
        seen = asked.step if asked.step.accepted else seen_after(history, asked.step)
        if seen is not None and (seen.job.get("numberBatchesQueued") or seen.job.get("numberBatchesInProgress")):
            yield asked


@subject_kind("PUT, PATCH or DELETE on a job")
def other_method(history: History) -> Iterator[Attempt]:
    """Requests with a method that the job resource does not support."""
    for step in history.steps:
        if step.operation is Operation.OTHER_METHOD and not is_of_gateway(history, step):
            yield Attempt(step, seen_before(history, step), seen_after(history, step))


@subject_kind("a close of a closed job", part_of=several_requests)
def second_close(history: History) -> Iterator[Between]:
    """Closes of a job that was already closed."""
    return in_state("Closed", history.closes, history)


@subject_kind("a close of a closed job, and the job seen afterwards", part_of=several_requests)
def second_close_and_after(history: History) -> Iterator[Between]:
    """Closes of a closed job after which the job was seen again."""
    return (between for between in second_close.find(history) if between.after is not None)


@subject_kind("a request to reopen a closed job, and the job seen afterwards", part_of=several_requests)
def reopening(history: History) -> Iterator[Between]:
    """Attempts to reopen a closed job; a refused one counts only if the job was seen afterwards."""
    requests = [
        step for step in history.steps if step.operation is Operation.CHANGE and step.request.fields.get("state") == "Open"
    ]
    attempts = in_state("Closed", requests, history)
    return (between for between in attempts if between.after is not None or between.step.accepted)


@subject_kind("a close of an aborted job", part_of=several_requests)
def close_of_aborted(history: History) -> Iterator[Between]:
    """Closes of a job that was already aborted."""
    return in_state("Aborted", history.closes, history)


@subject_kind("a refused close, with the job seen before and after it", part_of=several_requests)
def refused_close(history: History) -> Iterator[Between]:
    """Refused closes with the job seen before and after; the last of several in a row stands for them all."""
    asked = [step for step in history.steps if step.operation in (Operation.CLOSE, Operation.CHANGE)]
    refused = [step for step in asked if step.refused and not is_of_gateway(history, step)]
    for _, steps in groupby(refused, key=lambda step: id(seen_before(history, step))):
        *along, last = steps
        between = None if may_have_been_ended(history, last) else seen_around(history, last)
        if (
            between is not None
            and between.after is not None
            and None not in (between.before.get("state"), between.after.get("state"))
        ):
            yield replace(between, along=tuple(along))


@subject_kind("a batch added to a closed job", part_of=several_requests)
def batch_after_close(history: History) -> Iterator[Between]:
    """Batches that were sent to a closed job."""
    added = [step for step in history.steps if step.operation is Operation.ADD_BATCH]
    return in_state("Closed", added, history)


@subject_kind("a refused batch, with the job seen before and after it", part_of=several_requests)
def refused_batch(history: History) -> Iterable[Between]:
    """Batches that a closed job refused, if the job was seen again and the server can't add batches by itself."""
    attempts = batch_after_close.find(history)
    refused = (between for between in attempts if between.step.refused and between.after is not None)
    return () if history.may_be_chunked else refused

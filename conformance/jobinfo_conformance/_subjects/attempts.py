"""What was tried on a job in a state that the history tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import groupby

from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._job_requests.legal_forms import FORMS, is_conformant_close
from jobinfo_conformance._job_requests.near_misses import OF_NO_JOB, OF_THE_CALLER
from jobinfo_conformance._subjects.neighbours import (
    in_state,
    is_alone,
    may_change_state,
    moved_on,
    refused_regardless,
    seen_after,
    seen_around,
    seen_before,
    several_requests,
    state_after,
    state_before,
)
from jobinfo_conformance._subjects.subject import Asked, Attempt, Between, SubjectKind, subject_kind


@subject_kind("a documented close of an open job")
def documented_close(history: History) -> Iterator[Asked]:
    """Closes in the documented form that were accepted, or refused although the job was open."""
    for step in history.closes:
        # The documentation shows bare media types and ones with a charset.
        if is_conformant_close(step.asked) and step.legal_forms <= {"charset-parameter"} and _shows_acceptance(history, step):
            yield Asked(step)


@subject_kind("a close in a legal form")
def _close_in_any_form(history: History) -> Iterator[Asked]:
    """Closes that are in any form beside the documented one."""
    return (Asked(step) for step in history.closes if step.legal_forms)


@cache
def close_in(form: str) -> SubjectKind[Asked]:
    """Closes in a legal form; refused ones only where nothing else is special about them."""

    @subject_kind(f"a close of an open job in the form {form}", part_of=_close_in_any_form)
    def in_form(history: History) -> Iterator[Asked]:
        for step in history.closes:
            forms = step.legal_forms
            if form in forms and (step.accepted or forms == {form}) and _shows_acceptance(history, step):
                yield Asked(step)

    return in_form


@subject_kind("a close of an open job in several legal forms at once")
def combined_close(history: History) -> Iterator[Asked]:
    """Closes in more than one form; refused ones only where none of the forms is optional."""
    for step in history.closes:
        forms = step.legal_forms
        optional = any(FORMS[form].optional for form in forms)
        if len(forms) > 1 and (step.accepted or not optional) and _shows_acceptance(history, step):
            yield Asked(step)


@cache
def near_miss(name: str) -> SubjectKind[Attempt]:
    """Requests with one fault, sent to a job that was open or that can't be found by them."""

    @subject_kind(f"a close of an open job with the fault {name}", part_of=_any_near_miss)
    def with_fault(history: History) -> Iterator[Attempt]:
        return (attempt for attempt in _any_near_miss.find(history) if attempt.step.near_miss == name)

    return with_fault


@subject_kind("a faulty close that was refused")
def refused_near_miss(history: History) -> Iterator[Attempt]:
    """Requests with one fault that were refused with 4xx."""
    return (attempt for attempt in _any_near_miss.find(history) if attempt.step.is_client_error)


@subject_kind("a close of an open job with one fault")
def _any_near_miss(history: History) -> Iterator[Attempt]:
    """Near misses of which it is known what became of them.

    Several may be sent before the job is read again. Where it is still open then, none of them closed it; where it is not,
    any of those that were refused may have closed it in silence, so that nothing is known of each.
    """
    for step in history.steps:
        name = _fault(history, step)
        regardless = name not in OF_THE_CALLER and refused_regardless(history, step)
        if name is None or regardless:
            continue
        of_no_job = name in OF_NO_JOB
        if state_before(history, step) != "Open" and not of_no_job:
            continue
        if of_no_job or not step.refused or is_alone(history, step) or state_after(history, step) == "Open":
            yield Attempt(step, seen_before(history, step), seen_after(history, step))


def _fault(history: History, step: Step) -> str | None:
    """The one fault of a request, as far as is known: not every recording keeps what was sent."""
    name = step.near_miss
    return None if name == "empty-body" and not history.whole else name


@subject_kind("a refused request")
def refusal(history: History) -> Iterator[Asked]:
    """Every answer with 4xx, and those with 5xx that are the answer to what a client got wrong.

    A live endpoint is asked nothing that it may answer with 5xx. A recording may show a server in trouble, which is nobody's
    misunderstanding.
    """
    for step in history.steps:
        if step.refused and (step.status < 500 or history.whole or _is_at_fault(history, step)):
            yield Asked(step)


def _is_at_fault(history: History, step: Step) -> bool:
    """Whether a request has a fault of its own, or asks for what the job's state does not allow."""
    if step.operation is Operation.OTHER_METHOD or _fault(history, step) is not None:
        return True
    changes = step.operation is Operation.ADD_BATCH or may_change_state(step)
    return changes and state_before(history, step) in ("Closed", "Aborted")


def _shows_acceptance(history: History, close: Step) -> bool:
    """Whether a close was accepted, or refused although the job was open, and not for who asked."""
    open_still = state_before(history, close) == "Open" and not moved_on(history, close)
    return close.accepted or (open_still and not refused_regardless(history, close) and close.near_miss is None)


@subject_kind("a documented close of an open job without batches", part_of=several_requests)
def close_without_batches(history: History) -> Iterator[Asked]:
    """Documented closes of a job that was open and empty."""
    for asked in documented_close.find(history):
        before = seen_before(history, asked.step)
        if before is None or before.job.get("state") != "Open" or before.job.get("numberBatchesTotal") != 0:
            continue
        if not any(step.operation is Operation.ADD_BATCH and step.accepted for step in history.before(asked.step)):
            yield asked


@subject_kind("a close of a job with unfinished batches")
def close_with_unfinished(history: History) -> Iterator[Asked]:
    """Documented closes whose answer, or after a refusal the next read, still shows unfinished batches."""
    for asked in documented_close.find(history):
        seen = asked.step if asked.step.accepted else seen_after(history, asked.step)
        if seen is not None and (seen.job.get("numberBatchesQueued") or seen.job.get("numberBatchesInProgress")):
            yield asked


@subject_kind("PUT, PATCH or DELETE on a job")
def other_method(history: History) -> Iterator[Attempt]:
    """Requests with a method that the job resource does not have."""
    for step in history.steps:
        if step.operation is Operation.OTHER_METHOD:
            yield Attempt(step, seen_before(history, step), seen_after(history, step))


@subject_kind("a close of a closed job", part_of=several_requests)
def second_close(history: History) -> Iterator[Between]:
    """Closes of a job that was closed before."""
    return in_state("Closed", history.closes, history)


@subject_kind("a close of a closed job, and the job after it", part_of=several_requests)
def second_close_and_after(history: History) -> Iterator[Between]:
    """Closes of a closed job after which the job was seen again."""
    return (between for between in second_close.find(history) if between.after is not None)


@subject_kind("the state Open asked for a closed job, and the job after it", part_of=several_requests)
def reopening(history: History) -> Iterator[Between]:
    """Attempts to open a closed job again; a refused one only where the job was seen afterwards."""
    asked = [
        step for step in history.steps if step.operation is Operation.CHANGE and step.request.fields.get("state") == "Open"
    ]
    tried = in_state("Closed", asked, history)
    return (between for between in tried if between.after is not None or between.step.accepted)


@subject_kind("a close of an aborted job", part_of=several_requests)
def close_of_aborted(history: History) -> Iterator[Between]:
    """Closes of a job that was aborted before."""
    return in_state("Aborted", history.closes, history)


@subject_kind("a refused close, with the job seen before and after it", part_of=several_requests)
def refused_close(history: History) -> Iterator[Between]:
    """Refused closes between two answered jobs; of several without an answered job between them, the last for all."""
    asked = [step for step in history.steps if step.operation in (Operation.CLOSE, Operation.CHANGE) and step.refused]
    for _, steps in groupby(asked, key=lambda step: id(seen_before(history, step))):
        *along, last = steps
        between = None if moved_on(history, last) else seen_around(history, last)
        if between is not None and between.after is not None:
            yield replace(between, along=tuple(along))


@subject_kind("a batch added to a closed job", part_of=several_requests)
def batch_after_close(history: History) -> Iterator[Between]:
    """Batches that were sent after the close."""
    added = [step for step in history.steps if step.operation is Operation.ADD_BATCH]
    return in_state("Closed", added, history)


@subject_kind("a refused batch, with the job seen before and after it", part_of=several_requests)
def refused_batch(history: History) -> Iterable[Between]:
    """Batches that a closed job refused, where the job was seen again and the server adds none by itself."""
    tried = batch_after_close.find(history)
    refused = (between for between in tried if between.step.refused and between.after is not None)
    return () if history.may_be_chunked else refused

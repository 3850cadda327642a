"""Answers about one job, compared with earlier ones."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._subjects.kind import subject_kind
from jobinfo_conformance._subjects.neighbours import (
    at_rest,
    may_change_state,
    may_have_been_ended_by_others,
    refused_regardless,
    several_requests,
)
from jobinfo_conformance._subjects.subject import Asked, Later, Reread


@subject_kind("a read after the close", part_of=several_requests)
def read_after_close(history: History) -> Iterator[Later]:
    """Each read after an accepted close, with the first such close in each serialization; none after an abort.

    A refused read counts only if the suite itself sent it, and to the same URI as the close.
    """
    closes: dict[Serialization, Step] = {}
    changes: dict[Serialization, list[Step]] = {}
    for step in history.steps:
        if step.answers_job and step.operation is Operation.CLOSE:
            closes.setdefault(Asked(step).serialization, step)
        elif _may_abort(step) and not step.refused:
            closes.clear()
            changes.clear()
        elif may_have_been_ended_by_others(history, step):
            continue
        elif step.operation is Operation.READ and (step.answers_job or _counts_though_refused(history, step)):
            for form, close in closes.items():
                if close.precedes(step) and (step.answers_job or close.resource == step.resource):
                    yield Later(step, close, tuple(changes.get(form, ())))
        for form, close in closes.items() if may_change_state(step) else ():
            if step is not close:
                changes.setdefault(form, []).append(step)


def _counts_though_refused(history: History, step: Step) -> bool:
    """Whether a refused read is about the job: not if its media type is refused, which would be so for any job."""
    of_type = step.status == 415 or step.error_code == "UnsupportedContentType"
    return history.whole and step.refused and not of_type and not refused_regardless(history, step)


def _may_abort(step: Step) -> bool:
    """Whether a request asks for an abort, or can't be read and so may ask for one."""
    return step.operation is Operation.ABORT or (step.operation is Operation.CHANGE and step.request.document is None)


@subject_kind("two answers about one job", part_of=several_requests)
def consecutive_answers(history: History) -> Iterator[Later]:
    """Each returned job with the one returned before it."""
    return (Later(after, before) for before, after in pairwise(history.jobs) if before.precedes(after))


def _reads_at_rest(history: History) -> Iterator[Later]:
    for later in consecutive_answers.find(history):
        between = history.between(later.earlier, later.step)
        quiet = all(step.operation is Operation.READ for step in (*between, later.step))
        ended = may_have_been_ended_by_others(history, later.step)
        if quiet and not ended and at_rest(history, later.earlier.job) and at_rest(history, later.step.job):
            yield later


@subject_kind("two reads of a job at rest in the same serialization", part_of=several_requests)
def repeated_read(history: History) -> Iterator[Reread]:
    """Two reads answered in the same serialization, with nothing but reads between them."""
    reads = [step for step in history.steps if step.operation is Operation.READ]
    for later in _reads_at_rest(history):
        if later.earlier.operation is Operation.READ and _same_form(later.step, later.earlier):
            yield Reread(later.step, later.earlier)
    for first, last in zip(reads, reads[2:], strict=False):
        steps = (first, *history.between(first, last), last)
        quiet = all(step.operation is Operation.READ and step.answers_job for step in steps) and first.precedes(last)
        ended = may_have_been_ended_by_others(history, last)
        if quiet and not ended and _same_form(first, last) and at_rest(history, first.job) and at_rest(history, last.job):
            yield Reread(last, first, tuple(history.between(first, last)))


def _same_form(step: Step, other: Step) -> bool:
    return step.resource == other.resource and step.answer.serialization is other.answer.serialization


@subject_kind("a job at rest, read as XML and as JSON", part_of=several_requests)
def read_in_both(history: History) -> Iterator[Later]:
    """Two consecutive reads of a job at rest that were answered in different serializations."""
    places = {id(step): place for place, step in enumerate(history.jobs)}
    for later in _reads_at_rest(history):
        reads = later.earlier.operation is Operation.READ and later.step.resource == later.earlier.resource
        if reads and not _same_form(later.step, later.earlier) and _stood_still(history, places[id(later.earlier)]):
            yield later


def _stood_still(history: History, place: int) -> bool:
    """Whether the job stood still between a read, at this place, and the next: a server may still write after the close.

    It did if the reads around them, compared in the same serialization, show the same job. Without such reads, the two must
    have the same systemModstamp.
    """
    around = history.jobs[max(place - 1, 0) : place + 3]
    pairs = zip(around, around[2:], strict=False)
    alike = [pair for pair in pairs if _same_form(*pair) and {step.operation for step in pair} == {Operation.READ}]
    stamps = {step.job.get("systemModstamp") for step in history.jobs[place : place + 2]}
    return all(first.job == last.job for first, last in alike) and (bool(alike) or len(stamps) == 1)


@subject_kind("the answer to a close and a later one", part_of=several_requests)
def after_close(history: History) -> Iterator[Later]:
    """Each job returned after a close with the answer to that close, unless the server may add batches by itself."""
    later = () if history.may_be_chunked else read_after_close.find(history)
    return (answer for answer in later if answer.step.answers_job)

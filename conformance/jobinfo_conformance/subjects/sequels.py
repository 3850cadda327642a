"""Answers of one job, held against earlier ones."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from jobinfo_conformance.evidence.history import History, Operation, Step
from jobinfo_conformance.subjects.kinds import Later, shown
from jobinfo_conformance.subjects.past import at_rest, closes_in, jobs_among, may_be_chunked


@shown("a read after the close")
def read_after_close(history: History) -> Iterator[Later]:
    """Each read that follows an accepted close, with no abort before it."""
    for close in jobs_among(closes_in(history)):
        for step in history.after(close):
            if step.operation is Operation.ABORT and not step.refused:
                break
            if step.operation is Operation.READ and step.answers_job:
                yield Later(step, close)


def _consecutive(history: History) -> Iterator[Later]:
    """Each answered job with the one before it."""
    jobs = jobs_among(history.steps)
    return (Later(two, one) for one, two in pairwise(jobs) if one.precedes(two))


@shown("two answers of one job")
def consecutive_answers(history: History) -> Iterator[Later]:
    """Each answered job with the one before it."""
    return _consecutive(history)


def _reads_at_rest(history: History) -> Iterator[Later]:
    for later in _consecutive(history):
        places = [history.steps.index(later.earlier), history.steps.index(later.step)]
        quiet = all(step.operation is Operation.READ for step in history.steps[places[0] + 1 : places[1] + 1])
        if quiet and at_rest(history, later.earlier.job) and at_rest(history, later.step.job):
            yield later


@shown("two reads, in one serialization, of a job at rest")
def repeated_read(history: History) -> Iterator[Later]:
    """Two reads with no request but reads between them, answered in the same serialization."""
    reads = [step for step in history.steps if step.operation is Operation.READ]
    for later in _reads_at_rest(history):
        if later.earlier.operation is Operation.READ and _same_form(later.step, later.earlier):
            yield later
    for one, two in zip(reads, reads[2:], strict=False):
        between = history.steps[history.steps.index(one) : history.steps.index(two) + 1]
        quiet = all(step.operation is Operation.READ and step.answers_job for step in between) and one.precedes(two)
        if quiet and _same_form(one, two) and at_rest(history, one.job) and at_rest(history, two.job):
            yield Later(two, one)


def _same_form(one: Step, two: Step) -> bool:
    return one.answer.serialization is two.answer.serialization


@shown("a job at rest, read as XML and as JSON")
def read_in_both(history: History) -> Iterator[Later]:
    """Two consecutive reads of a job at rest that were answered in different serializations."""
    for later in _reads_at_rest(history):
        if later.earlier.operation is Operation.READ and not _same_form(later.step, later.earlier):
            yield later


@shown("an answer after the close, and the close's own")
def after_close(history: History) -> Iterator[Later]:
    """Each later answer with the answer to the close."""
    return () if may_be_chunked(history) else read_after_close.find(history)  # type: ignore[return-value]

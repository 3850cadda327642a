"""What single exchanges show."""

from __future__ import annotations

from collections.abc import Iterator

from jobinfo_conformance.evidence.history import History, Operation
from jobinfo_conformance.subjects.kinds import Answer, Asked, CloseAnswer, Refusal, shown
from jobinfo_conformance.subjects.past import answer_of, closes_in, jobs_among


@shown("an answered jobInfo")
def job_info(history: History) -> Iterator[Answer]:
    """Every jobInfo that was answered: on create, read, close and abort."""
    return (answer_of(history, step) for step in history.jobs)


@shown("an answered jobInfo and its headers")
def headed_job_info(history: History) -> Iterator[Answer]:
    """Every answered jobInfo, less those of which a recording kept no headers."""
    return (answer_of(history, step) for step in history.jobs if history.whole or step.exchange.response.headers.pairs)


@shown("an answered jobInfo of a job that is not aborted")
def job_not_aborted(history: History) -> Iterator[Answer]:
    """Every answered jobInfo in another state than Aborted, in which batches are dropped that no counter names."""
    return (answer for answer in job_info.find(history) if answer.job.get("state") != "Aborted")


@shown("an answered jobInfo without batches")
def empty_job(history: History) -> Iterator[Answer]:
    """Every answered jobInfo whose numberBatchesTotal is 0."""
    return (answer for answer in job_info.find(history) if answer.job.get("numberBatchesTotal") == 0)


@shown("an accepted close")
def accepted_close(history: History) -> Iterator[Asked]:
    """Closes that were not refused; a redirect is one."""
    return (Asked(step) for step in closes_in(history) if not step.refused)


@shown("the answer to a close")
def close_answer(history: History) -> Iterator[CloseAnswer]:
    """The jobInfo that an accepted close answers."""
    return (CloseAnswer(step, step.answer, step.job_version) for step in jobs_among(closes_in(history)))


@shown("a close whose Content-Type is application/xml or application/json")
def typed_close(history: History) -> Iterator[Asked]:
    """Accepted closes that name their serialization and were answered with a body."""
    closes = (step for step in jobs_among(closes_in(history)) if step.exchange.response.body)
    return (Asked(step) for step in closes if step.requested_serialization is not None)


@shown("an exchange")
def any_exchange(history: History) -> Iterator[Asked]:
    """All that was asked."""
    return (Asked(step) for step in history.steps)


@shown("a request refused with 4xx")
def error_document(history: History) -> Iterator[Refusal]:
    """Refusals with 4xx, less 405, whose body is not known."""
    refused = (step for step in history.steps if step.is_client_error and step.status != 405 and step.has_body)
    return (Refusal(step, step.answer, step.version) for step in refused)


@shown("a refused request whose Content-Type is application/xml or application/json")
def typed_refusal(history: History) -> Iterator[Asked]:
    """Refusals with a readable body, of requests that name their serialization and are not batches."""
    steps = (one.step for one in error_document.find(history) if one.step and one.step.answer.document)
    return (Asked(one) for one in steps if one.requested_serialization and one.operation is not Operation.ADD_BATCH)

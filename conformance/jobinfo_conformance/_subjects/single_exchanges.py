"""What single exchanges show."""

from __future__ import annotations

from collections.abc import Iterator

from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._subjects.kind import subject_kind
from jobinfo_conformance._subjects.neighbours import answer_of, is_of_gateway, jobs_among, until_aborted
from jobinfo_conformance._subjects.subject import Answer, Asked, CloseAnswer, Refusal


@subject_kind("a returned jobInfo")
def job_info(history: History) -> Iterator[Answer]:
    """Every jobInfo returned by a create, read, close or abort."""
    return (answer_of(history, step) for step in history.jobs)


@subject_kind("a returned jobInfo with its headers")
def headed_job_info(history: History) -> Iterator[Answer]:
    """Every returned jobInfo, except those whose headers a recording left out."""
    return (answer_of(history, step) for step in history.jobs if history.whole or step.exchange.response.headers.pairs)


@subject_kind("a returned jobInfo of a job that is not aborted", known_by=("state",))
def job_not_aborted(history: History) -> Iterator[Answer]:
    """Every returned jobInfo until the job is Aborted: an abort drops batches, which no counter then includes."""
    return (answer_of(history, step) for step in until_aborted(history))


@subject_kind("a returned jobInfo without batches", known_by=("numberBatchesTotal",))
def empty_job(history: History) -> Iterator[Answer]:
    """Every returned jobInfo whose numberBatchesTotal is 0."""
    return (answer for answer in job_info.find(history) if answer.job.get("numberBatchesTotal") == 0)


@subject_kind("an accepted close")
def accepted_close(history: History) -> Iterator[Asked]:
    """Closes that were not refused, including those answered with a redirect."""
    return (Asked(step) for step in history.closes if not step.refused)


@subject_kind("the answer to a close")
def close_answer(history: History) -> Iterator[CloseAnswer]:
    """The jobInfo that an accepted close returns."""
    return (CloseAnswer(step, step.answer, step.job_version) for step in jobs_among(history.closes))


@subject_kind("a close whose Content-Type is application/xml or application/json")
def typed_close(history: History) -> Iterator[Asked]:
    """Accepted closes that name their serialization and were answered with a body."""
    closes = (step for step in jobs_among(history.closes) if step.exchange.response.body)
    return (Asked(step) for step in closes if step.requested_serialization is not None)


@subject_kind("an exchange")
def any_exchange(history: History) -> Iterator[Asked]:
    """Every exchange."""
    return (Asked(step) for step in history.steps)


@subject_kind("a request refused with 4xx")
def error_document(history: History) -> Iterator[Refusal]:
    """Refusals with 4xx that have a body to judge, except 405: what its body holds is not known. None is a gateway's."""
    refused = (step for step in history.steps if step.is_client_error and step.status != 405 and step.has_body)
    return (Refusal(step, step.answer, step.version) for step in refused if not is_of_gateway(history, step))


@subject_kind("a refused request whose Content-Type is application/xml or application/json")
def typed_refusal(history: History) -> Iterator[Asked]:
    """Refusals with a readable body, of requests that name their serialization and are not batches."""
    steps = (refusal.step for refusal in error_document.find(history) if refusal.step and refusal.step.answer.document)
    return (Asked(step) for step in steps if step.requested_serialization and step.operation is not Operation.ADD_BATCH)

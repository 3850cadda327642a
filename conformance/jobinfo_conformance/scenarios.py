"""Scenarios: what is asked of an endpoint to obtain evidence, and the plain requests that they are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from jobinfo_conformance.checks import subjects
from jobinfo_conformance.checks.subjects import Shown
from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.contract.writers import write_request
from jobinfo_conformance.evidence.exchange import Exchange, Headers, Request
from jobinfo_conformance.evidence.history import Step


class Endpoint(Protocol):
    """What a scenario asks: a target with the job resource in one version."""

    job_object: str

    @property
    def resource(self) -> str:
        """The URL of the job resource."""

    def send(self, request: Request) -> Exchange:
        """Send a request."""


Play = Callable[[Endpoint, Serialization, Sequence[Serialization]], Iterator[Exchange]]


@dataclass(frozen=True)
class Scenario:
    """A few requests about one job.

    ``run`` yields the exchanges one by one; ``requests`` and ``jobs`` are what it costs at most, and ``shows`` names
    the kinds of subject that a conforming endpoint shows in it.
    """

    name: str
    run: Play
    requests: int
    jobs: int
    shows: frozenset[str]


def _empty_job(endpoint: Endpoint, serialization: Serialization, offered: Sequence[Serialization]) -> Iterator[Exchange]:
    """Create a job, close it as documented, and read it in its own serialization, in the other, and again."""
    created = endpoint.send(create(endpoint, serialization))
    yield created
    step = Step.of(created)
    if step is None or not step.accepted or step.job_id is None:
        return
    yield endpoint.send(close(endpoint, step.job_id, serialization))
    for form in (serialization, serialization.other, serialization):
        if form in offered:
            yield endpoint.send(read(endpoint, step.job_id, form))


def _names(*kinds: Shown[Any]) -> frozenset[str]:
    return frozenset(kind.name for kind in kinds)


EMPTY_JOB = Scenario(
    "close an empty job",
    _empty_job,
    requests=5,
    jobs=1,
    shows=_names(
        subjects.accepted_close,
        subjects.after_close,
        subjects.any_exchange,
        subjects.close_answer,
        subjects.close_without_batches,
        subjects.consecutive_answers,
        subjects.created_job,
        subjects.documented_close,
        subjects.empty_job,
        subjects.job_info,
        subjects.job_of_known_version,
        subjects.named_job,
        subjects.own_job,
        subjects.own_job_not_aborted,
        subjects.read_after_close,
        subjects.repeated_read,
        subjects.typed_close,
    ),
)


def create(endpoint: Endpoint, serialization: Serialization) -> Request:
    """A request that creates a query job, which writes nothing whatever becomes of it."""
    content_type = serialization.value.upper()
    settings = {"operation": "query", "object": endpoint.job_object, "contentType": content_type}
    return _post(endpoint.resource, settings, serialization)


def close(endpoint: Endpoint, job_id: str, serialization: Serialization) -> Request:
    """The documented close."""
    return _post(f"{endpoint.resource}/{job_id}", {"state": "Closed"}, serialization)


def abort(endpoint: Endpoint, job_id: str) -> Request:
    """A request that aborts a job."""
    return _post(f"{endpoint.resource}/{job_id}", {"state": "Aborted"}, Serialization.XML)


def read(endpoint: Endpoint, job_id: str, serialization: Serialization) -> Request:
    """A request that reads a job.

    The vendor answers in the serialization of the request's own Content-Type, others in that of Accept: both are sent.
    """
    named = [("Content-Type", serialization.media_type), ("Accept", serialization.media_type)]
    return Request("GET", f"{endpoint.resource}/{job_id}", Headers.of(named))


def _post(url: str, values: dict[str, str], serialization: Serialization) -> Request:
    headers = Headers.of([("Content-Type", serialization.media_type), ("Accept", serialization.media_type)])
    return Request("POST", url, headers, write_request(values, serialization))

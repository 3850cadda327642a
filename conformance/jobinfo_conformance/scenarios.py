"""Scenarios: what is asked of an endpoint to obtain evidence, and the plain requests that they are made of."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from jobinfo_conformance import subjects
from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.contract.writers import write_request
from jobinfo_conformance.evidence.exchange import Exchange, Headers, Request
from jobinfo_conformance.evidence.history import Step
from jobinfo_conformance.forms import FORMS, Form
from jobinfo_conformance.near_misses import NEAR_MISSES
from jobinfo_conformance.subjects import Shown


class Endpoint(Protocol):
    """What a scenario asks: a target with the job resource in one version.

    ``wait`` is how long accepted batches may take to finish, in seconds; ``queries`` says whether there are query jobs.
    """

    job_object: str
    wait: float
    queries: bool

    @property
    def resource(self) -> str:
        """The URL of the job resource."""

    def send(self, request: Request) -> Exchange:
        """Send a request."""


#: A scenario's requests: those on an endpoint, in a serialization, reading in all that are offered.
Play = Callable[[Endpoint, Serialization, Sequence[Serialization]], Iterator[Exchange]]
#: The same, once the job was created.
PlayOnJob = Callable[[Endpoint, Serialization, Sequence[Serialization], str], Iterator[Exchange]]


@dataclass(frozen=True)
class Scenario:
    """A few requests about one job.

    ``run`` yields the exchanges one by one; ``requests`` is what it costs at most, and ``shows`` names the kinds of
    subject that a conforming endpoint shows in it. One that ``needs_queries`` adds batches, which are SOQL: they write
    nothing. ``only`` are the serializations that have it.
    """

    name: str
    run: Play
    requests: int
    shows: frozenset[str]
    needs_queries: bool = False
    only: tuple[Serialization, ...] = tuple(Serialization)


#: All scenarios, in the order in which they are run.
SCENARIOS: list[Scenario] = []


def scenario(
    name: str,
    *,
    requests: int,
    shows: Iterable[Shown[Any]],
    needs_queries: bool = False,
    only: tuple[Serialization, ...] = tuple(Serialization),
) -> Callable[[PlayOnJob], PlayOnJob]:
    """Make a function a scenario; it is handed the id of a job that was just created, if that could be."""

    def register(play: PlayOnJob) -> PlayOnJob:
        def run(endpoint: Endpoint, form: Serialization, offered: Sequence[Serialization]) -> Iterator[Exchange]:
            created = endpoint.send(create(endpoint, form))
            yield created
            step = Step.of(created)
            if step is not None and step.accepted and step.job_id is not None:
                yield from play(endpoint, form, offered, step.job_id)

        names = frozenset(kind.name for kind in shows)
        SCENARIOS.append(Scenario(name, run, requests, names, needs_queries, only))
        return play

    return register


def chosen(endpoint: Endpoint) -> list[Scenario]:
    """The scenarios that an endpoint can be asked."""
    return [one for one in SCENARIOS if endpoint.queries or not one.needs_queries]


@scenario(
    "close an empty job, read it, close it again and ask for it to be opened",
    requests=9,
    shows=[
        subjects.accepted_close,
        subjects.after_close,
        subjects.any_exchange,
        subjects.close_answer,
        subjects.close_without_batches,
        subjects.consecutive_answers,
        subjects.created_job,
        subjects.documented_close,
        subjects.empty_job,
        subjects.error_document,
        subjects.job_info,
        subjects.job_of_known_version,
        subjects.named_job,
        subjects.own_job,
        subjects.own_job_not_aborted,
        subjects.read_after_close,
        subjects.read_in_both,
        subjects.refusal,
        subjects.refused_close,
        subjects.reopening,
        subjects.repeated_read,
        subjects.second_close,
        subjects.second_close_and_after,
        subjects.typed_close,
        subjects.typed_refusal,
    ],
)
def _closed_job(endpoint: Endpoint, form: Serialization, offered: Sequence[Serialization], job_id: str) -> Iterator[Exchange]:
    yield endpoint.send(close(endpoint, job_id, form))
    for one in (form, form.other, form):
        if one in offered:
            yield endpoint.send(read(endpoint, job_id, one))
    yield endpoint.send(close(endpoint, job_id, form))
    yield endpoint.send(read(endpoint, job_id, form))
    yield endpoint.send(change(endpoint, job_id, "Open", form))
    yield endpoint.send(read(endpoint, job_id, form))


@scenario(
    "close a query job with a batch on its way, add another, and wait for the first",
    requests=15,
    needs_queries=True,
    shows=[
        subjects.batch_after_close,
        subjects.own_job_finished,
        subjects.refused_batch,
        subjects.waited_for_batch,
    ],
)
def _job_in_progress(
    endpoint: Endpoint, form: Serialization, _offered: Sequence[Serialization], job_id: str
) -> Iterator[Exchange]:
    added = endpoint.send(add_batch(endpoint, job_id, form))
    yield added
    yield endpoint.send(close(endpoint, job_id, form))
    yield endpoint.send(add_batch(endpoint, job_id, form))
    yield endpoint.send(read(endpoint, job_id, form))
    batch = Step.of(added)
    if batch is None or not batch.accepted:
        return
    for pause in _pauses(endpoint.wait):
        time.sleep(pause)
        seen = endpoint.send(read_batch(endpoint, job_id, str(batch.answer.fields.get("id")), form))
        yield seen
        step = Step.of(seen)
        if step is None or not step.accepted or step.answer.fields.get("state") not in ("Queued", "InProgress"):
            break
    yield endpoint.send(read(endpoint, job_id, form))


@scenario(
    "ask an open job for PUT, PATCH and DELETE",
    requests=6,
    shows=[subjects.other_method],
)
def _other_methods(
    endpoint: Endpoint, form: Serialization, _offered: Sequence[Serialization], job_id: str
) -> Iterator[Exchange]:
    wanted = close(endpoint, job_id, form)
    for method in ("PUT", "PATCH"):
        yield endpoint.send(replace(wanted, method=method))
    yield endpoint.send(replace(read(endpoint, job_id, form), method="DELETE"))
    yield endpoint.send(read(endpoint, job_id, form))
    yield endpoint.send(wanted)


@scenario("close a job that was aborted", requests=4, shows=[subjects.close_of_aborted])
def _aborted_job(endpoint: Endpoint, form: Serialization, _offered: Sequence[Serialization], job_id: str) -> Iterator[Exchange]:
    yield endpoint.send(abort(endpoint, job_id, form))
    yield endpoint.send(close(endpoint, job_id, form))
    yield endpoint.send(read(endpoint, job_id, form))


def _close_in(form: Form) -> PlayOnJob:
    def play(
        endpoint: Endpoint, serialization: Serialization, _offered: Sequence[Serialization], job_id: str
    ) -> Iterator[Exchange]:
        closed = endpoint.send(form.put(close(endpoint, job_id, serialization)))
        yield closed
        if closed.response.status >= 400:
            yield endpoint.send(read(endpoint, job_id, serialization))

    return play


for _form in FORMS.values():
    scenario(
        f"close a job in the form {_form.name}",
        requests=3,
        shows=[subjects.close_in(_form.name)],
        only=_form.serializations,
    )(_close_in(_form))


def _faulty_closes(endpoint: Endpoint, form: Serialization, _offered: Sequence[Serialization]) -> Iterator[Exchange]:
    """Send each near miss to an open job and read it; where that is not open any more, go on with another."""
    job_id = None
    for miss in NEAR_MISSES.values():
        if form not in miss.serializations:
            continue
        if job_id is None:
            created = endpoint.send(create(endpoint, form))
            yield created
            step = Step.of(created)
            job_id = step.job_id if step is not None and step.accepted else None
            if job_id is None:
                return
        yield endpoint.send(miss.put(close(endpoint, job_id, form)))
        seen = endpoint.send(read(endpoint, job_id, form))
        yield seen
        step = Step.of(seen)
        if step is None or step.job.get("state") != "Open":
            job_id = None
    if job_id is not None:
        yield endpoint.send(close(endpoint, job_id, form))


SCENARIOS += [
    Scenario(
        f"send faulty closes in {_form} to an open job",
        _faulty_closes,
        requests=3 * len(_names) + 1,
        shows=frozenset(subjects.near_miss(name).name for name in _names) | {subjects.refused_near_miss.name},
        only=(_form,),
    )
    for _form in Serialization
    for _names in [[miss.name for miss in NEAR_MISSES.values() if _form in miss.serializations]]
]


def _pauses(wait: float) -> Iterator[float]:
    """The seconds between looks at a batch: longer and longer, ``wait`` in all."""
    pause, left = 0.0, wait
    for _ in range(_MOST_LOOKS - 1):
        yield pause
        left -= pause
        pause = min(max(2 * pause, _FIRST_PAUSE), left)
        if left <= 0:
            return
    yield left


#: How often a batch is looked at, at most, and the first pause between two looks in seconds.
_MOST_LOOKS, _FIRST_PAUSE = 9, 0.1


def create(endpoint: Endpoint, serialization: Serialization) -> Request:
    """A request that creates a query job, which writes nothing whatever becomes of it.

    Where there are none it creates an insert, which stays empty.
    """
    content_type = serialization.value.upper()
    settings = {
        "operation": "query" if endpoint.queries else "insert",
        "object": endpoint.job_object,
        "contentType": content_type,
    }
    return _post(endpoint.resource, settings, serialization)


def change(endpoint: Endpoint, job_id: str, state: str, serialization: Serialization) -> Request:
    """A request for a state."""
    return _post(f"{endpoint.resource}/{job_id}", {"state": state}, serialization)


def close(endpoint: Endpoint, job_id: str, serialization: Serialization) -> Request:
    """The documented close."""
    return change(endpoint, job_id, "Closed", serialization)


def abort(endpoint: Endpoint, job_id: str, serialization: Serialization = Serialization.XML) -> Request:
    """A request that aborts a job."""
    return change(endpoint, job_id, "Aborted", serialization)


def add_batch(endpoint: Endpoint, job_id: str, serialization: Serialization) -> Request:
    """A batch of a query job: SOQL."""
    headers = Headers.of([("Content-Type", serialization.media_type)])
    soql = f"SELECT Id FROM {endpoint.job_object} LIMIT 1".encode()  # noqa: S608  # the user's own object
    return Request("POST", f"{endpoint.resource}/{job_id}/batch", headers, soql)


def read_batch(endpoint: Endpoint, job_id: str, batch_id: str, serialization: Serialization) -> Request:
    """A request that reads a batch."""
    return _get(f"{endpoint.resource}/{job_id}/batch/{batch_id}", serialization)


def read(endpoint: Endpoint, job_id: str, serialization: Serialization) -> Request:
    """A request that reads a job.

    The vendor answers in the serialization of the request's own Content-Type, others in that of Accept: both are sent.
    """
    return _get(f"{endpoint.resource}/{job_id}", serialization)


def _get(url: str, serialization: Serialization) -> Request:
    headers = Headers.of([("Content-Type", serialization.media_type), ("Accept", serialization.media_type)])
    return Request("GET", url, headers)


def _post(url: str, values: dict[str, str], serialization: Serialization) -> Request:
    headers = Headers.of([("Content-Type", serialization.media_type), ("Accept", serialization.media_type)])
    return Request("POST", url, headers, write_request(values, serialization))

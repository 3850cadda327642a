"""Trails: all steps of the evidence, each with the job that it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from jobinfo_conformance._contract.ids import is_id
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.writer import write_json, write_request
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Exchange, Headers, Request, Response
from jobinfo_conformance._job_requests.job_request import READS, Operation
from jobinfo_conformance._job_requests.near_misses import UNKNOWN_ID
from jobinfo_conformance._job_requests.resource import Resource
from jobinfo_conformance._reproduction.ids import Ids, MadeId

#: Settings of a job that a create may name, in their order.
_SETTINGS = ("operation", "object", "externalIdFieldName", "concurrencyMode", "contentType")
#: Settings of a job of which nothing is known: it stays empty.
_PLAIN = {"operation": "insert", "object": "Account", "contentType": "CSV"}


class Trail:
    """Steps in their order. A job is named by the place of the step that created it."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = steps
        self.ids = Ids(steps)

    @classmethod
    def of(cls, exchanges: Iterable[Exchange]) -> Trail:
        """Understand exchanges; other traffic is left out."""
        return cls([step for step in map(Step.of, exchanges) if step is not None])

    def with_case(self, exchanges: Sequence[Exchange]) -> Trail:
        """Return this trail with those of some exchanges that it lacks, and with creates of their jobs if it lacks these."""
        lacking = [exchange for exchange in dict.fromkeys(exchanges) if exchange not in self._places]
        whole = Trail([*self.steps, *Trail.of(lacking).steps]) if lacking else self
        creates = list(whole.creates_for(exchanges))
        return Trail([*creates, *whole.steps]) if creates else whole

    def places_of(self, exchanges: Iterable[Exchange]) -> set[int]:
        """The places of exchanges; those that are equal have a place each, as far as there are so many."""
        left = {exchange: iter(places) for exchange, places in self._places.items()}
        found = [next(left[exchange], None) for exchange in exchanges if exchange in left]
        return {place for place in found if place is not None}

    @cached_property
    def _places(self) -> dict[Exchange, list[int]]:
        found: dict[Exchange, list[int]] = {}
        for place, step in enumerate(self.steps):
            found.setdefault(step.exchange, []).append(place)
        return found

    @cached_property
    def jobs(self) -> Sequence[int | None]:
        """The job of each step; None if it was not created here."""
        return [self.ids.job_of(place) for place in range(len(self.steps))]

    @cached_property
    def of_job(self) -> dict[int, list[int]]:
        """The places of the steps of each job, in order."""
        found: dict[int, list[int]] = {}
        for place, job in enumerate(self.jobs):
            if job is not None:
                found.setdefault(job, []).append(place)
        return found

    def changes(self, place: int) -> bool:
        """Whether a step changed its job, or tried to add a batch to it."""
        step = self.steps[place]
        return step.operation not in READS and (step.accepted or step.operation is Operation.ADD_BATCH)

    def ends_reads_of_batch(self, place: int) -> bool:
        """Whether a step is the last read of a batch."""
        return self._last_reads.get(self.steps[place].resource) == place

    @cached_property
    def _last_reads(self) -> dict[Resource, int]:
        reads = ((place, step) for place, step in enumerate(self.steps) if step.operation is Operation.READ_BATCH)
        return {step.resource: place for place, step in reads}

    def named_by(self, place: int) -> Iterator[MadeId]:
        """The ids that a request names and that earlier answers made."""
        request = self.steps[place].exchange.request
        for text in (request.url, request.body.decode("latin-1").replace("\0", "")):
            yield from (piece for piece in self.ids.pieces(text, place) if isinstance(piece, MadeId))

    def creates_for(self, exchanges: Iterable[Exchange]) -> Iterator[Step]:
        """Creates of the jobs that exchanges are about and that no step created."""
        places = sorted(self.places_of(exchanges))
        lacking = {self.steps[place].resource.job_id: place for place in reversed(places) if self.jobs[place] is None}
        for job_id, place in lacking.items():
            if job_id is not None and is_id(job_id) and job_id != UNKNOWN_ID:
                yield self._create_for(job_id, self.steps[place])

    def _create_for(self, job_id: str, step: Step) -> Step:
        """A create of a job as its answers show it, in the version and serialization of a step."""
        form = step.requested_serialization or Serialization.XML
        headers = Headers.of([("Content-Type", form.media_type), ("Accept", form.media_type)])
        url = f"{step.resource.origin}/services/async/{step.resource.version}/job"
        request = Request("POST", url, headers, write_request(self._settings(job_id), form))
        answer = Response(201, Headers.of([("Content-Type", "application/json")]), write_json({"id": job_id}))
        create = Step.of(Exchange(request, answer))
        assert create is not None  # the URL is that of the job resource
        return create

    def _settings(self, job_id: str) -> dict[str, str]:
        shown = (step.job for step in self.steps if step.resource.job_id == job_id and step.job.get("operation"))
        job = next(shown, None)
        found = {name: job.get(name) for name in _SETTINGS} if job is not None else {}
        return {name: str(value) for name in _SETTINGS if (value := found.get(name) or _PLAIN.get(name)) is not None}

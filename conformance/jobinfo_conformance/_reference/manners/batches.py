"""Manners of batches: how long they take, how they end, and how they are shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from jobinfo_conformance._contract.document import JsonValue
from jobinfo_conformance._contract.ids import short_form
from jobinfo_conformance._contract.reader import read
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._exchange import Headers, Request, Response
from jobinfo_conformance._reference.jobs import Batch, Job
from jobinfo_conformance._reference.manners.manner import after, manner
from jobinfo_conformance._reference.service import Service

_TAKES, _STATES, _OUTCOME = "how long a batch takes", "the states of a batch", "how a batch ends"
_FORM = "the serialization in which a batch is shown"


@after(Service.new_batch, _TAKES, hides=["state/closes-with-unfinished-batches"])
def instant_batches(batch: Batch) -> Batch:
    """A batch is done before the request that adds it is answered."""
    return replace(batch, takes=timedelta(0))


@after(Service.new_batch, _TAKES)
def slow_batches(batch: Batch) -> Batch:
    """A batch takes five times as long."""
    return replace(batch, takes=5 * batch.takes)


@manner(_TAKES)
class BatchesOneAfterTheOther(Service):
    """A batch begins when those before it are done."""

    def new_batch(self, job: Job, batch_id: str, records: int) -> Batch:
        """Add what the earlier ones still need."""
        batch = super().new_batch(job, batch_id, records)
        ends = max([batch.accepted, *(other.accepted + other.takes for other in job.batches)])
        return replace(batch, takes=batch.takes + (ends - batch.accepted))


class _NeverQueued(Batch):
    def state(self, now: datetime) -> str:
        """InProgress at once."""
        return super().state(now).replace("Queued", "InProgress")


class _NeverInProgress(Batch):
    def state(self, now: datetime) -> str:
        """Queued to the end."""
        return super().state(now).replace("InProgress", "Queued")


class _QueuedAgain(Batch):
    def state(self, now: datetime) -> str:
        """Queued once more in the last quarter."""
        state = super().state(now)
        return "Queued" if state == "InProgress" and now - self.accepted >= 0.75 * self.takes else state


@after(Service.new_batch, _STATES)
def batches_are_never_queued(batch: Batch) -> Batch:
    """A batch is InProgress as soon as it is accepted."""
    return _NeverQueued(**vars(batch))


@after(Service.new_batch, _STATES)
def batches_are_never_in_progress(batch: Batch) -> Batch:
    """A batch is Queued until it is finished."""
    return _NeverInProgress(**vars(batch))


@after(Service.new_batch, _STATES)
def batches_are_queued_again(batch: Batch) -> Batch:
    """A batch goes back from InProgress to Queued before it is finished."""
    return _QueuedAgain(**vars(batch))


@after(Service.new_batch, _OUTCOME)
def failed_batches(batch: Batch) -> Batch:
    """Every batch fails, with all of its records."""
    return replace(batch, outcome="Failed")


@after(Service.new_batch, _OUTCOME)
def failed_batches_without_records(batch: Batch) -> Batch:
    """Every batch fails before it processes a record."""
    return replace(batch, outcome="Failed", records=0)


@manner(_OUTCOME)
class EverySecondBatchFails(Service):
    """Every second batch of a job fails."""

    def new_batch(self, job: Job, batch_id: str, records: int) -> Batch:
        """By its place in the job."""
        batch = super().new_batch(job, batch_id, records)
        return replace(batch, outcome="Failed") if len(job.batches) % 2 else batch


@after(Service.new_batch, "how many records a query finds")
def queries_that_find_nothing(batch: Batch) -> Batch:
    """Queries find nothing: a batch completes with no records."""
    return replace(batch, records=0)


@after(Service.new_batch)
def large_record_counters(batch: Batch) -> Batch:
    """A batch counts three billion records for each that was sent, more than 32 bits hold."""
    return replace(batch, records=3_000_000_000 * batch.records)


@after(Service.batch_fields)
def short_ids_in_batches(info: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """A batch has ids of 15 characters, both its own and its job's."""
    return {**info, "id": short_form(str(info["id"])), "jobId": short_form(str(info["jobId"]))}


@after(Service.batch_fields)
def batches_with_a_message(info: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """A batch has a stateMessage."""
    place = list(info).index("state") + 1
    items = list(info.items())
    return dict([*items[:place], ("stateMessage", "Waiting for a free processor"), *items[place:]])


@after(Service.add_batch)
def batches_with_a_location(added: Response) -> Response:
    """The answer to a new batch has a Location."""
    fields = read(added.body or b"", added.content_type).fields
    path = f"/services/async/36.0/job/{fields['jobId']}/batch/{fields['id']}"
    return replace(added, headers=Headers.of([*added.headers, ("Location", path)]))


@manner(_FORM)
class BatchesInXml(Service):
    """Batches are shown in XML, even those of JSON jobs."""

    def show_batches(self, job: Job, batches: list[Batch], *, listed: bool = False) -> Response:
        """As those of a job in XML."""
        return super().show_batches(replace(job, settings={**job.settings, "contentType": "XML"}), batches, listed=listed)


@manner(_FORM)
class BatchesInTheFormOfTheRead(Service):
    """A batch is read in the serialization that the read's Content-Type names."""

    def route(self, request: Request) -> Response:
        """Note the serialization."""
        self.asked = Serialization.of_media_type(request.content_type)
        return super().route(request)

    def own_form(self, job: Job) -> Serialization:
        """The one that was noted."""
        return self.asked or super().own_form(job)

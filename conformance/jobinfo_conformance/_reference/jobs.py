"""Jobs and their batches: what they are, and how they change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from jobinfo_conformance._contract.document import JsonValue
from jobinfo_conformance._contract.field_types import INSTANT
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.versions import TIMES_SINCE, Version

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Batch:
    """A batch of a job, with a number of records: accepted at an instant, and finished ``takes`` later unless it is dropped.

    It is Queued for the first half of that time and InProgress for the second; ``outcome`` is Completed or Failed. ``sent`` is
    the body that it was sent as.
    """

    id: str
    job_id: str
    accepted: datetime
    takes: timedelta
    records: int
    dropped: bool = False
    outcome: str = "Completed"
    sent: bytes = b""

    def state(self, now: datetime) -> str:
        """Queued, InProgress, then its outcome; NotProcessed if the job was aborted first."""
        if self.dropped:
            return "NotProcessed"
        waited = now - self.accepted
        if waited >= self.takes:
            return self.outcome
        return "InProgress" if waited >= self.takes / 2 else "Queued"

    def processed(self, now: datetime) -> int:
        """How many records were processed: none until the batch is finished, then all."""
        return self.records if self.state(now) == self.outcome else 0

    def failed(self, now: datetime) -> int:
        """How many of the records that were processed failed: all of them in a batch that fails."""
        return self.processed(now) if self.outcome == "Failed" else 0

    def milliseconds(self, now: datetime) -> int:
        """How long the batch was processed; 0 until it is finished."""
        return int(self.takes / timedelta(milliseconds=2)) if self.state(now) == self.outcome else 0


@dataclass(frozen=True)
class Job:
    """A job: the settings that it was created with, its state, and its batches in order of arrival."""

    id: str
    settings: Mapping[str, str | None]
    created_by: str
    created: datetime
    version: Version
    state: str = "Open"
    batches: tuple[Batch, ...] = field(default=())

    def is_done(self, now: datetime) -> bool:
        """Whether no batch is queued or in progress."""
        return all(batch.state(now) not in ("Queued", "InProgress") for batch in self.batches)

    def closed(self) -> Job:
        """The job, closed: its batches go on, and no more are accepted."""
        return replace(self, state="Closed")

    def aborted(self, now: datetime) -> Job:
        """The job, aborted: unfinished batches are dropped."""
        kept = tuple(
            replace(batch, dropped=batch.state(now) in ("Queued", "InProgress") or batch.dropped) for batch in self.batches
        )
        return replace(self, state="Aborted", batches=kept)

    def with_batch(self, batch: Batch) -> Job:
        """The job with one more batch."""
        return replace(self, batches=(*self.batches, batch))

    def info(self, now: datetime) -> JobInfo:
        """The jobInfo that is returned, with the fields that the job's version has."""
        states = [batch.state(now) for batch in self.batches]
        active = sum(batch.milliseconds(now) for batch in self.batches)
        values = {
            **self.settings,
            "id": self.id,
            "createdById": self.created_by,
            "createdDate": self.created,
            "systemModstamp": self.created,
            "state": self.state,
            "numberBatchesQueued": states.count("Queued"),
            "numberBatchesInProgress": states.count("InProgress"),
            "numberBatchesCompleted": states.count("Completed"),
            "numberBatchesFailed": states.count("Failed"),
            "numberBatchesTotal": len(states),
            "numberRecordsProcessed": sum(batch.processed(now) for batch in self.batches),
            "numberRetries": 0,
            "apiVersion": self.version,
            "numberRecordsFailed": sum(batch.failed(now) for batch in self.batches),
            "totalProcessingTime": active,
            "apiActiveProcessingTime": active,
            "apexProcessingTime": 0,
            "fastPathEnabled": False,
        }
        fields = JobInfo.FIELDS
        return JobInfo({name: value for name, value in values.items() if fields[name].since <= self.version})


def batch_info(batch: Batch, now: datetime, version: Version, *, in_json: bool) -> dict[str, JsonValue]:
    """The batchInfo that is returned: its fields in the order of XML."""
    write_instant = INSTANT.to_json if in_json else INSTANT.to_xml
    values: dict[str, JsonValue] = {
        "id": batch.id,
        "jobId": batch.job_id,
        "state": batch.state(now),
        **({"stateMessage": "InvalidBatch : Records not processed"} if batch.state(now) == "Failed" else {}),
        "createdDate": write_instant(batch.accepted),
        "systemModstamp": write_instant(batch.accepted),
        "numberRecordsProcessed": batch.processed(now),
    }
    if version >= TIMES_SINCE:
        active = batch.milliseconds(now)
        values |= {"numberRecordsFailed": batch.failed(now), "totalProcessingTime": active}
        values |= {"apiActiveProcessingTime": active, "apexProcessingTime": 0}
    return values

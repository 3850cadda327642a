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
    """A batch of a job: ``records`` of them, accepted at an instant, and done ``takes`` later unless it is dropped.

    The first half of that time it is Queued, the second InProgress.
    """

    id: str
    job_id: str
    accepted: datetime
    takes: timedelta
    records: int
    dropped: bool = False

    def state(self, now: datetime) -> str:
        """Queued, InProgress, Completed; NotProcessed where the job was aborted first."""
        if self.dropped:
            return "NotProcessed"
        waited = now - self.accepted
        if waited >= self.takes:
            return "Completed"
        return "InProgress" if waited >= self.takes / 2 else "Queued"

    def processed(self, now: datetime) -> int:
        """How many records were processed; all at once, at the end."""
        return self.records if self.state(now) == "Completed" else 0

    def milliseconds(self, now: datetime) -> int:
        """How long it was processed, once it is done."""
        return int(self.takes / timedelta(milliseconds=2)) if self.state(now) == "Completed" else 0


@dataclass(frozen=True)
class Job:
    """A job: the settings that it was created with, its state, and its batches in the order of their arrival."""

    id: str
    settings: Mapping[str, str | None]
    created_by: str
    created: datetime
    version: Version
    state: str = "Open"
    batches: tuple[Batch, ...] = field(default=())

    def is_done(self, now: datetime) -> bool:
        """Whether no batch waits or is in progress."""
        return all(batch.state(now) not in ("Queued", "InProgress") for batch in self.batches)

    def closed(self) -> Job:
        """The job, closed: its batches go on, and no more are taken."""
        return replace(self, state="Closed")

    def aborted(self, now: datetime) -> Job:
        """The job, aborted: what was not done yet is dropped."""
        kept = tuple(
            replace(batch, dropped=batch.state(now) in ("Queued", "InProgress") or batch.dropped) for batch in self.batches
        )
        return replace(self, state="Aborted", batches=kept)

    def with_batch(self, batch: Batch) -> Job:
        """The job with one more batch."""
        return replace(self, batches=(*self.batches, batch))

    def info(self, now: datetime) -> JobInfo:
        """What is answered of the job, with the fields that its version has."""
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
            "numberBatchesFailed": 0,
            "numberBatchesTotal": len(states),
            "numberRecordsProcessed": sum(batch.processed(now) for batch in self.batches),
            "numberRetries": 0,
            "apiVersion": self.version,
            "numberRecordsFailed": 0,
            "totalProcessingTime": active,
            "apiActiveProcessingTime": active,
            "apexProcessingTime": 0,
            "fastPathEnabled": False,
        }
        since = JobInfo.FIELDS
        return JobInfo({name: value for name, value in values.items() if since[name].since <= self.version})


def batch_info(batch: Batch, now: datetime, version: Version, *, in_json: bool) -> dict[str, JsonValue]:
    """What is answered of a batch: its fields in the order of XML."""
    written = INSTANT.to_json if in_json else INSTANT.to_xml
    values: dict[str, JsonValue] = {
        "id": batch.id,
        "jobId": batch.job_id,
        "state": batch.state(now),
        "createdDate": written(batch.accepted),
        "systemModstamp": written(batch.accepted),
        "numberRecordsProcessed": batch.processed(now),
    }
    if version >= TIMES_SINCE:
        active = batch.milliseconds(now)
        values |= {"numberRecordsFailed": 0, "totalProcessingTime": active}
        values |= {"apiActiveProcessingTime": active, "apexProcessingTime": 0}
    return values

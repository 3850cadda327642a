"""Exchanges with a job, written as tests read best: what was asked, and how the job was answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._contract.writer import write, write_json, write_request, write_xml
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Exchange, Headers, Request, Response

XML, JSON = Serialization.XML, Serialization.JSON
JOB_ID = "7500K00000EVfY2QAL"
RESOURCE = "https://example.test/services/async/36.0/job"
CREATED = datetime(2018, 4, 24, 7, 46, 34, tzinfo=UTC)

#: An open insert job without batches.
EMPTY = JobInfo(
    {
        "id": JOB_ID,
        "operation": "insert",
        "object": "Account",
        "createdById": "00528000000ToIrAAK",
        "createdDate": CREATED,
        "systemModstamp": CREATED,
        "state": "Open",
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        **{name: 0 for name in JobInfo.FIELDS if name.startswith("number") or name.endswith("Time")},
        "apiVersion": Version(36),
    }
)
CLOSED = EMPTY.replace(state="Closed")
#: The same with a batch of 10 records, one of which failed.
DONE = CLOSED.replace(
    number_batches_completed=1,
    number_batches_total=1,
    number_records_processed=10,
    number_records_failed=1,
    total_processing_time=30,
    api_active_processing_time=20,
    apex_processing_time=10,
)


def exchange(  # noqa: PLR0913  # an exchange has that many parts
    method: str,
    path: str = "",
    body: bytes = b"",
    *,
    form: Serialization | None = XML,
    answer: bytes = b"",
    status: int = 200,
    answer_form: Serialization | None = None,
) -> Exchange:
    """Any exchange with the job resource."""
    asked = [("Content-Type", form.media_type)] if form else []
    answered = [("Content-Type", one.media_type) for one in (answer_form or form,) if one]
    request = Request(method, f"{RESOURCE}{path}", Headers.of(asked), body)
    return Exchange(request, Response(status, Headers.of(answered), answer))


def at(one: Exchange, seconds: float, milliseconds: float = 0) -> Exchange:
    """The exchange, sent so many seconds after the job was created."""
    return Exchange(one.request, one.response, CREATED + timedelta(seconds=seconds), milliseconds)


def create(job: JobInfo = EMPTY, form: Serialization = XML, settings: Mapping[str, str] | None = None, **more: Any) -> Exchange:
    """A create of a job and its answer."""
    asked = settings or {"operation": job.operation, "object": job.object, "contentType": job.content_type}
    return exchange("POST", "", write_request(asked, form), form=form, answer=write(job, form), **{"status": 201, **more})


def post_state(state: str, job: JobInfo | None, form: Serialization = XML, **more: Any) -> Exchange:
    """A request for a state; an error document where no job is answered."""
    answer = error(form=form) if job is None else write(job, form)
    status = 400 if job is None else 200
    body = write_request({"state": state}, form)
    return exchange("POST", f"/{JOB_ID}", body, form=form, **{"answer": answer, "status": status, **more})


def close(job: JobInfo | None = CLOSED, form: Serialization = XML, **more: Any) -> Exchange:
    """A close; refused where no job is answered."""
    return post_state("Closed", job, form, **more)


def read(job: JobInfo = CLOSED, form: Serialization = XML, **more: Any) -> Exchange:
    """A read of the job."""
    return exchange("GET", f"/{JOB_ID}", form=form, **{"answer": write(job, form), **more})


def add_batch(status: int = 201, batch_id: str = "7510K00000EVfY2QAL") -> Exchange:
    """A batch added to the job."""
    answer = batch_info(batch_id, "Queued") if status < 300 else error()
    return exchange("POST", f"/{JOB_ID}/batch", b"Name\nx\n", form=None, answer=answer, status=status)


def read_batch(
    state: str = "Completed", processed: int = 10, failed: int = 1, batch_id: str = "7510K00000EVfY2QAL"
) -> Exchange:
    """A read of a batch of the job."""
    return exchange("GET", f"/{JOB_ID}/batch/{batch_id}", answer=batch_info(batch_id, state, processed, failed))


def list_batches(*batch_ids: str) -> Exchange:
    """A list of the batches of the job."""
    listed = b"".join(batch_info(batch_id, "Completed").partition(b"?>")[2] for batch_id in batch_ids)
    return exchange("GET", f"/{JOB_ID}/batch", answer=b"<batchInfoList>" + listed + b"</batchInfoList>")


def of_job(job_id: str, one: Exchange) -> Exchange:
    """The exchange, with another job."""
    request = replace(one.request, url=one.request.url.replace(JOB_ID, job_id))
    body = (one.response.body or b"").replace(JOB_ID.encode(), job_id.encode())
    return replace(one, request=request).answered(body=body)


def step(request: Request) -> Step:
    """A request as a step."""
    found = Step.of(Exchange(request, Response(200)))
    assert found is not None
    return found


def batch_info(batch_id: str, state: str, processed: int = 0, failed: int = 0) -> bytes:
    """A batchInfo in XML."""
    numbers = {"numberRecordsProcessed": str(processed), "numberRecordsFailed": str(failed)}
    return write_xml("batchInfo", {"id": batch_id, "jobId": JOB_ID, "state": state, **numbers})


def error(code: str = "InvalidJobState", message: str = "No", form: Serialization = XML) -> bytes:
    """An error document."""
    values = {"exceptionCode": code, "exceptionMessage": message}
    return write_xml("error", values) if form is XML else write_json(dict(values))

"""Plain requests to send: in the documented form, with a bare media type and no coding."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from jobinfo_conformance._contract.ids import short_form
from jobinfo_conformance._contract.jobinfo import NAMESPACE
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.writer import write_request
from jobinfo_conformance._exchange import Headers, Request

#: The contentTypes of the jobs that are created here.
CONTENT_TYPES = ("CSV", "XML", "JSON")
#: The media types of batches, by the contentType of their job; those of a .zip file hold attachments as well.
BATCH_TYPES: Mapping[str, str] = {
    "CSV": "text/csv",
    "XML": "application/xml",
    "JSON": "application/json",
    "ZIP_CSV": "zip/csv",
    "ZIP_XML": "zip/xml",
    "ZIP_JSON": "zip/json",
}
_NAMES = ("jobinfo-conformance 1", "jobinfo-conformance 2")


class Place(Protocol):
    """Where requests go, and which jobs can be created there.

    ``content_type`` is the contentType of the jobs, CSV, XML or JSON; None if it is to be that of the create itself.
    """

    job_object: str
    queries: bool
    content_type: str | None

    @property
    def resource(self) -> str:
        """The URL of the job resource."""


def create(place: Place, form: Serialization) -> Request:
    """A request that creates a query job, which writes nothing whatever becomes of it.

    If the place has no query jobs, it creates an insert job, which stays empty.
    """
    return create_for("query" if place.queries else "insert", place, form)


def create_for(operation: str, place: Place, form: Serialization) -> Request:
    """A request that creates a job for an operation."""
    return create_with({"operation": operation, "contentType": content_type(place, form)}, place, form)


def create_with(settings: Mapping[str, str], place: Place, form: Serialization) -> Request:
    """A request that creates a job with these settings; the first is the operation, after which the object comes."""
    operation, *others = settings.items()
    return _post(place.resource, dict([operation, ("object", place.job_object), *others]), form)


def content_type(place: Place, form: Serialization) -> str:
    """The contentType of a job that is created in a serialization."""
    return place.content_type or form.value.upper()


def change(place: Place, job_id: str, state: str, form: Serialization) -> Request:
    """A request that puts a job into a state."""
    return _post(f"{place.resource}/{job_id}", {"state": state}, form)


def close(place: Place, job_id: str, form: Serialization) -> Request:
    """The documented close."""
    return change(place, job_id, "Closed", form)


def abort(place: Place, job_id: str, form: Serialization) -> Request:
    """A request that aborts a job."""
    return change(place, job_id, "Aborted", form)


def add_query(place: Place, job_id: str, content: str) -> Request:
    """A request that adds a batch to a query job with this contentType: SOQL, for one record at most."""
    soql = f"SELECT Id FROM {place.job_object} LIMIT 1".encode()  # noqa: S608  # the user's own object
    return _batch(place, job_id, content, soql)


def add_records(place: Place, job_id: str, content: str) -> Request:
    """A request that adds a batch to an insert job with this contentType: two records."""
    if content == "JSON":
        return _batch(place, job_id, content, json.dumps([{"Name": name} for name in _NAMES]).encode())
    if content == "CSV":
        return _batch(place, job_id, content, "\n".join(["Name", *_NAMES, ""]).encode())
    records = "".join(f"<sObject><Name>{name}</Name></sObject>" for name in _NAMES)
    return _batch(place, job_id, content, f'<sObjects xmlns="{NAMESPACE}">{records}</sObjects>'.encode())


def read_batch(place: Place, job_id: str, batch_id: str, form: Serialization) -> Request:
    """A request that reads a batch."""
    return _get(f"{place.resource}/{job_id}/batch/{batch_id}", form)


def list_batches(place: Place, job_id: str, form: Serialization) -> Request:
    """A request that lists the batches of a job."""
    return _get(f"{place.resource}/{job_id}/batch", form)


def read(place: Place, job_id: str, form: Serialization) -> Request:
    """A request that reads a job.

    The vendor answers in the serialization of the request's own Content-Type, others in that of Accept, so both are sent.
    """
    return _get(f"{place.resource}/{job_id}", form)


def for_other_job(job_id: str, other_id: str, request: Request) -> Request:
    """The same request for another job: its id, in 15 or 18 characters, is replaced in the URL and in the body."""

    def moved(text: str) -> str:
        return text.replace(job_id, other_id).replace(short_form(job_id), short_form(other_id))

    return replace(request, url=moved(request.url), body=moved(request.body.decode("latin-1")).encode("latin-1"))


def _batch(place: Place, job_id: str, content: str, body: bytes) -> Request:
    headers = Headers.of([("Content-Type", BATCH_TYPES[content])])
    return Request("POST", f"{place.resource}/{job_id}/batch", headers, body)


def _get(url: str, form: Serialization) -> Request:
    headers = Headers.of([("Content-Type", form.media_type), ("Accept", form.media_type)])
    return Request("GET", url, headers)


def _post(url: str, values: dict[str, str], form: Serialization) -> Request:
    headers = Headers.of([("Content-Type", form.media_type), ("Accept", form.media_type)])
    return Request("POST", url, headers, write_request(values, form))

"""Plain requests to send: in the documented form, with a bare media type and no coding."""

from __future__ import annotations

import json
from typing import Protocol

from jobinfo_conformance._contract.jobinfo import NAMESPACE
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.writer import write_request
from jobinfo_conformance._exchange import Headers, Request


class Place(Protocol):
    """Where requests go, and which jobs can be created there."""

    job_object: str
    queries: bool

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
    settings = {"operation": operation, "object": place.job_object, "contentType": form.value.upper()}
    return _post(place.resource, settings, form)


def change(place: Place, job_id: str, state: str, form: Serialization) -> Request:
    """A request that puts a job into a state."""
    return _post(f"{place.resource}/{job_id}", {"state": state}, form)


def close(place: Place, job_id: str, form: Serialization) -> Request:
    """The documented close."""
    return change(place, job_id, "Closed", form)


def abort(place: Place, job_id: str, form: Serialization) -> Request:
    """A request that aborts a job."""
    return change(place, job_id, "Aborted", form)


def add_query(place: Place, job_id: str, form: Serialization) -> Request:
    """A request that adds a batch to a query job: SOQL, for one record at most."""
    soql = f"SELECT Id FROM {place.job_object} LIMIT 1".encode()  # noqa: S608  # the user's own object
    return _batch(place, job_id, form, soql)


def add_records(place: Place, job_id: str, form: Serialization) -> Request:
    """A request that adds a batch to an insert job: two records."""
    names = ["jobinfo-conformance 1", "jobinfo-conformance 2"]
    if form is Serialization.JSON:
        return _batch(place, job_id, form, json.dumps([{"Name": name} for name in names]).encode())
    records = "".join(f"<sObject><Name>{name}</Name></sObject>" for name in names)
    return _batch(place, job_id, form, f'<sObjects xmlns="{NAMESPACE}">{records}</sObjects>'.encode())


def read_batch(place: Place, job_id: str, batch_id: str, form: Serialization) -> Request:
    """A request that reads a batch."""
    return _get(f"{place.resource}/{job_id}/batch/{batch_id}", form)


def read(place: Place, job_id: str, form: Serialization) -> Request:
    """A request that reads a job.

    The vendor answers in the serialization of the request's own Content-Type, others in that of Accept, so both are sent.
    """
    return _get(f"{place.resource}/{job_id}", form)


def _batch(place: Place, job_id: str, form: Serialization, body: bytes) -> Request:
    headers = Headers.of([("Content-Type", form.media_type)])
    return Request("POST", f"{place.resource}/{job_id}/batch", headers, body)


def _get(url: str, form: Serialization) -> Request:
    headers = Headers.of([("Content-Type", form.media_type), ("Accept", form.media_type)])
    return Request("GET", url, headers)


def _post(url: str, values: dict[str, str], form: Serialization) -> Request:
    headers = Headers.of([("Content-Type", form.media_type), ("Accept", form.media_type)])
    return Request("POST", url, headers, write_request(values, form))

"""A small emulator of the Bulk API's job resource, which passes the suite.

``app`` is a WSGI application. ``python emulator.py 8080`` serves it with waitress on this machine.
"""

import gzip
import json
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from xml.etree import ElementTree as ET

SESSION = "an-emulator-takes-this-session"
NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"
CREATED_BY = "005000000000001AAA"

#: What a create may set, and which values it may have; any text where there is None.
SETTINGS: dict[str, set[str] | None] = {
    "operation": {"insert", "update", "upsert", "delete", "hardDelete", "query", "queryAll"},
    "object": None,
    "externalIdFieldName": None,
    "concurrencyMode": {"Parallel", "Serial"},
    "contentType": {"XML", "CSV", "JSON", "ZIP_XML", "ZIP_CSV", "ZIP_JSON"},
    "assignmentRuleId": None,
}
MEDIA_TYPES = {"XML": "application/xml", "JSON": "application/json"}

Fields = dict[str, Any]
Answer = tuple[int, str, bytes]
Application = Callable[[dict[str, Any], Callable[[str, list[tuple[str, str]]], Any]], Iterable[bytes]]


class Refused(Exception):
    """A request that is refused: a code of the documentation, and the status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.status = code, status


# ids and times


def salesforce_id(prefix: str, number: int) -> str:
    """An id of 18 characters. The last three tell which of the others are capitals; AAA says that none is."""
    return f"{prefix}{number:012}AAA"


def short(job_id: str) -> str:
    """The fifteen characters that name a job."""
    return job_id[:15]


def now() -> datetime:
    """The time, which the API knows in UTC."""
    return datetime.now(UTC)


# The two serializations


def written(root: str, fields: Fields, form: str) -> bytes:
    """A document in XML or JSON, with the fields that have a value."""
    if form == "JSON":
        return json.dumps({name: json_value(value) for name, value in fields.items()}).encode()
    element = ET.Element(root, xmlns=NAMESPACE)
    for name, value in fields.items():
        ET.SubElement(element, name).text = xml_value(value)
    return bytes(ET.tostring(element, encoding="UTF-8", xml_declaration=True))


def json_value(value: Any) -> Any:
    """A value as JSON has it."""
    return f"{value:%Y-%m-%dT%H:%M:%S}.000+0000" if isinstance(value, datetime) else value


def xml_value(value: Any) -> str:
    """A value as XML has it."""
    return f"{value:%Y-%m-%dT%H:%M:%S}.000Z" if isinstance(value, datetime) else str(value)


def read_json(body: bytes) -> Fields:
    """The members of a JSON object, none of them twice."""
    try:
        document = json.loads(body, object_pairs_hook=unique)
    except ValueError:
        raise Refused("InvalidJob", "the body is not JSON") from None
    if not isinstance(document, dict):
        raise Refused("InvalidJob", "the body is not a JSON object")
    return document


class NoDoctype(ET.TreeBuilder):
    """A builder that takes no document type declaration, with which entities would come."""

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        """Refuse it."""
        raise Refused("InvalidXML", "a document type declaration is not allowed")


def read_xml(body: bytes) -> Fields:
    """The elements of a jobInfo, none of them twice."""
    try:
        root = ET.fromstring(body, ET.XMLParser(target=NoDoctype()))  # noqa: S314 - there are no entities without a doctype
    except (ET.ParseError, ValueError, LookupError):
        raise Refused("InvalidXML", "the body is not well-formed XML") from None
    prefix = f"{{{NAMESPACE}}}"
    if root.tag != f"{prefix}jobInfo" or any(not child.tag.startswith(prefix) or len(child) for child in root):
        raise Refused("InvalidXML", f"the body is not a jobInfo in the namespace {NAMESPACE}")
    return unique([(child.tag.removeprefix(prefix), (child.text or "").strip()) for child in root])


def unique(pairs: list[tuple[str, Any]]) -> Fields:
    """The fields of a document in which each stands once."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise Refused("InvalidJob", "a field stands twice")
    return fields


# Jobs


class Job:
    """A job, and its batches: each is done at once."""

    def __init__(self, number: int, version: str, settings: Fields) -> None:
        self.batches: list[Fields] = []
        self.fields: Fields = {  # in the order of the XML
            "id": salesforce_id("750", number),
            "operation": settings["operation"],
            "object": settings["object"],
            "createdById": CREATED_BY,
            "createdDate": now(),
            "systemModstamp": now(),
            "state": "Open",
            "externalIdFieldName": settings.get("externalIdFieldName"),
            "concurrencyMode": settings.get("concurrencyMode", "Parallel"),
            "contentType": settings.get("contentType", "XML"),
            "numberBatchesQueued": 0,
            "numberBatchesInProgress": 0,
            "numberBatchesCompleted": 0,
            "numberBatchesFailed": 0,
            "numberBatchesTotal": 0,
            "numberRecordsProcessed": 0,
            "numberRetries": 0,
            "apiVersion": float(version),
            "assignmentRuleId": settings.get("assignmentRuleId"),
            "numberRecordsFailed": 0,
            "totalProcessingTime": 0,
            "apiActiveProcessingTime": 0,
            "apexProcessingTime": 0,
        }

    def document(self) -> Fields:
        """The fields that have a value."""
        return {name: value for name, value in self.fields.items() if value is not None}

    def change(self, asked: Fields) -> None:
        """Close or abort the job, if nothing but that is asked for."""
        job_id = asked.pop("id", None)
        if job_id and short(job_id) != short(self.fields["id"]):
            raise Refused("InvalidJob", "the id is another job's")
        state = asked.pop("state", None)
        if unknown := [name for name, value in asked.items() if name not in {*self.fields, "fastPathEnabled"} or sets(value)]:
            raise Refused("InvalidJob", f"{unknown[0]} can't be set")
        if state not in ("Closed", "Aborted"):
            raise Refused("InvalidJob", "a job can be Closed or Aborted")
        if self.fields["state"] == "Aborted" or (self.fields["state"], state) == ("Closed", "Closed"):
            raise Refused("InvalidJobState", f"the job is {self.fields['state']}")
        self.fields |= {"state": state, "systemModstamp": now()}

    def add_batch(self) -> Fields:
        """Take a batch, if the job is still open."""
        if self.fields["state"] != "Open":
            raise Refused("InvalidJobState", f"the job is {self.fields['state']}")
        batch = {
            "id": salesforce_id("751", int(self.fields["id"][3:15]) * 1000 + len(self.batches)),
            "jobId": self.fields["id"],
            "state": "Completed",
            "createdDate": now(),
            "systemModstamp": now(),
            "numberRecordsProcessed": 0,
            "numberRecordsFailed": 0,
            "totalProcessingTime": 0,
            "apiActiveProcessingTime": 0,
            "apexProcessingTime": 0,
        }
        self.batches.append(batch)
        self.fields |= {"numberBatchesTotal": len(self.batches), "numberBatchesCompleted": len(self.batches)}
        return batch


def sets(value: Any) -> bool:
    """Whether a value in a close sets something: clients send null, 0, false and empty ones for all that they leave alone."""
    return value not in (None, 0, False, "", "0", "false")


def settings_of(asked: Fields) -> Fields:
    """The settings that a create names, if it names no others."""
    settings = {name: value for name, value in asked.items() if sets(value)}
    settings.pop("state", None)
    for name, value in settings.items():
        if name not in SETTINGS:
            raise Refused("InvalidJob", f"{name} can't be set")
        if not isinstance(value, str) or value not in (SETTINGS[name] or {value}):
            raise Refused("InvalidJob", f"{name} can't be {value!r}")
    if not {"operation", "object"} <= set(settings):
        raise Refused("InvalidJob", "a job has an operation and an object")
    return settings


# The endpoint


def check_session(session: str | None) -> None:
    """Let no other session pass than the one that is known."""
    if session != SESSION:
        raise Refused("InvalidSessionId", "the session is not valid")


class Emulator:
    """What answers under ``/services/async/VERSION/job``."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The status, the form and the body of an answer."""
        media_type = headers.get("CONTENT_TYPE", "application/xml").partition(";")[0].strip().lower()
        form = {media: form for form, media in MEDIA_TYPES.items()}.get(media_type, "XML")
        try:
            check_session(headers.get("HTTP_X_SFDC_SESSION"))
            if headers.get("HTTP_CONTENT_ENCODING", "").lower() == "gzip":
                body = unzipped(body)
            return self.route(method, path, media_type, form, body)
        except Refused as refusal:
            error = {"exceptionCode": refusal.code, "exceptionMessage": str(refusal)}
            return refusal.status, form, written("error", error, form)

    def route(self, method: str, path: str, media_type: str, form: str, body: bytes) -> Answer:
        """Do what a request asks for."""
        found = re.fullmatch(r"/services/async/([^/]+)/job(?:/([^/]+)(/batch(?:/([^/]+))?)?)?", path)
        if found is None:
            raise Refused("InvalidUrl", "there is no such resource", 404)
        version, job_id, batches, batch_id = found.groups()
        if not re.fullmatch(r"[1-9]\d\.0", version) or version < "17.0":
            raise Refused("InvalidVersion", f"there is no version {version}")
        if method not in ("GET", "POST") or (method, job_id) == ("GET", None) or (method == "POST" and batch_id):
            raise Refused("InvalidOperation", f"{method} is not allowed here", 405)
        if batches:
            return self.batch(self.job(job_id), method, batch_id, form)
        if method == "GET":
            return 200, form, written("jobInfo", self.job(job_id).document(), form)
        if media_type not in MEDIA_TYPES.values():
            raise Refused("UnsupportedContentType", f"{media_type} is not a type of a jobInfo")
        asked = read_json(body) if form == "JSON" else read_xml(body)
        job = self.create(version, asked) if job_id is None else self.change(job_id, asked)
        return 201 if job_id is None else 200, form, written("jobInfo", job.document(), form)

    def job(self, job_id: str) -> Job:
        """The job with an id of 15 or 18 characters."""
        if len(job_id) not in (15, 18) or short(job_id) not in self.jobs:
            raise Refused("InvalidJob", "there is no such job")
        return self.jobs[short(job_id)]

    def create(self, version: str, asked: Fields) -> Job:
        """Open a job."""
        job = Job(len(self.jobs) + 1, version, settings_of(asked))
        self.jobs[short(job.fields["id"])] = job
        return job

    def change(self, job_id: str, asked: Fields) -> Job:
        """Close or abort a job."""
        job = self.job(job_id)
        job.change(asked)
        return job

    def batch(self, job: Job, method: str, batch_id: str | None, form: str) -> Answer:
        """Add a batch to a job, or show one."""
        if method == "POST":
            return 201, form, written("batchInfo", job.add_batch(), form)
        for batch in job.batches:
            if batch_id and short(batch["id"]) == short(batch_id):
                return 200, form, written("batchInfo", batch, form)
        raise Refused("InvalidBatch", "there is no such batch")


def unzipped(body: bytes) -> bytes:
    """A body that was compressed with gzip."""
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error):
        raise Refused("InvalidJob", "the body is not gzip") from None


def served(emulator: Emulator) -> Application:
    """An emulator as a WSGI application."""

    def app(environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        status, form, answer = emulator.answer(environ["REQUEST_METHOD"], environ["PATH_INFO"], environ, body)
        start_response(f"{status} {HTTPStatus(status).phrase}", [("Content-Type", MEDIA_TYPES[form])])
        return [answer]

    return app


app = served(Emulator())


if __name__ == "__main__":
    import waitress

    waitress.serve(app, host="127.0.0.1", port=int(sys.argv[1]))

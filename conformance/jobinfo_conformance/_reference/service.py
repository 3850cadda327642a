"""The job resource: a request in, a response out, and the jobs in between."""

from __future__ import annotations

import csv
import re
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

from jobinfo_conformance._contract.document import JsonDocument, JsonValue, XmlDocument, local_name
from jobinfo_conformance._contract.ids import JOB_PREFIX, USER_PREFIX, is_id, long_form, same_id
from jobinfo_conformance._contract.jobinfo import DEFAULT_SETTINGS, SETTINGS, JobInfo
from jobinfo_conformance._contract.reader import read
from jobinfo_conformance._contract.schema_findings import schema_findings
from jobinfo_conformance._contract.schemas import Body
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.session import SESSION_HEADER
from jobinfo_conformance._contract.unset_fields import without_unset
from jobinfo_conformance._contract.versions import JSON_SINCE, Version
from jobinfo_conformance._contract.writer import json_values, write_json, write_xml, xml_values
from jobinfo_conformance._escaping import in_line
from jobinfo_conformance._exchange import Headers, Request, Response
from jobinfo_conformance._finding import Finding
from jobinfo_conformance._job_requests.plain import BATCH_TYPES, CONTENT_TYPES
from jobinfo_conformance._reference.batch_results import BatchResults, part_of_batch
from jobinfo_conformance._reference.jobs import Batch, Clock, Job, batch_info
from jobinfo_conformance._reference.organization import answer_elsewhere
from jobinfo_conformance._url_parts import parts_of

#: The last version of two digits. The contract names no latest version, so all that may come for years are served; one of
#: three digits is a typo.
LATEST = Version(99)
#: The session of a service that is given none.
ANY_SESSION = "00D000000000001!reference"

_PATH = re.compile(
    r"/services/async/(?P<version>[^/]+)/job(?:/(?P<job>[^/]+)(?P<batches>/batch"
    r"(?:/(?P<batch>[^/]+)(?P<part>/(?:request|result(?:/(?P<result>[^/]+))?))?)?)?)?"
)
#: Findings that a request may have and still be understood.
_TOLERATED = frozenset({"schema/default-namespace", "schema/no-unknown-attributes", "schema/canonical-numbers"})
#: The media type of a batch in a format that nothing is known of.
_ANY_BYTES = "application/octet-stream"
#: The prefix of batch ids.
BATCH_PREFIX = "751"


class Refused(Exception):
    """A request is not carried out: the code and message of the error document, and the status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def utc_now() -> datetime:
    return datetime.now(UTC)


class Service:
    """The job resource of one organization, without a transport.

    ``session`` is the one that requests must carry; ``batch_seconds`` is how long a batch takes from Queued to
    Completed. Subclasses override a step to depart from the contract.
    """

    def __init__(self, *, session: str = ANY_SESSION, batch_seconds: float = 0, clock: Clock = utc_now) -> None:
        self.session = session
        self.batch_time = timedelta(seconds=batch_seconds)
        self.clock = clock
        self.jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    # A request, step by step

    def answer(self, request: Request) -> Response:
        """Answer any request; requests that come at the same time are answered one after the other.

        What else an organization answers, such as a login, is told by the path alone. A path that nothing has is refused
        whatever the session.
        """
        try:
            elsewhere = answer_elsewhere(request, self.session)
            if elsewhere is not None:
                return elsewhere
            _place(request)
            self.authenticate(request)
            with self._lock:
                return self.route(request)
        except Refused as refused:
            return self.refusal(request, refused)

    def authenticate(self, request: Request) -> None:
        """Refuse a request that does not carry the session."""
        if request.headers.get(SESSION_HEADER) != self.session:
            raise Refused("InvalidSessionId", "Invalid session id")

    def route(self, request: Request) -> Response:
        """Hand a request to the operation that its method and path name."""
        path = _place(request)
        version = self.version(path["version"])
        if path["job"] is None:
            self.allow(request, "POST")
            return self.create(request, version)
        job = self.find(unquote(path["job"]))
        if path["batches"] is None:
            self.allow(request, "GET", "POST")
            return self.read(request, job) if request.method == "GET" else self.change(request, job)
        if path["batch"] is not None:
            self.allow(request, "GET")
            batch = self.find_batch(job, unquote(path["batch"]))
            return self.show_batches(job, [batch]) if path["part"] is None else self.read_part(job, batch, path)
        self.allow(request, "GET", "POST")
        return self.list_batches(job) if request.method == "GET" else self.add_batch(request, job)

    def version(self, text: str) -> Version:
        """The version that a path names."""
        try:
            version = Version.parse(text)
        except ValueError as error:
            raise Refused("InvalidVersion", str(error)) from error
        if version > LATEST:
            raise Refused("InvalidVersion", f"{text} is not known: there is none after {LATEST}")
        return version

    def allow(self, request: Request, *methods: str) -> None:
        """Refuse a request whose method is none of these."""
        if request.method not in methods:
            raise Refused("InvalidOperation", f"{request.method} is not supported here", 405)

    def find(self, job_id: str) -> Job:
        """The job with an id of 15 or 18 characters."""
        found = next((job for job in self.jobs.values() if is_id(job_id) and same_id(job.id, job_id)), None)
        if found is None:
            raise Refused("InvalidJob", f"Unable to find job with id {job_id}")
        return found

    # Operations on jobs

    def create(self, request: Request, version: Version) -> Response:
        """Create a job with the settings in the request."""
        fields = self.understand(request, Body.CREATE_REQUEST, version)
        settings = {**DEFAULT_SETTINGS, **{name: fields[name] for name in SETTINGS if name in fields}}
        if (settings["operation"] == "upsert") != ("externalIdFieldName" in settings):
            raise Refused("InvalidJob", "externalIdFieldName belongs with upsert, and with no other operation")
        job_id = self.new_id(JOB_PREFIX, len(self.jobs) + 1)
        job = Job(job_id, settings, self.new_id(USER_PREFIX, 1), self.now(), version)
        self.jobs[job_id] = job
        answer = self.show(job, self.serialization(request))
        return replace(
            answer, status=201, headers=Headers.of([*answer.headers, ("Location", f"{self.path(version)}/{job_id}")])
        )

    def read(self, request: Request, job: Job) -> Response:
        """Return a job in the serialization that the request's own Content-Type names."""
        return self.show(job, self.serialization(request, otherwise=self.own_form(job)))

    def change(self, request: Request, job: Job) -> Response:
        """Close or abort a job, as the state in the request says."""
        aborts = read(request.body, request.content_type).fields.get("state") == "Aborted"
        fields = self.understand(request, Body.ABORT_REQUEST if aborts else Body.CLOSE_REQUEST, job.version)
        if "id" in fields and not same_id(fields["id"], job.id):
            raise Refused("InvalidJob", f"The id {fields['id']} is not that of job {job.id}")
        changed = self.abort(job) if aborts else self.close(job)
        self.jobs[job.id] = changed
        return self.show(changed, self.serialization(request))

    def close(self, job: Job) -> Job:
        """Close an open job."""
        if job.state != "Open":
            raise Refused("InvalidJobState", f"Job {job.id} is {job.state}")
        return job.closed()

    def abort(self, job: Job) -> Job:
        """Abort a job that is not done."""
        if job.state == "Aborted" or (job.state == "Closed" and job.is_done(self.now())):
            raise Refused("InvalidJobState", f"Job {job.id} is {job.state}")
        return job.aborted(self.now())

    # Operations on batches

    def add_batch(self, request: Request, job: Job) -> Response:
        """Add a batch to an open job."""
        if job.state != "Open":
            raise Refused("InvalidJobState", f"Job {job.id} is {job.state}: no batch can be added")
        records = self.records(request, job)
        number = sum(len(known.batches) for known in self.jobs.values()) + 1
        batch = replace(self.new_batch(job, self.new_id(BATCH_PREFIX, number), records), sent=request.body)
        self.jobs[job.id] = job.with_batch(batch)
        return replace(self.show_batches(job, [batch]), status=201)

    def new_batch(self, job: Job, batch_id: str, records: int) -> Batch:
        """A batch with this many records, accepted now."""
        return Batch(batch_id, job.id, self.now(), self.batch_time, records)

    def records(self, request: Request, job: Job) -> int:
        """How many records a batch holds; the SOQL of a query always finds one, and what is not read counts as one."""
        media_type = (request.content_type or "").partition(";")[0].strip().lower()
        content = str(job.settings["contentType"])
        expected = BATCH_TYPES.get(content, media_type)
        if media_type != expected:
            raise Refused("InvalidBatch", f"A batch of this job must be {expected}")
        if not request.body.strip():
            raise Refused("InvalidBatch", "The batch is empty")
        if str(job.settings["operation"]).startswith("query") or content not in CONTENT_TYPES:
            return 1
        if content == "CSV":
            rows = csv.reader(request.body.decode("utf-8", "replace").splitlines())
            return max(sum(1 for row in rows if row) - 1, 0)
        document = read(request.body, request.content_type).document
        if isinstance(document, XmlDocument):
            return sum(local_name(child.tag) == "sObject" for child in document.root)
        if isinstance(document, JsonDocument) and isinstance(document.value, list):
            return len(document.value)
        raise Refused("InvalidBatch", "The batch can't be read")

    def find_batch(self, job: Job, batch_id: str) -> Batch:
        """The batch of a job with an id of 15 or 18 characters."""
        found = next((batch for batch in job.batches if is_id(batch_id) and same_id(batch.id, batch_id)), None)
        if found is None:
            raise Refused("InvalidBatch", f"Unable to find batch with id {batch_id}")
        return found

    def read_part(self, job: Job, batch: Batch, path: re.Match[str]) -> Response:
        """Return what was sent as a batch, or what came of it."""
        if path["part"] == "/request":
            return part_of_batch(BATCH_TYPES.get(str(job.settings["contentType"]), _ANY_BYTES), batch.sent)
        if batch.state(self.now()) != batch.outcome:
            raise Refused("InvalidBatch", f"Batch {batch.id} is not finished")
        results = BatchResults(job, batch)
        if path["result"] is None:
            return results.listed
        if not results.has(unquote(path["result"])):
            raise Refused("InvalidBatch", f"Unable to find result with id {path['result']}")
        return results.records

    def list_batches(self, job: Job) -> Response:
        """Return all batches of a job."""
        return self.show_batches(job, list(job.batches), listed=True)

    # Reading and writing

    def understand(self, request: Request, body: Body, version: Version) -> dict[str, str]:
        """The fields that a request sets. Raises Refused unless the request is exactly what it should be."""
        form = Serialization.of_media_type(request.content_type)
        if form is None or (form is Serialization.JSON and version < JSON_SINCE):
            raise Refused("UnsupportedContentType", f"Unsupported content type: {request.content_type}")
        reading = without_unset(read(request.body, request.content_type))
        malformed = "InvalidXml" if form is Serialization.XML else "ClientInputError"
        if reading.serialization is not form:
            raise Refused(malformed, f"The body is not {form}")
        for finding in schema_findings(reading, body, version):
            if not self.tolerates(finding):
                unreadable = finding.requirement in ("schema/well-formed", "schema/root")
                message = f"{finding.where}: expected {finding.expected}, got {finding.got}"
                raise Refused(malformed if unreadable else "InvalidJob", message)
        # A number or a boolean, which a create may hold for concurrencyMode, sets nothing.
        return {name: value for name, value in reading.fields.items() if isinstance(value, str)}

    def tolerates(self, finding: Finding) -> bool:
        """Whether a request may have this finding and still be understood."""
        return finding.requirement in _TOLERATED

    def serialization(self, request: Request, otherwise: Serialization = Serialization.XML) -> Serialization:
        """The serialization of the answer: the request's own."""
        return Serialization.of_media_type(request.content_type) or otherwise

    def own_form(self, job: Job) -> Serialization:
        """The serialization of answers for which no request decides: JSON for JSON jobs, else XML."""
        return Serialization.JSON if job.settings["contentType"] == "JSON" else Serialization.XML

    def show(self, job: Job, form: Serialization) -> Response:
        """The response that shows a job."""
        return self.respond(200, self.body(self.fields(self.info(job), form), form), form)

    def info(self, job: Job) -> JobInfo:
        """The jobInfo of a job."""
        return job.info(self.now())

    def fields(self, info: JobInfo, form: Serialization) -> Mapping[str, JsonValue]:
        """The names and values of a jobInfo as they are written, in order."""
        return xml_values(info) if form is Serialization.XML else json_values(info)

    def body(self, fields: Mapping[str, JsonValue], form: Serialization) -> bytes:
        """A jobInfo as it is written."""
        return _written("jobInfo", fields, form)

    def show_batches(self, job: Job, batches: list[Batch], *, listed: bool = False) -> Response:
        """The response that shows a batch, or with ``listed`` a list of batches."""
        form, now = self.own_form(job), self.now()
        in_json = form is Serialization.JSON
        infos = [self.batch_fields(batch_info(batch, now, job.version, in_json=in_json)) for batch in batches]
        if not listed:
            body = _written("batchInfo", infos[0], form)
        elif in_json:
            body = write_json({"batchInfo": list(infos)})
        else:
            body = _xml_list([_written("batchInfo", info, form) for info in infos])
        return self.respond(200, body, form)

    def batch_fields(self, info: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """The names and values of a batchInfo as they are written, in order."""
        return info

    def refusal(self, request: Request, refused: Refused) -> Response:
        """The response that refuses a request, with an error document."""
        form = self.serialization(request)
        values = {"exceptionCode": refused.code, "exceptionMessage": in_line(str(refused))}  # XML can't hold all that a URI can
        return self.respond(refused.status, _written("error", values, form), form)

    def respond(self, status: int, document: bytes, form: Serialization) -> Response:
        """The response that carries a document."""
        laid_out = self.xml_layout(document) if form is Serialization.XML else self.json_layout(document)
        return Response(status, Headers.of([("Content-Type", self.media_type(form))]), laid_out)

    def xml_layout(self, document: bytes) -> bytes:
        """A document in XML as it is laid out: the documented one."""
        return document

    def json_layout(self, document: bytes) -> bytes:
        """A document in JSON as it is laid out: the documented one."""
        return document

    def media_type(self, form: Serialization) -> str:
        """The Content-Type of a document."""
        return form.media_type

    def new_id(self, prefix: str, number: int) -> str:
        """The id with a prefix and a number."""
        return long_form(f"{prefix}{number:012}")

    def path(self, version: Version) -> str:
        """The path of the job resource in a version."""
        return f"/services/async/{version}/job"

    def now(self) -> datetime:
        """The time in whole milliseconds, as answers give it."""
        now = self.clock()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)


def _place(request: Request) -> re.Match[str]:
    """The parts of a request's path. Raises Refused for a path that the job resource does not have."""
    path = _PATH.fullmatch(parts_of(request.url).path.removesuffix("/"))
    if path is None:
        raise Refused("InvalidUrl", "Destination URL not known", 404)
    return path


def _written(root: str, values: Mapping[str, JsonValue], form: Serialization) -> bytes:
    if form is Serialization.JSON:
        return write_json(values)
    return write_xml(root, {name: str(value) for name, value in values.items()})


def _xml_list(written: list[bytes]) -> bytes:
    prolog, _, _ = write_xml("batchInfoList", {}).partition(b"</")
    return prolog + b"".join(batch.partition(b"\n")[2] for batch in written) + b"</batchInfoList>\n"

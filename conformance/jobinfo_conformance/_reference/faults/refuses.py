"""Faults in what is refused: faulty closes that close the job all the same."""

from __future__ import annotations

import re
from dataclasses import replace

from jobinfo_conformance._contract.ids import same_id
from jobinfo_conformance._contract.jobinfo import NAMESPACE, JobInfo
from jobinfo_conformance._contract.reader import read
from jobinfo_conformance._contract.schemas import Body
from jobinfo_conformance._contract.session import SESSION_HEADER
from jobinfo_conformance._contract.versions import DEFAULT, Version
from jobinfo_conformance._exchange import Headers, Request, Response
from jobinfo_conformance._finding import Finding
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._reference.faults.accepts import documented
from jobinfo_conformance._reference.faults.fault import JSON, XML, after, before, fault
from jobinfo_conformance._reference.jobs import Job
from jobinfo_conformance._reference.service import Refused, Service

_CHANGES = (Operation.CLOSE, Operation.CHANGE)
_UNKNOWN_NAMES = frozenset({"schema/no-unknown-elements", "schema/no-unknown-keys"})


# States


@fault(breaks="refuses/unknown-state", on=_CHANGES)
class AnyStateCloses(Service):
    """Whatever state is asked for, the job is closed."""

    def tolerates(self, finding: Finding) -> bool:
        """Tolerate any state."""
        return finding.requirement == "schema/enumerations" or super().tolerates(finding)


@fault(breaks="refuses/unknown-state", on=_CHANGES)
class UnknownStatesAreIgnored(Service):
    """A request for a state that does not exist is answered with 200 and the job as it is."""

    def change(self, request: Request, job: Job) -> Response:
        """Show the job if its new state is unknown."""
        try:
            return super().change(request, job)
        except Refused:
            if read(request.body, request.content_type).fields.get("state") in (None, "Open", "closed"):
                raise
            return self.show(job, self.serialization(request))


@before(Service.understand, breaks="refuses/lower-case-state", on=_CHANGES)
def letter_case_of_states_is_ignored(request: Request) -> Request:
    """The letter case of the state is ignored."""
    return replace(request, body=request.body.replace(b"closed", b"Closed"))


@fault(breaks="refuses/missing-state", on=_CHANGES)
class MissingStateMeansClosed(Service):
    """A close without a state closes the job."""

    def tolerates(self, finding: Finding) -> bool:
        """Tolerate missing fields."""
        return finding.requirement == "schema/required-fields" or super().tolerates(finding)


@before(Service.understand, breaks="refuses/empty-body", on=_CHANGES)
def empty_body_closes(request: Request) -> Request:
    """A POST without a body closes the job."""
    return request if request.body.strip() else documented(request)


# Bodies


@before(Service.understand, breaks="refuses/malformed", on=_CHANGES)
def malformed_bodies_are_mended(request: Request) -> Request:
    """A body that is cut short is completed: the parser recovers."""
    reading = read(request.body, request.content_type)
    mended = request.body + (b"</jobInfo>" if reading.serialization is XML else b"}")
    return replace(request, body=mended) if request.body.strip() and reading.document is None else request


@before(Service.understand, breaks="refuses/malformed", on=_CHANGES)
def state_is_searched_for(request: Request) -> Request:
    """Any body with the word Closed in it closes the job."""
    return documented(request) if b"Closed" in request.body else request


@before(Service.understand, breaks="refuses/wrong-namespace", on=_CHANGES, only=XML)
def namespace_is_ignored(request: Request) -> Request:
    """A close in any namespace closes the job: only local names are compared."""
    return replace(request, body=re.sub(rb'xmlns="[^"]*"', f'xmlns="{NAMESPACE}"'.encode(), request.body))


@before(Service.understand, breaks="refuses/wrong-root", on=_CHANGES, only=XML)
def root_is_ignored(request: Request) -> Request:
    """A close with any root closes the job: only its children are looked at."""
    in_namespace = NAMESPACE.encode() + b'"' in request.body
    return documented(request) if in_namespace and b"Closed</state>\n</" in request.body else request


@fault(breaks="refuses/duplicate-state", on=_CHANGES, only=XML)
class FirstOfTwoStatesCounts(Service):
    """Of two states in XML, the first counts."""

    def tolerates(self, finding: Finding) -> bool:
        """Tolerate duplicate fields."""
        return finding.requirement == "schema/no-duplicates" or super().tolerates(finding)


@fault(breaks="refuses/duplicate-key", on=_CHANGES, only=JSON)
class LastOfTwoKeysCounts(Service):
    """Of two equal keys in JSON, one counts, as in most parsers."""

    def tolerates(self, finding: Finding) -> bool:
        """Tolerate duplicate fields."""
        return finding.requirement == "schema/no-duplicates" or super().tolerates(finding)


@before(Service.understand, breaks="refuses/json-array", on=_CHANGES, only=JSON)
def first_of_an_array_counts(request: Request) -> Request:
    """A close that is a JSON array closes the job by its first element."""
    return replace(request, body=request.body.strip()[1:-1]) if request.body.startswith(b"[") else request


@before(Service.understand, breaks="refuses/wrong-type", on=_CHANGES, only=JSON)
def states_by_number(request: Request) -> Request:
    """A state that is a number closes the job: it is taken for an index into a list."""
    return replace(request, body=re.sub(rb'"state": [0-9]+', b'"state": "Closed"', request.body))


@fault(breaks="refuses/doctype", on=_CHANGES, only=XML)
class DoctypesAreRead(Service):
    """A close with a document type declaration closes the job."""

    def tolerates(self, finding: Finding) -> bool:
        """Tolerate document types."""
        return finding.requirement == "schema/no-doctype" or super().tolerates(finding)


# Fields


@fault(breaks="refuses/unknown-field", on=_CHANGES)
class UnknownFieldsAreIgnored(Service):
    """A close with a field that jobInfo does not have closes the job."""

    def tolerates(self, finding: Finding) -> bool:
        """Tolerate names that no jobInfo has."""
        return (finding.requirement in _UNKNOWN_NAMES and finding.where not in JobInfo.FIELDS) or super().tolerates(finding)


@fault(breaks="refuses/server-set-field", on=_CHANGES)
class ServerSetFieldsAreIgnored(Service):
    """A close that sets a field only the server may set closes the job, and the field is ignored."""

    def tolerates(self, finding: Finding) -> bool:
        """Tolerate names that only an answer has."""
        return (finding.requirement in _UNKNOWN_NAMES and finding.where in JobInfo.FIELDS) or super().tolerates(finding)


@after(Service.understand, breaks="refuses/other-id", on=_CHANGES)
def id_in_the_body_is_ignored(fields: dict[str, str]) -> dict[str, str]:
    """A close that names another job in its body closes the job in the URI."""
    return {name: value for name, value in fields.items() if name != "id"}


@fault(breaks="refuses/other-id", on=_CHANGES)
class IdInTheBodyDecides(Service):
    """A close that names another job in its body closes that one."""

    def change(self, request: Request, job: Job) -> Response:
        """Change the job in the body, if there is such a job."""
        named = self.jobs.get(str(read(request.body, request.content_type).fields.get("id")))
        return super().change(request, named or job)


# What the URI names


@fault(breaks="refuses/unknown-job")
class UnknownJobsAreMadeUp(Service):
    """A close of a job that does not exist is answered as if the job existed."""

    def find(self, job_id: str) -> Job:
        """The job, or a made-up one."""
        try:
            return super().find(job_id)
        except Refused:
            if len(job_id) != 18:
                raise
            return Job(job_id, {"operation": "query", "object": "Account", "contentType": "XML"}, "", self.now(), DEFAULT)

    def info(self, job: Job) -> JobInfo:
        """The jobInfo, with made-up values for what nobody set."""
        made_up = replace(job, created_by=job.created_by or self.new_id("005", 1))
        return super().info(replace(made_up, settings={"concurrencyMode": "Parallel", **job.settings}))

    def change(self, request: Request, job: Job) -> Response:
        """Change a job, but keep no made-up one."""
        known = job.id in self.jobs
        answer = super().change(request, job)
        if not known:
            del self.jobs[job.id]
        return answer


@fault(breaks="refuses/malformed-id")
class JobsAreFoundByTheBeginning(Service):
    """A job is found by any beginning of its id, however short, and by its id with more characters appended."""

    def find(self, job_id: str) -> Job:
        """The last job whose id begins like this one."""
        found = [job for job in self.jobs.values() if job.id.startswith(job_id[:15]) or same_id(job.id, job_id)]
        return found[-1] if found else super().find(job_id)


@fault(breaks="refuses/malformed-id")
class IdsAreCutTo18(Service):
    """An id of more than 18 characters is cut to 18."""

    def find(self, job_id: str) -> Job:
        """The job with the first 18 characters."""
        return super().find(job_id[:18])


@fault(breaks="refuses/malformed-id")
class IdsAreCutTo15(Service):
    """An id of 16 or 17 characters is cut to 15."""

    def find(self, job_id: str) -> Job:
        """The job with the first 15 characters."""
        return super().find(job_id[:15] if len(job_id) < 18 else job_id)


@fault(breaks="refuses/malformed-id")
class LastCharacterMayBeMissing(Service):
    """An id of 14 characters is completed."""

    def find(self, job_id: str) -> Job:
        """The last open job whose id begins like this."""
        begun = [job for job in self.jobs.values() if len(job_id) == 14 and job.id.startswith(job_id) and job.state == "Open"]
        return begun[-1] if begun else super().find(job_id)


@fault(breaks="refuses/unknown-version")
class AnyVersionIsServed(Service):
    """A version that does not exist is served like any other."""

    def version(self, text: str) -> Version:
        """The version, or the default one."""
        try:
            return super().version(text)
        except Refused:
            return DEFAULT


# Who asks


@fault(breaks="refuses/no-session")
class SessionIsNotAskedFor(Service):
    """A request without a session is carried out."""

    def authenticate(self, request: Request) -> None:
        """Check the session only if there is one."""
        if request.headers.get(SESSION_HEADER) is not None:
            super().authenticate(request)


@fault(breaks="refuses/no-session", on=_CHANGES)
class NoSessionRedirects(Service):
    """A close without a session is redirected to the login page."""

    def refusal(self, request: Request, refused: Refused) -> Response:
        """Redirect to the login page."""
        if request.headers.get(SESSION_HEADER) is None:
            return Response(302, Headers.of([("Location", "/login")]))
        return super().refusal(request, refused)


@fault(breaks="refuses/wrong-session")
class AnySessionWillDo(Service):
    """A request with any session is carried out."""

    def authenticate(self, request: Request) -> None:
        """Check only that there is a session."""
        if not request.headers.get(SESSION_HEADER):
            raise Refused("InvalidSessionId", "Invalid session id")


# Media types and statuses


@before(Service.understand, breaks="refuses/undocumented-content-type", on=_CHANGES)
def content_type_is_ignored(request: Request) -> Request:
    """The body is read as what it looks like, whatever its Content-Type."""
    seen = read(request.body, request.content_type).serialization
    return request.with_header("Content-Type", seen.media_type)


@after(Service.refusal, breaks="refuses/status-400", on=_CHANGES)
def faulty_closes_answer_422(answer: Response) -> Response:
    """A faulty close is refused with 422."""
    return replace(answer, status=422) if answer.status == 400 else answer


@fault(breaks="refuses/status-400", on=_CHANGES)
class UnknownJobsAnswer404(Service):
    """A close of a job that does not exist is refused with 404."""

    def find(self, job_id: str) -> Job:
        """The job. Raises Refused with another status."""
        try:
            return super().find(job_id)
        except Refused as refused:
            raise Refused(refused.code, str(refused), 404) from refused


@fault(breaks="refuses/status-400", on=_CHANGES)
class WrongSessionsAnswer401(Service):
    """A close with an invalid session is refused with 401."""

    def authenticate(self, request: Request) -> None:
        """Refuse with another status."""
        try:
            super().authenticate(request)
        except Refused as refused:
            raise Refused(refused.code, str(refused), 401) from refused


@fault(breaks="refuses/server-set-field", on=_CHANGES, only=JSON)
class ServerSetFieldsAreSet(Service):
    """A close in JSON that sets a counter returns the counter as it was set."""

    def understand(self, request: Request, body: Body, version: Version) -> dict[str, str]:
        """Note the counters that are set, and ignore all but the state then."""
        fields = read(request.body, request.content_type).fields
        self._set = {name: value for name, value in fields.items() if name.startswith("number") and value}
        return super().understand(documented(request) if self._set else request, body, version)

    def info(self, job: Job) -> JobInfo:
        """The jobInfo, with the counters that were set."""
        return JobInfo({**super().info(job), **self._set})

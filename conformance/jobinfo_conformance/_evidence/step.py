"""An exchange with the job resource, understood."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from jobinfo_conformance._contract.document import FlawlessReading, Reading, batches_in
from jobinfo_conformance._contract.flawless import read_flawless
from jobinfo_conformance._contract.ids import is_id
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.reader import LONGEST_KEPT, read
from jobinfo_conformance._contract.schema_findings import schema_findings, shows_fields
from jobinfo_conformance._contract.schemas import Body
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import EARLIEST, TIMES_SINCE, Version
from jobinfo_conformance._escaping import quoted
from jobinfo_conformance._exchange import Exchange
from jobinfo_conformance._finding import Finding
from jobinfo_conformance._job_requests.job_request import JobRequest, Operation
from jobinfo_conformance._job_requests.legal_forms import forms_of
from jobinfo_conformance._job_requests.near_misses import near_miss_of
from jobinfo_conformance._job_requests.resource import Resource

_ANSWERED_WITH_JOB = (Operation.CREATE, Operation.READ, Operation.CLOSE, Operation.ABORT)
_LATE_FIELDS = frozenset(name for name, field in JobInfo.FIELDS.items() if field.since > EARLIEST)


@dataclass(frozen=True)
class Step:
    """An exchange, what its request asks, and what its answer says. Each is worked out once."""

    exchange: Exchange
    asked: JobRequest

    @classmethod
    def of(cls, exchange: Exchange) -> Step | None:
        """Understand an exchange; None if it is other traffic."""
        asked = JobRequest.of(exchange.request)
        return None if asked is None else cls(exchange, asked)

    @classmethod
    def of_any(cls, exchange: Exchange) -> Step:
        """Understand an exchange of a client under test, whatever it is about."""
        return cls(exchange, JobRequest.of_any(exchange.request))

    # The request

    @property
    def operation(self) -> Operation:
        """What the request asks."""
        return self.asked.operation

    @property
    def resource(self) -> Resource:
        """What the URL of the request names."""
        return self.asked.resource

    @property
    def version(self) -> Version:
        """The version that the URI names."""
        return self.asked.version

    @property
    def request(self) -> Reading:
        """The body of the request, as read."""
        return self.asked.body

    @property
    def requested_serialization(self) -> Serialization | None:
        """The serialization that the request's Content-Type names; None for any other media type."""
        return self.asked.serialization

    @property
    def written_in(self) -> Serialization | None:
        """The serialization of the request, by its Content-Type or else by its body; None if neither shows one."""
        return self.requested_serialization or (self.request.serialization if self.exchange.request.body else None)

    @property
    def serialization(self) -> Serialization:
        """The serialization of a request, by its media type, or else by its body, or without a body by its answer."""
        return self.written_in or self.answer.serialization

    @cached_property
    def legal_forms(self) -> frozenset[str]:
        """The legal forms that a conformant close is in; empty for the documented form, and for any other request."""
        return forms_of(self.asked)

    @cached_property
    def near_miss(self) -> str | None:
        """The one fault of a request that is otherwise the documented close; None if it has none, or several."""
        return near_miss_of(self.asked)

    # The answer

    @property
    def status(self) -> int:
        """The status of the answer."""
        return self.exchange.response.status

    @property
    def accepted(self) -> bool:
        """Whether the answer says that the request was carried out: any 2xx, unless it comes with an error document."""
        return 200 <= self.status < 300 and not self._says_error

    @property
    def refused(self) -> bool:
        """Whether the answer is an error: 4xx, 5xx, or an error document, whatever its status."""
        return self.status >= 400 or (200 <= self.status < 300 and self._says_error)

    @cached_property
    def _says_error(self) -> bool:
        return self._flawless_job is None and self.answer.fields.get("exceptionCode") is not None

    @property
    def is_client_error(self) -> bool:
        """Whether the answer says that the request is at fault: 4xx."""
        return 400 <= self.status < 500

    @property
    def answered(self) -> str:
        """The answer in a few words: the status, and the code and message of an error."""
        said = [self.answer.fields.get(name) for name in ("exceptionCode", "exceptionMessage")]
        return ": ".join([str(self.status), *(quoted(text, 100) for text in said if text)])

    @property
    def has_body(self) -> bool:
        """Whether the answer's body was kept, empty or not: a recording may leave it out."""
        return self.exchange.response.body is not None

    @property
    def answer(self) -> Reading:
        """The body of the answer, as read; if it shows no serialization, it counts as that of the request."""
        return self._kept_answer if len(self.exchange.response.body or b"") <= LONGEST_KEPT else self._read_answer()

    @cached_property
    def _kept_answer(self) -> Reading:
        if self._flawless_job is None:
            return self._read_answer()
        body = self.exchange.response.body or b""
        return FlawlessReading(Serialization.JSON if body.startswith(b"{") else Serialization.XML, self._read_answer)

    def _read_answer(self) -> Reading:
        response = self.exchange.response
        reading = read(response.body or b"", response.content_type, self.requested_serialization)
        if response.defect is not None:
            finding = Finding("schema/well-formed", "a complete body", response.defect, "body")
            return replace(reading, document=None, findings=(finding,))
        return reading

    @cached_property
    def answers_job(self) -> bool:
        """Whether the answer has to be a jobInfo, as it does for an accepted create, read, close or abort."""
        return self.operation in _ANSWERED_WITH_JOB and self.accepted and self.has_body

    @cached_property
    def _flawless_job(self) -> JobInfo | None:
        """The job, if nothing is wrong with the answer's body as a jobInfo: that is quick to tell, and true of most."""
        response = self.exchange.response
        may_be_job = self.operation in _ANSWERED_WITH_JOB and 200 <= self.status < 300
        if not may_be_job or response.defect is not None or self.version < TIMES_SINCE:
            return None
        return read_flawless(response.body or b"", response.content_type)

    @cached_property
    def job(self) -> JobInfo:
        """The job as the answer shows it, without any field if the answer is not recognisable as a jobInfo."""
        if self._flawless_job is not None:
            return self._flawless_job
        return JobInfo.of(self.answer) if shows_fields(self.answer, Body.JOB_INFO, self.version) else JobInfo({})

    @cached_property
    def job_version(self) -> Version:
        """The version whose fields the answered jobInfo should have.

        If the job's own version differs from the URI's, no source says which of them decides, so either may.
        """
        versions = (self.version, self.job.get("apiVersion") or self.version)
        return max(versions) if any(name in self.job for name in _LATE_FIELDS) else min(versions)

    @cached_property
    def job_findings(self) -> tuple[Finding, ...]:
        """What is wrong with the answer's body as a jobInfo."""
        return () if self._flawless_job is not None else schema_findings(self.answer, Body.JOB_INFO, self.job_version)

    @cached_property
    def error_findings(self) -> tuple[Finding, ...]:
        """What is wrong with the answer's body as an error document."""
        return schema_findings(self.answer, Body.ERROR, self.version)

    @property
    def error_code(self) -> str | None:
        """The exceptionCode of the answer; None if it has none, or one that is no text."""
        code = self.answer.fields.get("exceptionCode")
        return code if isinstance(code, str) else None

    @cached_property
    def listed_batches(self) -> tuple[str, ...] | None:
        """The ids in a list of batches; None if the answer shows no such list."""
        return batches_in(self.answer.document) if self.operation is Operation.LIST_BATCHES and self.accepted else None

    @cached_property
    def job_id(self) -> str | None:
        """The id of the job, from the URI; for a create, from the body of the answer or its Location header."""
        if self.resource.job_id is not None:
            return self.resource.job_id
        named = self.answer.fields if self._flawless_job is None else self._flawless_job
        answered = str(named.get("id"))
        return answered if is_id(answered) else self.located_id

    @property
    def located_id(self) -> str | None:
        """The id of the job that the answer's Location header names."""
        location = Resource.of(self.exchange.response.headers.get("Location") or "")
        return location.job_id if location and is_id(location.job_id or "") else None

    def precedes(self, later: Step) -> bool:
        """Whether this exchange ended before the later one began; if their times are unknown, their order decides."""
        ended, started = self.exchange.ended, later.exchange.started
        return ended is None or started is None or ended <= started

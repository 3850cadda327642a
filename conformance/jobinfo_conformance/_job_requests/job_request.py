"""A request to the job resource, understood."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property, lru_cache

from jobinfo_conformance._contract.document import Reading
from jobinfo_conformance._contract.reader import read
from jobinfo_conformance._contract.schema_findings import request_findings, schema_findings
from jobinfo_conformance._contract.schemas import Body
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.unset_fields import without_unset
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._exchange import Request
from jobinfo_conformance._finding import Finding
from jobinfo_conformance._job_requests.resource import Resource


class Operation(Enum):
    """What a request asks of a job."""

    CREATE = auto()
    READ = auto()
    CLOSE = auto()
    ABORT = auto()
    #: A POST to the job that is neither a close nor an abort: another state, or a body that can't be read.
    CHANGE = auto()
    ADD_BATCH = auto()
    READ_BATCH = auto()
    LIST_BATCHES = auto()
    #: PUT, PATCH or DELETE on the job.
    OTHER_METHOD = auto()
    #: Anything else that a client under test asks. No other evidence holds such a request.
    ELSEWHERE = auto()


#: Operations that change nothing.
READS = (Operation.READ, Operation.READ_BATCH, Operation.LIST_BATCHES)

_BATCH_OPERATIONS = {
    ("POST", False): Operation.ADD_BATCH,
    ("GET", False): Operation.LIST_BATCHES,
    ("GET", True): Operation.READ_BATCH,
}
_STATE_OPERATIONS = {"Closed": Operation.CLOSE, "Aborted": Operation.ABORT}
#: The longest body that is remembered, in bytes.
_SMALL = 4096
_BODIES = {Operation.CREATE: Body.CREATE_REQUEST, Operation.ABORT: Body.ABORT_REQUEST}


@dataclass(frozen=True)
class JobRequest:
    """A request, the resource that its URL names, and what it means."""

    request: Request
    resource: Resource

    @classmethod
    def of(cls, request: Request) -> JobRequest | None:
        """Understand a request; None if the job resource has nothing of the kind."""
        resource = Resource.of(request.url)
        understood = None if resource is None else cls(request, resource)
        return understood if understood is not None and understood.asks is not None else None

    @classmethod
    def of_any(cls, request: Request) -> JobRequest:
        """Understand a request of a client under test, whatever it is about."""
        return cls(request, Resource.of(request.url) or Resource.elsewhere(request.url))

    @property
    def operation(self) -> Operation:
        """What the request asks."""
        return self.asks or Operation.ELSEWHERE

    @cached_property
    def asks(self) -> Operation | None:
        """What the request asks; None if the job resource has nothing of the kind."""
        method, resource = self.request.method, self.resource
        if not resource.version_text:
            return None
        if resource.job_id is None:
            return Operation.CREATE if method == "POST" else None
        if resource.has_batches:
            return _BATCH_OPERATIONS.get((method, resource.batch_id is not None))
        if method == "POST":
            return _STATE_OPERATIONS.get(str(self.body.fields.get("state")), Operation.CHANGE)
        if method == "GET":
            return Operation.READ
        return Operation.OTHER_METHOD if method in ("PUT", "PATCH", "DELETE") else None

    @property
    def version(self) -> Version:
        """The version that the URI names."""
        return self.resource.version

    @cached_property
    def _sent(self) -> _SentBody:
        body, content_type = self.request.body, self.request.content_type
        return _remembered(body, content_type) if len(body) <= _SMALL else _SentBody(read(body, content_type))

    @property
    def body(self) -> Reading:
        """The body, as read."""
        return self._sent.reading

    @cached_property
    def serialization(self) -> Serialization | None:
        """The serialization that the Content-Type names; None for any other media type."""
        return Serialization.of_media_type(self.request.content_type)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the body as that of a create, an abort, or else a close; a namespace prefix is legal."""
        found = request_findings(self.body, _BODIES.get(self.operation, Body.CLOSE_REQUEST), self.version)
        return tuple(finding for finding in found if finding.requirement != "schema/default-namespace")

    @property
    def set_fields(self) -> Reading:
        """The body without the fields that it names but does not set."""
        return self._sent.set_fields

    @property
    def broken_as_close(self) -> frozenset[str]:
        """The requirements that the body breaks as a close; a namespace prefix and fields that it does not set are legal."""
        return self._sent.broken_as_close(self.version)


class _SentBody:
    """A body and what follows from it alone, worked out once."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._broken: dict[Version, frozenset[str]] = {}

    @cached_property
    def set_fields(self) -> Reading:
        return without_unset(self.reading)

    def broken_as_close(self, version: Version) -> frozenset[str]:
        if version not in self._broken:
            findings = schema_findings(self.set_fields, Body.CLOSE_REQUEST, version)
            broken = frozenset(finding.requirement for finding in findings)
            self._broken[version] = broken - {"schema/default-namespace"}
        return self._broken[version]


@lru_cache(maxsize=256)
def _remembered(body: bytes, content_type: str | None) -> _SentBody:
    """Read a body once: a client sends the same few again and again."""
    return _SentBody(read(body, content_type))

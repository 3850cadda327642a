"""Exchanges understood as steps in the life of a job, and a job's steps in their order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from functools import cached_property, partial
from urllib.parse import unquote, urlsplit

from jobinfo_conformance.contract.ids import is_id, short_form
from jobinfo_conformance.contract.jobinfo import JobInfo
from jobinfo_conformance.contract.readers import read
from jobinfo_conformance.contract.reading import Finding, Reading, Serialization
from jobinfo_conformance.contract.schemas import Body, schema_findings
from jobinfo_conformance.contract.unset import without_unset
from jobinfo_conformance.contract.versions import DEFAULT, EARLIEST, Version
from jobinfo_conformance.evidence.exchange import Exchange

_RESOURCE = re.compile(
    r"(?P<base>.*)/services/async/(?P<version>[^/]+)/job(?:/(?P<job>[^/]+)(?P<batches>/batch(?:/(?P<batch>[^/]+))?)?)?/?"
)


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


@dataclass(frozen=True)
class Resource:
    """What a URI of the job resource names: the version as written, and the ids where it has them."""

    origin: str
    version_text: str
    job_id: str | None
    has_batches: bool
    batch_id: str | None

    @property
    def version(self) -> Version:
        """The version in the URI; the default where that is none."""
        try:
            return Version.parse(self.version_text)
        except ValueError:
            return DEFAULT

    @classmethod
    def of(cls, url: str) -> Resource | None:
        """Read a URL; None where it is not of the job resource."""
        parts = urlsplit(url)
        match = _RESOURCE.fullmatch(parts.path)
        if match is None:
            return None
        job = match["job"]
        return cls(
            origin=f"{parts.scheme}://{parts.netloc}{match['base']}",
            version_text=match["version"],
            job_id=None if job is None else unquote(job),
            has_batches=match["batches"] is not None,
            batch_id=match["batch"],
        )


@dataclass(frozen=True)
class Step:
    """An exchange with the job resource, and what it means."""

    exchange: Exchange
    resource: Resource

    @classmethod
    def of(cls, exchange: Exchange) -> Step | None:
        """Understand an exchange; None where it is other traffic."""
        try:
            resource = Resource.of(exchange.request.url)
        except ValueError:  # a URL that no parser takes
            return None
        step = None if resource is None else cls(exchange, resource)
        return step if step is not None and step.asks is not None else None

    @property
    def operation(self) -> Operation:
        """What the request asks."""
        assert self.asks is not None  # `of` makes no step without one
        return self.asks

    @cached_property
    def asks(self) -> Operation | None:
        """What the request asks; None where the job resource has nothing of the kind."""
        method, resource = self.exchange.request.method, self.resource
        if resource.job_id is None:
            return Operation.CREATE if method == "POST" else None
        if resource.has_batches:
            return {
                ("POST", False): Operation.ADD_BATCH,
                ("GET", False): Operation.LIST_BATCHES,
                ("GET", True): Operation.READ_BATCH,
            }.get((method, resource.batch_id is not None))
        if method == "POST":
            asked = {"Closed": Operation.CLOSE, "Aborted": Operation.ABORT}
            return asked.get(str(self.request.fields.get("state")), Operation.CHANGE)
        if method == "GET":
            return Operation.READ
        return Operation.OTHER_METHOD if method in ("PUT", "PATCH", "DELETE") else None

    @property
    def version(self) -> Version:
        """The version that the URI names."""
        return self.resource.version

    @property
    def status(self) -> int:
        """The status of the answer."""
        return self.exchange.response.status

    @property
    def accepted(self) -> bool:
        """Whether the answer says that the request was carried out: any 2xx."""
        return 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """Whether the answer is an error: 4xx or 5xx."""
        return self.status >= 400

    @property
    def is_client_error(self) -> bool:
        """Whether the answer says that the request is what is wrong: 4xx."""
        return 400 <= self.status < 500

    @cached_property
    def request(self) -> Reading:
        """The request's body, read."""
        return read(self.exchange.request.body, self.exchange.request.content_type)

    @cached_property
    def requested_serialization(self) -> Serialization | None:
        """The serialization that the request's Content-Type names; None for any other media type."""
        return Serialization.of_media_type(self.exchange.request.content_type)

    @cached_property
    def request_findings(self) -> tuple[Finding, ...]:
        """What is wrong with the request's body as what it asks: a create, an abort, or else a close."""
        asked = {Operation.CREATE: Body.CREATE_REQUEST, Operation.ABORT: Body.ABORT_REQUEST}
        return schema_findings(self.request, asked.get(self.operation, Body.CLOSE_REQUEST), self.version)

    @cached_property
    def close_findings(self) -> frozenset[str]:
        """The requirements that the request's body breaks as a close, fields that it leaves unset aside."""
        findings = schema_findings(without_unset(self.request), Body.CLOSE_REQUEST, self.version)
        return frozenset(finding.requirement for finding in findings)

    @cached_property
    def answer(self) -> Reading:
        """The answer's body, read; one that shows no serialization counts as of the one that was asked for."""
        response = self.exchange.response
        reading = read(response.body or b"", response.content_type, self.requested_serialization)
        if response.defect is not None:
            finding = Finding("schema/well-formed", "body", "a whole body", response.defect)
            return replace(reading, document=None, findings=(finding,))
        return reading

    @cached_property
    def job_version(self) -> Version:
        """The version whose jobInfo is answered.

        The job's own and the URI's may differ, and nobody knows which of them decides on the fields: it may be either.
        """
        versions = (self.version, self.job.get("apiVersion") or self.version)
        has_late_fields = any(field.since > EARLIEST and name in self.job for name, field in JobInfo.FIELDS.items())
        return max(versions) if has_late_fields else min(versions)

    @cached_property
    def job_findings(self) -> tuple[Finding, ...]:
        """What is wrong with the answer's body as a jobInfo."""
        return schema_findings(self.answer, Body.JOB_INFO, self.job_version)

    @cached_property
    def error_findings(self) -> tuple[Finding, ...]:
        """What is wrong with the answer's body as an error document."""
        return schema_findings(self.answer, Body.ERROR, self.version)

    @property
    def has_body(self) -> bool:
        """Whether the answer's body, be it empty, was kept: a recording may leave it out."""
        return self.exchange.response.body is not None

    @cached_property
    def job(self) -> JobInfo:
        """The job as it was answered."""
        return JobInfo.of(self.answer)

    @property
    def answers_job(self) -> bool:
        """Whether the answer has to be a jobInfo: what create, read, close and abort answer where they are accepted."""
        asked = (Operation.CREATE, Operation.READ, Operation.CLOSE, Operation.ABORT)
        return self.operation in asked and self.accepted and self.has_body

    @property
    def job_id(self) -> str | None:
        """The id of the job: the URI's; of a create the one that it answers, in its body or its Location header."""
        if self.resource.job_id is not None:
            return self.resource.job_id
        answered = str(self.answer.fields.get("id"))
        return answered if is_id(answered) else self.located_id

    @property
    def located_id(self) -> str | None:
        """The id of the job that the answer's Location header names."""
        try:
            location = Resource.of(self.exchange.response.headers.get("Location") or "")
        except ValueError:
            return None
        return location.job_id if location else None

    def precedes(self, later: Step) -> bool:
        """Whether this exchange had ended when the later one began; the order counts where no times are known."""
        ended, started = self.exchange.ended, later.exchange.started
        return ended is None or started is None or ended <= started


@dataclass(frozen=True)
class History:
    """The steps of one job in their order.

    ``whole`` says that nothing else was asked of the job: so it is on a live target, whose jobs are the suite's own,
    and in the suite's own recordings. ``waited`` is how long batches were given to finish, in seconds; None where
    nobody waited for them. ``drawn`` says that it is of a trial, drawn or shortened: only all of it explains the rest.
    """

    steps: tuple[Step, ...]
    whole: bool = False
    waited: float | None = None
    drawn: bool = False

    def __reduce__(self) -> tuple[Callable[..., History], tuple[list[Exchange]]]:
        """Pickle the exchanges alone: what was read of them can be read again."""
        again = partial(History.of, whole=self.whole, waited=self.waited, drawn=self.drawn)
        return again, ([step.exchange for step in self.steps],)

    @property
    def created(self) -> Step | None:
        """The step that created the job."""
        first = self.steps[0]
        return first if first.operation is Operation.CREATE and first.accepted else None

    @property
    def job_id(self) -> str | None:
        """The id of the job; None where a create was refused or its answer named none."""
        return next((step.job_id for step in self.steps if step.job_id), None)

    @cached_property
    def jobs(self) -> tuple[Step, ...]:
        """The steps that answer a jobInfo."""
        return tuple(step for step in self.steps if step.answers_job)

    @cached_property
    def is_of_bulk_1(self) -> bool:
        """Whether the job is known to be one of Bulk API 1.0: one that is created, closed or aborted through it is."""
        asked = {one.operation for one in self.steps}
        return self.whole or bool(asked & {Operation.CREATE, Operation.CLOSE, Operation.ABORT})

    @cached_property
    def may_be_chunked(self) -> bool:
        """Whether the server may add batches of its own: a query with PK chunking, or one whose create is not here."""
        if self.created is not None:
            return self.created.exchange.request.headers.get("Sforce-Enable-PKChunking") is not None
        return any(step.job.get("operation") not in ("insert", "update", "upsert", "delete") for step in self.jobs)

    def before(self, step: Step) -> Sequence[Step]:
        """The steps that had ended when this one began."""
        place = self._places[id(step)]
        earlier = self.steps[:place]
        return earlier if self._overlaps_none_before[place] else tuple(one for one in earlier if one.precedes(step))

    def after(self, step: Step) -> Sequence[Step]:
        """The steps that began when this one had ended."""
        place = self._places[id(step)]
        later = self.steps[place + 1 :]
        return later if self._overlaps_none_after[place] else tuple(one for one in later if step.precedes(one))

    def between(self, one: Step, two: Step) -> Sequence[Step]:
        """The steps between two others, whatever their times."""
        return self.steps[self._places[id(one)] + 1 : self._places[id(two)]]

    def until(self, step: Step) -> Sequence[Step]:
        """The steps up to this one, itself included."""
        return self.steps[: self._places[id(step)] + 1]

    @cached_property
    def _places(self) -> dict[int, int]:
        """The place of each step, by its identity: two reads of one job may well be equal."""
        return {id(step): place for place, step in enumerate(self.steps)}

    @cached_property
    def _overlaps_none_before(self) -> list[bool]:
        """Of each step, whether all before it had ended when it began: then no look at each of them is needed."""
        flags: list[bool] = []
        latest: datetime | None = None
        for step in self.steps:
            started, ended = step.exchange.started, step.exchange.ended
            flags.append(latest is None or started is None or latest <= started)
            latest = ended if latest is None or (ended is not None and ended > latest) else latest
        return flags

    @cached_property
    def _overlaps_none_after(self) -> list[bool]:
        """Of each step, whether it had ended when any after it began."""
        flags: list[bool] = []
        earliest: datetime | None = None
        for step in reversed(self.steps):
            started, ended = step.exchange.started, step.exchange.ended
            flags.append(earliest is None or ended is None or ended <= earliest)
            earliest = started if earliest is None or (started is not None and started < earliest) else earliest
        return flags[::-1]

    @classmethod
    def of(
        cls, exchanges: Iterable[Exchange], *, whole: bool = False, waited: float | None = None, drawn: bool = False
    ) -> History:
        """The history that a scenario made: all exchanges are of one job."""
        return cls(tuple(step for step in map(Step.of, exchanges) if step is not None), whole, waited, drawn)


def histories(
    exchanges: Iterable[Exchange], *, whole: bool = False, waited: float | None = None, drawn: bool = False
) -> list[History]:
    """Sort exchanges, in their order, into the histories of the jobs that they name.

    Other traffic is left out. A create begins a history, also of an id that was there before.
    """
    jobs: list[list[Step]] = []
    latest: dict[tuple[str, str], list[Step]] = {}
    for step in map(Step.of, exchanges):
        if step is None:
            continue
        job = (step.resource.origin, short_form(step.job_id or ""))
        if step.operation is Operation.CREATE or job not in latest:
            latest[job] = []
            jobs.append(latest[job])
        latest[job].append(step)
    return [History(tuple(steps), whole, waited, drawn) for steps in jobs]

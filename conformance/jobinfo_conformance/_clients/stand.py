"""Where a client under test connects: the reference on loopback, which keeps what the client asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._clients.answers import Answers, service_for
from jobinfo_conformance._clients.browsers import is_preflight, preflight_answer, readable
from jobinfo_conformance._clients.certificates import Certificates, needed
from jobinfo_conformance._clients.closes import AnswersClosesOtherwise
from jobinfo_conformance._clients.departures import RedirectElsewhere
from jobinfo_conformance._clients.places import Place
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.reader import read
from jobinfo_conformance._contract.session import SESSION_HEADER, WRONG_SESSION
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._evidence.secrets import Redaction
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Exchange, Headers, Request, Response
from jobinfo_conformance._reference.jobs import Clock
from jobinfo_conformance._reference.server import serving
from jobinfo_conformance._reference.service import ANY_SESSION, Refused, Service, utc_now
from jobinfo_conformance._reference.wire import Wire


@dataclass(frozen=True)
class Serving:
    """How the reference serves a client: the version that it is told, how long batches take, its proxy and its clock."""

    version: Version
    batch_seconds: float = 0
    proxy: bool = False
    certificates: Certificates | None = None
    clock: Clock = utc_now


@dataclass
class Recorder:
    """Answers as a service does, and keeps each exchange without the session.

    A browser's preflight is answered and not kept; ``was_asked`` says whether anything came.
    """

    service: Service
    kept: list[tuple[Request, Exchange]] = field(default_factory=list)
    was_asked: bool = False

    def __post_init__(self) -> None:
        self._redaction = Redaction([self.service.session])
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Response:
        """Answer a request and keep it."""
        self.was_asked = True
        if is_preflight(request):
            return preflight_answer(request)
        started, clock = datetime.now(UTC), time.monotonic()
        try:
            response = self.service.answer(request)
        except ConnectionError:
            self._keep(request, Response(0, body=None, defect="no answer"), started, clock)
            raise
        self._keep(request, response, started, clock)
        return readable(response, request)

    def refusal(self, request: Request, refused: Refused) -> Response:
        """Refuse a request that can't be decoded, and keep it."""
        response = self.service.refusal(request, refused)
        self.was_asked = True
        self._keep(request, response, datetime.now(UTC), time.monotonic())
        return readable(response, request)

    def in_text(self, text: str) -> str:
        """A text without the session."""
        return self._redaction.in_text(text)

    @property
    def steps(self) -> tuple[Step, ...]:
        """What was asked, in the order of the answers."""
        return tuple(Step.of_any(exchange) for _, exchange in self.kept)

    def _keep(self, request: Request, response: Response, started: datetime, clock: float) -> None:
        shown = replace(request, headers=self._without_other_sessions(request.headers))
        if "/services/async" not in request.url and not _is_job_info(request):
            shown = replace(shown, body=b"")  # a login, perhaps: its password is nobody's business
        exchange = Exchange(shown, response, started, (time.monotonic() - clock) * 1000)
        with self._lock:
            self.kept.append((request, replace(self._redaction.in_exchange(exchange), entry=len(self.kept))))

    def _without_other_sessions(self, headers: Headers) -> Headers:
        """Headers in which a session that the client was not given, and which may be a real one, is a wrong one."""
        if set(headers.values(SESSION_HEADER)) <= {self.service.session}:
            return headers
        named = ((name, value, name.lower() == SESSION_HEADER.lower()) for name, value in headers)
        own = self.service.session
        return Headers.of((name, WRONG_SESSION if is_session and value != own else value) for name, value, is_session in named)


def _is_job_info(request: Request) -> bool:
    """Whether a request sets the fields of a job, and nothing else."""
    fields = read(request.body, request.content_type).fields
    return bool(fields) and set(fields) <= set(JobInfo.FIELDS)


@dataclass(frozen=True)
class Stand:
    """A place where a client connects, and what it asked there."""

    place: Place
    recorder: Recorder

    @property
    def odd(self) -> frozenset[int]:
        """Which requests were answered otherwise than the reference answers them: their places among the steps."""
        service = self.recorder.service
        odd = {id(request) for request in service.odd} if isinstance(service, AnswersClosesOtherwise) else set[int]()
        return frozenset(place for place, (request, _) in enumerate(self.recorder.kept) if id(request) in odd)

    @property
    def strayed(self) -> bool:
        """Whether the session was sent to the other origin to which closes are redirected."""
        service = self.recorder.service
        if not isinstance(service, RedirectElsewhere):
            return False
        asked = (request for request, _ in self.recorder.kept if request.url.startswith(f"{service.elsewhere}/"))
        return any(request.headers.get(SESSION_HEADER) == service.session for request in asked)

    def left(self) -> tuple[tuple[str, str], ...]:
        """Each job that was opened, and its state now."""
        return tuple((job.id, job.state) for job in self.recorder.service.jobs.values())


@contextmanager
def stand(answers: Answers, catalogue: Catalogue, serves: Serving) -> Iterator[Stand]:
    """Serve the reference on loopback, with http and if possible https, for as long as a client needs it."""
    service = service_for(answers, catalogue, session=ANY_SESSION, batch_seconds=serves.batch_seconds, clock=serves.clock)
    recorder = Recorder(service)
    wire: Wire = catalogue.in_manners(answers.manners).wire()
    tls = serves.certificates
    tunnels = needed(tls, "--proxy") if serves.proxy else None
    with ExitStack() as opened:
        url = opened.enter_context(serving(recorder, wire=wire, tunnels=tunnels))
        if isinstance(service, RedirectElsewhere):
            service.elsewhere = opened.enter_context(serving(recorder, wire=wire))
        secure = opened.enter_context(serving(recorder, wire=wire, tls=tls)) if tls else None
        place = Place(
            url,
            service.session,
            answers.version or serves.version,
            https_url=secure,
            ca_file=str(tls.ca_file) if tls else None,
            proxy_url=url if serves.proxy else None,
            trust_store=str(tls.trust_store) if tls else None,
        )
        yield Stand(place, recorder)

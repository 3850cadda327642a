"""A live endpoint as a target."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

from jobinfo_conformance.contract.reading import Serialization, quoted
from jobinfo_conformance.contract.versions import JSON_SINCE
from jobinfo_conformance.evidence.exchange import Exchange, Headers, Request
from jobinfo_conformance.evidence.history import Step
from jobinfo_conformance.evidence.observation import Observation
from jobinfo_conformance.evidence.secrets import MARK, SESSION_HEADER, Session, redact, redact_text
from jobinfo_conformance.scenarios import Scenario, Stage, Unanswered, chosen
from jobinfo_conformance.scenarios.requests import abort
from jobinfo_conformance.targets.base import LiveOptions, TargetUnusable
from jobinfo_conformance.targets.client import Client, NoAnswer
from jobinfo_conformance.targets.ledger import Ledger

#: Refusals of the first request that leave nothing to test.
_REFUSING_CODES = frozenset({"InvalidSessionId", "InvalidVersion", "InvalidUrl", "FeatureNotEnabled"})
_REFUSING_STATUSES = frozenset({401, 403, 404})


#: The bound on a run's requests where the user gives none.
MOST_REQUESTS = 200


class Live:
    """An endpoint at a base URL. Every request carries the session, and every exchange comes back without it."""

    def __init__(self, url: str, session: Session, options: LiveOptions) -> None:
        self.name = url
        self.version = options.version
        self.job_object = options.job_object
        self.wait = options.wait
        self.queries = options.queries
        self._writes = options.writes
        self._workers = options.workers
        self._timeout = options.timeout
        self._session = session
        self._ledger = Ledger(options.max_requests or self._needed())
        self._own = threading.local()
        self._clients: list[Client] = []
        self._answered = False

    @property
    def resource(self) -> str:
        """The URL of the job resource in this version."""
        return f"{self.name.rstrip('/')}/services/async/{self.version}/job"

    def _needed(self) -> int:
        """How many requests a conforming endpoint needs at most; MOST_REQUESTS at least, for one that does not conform."""
        plays = chosen(tuple(Serialization), queries=self.queries, writes=self._writes)
        return max(MOST_REQUESTS, sum(one.requests for one, _ in plays))

    def send(self, request: Request) -> Exchange:
        """Send a request with the session. Raises Unanswered; at the first request TargetUnusable."""
        creates = request.url == self.resource and request.method == "POST"
        opens = Serialization.of_media_type(request.content_type) if creates else None
        self._ledger.spend(opens=opens)
        try:
            exchange = self._send(request, opens=opens)
        except NoAnswer as error:
            if not self._answered:
                raise TargetUnusable(f"{self.name} does not answer: {error}") from error
            raise Unanswered(f"no answer came: {error}") from error
        if not self._answered:
            self._answered = True
            _refuse_unusable(exchange)
        return exchange

    def pause(self, seconds: float) -> None:
        """Let time pass, unless the run is interrupted."""
        self._ledger.stopped.wait(seconds)

    def _send(self, request: Request, *, opens: Serialization | None = None) -> Exchange:
        headers = request.headers
        if headers.get(SESSION_HEADER) is None:
            headers = Headers.of([*headers, (SESSION_HEADER, self._session.reveal())])
        exchange = None
        try:
            exchange = redact(self._client.send(replace(request, headers=headers)), self._session)
        except NoAnswer as error:
            raise NoAnswer(redact_text(str(error), self._session)) from None  # the transport's words may repeat it
        finally:
            self._ledger.note(Step.of(exchange) if exchange else None, opened=opens)
        return exchange

    @property
    def _client(self) -> Client:
        """The calling thread's own client: one can't be shared."""
        if not hasattr(self._own, "client"):
            self._own.client = Client(self._timeout)
            self._clients.append(self._own.client)
        client: Client = self._own.client
        return client

    def observe(self, serializations: Sequence[Serialization]) -> Observation:
        """Play the scenarios in each serialization that the version has; abort what they left open."""
        offered = [one for one in serializations if one is Serialization.XML or self.version >= JSON_SINCE]
        scenarios = chosen(offered, queries=self.queries, writes=self._writes)
        plays = [(one, Stage(self, form, offered)) for one, form in scenarios]
        try:
            self._play(*plays[0])
            self._play_all(plays[1:])
        except BaseException as error:
            self._ledger.stopped.set()
            for job_id in self._clean_up():
                error.add_note(f"left open: job {job_id} could not be aborted; close or abort it by hand")
            raise
        left_open = self._clean_up()
        obstacles = [obstacle for _, stage in plays for obstacle in stage.obstacles]
        return Observation(
            self.name,
            tuple(history for _, stage in plays for history in stage.histories(self.wait)),
            requests=self._ledger.sent,
            serializations=tuple(offered),
            version=str(self.version),
            live=True,
            expected=frozenset[str]().union(*(one.shows for one, _ in scenarios)),
            left_open=left_open,
            obstacle=obstacles[0] if obstacles else None,
        )

    def _play_all(self, plays: Sequence[tuple[Scenario, Stage]]) -> None:
        """Play one after the other, or with several workers side by side."""
        if self._workers == 1:
            for play in plays:
                self._play(*play)
            return
        with ThreadPoolExecutor(self._workers) as pool:
            try:
                for played in [pool.submit(self._play, *play) for play in plays]:
                    played.result()
            except BaseException:
                self._ledger.stopped.set()
                pool.shutdown(wait=False, cancel_futures=True)
                for client in self._clients:
                    if client is not self._client:  # which has to clean up
                        client.cut()
                raise

    def _play(self, scenario: Scenario, stage: Stage) -> None:
        stage.attempt(lambda: scenario.play(stage))

    def _clean_up(self) -> tuple[str, ...]:
        """Abort the jobs that are still open; return the ids of those that could not be."""
        for job_id, form in self._ledger.open.items():
            self._ledger.spend_on_cleaning()
            with suppress(NoAnswer):  # the job is reported as left open
                self._send(abort(self, job_id, form))
        return tuple(self._ledger.open)


def _refuse_unusable(exchange: Exchange) -> None:
    step = Step.of(exchange)
    assert step is not None
    fields = step.answer.fields
    code, message = fields.get("exceptionCode"), fields.get("exceptionMessage")
    if step.refused and (code in _REFUSING_CODES or step.status in _REFUSING_STATUSES):
        said = f" {quoted(code)}: {quoted(message, 300)}" if code else ""
        hint = "set JOBINFO_SESSION_ID to a session" if MARK in str(message) or code == "InvalidSessionId" else "check the URL"
        raise TargetUnusable(f"{exchange.request.url} answered {step.status}{said}; {hint}")

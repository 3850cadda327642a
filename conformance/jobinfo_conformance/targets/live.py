"""A live endpoint as a target."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from itertools import count

from jobinfo_conformance.contract.reading import Serialization, quoted
from jobinfo_conformance.contract.versions import JSON_SINCE
from jobinfo_conformance.evidence.exchange import Exchange, Request
from jobinfo_conformance.evidence.history import Step
from jobinfo_conformance.evidence.observation import Observation, perhaps_left_open
from jobinfo_conformance.evidence.secrets import MARK, SESSION_HEADER, Session, redact, redact_text
from jobinfo_conformance.scenarios import Scenario, Stage, Unanswered, chosen
from jobinfo_conformance.scenarios.requests import abort, close
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
        self._progress = options.progress
        self._numbers = count(1)
        self._session = session
        self._ledger = Ledger(options.max_requests or self._needed())
        self._own = threading.local()
        self._clients: dict[Client, bool] = {}  # and whether each is creating a job
        self._answered = False
        self._total = 0

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
        if request.headers.get(SESSION_HEADER) in (None, MARK):  # a mark where it was sent before
            request = request.with_header(SESSION_HEADER, self._session.reveal())
        exchange, client = None, self._client
        self._clients[client] = opens is not None
        try:
            exchange = redact(client.send(request), self._session)
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
        client: Client = self._own.client
        return client

    def observe(self, serializations: Sequence[Serialization]) -> Observation:
        """Play the scenarios in each serialization that the version has; abort what they left open.

        Raises TargetUnusable.
        """
        offered = [one for one in serializations if one is Serialization.XML or self.version >= JSON_SINCE]
        if not offered:
            raise TargetUnusable(f"API version {self.version} has no JSON: it came with {JSON_SINCE}")
        scenarios = chosen(offered, queries=self.queries, writes=self._writes)
        plays = [(one, Stage(self, form, offered)) for one, form in scenarios]
        self._total = len(plays)
        try:
            self._play_all(plays[:1], 1)
            self._play_all(plays[1:], self._workers)
        except BaseException as error:
            try:
                self._clean_up(abort)
            finally:  # also where that is interrupted
                for line in self._left_behind():
                    error.add_note(line)
            raise
        self._clean_up(abort, close)
        return Observation(
            self.name,
            tuple(history for _, stage in plays for history in stage.histories(self.wait)),
            requests=self._ledger.sent,
            serializations=tuple(offered),
            version=str(self.version),
            live=True,
            expected=frozenset[str]().union(*(one.shows for one, _ in scenarios)),
            left_open=tuple(self._ledger.open),
            nameless=self._ledger.nameless,
            obstacles={
                (kind, stage.form): obstacle
                for scenario, stage in plays
                for obstacle in stage.obstacles[:1]
                for kind in scenario.shows
            },
        )

    def _play_all(self, plays: Sequence[tuple[Scenario, Stage]], workers: int) -> None:
        """Play with so many workers side by side.

        Never in the calling thread: where that is interrupted, a create on its way can still be answered, so that its job
        is known and can be aborted.
        """
        with ThreadPoolExecutor(workers) as pool:
            try:
                longest_first = sorted(plays, key=lambda play: -play[0].requests) if workers > 1 else plays
                for played in [pool.submit(self._play, *play) for play in longest_first]:
                    played.result()
            except BaseException:
                self._ledger.stopped.set()
                pool.shutdown(wait=False, cancel_futures=True)
                for client, creates in self._clients.items():
                    if not creates:
                        client.cut()
                raise

    def _play(self, scenario: Scenario, stage: Stage) -> None:
        if self._progress is not None:
            self._progress(next(self._numbers), self._total, f"{scenario.name} ({stage.form})")
        stage.attempt(partial(scenario.play, stage))

    def _clean_up(self, *requests: Callable[[Live, str, Serialization], Request]) -> None:
        """End the jobs that are still open, with the first of these requests that does."""
        for request in requests:
            for job_id, form in self._ledger.open.items():
                if self._ledger.spend_on_cleaning(again=request is not requests[0]):
                    with suppress(NoAnswer):  # the job is reported as left open
                        self._send(request(self, job_id, form))

    def _left_behind(self) -> Iterator[str]:
        """What an interrupted run leaves behind, a line each."""
        yield from (f"left open: job {job}" for job in self._ledger.open)
        if self._ledger.nameless:
            yield perhaps_left_open(self._ledger.nameless)
        if not self._ledger.open and not self._ledger.nameless:
            yield "every job that was opened is closed or aborted"


def _refuse_unusable(exchange: Exchange) -> None:
    step = Step.of(exchange)
    assert step is not None
    fields = step.answer.fields
    code, message = fields.get("exceptionCode"), fields.get("exceptionMessage")
    if step.refused and (code in _REFUSING_CODES or step.status in _REFUSING_STATUSES):
        said = f" {quoted(code)}: {quoted(message, 300)}" if code else ""
        hint = "set JOBINFO_SESSION_ID to a session" if MARK in str(message) or code == "InvalidSessionId" else "check the URL"
        raise TargetUnusable(f"{exchange.request.url} answered {step.status}{said}; {hint}")

"""A live endpoint as a target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

from jobinfo_conformance.contract.reading import Serialization, quoted
from jobinfo_conformance.contract.versions import JSON_SINCE
from jobinfo_conformance.evidence.exchange import Exchange, Headers, Request
from jobinfo_conformance.evidence.history import History, Operation, Step, histories
from jobinfo_conformance.evidence.observation import Observation
from jobinfo_conformance.evidence.secrets import MARK, SESSION_HEADER, Session, redact, redact_text
from jobinfo_conformance.scenarios import Scenario, abort, chosen
from jobinfo_conformance.targets.base import LiveOptions, TargetUnusable
from jobinfo_conformance.targets.client import Client, NoAnswer

#: Refusals of the first request that leave nothing to test.
_REFUSING_CODES = frozenset({"InvalidSessionId", "InvalidVersion", "InvalidUrl", "FeatureNotEnabled"})
_REFUSING_STATUSES = frozenset({401, 403, 404})


class BudgetSpent(Exception):
    """The requests that the user allowed are used up, but for those that clean up."""


class Live:
    """An endpoint at a base URL.

    Every request carries the session, and every exchange comes back without it. A job that was opened is remembered
    until it is seen closed or aborted, and a request to abort it is kept back from the budget.
    """

    def __init__(self, url: str, session: Session, options: LiveOptions) -> None:
        self.name = url
        self.version = options.version
        self.job_object = options.job_object
        self.wait = options.wait
        self.queries = options.queries
        self._max_requests = options.max_requests
        self._session = session
        self._client = Client(options.timeout)
        self._open: dict[str, None] = {}

    @property
    def resource(self) -> str:
        """The URL of the job resource in this version."""
        return f"{self.name.rstrip('/')}/services/async/{self.version}/job"

    def send(self, request: Request) -> Exchange:
        """Send a request with the session. Raises NoAnswer, and BudgetSpent where no request is left for it."""
        if self._max_requests is not None:
            opens = request.url == self.resource and request.method == "POST"
            if self._client.sent + 1 + len(self._open) + opens > self._max_requests:
                raise BudgetSpent(f"the {self._max_requests} requests of this run are used up")
        return self._send(request)

    def _send(self, request: Request) -> Exchange:
        headers = request.headers
        if headers.get(SESSION_HEADER) is None:
            headers = Headers.of([*headers, (SESSION_HEADER, self._session.reveal())])
        try:
            exchange = redact(self._client.send(replace(request, headers=headers)), self._session)
        except NoAnswer as error:
            raise NoAnswer(redact_text(str(error), self._session)) from None  # the transport's words may repeat it
        self._note(exchange)
        return exchange

    def _note(self, exchange: Exchange) -> None:
        """Remember a job that was opened; forget one that was closed or aborted, or can't be aborted in its state."""
        step = Step.of(exchange)
        if step is None or step.job_id is None:
            return
        if step.operation is Operation.CREATE and step.accepted:
            self._open[step.job_id] = None
        ended = step.accepted and step.job.get("state") in ("Closed", "Aborted")
        at_end = step.operation is Operation.ABORT and step.answer.fields.get("exceptionCode") == "InvalidJobState"
        if step.operation in (Operation.CLOSE, Operation.ABORT) and (ended or at_end):
            self._open.pop(step.job_id, None)

    def observe(self, serializations: Sequence[Serialization]) -> Observation:
        """Run the scenarios in each serialization that the version has; abort what they left open."""
        offered = [one for one in serializations if one is Serialization.XML or self.version >= JSON_SINCE]
        played = chosen(self)
        found: list[History] = []
        obstacles: list[str] = []
        try:
            for form, one in [(form, one) for form, one in product(offered, played) if form in one.only]:
                shown, obstacle = self._play(one, form, offered, first=not found)
                found += shown
                if obstacle is not None:
                    obstacles.append(obstacle)
                    if not shown:
                        break  # not even a create is answered
        except BaseException as error:
            for job_id in self._clean_up():
                error.add_note(f"left open: job {job_id} could not be aborted; close or abort it by hand")
            raise
        left_open = self._clean_up()
        return Observation(
            self.name,
            tuple(found),
            requests=self._client.sent,
            serializations=tuple(offered),
            version=str(self.version),
            live=True,
            expected=frozenset[str]().union(*(one.shows for one in played)),
            left_open=left_open,
            obstacle=obstacles[0] if obstacles else None,
        )

    def _play(
        self, scenario: Scenario, form: Serialization, offered: Sequence[Serialization], *, first: bool
    ) -> tuple[list[History], str | None]:
        """What a scenario showed, and what kept it from showing all."""
        exchanges: list[Exchange] = []
        obstacle = None
        try:
            for exchange in scenario.run(self, form, offered):
                if first and not exchanges:
                    _refuse_unusable(exchange)
                exchanges.append(exchange)
        except NoAnswer as error:
            if first and not exchanges:
                raise TargetUnusable(f"{self.name} does not answer: {error}") from error
            obstacle = f"no answer came: {error}"
        except BudgetSpent as error:
            obstacle = str(error)
        return histories(exchanges, whole=True, waited=None if obstacle else self.wait), obstacle

    def _clean_up(self) -> tuple[str, ...]:
        """Abort the jobs that are still open; return the ids of those that could not be."""
        for job_id in tuple(self._open):
            try:
                self._send(abort(self, job_id))
            except NoAnswer:
                continue  # the job is reported as left open
        return tuple(self._open)


def _refuse_unusable(exchange: Exchange) -> None:
    step = Step.of(exchange)
    assert step is not None
    fields = step.answer.fields
    code, message = fields.get("exceptionCode"), fields.get("exceptionMessage")
    if step.refused and (code in _REFUSING_CODES or step.status in _REFUSING_STATUSES):
        said = f" {quoted(code)}: {quoted(message, 300)}" if code else ""
        hint = "set JOBINFO_SESSION_ID to a session" if MARK in str(message) or code == "InvalidSessionId" else "check the URL"
        raise TargetUnusable(f"{exchange.request.url} answered {step.status}{said}; {hint}")

"""A live endpoint: scenarios are played on it, and the jobs that they leave open are aborted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._catalogue.requirement import Level
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.session import NO_SESSION, SESSION_HEADER, WRONG_SESSION
from jobinfo_conformance._escaping import shortened
from jobinfo_conformance._evidence.curl import curl
from jobinfo_conformance._evidence.history import told_apart
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Exchange, Request
from jobinfo_conformance._job_requests.plain import abort, close
from jobinfo_conformance._job_requests.resource import Resource
from jobinfo_conformance._judging import by_kind
from jobinfo_conformance._left_behind import perhaps_left_open
from jobinfo_conformance._process.undisturbed import finished, undisturbed
from jobinfo_conformance._scenarios.performance import Performance
from jobinfo_conformance._scenarios.stage import Spent, Stage, Unanswered
from jobinfo_conformance._targets.credentials import Credentials
from jobinfo_conformance._targets.first_answer import refuse_unusable
from jobinfo_conformance._targets.hidden_frames import without_frames
from jobinfo_conformance._targets.http_client import HttpClient, NoAnswer
from jobinfo_conformance._targets.journal import Journal, Leftover, is_at, leftovers
from jobinfo_conformance._targets.ledger import Ledger
from jobinfo_conformance._targets.plan import offered, planned
from jobinfo_conformance._targets.target import Asking, TargetUnusable

#: How much is kept of the reason why no answer came, in characters.
_LONGEST_REASON = 300
#: The bound on a run's requests if the user gives none, and the scenarios need no more.
MOST_REQUESTS = 260


class Transport(Protocol):
    """What carries the requests of one thread to an endpoint."""

    def send(self, request: Request, within: float | None = None) -> Exchange:
        """Send a request, and wait at most ``within`` seconds if that is less than the timeout. Raises NoAnswer."""

    def cut(self) -> None:
        """Cut off, from another thread, what is being sent and whatever is sent later."""

    def close(self) -> None:
        """Disconnect from the endpoint."""


class Act(NamedTuple):
    """A part of a performance."""

    performance: Performance
    play: Callable[[], None]


class EndedEarlier(NamedTuple):
    """The ids of jobs that earlier runs left open: of those that are ended now, are no longer there, and are still open."""

    ended: list[str]
    gone: list[str]
    still_open: list[str]


class Live:
    """An endpoint at a base URL. Every request carries the credentials; every exchange comes back without them."""

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        asking: Asking,
        *,
        name: str | None = None,
        transport: Callable[[], Transport] | None = None,
        journals: Path | None = None,
    ) -> None:
        self.name = name or url
        self.job_object = asking.job_object
        self.wait = asking.wait
        self.queries = asking.queries
        self.content_type = asking.content_type
        self.no_creates_in: set[Serialization] = set()
        self.resource = f"{url.rstrip('/')}/services/async/{asking.version}/job"
        self._asking = asking
        self._credentials = credentials
        self._connect = transport or partial(HttpClient, asking.timeout)
        self._numbers = count(1)
        self._own = threading.local()
        self._transports: dict[Transport, bool] = {}  # and whether each is creating a job
        self._answered = False
        self._unanswered: list[str] = []
        self._ledger = Ledger(MOST_REQUESTS)
        self._journals = journals
        self._journal: Journal | None = None

    def send(self, request: Request) -> Exchange:
        """Send a request with the session. Raises Unanswered, or TargetUnusable if it is the first request.

        Raises ValueError if the request is not one to the job resource of this endpoint: no other gets the session.
        """
        _refuse_elsewhere(request, self.resource)
        creates = request.url == self.resource and request.method == "POST"
        opens = Serialization.of_media_type(request.content_type) if creates else None
        # Before the request is taken: whoever ends the run sees that it creates a job, or no more is taken.
        self._transports[self._transport] = opens is not None
        self._ledger.spend(opens=opens)
        try:
            exchange = self._send(request, opens=opens)
        except NoAnswer as error:
            if not self._answered:
                raise TargetUnusable(f"{self.name} does not answer: {error}") from error
            raise Unanswered(f"no answer came: {error}") from error
        except BadInput as error:  # the session has expired, and there is no other
            if not self._answered:
                raise
            self._ledger.ended = str(error)
            raise Spent(str(error)) from error
        if not self._answered:
            self._answered = True
            refuse_unusable(exchange)
        return exchange

    def redacted_text(self, text: str) -> str:
        """Return a text without the credentials."""
        return self._credentials.redacted_text(text)

    def forget_jobs(self) -> None:
        """Leave none of the open jobs for the next run to end: the endpoint is gone, and they with it."""
        if self._journal is not None:
            self._journal.forget()

    def pause(self, seconds: float) -> None:
        """Let time pass, unless the run is interrupted."""
        left = self._ledger.time_left()
        self._ledger.stopped.wait(seconds if left is None else min(seconds, left))

    def _send(self, request: Request, *, opens: Serialization | None = None, cleaning: bool = False) -> Exchange:
        """Send a request, and once more if the session had expired. Raises NoAnswer."""
        heard, was_sent, whole = None, True, False
        self._transports.setdefault(self._transport, False)
        try:
            session = self._credentials.number
            heard = self._sent(request, cleaning=cleaning)
            if self._has_expired(request, session, heard) and self._ledger.spend_once_more():
                heard = self._sent(request, cleaning=cleaning)
            whole = not heard.timed_out
        except NoAnswer as error:
            heard, was_sent = error.heard, error.was_sent
            if was_sent and not cleaning:
                self._unanswered.append(curl(self._credentials.on_paper(request)))
            raise
        finally:
            self._ledger.note(Step.of(heard) if heard else None, opened=opens, was_sent=was_sent, whole=whole)
        return heard

    def _sent(self, request: Request, *, cleaning: bool) -> Exchange:
        """Send a request with the credentials, and return the exchange without them. Raises NoAnswer, without them too."""
        try:
            within = self._ledger.time_left(cleaning=cleaning)
            return self._credentials.redacted(self._transport.send(self._credentials.on(request), within))
        except NoAnswer as error:
            # The transport may quote the session.
            why = shortened(self._credentials.redacted_text(str(error)), _LONGEST_REASON)
            heard = error.heard and self._credentials.redacted(error.heard)
            raise NoAnswer(why, was_sent=error.was_sent, heard=heard) from None

    def _has_expired(self, request: Request, session: int, exchange: Exchange) -> bool:
        """Whether a request was refused because the session of this number has expired, and there is another one now."""
        if request.headers.get(SESSION_HEADER) in (NO_SESSION, WRONG_SESSION):
            return False
        step = Step.of(exchange)
        if step is None or not step.is_client_error or step.error_code != "InvalidSessionId":
            self._credentials.note_accepted()
            return False
        return self._credentials.renew(session)

    @property
    def _transport(self) -> Transport:
        """The calling thread's own transport, since threads can't share one."""
        if not hasattr(self._own, "transport"):
            self._own.transport = self._connect()
        transport: Transport = self._own.transport
        return transport

    def observe(self, serializations: Sequence[Serialization], catalogue: Catalogue) -> Observation:
        """Play the scenarios in each serialization that the version has, then abort the jobs that they left open.

        Raises TargetUnusable. If it is interrupted, notes on the exception say which jobs are left open.
        """
        return without_frames(lambda: self._observed(serializations, catalogue), self._credentials.redacted_text)

    def _observed(self, serializations: Sequence[Serialization], catalogue: Catalogue) -> Observation:
        version = self._asking.version
        forms = offered(serializations, version)
        scenarios = planned(self._asking, serializations, catalogue)
        needed = sum(scenario.requests for scenario, _ in scenarios)
        enough = sum(scenario.most_requests for scenario, _ in scenarios)
        journal = self._journal = Journal(self._journals, self.resource) if self._journals is not None else None
        earlier = self._earlier()
        most = self._asking.max_requests or max(MOST_REQUESTS, needed) + sum(len(left.jobs) for left in earlier)
        self._ledger = Ledger(most, enough, time_limit=self._asking.time_limit, journal=journal)
        for left in earlier:
            self._ledger.adopt(left)
        musts = by_kind(requirement for requirement in catalogue.requirements.values() if requirement.level is Level.MUST)
        performances = [Performance(scenario, Stage(self, form, forms, musts)) for scenario, form in scenarios]
        try:
            self._play(performances)
            self._clean_up_undisturbed(abort, close)
        finally:
            self._disconnect(journal)
        histories = tuple(told_apart(history for played in performances for history in played.stage.histories(self.wait)))
        mixed = any(history.mixed for history in histories)
        return Observation(
            self.name,
            histories,
            requests=self._ledger.sent,
            serializations=tuple(forms),
            version=str(version),
            live=True,
            expected=frozenset[str]().union(*(scenario.shows for scenario, _ in scenarios)),
            left_open=tuple(self._ledger.open),
            unanswered=tuple(self._unanswered),
            unanswered_creates=self._ledger.unanswered_creates,
            remarks=tuple(self._remarks(earlier, journal)),
            broken={
                (kind, played.stage.form): self._credentials.redacted_text(played.reason)
                for played in performances
                if played.breakdown is not None
                for kind in played.scenario.shows
            },
            errors=tuple(self._credentials.redacted_text(played.error) for played in performances if played.error),
            overspent=tuple(filter(None, (played.overspending for played in performances))),
            obstacles={
                (kind, played.stage.form): obstacle
                for played in performances
                for kind in played.scenario.shows
                # Where jobs can't be told apart, that is why nothing was seen of whatever takes several requests.
                if (obstacle := played.stage.obstacle_to(kind, alone=mixed)) is not None
            },
        )

    def _play(self, performances: Sequence[Performance]) -> None:
        """Play all scenarios, then what they left for later.

        The first is played alone, since it shows whether the target can be used.
        """
        acts = [Act(played, partial(played.scenario.play, played.stage)) for played in performances]
        total = len(acts) + sum(played.scenario.at_worst is not None for played in performances)
        try:
            with ThreadPoolExecutor(self._asking.workers) as pool:
                self._play_side_by_side(acts[:1], pool, total)
                self._play_side_by_side(acts[1:], pool, total)
                later = [Act(played, played.stage.next_act) for played in performances if played.stage.next_act is not None]
                self._play_side_by_side(later, pool, total)
        except BaseException as error:
            self._ledger.stopped.set()
            try:
                self._clean_up_undisturbed(abort)
            finally:  # even if the cleanup is interrupted
                for line in self._left_behind(told_of_none=not isinstance(error, BadInput)):
                    error.add_note(line)
            raise

    def _play_side_by_side(self, acts: Sequence[Act], pool: Executor, total: int) -> None:
        """Play acts with the workers of a pool.

        They never play in the calling thread: if that is interrupted, a create on its way can still be answered, so that its
        job is known and can be aborted.
        """

        def play(act: Act) -> None:
            if self._asking.progress is not None:
                scenario, form = act.performance.scenario, act.performance.stage.form
                self._asking.progress(next(self._numbers), total, f"{scenario.name} ({form})")
            act.performance.play(act.play)

        by_length = sorted(acts, key=lambda act: -act.performance.scenario.requests)
        playing = [pool.submit(play, act) for act in (by_length if self._asking.workers > 1 else acts)]
        try:
            for future in playing:
                future.result()
        except BaseException:
            self._ledger.stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            for transport, creates in self._transports.items():
                if not creates:
                    transport.cut()
            begun = [future for future in playing if not future.cancelled()]
            undisturbed(partial(wait, begun))  # a pool that is interrupted while it waits takes its threads for ended
            raise

    def _clean_up_undisturbed(self, *requests: Callable[[Live, str, Serialization], Request]) -> None:
        """End the open jobs in a thread of their own, which an interrupt does not reach."""
        finished(partial(self._clean_up, *requests))

    def _clean_up(self, *requests: Callable[[Live, str, Serialization], Request]) -> None:
        """End each job that is still open, with the first of these requests that does so."""
        for request in requests:
            for job_id, form in self._ledger.open.items():
                if self._ledger.spend_on_cleaning(again=request is not requests[0]):
                    with suppress(NoAnswer):  # the job is reported as left open
                        self._send(request(self, job_id, form), cleaning=True)

    def end_earlier(self) -> EndedEarlier:
        """End the jobs that earlier runs left open, and return what became of them.

        Raises BadInput if the session can't be had.
        """
        return without_frames(self._end_earlier, self._credentials.redacted_text)

    def _end_earlier(self) -> EndedEarlier:
        assert self._journals is not None
        journal, earlier = Journal(self._journals, self.resource), self._earlier()
        self._ledger = Ledger(sum(len(left.jobs) for left in earlier) * 2, journal=journal)
        for left in earlier:
            self._ledger.adopt(left)
        try:
            self._clean_up_undisturbed(abort, close)
        finally:
            self._disconnect(journal)
        return EndedEarlier(self._ledger.adopted_and_ended, self._ledger.adopted_and_gone, list(self._ledger.open))

    def _earlier(self) -> list[Leftover]:
        """What earlier runs left open on this endpoint, in any version."""
        if self._journals is None:
            return []
        own = Resource.of(self.resource)
        return [left for left in leftovers(self._journals) if own and is_at(left.resource, own.origin)]

    def _remarks(self, earlier: Sequence[Leftover], journal: Journal | None) -> Iterator[str]:
        """Yield what became of the jobs that earlier runs left open, and why this one could not note its own."""
        yield from (f"left open by an earlier run, and ended now: job {job}" for job in self._ledger.adopted_and_ended)
        yield from (f"left open by an earlier run, and no longer there: job {job}" for job in self._ledger.adopted_and_gone)
        if any(left.creates > 0 for left in earlier):
            yield "perhaps left open by an earlier run: it was killed while it created a job, whose id nobody knows"
        if journal is not None and journal.failure is not None:
            yield f"{journal.failure}: if this run is killed, nobody knows the jobs that it has open"

    def _disconnect(self, journal: Journal | None) -> None:
        for transport in self._transports:
            transport.close()
        if journal is not None:
            journal.close()

    def _left_behind(self, *, told_of_none: bool) -> Iterator[str]:
        """Yield what a run that was cut short leaves behind, in a line for each job; for nothing, perhaps a line too."""
        yield from (f"left open: job {job}" for job in self._ledger.open)
        if self._ledger.unanswered_creates:
            yield perhaps_left_open(self._ledger.unanswered_creates)
        if told_of_none and not self._ledger.open and not self._ledger.unanswered_creates:
            yield "every job that was opened is closed or aborted"


def _refuse_elsewhere(request: Request, resource: str) -> None:
    if urlsplit(request.url)[:2] != urlsplit(resource)[:2] or Resource.of(request.url) is None:
        raise ValueError(f"{request.method} {request.url} was not sent: it is not a request to a job of {resource}")

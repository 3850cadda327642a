"""The ledger of a live run: how many requests it may still send, and which jobs it has open."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter

from jobinfo_conformance._contract.ids import short_form
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._scenarios.stage import Spent
from jobinfo_conformance._targets.journal import Journal, Leftover

#: After this many requests in a row without an answer, or creates in a row without a job, no more are sent.
MOST_IN_VAIN = 3
#: How many times as long as the slowest answer the end of a job may take.
_SLACK = 2
#: What a request is given that is allowed just before the time is over, in seconds.
_SHORTEST_WAIT = 0.1
#: What a request takes at least, in seconds, with what the suite itself does about it.
_SHORTEST_REQUEST = 0.02


class Ledger:
    """The requests of a run and the jobs that it made, in all its threads.

    ``most`` is how many requests may be sent, cleanup included: for each job that is open or about to be, one request is
    kept back to abort it. ``enough`` is how many would do for any endpoint. ``time_limit`` is how long the run may take, in
    seconds; time is kept back in the same way. ``journal`` is told of each job. ``unanswered_creates`` counts the creates that
    were not answered, or were accepted without an id: each may have made a job. ``ended`` says why nothing more can be asked,
    once that is so.
    """

    def __init__(self, most: int, enough: int = 0, *, time_limit: float | None = None, journal: Journal | None = None) -> None:
        self.sent = 0
        self.unanswered_creates = 0
        self.stopped = threading.Event()
        self.ended: str | None = None
        self._most = most
        self._enough = max(enough, most + 1)
        self._made: dict[str, tuple[str, Serialization]] = {}
        self._open: set[str] = set()
        self._opening = 0
        self._unanswered = 0
        self._without_job: Counter[Serialization] = Counter()
        self._last_create: dict[Serialization, str] = {}
        self._lock = threading.Lock()
        self._journal = journal
        self._adopted: set[str] = set()
        self._gone: set[str] = set()
        self._time_limit = time_limit
        self._began = time.monotonic()
        self._slowest = _SHORTEST_REQUEST  # so far, in seconds

    @property
    def open(self) -> dict[str, Serialization]:
        """The ids of the open jobs, each with the serialization in which it was created."""
        with self._lock:
            return dict(made for short, made in self._made.items() if short in self._open)

    def spend(self, *, opens: Serialization | None) -> None:
        """Take a request; ``opens`` is the serialization of a job that it creates. Raises Spent if none is left for it."""
        with self._lock:
            self._refuse_more(opens)
            self.sent += 1
            if opens is not None:
                self._opening += 1
                if self._journal is not None:
                    self._journal.creating(opens)

    def _refuse_more(self, opens: Serialization | None) -> None:
        if self.stopped.is_set():
            raise Spent("the run was interrupted")
        if self.ended is not None:
            raise Spent(self.ended)
        if self._time_left() <= self._time_for(opens):
            raise Spent(f"the {self._time_limit:g} seconds of this run are over")
        if self._unanswered >= MOST_IN_VAIN:
            raise Spent(f"{self._unanswered} requests in a row were not answered")
        if opens is not None and self._without_job[opens] >= MOST_IN_VAIN:
            last = self._last_create[opens]
            raise Spent(f"{MOST_IN_VAIN} creates in {opens} in a row showed no job; the last was answered {last}")
        kept_back = len(self._open) + self._opening + (0 if opens is None else 1)
        if self.sent + 1 + kept_back > self._most:
            raise Spent(f"the {self._most} requests of this run are used up; --max-requests {self._enough} is enough")

    def _time_for(self, opens: Serialization | None) -> float:
        """The time that a request may take, and the end of the job that it opens: one that is cut off may leave a job open."""
        needed = self._slowest if opens is None else self._slowest * (1 + _SLACK)
        return min(needed, (self._time_limit or 0) / 4)

    def time_left(self, *, cleaning: bool = False) -> float | None:
        """How long the next request or pause may take, in seconds; None if there is no limit."""
        if self._time_limit is None:
            return None
        with self._lock:
            return max(self._time_left(cleaning=cleaning), _SHORTEST_WAIT)

    def _time_left(self, *, cleaning: bool = False) -> float:
        """How much time is left, but for what is kept back to end the open jobs, each twice as slowly as any answer came."""
        if self._time_limit is None:
            return math.inf
        left = self._time_limit - (time.monotonic() - self._began)
        kept_back = 0 if cleaning else _SLACK * (len(self._open) + self._opening) * self._slowest
        return left - min(kept_back, self._time_limit / 2)

    def adopt(self, leftover: Leftover) -> None:
        """Take the jobs that another run left open for this one's, so that they are ended too."""
        with self._lock:
            if self._journal is not None:
                self._journal.adopt(leftover)
            for job_id, form in leftover.jobs.items():
                self._made[short_form(job_id)] = (job_id, form)
                self._open.add(short_form(job_id))
                self._adopted.add(short_form(job_id))

    @property
    def adopted_and_ended(self) -> list[str]:
        """The ids of the jobs that another run left open and that are ended now."""
        with self._lock:
            return [self._made[short][0] for short in sorted(self._adopted - self._open - self._gone)]

    @property
    def adopted_and_gone(self) -> list[str]:
        """The ids of the jobs that another run left open and that the endpoint does not know any more."""
        with self._lock:
            return [self._made[short][0] for short in sorted(self._gone)]

    def spend_once_more(self) -> bool:
        """Take a second request, to repeat one that did not count; return False if there is none left."""
        with self._lock:
            is_left = self.sent + 1 + len(self._open) + self._opening <= self._most
            self.sent += is_left
            return is_left

    def spend_on_cleaning(self, *, again: bool) -> bool:
        """Take the request that was kept back for a job; ``again`` takes a second one, if one is left and it makes sense."""
        with self._lock:
            is_allowed = self._time_left(cleaning=True) > 0
            is_allowed = is_allowed and (not again or (self.sent < self._most and self._unanswered < MOST_IN_VAIN))
            self.sent += is_allowed
            return is_allowed

    def note(self, step: Step | None, *, opened: Serialization | None, was_sent: bool = True, whole: bool = True) -> None:
        """Note what became of a request.

        ``step`` is None if no answer came, and ``was_sent`` False if the request can't have arrived. An answer that did not
        come ``whole`` counts as none, but the job that it names was made.
        """
        with self._lock:
            self._unanswered = 0 if step is not None and whole else self._unanswered + 1
            if step is not None:
                self._slowest = max(self._slowest, (step.exchange.milliseconds or 0) / 1000)
            if opened is not None:
                self._opening -= 1
                self._note_create(step, opened, was_sent=was_sent)
            elif step is not None and short_form(step.job_id or "") in self._made:
                self._note_state(step, short_form(step.job_id or ""))

    def _note_create(self, step: Step | None, opened: Serialization, *, was_sent: bool) -> None:
        made = step.job_id if step is not None and step.accepted else None
        if self._journal is not None:
            self._journal.created(made, opened)
        if step is None:
            self.unanswered_creates += was_sent
        elif made is not None:
            self._without_job[opened] = 0
            if short_form(made) in self._adopted:  # a fresh endpoint numbers its jobs anew
                self._adopted.remove(short_form(made))
                self._gone.add(short_form(made))
            self._made[short_form(made)] = (made, opened)
            self._open.add(short_form(made))
        else:
            self.unanswered_creates += step.accepted
            self._without_job[opened] += 1
            self._last_create[opened] = step.answered

    def _note_state(self, step: Step, job: str) -> None:
        """Note whether a job is open: it is until an answer shows it closed or aborted, or refuses to abort it in its state."""
        code = step.error_code if step.operation is Operation.ABORT else None
        is_gone = job in self._adopted and (code == "InvalidJob" or (code is not None and step.status == 404))
        state = step.job.get("state") if step.answers_job else None
        if code == "InvalidJobState" or is_gone or state in ("Closed", "Aborted"):
            self._open.discard(job)
            if is_gone:
                self._gone.add(job)
            if self._journal is not None:
                self._journal.ended(job)
        elif state == "Open":
            self._open.add(job)

"""The ledger of a live run: how many requests it may still send, and which jobs it has open."""

from __future__ import annotations

import threading
from collections import Counter

from jobinfo_conformance._contract.ids import short_form
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._scenarios.stage import Spent

#: After this many requests in a row without an answer, or creates in a row without a job, no more are sent.
MOST_IN_VAIN = 3


class Ledger:
    """The requests of a run and the jobs that it made, in all its threads.

    ``most`` is how many requests may be sent, cleanup included: for each job that is open or about to be, one request is
    kept back to abort it. ``enough`` is how many would do for any endpoint. ``unanswered_creates`` counts the creates that
    were not answered, or were accepted without an id: each may have made a job. ``ended`` says why nothing more can be asked,
    once that is so.
    """

    def __init__(self, most: int, enough: int = 0) -> None:
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

    def _refuse_more(self, opens: Serialization | None) -> None:
        if self.stopped.is_set():
            raise Spent("the run was interrupted")
        if self.ended is not None:
            raise Spent(self.ended)
        if self._unanswered >= MOST_IN_VAIN:
            raise Spent(f"{self._unanswered} requests in a row were not answered")
        if opens is not None and self._without_job[opens] >= MOST_IN_VAIN:
            last = self._last_create[opens]
            raise Spent(f"{MOST_IN_VAIN} creates in {opens} in a row showed no job; the last was answered {last}")
        kept_back = len(self._open) + self._opening + (0 if opens is None else 1)
        if self.sent + 1 + kept_back > self._most:
            raise Spent(f"the {self._most} requests of this run are used up; --max-requests {self._enough} is enough")

    def spend_once_more(self) -> bool:
        """Take a second request, to repeat one that did not count; return False if there is none left."""
        with self._lock:
            is_left = self.sent + 1 + len(self._open) + self._opening <= self._most
            self.sent += is_left
            return is_left

    def spend_on_cleaning(self, *, again: bool) -> bool:
        """Take the request that was kept back for a job; ``again`` takes a second one, if one is left and it makes sense."""
        with self._lock:
            is_allowed = not again or (self.sent < self._most and self._unanswered < MOST_IN_VAIN)
            self.sent += is_allowed
            return is_allowed

    def note(self, step: Step | None, *, opened: Serialization | None, was_sent: bool = True, whole: bool = True) -> None:
        """Note what became of a request.

        ``step`` is None if no answer came, and ``was_sent`` False if the request can't have arrived. An answer that did not
        come ``whole`` counts as none, but the job that it names was made.
        """
        with self._lock:
            self._unanswered = 0 if step is not None and whole else self._unanswered + 1
            if opened is not None:
                self._opening -= 1
                self._note_create(step, opened, was_sent=was_sent)
            elif step is not None and short_form(step.job_id or "") in self._made:
                self._note_state(step, short_form(step.job_id or ""))

    def _note_create(self, step: Step | None, opened: Serialization, *, was_sent: bool) -> None:
        if step is None:
            self.unanswered_creates += was_sent
        elif step.accepted and step.job_id is not None:
            self._without_job[opened] = 0
            self._made[short_form(step.job_id)] = (step.job_id, opened)
            self._open.add(short_form(step.job_id))
        else:
            self.unanswered_creates += step.accepted
            self._without_job[opened] += 1
            self._last_create[opened] = step.answered

    def _note_state(self, step: Step, job: str) -> None:
        """Note whether a job is open: it is until an answer shows it closed or aborted, or refuses to abort it in its state."""
        can_not_abort = step.operation is Operation.ABORT and step.error_code == "InvalidJobState"
        state = step.job.get("state") if step.answers_job else None
        if can_not_abort or state in ("Closed", "Aborted"):
            self._open.discard(job)
        elif state == "Open":
            self._open.add(job)

"""What a live run may still send, and which jobs it has open."""

from __future__ import annotations

import threading
from collections import Counter

from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.evidence.history import Operation, Step
from jobinfo_conformance.scenarios import Spent

#: After so many requests in a row without an answer, or creates in a row without a job, no more are sent.
MOST_IN_VAIN = 3


class Ledger:
    """The requests of a run, over all its threads.

    ``most`` is how many may be sent, those to clean up included: for each job that is open, or about to be, one request is
    kept back to abort it.
    """

    def __init__(self, most: int) -> None:
        self.sent = 0
        self._most = most
        self._open: dict[str, Serialization] = {}
        self._opening = 0
        self._unanswered = 0
        self._without_job: Counter[Serialization] = Counter()
        self._lock = threading.Lock()
        self.stopped = threading.Event()

    @property
    def open(self) -> dict[str, Serialization]:
        """The ids of the jobs that are open, and the serialization in which each was created."""
        with self._lock:
            return dict(self._open)

    def spend(self, *, opens: Serialization | None) -> None:
        """Take a request; one that creates a job ``opens`` it in a serialization. Raises Spent where none is left for it."""
        with self._lock:
            if self.stopped.is_set():
                raise Spent("the run was interrupted")
            if self._unanswered >= MOST_IN_VAIN:
                raise Spent(f"{self._unanswered} requests in a row were not answered")
            if opens and self._without_job[opens] >= MOST_IN_VAIN:
                raise Spent(f"{MOST_IN_VAIN} creates in {opens} in a row showed no job")
            if self.sent + 1 + len(self._open) + self._opening + bool(opens) > self._most:
                raise Spent(f"the {self._most} requests of this run are used up; --max-requests allows more")
            self.sent += 1
            self._opening += bool(opens)

    def spend_on_cleaning(self) -> None:
        """Take a request that was kept back."""
        with self._lock:
            self.sent += 1

    def note(self, step: Step | None, *, opened: Serialization | None) -> None:
        """Note what became of a request; None where it was not answered.

        A job that was opened is remembered until it is seen closed or aborted, or can't be aborted in its state.
        """
        with self._lock:
            self._opening -= bool(opened)
            self._unanswered = self._unanswered + 1 if step is None else 0
            if step is None:
                return
            if opened:
                shows_job = step.accepted and step.job_id is not None
                self._without_job[opened] = 0 if shows_job else self._without_job[opened] + 1
            if step.job_id is None:
                return
            if opened and step.accepted:
                self._open[step.job_id] = opened
            ended = step.accepted and step.job.get("state") in ("Closed", "Aborted")
            at_end = step.operation is Operation.ABORT and step.answer.fields.get("exceptionCode") == "InvalidJobState"
            if step.operation in (Operation.CLOSE, Operation.ABORT) and (ended or at_end):
                self._open.pop(step.job_id, None)

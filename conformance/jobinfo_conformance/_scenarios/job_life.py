"""The life of a job as a state machine, which Hypothesis runs: one job, and requests to it in any order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from jobinfo_conformance._contract.expected_job import ExpectedJob
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Request
from jobinfo_conformance._job_requests import plain
from jobinfo_conformance._scenarios.stage import Stage
from jobinfo_conformance._scenarios.trials import Trials

#: The most batches that are added to a job.
MOST_BATCHES = 2


class JobLife(RuleBasedStateMachine):
    """One job, and what accepted requests should make of it.

    It is sent only requests whose outcome the contract settles: no abort once it is closed, and no batch once it is aborted.
    """

    def __init__(self, stage: Stage, other: Serialization, trials: Trials) -> None:
        super().__init__()
        trials.begin()
        self._stage = stage
        self._other = other
        self._trials = trials
        self._trial = ExitStack()
        self._trial.enter_context(stage.trial())
        self._job: str | None = None
        self._expected = ExpectedJob()

    @rule(other=st.booleans())
    def read(self, other: bool) -> None:
        """Read the job."""
        form = self._form(other=other)
        self._ask(lambda job: plain.read(self._stage.endpoint, job, form))

    @precondition(lambda self: self._expected.state is not None)
    @rule(other=st.booleans())
    def close(self, other: bool) -> None:
        """Close the job, whatever its state."""
        self._change("Closed", other=other)

    @precondition(lambda self: self._expected.state == "Closed")
    @rule(other=st.booleans())
    def reopen(self, other: bool) -> None:
        """Try to reopen a closed job."""
        self._change("Open", other=other)

    @precondition(lambda self: self._expected.state == "Open")
    @rule(other=st.booleans())
    def abort(self, other: bool) -> None:
        """Abort an open job."""
        self._change("Aborted", other=other)

    @precondition(lambda self: self._expected.state in ("Open", "Closed") and self._takes_batches)
    @rule()
    def add_batch(self) -> None:
        """Add a batch of SOQL, to a closed job too."""
        if self._ask(lambda job: plain.add_query(self._stage.endpoint, job, self._stage.content_type)).accepted:
            self._expected = self._expected.with_batch()

    @property
    def _takes_batches(self) -> bool:
        return self._stage.endpoint.queries and self._expected.batches < MOST_BATCHES

    def teardown(self) -> None:
        """Close and read the job, unless a failure ended the trials."""
        with self._trial:
            if not self._trials.are_over:
                self._end()

    def _end(self) -> None:
        if self._job is not None and self._expected.state == "Open":
            self._change("Closed", other=False)
        if self._job is not None:
            self._ask(lambda job: plain.read(self._stage.endpoint, job, self._stage.form))

    def _form(self, *, other: bool) -> Serialization:
        return self._other if other else self._stage.form

    def _change(self, state: str, *, other: bool) -> None:
        form = self._form(other=other)
        if self._ask(lambda job: plain.change(self._stage.endpoint, job, state, form)).accepted:
            self._expected = self._expected.asked_for(state)

    def _ask(self, request_on: Callable[[str], Request]) -> Step:
        """Send a request to the job, which is created before its first request."""
        job = self._job = self._job or self._trials.ask(self._stage.create)
        return self._trials.ask(lambda: self._stage.send(request_on(job)))

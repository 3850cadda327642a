"""A scenario that finds orders of requests which nobody listed: Hypothesis plays the life of a job."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from hypothesis import seed
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from jobinfo_conformance.contract.life import Life
from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.evidence.exchange import Request
from jobinfo_conformance.evidence.history import Step
from jobinfo_conformance.scenarios import requests
from jobinfo_conformance.scenarios.drawn import SEED, Trials
from jobinfo_conformance.scenarios.scenario import Stage, scenario

#: How many lives are played, the most requests in one before it is ended, and the most batches that are added.
EXAMPLES, LONGEST, MOST_BATCHES = 3, 5, 2


class JobsLife(RuleBasedStateMachine):
    """One job, what is asked of it, and what became of it by the model.

    Asked is what the contract has an answer to: not the abort of a closed job, nor a batch for an aborted one.
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
        self._life = Life()

    @rule(other=st.booleans())
    def read(self, other: bool) -> None:
        """Read it."""
        form = self._form(other=other)
        self._ask(lambda job: requests.read(self._stage.endpoint, job, form))

    @precondition(lambda self: self._life.state is not None)
    @rule(other=st.booleans())
    def close(self, other: bool) -> None:
        """Close it, whatever its state."""
        self._change("Closed", other=other)

    @precondition(lambda self: self._life.state == "Closed")
    @rule(other=st.booleans())
    def reopen(self, other: bool) -> None:
        """Ask for a closed job to be opened."""
        self._change("Open", other=other)

    @precondition(lambda self: self._life.state == "Open")
    @rule(other=st.booleans())
    def abort(self, other: bool) -> None:
        """Abort an open job."""
        self._change("Aborted", other=other)

    @precondition(lambda self: self._life.state in ("Open", "Closed") and self._takes_batches)
    @rule()
    def add_batch(self) -> None:
        """Add a batch of SOQL, to a closed job too."""
        if self._ask(lambda job: requests.add_query(self._stage.endpoint, job, self._stage.form)).accepted:
            self._life = self._life.with_batch()

    @property
    def _takes_batches(self) -> bool:
        return self._stage.endpoint.queries and self._life.batches < MOST_BATCHES

    def teardown(self) -> None:
        """End the job where nothing went wrong."""
        with self._trial:
            if not self._trials.are_over:
                self._end()

    def _end(self) -> None:
        if self._job is not None and self._life.state == "Open":
            self._change("Closed", other=False)
        if self._job is not None:
            self._ask(lambda job: requests.read(self._stage.endpoint, job, self._stage.form))

    def _form(self, *, other: bool) -> Serialization:
        return self._other if other else self._stage.form

    def _change(self, state: str, *, other: bool) -> None:
        form = self._form(other=other)
        if self._ask(lambda job: requests.change(self._stage.endpoint, job, state, form)).accepted:
            self._life = self._life.asked_for(state)

    def _ask(self, request_on: Callable[[str], Request]) -> Step:
        """Send a request on the job, which is created for the first."""
        job = self._job = self._job or self._trials.ask(self._stage.create)
        return self._trials.ask(lambda: self._stage.send(request_on(job)))


@scenario(
    "play the life of a job in orders that Hypothesis draws",
    requests=3 + EXAMPLES * (LONGEST + 3),
    jobs=1 + EXAMPLES,
    shows=[],
    once=True,
)
def _orders(stage: Stage) -> None:
    job, other = stage.create_in_other()  # an endpoint that makes none is not asked for anything in it
    stage.read(job, other)
    stage.close(job, other)
    trials = Trials(stage, EXAMPLES)
    settings = trials.settings(steps=LONGEST)
    machine: Any = seed(SEED)(lambda: JobsLife(stage, other, trials))  # typed as a class, documented as any callable
    trials.run(lambda: run_state_machine_as_test(machine, settings=settings))

"""Trials: sequences of requests that Hypothesis draws. One that breaks the contract is shortened.

Only here does judging decide what is sent. Everything seen is evidence: even if a failure does not happen again, the verdict
rests on what the endpoint answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TypeVar

from hypothesis import given, reject, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky, Unsatisfiable
from hypothesis.strategies import SearchStrategy

from jobinfo_conformance._evidence.history import History, histories
from jobinfo_conformance._exchange import Exchange, Request
from jobinfo_conformance._judging import broken_in
from jobinfo_conformance._scenarios.shortening import fewest
from jobinfo_conformance._scenarios.stage import Stage
from jobinfo_conformance._seed_alone import drawing

T = TypeVar("T")

#: The only thing that decides what is drawn, so that it is the same in every run and after every change to the suite.
SEED = 0
#: How many examples Hypothesis may draw, played or not. From 10 on it begins with small ones, which tell little.
_DRAWN = 9


def drawing_trials(steps: int = 1) -> settings:
    """Settings to draw trials. `Trials` shortens a failing one itself, which takes fewer requests."""
    return drawing(_DRAWN, stateful_step_count=steps)


class Enough(BaseException):
    """Nothing more should be drawn. Not an Exception, which Hypothesis would take for a failure and play again."""


class Trials:
    """The trials that Hypothesis plays on a stage until one fails; that one is shortened, and shown before the others.

    Requirements that the scenario broke before the first trial don't count, since every trial would break them.
    """

    def __init__(self, stage: Stage, examples: int) -> None:
        self._stage = stage
        self._most = len(stage.trials) + examples
        self._broken_before = self._broken(stage.seen)
        self._failing: list[Exchange] | None = None
        self._error: Exception | None = None

    @property
    def are_over(self) -> bool:
        """Whether a trial failed or could not go on."""
        return self._failing is not None or self._error is not None

    def begin(self) -> None:
        """Begin a trial. Raises Enough if no more are allowed."""
        if len(self._stage.trials) >= self._most:
            raise Enough

    def ask(self, play: Callable[[], T]) -> T:
        """Play a part of a trial, then judge the whole trial so far.

        Raises Enough if the trial fails or can't go on; `run` raises what ended it.
        """
        try:
            try:
                result = play()
            finally:
                if self._broken(self._stage.seen) - self._broken_before:
                    self._failing = self._stage.seen
        except Exception as error:  # the endpoint's or the suite's own: Hypothesis must not take it for a failure
            self._error = error
            raise Enough from error
        if self._failing is not None:
            raise Enough
        return result

    def run(self, test: Callable[[], None]) -> None:
        """Have Hypothesis run a test. Raises what ended a trial: Unanswered, NoJob, or an error of the suite."""
        with suppress(Enough, Flaky, Unsatisfiable):  # Hypothesis calls a trial flaky if it may not begin
            test()
        try:
            if self._error is not None:
                raise self._error
            if self._failing is not None:
                self._shorten(self._failing)
        finally:
            if self._failing is not None:
                self._stage.show_first(self._failing)

    def _broken(self, exchanges: Iterable[Exchange]) -> set[str]:
        """The ids of the requirements that do not hold in these exchanges."""
        found = (broken_in(history, self._stage.requirements) for history in histories(exchanges, whole=True))
        return set[str]().union(*found)

    def _shorten(self, failing: list[Exchange]) -> None:
        """Replay the failing trial on new jobs without the requests that it does not need to fail."""
        create, *others = [exchange.request for exchange in failing]
        job, broken = str(History.of(failing).job_id), self._broken(failing) - self._broken_before

        def fails(requests: Sequence[Request]) -> bool:
            with self._stage.trial() as exchanges:
                self._stage.replay(job, [create, *requests, *others[-1:]])  # it did not fail before its last request
            reproduced = not broken.isdisjoint(self._broken(exchanges))
            if reproduced:
                self._failing = exchanges
            return reproduced

        fewest(others[:-1], fails)


def drive(stage: Stage, strategy: SearchStrategy[T], play: Callable[[T], None], *, examples: int) -> None:
    """Play this many examples of a strategy, except the simplest, which the scenario has already sent.

    Raises Unanswered, NoJob.
    """
    trials = Trials(stage, examples)

    @drawing_trials()
    @seed(SEED)
    @given(number=st.integers(0, 65535), drawn=strategy)
    def test(number: int, drawn: T) -> None:
        if number == 0:  # the simplest example, which comes first and has the least of everything
            reject()
        trials.begin()
        with stage.trial():
            trials.ask(lambda: play(drawn))

    trials.run(test)

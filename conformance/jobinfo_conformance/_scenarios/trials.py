"""Hypothesis asks: what it draws is played, and what departs from the contract is shortened.

This is the one place where what is judged decides what is asked. All that was seen is evidence, so whatever becomes of it
when it is asked again, the verdict is on what the endpoint answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
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

#: What is drawn follows from this alone: it is the same in every run, and after every change to the suite.
SEED = 0
#: How many examples Hypothesis may draw, asked or not. From 10 on it begins with small ones, which tell little.
_DRAWN = 9


def drawing_trials(steps: int = 1) -> settings:
    """Settings to draw trials: what is drawn is shortened by other means, which take fewer requests."""
    return drawing(_DRAWN, stateful_step_count=steps)


class Enough(BaseException):
    """Nothing more is to be drawn. No Exception: Hypothesis would take it for a failure, and play it again."""


class Trials:
    """What Hypothesis plays on a stage, until a trial departs: that one is shortened, and shown before the others.

    What the scenario broke before anything was drawn is no departure, since every trial would break it.
    """

    def __init__(self, stage: Stage, examples: int) -> None:
        self._stage = stage
        self._most = len(stage.trials) + examples
        self._known = self._broken(stage.seen)
        self._departing: list[Exchange] | None = None
        self._ended: Exception | None = None

    @property
    def are_over(self) -> bool:
        """Whether a trial departed, or could not go on."""
        return self._departing is not None or self._ended is not None

    def begin(self) -> None:
        """Begin a trial. Raises Enough where Hypothesis may not have another."""
        if len(self._stage.trials) >= self._most:
            raise Enough

    def ask(self, play: Callable[[], T]) -> T:
        """Play a part of a trial, and judge what was seen of the whole of it.

        Raises Enough where that departs, and where the trial can't go on: what ended it is raised when all is done.
        """
        try:
            try:
                answered = play()
            finally:
                if self._broken(self._stage.seen) - self._known:
                    self._departing = self._stage.seen
        except Exception as error:  # of the endpoint, or the suite's own: Hypothesis must not take it for a failure
            self._ended = error
            raise Enough from error
        if self._departing is not None:
            raise Enough
        return answered

    def run(self, test: Callable[[], None]) -> None:
        """Have Hypothesis run a test. Raises what ended a trial: Unanswered, NoJob, or an error of the suite."""
        with suppress(Enough, Flaky, Unsatisfiable):  # to Hypothesis a trial that may not begin is a flaky one
            test()
        try:
            if self._ended is not None:
                raise self._ended
            if self._departing is not None:
                self._shorten(self._departing)
        finally:
            if self._departing is not None:
                self._stage.show_first(self._departing)

    def _broken(self, exchanges: Iterable[Exchange]) -> set[str]:
        """The requirements that do not hold in what was seen."""
        found = (broken_in(history, self._stage.requirements) for history in histories(exchanges, whole=True))
        return set[str]().union(*found)

    def _shorten(self, departing: list[Exchange]) -> None:
        """Play what departs again, on new jobs, without the requests that it departs without as well."""
        created, *asked = [one.request for one in departing]
        old, broken = History.of(departing).job_id, self._broken(departing) - self._known

        def departs(requests: Sequence[Request]) -> bool:
            with self._stage.trial() as exchanges:
                job = self._stage.create(created)
                for request in (*requests, *asked[-1:]):  # without the last it did not depart yet
                    self._stage.send(replace(request, url=request.url.replace(f"/job/{old}", f"/job/{job}")))
            found = not broken.isdisjoint(self._broken(exchanges))
            if found:
                self._departing = exchanges
            return found

        fewest(asked[:-1], departs)


def drive(stage: Stage, strategy: SearchStrategy[T], play: Callable[[T], None], *, examples: int) -> None:
    """Play so many of what a strategy yields, but for the simplest, which was asked before anything was drawn.

    Raises Unanswered, NoJob.
    """
    trials = Trials(stage, examples)

    @drawing_trials()
    @seed(SEED)
    @given(number=st.integers(0, 65535), drawn=strategy)
    def test(number: int, drawn: T) -> None:
        if number == 0:  # the simplest comes first, and has the least of everything
            reject()
        trials.begin()
        with stage.trial():
            trials.ask(lambda: play(drawn))

    trials.run(test)

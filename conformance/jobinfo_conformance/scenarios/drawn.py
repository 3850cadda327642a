"""Hypothesis asks: what it draws is played, and what departs from the contract is shortened.

This is the one place where what is judged decides what is asked. All that was seen is evidence, so whatever Hypothesis
makes of it, a departure that does not recur included, the verdict is on what the endpoint answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, given, reject, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky, Unsatisfiable, UnsatisfiedAssumption
from hypothesis.strategies import SearchStrategy

from jobinfo_conformance.contract.requirements import Level
from jobinfo_conformance.evidence.exchange import Exchange
from jobinfo_conformance.evidence.history import histories
from jobinfo_conformance.scenarios.scenario import Stage
from jobinfo_conformance.verdicts import problems_in

T = TypeVar("T")

#: How many trials a departure may cost until it is as short as it gets.
MOST_REPEATS = 12
#: How many examples Hypothesis may draw, asked or not. From 10 on it begins with small ones, which tell little.
_DRAWN = 9


class Departure(Exception):
    """A trial broke a requirement that the scenario had kept until then."""


class Enough(BaseException):
    """Nothing more is to be drawn. No Exception: Hypothesis would take it for a departure."""


class Trials:
    """What Hypothesis has played on a stage.

    Kept are the trials that conform, and the last that departs: Hypothesis tries simpler ones until it gives up. What
    the scenario broke before anything was drawn is no departure, since every trial would break it.
    """

    def __init__(self, stage: Stage, examples: int) -> None:
        self._stage = stage
        self._left = examples
        self._known = _broken(stage.seen)
        self._departing: list[Exchange] | None = None
        self._repeats = MOST_REPEATS
        self._ended: Exception | None = None

    def settings(self, steps: int = 1) -> settings:
        """The same examples in every run, and nothing that is left behind or depends on time."""
        return settings(
            max_examples=_DRAWN,
            stateful_step_count=steps,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.quiet,
            print_blob=False,
        )

    def begin(self) -> None:
        """Begin a trial. Raises Enough where Hypothesis may not have another."""
        left = self._left if self._departing is None else self._repeats
        if self._ended is not None or left <= 0:
            raise Enough

    def ask(self, play: Callable[[], T], exchanges: list[Exchange]) -> T:
        """Play a part of a trial, and judge what was seen of the whole of it.

        Raises Departure where that broke what was kept until then, and Enough where the trial can't go on: what ended it
        is raised when all is done.
        """
        try:
            answered = self._guarded(play)
        except Enough:
            self._judge(exchanges)  # what was seen until then is evidence all the same
            raise
        self._judge(exchanges)
        return answered

    def _guarded(self, play: Callable[[], T]) -> T:
        try:
            return play()
        except UnsatisfiedAssumption:
            raise
        except Exception as error:  # of the endpoint, or the suite's own: Hypothesis must not take it for a departure
            self._ended = error
            raise Enough from error

    def _judge(self, exchanges: list[Exchange]) -> None:
        if self._guarded(lambda: _broken(exchanges)) - self._known:
            self._departing = exchanges
            self._repeats -= 1
            raise Departure

    def is_over(self, exchanges: list[Exchange]) -> bool:
        """Whether a trial departed, or could not go on."""
        return self._departing is exchanges or self._ended is not None

    def keep(self, exchanges: list[Exchange]) -> None:
        """Keep a trial that conforms, where anything was asked in it."""
        if exchanges:
            self._left -= 1
            self._stage.trials.append(exchanges)

    def run(self, test: Callable[[], None]) -> None:
        """Have Hypothesis run a test. Raises what ended a trial: Unanswered, NoJob, or an error of the suite."""
        with suppress(Departure, Enough, Flaky, Unsatisfiable):  # the evidence is kept
            test()
        if self._departing is not None:
            self._stage.trials.insert(0, self._departing)
        if self._ended is not None:
            raise self._ended


def drive(stage: Stage, strategy: SearchStrategy[T], play: Callable[[T], None], *, examples: int) -> None:
    """Play so many of what a strategy yields, but for the simplest, which was asked before anything was drawn.

    Raises Unanswered, NoJob.
    """
    trials = Trials(stage, examples)

    @trials.settings()
    @given(number=st.integers(0, 65535), drawn=strategy)
    def test(number: int, drawn: T) -> None:
        if number == 0:  # the simplest comes first, and has the least of everything
            reject()
        trials.begin()
        with stage.trial() as exchanges:
            trials.ask(lambda: play(drawn), exchanges)
            trials.keep(exchanges)

    trials.run(test)


def _broken(exchanges: Iterable[Exchange]) -> set[str]:
    """The MUSTs that do not hold in what was seen; a SHOULD is no reason to stop and shorten."""
    found = [requirement for history in histories(exchanges, whole=True) for requirement, _ in problems_in(history)]
    return {requirement.id for requirement in found if requirement.level is Level.MUST}

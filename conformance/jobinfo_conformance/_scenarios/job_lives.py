"""A scenario that sends requests to a job in orders that Hypothesis draws."""

from __future__ import annotations

from functools import partial
from typing import Any

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._scenarios.scenario import scenario
from jobinfo_conformance._scenarios.stage import Stage

#: How many jobs are sent requests in a drawn order, and the most requests to each before it is ended.
EXAMPLES, LONGEST = 3, 5


@scenario(
    "send requests to a job in orders that Hypothesis draws",
    requests=3 + EXAMPLES * (LONGEST + 3),
    jobs=1 + EXAMPLES,
    at_worst=3 + EXAMPLES * (LONGEST + 3) + (LONGEST + 2) * (LONGEST + 3),
    shows=[],
    once=True,
)
def orders(stage: Stage) -> None:
    job, other = stage.create_in_other(), stage.other
    stage.read(job, other)
    stage.close(job, other)
    stage.afterwards(partial(_draw_orders, stage, other))


def _draw_orders(stage: Stage, other: Serialization) -> None:
    """Send jobs requests in orders that Hypothesis draws, in this serialization and another."""
    from hypothesis import seed
    from hypothesis.stateful import run_state_machine_as_test

    from jobinfo_conformance._scenarios.job_life import JobLife
    from jobinfo_conformance._scenarios.trials import SEED, Trials, drawing_trials

    trials = Trials(stage, EXAMPLES)
    settings = drawing_trials(steps=LONGEST)
    machine: Any = seed(SEED)(lambda: JobLife(stage, other, trials))  # typed as a class, documented as any callable
    trials.run(lambda: run_state_machine_as_test(machine, settings=settings))

"""A scenario that sends requests to a job in orders that Hypothesis draws."""

from __future__ import annotations

from typing import Any

from jobinfo_conformance._scenarios.scenario import scenario
from jobinfo_conformance._scenarios.stage import Stage

#: How many jobs are sent requests in a drawn order, and the most requests to each before it is ended.
EXAMPLES, LONGEST = 3, 5


@scenario(
    "send requests to a job in orders that Hypothesis draws",
    requests=3 + EXAMPLES * (LONGEST + 3),
    jobs=1 + EXAMPLES,
    shows=[],
    once=True,
)
def orders(stage: Stage) -> None:
    from hypothesis import seed
    from hypothesis.stateful import run_state_machine_as_test

    from jobinfo_conformance._scenarios.job_life import JobLife
    from jobinfo_conformance._scenarios.trials import SEED, Trials, drawing_trials

    job, other = stage.create_in_other()  # an endpoint that can't create jobs in the other is sent nothing more in it
    stage.read(job, other)
    stage.close(job, other)
    trials = Trials(stage, EXAMPLES)
    settings = drawing_trials(steps=LONGEST)
    machine: Any = seed(SEED)(lambda: JobLife(stage, other, trials))  # typed as a class, documented as any callable
    trials.run(lambda: run_state_machine_as_test(machine, settings=settings))

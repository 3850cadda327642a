"""A scenario that finds orders of requests which nobody listed: Hypothesis plays the life of a job."""

from __future__ import annotations

from typing import Any

from jobinfo_conformance._scenarios.scenario import scenario
from jobinfo_conformance._scenarios.stage import Stage

#: How many lives are played, and the most requests in a life before the job is ended.
EXAMPLES, LONGEST = 3, 5


@scenario(
    "play the life of a job in orders that Hypothesis draws",
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

    job, other = stage.create_in_other()  # an endpoint that makes none is not asked for anything in it
    stage.read(job, other)
    stage.close(job, other)
    trials = Trials(stage, EXAMPLES)
    settings = drawing_trials(steps=LONGEST)
    machine: Any = seed(SEED)(lambda: JobLife(stage, other, trials))  # typed as a class, documented as any callable
    trials.run(lambda: run_state_machine_as_test(machine, settings=settings))

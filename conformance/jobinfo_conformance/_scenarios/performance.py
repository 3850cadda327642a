"""Performances: scenarios, each on its stage, and what became of them."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._scenarios.scenario import Scenario
from jobinfo_conformance._scenarios.stage import Stage


@dataclass(eq=False)
class Performance:
    """A scenario on its stage. ``breakdown`` is the traceback if the scenario itself broke down."""

    scenario: Scenario
    stage: Stage
    breakdown: str | None = None

    def play(self, act: Callable[[], None]) -> None:
        """Play an act to its end if possible. An error of the suite or of an extension ends this performance alone."""
        try:
            self.stage.play(act)
        except BadInput:
            raise
        except Exception:  # noqa: BLE001  # all other scenarios are played, and the error is reported
            self.breakdown = traceback.format_exc()

    @property
    def _named(self) -> str:
        extension = f", extension {self.scenario.extension}" if self.scenario.extension else ""
        return f"the scenario {self.scenario.name!r} ({self.stage.form}{extension})"

    @property
    def reason(self) -> str:
        """Why nothing was shown, if the scenario broke down."""
        last = (self.breakdown or "").splitlines()[-1:]
        return f"{self._named} broke down: {' '.join(last)}"

    @property
    def error(self) -> str | None:
        """What broke, as reports have it: whose it is, and the traceback."""
        owner = f"extension {self.scenario.extension}: " if self.scenario.extension else ""
        told = f"{owner}the scenario {self.scenario.name!r} ({self.stage.form})"
        return None if self.breakdown is None else f"{told}: {self.breakdown}"

    @property
    def overspending(self) -> str | None:
        """What the performance took, if that is more than the scenario says."""
        scenario, steps = self.scenario, self.stage.steps
        jobs = sum(step.operation is Operation.CREATE and step.accepted for step in steps)
        if len(steps) <= scenario.requests and jobs <= scenario.jobs:
            return None
        said = f"it says that it takes {scenario.requests} and {scenario.jobs}"
        return f"{self._named} took {len(steps)} requests and {jobs} jobs; {said}"

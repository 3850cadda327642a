"""Scenarios: what is asked of an endpoint to obtain evidence. Importing this package fills the list, in its order."""

from jobinfo_conformance.scenarios import (  # noqa: F401, I001  # imported for their scenarios, in the order of playing
    fixed,
    faulty,
    forms,
    orders,
)
from jobinfo_conformance.scenarios.scenario import SCENARIOS, NoJob, Scenario, Spent, Stage, Unanswered, answered, chosen

__all__ = ["SCENARIOS", "NoJob", "Scenario", "Spent", "Stage", "Unanswered", "answered", "chosen"]

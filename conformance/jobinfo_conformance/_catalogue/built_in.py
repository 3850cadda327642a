"""The built-in catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import TypeVar

from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._catalogue.requirement import Requirement
from jobinfo_conformance._checks import (
    accepts,
    counters,
    equivalence,
    errors,
    http,
    identity,
    lifecycle,
    refuses,
    schema,
    state,
    times,
)
from jobinfo_conformance._reference import faults, manners
from jobinfo_conformance._reference.faults.fault import Fault
from jobinfo_conformance._reference.manners.manner import Manner
from jobinfo_conformance._scenarios import job_lives, legal_form_closes, listed, near_miss_closes
from jobinfo_conformance._scenarios.scenario import Scenario

T = TypeVar("T")


def members(module: ModuleType, kind: type[T]) -> Iterator[T]:
    """Yield the values of a type that a module holds, in the module's order."""
    return (value for value in vars(module).values() if isinstance(value, kind))


#: The families, in the order of the reports.
_FAMILIES = (http, schema, state, lifecycle, counters, times, identity, equivalence, accepts, refuses, errors)
#: The modules of scenarios, in the order in which the scenarios are played.
_SCENARIOS = (listed, near_miss_closes, legal_form_closes, job_lives)

BUILT_IN = Catalogue(
    requirements={requirement.id: requirement for family in _FAMILIES for requirement in members(family, Requirement)},
    scenarios=tuple(scenario for module in _SCENARIOS for scenario in members(module, Scenario)),
    faults={fault.name: fault for module in faults.FAMILIES for fault in members(module, Fault)},
    manners={manner.name: manner for module in manners.FAMILIES for manner in members(module, Manner)},
)

"""Figures of the catalogue that commands print: tests take them from here, so that a new requirement changes no test."""

from __future__ import annotations

from functools import cache

import jobinfo_conformance
from jobinfo_conformance import Results
from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._catalogue.of_clients import OF_CLIENTS

#: How many requirements there are on an endpoint, and on a client.
TOTAL, OF_A_CLIENT = len(BUILT_IN.requirements), len(OF_CLIENTS.requirements)


def conformant(tested: int, total: int = TOTAL) -> str:
    """The last line of a run that tested so many requirements, all of which hold."""
    return f"conformant: {tested} of {total} requirements tested, {tested} pass"


@cache
def documented() -> Results:
    """The results of a run on the documented exchanges."""
    return jobinfo_conformance.run()


def how_many_tested(results: Results) -> int:
    """How many requirements were tested, each in one serialization or in both."""
    return len({judgement.id for judgement in results.requirements if judgement.outcome.tested})

"""The budget of a live run goes to breadth first, and a run that is short of it says how much is enough."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from jobinfo_conformance import run
from jobinfo_conformance._options import FAMILIES
from jobinfo_conformance._results.results import Outcome

#: Endpoints that make a run find out which of many requests it was, or shorten a sequence.
COSTLY = [
    "reference:closes-before-it-validates",
    "reference:buffer-of-the-documented-length",
    "reference:xml-is-all-that-is-read",
    "reference:reads-are-cached",
    "reference:every-job-has-one-id",
]


def reasons(target: str, most: int) -> set[str]:
    """Why requirements were not tested for want of requests."""
    found = {judgement.reason.partition(": ")[2] for judgement in run(target, max_requests=most, wait=1).requirements}
    return {reason for reason in found if "are used up" in reason}


def test_every_scenario_shows_what_it_can_before_anything_is_drawn() -> None:
    """What is drawn or shortened comes in a second act."""
    told: list[str] = []
    run("reference", progress=lambda _number, _total, name: told.append(name))
    first = told.index(next(name for name, times in Counter(told).items() if times == 2))
    repeated = [name for name in told if told.count(name) == 2]
    acts = len(set(told))
    assert len(set(told[:acts])) == acts
    assert told[acts:] == [name for name in told[:acts] if name in repeated]
    assert first < acts


@pytest.mark.parametrize("target", COSTLY)
def test_a_run_that_is_short_of_requests_says_how_many_are_enough(target: str) -> None:
    """And with that many it is short no more, whatever the endpoint does."""
    [reason] = reasons(target, 60)
    told = re.fullmatch(r"the 60 requests of this run are used up; --max-requests (\d+) is enough", reason)
    assert told is not None
    assert reasons(target, int(told[1])) == set()


def test_a_conforming_endpoint_is_sent_fewer_by_default() -> None:
    """At most 260 requests and 60 jobs, records included or not."""
    results = run("reference")
    creates = [exchange for exchange in results.exchanges if exchange.request.url.endswith("/job")]
    assert results.requests <= 260
    assert len(creates) <= 60


def test_a_run_of_one_requirement_asks_no_more_than_shows_it() -> None:
    """One scenario in each serialization, instead of all."""
    results = run("reference", only=["state/closed"])
    assert results.verdict == "conformant"
    assert results.requests < 30


@pytest.mark.parametrize("family", FAMILIES)
def test_a_run_of_a_family_shows_all_of_it(family: str) -> None:
    """What is left out of a run would have shown nothing that is needed."""
    results = run("reference", only=[family])
    judged = {judgement.name: judgement.outcome for judgement in results.requirements if judgement.family == family}
    assert {name: outcome for name, outcome in judged.items() if outcome is not Outcome.PASS} == {}

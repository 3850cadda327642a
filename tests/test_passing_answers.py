"""429, 502, 503 and 504: a gateway's or a limit's answers are judged only if the same request to a fresh job gets one again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._exchange import Response
from jobinfo_conformance._judging import judge
from jobinfo_conformance._results.results import Outcome
from tests.endpoint import Endpoint, answering
from tests.test_scenarios import departures, observe

XML = Serialization.XML


def gateway(status: int) -> Response:
    """What a gateway answers for an endpoint that it can't reach."""
    return answering(status, b"<html><body><h1>Try again later</h1></body></html>", "text/html")


def passing(concerned: Callable[[str], bool], status: int, places: set[int]) -> Callable[[str, Response], Response]:
    """Answers as a gateway for requests that are concerned, at some places among them."""
    met = [0]

    def spoil(asked: str, answer: Response) -> Response:
        met[0] += concerned(asked)
        return gateway(status) if concerned(asked) and met[0] in places else answer

    return spoil


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize(
    "concerned",
    [
        lambda asked: "<operation>" in asked,
        lambda asked: ">Closed<" in asked,
        lambda asked: asked.startswith("GET"),
        lambda asked: "Finished" in asked,
    ],
    ids=["a create", "a close", "a read", "a faulty close"],
)
def test_an_answer_that_passes_is_never_a_failure(
    concerned: Callable[[str], bool], status: int, live_endpoint: Endpoint
) -> None:
    """It says nothing about the endpoint, and leaves nothing untested."""
    live_endpoint.spoil = passing(concerned, status, {1})
    observation = observe(live_endpoint, XML)
    outcomes = {judge(BUILT_IN.requirements[name], form, observation).outcome for name, form in BUILT_IN.places}
    assert outcomes == {Outcome.PASS, Outcome.NOT_APPLICABLE}


def test_a_faulty_close_that_is_always_answered_503_is_a_failure(live_endpoint: Endpoint) -> None:
    """On a fresh job too: it is the endpoint that can't read it."""
    live_endpoint.spoil = lambda asked, answer: gateway(503) if "Finished" in asked else answer
    assert "errors/status-4xx" in departures(observe(live_endpoint, XML))


def test_an_answer_to_a_faulty_close_that_passes_does_not_leave_the_fault_untested(live_endpoint: Endpoint) -> None:
    """What the fresh job answered is the evidence."""
    live_endpoint.spoil = passing(lambda asked: "Finished" in asked, 503, {1})
    judged = judge(BUILT_IN.requirements["refuses/unknown-state"], XML, observe(live_endpoint, XML))
    assert judged.outcome.holds


def test_a_second_close_is_sent_again_after_a_first_one(live_endpoint: Endpoint) -> None:
    """What led to the answer is part of the request that is repeated."""
    refusal = live_endpoint.refusal
    live_endpoint.refusal = lambda request, refused: (  # type: ignore[method-assign]
        replace(refusal(request, refused), status=503) if refused.code == "InvalidJobState" else refusal(request, refused)
    )
    assert "errors/status-4xx" in departures(observe(live_endpoint, XML))

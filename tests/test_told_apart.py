"""Jobs are told apart by 18 characters, by 15 where that is unambiguous, and not at all if creates share an id."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._evidence.history import histories, told_apart
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._exchange import Exchange, Request, Response
from jobinfo_conformance._judging import judge
from jobinfo_conformance._results.results import Outcome
from tests.conftest import Command
from tests.endpoint import DROPPED, Endpoint
from tests.exchanges import JOB_ID, JSON, XML, close, create, of_job, read
from tests.test_scenarios import departures, observe

SHORT, TWIN, OTHER = JOB_ID[:15], f"{JOB_ID[:15]}AAA", "7500K00000EVfY3QAL"


def seen(*exchanges: Exchange) -> list[list[str]]:
    """The operations in each history."""
    return [[step.operation.name for step in history.steps] for history in told_apart(histories(exchanges))]


def named(job_id: str, *exchanges: Exchange) -> list[Exchange]:
    """Exchanges with another job."""
    return [of_job(job_id, exchange) for exchange in exchanges]


def test_fifteen_characters_name_the_job_that_begins_so() -> None:
    """A client may shorten the id that the create answered."""
    assert seen(create(), *named(SHORT, close(), read())) == [["CREATE", "CLOSE", "READ"]]


def test_fifteen_characters_that_two_jobs_begin_with_name_neither() -> None:
    """Whose close it was can't be told."""
    found = seen(create(), *named(TWIN, create()), *named(SHORT, close()))
    assert found == [["CREATE"], ["CREATE"], ["CLOSE"]]


def test_eighteen_characters_tell_jobs_apart_that_begin_alike() -> None:
    """A request with all of them is about one job, as long as no two creates say otherwise."""
    found = seen(create(), close(), *named(TWIN, close(), read()))
    assert found == [["CREATE", "CLOSE"], ["CLOSE", "READ"]]


def test_steps_of_jobs_that_were_created_with_ids_alike_stand_alone() -> None:
    """A server that counts in the checksum finds one job by the id of the other."""
    found = seen(create(), *named(TWIN, create()), close(), *named(TWIN, close()))
    assert sorted(found) == [["CLOSE"], ["CLOSE"], ["CREATE"], ["CREATE"]]


def test_steps_of_jobs_with_one_id_stand_alone() -> None:
    """So nothing is derived from two jobs taken for one."""
    found = seen(create(), create(), close(), close(None), *named(OTHER, create(), close()))
    assert found == [["CREATE"], ["CREATE"], ["CLOSE"], ["CLOSE"], ["CREATE", "CLOSE"]]


#: Why nothing was seen of jobs whose ids are alike.
MIXED = "jobs can't be told apart, since creates were answered with ids that are alike in their first 15 characters"


@pytest.mark.parametrize(
    ("creates", "outcome"),
    [
        ([create(), create()], Outcome.FAIL),
        ([create(), *named(TWIN, create())], Outcome.FAIL),
        ([create(), *named(OTHER, create())], Outcome.PASS),
        ([create()], Outcome.NOT_APPLICABLE),
        ([create(), create(form=JSON)], Outcome.FAIL),
    ],
    ids=["one id", "alike in 15 characters", "two ids", "one create", "one id in both serializations"],
)
def test_creates_answer_ids_of_their_own(creates: Sequence[Exchange], outcome: Outcome) -> None:
    """Alike in 15 characters is one id: 15 name a job."""
    observation = Observation("a.har", tuple(told_apart(histories(creates))), len(creates), (XML, JSON))
    last = JSON if creates[-1].request.content_type == JSON.media_type else XML
    assert judge(BUILT_IN.requirements["identity/unique-ids"], last, observation).outcome is outcome


def test_an_endpoint_with_one_id_for_all_jobs_breaks_that_and_is_not_judged_by_its_mixture(live_endpoint: Endpoint) -> None:
    """A fixed answer to every create. What is said of a closed job may be said of another."""
    create = live_endpoint.create

    def answers_first_id(request: Request, version: Version) -> Response:
        live_endpoint.jobs.clear()
        return create(request, version)

    live_endpoint.create = answers_first_id  # type: ignore[method-assign]
    observation = observe(live_endpoint)
    assert set(departures(observation)) == {"identity/unique-ids"}
    untested = judge(BUILT_IN.requirements["state/kept"], XML, observation)
    assert (untested.outcome, untested.reason) == (Outcome.INCONCLUSIVE, f"needs a read after the close: {MIXED}")


def test_where_jobs_are_mixed_up_a_request_that_got_no_answer_is_the_reason_for_nothing_else(live_endpoint: Endpoint) -> None:
    """The rest of its scenario would have shown nothing either."""
    new_id = live_endpoint.new_id
    live_endpoint.new_id = lambda prefix, number: new_id(prefix, min(number, 1))  # type: ignore[method-assign]
    live_endpoint.spoil = lambda asked, own: DROPPED if asked.startswith("PUT") else own
    seen = observe(live_endpoint)
    reasons = [judge(BUILT_IN.requirements[name], XML, seen).obstacle for name in ("state/kept", "state/aborted-not-closable")]
    assert reasons == [MIXED, MIXED]


def test_the_finding_names_both_creates(live_endpoint: Endpoint, command: Command) -> None:
    """Whoever wrote the endpoint sees which id came twice."""
    new_id = live_endpoint.new_id
    live_endpoint.new_id = lambda prefix, number: new_id(prefix, min(number, 1))  # type: ignore[method-assign]
    told = command("run", live_endpoint.url, "--only", "identity/unique-ids").stdout
    assert "an id unlike 750000000000001AAA, which is that of another job" in told

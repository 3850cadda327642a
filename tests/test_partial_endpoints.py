"""Endpoints that offer a part: what they do offer is judged in full, and the reason for the rest is what they answered."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.schemas import Body
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Request, Response
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._judging import judge
from jobinfo_conformance._reference.jobs import Job
from jobinfo_conformance._reference.service import Refused
from jobinfo_conformance._results.results import Outcome
from tests.conftest import Command
from tests.endpoint import Endpoint, refusing
from tests.test_scenarios import departures, observe

XML, JSON = Serialization.XML, Serialization.JSON
CSV_ALONE = "Unsupported content type: only CSV jobs are supported"


def outcomes(observation: Observation) -> set[Outcome]:
    """The outcomes of all requirements, in each serialization."""
    return {judge(BUILT_IN.requirements[name], form, observation).outcome for name, form in BUILT_IN.places}


def refuse_creates(endpoint: Endpoint, form: Serialization) -> None:
    """Have an endpoint refuse to create jobs in a serialization."""
    create = endpoint.create

    def refusing_create(request: Request, version: Version) -> Response:
        if Serialization.of_media_type(request.content_type) is form:
            raise Refused("ClientInputError", "no such thing")
        return create(request, version)

    endpoint.create = refusing_create  # type: ignore[method-assign]


@pytest.mark.parametrize("form", list(Serialization), ids=str)
def test_where_creates_are_refused_closes_are_judged_all_the_same(form: Serialization, live_endpoint: Endpoint) -> None:
    """The job is created in the serialization that works, since the close's own Content-Type decides."""
    refuse_creates(live_endpoint, form)
    observation = observe(live_endpoint)
    assert departures(observation) == {}
    assert Outcome.INCONCLUSIVE not in outcomes(observation)


def test_a_close_that_breaks_is_a_failure_where_creates_are_refused_too(live_endpoint: Endpoint) -> None:
    """As on an emulator that reads nothing but XML."""
    refuse_creates(live_endpoint, JSON)
    live_endpoint.spoil = lambda asked, answer: (
        refusing("InternalServerError", "Unexpected token", JSON, 500) if asked.startswith("POST json") else answer
    )
    found = departures(observe(live_endpoint))
    assert found["accepts/documented"].serialization is JSON


def test_where_creates_are_refused_in_both_the_reason_is_what_came(live_endpoint: Endpoint, command: Command) -> None:
    """And not that the endpoint gave nothing."""
    for form in Serialization:
        refuse_creates(live_endpoint, form)
    told = command("run", live_endpoint.url)
    assert told.returncode == 3
    assert "was answered 400: ClientInputError: no such thing" in told.stdout
    assert "the endpoint gave none" not in told.stdout


def test_a_create_that_answers_no_state_made_an_open_job(live_endpoint: Endpoint) -> None:
    """201 says that it was made: what is missing is one finding, and the closes are judged."""
    create = live_endpoint.create

    def without_state(request: Request, version: Version) -> Response:
        answer = create(request, version)
        body = re.sub(rb'<state>Open</state>\n?|"state" ?: ?"Open", ?', b"", answer.body or b"")
        return replace(answer, body=body)

    live_endpoint.create = without_state  # type: ignore[method-assign]
    observation = observe(live_endpoint)
    assert set(departures(observation)) == {"schema/required-fields"}
    assert judge(BUILT_IN.requirements["refuses/unknown-state"], XML, observation).outcome is Outcome.PASS


def test_ids_of_15_characters_are_no_special_form(live_endpoint: Endpoint) -> None:
    """An endpoint that answers no others has broken the schema, but not the closes."""
    live_endpoint.spoil = lambda _asked, answer: _with_short_ids(answer)
    observation = observe(live_endpoint)
    assert "accepts/short-id" not in departures(observation)
    closes = [step for history in observation.histories for step in history.closes]
    assert judge(BUILT_IN.requirements["accepts/documented"], XML, observation).outcome is Outcome.PASS
    assert closes


def _with_short_ids(answer: Response) -> Response:
    body = re.sub(rb"\b(75[01]\w{12})\w{3}\b", rb"\1", answer.body or b"")
    headers = [(name, re.sub(r"\b(75[01]\w{12})\w{3}\b", r"\1", value)) for name, value in answer.headers]
    return replace(answer, headers=type(answer.headers).of(headers), body=body)


def only_csv(endpoint: Endpoint) -> None:
    """Have an endpoint create CSV jobs alone, as some emulators do."""
    understand = endpoint.understand

    def csv_alone(request: Request, body: Body, version: Version) -> dict[str, str]:
        fields = understand(request, body, version)
        if body is Body.CREATE_REQUEST and fields.get("contentType") != "CSV":
            raise Refused("InvalidJob", CSV_ALONE)
        return fields

    endpoint.understand = csv_alone  # type: ignore[method-assign]


def test_an_endpoint_that_takes_only_csv_is_judged_in_full(live_endpoint: Endpoint, command: Command) -> None:
    """Jobs are created as CSV, and batches are text/csv."""
    only_csv(live_endpoint)
    done = command("run", live_endpoint.url, "--content-type", "CSV", "--writes", "--strict")
    assert done.returncode == 0, done.stdout
    assert any(asked.startswith("POST text/csv SELECT Id FROM Account") for asked in live_endpoint.asked)
    assert any(asked.startswith("POST text/csv Name\njobinfo-conformance 1\n") for asked in live_endpoint.asked)


def test_what_an_endpoint_answers_to_batches_is_the_reason_why_none_is_judged(
    live_endpoint: Endpoint, command: Command
) -> None:
    """It has no batches yet."""

    def none_yet(request: Request, job: Job) -> Response:  # noqa: ARG001  # the names of the method
        raise Refused("FeatureNotEnabled", "no batches yet")

    live_endpoint.add_batch = none_yet  # type: ignore[method-assign]
    done = command("run", live_endpoint.url, "--serialization", "xml")
    assert done.returncode == 3
    reason = r"inconclusive: adding a batch was answered 400: FeatureNotEnabled: no batches yet: .*lifecycle/accepted-batches"
    assert re.search(reason, done.stdout), done.stdout


def test_without_that_option_the_reason_is_what_the_endpoint_said(live_endpoint: Endpoint, command: Command) -> None:
    """So whoever runs it knows what to change."""
    only_csv(live_endpoint)
    done = command("run", live_endpoint.url)
    assert done.returncode == 3
    assert CSV_ALONE in done.stdout


def test_jobs_of_other_kinds_need_not_be_offered(live_endpoint: Endpoint) -> None:
    """No requirement is about creates."""
    create = live_endpoint.create

    def plain_jobs_alone(request: Request, version: Version) -> Response:
        if b"upsert" in request.body or b"delete" in request.body:
            raise Refused("FeatureNotEnabled", "not here")
        return create(request, version)

    live_endpoint.create = plain_jobs_alone  # type: ignore[method-assign]
    observation = observe(live_endpoint)
    assert outcomes(observation) <= {Outcome.PASS, Outcome.NOT_APPLICABLE}


def test_reads_by_15_characters_and_through_other_versions_may_be_refused(live_endpoint: Endpoint) -> None:
    """No source asks for them; only where they are answered, what they say is judged."""
    find, version = live_endpoint.find, live_endpoint.version

    def by_18(job_id: str) -> Job:
        if len(job_id) == 15:
            raise Refused("InvalidJob", "no such job")
        return find(job_id)

    def just_36(text: str) -> Version:
        if text != "36.0":
            raise Refused("InvalidVersion", "only 36.0")
        return version(text)

    live_endpoint.find, live_endpoint.version = by_18, just_36  # type: ignore[method-assign]
    assert set(departures(observe(live_endpoint))) == {"accepts/short-id"}


def test_a_close_is_answered_in_its_own_serialization_whatever_it_accepts(live_endpoint: Endpoint) -> None:
    """Some closes accept only the other one."""
    observe(live_endpoint)
    steps = [Step.of(exchange) for exchange in observe(live_endpoint).exchanges]
    closes = [step for step in steps if step is not None and step.operation is Operation.CLOSE and step.accepted]
    accepted = {(step.requested_serialization, step.exchange.request.headers.get("Accept")) for step in closes}
    assert {(XML, "application/json"), (JSON, "application/xml")} <= accepted


def test_a_406_for_such_a_close_is_no_failure(live_endpoint: Endpoint) -> None:
    """It takes the Accept header at its word."""
    change = live_endpoint.change

    def as_accepted(request: Request, job: Job) -> Response:
        if request.headers.get("Accept") not in (None, request.content_type) and ";" not in (request.content_type or ""):
            raise Refused("UnsupportedContentType", "Not Acceptable", 406)
        return change(request, job)

    live_endpoint.change = as_accepted  # type: ignore[method-assign]
    assert "accepts/documented" not in departures(observe(live_endpoint))


def test_the_report_says_which_content_type_was_asked_for(live_endpoint: Endpoint, command: Command) -> None:
    """The exchanges show it."""
    command("run", live_endpoint.url, "--content-type", "CSV", "--report", "r")
    assert json.dumps(live_endpoint.asked).count("CSV") > 10

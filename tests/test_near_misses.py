"""Requests with one fault: each example has its own and no other, and a legal request has none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.history import histories
from jobinfo_conformance._exchange import Exchange, Headers, Request, Response
from jobinfo_conformance._job_requests.legal_forms import VARIANTS, is_conformant_close
from jobinfo_conformance._job_requests.near_misses import NEAR_MISSES, near_miss_of
from jobinfo_conformance._judging import by_kind, findings_in
from jobinfo_conformance._reference.jobs import Job
from jobinfo_conformance._subjects.attempts import near_miss
from jobinfo_conformance.generate import close_requests
from tests.conftest import Command
from tests.endpoint import Endpoint
from tests.exchanges import EMPTY, JOB_ID, close, exchange, read, step

EXAMPLES = [(name, form) for name, one in NEAR_MISSES.items() for form in one.serializations]


@pytest.mark.parametrize(("name", "form"), EXAMPLES)
def test_an_example_has_its_own_fault_and_no_other(name: str, form: Serialization) -> None:
    """So whatever an endpoint does with it is about that fault."""
    missed = step(NEAR_MISSES[name].apply(close(form=form).request))
    assert near_miss_of(missed.asked) == name
    about_the_body = name not in ("unknown-job", "malformed-id", "unknown-version", "no-session", "wrong-session")
    assert is_conformant_close(missed.asked) != about_the_body


@pytest.mark.parametrize("form", list(Serialization), ids=str)
@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_a_generated_close_has_no_fault(form: Serialization, data: st.DataObject) -> None:
    """Nothing legal is asked to be refused."""
    assert near_miss_of(step(data.draw(close_requests(form))).asked) is None


@pytest.mark.parametrize("form", list(Serialization), ids=str)
def test_a_legal_form_is_no_fault(form: Serialization) -> None:
    """Forms and faults have nothing in common."""
    for legal in VARIANTS.values():
        if form in legal.form.serializations:
            assert near_miss_of(step(legal.apply(close(form=form).request)).asked) is None


@pytest.mark.parametrize(
    "sent",
    [
        exchange("POST", f"/{JOB_ID}", b"", answer=close().response.body or b""),
        exchange("POST", f"/{JOB_ID}", b"\x1f\x8b\x08compressed", answer=close().response.body or b""),
    ],
    ids=["not kept", "kept compressed"],
)
def test_a_body_that_a_recording_did_not_keep_is_no_fault(sent: Exchange) -> None:
    """A stranger's recording may leave out what was sent, or keep it as it was on the wire."""
    found = histories([read(EMPTY), sent, read()])
    assert [finding for history in found for finding in findings_in(history, by_kind(BUILT_IN.requirements.values()))] == []


def test_a_session_that_a_recording_blanked_is_no_missing_session() -> None:
    """Tools that clean recordings leave the header empty."""
    request = close().request
    blank = replace(request, headers=Headers.of([*request.headers, ("X-SFDC-Session", "")]))
    assert near_miss_of(step(blank).asked) is None


@pytest.mark.parametrize("name", ["unknown-job", "malformed-id"])
def test_closes_of_what_is_no_job_are_judged_however_many_there_are(name: str) -> None:
    """A recording has those of all scenarios in one history, and nothing can become of any."""
    asked = NEAR_MISSES[name].apply(close().request)
    refused = replace(close(None), request=asked)
    [history] = histories([refused, replace(close(None, status=500), request=asked), refused], whole=True)
    assert [attempt.step.status for attempt in near_miss(name).find(history)] == [400, 500, 400]


def test_an_endpoint_that_closes_for_anything_fails_each(command: Command, live_endpoint: Endpoint) -> None:
    """As public emulators do; after each a fresh job is asked, so every fault gets its verdict."""
    service = live_endpoint

    def change(request: Request, job: Job) -> Response:
        closed = service.jobs[job.id] = job.closed()
        return service.show(closed, service.serialization(request))

    service.change = change  # type: ignore[method-assign]
    done = command("run", live_endpoint.url, "--serialization", "json", "-v")
    failed = {line.split()[0] for line in done.stdout.splitlines() if line.startswith("refuses/") and "FAIL" in line}
    assert done.returncode == 1
    assert failed == {
        f"refuses/{name}"
        for name in ("unknown-state", "lower-case-state", "missing-state", "empty-body", "malformed", "json-array")
    }
    assert "Open" not in live_endpoint.states()

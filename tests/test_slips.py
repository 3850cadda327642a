"""A client's slips in a recording, and answers of gateways: a refusal of the one is right, and the other is not judged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jobinfo_conformance import run
from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.history import histories
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._evidence.secrets import MARK
from jobinfo_conformance._exchange import Exchange
from jobinfo_conformance._judging import judge
from jobinfo_conformance._results.results import Outcome, Verdict
from tests.exchanges import CLOSED, EMPTY, JOB_ID, JSON, XML, add_batch, close, create, error, exchange, of_job, read, step
from tests.recordings import recorded
from tests.test_never_required import broken

BOTH = pytest.mark.parametrize("form", list(Serialization), ids=str)
#: What no server speaks, and what a server may no longer or not yet speak.
NO_VERSIONS = ("v36.0", "36", "36.00", "36.1", "036.0", "latest", "16.0", "V36.0", "36.0.0", "999.0")
OTHER_VERSIONS = ("20.0", "30.0", "41.0", "70.0", "120.0")


def refused(code: str, form: Serialization = XML, status: int = 400) -> Exchange:
    """A close that was refused with a code."""
    return close(None, form, status=status, answer=error(code, form=form))


def through(version: str, one: Exchange) -> Exchange:
    """An exchange whose URI names another version."""
    return replace(one, request=replace(one.request, url=one.request.url.replace("/36.0/", f"/{version}/")))


def with_session(one: Exchange) -> Exchange:
    """An exchange whose request carries a session."""
    return replace(one, request=one.request.with_header("X-SFDC-Session", MARK))


def outcome(requirement: str, *steps: Exchange, form: Serialization = XML, whole: bool = False) -> Outcome:
    """What becomes of a requirement in a recording."""
    seen = Observation("a.har", tuple(histories(steps, whole=whole)), len(steps), tuple(Serialization))
    return judge(BUILT_IN.requirements[requirement], form, seen).outcome


@BOTH
@pytest.mark.parametrize("version", NO_VERSIONS)
def test_a_version_that_does_not_exist_is_rightly_refused(version: str, form: Serialization, tmp_path: Path) -> None:
    """Whatever it is, and in either serialization."""
    steps = [create(), through(version, refused("InvalidVersion", form))]
    assert broken(*steps) == []
    assert outcome("refuses/unknown-version", *steps, form=form) is Outcome.PASS
    assert run(str(recorded(tmp_path / "a.har", *steps))).verdict is Verdict.CONFORMANT


@BOTH
@pytest.mark.parametrize("version", OTHER_VERSIONS)
@pytest.mark.parametrize(("code", "status"), [("InvalidVersion", 400), ("Gone", 410), ("InvalidUrl", 404)])
def test_a_version_that_the_server_does_not_speak_is_rightly_refused(
    version: str, code: str, status: int, form: Serialization, tmp_path: Path
) -> None:
    """The refusal tells that it is retired or yet to come; 400 is only what servers usually answer."""
    steps = [create(), through(version, refused(code, form, status))]
    assert [finding for finding in broken(*steps) if not finding.startswith("refuses/status-400")] == []
    assert outcome("refuses/unknown-version", *steps, form=form) is Outcome.PASS
    assert run(str(recorded(tmp_path / "a.har", *steps))).verdict is Verdict.CONFORMANT


@BOTH
def test_a_version_that_the_server_speaks_is_no_reason_to_refuse(form: Serialization) -> None:
    """It accepted the create in the same one."""
    assert "accepts/documented status" in broken(create(), refused("InvalidVersion", form))


@pytest.mark.parametrize("version", ["v36.0", "36", "20.0"])
def test_a_version_that_the_server_accepts_is_one_that_it_speaks(version: str) -> None:
    """The contract says which versions a client writes, and not that a server must refuse every other spelling."""
    assert broken(create(), through(version, close())) == []
    assert broken(create(), through("999.0", close())) == ["refuses/unknown-version status"]


def test_a_second_close_through_a_version_that_does_not_exist_is_refused_for_that() -> None:
    """And not for the job's state."""
    assert broken(create(), close(), through("v36.0", refused("InvalidVersion"))) == []


def test_a_faulty_version_that_breaks_the_server_is_its_fault() -> None:
    """A client's slip is never answered with 500."""
    assert broken(create(), through("v36.0", refused("InternalServerError", status=500))) == ["errors/status-4xx status"]


@pytest.mark.parametrize(
    "job_id",
    [
        JOB_ID[:14],
        JOB_ID[:16],
        JOB_ID[:17],
        JOB_ID + "A",
        "750",
        "x",
        JOB_ID[:14] + "-",
        JOB_ID[:14] + "é",
        "7500K 0000EVfY2QAL",
    ],
)
def test_an_id_of_another_length_or_other_characters_is_rightly_refused(job_id: str) -> None:
    """An id has 15 or 18 letters and digits."""
    steps = [of_job(job_id, refused("InvalidJob"))]
    assert broken(*steps) == []
    assert outcome("refuses/malformed-id", *steps) is Outcome.PASS
    assert broken(of_job(job_id, close(CLOSED))) != []


def test_a_job_that_nobody_has_is_rightly_refused() -> None:
    """Whatever its id; a job that was seen is one that the server has."""
    assert broken(refused("InvalidJob")) == []
    assert outcome("refuses/unknown-job", refused("InvalidJob")) is Outcome.PASS
    assert "accepts/documented status" in broken(create(), refused("InvalidJob"))


@BOTH
@pytest.mark.parametrize(("code", "status"), [("InvalidSessionId", 400), ("InvalidSessionId", 401), ("ClientInputError", 400)])
def test_a_close_without_the_session_that_other_requests_carry_is_rightly_refused(
    code: str, status: int, form: Serialization
) -> None:
    """With whatever code."""
    steps = [with_session(create()), refused(code, form, status)]
    assert [finding for finding in broken(*steps) if not finding.startswith("refuses/status-400")] == []
    assert outcome("refuses/no-session", *steps, form=form) is Outcome.PASS


def test_a_session_that_no_request_in_a_recording_carries_was_left_out_by_the_recorder() -> None:
    """Then a refusal needs another reason."""
    assert "accepts/documented status" in broken(create(), refused("ClientInputError"))
    assert broken(create(), refused("InvalidSessionId")) == []


@pytest.mark.parametrize("state", ["CLOSED", "cLosed", "closed"])
def test_the_state_in_another_letter_case_is_one_fault(state: str) -> None:
    """Whichever letters it is in."""
    body = close().request.body.replace(b"Closed", state.encode())
    assert step(replace(close().request, body=body)).near_miss == "lower-case-state"


@pytest.mark.parametrize(
    ("charset", "form"),
    [
        ("UTF-8", {"charset-parameter"}),
        ("utf-8", {"charset-parameter"}),
        ('"UTF-8"', {"charset-parameter"}),
        ("UTF-16", set()),
        ("ISO-8859-1", set()),
    ],
)
def test_a_charset_other_than_the_bodys_is_no_legal_form(charset: str, form: set[str]) -> None:
    """A server may refuse it."""
    asked = close().request.with_header("Content-Type", f"application/xml; charset={charset}")
    assert step(asked).legal_forms - {"without-declaration"} == form
    if not form:
        answered = replace(close(None, answer=error("InvalidXml")), request=asked)
        assert broken(read(EMPTY), answered, read(EMPTY)) == []


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["\ufeff", ""], ids=["mark", "no mark"])
def test_a_close_in_utf_16_is_known_with_and_without_a_mark(order: str, mark: str) -> None:
    """In either byte order."""
    text = mark + close().request.body.decode().replace("UTF-8", "UTF-16")
    asked = replace(close().request, body=text.encode(order)).with_header("Content-Type", "application/xml; charset=UTF-16")
    assert "utf-16" in step(asked).legal_forms


def test_a_form_is_no_close_in_an_undocumented_media_type() -> None:
    """Its type is not its only fault."""
    asked = replace(close().request, body=b"state=Closed").with_header("Content-Type", "application/x-www-form-urlencoded")
    assert step(asked).near_miss is None


GATEWAYS = (429, 502, 503, 504)


@pytest.mark.parametrize("status", GATEWAYS)
@pytest.mark.parametrize("name", ["near miss", "slip", "close", "second close", "batch", "method", "read", "create"])
def test_what_a_gateway_or_a_limit_answers_in_a_recording_is_not_judged(status: int, name: str) -> None:
    """Whatever was asked, and whatever its body is."""
    html: dict[str, Any] = {"status": status, "answer": b"<html>try later</html>"}
    unknown = close(None, **html)
    asked: dict[str, list[Exchange]] = {
        "near miss": [create(), replace(unknown, request=replace(unknown.request, body=b"<jobInfo>")), read(EMPTY)],
        "slip": [create(), through("v36.0", unknown)],
        "close": [create(), unknown, read(EMPTY)],
        "second close": [close(), unknown, read()],
        "batch": [close(), replace(add_batch(400), response=unknown.response)],
        "method": [create(), exchange("PUT", f"/{JOB_ID}", **html)],
        "read": [close(), exchange("GET", f"/{JOB_ID}", **html)],
        "create": [create().answered(status=status, body=b"<html/>")],
    }
    assert broken(*asked[name]) == []


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_close_that_a_gateway_gave_up_may_have_been_carried_out(status: int) -> None:
    """So the job may be closed afterwards, and a second close refused."""
    given_up = close(None, status=status, answer=b"")
    assert broken(create(), given_up, read()) == []
    assert broken(create(), given_up, close(None)) == []


@pytest.mark.parametrize("status", GATEWAYS)
def test_the_suites_own_recordings_are_not_forgiven(status: int) -> None:
    """There, the endpoint under test answered."""
    assert broken(create(), close(None, status=status, answer=b"<html/>"), whole=True) != []


def test_refusals_of_two_different_slips_need_not_be_alike() -> None:
    """XML and JSON are compared for the same version and the same id."""
    first, second = through("v36.0", refused("InvalidUrl")), through("999.0", refused("InvalidVersion", JSON))
    assert broken(first, second) == []
    assert broken(first, through("v36.0", refused("InvalidVersion", JSON))) == [
        "equivalence/same-refusals status and exceptionCode"
    ]

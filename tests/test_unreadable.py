"""Bodies that can't be read: what is wrong with them is said once, and nothing else passes or fails because of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.jobinfo import NAMESPACE
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.writer import write, write_xml
from jobinfo_conformance._evidence.history import histories
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._exchange import Exchange
from jobinfo_conformance._judging import judge
from jobinfo_conformance._payloads import check
from jobinfo_conformance._results.results import Outcome
from tests.exchanges import CLOSED, DONE, JSON, XML, close, create, error, post_state, read

XML_BODY, JSON_BODY = write(CLOSED, XML), write(CLOSED, JSON)
#: Bodies in which nothing can be judged field by field, each with the requirement that says so.
UNREADABLE = {
    "cut short": (XML, XML_BODY[:-12], "schema/well-formed"),
    "JSON cut short": (JSON, JSON_BODY[:-4], "schema/well-formed"),
    "empty": (XML, b"", "schema/well-formed"),
    "words": (XML, b"Service unavailable", "schema/well-formed"),
    "a page": (XML, b"<html><body/></html>", "schema/root"),
    "a list": (JSON, b"[" + JSON_BODY + b"]", "schema/root"),
    "a batch": (XML, write_xml("batchInfo", {"id": "7510K00000EVfY2QAL", "state": "Completed"}), "schema/root"),
}
#: What may be judged without the body, or is about the body as a whole.
OF_THE_WHOLE = {
    "schema/well-formed",
    "schema/root",
    "schema/no-doctype",
    "schema/default-namespace",
    "http/status-200",
    "http/content-type",
    "http/serialization-follows-request",
    "accepts/documented",
    "errors/no-secrets",
}


def outcomes(*steps: Exchange, form: Serialization, whole: bool = False) -> dict[str, Outcome]:
    """What becomes of each requirement that some of these exchanges are about."""
    seen = Observation("a.har", tuple(histories(steps, whole=whole)), len(steps), tuple(Serialization))
    judged = {name: judge(requirement, form, seen).outcome for name, requirement in BUILT_IN.requirements.items()}
    return {name: outcome for name, outcome in judged.items() if outcome is not Outcome.NOT_APPLICABLE}


@pytest.mark.parametrize("name", UNREADABLE)
def test_nothing_passes_on_a_body_that_cannot_be_read_for_it(name: str) -> None:
    """One requirement says what is wrong; those on fields are inconclusive."""
    form, body, requirement = UNREADABLE[name]
    found = outcomes(close(form=form).answered(body=body), form=form)
    assert {each for each, outcome in found.items() if outcome is Outcome.FAIL} == {requirement}
    passed = {each for each, outcome in found.items() if outcome is Outcome.PASS}
    assert passed <= OF_THE_WHOLE
    assert {"schema/required-fields", "schema/field-types", "state/closed"}.isdisjoint(passed)


@pytest.mark.parametrize("name", UNREADABLE)
@pytest.mark.parametrize("place", range(6))
def test_no_effect_is_judged_by_a_body_that_cannot_be_read(name: str, place: int) -> None:
    """Wherever it is in the life of a job: before a close, at it, or after it."""
    form, body, requirement = UNREADABLE[name]
    other = form.other
    steps = [
        create(form=form),
        close(form=form),
        read(form=form),
        read(form=other),
        close(None, form, answer=error(form=form)),
        read(form=form),
    ]
    if place == 4:
        body = body if requirement == "schema/well-formed" else b"<"
    steps[place] = steps[place].answered(body=body)
    expected = {"errors/document"} if place == 4 else {requirement, "http/content-type"}
    for serialization in Serialization:
        found = outcomes(*steps, form=serialization, whole=True)
        assert {each for each, outcome in found.items() if outcome is Outcome.FAIL} <= expected | {"schema/root"}


ELSEWHERE = "http://example.test/other"
#: jobInfos that are in order but for their root.
RECOGNISABLE = {
    "no namespace": XML_BODY.replace(f' xmlns="{NAMESPACE}"'.encode(), b""),
    "another namespace": XML_BODY.replace(NAMESPACE.encode(), ELSEWHERE.encode()),
    "another root": XML_BODY.replace(b"jobInfo", b"job"),
}


@pytest.mark.parametrize("name", RECOGNISABLE)
def test_fields_are_judged_by_their_local_names_where_the_root_is_wrong(name: str) -> None:
    """Nothing is wrong with them, and each of them is looked at."""
    body = RECOGNISABLE[name]
    found = outcomes(close().answered(body=body), form=XML)
    failed = {each for each, outcome in found.items() if outcome is Outcome.FAIL}
    assert failed <= {"schema/root", "schema/no-unknown-elements"}
    assert failed
    assert found["schema/required-fields"] is Outcome.PASS
    wrong = body.replace(b"<numberRetries>0</numberRetries>", b"<numberRetries>none</numberRetries>").replace(
        b">Closed<", b">Open<"
    )
    found = outcomes(close().answered(body=wrong), form=XML)
    assert found["schema/field-types"] is Outcome.FAIL
    assert found["state/closed"] is Outcome.FAIL


def test_an_answer_without_a_namespace_says_what_is_missing(tmp_path: Path) -> None:
    """Whatever the namespace, all missing fields are one finding."""
    fields = "<id>750000000000043AAA</id><operation>insert</operation><object>Account</object><state>Closed</state>"
    found = {}
    for namespace in ("", f' xmlns="{NAMESPACE}"'):
        path = tmp_path / "answer.xml"
        path.write_text(f"<jobInfo{namespace}>{fields}</jobInfo>", "utf-8")
        [checked] = check(path, kind="close-response")
        found[namespace] = [finding for finding, _ in checked.findings]
    missing = [[finding for finding in each if finding.requirement == "schema/required-fields"] for each in found.values()]
    assert [len(each) for each in missing] == [1, 1]
    assert missing[0] == missing[1]
    assert missing[0][0].where.startswith("createdById, createdDate, systemModstamp, concurrencyMode, ")
    assert missing[0][0].message == "expected these 17 fields, got none of them"


def test_a_field_that_is_missing_changed_nothing() -> None:
    """It is missing, and no other requirement says that it changed."""
    body = write(DONE, XML).replace(b" <numberRetries>0</numberRetries>\n", b"")
    lacking = read(DONE).answered(body=body)
    for steps in (
        [close(DONE), read(DONE), lacking],
        [close(DONE), read(DONE, JSON), lacking],
        [close(DONE), close(None), lacking],
        [read(DONE), post_state("Closed", None), lacking],
    ):
        found = outcomes(*steps, form=XML)
        assert {each for each, outcome in found.items() if outcome is Outcome.FAIL} == {"schema/required-fields"}, steps


def test_no_secret_is_ruled_out_in_a_body_that_was_not_kept() -> None:
    """Its headers alone show too little."""
    found = outcomes(replace(close(), response=replace(close().response, body=None)), form=XML)
    assert found["errors/no-secrets"] is Outcome.INCONCLUSIVE

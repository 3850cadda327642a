"""Verdicts: outcomes in their order, and what becomes of a run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._catalogue.requirement import Level
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._evidence.history import histories
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._judging import judge, unjudged
from jobinfo_conformance._results.results import Outcome, Verdict, verdict_of
from tests.exchanges import CLOSED, EMPTY, JOB_ID, JSON, XML, close, exchange, read

MUST, SHOULD = Level.MUST, Level.SHOULD
BOTH = tuple(Serialization)


def test_each_outcome_is_worse_than_the_one_before() -> None:
    """For one requirement the worst wins."""
    words = ["not-applicable", "pass", "warn", "inconclusive", "fail", "error"]
    assert [outcome.value for outcome in sorted(Outcome, key=lambda outcome: outcome.badness)] == words


@pytest.mark.parametrize(
    ("outcomes", "live", "expected"),
    [
        ([(Outcome.PASS, MUST)], False, Verdict.CONFORMANT),
        ([(Outcome.PASS, MUST), (Outcome.WARN, SHOULD), (Outcome.NOT_APPLICABLE, MUST)], True, Verdict.CONFORMANT),
        ([(Outcome.PASS, MUST), (Outcome.FAIL, MUST), (Outcome.INCONCLUSIVE, MUST)], True, Verdict.NOT_CONFORMANT),
        ([(Outcome.PASS, MUST), (Outcome.INCONCLUSIVE, MUST)], True, Verdict.INCONCLUSIVE),
        ([(Outcome.PASS, MUST), (Outcome.INCONCLUSIVE, MUST)], False, Verdict.CONFORMANT),
        ([(Outcome.PASS, MUST), (Outcome.INCONCLUSIVE, SHOULD)], True, Verdict.CONFORMANT),
        ([(Outcome.NOT_APPLICABLE, MUST)], False, Verdict.INCONCLUSIVE),
        ([], False, Verdict.INCONCLUSIVE),
        ([(Outcome.FAIL, MUST), (Outcome.ERROR, SHOULD)], False, Verdict.ERROR),
    ],
)
def test_a_run_is_as_bad_as_its_outcomes_and_never_conformant_for_nothing(
    outcomes: list[tuple[Outcome, Level]], live: bool, expected: Verdict
) -> None:
    """An error, then a failure, then a MUST that a live target gave no chance to test."""
    any_judgement = unjudged(BUILT_IN.requirements["state/closed"], XML, "a test")
    judgements = [replace(any_judgement, outcome=outcome, level=level) for outcome, level in outcomes]
    assert verdict_of(judgements, live=live) is expected


@pytest.mark.parametrize(("strict", "outcome"), [(False, Outcome.WARN), (True, Outcome.FAIL)])
def test_a_should_that_does_not_hold_is_a_warning_or_with_strict_a_failure(strict: bool, outcome: Outcome) -> None:
    """The evidence is the same."""
    wrong = close(CLOSED.replace(id=CLOSED.id[:15] + "AAA"))
    seen = Observation("a.har", tuple(histories([wrong])), 1, BOTH)
    judgement = judge(BUILT_IN.requirements["identity/id-checksum"], XML, seen, strict=strict)
    assert judgement.outcome is outcome
    assert [finding.where for finding in judgement.findings] == ["id"]


def test_what_nothing_shows_is_not_applicable_on_a_recording_and_inconclusive_where_it_was_expected() -> None:
    """Untested is never a pass, and the reason says what was missing."""
    requirement = BUILT_IN.requirements["state/kept"]
    recorded = Observation("a.har", tuple(histories([close()])), 1, BOTH)
    live = Observation("http://x", recorded.histories, 1, BOTH, live=True, expected=frozenset({requirement.on.name}))
    assert judge(requirement, XML, recorded).outcome is Outcome.NOT_APPLICABLE
    judgement = judge(requirement, XML, live)
    assert (judgement.outcome, judgement.reason) == (
        Outcome.INCONCLUSIVE,
        "needs a read after the close: the endpoint accepted 1 of 1 close in xml, but no answer showed what these are about",
    )


@pytest.mark.parametrize("live", [False, True])
def test_what_came_with_a_later_version_is_not_applicable(live: bool) -> None:
    """An endpoint of 18.0 owes nothing that is new in 19.0, and can be conformant."""
    requirement = BUILT_IN.requirements["times/apex-within-active"]
    old = close(CLOSED.replace(api_version=Version(18)))
    old = replace(old, request=replace(old.request, url=old.request.url.replace("36.0", "18.0")))
    seen = Observation("http://x", tuple(histories([old])), 1, BOTH, live=live, expected=frozenset({requirement.on.name}))
    judgement = judge(requirement, XML, seen)
    assert (judgement.outcome, judgement.reason) == (Outcome.NOT_APPLICABLE, "applies from API version 19.0")


def test_a_finding_shows_all_that_it_was_seen_in() -> None:
    """What a request changed is seen in the reads around it."""
    steps = [read(EMPTY), exchange("PUT", f"/{JOB_ID}", status=405), read(EMPTY.replace(object="Contact"))]
    seen = Observation("a.har", tuple(histories(steps)), 3, BOTH)
    [finding] = judge(BUILT_IN.requirements["http/other-methods-refused"], XML, seen).findings
    assert (finding.where, finding.exchanges) == ("object", tuple(steps))
    again = [close(), close(EMPTY)]
    seen = replace(seen, histories=tuple(histories(again)))
    [finding] = judge(BUILT_IN.requirements["state/second-close-harmless"], XML, seen).findings
    assert (finding.where, finding.exchanges) == ("state", tuple(again))


def test_a_serialization_that_the_run_is_without_is_not_applicable() -> None:
    """And so is what compares both."""
    seen = Observation("a.har", tuple(histories([close(), close(form=JSON)])), 2, (XML,))
    assert judge(BUILT_IN.requirements["state/closed"], JSON, seen).reason == "json is not part of this run"
    assert judge(BUILT_IN.requirements["equivalence/same-job"], None, seen).reason == "json is not part of this run"
    assert judge(BUILT_IN.requirements["state/closed"], XML, seen).outcome is Outcome.PASS


def test_a_field_that_another_requirement_judges_makes_the_rest_inconclusive() -> None:
    """One missing field is one failure, not five."""
    closed = close()
    body = (closed.response.body or b"").replace(b"numberBatchesTotal", b"numberBatchesAll")
    seen = Observation("a.har", tuple(histories([closed.answered(body=body)])), 1, BOTH)
    outcomes = {name: judge(requirement, XML, seen).outcome for name, requirement in BUILT_IN.requirements.items()}
    failed = {name for name, outcome in outcomes.items() if outcome is Outcome.FAIL}
    assert failed == {"schema/required-fields", "schema/no-unknown-elements"}
    judgement = judge(BUILT_IN.requirements["counters/sum-within-total"], XML, seen)
    assert (judgement.outcome, judgement.reason) == (Outcome.INCONCLUSIVE, "numberBatchesTotal is missing or can't be read")

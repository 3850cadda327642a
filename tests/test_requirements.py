"""Every requirement is seen to hold, and seen to fail for its own reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._catalogue.requirement import Level
from jobinfo_conformance._contract.writer import write, write_xml, xml_values
from jobinfo_conformance._evidence.history import histories
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._evidence.secrets import MARK
from jobinfo_conformance._exchange import Exchange, Headers
from jobinfo_conformance._finding import violation
from jobinfo_conformance._job_requests.legal_forms import FORMS, VARIANTS
from jobinfo_conformance._job_requests.near_misses import NEAR_MISSES
from jobinfo_conformance._judging import judge
from jobinfo_conformance._results.results import Judgement, Outcome
from tests.exchanges import (
    CLOSED,
    CREATED,
    DONE,
    EMPTY,
    JOB_ID,
    JSON,
    XML,
    add_batch,
    close,
    create,
    error,
    exchange,
    list_batches,
    of_job,
    post_state,
    read,
    read_batch,
)

Steps = list[Exchange]


@dataclass(frozen=True)
class Case:
    """Evidence that shows a requirement to hold, evidence that shows it not to, and where the latter says so."""

    requirement: str
    good: Steps
    bad: Steps
    where: str


def _xml(old: str, new: str) -> Steps:
    body = write(CLOSED, XML).decode()
    assert old in body
    return [close(answer=body.replace(old, new).encode())]


def _headed(one: Exchange, *headers: tuple[str, str]) -> Exchange:
    return one.answered(headers=Headers.of(headers))


def _put(form: str, one: Exchange) -> Exchange:
    variant = next(variant for variant in VARIANTS.values() if variant.form.name == form)
    return replace(one, request=variant.apply(one.request))


def _missed(name: str, one: Exchange) -> Exchange:
    return replace(one, request=NEAR_MISSES[name].apply(one.request))


def _five_closes(fifth: Exchange) -> Steps:
    """Five jobs alike, created and closed."""
    closes = [close()] * 4 + [fifth]
    jobs = [(f"7500K00000EVfY{number}QAL", one) for number, one in enumerate(closes)]
    return [of_job(job, one) for job, closed in jobs for one in (create(), closed)]


PUT, OPENED = exchange("PUT", "/7500K00000EVfY2QAL", answer=error(), status=405), read(EMPTY)
QUEUED = CLOSED.replace(number_batches_queued=1, number_batches_total=1)
ADDED = EMPTY.replace(number_batches_queued=1, number_batches_total=1)
RULED = EMPTY.replace(assignment_rule_id="01Q28000000ToIrAAK")
ABORTED = EMPTY.replace(state="Aborted")
#: A batch in each of the four states.
EACH = QUEUED.replace(number_batches_in_progress=1, number_batches_completed=1, number_batches_failed=1, number_batches_total=4)
SECOND = "7510K00000EVfZ2QAL"
TWO_BATCHES = [add_batch(), add_batch(batch_id=SECOND), read_batch(), read_batch("Failed", batch_id=SECOND)]
OTHER = "7500K00000EVfZ2QAL"
SUM_AND_TOTAL = (
    "numberBatchesQueued + numberBatchesInProgress + numberBatchesCompleted + numberBatchesFailed, and numberBatchesTotal"
)
LAST = "totalProcessingTime"  # a name behind every other
WITH_DOCTYPE = error().replace(b"<error", b"<!DOCTYPE error><error")
MESSAGE_FIRST = write_xml("error", {"exceptionMessage": "No", "exceptionCode": "InvalidJob"})
MORE = write_xml("error", {"exceptionCode": "InvalidJob", "exceptionMessage": "No", "more": ""})
JSON_CLOSE = [close(form=JSON)]

CASES = [
    Case("http/status-200", [close()], [close(status=201)], "status"),
    Case("http/content-type", [close()], [_headed(close(), ("Content-Type", "text/xml"))], "Content-Type header"),
    Case("http/serialization-follows-request", [close()], [close(answer=write(CLOSED, JSON), answer_form=JSON)], "body"),
    Case("http/other-methods-refused", [PUT], [PUT.answered(status=200, body=write(CLOSED, XML))], "status"),
    Case("http/other-methods-refused", [read(EMPTY), PUT, read(EMPTY)], [read(EMPTY), PUT, read()], "state"),
    Case(
        "http/other-methods-refused",
        [PUT, read(EMPTY)],
        [PUT.answered(status=200, body=write(EMPTY, XML)), read(EMPTY)],
        "status",
    ),
    Case("http/method-status-405", [PUT], [PUT.answered(status=400)], "status"),
    Case("schema/well-formed", [close()], _xml("</jobInfo>", "</jobInfo"), "line 24"),
    Case("schema/root", [close()], _xml("jobInfo", "job"), "jobInfo"),
    Case("schema/required-fields", [close()], _xml(" <numberRetries>0</numberRetries>\n", ""), "numberRetries"),
    Case("schema/field-types", [close()], _xml("<numberRetries>0", "<numberRetries>none"), "numberRetries"),
    Case("schema/enumerations", [close()], _xml(">Closed<", ">closed<"), "state"),
    Case(
        "schema/element-order",
        [close()],
        _xml(
            "<operation>insert</operation>\n <object>Account</object>",
            "<object>Account</object>\n <operation>insert</operation>",
        ),
        "object",
    ),
    Case("schema/no-unknown-elements", [close()], _xml("</jobInfo>", "<contentUrl/></jobInfo>"), "contentUrl"),
    Case("schema/no-unknown-attributes", [close()], _xml("<id>", "<id type='x'>"), "id"),
    Case(
        "schema/no-unknown-keys", JSON_CLOSE, [close(form=JSON, answer=write(CLOSED, JSON).replace(b"{", b'{"x":1,', 1))], "x"
    ),
    Case("schema/no-duplicates", [close()], _xml("</jobInfo>", "<state>Closed</state></jobInfo>"), "state"),
    Case("schema/canonical-numbers", [close()], _xml("<numberRetries>0", "<numberRetries>00"), "numberRetries"),
    Case("schema/no-doctype", [close()], _xml("<jobInfo", "<!DOCTYPE jobInfo><jobInfo"), "DOCTYPE"),
    Case("schema/default-namespace", [close()], [close(answer=b'<b:jobInfo xmlns:b="urn:x"/>')], "jobInfo"),
    Case("state/closed", [close()], [close(EMPTY)], "state"),
    Case("state/kept", [close(), read()], [close(), read(EMPTY)], "state"),
    Case("state/final", [close(), post_state("Open", None), read()], [close(), post_state("Open", EMPTY)], "status"),
    Case("state/second-close-harmless", [close(), close(None), read()], [close(), close(None), read(EMPTY)], "state"),
    Case(
        "state/second-close-harmless",
        [close(DONE), close(None), read(DONE)],
        [close(DONE), close(None), read(DONE.replace(number_retries=1))],
        "numberRetries",
    ),
    Case("state/second-close-refused", [close(), close(None)], [close(), close()], "status and exceptionCode"),
    Case(
        "state/only-this-job",
        [create(), of_job(OTHER, create()), of_job(OTHER, close()), read(EMPTY)],
        [create(), of_job(OTHER, create()), of_job(OTHER, close()), read()],
        "state",
    ),
    Case("state/read-is-safe", [close(), read(), read()], [close(), read(), read(CLOSED.replace(object="Contact"))], "object"),
    Case("state/read-is-safe", [read(DONE), read(DONE)], [read(DONE), read(DONE.replace(total_processing_time=31))], LAST),
    Case("state/refused-close-changes-nothing", [OPENED, close(None), OPENED], [OPENED, close(None), read()], "state"),
    Case("state/closes-without-batches", [create(), close()], [create(), close(None)], "status"),
    Case(
        "state/closes-with-unfinished-batches",
        [create(), add_batch(), close(QUEUED)],
        [create(), add_batch(), read(ADDED), close(None), read(ADDED)],
        "status",
    ),
    *(
        Case("state/every-time", _five_closes(close()), _five_closes(fifth), where)
        for fifth, where in (
            (close(status=201), "status"),
            (close(answer_form=JSON), "Content-Type header"),
            (close(CLOSED.replace(state="Open")), "state"),
            (close(CLOSED.replace(object="Contact")), "object"),
        )
    ),
    Case(
        "state/aborted-not-closable",
        [post_state("Aborted", EMPTY.replace(state="Aborted")), close(None)],
        [post_state("Aborted", EMPTY.replace(state="Aborted")), close()],
        "status",
    ),
    *(
        Case("lifecycle/batch-after-close-refused", [close(), add_batch(good)], [close(), add_batch(bad)], "status")
        for good, bad in ((400, 201), (400, 399), (499, 500), (499, 503))
    ),
    Case(
        "lifecycle/refused-batch-not-counted",
        [close(), add_batch(400), read()],
        [close(), add_batch(400), read(QUEUED)],
        "numberBatchesTotal",
    ),
    Case(
        "lifecycle/refused-batch-not-listed",
        [create(), add_batch(), close(QUEUED), add_batch(400), list_batches("7510K00000EVfY2QAL")],
        [create(), add_batch(), close(QUEUED), add_batch(400), list_batches("7510K00000EVfY2QAL", "7510K00000EVfY3QAL")],
        "list of batches",
    ),
    Case(
        "lifecycle/accepted-batches-finish",
        [create(), add_batch(), close(QUEUED), read_batch()],
        [create(), add_batch(), close(QUEUED), read_batch("InProgress")],
        "state of the batch",
    ),
    Case("lifecycle/total-final", [create(), close(), read()], [create(), close(), read(QUEUED)], "numberBatchesTotal"),
    Case(
        "lifecycle/any-order",
        [create(), post_state("Aborted", ABORTED), read(ABORTED)],
        [create(), post_state("Aborted", ABORTED), read(EMPTY)],
        "state",
    ),
    Case(
        "lifecycle/any-order",
        [create(), add_batch(), post_state("Aborted", ABORTED.replace(number_batches_total=1))],
        [create(), add_batch(), post_state("Aborted", ABORTED)],
        "numberBatchesTotal",
    ),
    Case(
        "counters/total-counts-batches",
        [create(), add_batch(), close(QUEUED)],
        [create(), add_batch(), close()],
        "numberBatchesTotal",
    ),
    Case("counters/sum-within-total", [close(DONE)], [close(DONE.replace(number_batches_failed=1))], SUM_AND_TOTAL),
    Case("counters/sum-within-total", [close(EACH)], [close(EACH.replace(number_batches_total=3))], SUM_AND_TOTAL),
    Case("counters/sum-equals-total", [close(DONE)], [close(DONE.replace(number_batches_total=2))], SUM_AND_TOTAL),
    Case(
        "counters/own-sum-equals-total",
        [create(), close()],
        [create(), close(DONE.replace(number_batches_total=2))],
        SUM_AND_TOTAL,
    ),
    Case("counters/zero-without-batches", [close()], [close(CLOSED.replace(number_retries=1))], "numberRetries"),
    Case(
        "counters/complete",
        [create(), add_batch(), read_batch(), close(DONE)],
        [create(), add_batch(), read_batch(), close(QUEUED)],
        "numberBatchesQueued",
    ),
    Case(
        "counters/complete",
        [create(), *TWO_BATCHES, close(DONE.replace(number_batches_failed=1, number_batches_total=2))],
        [create(), *TWO_BATCHES, close(DONE.replace(number_batches_total=2))],
        "numberBatchesCompleted + numberBatchesFailed",
    ),
    Case(
        "counters/monotone",
        [close(QUEUED), read(DONE)],
        [close(DONE), read(DONE.replace(number_records_processed=9))],
        "numberRecordsProcessed",
    ),
    Case(
        "counters/failed-within-processed",
        [close(DONE)],
        [close(DONE.replace(number_records_failed=11))],
        "numberRecordsFailed",
    ),
    Case(
        "counters/records-match-batches",
        [create(), add_batch(), read_batch(), close(DONE)],
        [create(), add_batch(), read_batch(failed=2), close(DONE)],
        "numberRecordsFailed",
    ),
    Case("times/apex-within-active", [close(DONE)], [close(DONE.replace(apex_processing_time=21))], "apexProcessingTime"),
    Case(
        "times/active-within-total",
        [close(DONE)],
        [close(DONE.replace(api_active_processing_time=31))],
        "apiActiveProcessingTime",
    ),
    Case(
        "times/modstamp-not-before-created",
        [close()],
        [close(CLOSED.replace(system_modstamp=CREATED - timedelta(1)))],
        "systemModstamp and createdDate",
    ),
    Case(
        "times/created-fixed",
        [close(), read()],
        [close(), read(CLOSED.replace(created_date=CREATED - timedelta(1)))],
        "createdDate",
    ),
    Case("times/zero-without-batches", [close()], [close(CLOSED.replace(total_processing_time=1))], "totalProcessingTime"),
    Case("identity/unique-ids", [create(), of_job("7500K00000EVfY3QAL", create())], [create(), create()], "id"),
    Case(
        "identity/unique-ids",
        [create(), of_job("7500K00000EVfY3QAL", create())],
        [create(), of_job(f"{JOB_ID[:15]}AAA", create())],
        "id",
    ),
    Case("identity/id-is-the-jobs", [close()], [close(CLOSED.replace(id="7500K00000EVfY3QAL"))], "id"),
    Case("identity/settings-kept", [create(), close()], [create(), close(CLOSED.replace(object="Contact"))], "object"),
    Case(
        "identity/settings-kept",
        [create(EMPTY.replace(created_by_id="00528000000ToIrAAK")), close(CLOSED.replace(created_by_id="00528000000ToIr"))],
        [create(EMPTY.replace(created_by_id="00528000000ToIrAAK")), close(CLOSED.replace(created_by_id="00528000000ToIsAAK"))],
        "createdById",
    ),
    Case(
        "identity/settings-kept",
        [create(RULED), close(CLOSED.replace(assignment_rule_id="01Q28000000ToIr"))],
        [create(RULED), close(CLOSED.replace(assignment_rule_id="01Q28000000ToIsAAK"))],
        "assignmentRuleId",
    ),
    Case(
        "identity/settings-kept",
        [create(), close()],
        [create(), close(CLOSED.replace(concurrency_mode="Serial"))],
        "concurrencyMode",
    ),
    *(
        Case("identity/settings-kept", [create(), close(CLOSED.replace(object="account"))], [create(), close(changed)], name)
        for changed, name in (
            (CLOSED.replace(concurrency_mode="parallel"), "concurrencyMode"),
            (CLOSED.replace(operation="Insert"), "operation"),
        )
    ),
    Case(
        "identity/api-version",
        [create(), close()],
        [create(), close(CLOSED.replace(api_version=CLOSED.api_version.__class__(62)))],
        "apiVersion",
    ),
    Case("identity/id-checksum", [close()], [close(CLOSED.replace(created_by_id="00528000000ToIrAAA"))], "createdById"),
    Case("identity/id-prefix", [close()], [close(CLOSED.replace(created_by_id="00128000000ToIrAAK"))], "createdById"),
    Case(
        "equivalence/same-job",
        [close(), read(), read(form=JSON)],
        [close(), read(), read(CLOSED.replace(object="account"), JSON)],
        "object",
    ),
    Case(
        "equivalence/same-refusals",
        [close(), close(None), close(None, JSON)],
        [close(), close(None), close(None, JSON, status=409)],
        "status and exceptionCode",
    ),
    Case("accepts/documented", [OPENED, close()], [OPENED, close(None)], "status"),
    # An error document says why: here it is not about the caller.
    Case("accepts/documented", [OPENED, close()], [OPENED, close(None, answer=error("InvalidXml"), status=403)], "status"),
    *(
        Case(
            f"accepts/{name}",
            [create(), _put(name, close(form=form.serializations[0]))],
            [create(), _put(name, close(None, form.serializations[0])), read(EMPTY)],
            "status",
        )
        for name, form in FORMS.items()
    ),
    Case(
        "accepts/combined",
        [create(), _put("gzip", _put("chunked", close()))],
        [create(), _put("gzip", _put("chunked", close(None))), read(EMPTY)],
        "status",
    ),
    *(
        Case(
            f"refuses/{name}",
            [create(), _missed(name, close(None, miss.serializations[0])), read(EMPTY)],
            [create(), _missed(name, close(form=miss.serializations[0])), read()],
            "status",
        )
        for name, miss in NEAR_MISSES.items()
    ),
    Case(
        "refuses/malformed",
        [create(), _missed("malformed", close(None)), read(EMPTY)],
        [create(), _missed("malformed", close(None)), read()],
        "state",
    ),
    Case(
        "refuses/status-400",
        [create(), _missed("malformed", close(None)), read(EMPTY)],
        [create(), _missed("malformed", close(None, status=422)), read(EMPTY)],
        "status",
    ),
    Case("errors/status-4xx", [close(None)], [close(None, status=200)], "status"),
    Case("errors/status-4xx", [close(None)], [close(None, status=500)], "status"),
    Case("errors/status-4xx", [close(None, status=499)], [close(None, status=503)], "status"),
    Case("errors/document", [close(None)], [close(None, answer=b"<html/>")], "error"),
    Case("errors/document", [close(None, answer=error("NoSuchCode"))], [close(None, answer=MESSAGE_FIRST)], "exceptionMessage"),
    Case("errors/document", [close(None, answer=WITH_DOCTYPE)], [close(None, answer=error()[:-3])], "line 5"),
    Case("errors/known-code", [close(None)], [close(None, answer=error("NoSuchCode"))], "exceptionCode"),
    Case("errors/known-code", [close(None, answer=MESSAGE_FIRST)], [close(None, answer=error(""))], "exceptionCode"),
    Case("errors/known-code", [close(None, answer=MORE)], [close(None, answer=error("invalidJob"))], "exceptionCode"),
    Case("errors/message-not-empty", [close(None)], [close(None, answer=error(message=" "))], "exceptionMessage"),
    Case("errors/serialization", [close(None)], [close(None, answer=error(form=JSON), answer_form=JSON)], "body"),
    Case("errors/serialization", [close(None)], [_headed(close(None), ("Date", "today"))], "Content-Type header"),
    Case("errors/no-secrets", [close(None)], [close(None, answer=error(message=f"bad session {MARK}"))], "body"),
]


def _judge(name: str, steps: Steps, *, strict: bool = False) -> Judgement:
    requirement = BUILT_IN.requirements[name]
    observation = Observation("a test", tuple(histories(steps, whole=True, waited=1)), len(steps), (XML, JSON))
    judgements = [judge(requirement, form, observation, strict=strict) for form in requirement.serializations]
    return max(judgements, key=lambda judgement: judgement.outcome.badness)


def _named(case: Case) -> str:
    return case.requirement


def test_the_cases_cover_the_catalogue() -> None:
    """No requirement is without evidence for and against it."""
    lacking = set(BUILT_IN.requirements) - {case.requirement for case in CASES}
    assert not lacking, f"{', '.join(sorted(lacking))}: add a Case to CASES, with evidence for and against it"


@pytest.mark.parametrize("case", CASES, ids=_named)
def test_a_requirement_holds_where_it_is_kept(case: Case) -> None:
    """The good evidence passes."""
    assert _judge(case.requirement, case.good).outcome is Outcome.PASS


@pytest.mark.parametrize("case", CASES, ids=_named)
def test_a_requirement_fails_where_it_is_broken(case: Case) -> None:
    """The bad evidence fails a MUST and warns for a SHOULD, at the place that is wrong."""
    judgement = _judge(case.requirement, case.bad)
    level = BUILT_IN.requirements[case.requirement].level
    assert judgement.outcome is (Outcome.FAIL if level is Level.MUST else Outcome.WARN)
    assert [finding.where for finding in judgement.findings] == [case.where]
    for finding in judgement.findings:
        assert "None" not in (finding.expected, finding.got), "say in words what was expected or came: no cookie, not None"
        assert finding.expected != finding.got


@pytest.mark.parametrize("case", CASES, ids=_named)
def test_a_should_fails_under_strict(case: Case) -> None:
    """With strict, every broken requirement fails."""
    assert _judge(case.requirement, case.bad, strict=True).outcome is Outcome.FAIL


@pytest.mark.parametrize("case", CASES, ids=_named)
def test_a_requirement_says_what_it_is(case: Case) -> None:
    """Each has a sentence, a source, and an id of a family and a name."""
    requirement = BUILT_IN.requirements[case.requirement]
    assert requirement.sentence.endswith(".")
    assert requirement.source.detail
    assert requirement.id == f"{requirement.family}/{requirement.id.partition('/')[2]}"


def test_nothing_shown_is_not_a_pass() -> None:
    """What the evidence does not show is not applicable on a recording and inconclusive on a live target."""
    requirement = BUILT_IN.requirements["state/closed"]
    recorded = Observation("a test", (), 0, (XML, JSON))
    live = Observation("a test", (), 0, (XML, JSON), live=True, expected=frozenset({requirement.on.name}))
    assert judge(requirement, XML, recorded).outcome is Outcome.NOT_APPLICABLE
    assert judge(requirement, XML, live).outcome is Outcome.INCONCLUSIVE


def test_an_unreadable_field_makes_what_needs_it_inconclusive() -> None:
    """A counter that can't be read fails its type, and the sums over it are not judged."""
    steps = _xml("<numberBatchesQueued>0", "<numberBatchesQueued>none")
    assert _judge("schema/field-types", steps).outcome is Outcome.FAIL
    judgement = _judge("counters/sum-within-total", steps)
    assert (judgement.outcome, judgement.reason) == (Outcome.INCONCLUSIVE, "numberBatchesQueued is missing or can't be read")


def test_what_cannot_be_read_is_told_once() -> None:
    """A body cut short fails as such, and is no other state, counter or setting."""
    steps = [create(), add_batch(), read_batch(), close(answer=write(CLOSED, XML)[:-3])]
    assert _judge("schema/well-formed", steps).outcome is Outcome.FAIL
    for requirement in ("lifecycle/any-order", "identity/settings-kept", "counters/records-match-batches"):
        judgement = _judge(requirement, steps)
        assert judgement.outcome is Outcome.INCONCLUSIVE, requirement
        assert "can't be read" in judgement.reason


def test_fields_that_are_missing_are_one_finding() -> None:
    """It names all of them, in the order of the fields."""
    names = ["operation", "numberRetries", "apiVersion"]
    body = write_xml("jobInfo", {name: text for name, text in xml_values(CLOSED).items() if name not in names})
    [finding] = _judge("schema/required-fields", [close(answer=body)]).findings
    assert (finding.where, finding.message) == (", ".join(names), "expected these 3 fields, got none of them")


def test_a_field_that_is_not_there_has_no_value_that_is_wrong() -> None:
    """A time that is missing is a missing field, and neither 0 nor another time."""
    steps = _xml(" <totalProcessingTime>0</totalProcessingTime>\n", "")
    assert [finding.where for finding in _judge("schema/required-fields", steps).findings] == ["totalProcessingTime"]
    judgement = _judge("times/zero-without-batches", steps)
    assert (judgement.outcome, judgement.reason) == (Outcome.INCONCLUSIVE, "totalProcessingTime is missing or can't be read")


@pytest.mark.parametrize(("headers", "got"), [((), "no Content-Type"), ((("Content-Type", "text/xml"),), "text/xml")])
def test_a_wrong_content_type_is_told(headers: tuple[tuple[str, str], ...], got: str) -> None:
    """Or that there was none."""
    [finding] = _judge("http/content-type", [_headed(close(), *headers)]).findings
    assert (finding.expected, finding.got) == ("application/xml", got)


def test_a_session_is_told_where_it_stands_first() -> None:
    """In the body before the headers."""
    answer = _headed(close(None, answer=error(message=MARK)), ("Content-Type", "application/xml"), ("X-Session", MARK))
    assert [finding.where for finding in _judge("errors/no-secrets", [answer]).findings] == ["body"]


def test_a_requirement_is_judged_in_each_serialization_that_it_is_about() -> None:
    """What compares both is judged for both at once."""
    forms = {name: requirement.serializations for name, requirement in BUILT_IN.requirements.items()}
    assert [name for name, judged in forms.items() if judged == (None,)] == [
        "equivalence/same-job",
        "equivalence/same-refusals",
    ]
    assert forms["state/closed"] == (XML, JSON)
    assert (forms["schema/element-order"], forms["schema/no-unknown-keys"]) == ((XML,), (JSON,))


@pytest.mark.parametrize(("length", "more"), [(300, ""), (301, "… (301 characters)")])
def test_what_was_expected_and_got_is_shown_up_to_300_characters(length: int, more: str) -> None:
    """A value of a million would hide the rest of a report."""
    [finding] = violation("e" * length, "g" * length, "body").findings
    assert (finding.expected, finding.got) == ("e" * 300 + more, "g" * 300 + more)


def test_an_error_document_of_another_kind_is_no_error_document() -> None:
    """Bulk API 2.0's list of errors, and a jobInfo, do not fit."""
    for answer in (b'[{"errorCode": "x", "message": "y"}]', write_xml("jobInfo", {"state": "Open"})):
        assert _judge("errors/document", [close(None, answer=answer)]).outcome is Outcome.FAIL

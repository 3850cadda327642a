"""What the contract never requires: such an answer passes, and such a request is not objected to."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._contract.writer import json_values, write
from jobinfo_conformance._evidence.history import histories
from jobinfo_conformance._exchange import Exchange, Headers
from jobinfo_conformance._job_requests.near_misses import NEAR_MISSES
from jobinfo_conformance._judging import by_kind, findings_in
from tests.exchanges import (
    CLOSED,
    CREATED,
    DONE,
    EMPTY,
    JOB_ID,
    JSON,
    XML,
    add_batch,
    at,
    close,
    create,
    error,
    exchange,
    post_state,
    read,
    read_batch,
)

BOTH = pytest.mark.parametrize("form", list(Serialization), ids=str)


def broken(*steps: Exchange, whole: bool = False) -> list[str]:
    """The requirements that the suite says do not hold."""
    return [
        f"{finding.requirement} {finding.where}"
        for history in histories(steps, whole=whole)
        for finding in findings_in(history, by_kind(BUILT_IN.requirements.values()))
    ]


@BOTH
def test_the_modification_stamp_may_equal_the_creation(form: Serialization) -> None:
    """systemModstamp need not be later than createdDate."""
    assert broken(close(CLOSED.replace(system_modstamp=CREATED), form)) == []


@BOTH
def test_batches_may_be_unfinished_at_the_close(form: Serialization) -> None:
    """A closed job may have batches that wait or run, and finish later."""
    queued = CLOSED.replace(number_batches_queued=1, number_batches_in_progress=1, number_batches_total=2)
    done = DONE.replace(number_batches_completed=2, number_batches_total=2)
    assert broken(close(queued, form), read(queued, form), read(done, form)) == []


@BOTH
def test_times_may_be_zero_or_anything(form: Serialization) -> None:
    """A finished job may have taken no time at all, or any."""
    zero = DONE.replace(total_processing_time=0, api_active_processing_time=0, apex_processing_time=0)
    long = DONE.replace(total_processing_time=2**63 - 1)
    assert broken(close(zero, form)) == broken(close(long, form)) == []


@BOTH
def test_seconds_may_have_any_fraction(form: Serialization) -> None:
    """Milliseconds may be left out, or be more digits than three."""
    for fraction in ("", ".1", ".123456789"):
        body = re.sub(rb"(T\d\d:\d\d:\d\d)\.000", rb"\1" + fraction.encode(), write(CLOSED, form))
        assert broken(close(CLOSED, form, answer=body)) == []


def test_a_number_may_be_padded() -> None:
    """White space around it is no part of it in XML."""
    body = write(DONE, XML).replace(b"<numberRetries>0<", b"<numberRetries> 0\n<")
    assert broken(close(DONE, answer=body)) == []


def test_keys_may_come_in_any_order() -> None:
    """The order of keys in JSON means nothing."""
    values = dict(reversed(json_values(CLOSED).items()))
    assert broken(close(CLOSED, JSON, answer=json.dumps(values).encode())) == []


def test_optional_keys_may_be_null_or_absent() -> None:
    """fastPathEnabled, externalIdFieldName and assignmentRuleId need not be there."""
    values = {name: value for name, value in json_values(CLOSED).items() if value is not None}
    for more in ({}, {"fastPathEnabled": False}, {"externalIdFieldName": None, "assignmentRuleId": None}):
        assert broken(close(CLOSED, JSON, answer=json.dumps({**values, **more}).encode())) == []


def test_white_space_is_free() -> None:
    """A body may stand on one line, be indented, or end in blank lines."""
    for form, body in ((XML, write(CLOSED, XML)), (JSON, write(CLOSED, JSON))):
        for layout in (b" ".join(body.split(b"\n")), body.replace(b"\n", b"\r\n\t  "), body + b"\n\n"):
            assert broken(close(CLOSED, form, answer=layout)) == []


def test_an_api_version_as_a_whole_number_is_the_same_number() -> None:
    """36 and 36.0 are one number in JSON: JavaScript writes the former."""
    body = write(CLOSED, JSON).replace(b"36.0", b"36")
    assert broken(close(CLOSED, JSON, answer=body)) == []


@BOTH
def test_a_job_may_be_older_than_its_version(form: Serialization) -> None:
    """The version need not have existed at createdDate, and the URI may name another than the job's."""
    assert broken(close(CLOSED.replace(api_version=Version(99)), form)) == []


@BOTH
def test_an_error_may_say_anything(form: Serialization) -> None:
    """No message is required, in any language."""
    answer = error(message="Auftrag unbekannt: 名前", form=form)
    assert broken(close(None, form, answer=answer)) == []


def test_a_failed_batch_need_not_fail_its_records() -> None:
    """numberRecordsFailed may be 0 though a batch failed."""
    job = DONE.replace(number_batches_completed=0, number_batches_failed=1, number_records_failed=0)
    steps = [create(), add_batch(), read_batch("Failed", 10, 0), close(job)]
    assert broken(*steps, whole=True) == []


@pytest.mark.parametrize("state", ["JobComplete", "UploadComplete", "InProgress"])
def test_a_job_of_bulk_2_may_be_read_in_its_own_states(state: str) -> None:
    """A GET of a job that Bulk API 2.0 made answers the states of 2.0; the answer to a close may not."""
    assert broken(read(CLOSED.replace(state=state))) == []
    assert broken(close(CLOSED.replace(state=state))) == ["schema/enumerations state", "state/closed state"]


def test_aborted_and_chunked_jobs_may_have_more_batches_than_their_counters_name() -> None:
    """After an abort the counters need not add up to the total; after PK chunking that is no failure."""
    aborted = EMPTY.replace(state="Aborted", number_batches_total=2, number_batches_completed=1)
    chunked = DONE.replace(number_batches_total=2)
    assert broken(post_state("Aborted", aborted)) == []
    assert [found.partition(" ")[0] for found in broken(close(chunked))] == ["counters/sum-equals-total"]


def test_a_read_in_a_serialization_that_is_not_spoken_says_nothing_of_the_job() -> None:
    """Whether by its status or by its code, the refusal is about the media type; any other refusal of a read counts."""
    steps = [create(), close(), read()]
    for status, code in ((415, "InvalidEntity"), (400, "UnsupportedContentType")):
        refused = read(form=JSON, status=status, answer=error(code, form=JSON))
        assert broken(*steps, refused, whole=True) == []
    missing = read(form=JSON, status=404, answer=error("InvalidJob", form=JSON))
    assert broken(*steps, missing, whole=True) == ["state/kept state"]


def test_batches_that_were_added_before_a_refused_close_change_the_job() -> None:
    """A refused close is not blamed for batches that went their way: the job was not at rest."""
    steps = [create(), add_batch(), close(None), read(EMPTY.replace(number_batches_total=1, number_batches_in_progress=1))]
    assert "state/refused-close-changes-nothing numberBatchesInProgress" not in broken(*steps, whole=True)


def test_a_refusal_of_the_caller_is_not_a_refusal_of_the_close() -> None:
    """A session that expired, or a spent quota, says nothing of the request."""
    for code in ("InvalidSessionId", "ExceededQuota"):
        assert broken(create(), close(None, answer=error(code))) == []


@pytest.mark.parametrize("code", ["TooManyLockFailure", "Timeout", "InternalServerError", "Unknown", "ExceededQuota"])
@pytest.mark.parametrize("status", [400, 500, 503])
def test_a_server_in_trouble_says_nothing_of_the_close(code: str, status: int) -> None:
    """A stranger's recording may show one, and the same close again; an endpoint under test has no such excuse."""
    refused = close(None, answer=error(code), status=status)
    assert broken(read(EMPTY), refused, read(EMPTY), close()) == []
    under_test = broken(read(EMPTY), close(None, answer=error("Unknown"), status=500), read(EMPTY), whole=True)
    assert "accepts/documented status" in under_test
    assert "errors/status-4xx status" in under_test


def test_a_read_may_meet_a_server_in_trouble() -> None:
    """A valid read that is answered 503, and then 200, was no fault of anybody's; a faulty close must not be answered so."""
    busy = read().answered(status=503, body=b"<html>busy</html>", headers=Headers.of([("Content-Type", "text/html")]))
    assert broken(close(), busy, read()) == []
    faulty = replace(close(None, status=500), request=NEAR_MISSES["malformed"].apply(close().request))
    assert broken(faulty) == ["errors/status-4xx status"]
    assert broken(close(), close(None, status=500)) == ["errors/status-4xx status"]


def test_a_server_may_split_a_query_into_batches_at_any_time() -> None:
    """With PK chunking a closed job without unfinished batches is not at rest."""
    before, after = [job.replace(operation="query") for job in (CLOSED.replace(number_batches_total=0), DONE)]
    header = Headers.of([("Content-Type", "application/xml"), ("Sforce-Enable-PKChunking", "true")])
    asked = {"operation": "query", "object": "Account", "contentType": "CSV"}
    created = create(EMPTY.replace(operation="query"), settings=asked)
    created = replace(created, request=replace(created.request, headers=header))
    for chunked in ([created, close(before)], [close(before)]):
        assert broken(*chunked, read(before), read(after)) == []
        assert broken(*chunked, read(before), read(after, JSON)) == []
        assert broken(*chunked, close(None), read(after)) == []
        assert broken(*chunked, add_batch(400), read(after)) == []


@pytest.mark.parametrize("body", [b"", b"\x1f\x8b\x08"], ids=["not kept", "compressed"])
def test_a_job_may_be_aborted_by_a_request_that_cannot_be_read(body: bytes) -> None:
    """Nobody knows what an accepted request asked that can't be read."""
    aborted = CLOSED.replace(state="Aborted")
    unread = replace(post_state("Aborted", aborted), request=replace(close().request, body=body))
    assert "state/kept state" not in broken(close(), unread, read(aborted), whole=True)


@pytest.mark.parametrize("state", ["Aborted", "Failed"])
def test_a_job_in_a_recording_may_be_ended_by_somebody_else(state: str) -> None:
    """An administrator's abort and a job's ageing are in no recording of a client; an endpoint under test has neither."""
    ended = CLOSED.replace(state=state)
    for steps in (
        [create(), close(), read(ended)],
        [close(), read(), read(ended)],
        [close(), read(ended, JSON), read(ended)],
        [read(EMPTY), close(None), read(EMPTY.replace(state=state))],
        [close(), close(None), read(ended)],
        [close(), post_state("Open", None), read(ended)],
        [close(), add_batch(400), read(ended)],
    ):
        assert not [finding for finding in broken(*steps) if finding.endswith(" state")], steps
    assert "state/kept state" in broken(close(), read(ended), whole=True)


def test_a_job_in_a_recording_that_is_open_again_was_not_kept_closed() -> None:
    """Nobody opens a closed job."""
    assert "state/kept state" in broken(close(), read(EMPTY))
    assert "state/kept state" in broken(close(), read(CLOSED.replace(state="Aborted")), read(EMPTY))


def test_headers_may_not_have_been_kept() -> None:
    """Then nobody knows the Content-Type; an endpoint under test has to send one."""
    bare = close().answered(headers=Headers())
    assert broken(bare) == []
    assert broken(bare, whole=True) == ["http/content-type Content-Type header"]


def test_a_refusal_whose_body_was_not_kept_may_be_one_of_the_caller() -> None:
    """The code would tell."""
    unknown = close(None).answered(body=None)
    assert broken(read(EMPTY), unknown, read(EMPTY)) == []
    assert broken(close(), unknown) == []


@pytest.mark.parametrize("answer", [error("InvalidSessionId"), b"<html>Forbidden</html>", b""], ids=["code", "page", "nothing"])
@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_of_the_caller_says_nothing_about_the_close(status: int, answer: bytes) -> None:
    """Whether an endpoint says so or somebody before it."""
    refused = close(None, answer=answer, status=status)
    assert "accepts/documented status" not in broken(create(), refused, read(EMPTY), whole=True)


def test_an_object_may_be_answered_in_its_own_letter_case() -> None:
    """A create may name the object in any letter case."""
    asked = {"operation": "insert", "object": "aCCOUNT", "contentType": "CSV"}
    assert broken(create(settings=asked), close()) == []


def test_a_create_may_answer_the_object_as_it_was_sent_and_later_answers_as_it_is_named() -> None:
    """No request in between changed it, refused or not."""
    created = create(
        EMPTY.replace(object="aCCOUNT"), settings={"operation": "insert", "object": "aCCOUNT", "contentType": "CSV"}
    )
    put = exchange("PUT", f"/{JOB_ID}", form=XML, status=405)
    assert broken(created, put, read(EMPTY)) == []
    assert broken(created, post_state("Cloesd", None), read(EMPTY)) == []


def test_a_read_that_began_before_the_close_ended_may_still_say_open() -> None:
    """Only what was asked after the answer can be held to it."""
    assert broken(at(create(), 0), at(close(), 1, milliseconds=5000), at(read(EMPTY), 2, milliseconds=10)) == []


def test_a_short_id_names_the_same_job() -> None:
    """The 15 characters of an id in the URI are the job's id."""
    short = exchange("GET", "/7500K00000EVfY2", answer=write(CLOSED, XML))
    assert broken(create(), close(), short) == []


def test_other_batches_than_the_recorded_ones_may_count() -> None:
    """A stranger's recording need not hold every batch of a job."""
    assert broken(create(), add_batch(), close(DONE.replace(number_batches_completed=3, number_batches_total=3))) == []


@pytest.mark.parametrize("version", ["17.0", "18.0"])
def test_early_versions_answer_fewer_fields(version: str) -> None:
    """numberRecordsFailed and the three times are there since 19.0 only."""
    body = re.sub(
        rb" <(numberRecordsFailed|\w+Time)>0</\w+>\n", b"", write(CLOSED.replace(api_version=Version.parse(version)), XML)
    )
    assert b"Time>" not in body
    one = close(answer=body)
    old = Exchange(
        one.request.__class__("POST", one.request.url.replace("36.0", version), one.request.headers, one.request.body),
        one.response,
    )
    assert broken(old) == []


def test_a_media_type_may_have_parameters() -> None:
    """charset and other parameters of the Content-Type are free."""
    for named in ("application/xml;charset=utf-8", "Application/XML; charset=UTF-8; q=1"):
        assert broken(close().answered(headers=Headers.of([("content-type", named)]))) == []


def test_polls_may_overlap() -> None:
    """Answers to requests that overlap need not come in the order of the work."""
    early = at(read(DONE.replace(number_batches_completed=0, number_batches_in_progress=1, number_records_processed=1)), 3, 900)
    assert broken(at(close(DONE), 1, 5000), at(early, 3, 900)) == []
    assert broken(at(read(DONE), 1, 5000), at(early, 3, 900)) == []


def test_a_job_may_have_changed_before_it_was_read_again() -> None:
    """systemModstamp and the counters may move while batches are processed."""
    running = DONE.replace(number_batches_completed=0, number_batches_in_progress=1, number_records_processed=1)
    later = DONE.replace(system_modstamp=CREATED + timedelta(hours=1))
    assert broken(close(running), read(running, JSON), read(later), read(later, JSON)) == []


def test_a_job_may_have_been_closed_by_somebody_else() -> None:
    """A refusal that names the state is no failure, unless the job is still open afterwards."""
    refused = close(None, answer=error("InvalidJobState"))
    assert broken(read(EMPTY), refused, read()) == []
    assert broken(read(EMPTY), refused, read(EMPTY)) == ["state/closes-without-batches status", "accepts/documented status"]

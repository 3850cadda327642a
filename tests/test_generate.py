"""The strategies: what they draw conforms, every legal form comes up, and each damage is one departure."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.ids import checksum
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.reader import read
from jobinfo_conformance._contract.schema_findings import schema_findings
from jobinfo_conformance._contract.schemas import Body
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.unset_fields import without_unset
from jobinfo_conformance._contract.versions import JSON_SINCE, Version
from jobinfo_conformance._contract.writer import write
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Exchange
from jobinfo_conformance._finding import Finding
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._job_requests.legal_forms import FORMS
from jobinfo_conformance._job_requests.near_misses import NEAR_MISSES
from jobinfo_conformance._judging import by_kind, findings_in
from jobinfo_conformance._subjects.attempts import refusal
from jobinfo_conformance._subjects.single_exchanges import (
    accepted_close,
    close_answer,
    empty_job,
    error_document,
    headed_job_info,
    job_info,
    job_not_aborted,
    typed_close,
    typed_refusal,
)
from jobinfo_conformance.generate import (
    Damage,
    close_requests,
    closes,
    damages,
    exchanges,
    jobs,
    json_bodies,
    near_misses,
    salesforce_ids,
    xml_bodies,
)
from tests.bodies import VERSIONS as ALL_VERSIONS
from tests.bodies import documented_close
from tests.exchanges import CLOSED, close, step
from tests.exchanges import read as read_job

SOME = settings(max_examples=40, deadline=None, derandomize=True, database=None)
SEARCH = settings(max_examples=2_000, phases=[Phase.generate], deadline=None, derandomize=True, database=None)
BOTH = pytest.mark.parametrize("form", list(Serialization), ids=str)
VERSIONS = pytest.mark.parametrize("version", ALL_VERSIONS, ids=str)

XML, JSON = Serialization.XML, Serialization.JSON


@VERSIONS
@SOME
@given(data=st.data())
def test_a_job_fits_the_schema_of_its_version_and_reads_back_equal(version: Version, data: st.DataObject) -> None:
    """In XML, which every version has."""
    job = data.draw(jobs(version=version))
    reading = read(write(job, XML))
    assert schema_findings(reading, Body.JOB_INFO, version) == ()
    assert JobInfo.of(reading) == job.replace(fast_path_enabled=None)


@BOTH
@SOME
@given(data=st.data())
def test_any_layout_of_a_job_says_the_same_job(form: Serialization, data: st.DataObject) -> None:
    """White space, comments, escapes, order of keys and encodings change no value."""
    job = data.draw(jobs())
    body = data.draw(xml_bodies(job) if form is XML else json_bodies(job))
    assert schema_findings(read(body), Body.JOB_INFO) == ()
    assert JobInfo.of(read(body)) == (job.replace(fast_path_enabled=None) if form is XML else job)


@BOTH
@SOME
@given(data=st.data())
def test_a_close_request_fits_its_schema_whatever_its_form(form: Serialization, data: st.DataObject) -> None:
    """It asks for Closed, and names no job but its own."""
    request = data.draw(close_requests(form, job_id="750xx000000000GAAQ"))
    reading = read(request.body, request.content_type)
    findings = schema_findings(without_unset(reading), Body.CLOSE_REQUEST)
    assert [one for one in findings if one.requirement != "schema/default-namespace"] == []
    assert reading.fields["state"] == "Closed"
    assert str(reading.fields.get("id") or "750xx000000000G").startswith("750xx000000000G")


@VERSIONS
@SOME
@given(data=st.data())
def test_nothing_is_said_of_a_conformant_exchange(version: Version, data: st.DataObject) -> None:
    """No requirement has anything against it, in any version."""
    exchange = data.draw(exchanges(data.draw(_forms(version)), version=version))
    assert [(finding.requirement, finding.got) for finding in _findings(exchange)] == []


@BOTH
def test_every_kind_of_exchange_comes_up(form: Serialization) -> None:
    """A job that is created, read, closed or aborted, and a close that is refused."""

    def of_kind(operation: Operation, status: int) -> bool:
        def has(exchange: Exchange) -> bool:
            step = Step.of(exchange)
            return step is not None and (step.operation, step.status) == (operation, status)

        return has(find(exchanges(form), has, settings=SEARCH))

    accepted = [(Operation.CREATE, 201), (Operation.READ, 200), (Operation.CLOSE, 200), (Operation.ABORT, 200)]
    assert all(of_kind(operation, status) for operation, status in [*accepted, (Operation.CLOSE, 400)])


@SOME
@given(text=salesforce_ids("01Q"))
def test_ids_have_their_prefix_and_a_right_checksum(text: str) -> None:
    """18 characters, the last three following from the others."""
    assert (len(text), text[:3], text[15:]) == (18, "01Q", checksum(text[:15]))


@pytest.mark.parametrize(
    ("form", "mark"),
    [(XML, mark) for mark in (b"<![CDATA[", b"<!--", b"&#67;", b"<?note", b"standalone", b"\r\n", b"\t")]
    + [(XML, mark) for mark in (b"\xff\xfe", b"<?xml version='1.0'", b"<jobInfo\n")]
    + [(JSON, mark) for mark in (b"\\u", b"\n", b"\t")],
    ids=str,
)
def test_every_layout_of_an_answer_comes_up(form: Serialization, mark: bytes) -> None:
    """One that is never drawn is never seen to be no fault."""
    answers = closes(form).map(lambda exchange: exchange.response.body or b"")
    assert mark in find(answers, lambda body: mark in body, settings=SEARCH)


@pytest.mark.parametrize(("form", "name"), [(form, one.name) for one in FORMS.values() for form in one.serializations], ids=str)
def test_every_legal_form_of_a_close_comes_up(form: Serialization, name: str) -> None:
    """A form that is never drawn is never tested, and one that is not wanted is not drawn."""
    drawn = find(close_requests(form), lambda request: name in step(request).legal_forms, settings=SEARCH)
    assert name in step(drawn).legal_forms
    others = close_requests(form, forms=set(FORMS) - {name})
    with pytest.raises(NoSuchExample):
        find(others, lambda request: name in step(request).legal_forms, settings=settings(SEARCH, max_examples=100))


@BOTH
@SOME
@given(data=st.data())
def test_a_near_miss_has_one_fault(form: Serialization, data: st.DataObject) -> None:
    """Whatever is drawn, it is one that the contract wants to be refused."""
    assert step(data.draw(near_misses(form))).near_miss in list(NEAR_MISSES)


@pytest.mark.parametrize(
    ("form", "name"), [(form, one.name) for one in NEAR_MISSES.values() for form in one.serializations], ids=str
)
def test_every_near_miss_comes_up_alone(form: Serialization, name: str) -> None:
    """Each by its name, with nothing else wrong."""
    assert step(find(near_misses(form, names={name}), lambda _: True, settings=SEARCH)).near_miss == name


@BOTH
@pytest.mark.parametrize("refused", [False, True], ids=["accepted", "refused"])
def test_every_damage_to_a_close_is_noticed_by_its_own_requirement(form: Serialization, refused: bool) -> None:
    """Each is named once, and breaks the requirement that it is about."""
    exchange = close(None, form) if refused else documented_close(form)
    assert _findings(exchange) == []
    found = list(damages(exchange))
    assert _unnoticed(found) == []
    assert [name for name, times in Counter(one.name for one in found).items() if times > 1] == []


@VERSIONS
@settings(SOME, max_examples=2)
@given(data=st.data())
def test_every_damage_to_a_generated_close_is_noticed(version: Version, data: st.DataObject) -> None:
    """Whatever the values of the job are, in any version."""
    found = list(damages(data.draw(closes(data.draw(_forms(version)), version=version))))
    assert len(found) > 500
    assert _unnoticed(found) == []


def test_damages_cover_every_requirement_that_a_lone_close_can_break() -> None:
    """What one exchange can show, a damage breaks; what needs more is shown elsewhere."""
    broken = {
        one.requirement
        for form in Serialization
        for exchange in (documented_close(form), close(None, form), close(CLOSED, form))
        for one in damages(exchange)
    }
    lone = {
        name
        for name, requirement in BUILT_IN.requirements.items()
        if requirement.on in (job_info, headed_job_info, job_not_aborted, empty_job, error_document, accepted_close)
        or requirement.on in (close_answer, typed_close, refusal, typed_refusal)
    }
    assert lone - broken == set(), "a close alone can break these: add a damage that does to generate/damage.py"
    assert broken - lone == {"identity/id-is-the-jobs", "errors/no-secrets"}


def test_other_traffic_has_no_damages() -> None:
    """Only the answer to a close is damaged: a read has none, and a close whose answer can't be read."""
    assert list(damages(read_job())) == list(damages(close(answer=b"<jobInfo>"))) == []


def _forms(version: Version) -> st.SearchStrategy[Serialization]:
    return st.sampled_from(Serialization) if version >= JSON_SINCE else st.just(XML)


def _unnoticed(found: list[Damage]) -> list[str]:
    return [damage.name for damage in found if not _is_noticed(damage)]


def _is_noticed(damage: Damage) -> bool:
    return any(findings_in(_endpoints_own(damage.exchange), by_kind([BUILT_IN.requirements[damage.requirement]])))


def _findings(exchange: Exchange) -> list[Finding]:
    """All that is wrong with an exchange by itself."""
    return list(findings_in(History.of([exchange]), by_kind(BUILT_IN.requirements.values())))


def _endpoints_own(exchange: Exchange) -> History:
    """The exchange as a live endpoint's: of a stranger's recording some is not said, as a 5xx to a request without a fault."""
    return History.of([exchange], whole=True)

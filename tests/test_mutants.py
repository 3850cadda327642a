"""The mutants: every departure that the schemas yield is there, and is noticed, or is legal and left alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.reader import read
from jobinfo_conformance._contract.schema_findings import schema_findings
from jobinfo_conformance._contract.schemas import Body, json_types, xml_types
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._judging import by_kind, findings_in
from jobinfo_conformance._payloads import PayloadKind, check
from jobinfo_conformance.generate import mutants
from jobinfo_conformance.generate.limits import Limits
from tests.bodies import SAMPLES, Sample, documented_close
from tests.conftest import ROOT

XML, JSON = Serialization.XML, Serialization.JSON
BOTH = pytest.mark.parametrize("form", list(Serialization), ids=str)


def _form(sample: Sample) -> Serialization:
    return read(sample.body).serialization


EACH = pytest.mark.parametrize("sample", SAMPLES, ids=[f"{one.name}, {_form(one)}" for one in SAMPLES])


@EACH
def test_a_sample_conforms(sample: Sample) -> None:
    """A departure means something only where there was none before."""
    assert schema_findings(read(sample.body), sample.kind, sample.version) == ()


@EACH
def test_what_breaks_a_requirement_is_found_under_it(sample: Sample) -> None:
    """No departure goes unnoticed, or is taken for another."""
    wrong = [one for one in sample.mutants() if one.requirement]
    missed = [
        one.name
        for one in wrong
        if one.requirement not in {found.requirement for found in schema_findings(read(one.body), sample.kind, sample.version)}
    ]
    assert missed == []


@EACH
def test_what_is_legal_all_the_same_is_left_alone(sample: Sample) -> None:
    """A mutant is not an alarm."""
    legal = [one for one in sample.mutants() if not one.requirement]
    assert len(legal) > 2
    findings = {one.name: schema_findings(read(one.body), sample.kind, sample.version) for one in legal}
    assert {name: found for name, found in findings.items() if found} == {}


@EACH
def test_each_mutant_has_a_name_of_its_own_and_differs_from_the_others(sample: Sample) -> None:
    """One name, one departure, one body."""
    found = sample.mutants()
    assert [name for name, times in Counter(one.name for one in found).items() if times > 1] == []
    assert [body for body, times in Counter(one.body for one in found).items() if times > 1] == []


@EACH
def test_every_field_of_a_schema_has_its_mutants(sample: Sample) -> None:
    """Also those that the body does not have."""
    names = xml_types(sample.kind, sample.version) if _form(sample) is XML else json_types(sample.kind)
    for name in names:
        assert [one for one in sample.mutants() if one.name.startswith(f"{name} ") and one.requirement], name


@EACH
def test_check_says_of_a_file_what_the_mutant_is(sample: Sample, tmp_path: Path) -> None:
    """A user who checks a payload as what it is meant to be reads the requirement that it breaks."""
    kinds = {Body.JOB_INFO: PayloadKind.JOB_INFO, Body.ERROR: PayloadKind.ERROR}
    file, kind = tmp_path / "payload", kinds.get(sample.kind) or PayloadKind(sample.kind.value)
    for mutant in sample.mutants():
        file.write_bytes(mutant.body)
        [checked] = check(file, kind=kind, version=sample.version)
        said = {finding.requirement for finding, _ in checked.findings}
        if kind is PayloadKind.ERROR:
            legal = mutant.requirement in (None, "schema/no-doctype", "schema/default-namespace")
            assert said - {"errors/message-not-empty"} <= {"errors/document", "errors/known-code"}, mutant.name
            assert bool(said & {"errors/document", "errors/known-code"}) is not legal, mutant.name
        elif mutant.requirement:
            assert mutant.requirement in said, mutant.name
        else:
            assert not {name for name in said if name.startswith("schema/")}, mutant.name


@BOTH
def test_an_answer_that_says_the_same_job_in_another_legal_way_is_not_objected_to(form: Serialization) -> None:
    """No requirement of any family says a thing of it."""
    close = documented_close(form)
    answer = close.response.body or b""
    same = [
        mutant
        for mutant in mutants(answer, Body.JOB_INFO)
        if mutant.requirement is None and JobInfo.of(read(mutant.body)) == JobInfo.of(read(answer))
    ]
    assert len(same) > 10
    for mutant in same:
        history = History.of([close.answered(body=mutant.body)])
        assert list(findings_in(history, by_kind(BUILT_IN.requirements.values()))) == [], mutant.name


@pytest.mark.parametrize(
    ("form", "legal"),
    [
        (XML, ["externalIdFieldName missing", "numberRetries 2147483647", "createdDate 2018-04-24T24:00:00.000Z", "UTF-16"]),
        (JSON, ["id last", "fastPathEnabled null", "numberRetries 2147483647", "apiVersion 36", "an escaped character"]),
    ],
    ids=str,
)
def test_departures_that_a_schema_allows_are_known_to_be_legal(form: Serialization, legal: list[str]) -> None:
    """A moved key, a number within its bounds, another layout."""
    [sample] = [one for one in SAMPLES if one.name == "answer with every field, 36.0" and _form(one) is form]
    found = {one.name: one.requirement for one in sample.mutants()}
    assert {name: found.get(name, "not there") for name in legal} == dict.fromkeys(legal)


def test_fields_of_a_later_version_may_be_missing_in_an_earlier_one() -> None:
    """What is required follows from the schema of the version."""
    for version, requirement in ((Version(18), None), (Version(19), "schema/required-fields")):
        [sample] = [one for one in SAMPLES if one.name == f"answer with every field, {version}"]
        missing = {one.name: one.requirement for one in sample.mutants()}
        assert missing["totalProcessingTime missing"] == requirement


def test_limits_follow_from_the_facets_of_a_schema() -> None:
    """Whoever changes a bound, a pattern or an enumeration changes what is tried."""
    retries, state = xml_types(Body.JOB_INFO)["numberRetries"], xml_types(Body.JOB_INFO)["state"]
    assert list(Limits.of_xsd(retries).numbers()) == [0, -1, 2147483647, 2147483648]
    assert {"Open", "Closed", "closed", "Close", ""} <= set(Limits.of_xsd(state).texts("Aborted")) | set(
        Limits.of_xsd(state).texts("Closed")
    )
    narrow = Limits.of_json({"type": "string", "pattern": "^[0-9]{3}$"})
    assert [text for text in ("007", "07", "0007", "07x", "00\u0667") if narrow.allow_text(text)] == ["007"]
    bounded = Limits.of_json({"anyOf": [{"type": "null"}, {"type": "integer", "minimum": 5, "maximum": 9}]})
    assert [number for number in bounded.numbers() if not bounded.allow_number(number)] == [4, 10]


def test_a_new_field_brings_its_mutants(tmp_path: Path) -> None:
    """An element that is added to a schema alone is tried beyond its limits, and that is noticed."""
    for folder in ("conformance", "schemas"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    changed = tmp_path / "schemas" / "jobinfo.xsd"
    last, new = '<xs:element name="apexProcessingTime"', '<xs:element name="numberRecordsSkipped" type="Count" minOccurs="0"/>'
    changed.write_text(changed.read_text("utf-8").replace(last, f"{new}{last}"), "utf-8")
    (tmp_path / "answer").write_bytes(documented_close(XML).response.body or b"")
    code = """if True:
        from pathlib import Path
        from jobinfo_conformance._contract.reader import read
        from jobinfo_conformance._contract.schema_findings import schema_findings
        from jobinfo_conformance._contract.schemas import Body
        from jobinfo_conformance.generate import mutants
        for one in mutants(Path("answer").read_bytes(), Body.JOB_INFO):
            if one.name.startswith("numberRecordsSkipped "):
                found = schema_findings(read(one.body), Body.JOB_INFO)
                print(one.name.partition(" ")[2], [finding.requirement for finding in found])
    """
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "conformance")}
    said = subprocess.check_output([sys.executable, "-c", code], cwd=tmp_path, env=environment, text=True).splitlines()
    assert "-1 ['schema/field-types']" in said
    assert "2147483647 []" in said
    assert "2147483648 ['schema/field-types']" in said


@pytest.mark.parametrize("day", ["2018-02-29", "2018-04-31", "1900-02-29", "0000-01-01"])
def test_a_day_that_does_not_exist_is_beyond_the_limits_of_an_instant(day: str) -> None:
    """The calendar decides, where a pattern can't."""
    limits = Limits.of_json(json_types(Body.JOB_INFO)["createdDate"], is_instant=True)
    assert not limits.allow_text(f"{day}T00:00:00.000+0000")
    assert limits.allow_text("2016-02-29T00:00:00.000+0000")


@pytest.mark.parametrize("body", [b"<jobInfo>", b'{"state": "closed"}', b"[]", b'{"state": "Closed", "closedBy": 1}'])
def test_what_does_not_conform_has_no_mutants(body: bytes) -> None:
    """There is nothing to depart from."""
    with pytest.raises(ValueError, match="not a conformant close-request: "):
        next(mutants(body, Body.CLOSE_REQUEST))

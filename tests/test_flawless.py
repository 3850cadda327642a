"""The fast reader of jobInfos: it reads only what the strict readers and the schemas have nothing against, and the same job."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobinfo_conformance._contract.flawless import read_flawless
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.reader import read
from jobinfo_conformance._contract.schema_findings import schema_findings
from jobinfo_conformance._contract.schemas import Body
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._contract.writer import write
from jobinfo_conformance.generate import jobs
from tests.bodies import SAMPLES, Sample, documented_close
from tests.exchanges import DONE

XML, JSON = Serialization.XML, Serialization.JSON
ANSWERS = [sample for sample in SAMPLES if sample.kind is Body.JOB_INFO]
BOTH = pytest.mark.parametrize("form", list(Serialization), ids=str)


def assert_closer_look_agrees(body: bytes, job: JobInfo) -> None:
    """The strict reader reads the same job, and finds nothing, as the schemas do."""
    reading = read(body)
    assert list(JobInfo.of(reading).items()) == list(job.items()), body
    assert schema_findings(reading, Body.JOB_INFO, Version(36)) == (), body


@BOTH
def test_what_servers_usually_answer_is_read_fast(form: Serialization) -> None:
    """The documented answer, and one with every field."""
    for body in (documented_close(form).response.body or b"", write(DONE, form), *(s.body for s in ANSWERS[-1:])):
        assert read_flawless(body) is not None, body


@pytest.mark.parametrize("sample", ANSWERS, ids=[f"{sample.name}, {read(sample.body).serialization}" for sample in ANSWERS])
def test_no_mutant_is_read_otherwise_than_by_a_closer_look(sample: Sample) -> None:
    """Every departure that the schemas yield is either left to the closer look, or legal and read the same."""
    fast = [(mutant.body, read_flawless(mutant.body)) for mutant in sample.mutants()]
    assert [job for _, job in fast if job is None]
    for body, job in fast:
        if job is not None:
            assert_closer_look_agrees(body, job)


@given(form=st.sampled_from(list(Serialization)), job=jobs(version=Version(36)))
def test_generated_jobs_are_read_as_by_a_closer_look(form: Serialization, job: JobInfo) -> None:
    """Whatever a conforming server may say about a job."""
    body = write(job, form)
    found = read_flawless(body)
    if found is not None:
        assert_closer_look_agrees(body, found)


@pytest.mark.parametrize(
    ("form", "old", "new"),
    [
        (JSON, b'"state"', b'"state": "Open", "state"'),
        (JSON, b'"numberRetries": 0', b'"numberRetries": -0'),
        (JSON, b'"numberRetries": 0', b'"numberRetries":\t-0'),
        (JSON, b'"numberRetries": 0', b'"numberRetries": 0.0'),
        (JSON, b'"numberRetries": 0', b'"numberRetries": 2147483648'),
        (JSON, b'"Account"', b'"Acc\\u006funt"'),
        (JSON, b'"Account"', b'"Acc\tount"'),
        (JSON, b'"Account"', b'"Acc\xc3\xb6unt"'),
        (JSON, b'"apiVersion": 36.0', b'"apiVersion": 36.5'),
        (JSON, b'"apiVersion": 36.0', b'"apiVersion": 18.0'),
        (JSON, b"2018-04-24", b"2018-02-30"),
        (XML, b"2018-04-24", b"2018-02-30"),
        (XML, b"<numberRetries>0<", b"<numberRetries>00<"),
        (XML, b"<numberRetries>0<", b"<numberRetries> 0<"),
        (XML, b"Account", b"Acc]]>ount"),
        (XML, b"Account", b"Acc\rount"),
        (XML, b"Account", b"Acc&#111;unt"),
        (XML, b"<apiVersion>36.0", b"<apiVersion>18.0"),
    ],
)
def test_what_is_wrong_or_unusual_is_left_to_a_closer_look(form: Serialization, old: bytes, new: bytes) -> None:
    """Also where another parser would see no difference."""
    body = write(DONE, form)
    assert old in body
    assert read_flawless(body) is not None
    assert read_flawless(body.replace(old, new, 1)) is None


@BOTH
def test_a_body_in_another_charset_is_left_to_a_closer_look(form: Serialization) -> None:
    """What the Content-Type names may change what the bytes mean."""
    body = write(DONE, form)
    assert read_flawless(body, f"{form.media_type}; charset=utf-8") is not None
    assert read_flawless(body, f"{form.media_type}; charset=utf-16") is None
    assert read_flawless(body.decode().encode("utf-16")) is None


def test_a_key_that_occurs_twice_is_noticed_though_a_value_has_the_name_of_one_that_is_missing() -> None:
    """An object may be called as a field is."""
    body = write(DONE.replace(object="externalIdFieldName"), JSON)
    without = re.sub(rb'"externalIdFieldName"\s*:[^,}]*,\s*', b"", body)
    assert read_flawless(without) is not None
    twice = re.sub(rb'("numberRetries"\s*:\s*)', rb"\1 5, \1", without)
    assert twice.count(b'"numberRetries"') == 2
    assert read_flawless(twice) is None

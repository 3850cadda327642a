"""The model that both serializations share: ids, versions, values and the jobInfo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element

import pytest

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.document import JsonDocument, JsonInt, Reading, XmlDocument
from jobinfo_conformance._contract.expected_job import ExpectedJob
from jobinfo_conformance._contract.field_types import BOOLEAN, INSTANT, TEXT, VERSION, WHOLE
from jobinfo_conformance._contract.ids import checksum, is_id, long_form, mapped_checksum, same_id
from jobinfo_conformance._contract.jobinfo import JobInfo
from jobinfo_conformance._contract.reader import read
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import DEFAULT, JSON_SINCE, Version
from jobinfo_conformance._contract.writer import json_values, write, write_request, xml_values
from jobinfo_conformance._finding import Finding, Unreadable
from tests.exchanges import CLOSED, DONE

DOCUMENTED_IDS = ["750D0000000002lIAA", "750xx000000000GAAQ", "005D0000001ALVFIA4", "005xx000001SyhGAAS"]


@pytest.mark.parametrize("text", DOCUMENTED_IDS)
def test_documented_ids_have_a_right_checksum(text: str) -> None:
    """The last three characters follow from the letter case of the first 15."""
    assert checksum(text[:15]) == text[15:]
    assert long_form(text[:15]) == text == long_form(text)
    assert same_id(text, text[:15])


@pytest.mark.parametrize(
    "text", ["", "750D0000000002", "750D0000000002lI", "750D0000000002lIA-", "750D0000000002lIAA\n", "\uff1750D0000000002l"]
)
def test_only_15_or_18_letters_and_digits_are_an_id(text: str) -> None:
    """A length between them, another character or a newline is no id."""
    assert not is_id(text)


@pytest.mark.parametrize("place", range(15))
def test_a_capital_letter_counts_in_its_place(place: int) -> None:
    """Each character of a checksum stands for five of the id, read from the right."""
    expected = ["A", "A", "A"]
    expected[place // 5] = "BCEIQ"[place % 5]
    assert checksum("a" * place + "X" + "a" * (14 - place)) == "".join(expected)


@pytest.mark.parametrize(
    ("suffix", "expected"), [("IAA", "IA4"), ("IAB", "IA5"), ("AAA", "AA4"), ("I5A", "I54"), ("IAU", "IAS"), ("iaa", "iaa")]
)
def test_a_checksum_follows_its_id_to_another_one(suffix: str, expected: str) -> None:
    """A right one stays right, each wrong one becomes another wrong one, and back, and what is none stays as it is."""
    old, new = "750D0000000002lIAA", "005D0000001ALVFIA4"
    assert mapped_checksum(suffix, old, new) == expected
    assert mapped_checksum(expected, new, old) == suffix


@pytest.mark.parametrize("suffix", ["IA", "IAAA"])
def test_a_checksum_has_three_characters(suffix: str) -> None:
    """More or fewer are a mistake."""
    with pytest.raises(ValueError, match="zip"):
        mapped_checksum(suffix, "750D0000000002lIAA", "005D0000001ALVFIA4")


def test_letter_case_tells_ids_apart() -> None:
    """Ids of 15 characters are case-sensitive."""
    assert not same_id("750D0000000002l", "750D0000000002L")


@pytest.mark.parametrize("text", ["17.0", "36.0", "62.0", "999.0"])
def test_versions_are_numbers_with_a_point_and_a_zero(text: str) -> None:
    """Any version from the earliest on is known."""
    assert str(Version.parse(text)) == text


@pytest.mark.parametrize("text", ["v36.0", "36", "36.1", "036.0", " 36.0", "36.0\n", "\uff13\uff16.0", "", "9999999.0"])
def test_other_texts_are_no_version(text: str) -> None:
    """The message says how to write one."""
    with pytest.raises(ValueError, match="is not an API version: write it like 36"):
        Version.parse(text)


def test_versions_before_the_first_are_unknown() -> None:
    """Bulk API 1.0 began with 17.0."""
    with pytest.raises(ValueError, match=r"API version 16\.0 is unknown: Bulk API 1\.0 begins with 17\.0"):
        Version.parse("16.0")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2009-04-14T18:15:59.000Z", datetime(2009, 4, 14, 18, 15, 59, tzinfo=UTC)),
        ("2009-04-14T18:15:59Z", datetime(2009, 4, 14, 18, 15, 59, tzinfo=UTC)),
        ("2009-04-14T18:00:00Z", datetime(2009, 4, 14, 18, tzinfo=UTC)),
        ("2024-02-29T24:00:00Z", datetime(2024, 3, 1, tzinfo=UTC)),
        ("2024-02-29T24:00:00.000Z", datetime(2024, 3, 1, tzinfo=UTC)),
        ("2009-04-14T18:15:59.1234567Z", datetime(2009, 4, 14, 18, 15, 59, 123456, tzinfo=UTC)),
    ],
)
def test_dates_in_xml_end_in_z(text: str, instant: datetime) -> None:
    """A fraction is optional, and 24:00:00 is the end of a day (XSD 1.0 part 2)."""
    assert INSTANT.from_xml(text) == instant


@pytest.mark.parametrize(
    "text",
    [
        "2009-02-30T18:15:59Z",
        "2009-04-14T18:15:59+0000",
        "2009-04-14 18:15:59Z",
        "2009-04-14T18:15:60Z",
        "2009-04-14T24:30:00Z",
        "2009-04-14T24:00:00.5Z",
        "2009-04-14T25:00:00Z",
        "9999-12-31T24:00:00Z",
        "\uff12009-04-14T18:15:59Z",
    ],
)
def test_dates_in_xml_that_are_none_are_not_read(text: str) -> None:
    """Days that do not exist, other zones and other digits."""
    with pytest.raises(ValueError, match=r".*"):
        INSTANT.from_xml(text)


def test_dates_in_json_end_in_a_zone_without_a_colon() -> None:
    """``+0000`` and nothing else."""
    assert INSTANT.from_json("2015-11-19T01:45:03.000+0000") == datetime(2015, 11, 19, 1, 45, 3, tzinfo=UTC)
    for wrong in ("2015-11-19T01:45:03.000Z", "2015-11-19T01:45:03.000+00:00", 1447897503000):
        with pytest.raises(ValueError, match=r".*"):
            INSTANT.from_json(wrong)


@pytest.mark.parametrize(("microsecond", "written"), [(0, "000"), (123_456, "123"), (998_000, "998"), (999_999, "999")])
def test_milliseconds_are_written(microsecond: int, written: str) -> None:
    """Three digits, and never rounded up to the next second."""
    instant = datetime(2009, 4, 14, 18, 15, 59, microsecond, tzinfo=UTC)
    assert INSTANT.to_xml(instant) == f"2009-04-14T18:15:59.{written}Z"
    assert INSTANT.to_json(instant) == f"2009-04-14T18:15:59.{written}+0000"


@pytest.mark.parametrize("text", ["-1", "1.0", "1_000", "\uff19", "\u00a01", "", "x", "1e3", "0x1"])
def test_whole_numbers_in_xml_are_digits(text: str) -> None:
    """What a lenient library takes for a number is none."""
    with pytest.raises(ValueError, match=r".*"):
        WHOLE.from_xml(text)


@pytest.mark.parametrize("value", [True, "1", 0.5, -1, None, [], float("inf")])
def test_whole_numbers_in_json_are_numbers(value: object) -> None:
    """A string of digits, a boolean and a fraction are none."""
    with pytest.raises(ValueError, match=r".*"):
        WHOLE.from_json(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [16.0, 1, 0, -36.0, 36.5, 1e300])
def test_versions_in_json_are_those_that_xml_has(value: float) -> None:
    """From the earliest on, in as many digits."""
    with pytest.raises(ValueError, match=r".*"):
        VERSION.from_json(value)


def test_values_that_may_be_written_in_several_ways_are_one_value() -> None:
    """The text of a number is a matter of schema/canonical-numbers alone."""
    assert WHOLE.from_xml(" 007\n") == 7
    assert WHOLE.from_json(7.0) == 7
    assert VERSION.from_json(36) == VERSION.from_json(36.0) == VERSION.from_xml("36.0") == Version(36)
    assert BOOLEAN.from_json(False) is False
    assert TEXT.from_xml("Account") == "Account"


@pytest.mark.parametrize("read_number", [WHOLE.from_xml, JsonInt], ids=["xml", "json"])
def test_a_number_is_read_up_to_400_digits(read_number: Callable[[str], int]) -> None:
    """What is longer is beyond every bound, and that is all that anybody needs to know of it."""
    assert read_number("9" * 400) == read_number("9" * 401) == 10**400 - 1


def test_a_run_speaks_the_first_version_of_both_serializations() -> None:
    """Where nobody names one."""
    assert DEFAULT == JSON_SINCE == Version(36)


SHARED = [
    BUILT_IN.requirements["state/closed"],
    BUILT_IN.requirements["state/closed"].source,
    BUILT_IN.requirements["state/closed"].on,
    BUILT_IN,
    ExpectedJob(),
    WHOLE,
    Version(36),
    Finding("schema/root", "a jobInfo", "nothing", "body"),
    Reading(Serialization.XML, None),
    XmlDocument(Element("jobInfo")),
    JsonDocument({}),
]


@pytest.mark.parametrize("shared", SHARED, ids=lambda shared: type(shared).__name__)
def test_what_many_hold_can_not_be_changed(shared: Any) -> None:
    """One reading stands for every body alike, one requirement for every run."""
    name = fields(shared)[0].name
    with pytest.raises(FrozenInstanceError, match=name):
        setattr(shared, name, None)


def test_a_field_that_was_not_answered_is_unreadable() -> None:
    """A check that needs it can't judge, and says which field it was."""
    with pytest.raises(Unreadable, match="numberRetries is missing or can't be read"):
        _ = JobInfo({}).number_retries
    assert JobInfo({}).external_id_field_name is None


def test_a_job_is_a_mapping_by_wire_name() -> None:
    """Names on the wire are keys, in the order of XML; attributes are Python's."""
    assert CLOSED["createdById"] == CLOSED.created_by_id
    assert list(CLOSED)[:3] == ["id", "operation", "object"]
    assert CLOSED.replace(state="Open").state == "Open"
    assert CLOSED.state == "Closed"
    assert JobInfo(dict(CLOSED)) == CLOSED
    assert hash(CLOSED) == hash(JobInfo(dict(CLOSED)))
    assert CLOSED != DONE


def test_a_name_that_is_no_field_is_a_mistake() -> None:
    """A typing error does not make a job without the field."""
    with pytest.raises(TypeError, match="jobInfo has no field numberOfRetries"):
        JobInfo({"numberOfRetries": 1})


@pytest.mark.parametrize("form", list(Serialization), ids=str)
def test_what_is_written_reads_back_equal(form: Serialization) -> None:
    """Values that need escaping included."""
    odd = DONE.replace(object="A<&>\"'é")
    assert JobInfo.of(read(write(odd, form))) == odd


def test_bodies_are_written_as_documented() -> None:
    """XML in the order of the schema without what is absent, JSON by the alphabet with null for it."""
    assert list(xml_values(CLOSED)) == [name for name in JobInfo.FIELDS if name in xml_values(CLOSED)]
    assert "externalIdFieldName" not in xml_values(CLOSED)
    assert list(json_values(CLOSED)) == sorted(json_values(CLOSED))
    assert json_values(CLOSED)["externalIdFieldName"] is None
    assert xml_values(CLOSED)["apiVersion"] == "36.0"
    assert b'"apiVersion": 36.0' in write(CLOSED, Serialization.JSON)
    assert write_request({"state": "Closed"}, Serialization.JSON) == b'{\n "state": "Closed"\n}\n'


def test_the_documented_close_is_what_a_close_request_is() -> None:
    """The bodies of the documentation, but for white space."""
    assert read(write_request({"state": "Closed"}, Serialization.JSON)).fields == {"state": "Closed"}
    assert write_request({"state": "Closed"}, Serialization.XML).split(b"\n")[0] == b'<?xml version="1.0" encoding="UTF-8"?>'


@pytest.mark.parametrize("state", ["Open", "Closed", "Aborted"])
def test_an_open_job_becomes_what_it_was_asked_to_be(state: str) -> None:
    """Once it accepted that; its batches stay."""
    assert ExpectedJob(batches=2).asked_for(state) == ExpectedJob(state, 2)


@pytest.mark.parametrize(
    ("state", "asked"),
    [("Open", "Finished"), ("Closed", "Open"), ("Closed", "Aborted"), ("Aborted", "Closed"), ("Aborted", "Open")],
)
def test_what_the_contract_leaves_open_is_not_known(state: str, asked: str) -> None:
    """An abort of a closed job that was accepted, for one."""
    assert ExpectedJob(state).asked_for(asked).state is None


@pytest.mark.parametrize("state", ["Closed", "Aborted"])
def test_asking_for_what_is_so_already_changes_nothing(state: str) -> None:
    """A second close that was accepted, in a body of its own."""
    assert ExpectedJob(state).asked_for(state.lower().capitalize()) == ExpectedJob(state)


def test_what_is_not_known_stays_so() -> None:
    """Nobody knows what a close makes of a job in a state that nobody knows."""
    assert ExpectedJob(None).asked_for("Closed") == ExpectedJob(None)


def test_a_batch_that_was_accepted_counts() -> None:
    """Whatever the state."""
    assert ExpectedJob("Closed", 1).with_batch() == ExpectedJob("Closed", 2)

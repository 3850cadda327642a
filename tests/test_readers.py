"""The strict readers: whatever the bytes, they answer with a document or with a named finding, never an exception."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobinfo_conformance._contract.document import JsonValue, Reading, XmlDocument
from jobinfo_conformance._contract.jobinfo import NAMESPACE
from jobinfo_conformance._contract.json_reader import read_json
from jobinfo_conformance._contract.reader import read
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.xml_reader import read_xml
from jobinfo_conformance._escaping import quoted

THOROUGH = settings(max_examples=300, deadline=None, derandomize=True, database=None)
#: Pieces that make arbitrary bytes look like the formats.
PIECES = st.sampled_from(
    [
        *rb"""< > <jobInfo> </ & &#0; <!DOCTYPE [ <![CDATA[ <?xml encoding=" ?> { } " \u \ud800 : , NaN 1e999 -""".split(),
        *(b" ", b"\0", b"\xff\xfe", b"\xef\xbb\xbf"),
    ]
)
BODIES = st.lists(PIECES | st.binary(max_size=6), max_size=12).map(b"".join)


def found(reading: Reading) -> list[tuple[str, str]]:
    """The requirement and the place of each finding."""
    return [(finding.requirement, finding.where) for finding in reading.findings]


def job(inside: str, *, before: str = "") -> bytes:
    """A jobInfo in XML."""
    return f'{before}<jobInfo xmlns="{NAMESPACE}">{inside}</jobInfo>'.encode()


@THOROUGH
@given(body=BODIES, content_type=st.none() | st.sampled_from(["application/xml; charset=", "application/json"]) | st.text())
def test_no_body_makes_a_reader_raise(body: bytes, content_type: str | None) -> None:
    """A body that can't be read says why; one that can has a document."""
    reading = read(body, content_type)
    assert reading.document is not None or found(reading)
    assert isinstance(reading.fields, Mapping)


@THOROUGH
@given(body=BODIES)
def test_each_reader_takes_the_other_ones_bodies(body: bytes) -> None:
    """Neither reader raises for a body that is not of its kind."""
    for reading in (read_xml(body), read_json(body)):
        assert reading.document is not None or ("schema/well-formed" in {one for one, _ in found(reading)})


@pytest.mark.parametrize(
    ("body", "where", "got"),
    [
        (b'{"a": NaN}', "body", "NaN"),
        (b'{"a": -Infinity}', "body", "-Infinity"),
        (b'\xef\xbb\xbf{"a": 1}', "body", "a UTF-8 byte order mark"),
        ('{"a": 1}'.encode("utf-16"), "byte 0", "byte 0xff"),
        (b'{"a": "\xff"}', "byte 7", "byte 0xff"),
        (b'{"a": 1,}', "line 1 column 9", "}"),
        (b'{"a": 1 ,\n }', "line 2 column 2", "}"),
        (b'{"a": [1, ]}', "line 1 column 11", "]"),
        (b'{"a": 1} x', "line 1 column 10", "x"),
        (b"[" * 100_000, "body", "values nested more than 32 levels deep"),
        (b"[" * 40 + b"]" * 40, "body", "values nested more than 32 levels deep"),
        (b'{"a": "\n"}', "line 1 column 8", "\\n"),
    ],
    ids=[
        "NaN",
        "infinity",
        "mark",
        "utf-16",
        "encoding",
        "comma",
        "comma in a line before",
        "comma in a list",
        "extra",
        "deep, open",
        "deep",
        "newline",
    ],
)
def test_json_that_is_none_is_not_well_formed(body: bytes, where: str, got: str) -> None:
    """Each departure from RFC 8259 is found in its place, in words that name it."""
    [finding] = read(body, "application/json").findings
    assert (finding.requirement, finding.where, finding.got) == ("schema/well-formed", where, got)


def test_a_doubled_key_is_found_at_any_depth_and_the_first_counts() -> None:
    """The readers of the world disagree on which one counts, so a doubled key is no key."""
    reading = read(b'{"state": "Closed", "state": "Open", "b": {"c": 1, "c": 2}}')
    assert set(found(reading)) == {("schema/no-duplicates", "state"), ("schema/no-duplicates", "c")}
    assert reading.fields["state"] == "Closed"


@pytest.mark.parametrize(
    ("body", "got"),
    [
        (b"words", "text where the root element should begin"),
        (b"", "no element, or none that ends"),
        (b"<a", "a tag, comment or other markup that does not end"),
        (b"<a>\xc3", "a character whose last bytes are missing"),
        (b"<a>&#0;</a>", "a reference to a character that XML does not have"),
        (b"\n<?xml version='1.0'?><a/>", "an XML declaration that is not at the very beginning"),
        (b"<?xml version='1.0' encoding='UTF-16'?><a/>", "an encoding that is not the one declared"),
        (b"<a><![CDATA[", "a CDATA section that does not end"),
        (b"<a xmlns:b=''/>", "a prefix that is declared as nothing"),
        (b"<?xml version?><a/>", "an XML declaration that is malformed"),
        (b"<!DOCTYPE a PUBLIC '\x7f' ''><a/>", "a document type whose public identifier has characters that it can't have"),
        (b"<a xmlns:xml='b'/>", "the prefix xml or xmlns, or one of their namespaces, declared as something else"),
        (b"<a xmlns:xmlns='b'/>", "the prefix xml or xmlns, or one of their namespaces, declared as something else"),
    ],
)
def test_what_keeps_a_body_from_being_xml_is_told_in_our_own_words(body: bytes, got: str) -> None:
    """Those of the parser change from one release to the next."""
    reading = read_xml(body)
    assert reading.document is None
    assert [finding.got for finding in reading.findings] == [got]


@pytest.mark.parametrize("digits", [20, 400, 5_000, 100_000])
def test_a_number_of_any_length_is_read(digits: int) -> None:
    """Python's limit on digits is not the target's fault."""
    value = read(b'{"numberRetries": ' + b"9" * digits + b"}").fields["numberRetries"]
    assert isinstance(value, int)
    assert value > 2**63


@pytest.mark.parametrize(
    ("body", "where", "got"),
    [
        (b"<a><b></a>", "line 1", "an end tag that is not that of the element before it"),
        (b"<a/><b/>", "line 1", "more after the end of the root element"),
        (b"<x:a/>", "line 1", "a prefix that is not declared"),
        (b"<a>&nbsp;</a>", "line 1", "a reference to an entity that is not declared"),
        (b"<a>\xff</a>", "line 1", "a character that can't stand here"),
        (b'<?xml version="1.0" encoding="UTF-7"?><a/>', "body", "an encoding that is not read"),
        (b'<?xml version="1.0" encoding="shift_jis"?><a/>', "body", "an encoding that is not read"),
        (b"<a b='1' b='2'/>", "line 1", "an attribute that stands twice in a tag"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "body", "entity b"),
        (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "body", "entity b"),
        (b'<!DOCTYPE a SYSTEM "a.dtd"><a>b&c;</a>', "body", "entity c"),
        (b"<!DOCTYPE a [%b;]><a>b&c;</a>", "body", "entity c"),
        (b"<a>" * 40 + b"</a>" * 40, "body", "elements nested more than 32 levels deep"),
        (b"<a>" * 100_000, "body", "elements nested more than 32 levels deep"),
    ],
    ids=[
        "tag",
        "roots",
        "prefix",
        "entity",
        "token",
        "utf-7",
        "multi-byte",
        "twice",
        "defined",
        "external",
        "elsewhere",
        "parameter",
        "deep",
        "open",
    ],
)
def test_xml_that_is_none_is_not_well_formed(body: bytes, where: str, got: str) -> None:
    """Each departure from XML 1.0, and each entity, is found in its place."""
    findings = [one for one in read(body).findings if one.requirement == "schema/well-formed"]
    assert [(one.where, got in one.got) for one in findings] == [(where, True)], findings
    assert read(body).document is None


@pytest.mark.parametrize(("start", "value", "end"), [(b"[", b"1", b"]"), (b"<a>", b"", b"</a>")], ids=["json", "xml"])
def test_32_levels_are_read_and_33_are_not(start: bytes, value: bytes, end: bytes) -> None:
    """A jobInfo has two."""
    assert read(start * 32 + value + end * 32).document is not None
    assert read(start * 33 + value + end * 33).document is None


def test_entities_are_refused_before_they_grow() -> None:
    """A billion laughs costs nothing."""
    lines = [f'<!ENTITY l{place + 1} "{f"&l{place};" * 10}">' for place in range(9)]
    reading = read(f'<!DOCTYPE a [<!ENTITY l0 "ha">{"".join(lines)}]><a>&l9;</a>'.encode())
    assert ("schema/well-formed", "body") in found(reading)
    assert reading.fields == {}


def test_a_bare_document_type_is_read_and_found() -> None:
    """A DOCTYPE alone harms nobody; it is a finding of its own."""
    reading = read(job("<state>Closed</state>", before="<!DOCTYPE jobInfo>"))
    assert found(reading) == [("schema/no-doctype", "DOCTYPE")]
    assert reading.fields == {"state": "Closed"}


def test_a_prefixed_root_is_read_and_found() -> None:
    """The namespace is right, and a real client breaks all the same."""
    reading = read(f'<b:jobInfo xmlns:b="{NAMESPACE}"><b:state>Closed</b:state></b:jobInfo>'.encode())
    assert found(reading) == [("schema/default-namespace", "jobInfo")]
    assert reading.findings[0].got == "b:"
    assert reading.fields == {"state": "Closed"}


@pytest.mark.parametrize("inside", ["<![CDATA[Closed]]>", "Clo<!-- -->sed", "&#67;losed", "C<?p i?>losed"])
def test_text_is_read_however_it_is_written(inside: str) -> None:
    """CDATA, comments, references and processing instructions are no part of a value."""
    reading = read(job(f"<state>{inside}</state>"))
    assert reading.fields == {"state": "Closed"}
    assert found(reading) == []


def test_text_stands_where_the_body_has_it() -> None:
    """Between whichever elements."""
    document = read(b"<a>1<b>2</b>3<c>4<d/>5</c>6<!-- -->7</a>").document
    assert isinstance(document, XmlDocument)
    assert list(document.root.itertext()) == ["1", "2", "3", "4", "5", "67"]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<jobInfo>é</jobInfo>".encode("utf-16"), None),
        ("<jobInfo>é</jobInfo>".encode("utf-16"), "application/xml; charset=windows-1252"),
        ('<?xml version="1.0"?><jobInfo>é</jobInfo>'.encode("latin-1"), "application/xml; charset=ISO-8859-1"),
        ("<jobInfo>é</jobInfo>".encode("latin-1"), "application/xml; charset=ISO-8859-1"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?><jobInfo>é</jobInfo>'.encode("latin-1"), "application/xml; charset=UTF-8"),
        ("<jobInfo>é</jobInfo>".encode(), "application/xml; charset="),
        ("<jobInfo>é</jobInfo>".encode(), "application/xml; charset=utf8"),
        ("<jobInfo>é</jobInfo>".encode(), "application/xml; charset=nonsense"),
    ],
    ids=["mark", "mark before header", "not declared", "header", "declaration before header", "empty", "alias", "unknown"],
)
def test_an_encoding_is_the_marks_then_the_declarations_then_the_headers(body: bytes, content_type: str | None) -> None:
    """RFC 7303: the body's own word counts before the header's."""
    reading = read(body, content_type)
    assert found(reading) == []
    assert reading.root == "jobInfo"


@pytest.mark.parametrize("form", list(Serialization), ids=str)
@pytest.mark.parametrize("body", [b"", b" \r\n"])
def test_an_empty_body_is_not_well_formed(body: bytes, form: Serialization) -> None:
    """No body is said to be none, in the serialization that the media type names."""
    reading = read(body, form.media_type)
    assert reading.serialization is form
    assert [finding.got for finding in reading.findings] == ["an empty body"]


def test_an_oversized_body_is_not_parsed() -> None:
    """A million elements would cost seconds and a third of a gigabyte."""
    body = job("<a/>" * 1_000_000)
    reading = read(body)
    assert reading.document is None
    assert [finding.expected for finding in reading.findings] == ["at most 1048576 bytes"]


@pytest.mark.parametrize(("length", "is_read"), [(1_048_576, True), (1_048_577, False)])
def test_a_body_may_have_a_mebibyte(length: int, is_read: bool) -> None:
    """And not a byte more."""
    assert (read(job("").ljust(length)).document is not None) is is_read


@pytest.mark.parametrize(
    ("body", "content_type", "serialization"),
    [
        (b"<a/>", "application/json", Serialization.XML),
        (b'{"a": 1}', "application/xml", Serialization.JSON),
        (b"\xef\xbb\xbf <a/>", None, Serialization.XML),
        ("<a/>".encode("utf-16"), None, Serialization.XML),
        (b"nonsense", "application/xml", Serialization.XML),
        (b"nonsense", None, Serialization.JSON),
        (b" " * 4095 + b"<a/>", None, Serialization.XML),
        (b" " * 4096 + b"<a/>", None, Serialization.JSON),
    ],
)
def test_the_body_tells_its_serialization_before_the_header(
    body: bytes, content_type: str | None, serialization: Serialization
) -> None:
    """A header that contradicts the body is a finding of http/content-type, not of the reader.

    It is looked for in the first 4,096 bytes.
    """
    assert read(body, content_type).serialization is serialization


@pytest.mark.parametrize("otherwise", [*Serialization, None])
def test_a_body_that_tells_nothing_is_of_the_form_that_was_asked_for(otherwise: Serialization | None) -> None:
    """JSON where nobody knows that either."""
    assert read(b"nonsense", None, otherwise).serialization is (otherwise or Serialization.JSON)


@pytest.mark.parametrize(("body", "root"), [(b"<x:a xmlns:x='y'/>", "a"), (b"{}", "object"), (b"[]", None), (b"{", None)])
def test_a_root_is_an_element_or_an_object(body: bytes, root: str | None) -> None:
    """Nothing else has one."""
    assert read(body).root == root


def test_each_serialization_is_the_other_ones_other() -> None:
    """There are two."""
    assert (Serialization.XML.other, Serialization.JSON.other) == (Serialization.JSON, Serialization.XML)


@pytest.mark.parametrize(("length", "more"), [(80, ""), (81, "… (81 characters)")])
def test_a_value_is_quoted_up_to_80_characters(length: int, more: str) -> None:
    """The rest is counted."""
    assert quoted("x" * length) == "x" * 80 + more


def test_json_keeps_how_a_number_was_written() -> None:
    """``1`` and ``1.0`` are one value and two texts."""
    fields: Mapping[str, JsonValue] = read(b'{"a": 1, "b": 1.0, "c": 1e0}').fields
    assert [getattr(value, "text", "") for value in fields.values()] == ["1", "1.0", "1e0"]

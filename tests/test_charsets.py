"""The charset that a Content-Type names: one that the bytes contradict is a finding, and never an error of the suite."""

from __future__ import annotations

import codecs
from dataclasses import replace
from pathlib import Path

import pytest

from jobinfo_conformance import run
from jobinfo_conformance._contract.charset import charset_of, is_contradicted, named_charset
from jobinfo_conformance._contract.reader import read
from jobinfo_conformance._evidence.har_writer import write_har
from jobinfo_conformance._exchange import Exchange, Headers
from jobinfo_conformance._payloads import check
from jobinfo_conformance._results.results import Verdict
from tests.conftest import Command
from tests.exchanges import CLOSED, JSON, XML, close, create
from tests.recordings import entries_of, saved
from tests.test_never_required import broken

#: An answer in XML without its declaration, with a character that is not ASCII.
PLAIN = (close(CLOSED.replace(object="Rücknahme__c")).response.body or b"").decode().partition("\n")[2]
ASCII = (close().response.body or b"").decode().partition("\n")[2]
MARKS = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}


def answered(body: bytes, content_type: str) -> Exchange:
    """A close with this answer."""
    return close().answered(body=body, headers=Headers.of([("Content-Type", content_type)]))


def declared(encoding: str) -> str:
    """An XML declaration."""
    return f'<?xml version="1.0" encoding="{encoding}"?>\n' if encoding else ""


@pytest.mark.parametrize("order", MARKS)
@pytest.mark.parametrize("mark", [True, False], ids=["mark", "no mark"])
@pytest.mark.parametrize("encoding", ["UTF-16", ""], ids=["declared", "not declared"])
@pytest.mark.parametrize("exact", [True, False], ids=["UTF-16LE or BE", "UTF-16"])
def test_an_answer_in_utf_16_with_a_matching_charset_conforms(
    order: str, mark: bool, encoding: str, exact: bool, tmp_path: Path
) -> None:
    """In either byte order; every processor of XML reads UTF-16."""
    body = (MARKS[order] if mark else b"") + (declared(encoding) + PLAIN).encode(order)
    one = answered(body, f"application/xml; charset={order.upper().replace('16-', '16') if exact else 'UTF-16'}")
    assert broken(one, whole=True) == []
    (tmp_path / "a.har").write_bytes(write_har([one], whole=False))
    assert run(str(tmp_path / "a.har")).verdict is Verdict.CONFORMANT


@pytest.mark.parametrize("order", MARKS)
def test_an_answer_in_utf_16_by_a_stranger_conforms(order: str, tmp_path: Path) -> None:
    """HAR keeps text in Unicode, whatever it was in."""
    content_type = f"application/xml; charset={order}"
    [entry] = entries_of(answered(PLAIN.encode(order), content_type))
    entry["response"]["content"] = {"size": len(PLAIN) * 2, "mimeType": content_type, "text": PLAIN}
    assert run(str(saved(tmp_path / "a.har", [entry]))).verdict is Verdict.CONFORMANT


@pytest.mark.parametrize(
    ("text", "encoding", "charset"),
    [
        (declared("UTF-8") + ASCII, "utf-8", "US-ASCII"),
        (declared("UTF-8") + ASCII, "utf-8", "ISO-8859-1"),
        (declared("ISO-8859-1") + ASCII, "latin-1", "UTF-8"),
        (declared("ISO-8859-1") + PLAIN, "latin-1", "iso-8859-1"),
        (PLAIN, "latin-1", "ISO-8859-1"),
        (PLAIN, "utf-8", "UTF-8"),
        ("\ufeff" + PLAIN, "utf-8", "UTF-8"),
        (PLAIN, "utf-8", '"utf-8"'),
        (PLAIN, "utf-8", "utf8"),
    ],
)
def test_names_of_one_text_contradict_nothing(text: str, encoding: str, charset: str) -> None:
    """Many texts are the same in several encodings."""
    assert broken(answered(text.encode(encoding), f"application/xml; charset={charset}"), whole=True) == []


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        ((declared("UTF-8") + PLAIN).encode(), "UTF-16"),
        ((declared("UTF-8") + PLAIN).encode(), "UTF-16LE"),
        ((declared("UTF-8") + PLAIN).encode(), "ISO-8859-1"),
        ((declared("UTF-8") + PLAIN).encode(), "US-ASCII"),
        ((declared("UTF-8") + ASCII).encode(), "UTF-16"),
        (ASCII.encode(), "UTF-16"),
        (ASCII.encode(), "UTF-32"),
        ((declared("ISO-8859-1") + PLAIN).encode("latin-1"), "UTF-8"),
        (PLAIN.encode("utf-16"), "UTF-8"),
        (PLAIN.encode("utf-16-be"), "UTF-16LE"),
        (ASCII.encode(), "nonsense"),
        (ASCII.encode(), "base64"),
        (ASCII.encode(), "undefined"),
    ],
)
def test_a_charset_that_the_bytes_contradict_is_one_finding(body: bytes, charset: str, tmp_path: Path) -> None:
    """About the header: the body is read by what it shows itself."""
    one = answered(body, f"application/xml; charset={charset}")
    where = "http/content-type charset in the Content-Type header"
    assert [finding for finding in broken(one, whole=True) if not finding.startswith("schema/well-formed")] == [where]
    (tmp_path / "a.har").write_bytes(write_har([one]))
    results = run(str(tmp_path / "a.har"))
    assert (results.verdict, results.errors) == (Verdict.NOT_CONFORMANT, ())


def test_a_charset_of_json_may_not_contradict_it_either() -> None:
    """It is in UTF-8 whatever a header says, and a client that believes the header can't read it."""
    body = (close(form=JSON).response.body or b"").replace(b"Account", "Rücknahme__c".encode())
    for charset, findings in (("UTF-16", 1), ("ISO-8859-1", 1), ("UTF-8", 0)):
        assert (
            len(broken(replace(close(form=JSON), response=answered(body, f"application/json; charset={charset}").response)))
            == findings
        )


#: What a header may hold where a charset should be. None says that it names none.
ODD_PARAMETERS: dict[str, str | None] = {
    "application/xml; charset*0*=%FF''x; charset*=utf-9''%ff": "x",
    "application/xml; charset*=utf-8''utf-8": "utf-8",
    "application/xml;charset": None,
    "application/xml; charset=": None,
    'application/xml; charset=""': None,
    "application/xml; charset=é": "é",
    "application/xml; charset=\x00": "\x00",
    "application/xml; Charset = UTF-8": "UTF-8",
    "application/xml; x-charset=UTF-16": None,
    "application/xml; a=b; charset=utf-8; charset=utf-16": "utf-8",
    "charset=utf-8": None,
    "": None,
}


@pytest.mark.parametrize("content_type", ODD_PARAMETERS, ids=ascii)
def test_a_parameter_is_read_whatever_it_holds(content_type: str) -> None:
    """No header is an exception."""
    assert named_charset(content_type) == ODD_PARAMETERS[content_type]
    read(ASCII.encode(), content_type)
    known = ODD_PARAMETERS[content_type] in ("utf-8", "UTF-8", None)
    assert is_contradicted(ASCII.encode(), content_type) is not known
    assert (charset_of(content_type) is not None) is (known and ODD_PARAMETERS[content_type] is not None)


@pytest.mark.parametrize("content_type", [name for name in ODD_PARAMETERS if name.startswith("application/xml;")], ids=ascii)
def test_an_odd_parameter_breaks_neither_run_nor_check(content_type: str, tmp_path: Path) -> None:
    """It is a finding, or nothing."""
    entries = entries_of(create(), close())
    for entry in entries:
        entry["response"]["headers"] = [{"name": "Content-Type", "value": content_type}]
        entry["request"]["headers"][0]["value"] = content_type
    path = saved(tmp_path / "a.har", entries)
    assert run(str(path)).errors == ()
    assert len(list(check(path))) == 2


def test_an_undecodable_parameter_is_a_finding_of_check(tmp_path: Path, command: Command) -> None:
    """A line for it."""
    [entry] = entries_of(close(form=XML))
    entry["response"]["headers"] = [
        {"name": "Content-Type", "value": "application/xml; charset*0*=%FF''x; charset*=utf-9''%ff"}
    ]
    done = command("check", saved(tmp_path / "a.har", [entry]))
    assert done.returncode == 1
    [line] = done.stdout.splitlines()
    assert "fail http/content-type (MUST) charset in the Content-Type header: " in line

"""Small inputs that users sent: what each command makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobinfo_conformance._cli import main

#: A file, the arguments before it, the status, and what is said somewhere.
REPORTS = [
    ("version-in-uri.har", ["run"], 0, "conformant: "),
    ("answer-left-compressed.har", ["run"], 0, "conformant: "),
    ("false-base64.har", ["run"], 0, "conformant: "),
    ("status-not-a-number.har", ["run"], 0, "1 entry was passed over (entry 2): it was never answered: its status is error"),
    ("plain.har", ["run", "--known-failures", "bom.toml"], 0, "1 known to fail"),
    ("utf16.har", ["run"], 2, "utf16.har is in UTF-16: save it in UTF-8"),
    ("utf16.har", ["check"], 2, "utf16.har is in UTF-16: save it in UTF-8"),
    ("utf16.har", ["compare", "plain.har"], 2, "utf16.har is in UTF-16: save it in UTF-8"),
    ("aborted-in-setup.har", ["run"], 0, "conformant: "),
    ("only-close-503.har", ["run"], 3, "no accepted close with its body was judged: the only close was answered 503"),
    ("no-response-bodies.har", ["run"], 3, "7 exchanges, 7 without the body of the answer, 2 without the body of the close"),
    ("charset-contradicts.har", ["run"], 1, "FAIL http/content-type"),
    ("odd-charset-parameter.har", ["run"], 1, "FAIL http/content-type"),
    ("odd-charset-parameter.har", ["check"], 1, "fail http/content-type"),
    ("truncated-session.har", ["check"], 0, "nothing found"),
    ("no-namespace.xml", ["check", "--as", "close-response"], 1, "these 16 fields"),
    ("namespace-but-few-fields.xml", ["check", "--as", "close-response"], 1, "these 16 fields"),
    ("malformed-request.har", ["check"], 1, "close-request: fail schema/well-formed"),
]


@pytest.fixture
def _among_reports(reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in their folder."""
    monkeypatch.chdir(reports)


@pytest.mark.usefixtures("_among_reports")
@pytest.mark.parametrize(("name", "arguments", "status", "said"), REPORTS, ids=[f"{row[1][0]} {row[0]}" for row in REPORTS])
def test_a_small_input_gets_what_is_right_for_it(
    name: str,
    arguments: list[str],
    status: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Its exit status, and the line that says why."""
    got = main([*arguments, name])
    printed = capsys.readouterr()
    assert got == status, printed.out + printed.err
    assert said in printed.out + printed.err

"""``jobinfo-conformance schemas DIR``: the schemas as files, for other validators."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobinfo_conformance._cli import main
from tests.conftest import ROOT

SCHEMAS = {file.name: file.read_bytes() for file in (ROOT / "schemas").iterdir()}


def written(folder: Path) -> dict[str, bytes]:
    """What is in a folder."""
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def status_of(words: list[str]) -> object:
    """The exit status of a command, also if its parser ends it."""
    try:
        return main(words)
    except SystemExit as ended:
        return ended.code


def test_all_schemas_are_written_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Into a folder that is made with those above it, byte for byte."""
    folder = tmp_path / "vendor" / "schemas"
    assert main(["schemas", str(folder)]) == 0
    assert written(folder) == SCHEMAS
    assert capsys.readouterr().out.splitlines() == [str(folder / name) for name in sorted(SCHEMAS)]


def test_schemas_are_written_beside_other_files_and_over_themselves(tmp_path: Path) -> None:
    """So the command can be run again, and adds what is missing."""
    (tmp_path / "own.xsd").write_text("<own/>", "utf-8")
    assert main(["schemas", str(tmp_path)]) == 0
    (tmp_path / "jobinfo.xsd").unlink()
    assert main(["schemas", str(tmp_path)]) == 0
    assert written(tmp_path) == {**SCHEMAS, "own.xsd": b"<own/>"}


@pytest.mark.parametrize(
    "words",
    [
        ["schemas", ""],
        ["run", "--report", ""],
        ["client", "--report", "", "--", "true"],
        ["audit", "a.ndjson", "--report", ""],
        ["report", "report.json", ""],
        ["requirements", "--write", ""],
    ],
    ids=lambda words: words[0],
)
def test_an_empty_name_is_no_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    """As from a variable that is not set: nothing is written into the current folder, whatever the command writes."""
    monkeypatch.chdir(tmp_path)
    assert status_of(words) == 2
    assert "'' names no folder: write . for the current one" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("other", ["changed", "of the same length", "a folder", "a link to nothing"])
def test_what_is_not_the_schema_of_its_name_is_not_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], other: str
) -> None:
    """One line names it, and nothing is written."""
    place, schema = tmp_path / "jobinfo.xsd", SCHEMAS["jobinfo.xsd"]
    if other == "a folder":
        place.mkdir()
    elif other == "a link to nothing":
        place.symlink_to(tmp_path / "nothing")
    else:
        place.write_bytes(schema + b"\n" if other == "changed" else schema[:-1] + b" ")
    assert main(["schemas", str(tmp_path)]) == 2
    said = f"no schema was written, as something else is in its place: remove or rename {place}"
    assert capsys.readouterr() == ("", f"jobinfo-conformance: {said}\n")
    assert [file.name for file in tmp_path.iterdir()] == ["jobinfo.xsd"]


@pytest.mark.parametrize(
    ("below", "said"),
    [("", "which is a file: name a folder"), ("deeper", "Not a directory")],
    ids=["the folder itself", "one above it"],
)
def test_a_file_is_no_folder_for_schemas(tmp_path: Path, capsys: pytest.CaptureFixture[str], below: str, said: str) -> None:
    """One line and exit status 2."""
    file = tmp_path / "file"
    file.write_text("kept", "utf-8")
    assert main(["schemas", str(file / below)]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert printed.err.startswith("jobinfo-conformance: the schemas can't be written to ")
    assert printed.err.rstrip().endswith(said)
    assert file.read_text("utf-8") == "kept"

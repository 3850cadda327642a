"""Bodies in files beside a recording, as browser tools save them: in its folder, or in the same .zip."""

from __future__ import annotations

import gzip
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobinfo_conformance._evidence.har_reader import NotHar, read_har, read_lines
from tests.conftest import Command
from tests.exchanges import CLOSED, close
from tests.recordings import entries_of, saved

ANSWER = close().response.body or b""
SENT = close().request.body


def entry(name: Any = "answer.xml", *, sent: str | None = None) -> dict[str, Any]:
    """A close whose answer, and perhaps whose request, is in a file."""
    [found] = entries_of(close())
    found["response"]["content"] = {"size": -1, "mimeType": "application/xml", "_file": name}
    if sent is not None:
        found["request"]["postData"] = {"mimeType": "application/xml", "text": "", "params": [], "_file": sent}
    return found


def packed(path: Path, files: dict[str, bytes]) -> Path:
    """A .zip with these files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, contents in files.items():
            archive.writestr(name, contents)
    return path


def as_folder(tmp_path: Path, files: dict[str, bytes], har: dict[str, Any]) -> Path:
    """A recording in a folder with files beside it."""
    folder = tmp_path / "recording"
    for name, contents in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(contents)
    folder.mkdir(exist_ok=True)
    return saved(folder / "a.har", [har])


def as_zip(tmp_path: Path, files: dict[str, bytes], har: dict[str, Any]) -> Path:
    """The same in a .zip."""
    return packed(tmp_path / "a.zip", {"a.har": saved(tmp_path / "a.har", [har]).read_bytes(), **files})


Save = Callable[[Path, dict[str, bytes], dict[str, Any]], Path]
EACH_WAY = pytest.mark.parametrize("save", [as_folder, as_zip], ids=["folder", "zip"])


@EACH_WAY
@pytest.mark.parametrize("name", ["answer.xml", "bodies/answer.xml", "./answer.xml", "ä b.xml"])
def test_a_body_in_a_file_is_followed(save: Save, name: str, tmp_path: Path) -> None:
    """Beside the recording or below it."""
    [exchange] = read_har(save(tmp_path, {name.removeprefix("./"): ANSWER}, entry(name)))
    assert exchange.response.body == ANSWER


@EACH_WAY
def test_the_body_of_a_request_may_be_in_a_file_too(save: Save, tmp_path: Path) -> None:
    """The empty text beside the name says nothing."""
    [exchange] = read_har(save(tmp_path, {"answer.xml": ANSWER, "sent.xml": SENT}, entry(sent="sent.xml")))
    assert (exchange.request.body, exchange.response.body) == (SENT, ANSWER)


@EACH_WAY
def test_a_file_that_is_still_compressed_is_decompressed(save: Save, tmp_path: Path) -> None:
    """As a body in the recording itself is."""
    coded = entry()
    coded["response"]["headers"].append({"name": "Content-Encoding", "value": "gzip"})
    [exchange] = read_har(save(tmp_path, {"answer.xml": gzip.compress(ANSWER, mtime=0)}, coded))
    assert exchange.response.body == ANSWER


@EACH_WAY
@pytest.mark.parametrize(
    "name",
    [
        "missing.xml",
        "",
        "..",
        "../secret.xml",
        "bodies/../../secret.xml",
        "..\\secret.xml",
        "{folder}/secret.xml",
        "C:\\secret.xml",
        "\\\\host\\secret.xml",
        "file:///etc/passwd",
        "a\0b",
        "x" * 5000,
        5,
        ["answer.xml"],
    ],
    ids=lambda name: str(name)[:16].replace("\0", "NUL"),
)
def test_a_file_that_is_missing_or_outside_is_a_body_that_was_not_kept(save: Save, name: Any, tmp_path: Path) -> None:
    """A name out of a recording leads nowhere else."""
    (tmp_path / "secret.xml").write_bytes(ANSWER)
    path = save(
        tmp_path, {"answer.xml": ANSWER}, entry(name.replace("{folder}", str(tmp_path)) if isinstance(name, str) else name)
    )
    [exchange] = read_har(path)
    assert exchange.response.body is None


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    """Neither to a file nor to a folder; one that stays inside is."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "answer.xml").write_bytes(ANSWER)
    path = as_folder(tmp_path, {"bodies/kept.xml": ANSWER}, entry())
    (path.parent / "answer.xml").symlink_to(tmp_path / "secret" / "answer.xml")
    (path.parent / "out").symlink_to(tmp_path / "secret")
    (path.parent / "in.xml").symlink_to(path.parent / "bodies" / "kept.xml")
    for name, body in (("answer.xml", None), ("out/answer.xml", None), ("in.xml", ANSWER)):
        [exchange] = read_har(saved(path, [entry(name)]))
        assert exchange.response.body == body, name


def test_what_is_no_regular_file_is_not_opened(tmp_path: Path) -> None:
    """A pipe would wait for ever."""
    path = as_folder(tmp_path, {}, entry())
    os.mkfifo(path.parent / "answer.xml")
    [exchange] = read_har(path)
    assert exchange.response.body is None


@EACH_WAY
def test_a_file_is_read_up_to_what_a_reader_takes(save: Save, tmp_path: Path) -> None:
    """An archive of a few kilobytes may unpack to gigabytes."""
    [exchange] = read_har(save(tmp_path, {"answer.xml": b"<a>" + b" " * (3 << 20)}, entry()))
    assert len(exchange.response.body or b"") == (1 << 20) + 1


def test_a_text_in_the_recording_goes_before_a_file(tmp_path: Path) -> None:
    """It is what the recorder itself wrote."""
    both = entry()
    both["response"]["content"]["text"] = ANSWER.decode()
    [exchange] = read_har(as_folder(tmp_path, {"answer.xml": b"<other/>"}, both))
    assert exchange.response.body == ANSWER


def test_lines_have_files_beside_them_too(tmp_path: Path) -> None:
    """In the folder of their file."""
    path = as_folder(tmp_path, {"answer.xml": ANSWER}, entry())
    lines = path.with_suffix(".ndjson")
    lines.write_text(json.dumps(entry()), "utf-8")
    [exchange] = read_lines(lines)
    assert exchange.response.body == ANSWER


@pytest.mark.parametrize("name", ["run", "check", "compare"])
def test_every_command_takes_a_zip_and_a_folder(name: str, tmp_path: Path, command: Command) -> None:
    """As it takes a HAR file."""
    files = {"answer.xml": ANSWER}
    for target in (as_zip(tmp_path, files, entry()), as_folder(tmp_path, files, entry()).parent):
        done = command(name, target, *([target] if name == "compare" else []))
        assert (done.returncode, done.stderr) == (0, "")
        assert "1 questions compared" in done.stdout if name == "compare" else done.stdout


def test_a_zip_whose_recording_is_in_a_folder_has_its_files_there(tmp_path: Path) -> None:
    """Names are relative to the recording, and stay in the archive."""
    har = saved(tmp_path / "a.har", [entry("answer.xml")]).read_bytes()
    [exchange] = read_har(packed(tmp_path / "a.zip", {"trace/a.har": har, "trace/answer.xml": ANSWER, "answer.xml": b"<no/>"}))
    assert exchange.response.body == ANSWER


HAR = b'{"log": {"entries": []}}'


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (None, "can't be unpacked: it is damaged, protected by a password, or no .zip"),
        ({"a.txt": b""}, "holds no .har files: there must be one"),
        ({"a.har": HAR, "b.har": HAR}, "holds 2 .har files: there must be one; unpack it and name one"),
        ({"a.har": b"{"}, "is not a HAR file: "),
        ({"a.har": HAR.decode().encode("utf-16")}, "is in UTF-16: save it in UTF-8"),
    ],
    ids=["no zip", "none", "two", "no HAR", "UTF-16"],
)
def test_an_archive_that_cannot_be_used_is_one_line(files: dict[str, bytes] | None, message: str, tmp_path: Path) -> None:
    """It says what is wrong, and where."""
    path = tmp_path / "a.zip"
    path.write_bytes(b"PK\3\4 broken") if files is None else packed(path, files)
    with pytest.raises(NotHar) as caught:
        read_har(path)
    assert str(caught.value).startswith(f"{path} {message}")


def test_what_a_mac_adds_to_an_archive_is_passed_over(tmp_path: Path) -> None:
    """A file beside each, under its name, that is none."""
    har = saved(tmp_path / "a.har", entries_of(close())).read_bytes()
    [exchange] = read_har(packed(tmp_path / "a.zip", {"a.har": har, "__MACOSX/._a.har": b"\0\5\x16\7"}))
    assert exchange.response.status == 200


def test_a_folder_with_several_recordings_asks_for_one(tmp_path: Path, command: Command) -> None:
    """It can't be known which one is meant."""
    for name in ("a.har", "b.har"):
        saved(tmp_path / name, [entry()])
    done = command("run", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"jobinfo-conformance: {tmp_path} holds 2 .har files: there must be one; name one itself\n"


def test_a_close_whose_file_is_missing_was_not_judged(tmp_path: Path, command: Command) -> None:
    """A recording that was moved without its files shows nothing."""
    path = as_folder(tmp_path, {}, entry())
    done = command("run", path)
    assert done.returncode == 3, done.stdout
    assert "no accepted close with its body was judged: 1 exchange, 1 without the body of the answer; " in done.stdout


def test_an_open_state_in_a_file_is_a_failure(tmp_path: Path, command: Command) -> None:
    """What is in a file is judged like any body."""
    still_open = close(CLOSED.replace(state="Open")).response.body or b""
    done = command("run", as_zip(tmp_path, {"answer.xml": still_open}, entry()))
    assert done.returncode == 1
    assert "FAIL state/closed (MUST, xml)" in done.stdout

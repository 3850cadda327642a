"""Files that users give, bad in any way: each gets one line that says what and where, and exit status 2, at once."""

from __future__ import annotations

import gzip
import json
import os
import socket
import threading
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from jobinfo_conformance import BadInput
from jobinfo_conformance._cli import main
from jobinfo_conformance._files.given import LONGEST_LIST, LONGEST_REPORT, contents
from jobinfo_conformance._gate.known_failures import drafted, out_of_date, read_known_failures
from jobinfo_conformance._results.results import Known, Results
from tests.exchanges import CLOSED, JSON, close, create
from tests.recordings import entries_of, recorded, saved
from tests.reports import report

#: Every way to give a command a file: the suffix that the file has, and the arguments with the name of the file last.
READERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "run": (".har", ("run",)),
    "run of lines": (".ndjson", ("run",)),
    "run of an archive": (".zip", ("run",)),
    "check": (".har", ("check",)),
    "check of lines": (".ndjson", ("check",)),
    "check of an archive": (".zip", ("check",)),
    "compare": (".har", ("compare", "good.har")),
    "compare of lines": (".ndjson", ("compare", "good.har")),
    "compare of a report": (".json", ("compare", "good.har")),
    "report": (".json", ("report",)),
    "known failures of a report": (".json", ("known-failures",)),
    "baseline": (".json", ("run", "good.har", "--baseline")),
    "known failures": (".toml", ("run", "good.har", "--known-failures")),
}
#: What the command takes after the file.
_AFTER = {"report": "again", "known-failures": "new.toml"}
PAYLOAD = {"check of a payload": (".xml", ("check",))}


def pipe(path: Path) -> None:
    """A pipe that nothing writes to."""
    os.mkfifo(path)


def listening(path: Path) -> None:
    """A socket."""
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(path.name)


#: What has no contents, and what is said of it.
WITHOUT_CONTENTS: Mapping[str, tuple[Callable[[Path], object], str]] = {
    "a device": (lambda path: path.symlink_to("/dev/zero"), "can't be read: it is a device: save what it gives in a file"),
    "a pipe": (pipe, "can't be read: it is a pipe"),
    "a socket": (listening, "can't be read: it is a socket: save what it gives in a file"),
    "a loop": (lambda path: path.symlink_to(path.name), "can't be read: Too many levels of symbolic links"),
    "a link to nothing": (lambda path: path.symlink_to("nowhere"), "can't be read: No such file or directory"),
    "a name that is too long": (lambda _: None, "can't be read: File name too long"),
}
#: Contents that no reader takes, and what is said of them.
BAD_CONTENTS: Mapping[str, tuple[bytes, str]] = {
    "UTF-16": ('{"log": "é"}'.encode("utf-16"), "is in UTF-16: save it in UTF-8"),
    "UTF-16 without a mark": ('{"log": 1}'.encode("utf-16-be"), "is in UTF-16: save it in UTF-8"),
    "UTF-32": ('{"log": "é"}'.encode("utf-32"), "is in UTF-32: save it in UTF-8"),
    "gzip": (gzip.compress(b"{}", mtime=0), "is compressed with gzip: decompress it first"),
    "a program": (b"\x7fELF\x02\x01\x01", "is a program, not text"),
    "bytes": (bytes(range(256)), "is binary, not text"),
    "zeros": (bytes(100), "is binary, not text"),
}
#: Words of Python and of parsers, which nobody should have to read.
FOREIGN = (
    "Traceback",
    "Error",
    "Expecting",
    "codec",
    "Expected `",
    "JSON is malformed",
    "Unterminated",
    "delimiter",
    "msgspec",
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a good recording, in which the commands run."""
    monkeypatch.chdir(tmp_path)
    recorded(Path("good.har"), create(form=JSON), close(form=JSON))
    return tmp_path


def complaint(capsys: pytest.CaptureFixture[str], reader: str, name: str) -> str:
    """What a command says of a file: in one line and with status 2, in words of this project."""
    _, arguments = {**READERS, **PAYLOAD}[reader]
    status = main([*arguments, name, *filter(None, [_AFTER.get(arguments[0])])])
    printed = capsys.readouterr()
    assert (status, printed.out, printed.err.count("\n")) == (2, "", 1), printed
    assert not any(word in printed.err for word in FOREIGN), printed.err
    return printed.err.removeprefix("jobinfo-conformance: ").rstrip("\n")


@pytest.mark.parametrize("bad", WITHOUT_CONTENTS)
@pytest.mark.parametrize("reader", [*READERS, *PAYLOAD])
def test_what_has_no_contents_is_refused_at_once(reader: str, bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever command reads it, and before it could hang or fill the memory."""
    suffix = {**READERS, **PAYLOAD}[reader][0]
    name = f"{'x' * 300 if bad == 'a name that is too long' else 'bad'}{suffix}"
    make, said = WITHOUT_CONTENTS[bad]
    make(Path(name))
    if reader.startswith("run") and bad == "a name that is too long":
        said = "is neither a file, nor an http URL"
    assert complaint(capsys, reader, name).startswith(f"{name} {said}")


@pytest.mark.parametrize("reader", [name for name, (suffix, _) in READERS.items() if suffix in (".toml", ".ndjson")])
def test_a_folder_is_refused_where_a_file_is_needed(reader: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A recording may be in a folder, known failures and lines may not."""
    Path(name := f"bad{READERS[reader][0]}").mkdir()
    found = complaint(capsys, reader, name)
    assert found in (
        f"{name} can't be read: it is a folder: name a file in it",
        f"{name} holds no .har files: there must be one",
    )


@pytest.mark.parametrize("bad", BAD_CONTENTS)
@pytest.mark.parametrize("reader", [name for name, (suffix, _) in READERS.items() if suffix != ".zip"])
def test_what_is_no_text_is_named(reader: str, bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And it is said what to do about it."""
    Path(name := f"bad{READERS[reader][0]}").write_bytes(BAD_CONTENTS[bad][0])
    assert complaint(capsys, reader, name) == f"{name} {BAD_CONTENTS[bad][1]}"


@pytest.mark.parametrize("reader", ["report", "baseline", "known failures"])
def test_an_encoding_of_bytes_is_named_with_its_line(reader: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Windows-1252 and Latin-1 can't be told apart, so both are named."""
    Path(name := f"bad{READERS[reader][0]}").write_bytes("\n# Umlaut ü".encode("latin-1"))
    said = "it has the byte 0xfc where UTF-8 has none, as in another encoding such as Windows-1252 or Latin-1 (ISO-8859-1)"
    assert complaint(capsys, reader, name) == f"{name}, line 2: {said}: save it in UTF-8"


def test_an_entry_that_is_no_entry_and_no_utf_8_either_is_named_for_its_encoding(capsys: pytest.CaptureFixture[str]) -> None:
    """A fuzzer found it: what is wrong first hides what the URL is looked for behind."""
    url = b"https://x.test/services/async/36.0/job"
    headers = b'[{"name": "A", "value": "\x85"}]'
    Path("bad.ndjson").write_bytes(b'{"request": {"url": "%b", "postData": 5, "headers": %b}}' % (url, headers))
    assert main(["run", "bad.ndjson"]) == 2
    assert "bad.ndjson, line 1: it has the byte 0x85 where UTF-8 has none" in capsys.readouterr().err


def test_a_byte_order_mark_is_read_over_in_each_format(capsys: pytest.CaptureFixture[str]) -> None:
    """As some editors write one."""
    mark = b"\xef\xbb\xbf"
    Path("marked.har").write_bytes(mark + Path("good.har").read_bytes())
    Path("marked.ndjson").write_bytes(mark + json.dumps(entries_of(close(form=JSON))[0]).encode())
    Path("marked.json").write_bytes(mark + report(create(form=JSON), close(form=JSON)).to_json().encode())
    Path("marked.toml").write_bytes(mark + b"known = []")
    assert main(["check", "marked.har", "marked.ndjson"]) == 0
    assert main(["report", "marked.json", "again"]) == 0
    assert main(["compare", "marked.har", "marked.json"]) == 0
    assert main(["run", "marked.har", "--known-failures", "marked.toml", "--baseline", "marked.json"]) == 0
    assert capsys.readouterr().err == ""


def test_a_file_of_the_system_that_says_try_again_has_nothing_to_give(monkeypatch: pytest.MonkeyPatch) -> None:
    """Like /proc/kmsg, which is no pipe. A socket that nothing was written to says so too."""
    Path("quiet").touch()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        monkeypatch.setattr(os, "open", lambda *_: os.dup(ours.fileno()))
        with pytest.raises(BadInput, match="quiet can't be read: it has no contents for now"):
            contents(Path("quiet"), 9)


def test_a_program_may_write_a_payload_or_a_recording_to_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """As in ``check <(curl …)``; it may take its time."""
    os.mkfifo("piped.har")
    keeps_open = os.open("piped.har", os.O_RDWR)

    def write() -> None:
        with Path("piped.har").open("wb") as written:
            written.write(Path("good.har").read_bytes())
        os.close(keeps_open)

    writer = threading.Timer(0.2, write)
    writer.start()
    assert main(["check", "piped.har"]) == 0
    writer.join()
    assert capsys.readouterr().out.splitlines()[-1] == "piped.har, entry 1: close-response: nothing found"


def damaged(change: Callable[[dict[str, Any]], object]) -> str:
    """A report.json that was changed."""
    document: dict[str, Any] = json.loads(report(close(form=JSON)).to_json())
    change(document)
    return json.dumps(document)


#: What may be wrong in a report.json, and what is said of it.
BAD_REPORTS: Mapping[str, tuple[str, str]] = {
    "NaN": (damaged(lambda it: it.update(seconds=float("nan"))), "JSON has no NaN"),
    "NaN in what nobody reads": (damaged(lambda it: it.update(more=[float("nan")])), "JSON has no NaN"),
    "infinity": (damaged(lambda it: it.update(seconds=float("-inf"))), "JSON has no -Infinity"),
    "half a pair": (
        damaged(lambda it: it.update(target="\ud800")),
        r"\ud800 is half of a surrogate pair, which is no character",
    ),
    "the other half": (damaged(lambda it: it.update(target="\udc00")), r"\udc00 is half of a surrogate pair"),
    "a long number": (
        damaged(lambda it: it.update(requests=0)).replace('"requests": 0', f'"requests": {"9" * 10_000}'),
        "digits",
    ),
    "a large number": (damaged(lambda it: it.update(requests=10**30)), "requests: the number is not <= 9007199254740992"),
    "a key twice": ('{"verdict": "error", ' + damaged(lambda _: None)[1:], "the key verdict stands twice in an object"),
    "a part of a status": (
        damaged(lambda it: it["exchanges"][0]["response"].update(status=200.7)),
        "exchanges[0]: it was never answered: its status is 200.7",
    ),
    "no status": (
        damaged(lambda it: it["exchanges"][0]["response"].update(status=-1)),
        "exchanges[0]: it was never answered: its status is -1",
    ),
    "too large a status": (
        damaged(lambda it: it["exchanges"][0]["response"].update(status=99999)),
        "exchanges[0]: it was never answered: its status is 99999",
    ),
    "a true status": (
        damaged(lambda it: it["exchanges"][0]["response"].update(status=True)),
        "exchanges[0]: it was never answered: its status is True",
    ),
    "depth": ("[" * 100_000, "its values are nested too deeply"),
    "cut short": (damaged(lambda _: None)[:1000], "line 1, column 1001: it breaks off; perhaps it was cut short"),
    "empty": ("", "it is empty"),
    "a word": ("\n{verdict: 1}", "line 2, column 2: v can't stand there in JSON"),
    "another type": (damaged(lambda it: it.update(leftOpen=[1])), "leftOpen[0]: a text is needed, not a whole number"),
    "another word": (damaged(lambda it: it.update(verdict="fine")), "verdict: 'fine' is none of the values that it can have"),
    "a date": (damaged(lambda it: it.update(startedAt="today")), "startedAt: it is not a date and time with a time zone"),
}


@pytest.mark.parametrize("bad", BAD_REPORTS)
def test_a_report_that_is_no_report_says_where(bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    """So that nothing is written again that is no JSON, or says something else."""
    Path("bad.json").write_text(BAD_REPORTS[bad][0], "utf-8")
    found = complaint(capsys, "report", "bad.json")
    assert found.startswith("bad.json is not a report.json: ")
    assert BAD_REPORTS[bad][1] in found
    assert not Path("again").exists()


@pytest.mark.parametrize("status", [200.7, -1, 0.2, 99999, True, "\uff12\uff10\uff10", "2e2", "+200", [200], 1e400])
def test_an_odd_status_is_no_answer(status: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The entry is passed over, and the line names the status."""
    entries = entries_of(close(form=JSON))
    entries[0]["response"]["status"] = status
    saved(Path("odd.har"), entries)
    found = complaint(capsys, "check", "odd.har")
    assert "1 entry was passed over (entry 0): it was never answered: its status is " in found


@pytest.mark.parametrize("status", [200, 200.0, "200"])
def test_a_status_is_read_however_a_recorder_writes_it(status: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """200.0 is 200 in JSON, and some recorders write a text."""
    entries = entries_of(close(form=JSON))
    entries[0]["response"]["status"] = status
    saved(Path("odd.har"), entries)
    assert main(["check", "odd.har"]) == 0
    assert capsys.readouterr().out == "odd.har, entry 0: close-response: nothing found\n"


ENTRY = "[[known]]\nrequirement = 'state/closed'\nreason = 'x'\n"
#: What may be wrong in known failures, and what is said of it.
BAD_LISTS: Mapping[str, tuple[str, str]] = {
    "a long number": (f"{ENTRY}expires = {'9' * 10_000}", "is not TOML: it holds a number that is too long"),
    "no such date": (f"{ENTRY}expires = 2027-02-30", "is not TOML: line 4, column 11: "),
    "a key twice": (f"{ENTRY}reason = 'y'", "is not TOML: its end: a quote or a bracket is open, "),
    "an open quote": ('known = "', "is not TOML: its end: a quote or a bracket is open"),
    "half a pair": (r'known = "\ud800"', "is not TOML: line 1, column "),
    "depth": ("known = " + "[" * 100_000, "is not TOML: its values are nested too deeply"),
    "a key of many parts": ("\n" + ".".join("a" * 100_000) + " = 1", "is not TOML: line 2 has a key with more than 64 dots"),
    "infinity": (f"{ENTRY}expires = inf", "known[0].expires: a date without quotes, like 2027-03-01, is needed, not a number"),
    "size": ("#" * (LONGEST_LIST + 1), "has more than 4 MiB, the most that is read of such a file"),
}


@pytest.mark.parametrize("bad", BAD_LISTS)
def test_known_failures_that_are_none_say_where(bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is asked."""
    Path("bad.toml").write_text(BAD_LISTS[bad][0], "utf-8")
    assert BAD_LISTS[bad][1] in complaint(capsys, "known failures", "bad.toml")


def test_a_report_that_is_too_long_is_refused_before_it_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    """A file with a hole takes no space."""
    with Path("bad.json").open("wb") as sparse:
        sparse.truncate(LONGEST_REPORT + 1)
    found = complaint(capsys, "report", "bad.json")
    assert found == f"bad.json has more than {LONGEST_REPORT >> 20} MiB, the most that is read of such a file"


def test_a_name_that_ends_a_line_is_shown_in_one(capsys: pytest.CaptureFixture[str]) -> None:
    """And a name that is no UTF-8 is shown too."""
    assert complaint(capsys, "report", "a\nb.json").startswith(r"a\nb.json can't be read: ")
    assert complaint(capsys, "report", "a\udcff.json").startswith(r"a\udcff.json can't be read: ")
    with pytest.raises(BadInput, match=r"a\\x00b can't be read: no file has a NUL in its name"):
        Results.read("a\0b")


@pytest.mark.parametrize("number", [2, 20_000])
def test_equal_known_failures_are_one_objection(tmp_path: Path, number: int) -> None:
    """However many there are, each is looked at once."""
    path = tmp_path / "known.toml"
    path.write_text(ENTRY * number, "utf-8")
    entries = read_known_failures(path)
    results = report(close(CLOSED.replace(state="Open"), form=JSON))
    assert list(out_of_date(entries, results.requirements, results.started.date())) == [
        "known failure state/closed is listed twice: remove one of its entries"
    ]


def test_a_similar_id_is_looked_for_a_few_times_only(tmp_path: Path) -> None:
    """It takes longer than all else, and nobody reads thousands of proposals."""
    path = tmp_path / "known.toml"
    path.write_text("".join(f"[[known]]\nrequirement = 'state/close{i}'\nreason = 'x'\n" for i in range(1000)), "utf-8")
    results = report(close(form=JSON))
    found = list(out_of_date(read_known_failures(path), results.requirements, results.started.date()))
    assert len(found) == 1000
    assert sum("write state/closed" in sentence for sentence in found) == 10


@pytest.mark.parametrize(
    "reason",
    [
        'x"\n[[known]]\nrequirement = "state/kept"\nreason = "y',
        "'''",
        '"""',
        "\\",
        "\x7f\x00\x1b\r",
        "# a",
        "\u2028\u202e",
        "é😀",
    ],
)
def test_no_reason_forges_an_entry(reason: str) -> None:
    """Whatever is in it is read back as it was, and stands in one entry."""
    results = report(close(CLOSED.replace(state=f"Open{reason}"), form=JSON), only=["state/closed"])
    text, _ = drafted(results.requirements, Known(reason, f"https://example.test/{reason}"))
    known = tomllib.loads(text)["known"]
    assert {entry["requirement"] for entry in known} == {"state/closed"}
    assert {entry["reason"] for entry in known} == {reason}
    assert {entry["issue"] for entry in known} == {f"https://example.test/{reason}"}


def test_a_reason_that_is_no_text_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """As a terminal in another encoding gives it."""
    Path("good.json").write_text(report(close(form=JSON)).to_json(), "utf-8")
    assert main(["known-failures", "good.json", "new.toml", "--reason", "\udcfc"]) == 2
    assert capsys.readouterr().err == "jobinfo-conformance: --reason is not in UTF-8: write it in UTF-8\n"
    assert not Path("new.toml").exists()

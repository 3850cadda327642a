"""``jobinfo-conformance audit``: archives of traffic, judged job by job."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

import jobinfo_conformance
from jobinfo_conformance._audit.audit import AuditOptions, audit
from jobinfo_conformance._audit.columns import Columns
from jobinfo_conformance._audit.jobs import Archived
from jobinfo_conformance._audit.shuffle import Keyed, Shuffle
from jobinfo_conformance._audit.workers import Selection
from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._contract.ids import long_form, short_form
from jobinfo_conformance._evidence.secrets import MARK
from jobinfo_conformance._exchange import Exchange, Headers
from jobinfo_conformance._results.results import Results
from jobinfo_conformance._settings import Settings
from tests.conftest import Command
from tests.exchanges import CLOSED, CREATED, EMPTY, JOB_ID, JSON, XML, at, close, create, error, of_job, read
from tests.recordings import entries_of

#: A job that is wrong, among others: its close answers that it is still open.
WRONG = [create(), close(EMPTY), read(EMPTY)]
RIGHT = [create(form=JSON), close(form=JSON), read(CLOSED, form=JSON)]
SESSION = "00D000000000001!AQEAQ.a.session.of.another.job"


def job_id(number: int) -> str:
    """The id of one of many jobs."""
    return long_form(f"750{number:012}")


def moved(exchanges: Iterable[Exchange], number: int) -> list[Exchange]:
    """The same exchanges with another job, a second apart."""
    return [at(of_job(job_id(number), each), 10 * number + place) for place, each in enumerate(exchanges)]


def traffic(jobs: int = 6) -> list[dict[str, Any]]:
    """The entries of these jobs, every third of which is wrong, with those of a job far apart."""
    exchanges = [each for number in range(jobs) for each in moved(RIGHT if number % 3 else WRONG, number)]
    entries = entries_of(*exchanges)
    return [*entries[::3], *entries[2::3], *entries[1::3]]


def lines(entries: Iterable[Any]) -> bytes:
    """Entries, one on each line."""
    return b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)


def ndjson(path: Path, entries: Iterable[Any]) -> Path:
    """A file with an entry on each line."""
    path.write_bytes(lines(entries))
    return path


def audited(*paths: Path, findings: Path | None = None, strict: bool = False, **more: Any) -> Results:
    """The results of an audit by one worker, unless told otherwise."""
    asked = AuditOptions(tuple(map(str, paths)), findings=findings, **{"workers": 1, **more})
    return audit(asked, Settings.of(strict=strict))


def rows(path: Path) -> list[dict[str, Any]]:
    """The findings in a file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def outcomes(results: Results) -> dict[str, str]:
    """What became of each requirement."""
    return {judgement.name: judgement.outcome.value for judgement in results.requirements}


def test_an_archive_is_judged_as_a_recording_of_it_is(tmp_path: Path) -> None:
    """Each requirement has the outcome, and each problem the number of cases, that ``run`` gives them.

    Ids of different jobs are not compared.
    """
    file = ndjson(tmp_path / "traffic.ndjson", traffic())
    found, expected = audited(file), jobinfo_conformance.run(file)
    differ = {name for name, _ in outcomes(found).items() ^ outcomes(expected).items()}
    assert differ == {"identity/unique-ids (xml)", "identity/unique-ids (json)"}
    assert [(each.requirement, each.cases) for each in found.problems] == [
        (each.requirement, each.cases) for each in expected.problems
    ]
    assert (found.verdict, found.requests, found.exit_status) == (expected.verdict, expected.requests, 1)


def test_what_spans_jobs_is_not_judged_on_the_few_that_are_kept(tmp_path: Path) -> None:
    """Two jobs refuse the same, one with 400 and the other with 409; and of ids in general, two jobs say nothing."""
    refused = [
        [create(form=form), close(form=form), close(status=status, answer=error(form=form), form=form)]
        for form, status in ((XML, 400), (JSON, 409))
    ]
    entries = [entry for number, job in enumerate(refused) for entry in entries_of(*moved(job, number))]
    found = {judgement.id: judgement.outcome for judgement in audited(ndjson(tmp_path / "a.ndjson", entries)).requirements}
    assert found["equivalence/same-refusals"] == found["identity/unique-ids"] == "not-applicable"


def test_a_selection_whose_jobs_are_few_still_shows_the_operation_at_work(tmp_path: Path) -> None:
    """A job whose close was accepted is kept, whatever else is judged."""
    refused = [create(), close(), close(status=400, answer=error())]
    entries = [*entries_of(*moved(refused, 1)), *entries_of(*moved(RIGHT, 2))]
    asked = AuditOptions([str(ndjson(tmp_path / "a.ndjson", entries[2:]))], workers=1)
    found = audit(asked, Settings.of(only=["errors/document"]))
    assert (found.verdict, found.shortfall) == ("conformant", None)


def test_what_an_archive_lacks_is_said_of_all_its_entries(tmp_path: Path) -> None:
    """And not of the few jobs that are kept, none of which need have a close."""
    refused = [create(), close(status=400, answer=error())]
    entries = [entry for number in range(9) for entry in entries_of(*moved(refused, number))]
    found = audited(ndjson(tmp_path / "a.ndjson", entries))
    assert found.shortfall == "no accepted close with its body was judged: none is among 18 exchanges"


def test_entries_of_a_job_may_lie_in_any_file(tmp_path: Path) -> None:
    """A read that contradicts the close is in the file of another day, and in a folder of its own."""
    entries = entries_of(*moved([create(), close(), read(EMPTY)], 1))
    ndjson(tmp_path / "monday.ndjson", entries[:2])
    (tmp_path / "later").mkdir()
    ndjson(tmp_path / "later" / "tuesday.jsonl", entries[2:])
    found = audited(tmp_path, findings=tmp_path / "found.ndjson")
    assert [problem.requirement for problem in found.problems] == ["state/kept"]
    [row] = rows(tmp_path / "found.ndjson")
    assert (row["file"], row["entry"], row["job"]) == (str(tmp_path / "later" / "tuesday.jsonl"), 0, job_id(1))


def test_a_finding_is_a_row_with_what_check_says_of_it_and_the_job(tmp_path: Path) -> None:
    """In NDJSON and in Parquet alike."""
    file = ndjson(tmp_path / "traffic.ndjson", traffic(1))
    audited(file, findings=tmp_path / "found.ndjson")
    audited(file, findings=tmp_path / "found.parquet")
    expected = {
        "file": str(file),
        "entry": 2,
        "kind": "close-response",
        "requirement": "state/closed",
        "level": "MUST",
        "outcome": "fail",
        "where": "state",
        "message": "expected Closed, got Open",
        "job": job_id(0),
    }
    in_json = rows(tmp_path / "found.ndjson")
    assert expected in in_json
    with duckdb.connect() as engine:
        table = engine.execute("SELECT * FROM read_parquet(?)", [str(tmp_path / "found.parquet")])
        names = [column[0] for column in table.description or ()]
        assert [dict(zip(names, row, strict=True)) for row in table.fetchall()] == in_json


def test_a_should_that_does_not_hold_is_a_warning_unless_strict(tmp_path: Path) -> None:
    """As in a run."""
    file = ndjson(tmp_path / "traffic.ndjson", entries_of(*moved([create(), close(), close()], 1)))
    for strict, outcome in ((False, "warn"), (True, "fail")):
        audited(file, findings=tmp_path / "found.ndjson", strict=strict)
        assert {row["outcome"] for row in rows(tmp_path / "found.ndjson")} == {outcome}


@pytest.mark.parametrize("name", ["traffic.ndjson.gz", "traffic.jsonl.zst", "traffic.har"])
def test_every_format_gives_the_same_findings(name: str, tmp_path: Path) -> None:
    """Compressed or not, and with white space between tokens."""
    entries = traffic()
    plain, file = ndjson(tmp_path / "traffic.ndjson", entries), tmp_path / name
    if name.endswith(".gz"):
        file.write_bytes(gzip.compress(lines(entries), mtime=0))
    elif name.endswith(".zst"):
        file.write_bytes(zstandard.compress(lines(entries)))
    else:
        file.write_text(json.dumps({"log": {"entries": entries}}, indent="\t"), "utf-8")
    audited(plain, findings=tmp_path / "expected.ndjson")
    audited(file, findings=tmp_path / "found.ndjson")
    expected = [{**row, "file": str(file)} for row in rows(tmp_path / "expected.ndjson")]
    assert expected
    assert rows(tmp_path / "found.ndjson") == expected


def test_a_parquet_file_has_a_column_for_each_part_of_an_exchange(tmp_path: Path) -> None:
    """Under names of its own, with headers as a map and bodies as bytes."""
    plain, file = ndjson(tmp_path / "traffic.ndjson", traffic()), tmp_path / "traffic.parquet"
    query = f"""COPY (
        SELECT request.url AS request_url, request.method AS method, response.status AS status,
            map_from_entries(list_transform(request.headers, lambda header: (header.name, header.value))) AS request_headers,
            request.postData.text AS request_body, response.headers AS response_headers,
            encode(response.content.text) AS response_body, CAST(startedDateTime AS TIMESTAMP) AS started, time AS milliseconds
        FROM read_json('{plain}')) TO '{file}' (FORMAT parquet)"""  # noqa: S608  # the test's own files
    with duckdb.connect() as engine:
        engine.execute(query)
    audited(plain, findings=tmp_path / "expected.ndjson")
    audited(file, findings=tmp_path / "found.ndjson", columns=Columns.of(["url=request_url"]))
    assert rows(tmp_path / "found.ndjson") == [{**row, "file": str(file)} for row in rows(tmp_path / "expected.ndjson")]
    with pytest.raises(BadInput, match="has no column url: --column PART=NAME says what columns are called"):
        audited(file)


def parquet(path: Path, plain: Path, **columns: str) -> Path:
    """A Parquet file with the exchanges of a file of lines; ``columns`` are in SQL, where they hold something unusual."""
    usual = {
        "url": "request.url",
        "method": "request.method",
        "status": "response.status",
        "request_headers": "request.headers",
        "request_body": "request.postData.text",
        "response_headers": "response.headers",
        "response_body": "response.content.text",
        "started": "CAST(startedDateTime AS TIMESTAMP)",
    }
    selected = ", ".join(f"{value} AS {name}" for name, value in {**usual, **columns}.items())
    with duckdb.connect() as engine:
        engine.execute(f"COPY (SELECT {selected} FROM read_json('{plain}')) TO '{path}' (FORMAT parquet)")  # noqa: S608  # its own
    return path


_HEADERS_OF_BYTES = (
    "list_transform(response.headers, lambda header: {'name': encode(header.name), 'value': encode(header.value)})"
)


@pytest.mark.parametrize(
    "columns",
    [
        {"url": "encode(request.url)", "method": "encode(request.method)"},
        {"response_headers": _HEADERS_OF_BYTES},
        {"response_headers": "encode(CAST(to_json(response.headers) AS VARCHAR))"},
        {"status": "CAST(response.status AS DECIMAL(5, 1))"},
        {"status": "CAST(response.status AS DOUBLE)"},
        {"started": "encode(strftime(CAST(startedDateTime AS TIMESTAMP), '%Y-%m-%dT%H:%M:%SZ'))"},
    ],
    ids=[
        "a URL of bytes",
        "headers of bytes",
        "headers in JSON of bytes",
        "a decimal status",
        "a status in floating point",
        "an instant in a text of bytes",
    ],
)
def test_a_column_is_understood_whatever_its_type(columns: dict[str, str], tmp_path: Path) -> None:
    """The findings are those of the same exchanges as lines, and no row is passed over."""
    plain = ndjson(tmp_path / "traffic.ndjson", traffic())
    file = parquet(tmp_path / "traffic.parquet", plain, **columns)
    audited(plain, findings=tmp_path / "expected.ndjson")
    found = audited(file, findings=tmp_path / "found.ndjson")
    assert rows(tmp_path / "found.ndjson") == [{**row, "file": str(file)} for row in rows(tmp_path / "expected.ndjson")]
    assert (found.requests, found.passed_over) == (len(traffic()), ())


def test_a_row_with_an_instant_or_headers_beyond_bounds_is_judged(tmp_path: Path) -> None:
    """Without what is beyond: a year that Python does not have, no time at all, lists in lists in lists, and long numbers."""
    plain = ndjson(tmp_path / "traffic.ndjson", entries_of(*moved(WRONG, 1)))
    unusual = [
        {"started": "make_timestamp(9000000000000000000)"},
        {"started": "TRUE"},
        {"request_headers": "repeat('[', 100001)"},
        {"request_headers": "map {'X-Number': 12345678901234567890123456789::DECIMAL(38, 0)}"},
    ]
    for columns in unusual:
        found = audited(parquet(tmp_path / "traffic.parquet", plain, **columns))
        assert "state/closed" in {problem.requirement for problem in found.problems}
        assert found.requests == 3


def test_a_folder_that_is_named_like_a_column_is_none(tmp_path: Path) -> None:
    """As in archives that are parted by columns; the file has the column itself."""
    (tmp_path / "url=5").mkdir()
    file = parquet(tmp_path / "url=5" / "traffic.parquet", ndjson(tmp_path / "traffic.ndjson", traffic()))
    results = audited(file)
    assert (results.requests, results.passed_over) == (len(traffic()), ())


def test_a_temporary_folder_may_be_named_like_a_column(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what is sorted, or of the findings."""
    file = ndjson(tmp_path / "traffic.ndjson", traffic())
    audited(file, findings=tmp_path / "expected.ndjson")
    folder = tmp_path / "job=5" / "raw=1" / "level=MAY"
    folder.mkdir(parents=True)
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    audited(file, findings=tmp_path / "found.ndjson")
    assert rows(tmp_path / "found.ndjson") == rows(tmp_path / "expected.ndjson") != []


def test_an_archive_may_have_a_name_that_is_not_utf_8(tmp_path: Path) -> None:
    """Which no finding can repeat as it is."""
    file = ndjson(Path(os.fsdecode(os.fsencode(tmp_path) + b"/traffic-\xff.ndjson")), traffic())
    audited(file, findings=tmp_path / "found.ndjson")
    assert {row["file"] for row in rows(tmp_path / "found.ndjson")} == {str(tmp_path / "traffic-?.ndjson")}


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_an_instant_at_the_edge_of_the_calendar_is_none(instant: str, tmp_path: Path) -> None:
    """UTC has no such date."""
    entries = entries_of(*moved(WRONG, 1))
    entries[0]["startedDateTime"] = instant
    assert audited(ndjson(tmp_path / "traffic.ndjson", entries)).requests == 3


def test_an_instant_in_numbers_is_refused_as_their_unit_is_unknown(tmp_path: Path) -> None:
    """Milliseconds would silently be read as microseconds."""
    plain = ndjson(tmp_path / "traffic.ndjson", entries_of(*moved(WRONG, 1)))
    for number in ("1543046400000", "1543046400.5", "CAST(1543046400 AS UINTEGER)"):
        file = parquet(tmp_path / "traffic.parquet", plain, sent_at=number)
        said = "column sent_at holds numbers, whose unit is unknown: make it a timestamp, or a text like 2026-11-27T06:00:00Z"
        with pytest.raises(BadInput, match=f"{file}: {said}"):
            audited(file, columns=Columns.of(["started=sent_at"]))


def test_a_broken_line_costs_itself_and_is_counted(tmp_path: Path) -> None:
    """Whatever is broken about it; other traffic and blank lines are nothing to speak of."""
    [other] = entries_of(*moved([read()], 1))
    other["request"]["url"] = "https://example.test/elsewhere"
    [unanswered] = entries_of(*moved([read()], 2))
    unanswered["response"]["status"] = 0
    file = tmp_path / "traffic.ndjson"
    broken = [b"{", b"[]", b"", b'{"request": {"url": "\xff"}}', json.dumps(other).encode(), json.dumps(unanswered).encode()]
    file.write_bytes(lines(traffic()) + b"".join(line + b"\n" for line in broken))
    found = audited(file)
    assert found.requests == len(traffic())
    assert {skipped.place: skipped.reason for skipped in found.passed_over} == {
        f"{file} line 19": "not a HAR entry: it is no JSON object",
        f"{file} line 20": "not a HAR entry: it is no JSON object",
        f"{file} line 22": "it is not in UTF-8",
        f"{file} line 24": "it was never answered",
    }


@pytest.mark.parametrize("name", ["traffic.ndjson", "traffic.har"])
@pytest.mark.parametrize(
    ("written", "other"),
    [
        ('"<?xml', '"\\ud800<?xml'),
        ('"time": 0.0', '"time": NaN'),
        ("AQEAQ.", "AQEAQ.\\udfff"),
        ('"time": 0.0', f'"time": {"9" * 390}'),
    ],
    ids=["half a character in a body", "NaN", "half a character in a header", "a long number"],
)
def test_an_entry_that_only_a_lenient_reader_takes_is_judged(name: str, written: str, other: str, tmp_path: Path) -> None:
    """JSON beyond RFC 8259, which Python and JavaScript write, hides nothing, and tells which job it is about."""
    exchanges = moved(WRONG, 1)
    named = [replace(each, request=each.request.with_header("X-SFDC-Session", SESSION)) for each in exchanges]
    entries = [json.dumps(entry) for entry in entries_of(*named)]
    assert written in entries[-1]
    entries[-1] = entries[-1].replace(written, other)
    file = tmp_path / name
    text = "\n".join(entries) if name.endswith(".ndjson") else f'{{"log": {{"entries": [{", ".join(entries)}]}}}}'
    file.write_text(text, "ascii")
    results = audited(file, findings=tmp_path / "found.ndjson")
    assert (results.requests, results.passed_over) == (3, ())
    assert job_id(1) in {row["job"] for row in rows(tmp_path / "found.ndjson") if row["requirement"] == "state/closed"}


def test_of_many_broken_lines_the_first_are_named_and_all_are_counted(tmp_path: Path) -> None:
    """In results of bounded size."""
    file = tmp_path / "traffic.ndjson"
    file.write_bytes(b"{\n" * 1000 + lines(traffic()))
    found = audited(file)
    assert [skipped.entry for skipped in found.passed_over] == [0, 1, 2]
    assert sum(skipped.times for skipped in found.passed_over) == 1000


def test_of_many_reasons_to_pass_over_an_entry_some_are_told_and_all_are_counted(tmp_path: Path) -> None:
    """A recorder may write something else for each answer that it did not see."""
    unanswered = entries_of(*moved([create(), read()], 1)) * 100
    said = [
        re.sub(r'"status": \d+', f'"status": "none {number}"', json.dumps(entry)) for number, entry in enumerate(unanswered)
    ]
    file = tmp_path / "traffic.ndjson"
    file.write_text("\n".join(said) + "\n" + lines(traffic()).decode(), "utf-8")
    found = audited(file, workers=2)
    assert found.requests == len(traffic())
    assert sum(skipped.times for skipped in found.passed_over) == 200
    assert len({skipped.reason for skipped in found.passed_over}) == 51
    assert "for other reasons than these" in {skipped.reason for skipped in found.passed_over}


def test_what_was_sent_at_another_time_or_to_another_origin_is_left_out(tmp_path: Path) -> None:
    """The bounds are the first instant that counts, and the first that does not."""
    file = ndjson(tmp_path / "traffic.ndjson", traffic())
    selections = {
        Selection(since=CREATED + timedelta(seconds=30)): 9,
        Selection(until=CREATED + timedelta(seconds=30)): 9,
        Selection(since=CREATED + timedelta(seconds=10), until=CREATED + timedelta(seconds=12)): 2,
        Selection(origins=frozenset({"https://example.test"})): 18,
    }
    assert {selection: audited(file, selection=selection).requests for selection in selections} == selections
    with pytest.raises(BadInput, match="no exchange about a job was selected"):
        audited(file, selection=Selection(origins=frozenset({"https://elsewhere.test"})))


@pytest.mark.parametrize("url", ["https://example.test", "HTTPS://Example.TEST:443", "https://example.test/"])
def test_an_origin_is_known_however_it_is_spelled(url: str, tmp_path: Path, command: Command) -> None:
    """On the command line and in the archive."""
    spelled, other = (moved(RIGHT, number) for number in (1, 2))
    entries = entries_of(*spelled)
    for entry in entries:
        entry["request"]["url"] = entry["request"]["url"].replace("https://example.test", "https://EXAMPLE.test:443")
    elsewhere = entries_of(*other)
    for entry in elsewhere:
        entry["request"]["url"] = entry["request"]["url"].replace("https://example.test", "https://example.test:8443")
    file = ndjson(tmp_path / "traffic.ndjson", [*entries, *elsewhere])
    done = command("audit", file, "--origin", url, "--workers", "1", "--report", tmp_path / "report")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))["requests"] == 3


def test_more_workers_and_smaller_pieces_find_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Line numbers too, wherever a file is cut."""
    file = ndjson(tmp_path / "traffic.ndjson", traffic(60))
    audited(file, findings=tmp_path / "expected.ndjson")
    monkeypatch.setattr("jobinfo_conformance._audit.sources._SMALLEST", 10_000)
    found = audited(file, findings=tmp_path / "found.ndjson", workers=3)
    assert len(rows(tmp_path / "found.ndjson")) >= 20
    assert (tmp_path / "found.ndjson").read_bytes() == (tmp_path / "expected.ndjson").read_bytes()
    [closed] = [problem for problem in found.problems if problem.requirement == "state/closed"]
    assert closed.extent is not None
    assert (closed.cases, closed.extent.jobs, closed.extent.exchanges, len(closed.extent.first)) == (20, 20, 20, 3)


def test_entries_are_divided_and_sorted_a_few_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many a piece has: a compressed file is one piece. A job comes out in one, and in order."""
    monkeypatch.setattr("jobinfo_conformance._audit.shuffle._AT_A_TIME", 1000)
    monkeypatch.setattr("jobinfo_conformance._audit.shuffle._SORTED_AT_A_TIME", 3000)
    shuffle = Shuffle(tmp_path, 3)
    entries = [Keyed(f"job {number % 7}", None, 0, 0, number, b"x" * 100) for number in range(200)]
    shuffle.put(0, entries)
    jobs = [job for part in range(3) for job in shuffle.jobs(part)]
    assert sorted((job[0].job, [entry.number for entry in job]) for job in jobs) == [
        (f"job {number}", list(range(number, 200, 7))) for number in range(7)
    ]
    assert list(tmp_path.glob("*.tsv")) == []


def test_what_cannot_be_divided_is_sorted_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job of which there is more than is sorted at a time; those beside it come out too."""
    monkeypatch.setattr("jobinfo_conformance._audit.shuffle._SORTED_AT_A_TIME", 3000)
    shuffle = Shuffle(tmp_path, 2)
    shuffle.put(
        0, (Keyed("one job" if number % 9 else f"job {number}", None, 0, 0, number, b"x" * 100) for number in range(90))
    )
    sizes = {job[0].job: len(job) for part in range(2) for job in shuffle.jobs(part)}
    assert sizes == {"one job": 80, **{f"job {number}": 1 for number in range(0, 90, 9)}}


def test_a_job_with_long_batches_comes_out_as_it_went_in(tmp_path: Path) -> None:
    """A batch may have ten megabytes, and a job many of them: more than the engine could sort."""
    shuffle = Shuffle(tmp_path, 2)
    sent = [b'{"a": "%s"}' % (b"%d\\t" % number * 1_000_000 if number % 2 else b"short") for number in range(60)]
    shuffle.put(7, (Keyed("a job", None, 0, 7, number, raw) for number, raw in enumerate(sent)))
    [job] = [job for part in range(2) for job in shuffle.jobs(part)]
    assert [Archived("f", entry.number, entry.raw).raw for entry in job] == sent
    assert sum(isinstance(entry.raw, bytes) for entry in job) == 30


def test_an_archive_in_many_parts_is_divided_within_the_memory_of_the_engine(tmp_path: Path) -> None:
    """With as many parts as there are at most, and more entries than are divided at a time."""
    shuffle, raw = Shuffle(tmp_path, 64), b"x" * 2000
    shuffle.put(0, (Keyed(f"job {number % 9000}", None, 0, 0, number, raw) for number in range(20_000)))
    assert sum(len(job) for job in shuffle.jobs(0)) > 100


def test_a_part_of_more_than_the_memory_of_the_engine_is_sorted(tmp_path: Path) -> None:
    """As the parts of a compressed archive may be, whose size tells little."""
    shuffle, raw = Shuffle(tmp_path, 1), b"x" * 4000
    shuffle.put(0, (Keyed(f"job {number % 9000}", None, 0, 0, number, raw) for number in range(45_000)))
    assert sum(len(job) == 5 for job in shuffle.jobs(0)) == 9000


def test_an_id_of_15_characters_names_the_job_whose_id_begins_so(tmp_path: Path) -> None:
    """A read by the short id contradicts the close by the long one."""
    stale = read(EMPTY)
    stale = replace(stale, request=replace(stale.request, url=stale.request.url.replace(JOB_ID, short_form(JOB_ID))))
    file = ndjson(tmp_path / "traffic.ndjson", entries_of(at(create(), 0), at(close(), 1), at(stale, 2)))
    assert [problem.requirement for problem in audited(file).problems] == ["state/kept"]


@pytest.mark.parametrize("spelling", ["https://EXAMPLE.test", "https://example.test:443", "https://user:word@example.test"])
def test_a_job_is_one_however_its_origin_is_spelled(spelling: str, tmp_path: Path) -> None:
    """As in a run: a read by another spelling contradicts the close."""
    stale = read(EMPTY)
    stale = replace(stale, request=replace(stale.request, url=stale.request.url.replace("https://example.test", spelling)))
    file = ndjson(tmp_path / "traffic.ndjson", entries_of(at(create(), 0), at(close(), 1), at(stale, 2)))
    for found in (audited(file), jobinfo_conformance.run(file)):
        assert [problem.requirement for problem in found.problems] == ["state/kept"]


def files_in(folder: Path) -> list[Path]:
    """The files in a folder and below it."""
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


def test_no_session_is_printed_whichever_job_it_is_of(tmp_path: Path, command: Command) -> None:
    """An answer repeats the session that requests about another job carry."""
    leak = CLOSED.replace(object=SESSION)
    leaking = [at(of_job(job_id(1), each), place) for place, each in enumerate([create(), close(leak)])]
    named = [replace(each, request=each.request.with_header("X-SFDC-Session", SESSION)) for each in moved(RIGHT, 2)]
    file, findings = ndjson(tmp_path / "traffic.ndjson", entries_of(*leaking, *named)), tmp_path / "found.ndjson"
    done = command("audit", file, "--findings", findings, "--report", tmp_path / "report", "--workers", "1")
    written = [path.read_text("utf-8") for path in [findings, *files_in(tmp_path / "report")]]
    assert "errors/no-secrets" in {row["requirement"] for row in rows(findings)}
    assert [text for text in (done.stdout, done.stderr, *written) if SESSION in text] == []


@pytest.mark.parametrize(("header", "value"), [("X-SFDC-Session", "00Dabcdefghijkl"), ("X-Echo", MARK)])
def test_a_session_in_a_header_is_found_in_a_job_that_is_like_others_otherwise(header: str, value: str, tmp_path: Path) -> None:
    """One that only the name of the header gives away, and one that was removed before."""
    jobs = [moved([create(), close()], number) for number in range(5)]
    shown = jobs[-1][-1]
    jobs[-1][-1] = shown.answered(headers=Headers.of([*shown.response.headers, (header, value)]))
    file = ndjson(tmp_path / "traffic.ndjson", entries_of(*[each for job in jobs for each in job]))
    audited(file, findings=tmp_path / "found.ndjson")
    assert [(row["requirement"], row["job"]) for row in rows(tmp_path / "found.ndjson")] == [("errors/no-secrets", job_id(4))]


def test_no_key_of_a_gateway_is_printed_that_an_answer_repeats(tmp_path: Path, command: Command) -> None:
    """As in a recording, which ``run`` and ``check`` read."""
    key = "k3y-of-a-gateway-0123456789"
    sent = [create(), close(CLOSED.replace(object=key))]
    keyed = [replace(each, request=each.request.with_header("X-Api-Key", key)) for each in moved(sent, 1)]
    file, findings = ndjson(tmp_path / "traffic.ndjson", entries_of(*keyed)), tmp_path / "found.ndjson"
    done = command("audit", file, "--findings", findings, "--report", tmp_path / "report", "--workers", "1")
    written = [path.read_text("utf-8") for path in [findings, *files_in(tmp_path / "report")]]
    assert "identity/settings-kept" in {row["requirement"] for row in rows(findings)}
    assert [text for text in (done.stdout, done.stderr, *written) if key in text] == []


def test_the_command_prints_what_a_run_prints_and_exits_as_it_does(tmp_path: Path, command: Command) -> None:
    """Each problem once, with the number of jobs and the first entries; the report has the same."""
    file = ndjson(tmp_path / "traffic.ndjson", traffic())
    done = command("audit", file, "--report", tmp_path / "report", "--workers", "1")
    assert (done.returncode, done.stderr) == (1, "")
    assert "FAIL state/closed (MUST, xml): " in done.stdout
    assert f"  jobs      2, with 2 such exchanges; the first: {file} line " in done.stdout
    report = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
    [closed] = [problem for problem in report["problems"] if problem["requirement"] == "state/closed"]
    assert (closed["extent"]["jobs"], closed["extent"]["exchanges"], len(closed["extent"]["first"])) == (2, 2, 2)
    fine = command("audit", ndjson(tmp_path / "fine.ndjson", entries_of(*moved(RIGHT, 1))), "--workers", "1", "-q")
    assert fine.returncode == 0, fine.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "nowhere: there is no such file or folder"),
        (["traffic.txt"], "traffic.txt is no archive: its name must end in .ndjson, .jsonl"),
        (["empty"], "empty holds no archive: no file that ends in .ndjson, .jsonl"),
        (["*.csv"], "*.csv: there is no such file or folder"),
        (["damaged.ndjson.gz"], "damaged.ndjson.gz can't be unpacked: it is damaged, cut short, or not gzip"),
        (["damaged.ndjson.zst"], "damaged.ndjson.zst can't be unpacked: it is damaged, cut short, or not Zstandard"),
        (["damaged.parquet"], "damaged.parquet can't be read: it is damaged, or no Parquet"),
        (["traffic.ndjson", "--findings", "found.csv"], "--findings found.csv: its name must end in .ndjson or .parquet"),
        (
            ["traffic.ndjson", "--findings", "no/found.ndjson"],
            "--findings no/found.ndjson can't be written: there is no folder no",
        ),
        (["traffic.ndjson", "--since", "monday"], "--since monday: write a day or an instant, like 2026-11-27"),
        (["traffic.ndjson", "--origin", "x.test"], "--origin x.test: write it like https://gateway.example"),
        (["traffic.ndjson", "--column", "body=x"], "--column body=x: write it like url=NAME, for one of url, method"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(arguments: list[str], said: str, tmp_path: Path, command: Command) -> None:
    """What, where, and what to do."""
    elsewhere = tmp_path / "elsewhere"
    ndjson(elsewhere / "traffic.ndjson", traffic(1))
    (elsewhere / "empty").mkdir()
    for name in ("traffic.txt", "damaged.ndjson.gz", "damaged.ndjson.zst", "damaged.parquet"):
        (elsewhere / name).write_bytes(b"neither this nor that")
    done = command("audit", *arguments, "--workers", "1")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"jobinfo-conformance: {said}")
    assert done.stderr.count("\n") == 1


#: An extension that keeps a worker until it is ended, and says when that begins.
WAITS = """
import os
import time
from pathlib import Path
from jobinfo_conformance.extending import MUST, accepted_close, documented, requirement

@requirement("waits/for-ever", MUST, on=accepted_close, source=documented("nowhere"))
def for_ever(asked):
    'A close is waited for.'
    Path({began!r} + ".pid").write_text(str(os.getpid()))
    Path({began!r} + ".pid").replace({began!r})
    time.sleep(600)
"""


@pytest.mark.parametrize(
    ("ended_by", "said"),
    [
        (signal.SIGINT, "interrupted"),
        (signal.SIGTERM, "interrupted"),
        (signal.SIGKILL, "a worker was ended by the system, perhaps for want of memory: give fewer --workers"),
    ],
)
def test_an_audit_that_is_interrupted_leaves_nothing_half_written(ended_by: signal.Signals, said: str, tmp_path: Path) -> None:
    """It is interrupted while a job is judged, or the worker that judges the job is killed."""
    archive, temporary, began = ndjson(tmp_path / "traffic.ndjson", traffic()), tmp_path / "temporary", tmp_path / "began"
    temporary.mkdir()
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "waits.py").write_text(WAITS.format(began=str(began)), "utf-8")
    output = ["--findings", str(tmp_path / "found.ndjson"), "--report", str(tmp_path / "report")]
    running = subprocess.Popen(
        [sys.executable, "-m", "jobinfo_conformance", "audit", str(archive), "--extension", "waits", *output],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(modules)},
    )
    while not began.exists():
        assert running.poll() is None
        time.sleep(0.02)
    os.kill(int(began.read_text("utf-8")) if ended_by is signal.SIGKILL else running.pid, ended_by)
    _, complaint = running.communicate(timeout=60)
    assert (running.returncode, complaint) == (2, f"jobinfo-conformance: {said}\n")
    assert list(temporary.iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"traffic.ndjson", "temporary", "began", "modules"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_in_one_line(tmp_path: Path) -> None:
    """An archive is read more than once, and nobody may be writing to the pipe."""
    os.mkfifo(tmp_path / "traffic.ndjson")
    with pytest.raises(BadInput, match=r"traffic.ndjson can't be read: it is a pipe, and is read more than once"):
        audited(tmp_path / "traffic.ndjson")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_temporary_folder_that_is_full_is_said_in_one_line(tmp_path: Path) -> None:
    """And what to do about it."""
    shuffle = Shuffle(tmp_path, 1)
    (tmp_path / "piece-0-0.tsv").symlink_to("/dev/full")
    entry = Keyed("a job", None, 0, 0, 0, b"x" * 100_000)
    with pytest.raises(BadInput, match="is full or can't be written: name another in TMPDIR"):
        shuffle.put(0, [entry])


def test_as_many_work_as_there_are_processors_where_no_system_says_which_may_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS."""
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert AuditOptions(["a.har"]).workers == os.cpu_count()

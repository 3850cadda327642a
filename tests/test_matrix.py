"""``matrix``: many implementations on one page, and what is said of reports that can't be put there."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobinfo_conformance._results.results import Results
from tests.conftest import Command
from tests.exchanges import CLOSED, close
from tests.reports import HOSTILE, faulty, report

Save = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder that the command is called in."""
    made = tmp_path / "elsewhere"
    made.mkdir(exist_ok=True)
    return made


@pytest.fixture
def save(folder: Path) -> Save:
    """Writes results into a file, with changes to what is in it."""

    def saved(name: str, results: Results, **changes: Any) -> Path:
        path = folder / name
        path.write_text(json.dumps({**json.loads(results.to_json()), **changes}), "utf-8")
        return path

    return saved


def heads(page: Path) -> list[str]:
    """The names of the columns, in their order."""
    return re.findall(r'<th scope="col">\s*<a href="#implementation-\d+">([^<]*)</a>', page.read_text("utf-8"))


def test_implementations_stand_side_by_side_under_their_names(command: Command, save: Save, folder: Path) -> None:
    """The name that is given, or the target; nothing is printed."""
    good, bad = save("a.json", report(close())), save("b.json", report(close(CLOSED.replace(state="Open")), target="b.har"))
    done = command("matrix", f"acme 2.1={good}", bad, "-o", folder / "page.html")
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    assert heads(folder / "page.html") == ["acme 2.1", "b.har"]


def test_the_page_is_the_same_each_time(command: Command, save: Save, folder: Path) -> None:
    """It depends on the reports alone, so that it can be kept in version control."""
    one = save("a.json", faulty())
    for name in ("first.html", "second.html"):
        assert command("matrix", one, "--output", folder / name).returncode == 0
    assert (folder / "first.html").read_bytes() == (folder / "second.html").read_bytes()


def test_an_equals_sign_in_the_name_of_a_file_belongs_to_it(command: Command, save: Save, folder: Path) -> None:
    """If there is such a file."""
    save("a=b.json", report(close(), target="the target"))
    done = command("matrix", folder / "a=b.json", f"x={folder / 'a=b.json'}", "-o", folder / "page.html")
    assert (done.stderr, done.returncode) == ("", 0)
    assert heads(folder / "page.html") == ["the target", "x"]


def test_a_requirement_that_this_suite_does_not_have_gets_a_row(command: Command, save: Save, folder: Path) -> None:
    """As a later version or an extension may have it; in a report that lacks it, that is said."""
    results = report(close())
    rows = json.loads(results.to_json())["requirements"]
    rows.append({**rows[0], "id": "acme/quick", "extension": "acme"})
    extended = save("b.json", results, requirements=rows)
    done = command("matrix", f"a={save('a.json', results)}", f"b={extended}", "-o", folder / "page.html")
    assert (done.stderr, done.returncode) == ("", 0)
    [row] = re.findall(r'<tr id="acme/quick".*?</tr>', (folder / "page.html").read_text("utf-8"), re.DOTALL)
    assert row.count("not in the report") == 1
    assert row.count("pass in XML") == 1


def test_what_is_not_scored_is_shown_as_that_and_in_no_total(command: Command, save: Save, folder: Path) -> None:
    """A report has it under ``later``; the section of the implementation says what became of it."""
    results = report(close(CLOSED.replace(state="Open")))
    rows = json.loads(results.to_json())["requirements"]
    [passes, fails] = [next(row for row in rows if row["outcome"] == outcome) for outcome in ("pass", "fail")]
    new = {"id": "state/new", "problem": None}
    scored = save("a.json", results, requirements=[*rows, {**passes, **new}], requirementSet=None)
    later = save("b.json", results, later=[{**fails, **new}], requirementSet="1.0")
    done = command("matrix", f"a={scored}", f"b={later}", "-o", folder / "page.html")
    assert (done.stderr, done.returncode) == ("", 0)
    page = (folder / "page.html").read_text("utf-8")
    [row] = re.findall(r'<tr id="state/new".*?</tr>', page, re.DOTALL)
    assert "not in the report" not in row
    assert '<a href="#implementation-2-later">' in row
    assert row.count("later, not scored: fail in XML") == 1
    totals = dict(re.findall(r"</svg> (pass|fail)</th>\s*((?:<td>\d+</td>\s*)+)</tr>", page))
    passing, failing = (list(map(int, re.findall(r"\d+", totals[outcome]))) for outcome in ("pass", "fail"))
    assert passing[0] == passing[1] + 1
    assert failing[0] == failing[1]
    [told] = re.findall(r'<div id="implementation-2-later">.*?</div>', page, re.DOTALL)
    assert "Later than requirements 1.0, not scored" in told
    assert "<li>fail state/new (MUST, xml)" in told
    assert "implementation-1-later" not in page


def test_a_report_of_a_version_without_problems_is_shown(command: Command, folder: Path) -> None:
    """Each requirement that does not hold is a problem of its own there."""
    document = json.loads(report(close(CLOSED.replace(state="Open"))).to_json())
    del document["problems"]
    (folder / "old.json").write_text(json.dumps(document), "utf-8")
    done = command("matrix", folder / "old.json", "-o", folder / "page.html")
    assert (done.stderr, done.returncode) == ("", 0)
    assert '<article id="implementation-1-problem-1" class="fail">' in (folder / "page.html").read_text("utf-8")


def test_what_a_report_holds_is_text(command: Command, save: Save, folder: Path) -> None:
    """No markup of a stranger's, in a name, a target, an answer or an extension, becomes part of the page."""
    said = {"extension": HOSTILE, "sentence": HOSTILE, "source": HOSTILE}
    rows = [{**row, **said} for row in json.loads(faulty().to_json())["requirements"]]
    rows.append({**rows[0], "id": "acme/quick"})
    later = [{**rows[0], "id": "acme/later", "problem": None}]
    path = save(
        *("a.json", faulty()),
        **dict.fromkeys(("requirementSet", "apiVersion", "suiteVersion"), HOSTILE),
        requirements=rows,
        later=later,
        objections=[HOSTILE],
    )
    assert command("report", path, folder / "report").returncode == 0
    assert not {"\u202e", "\x1b"} & set((folder / "report" / "report.html").read_text("utf-8"))
    done = command("matrix", f"{HOSTILE.replace('=', '')}={path}", "-o", folder / "page.html")
    assert (done.stderr, done.returncode) == ("", 0)
    page = (folder / "page.html").read_text("utf-8")
    assert page.count("<script>") == 1
    assert "<img" not in page
    assert "\u202e" not in page
    assert "\x1b" not in page


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a.json", "a.json"], "two reports are named a.har: give each a name, as in NAME=REPORT.json"),
        (["x=a.json", "x=b.json"], "two reports are named x: give each a name, as in NAME=REPORT.json"),
        (["=a.json"], "=a.json has no name: write NAME=REPORT.json"),
        (["  =a.json"], "  =a.json has no name: write NAME=REPORT.json"),
        (["x="], "x= names no file: write NAME=REPORT.json"),
        (["none.json"], "none.json can't be read: No such file or directory"),
        (["x=none.json"], "none.json can't be read: No such file or directory"),
        (["broken.json"], "broken.json is not a report.json: `verdict` is missing"),
        (["lost.json"], "lost.json is not a report.json: problem 7: state/closed does not belong to it"),
        (["stray.json"], "stray.json is not a report.json: problem 1: acme/none is not among the requirements"),
        ([os.fsdecode(b"\xff=a.json")], "the name of a.json is not in UTF-8: write it in UTF-8"),
    ],
)
def test_a_report_that_can_not_be_shown_is_one_line_and_status_2(
    command: Command, save: Save, folder: Path, arguments: list[str], said: str
) -> None:
    """And no page is written."""
    wrong = report(close(CLOSED.replace(state="Open")))
    [problem] = json.loads(wrong.to_json())["problems"]
    stray = [{"requirement": "acme/none", "serialization": None, "cases": 1}]
    save("a.json", report(close()))
    save("b.json", report(close()))
    save("lost.json", wrong, problems=[{**problem, "number": 7}])
    save("stray.json", wrong, problems=[{**problem, "follows": stray}])
    (folder / "broken.json").write_text("{}", "utf-8")
    done = command("matrix", *arguments, "-o", "page.html")
    assert (done.stdout, done.stderr) == ("", f"jobinfo-conformance: {said}\n")
    assert done.returncode == 2
    assert not (folder / "page.html").exists()


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("a.json", "a.json is one of the reports: give the page another name"),
        ("none/page.html", "the page can't be written to none/page.html: No such file or directory"),
        (".", "the page can't be written to .: Is a directory"),
    ],
)
def test_a_page_that_can_not_be_written_is_one_line_and_status_2(
    command: Command, save: Save, folder: Path, output: str, said: str
) -> None:
    """The reports stay as they are."""
    before = save("a.json", report(close())).read_bytes()
    done = command("matrix", "a.json", "-o", output)
    assert (done.stdout, done.stderr, done.returncode) == ("", f"jobinfo-conformance: {said}\n", 2)
    assert (folder / "a.json").read_bytes() == before

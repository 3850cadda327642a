"""Frozen sets of requirements: ``--requirements 0.9`` judges by that release, and what came later turns nobody's CI red.

No requirement is later than the first set, so each test has a release 0.9 of its own, made from what there is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import jobinfo_conformance
from jobinfo_conformance import BadInput, Level
from jobinfo_conformance._catalogue import frozen_sets
from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._catalogue.frozen_sets import as_toml, digest_of, frozen_set
from jobinfo_conformance._catalogue.of_clients import OF_CLIENTS, with_clients
from jobinfo_conformance._cli import main
from jobinfo_conformance._clients.conforming import InProcess
from jobinfo_conformance._clients.under_test import ClientUnderTest, Trying
from jobinfo_conformance._resources import resource
from jobinfo_conformance._run import Run
from jobinfo_conformance._settings import Settings
from tests import freeze
from tests.conftest import Command
from tests.exchanges import CLOSED, CREATED, JSON, at, close, create
from tests.figures import TOTAL
from tests.recordings import recorded

LEVELS = {each.id: each.level for each in with_clients(BUILT_IN).requirements.values()}
#: What release 0.9 did not have: a MUST that one fault breaks alone, one that an answer breaks alone, and one on clients.
LATER = ("schema/field-types", "times/modstamp-not-before-created", "client/closes-what-it-opened")
LATER_ON_ENDPOINTS = len([name for name in LATER if name in BUILT_IN.requirements])
#: A SHOULD that was a MUST in it.
WAS_MUST = "state/second-close-refused"
#: A close that only a later requirement objects to: it was answered before the job was created.
EARLY = CLOSED.replace(system_modstamp=CREATED.replace(year=2017))
LATE_LINE = "  fail times/modstamp-not-before-created (MUST, "


def release(folder: Path, name: str = "0.9", levels: Mapping[str, Level] = LEVELS, without: tuple[str, ...] = LATER) -> Path:
    """Freeze a release in a folder."""
    kept = {each: level for each, level in levels.items() if each not in without}
    (folder / f"{name}.toml").write_text(as_toml(name, kept), "utf-8")
    return folder


@pytest.fixture
def sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with release 0.9 alone, in place of the suite's own sets."""
    folder = tmp_path / "sets"
    folder.mkdir()
    release(folder, levels={**LEVELS, WAS_MUST: Level.MUST})
    monkeypatch.setattr(frozen_sets, "FOLDER", folder)
    return folder


@pytest.fixture
def elsewhere(sets: Path, tmp_path: Path) -> dict[str, str]:
    """What has another process use that folder."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        "from pathlib import Path\n"
        "from jobinfo_conformance._catalogue import frozen_sets\n"
        f"frozen_sets.FOLDER = Path({str(sets)!r})\n",
        "utf-8",
    )
    return {"PYTHONPATH": str(site), "PYTHONNOUSERSITE": "1"}  # the latter for a process that starts anew


def early(folder: Path) -> Path:
    """A recording of a close that only a later requirement objects to."""
    return recorded(folder / "early.har", create(), at(close(EARLY), 1))


class Said:
    """Runs a command in this process, which has the folder of sets already."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        """Return the exit status, the output and the errors."""
        status = main([*map(str, arguments)])
        return status, *self._capsys.readouterr()


@pytest.fixture
def said(sets: Path, capsys: pytest.CaptureFixture[str]) -> Said:
    """What a command says where release 0.9 is the only one."""
    assert sets
    return Said(capsys)


# What is released stays


@pytest.mark.parametrize("name", frozen_sets.frozen_sets())
def test_a_released_set_is_as_it_was_when_it_was_frozen(name: str) -> None:
    """Its digest shows a change, which may have been an accident."""
    frozen = frozen_set(name)
    assert digest_of(frozen.levels) == frozen.digest, (
        f"sets/{name}.toml is not what was released: restore it with git checkout, and leave what is new to the next set"
    )


@pytest.mark.parametrize("name", frozen_sets.frozen_sets())
def test_the_suite_has_what_it_released(name: str) -> None:
    """No requirement of a set is gone or has another level: somebody's CI counts on it."""
    gone = [each for each in frozen_set(name).levels if each not in LEVELS]
    other = [each for each, level in frozen_set(name).levels.items() if LEVELS.get(each, level) is not level]
    assert not gone, (
        f"{', '.join(gone)}: promised by the requirements {name}, so bring it back; a check may be mended, not dropped"
    )
    assert not other, f"{', '.join(other)}: another level in the requirements {name}, so give the new level to a new id"


def test_a_set_that_was_changed_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A level, an id, and an order."""
    file = release(tmp_path) / "0.9.toml"
    text = file.read_text("utf-8")
    for number, changed in enumerate(
        (text.replace('"state/closed" = "MUST"', '"state/closed" = "SHOULD"'), text.replace('"state/closed" = "MUST"\n', ""))
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "0.9.toml").write_text(changed, "utf-8")
        monkeypatch.setattr(frozen_sets, "FOLDER", folder)
        frozen = frozen_set("0.9")
        assert digest_of(frozen.levels) != frozen.digest


def test_the_next_release_is_frozen_by_one_command(sets: Path) -> None:
    """It holds all that there is, and then a run without the option names it."""
    assert Settings.of().catalogue.requirement_set is None
    file = freeze.freeze("0.10")
    assert file.read_text("utf-8") == as_toml("0.10", LEVELS)
    frozen_sets._sets_in.cache_clear()  # noqa: SLF001  # another process would read the folder anew
    assert list(frozen_sets.frozen_sets()) == ["0.9", "0.10"]
    assert Settings.of().catalogue.requirement_set == "0.10"
    assert sets == file.parent


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("1.0.0", "name the release like 1.1"),
        ("", "name the release like 1.1"),
        ("0.9", "the set 0.9 is released and stays as it is"),
    ],
)
def test_what_can_not_be_frozen_is_said(sets: Path, name: str, said: str) -> None:
    """And nothing is written."""
    with pytest.raises(ValueError, match=said):
        freeze.freeze(name)
    assert [file.name for file in sets.iterdir()] == ["0.9.toml"]


def test_a_release_without_a_new_requirement_needs_no_set(sets: Path) -> None:
    """The newest set has all of them."""
    release(sets, "1.0", without=())
    with pytest.raises(ValueError, match=r"no requirement is new since 1\.0: no set is needed"):
        freeze.freeze("1.1")
    assert sorted(file.name for file in sets.iterdir()) == ["0.9.toml", "1.0.toml"]


# A run by a set


def test_what_came_later_fails_no_run(command: Command, elsewhere: dict[str, str], tmp_path: Path) -> None:
    """It is judged, and told in a section of its own; the verdict, the counts and the exit status are those of the set.

    report.json fits its schema and is read back; no other file of the report counts what came later.
    """
    folder, target = tmp_path / "report", "reference:modstamp-in-local-time"
    done = command("run", target, "--strict", "--requirements", "0.9", "--report", folder, **elsewhere)
    lines = done.stdout.splitlines()
    scored = TOTAL - LATER_ON_ENDPOINTS
    assert (done.returncode, done.stderr) == (0, "")
    assert lines[0] == "conformant: no problem found"
    assert lines[1].startswith(f"target: {target}, API version 36.0, requirements 0.9, ")
    assert lines[-1] == f"conformant: {scored} of {scored} requirements tested, {scored} pass"
    told = lines[lines.index("later than requirements 0.9, not scored:") + 1 :]
    assert told[0].startswith(f"{LATE_LINE}xml and json): systemModstamp is not earlier than createdDate. expected ")
    assert told[1] == "  1 pass"
    document = json.loads((folder / "report.json").read_text("utf-8"))
    Draft202012Validator(json.loads(resource("schemas", "report.schema.json").read_text("utf-8"))).validate(document)
    assert document["requirementSet"] == "0.9"
    assert {each["id"] for each in document["later"]} == set(LATER) & set(BUILT_IN.requirements)
    assert not {each["id"] for each in document["requirements"]} & set(LATER)
    assert [each["outcome"] for each in document["later"] if each["id"].startswith("times/")] == ["fail", "fail"]
    results = jobinfo_conformance.Results.read(folder / "report.json")
    assert (results.requirement_set, results.to_json()) == ("0.9", (folder / "report.json").read_text("utf-8"))
    texts = {name: (folder / name).read_text("utf-8") for name in ("report.html", "summary.md", "junit.xml", "report.sarif")}
    assert "Later than requirements 0.9, not scored" in texts["report.html"]
    assert "<dt>Requirements</dt><dd>0.9</dd>" in texts["report.html"]
    assert "- fail times/modstamp" in texts["summary.md"].replace("\\", "")
    assert "modstamp-not-before-created" not in texts["junit.xml"] + texts["report.sarif"]


def test_without_the_option_all_requirements_are_scored(sets: Path, tmp_path: Path) -> None:
    """Those that are in no set yet too; then the report names none."""
    results = jobinfo_conformance.run(early(tmp_path))
    assert (results.requirement_set, results.later, results.exit_status) == (None, (), 1)
    assert '"requirementSet": null' in results.to_json()
    release(sets, "1.0", without=())
    frozen_sets._sets_in.cache_clear()  # noqa: SLF001  # another process would read the folder anew
    assert jobinfo_conformance.run().requirement_set == "1.0"


def test_a_requirement_has_the_level_that_it_has_in_the_set(sets: Path, tmp_path: Path) -> None:
    """What was a MUST in the release that is asked for fails, though it is a SHOULD by now."""
    target = recorded(tmp_path / "twice.har", create(), close(), close())
    now, then = (jobinfo_conformance.run(target, requirements=name) for name in (None, "0.9"))
    assert sets
    assert [(results.exit_status, results.problems[0].level) for results in (now, then)] == [(0, Level.SHOULD), (1, Level.MUST)]


def test_an_extensions_requirement_is_scored_whatever_the_set(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user chose it."""
    (tmp_path / "teapots.py").write_text(
        "from jobinfo_conformance.extending import MUST, accepted_close, documented, expect, requirement\n"
        "@requirement('mine/teapot', MUST, on=accepted_close, source=documented('our own rules'))\n"
        "def teapot(asked):\n    '''A close answers 418.'''\n    expect(418, asked.step.status, 'status')\n",
        "utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    status, out, _ = said("run", "--extension", "teapots", "--requirements", "0.9")
    assert status == 1
    assert "FAIL mine/teapot (MUST, xml and json, extension teapots)" in out


def test_known_failures_say_nothing_of_what_came_later(sets: Path, tmp_path: Path) -> None:
    """An entry on it is neither out of date nor counted, whether it holds or not."""
    file = tmp_path / "known.toml"
    file.write_text("".join(f'[[known]]\nrequirement = "{name}"\nreason = "tracked"\n' for name in sorted(LATER)[1:]), "utf-8")
    results = jobinfo_conformance.run(early(tmp_path), requirements="0.9", known_failures=file)
    assert sets
    assert (results.objections, results.exit_status) == ((), 0)
    assert not any(judgement.known for judgement in (*results.requirements, *results.later))


def test_a_baseline_is_not_compared_in_what_came_later(sets: Path, tmp_path: Path) -> None:
    """It passed there and does not hold here, which is a regression only where it is scored."""
    baseline = tmp_path / "baseline.json"
    baseline.write_text(jobinfo_conformance.run(recorded(tmp_path / "right.har", create(), close())).to_json(), "utf-8")
    assert sets
    scored = jobinfo_conformance.run(early(tmp_path), baseline=baseline)
    assert [sentence.split()[0] for sentence in scored.objections] == ["times/modstamp-not-before-created"]
    assert jobinfo_conformance.run(early(tmp_path), baseline=baseline, requirements="0.9").exit_status == 0


def test_a_problem_never_follows_from_what_came_later(sets: Path) -> None:
    """What is scored is told by itself, though the later requirement would explain it."""
    results = jobinfo_conformance.run("reference:modstamp-in-whole-seconds", requirements="0.9")
    assert sets
    assert results.problems
    named = {problem.requirement for problem in results.problems} | {
        each.requirement for problem in results.problems for each in problem.follows
    }
    assert not named & set(LATER)
    assert named >= {judgement.id for judgement in results.requirements if not judgement.outcome.holds}


def test_only_what_came_later_is_no_choice(sets: Path) -> None:
    """Nothing would be scored; beside what is scored it is judged and told."""
    assert sets
    with pytest.raises(BadInput, match=r"^--only schema/field-types --requirements 0\.9: all of these came later"):
        jobinfo_conformance.run(only=["schema/field-types"], requirements="0.9")
    results = jobinfo_conformance.run(only=["schema"], requirements="0.9")
    assert {each.outcome.value for each in results.later if each.id == "schema/field-types"} == {"pass"}


@pytest.fixture
def breaks_down(sets: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A later requirement whose check breaks down, by its id."""
    name = "times/modstamp-not-before-created"

    def broken(_subject: Any) -> None:
        raise KeyError("broken")

    broken_one = replace(BUILT_IN.requirements[name], check=broken)
    catalogue = replace(BUILT_IN, requirements={**BUILT_IN.requirements, name: broken_one})
    monkeypatch.setattr("jobinfo_conformance._catalogue.extensions.BUILT_IN", catalogue)
    assert sets
    return name


def test_a_later_check_that_breaks_down_is_no_error_of_the_run(breaks_down: str) -> None:
    """It is told as what it is; where it is scored, it is an error."""
    assert jobinfo_conformance.run().exit_status == 4
    results = jobinfo_conformance.run(requirements="0.9")
    assert (results.exit_status, results.errors) == (0, ())
    assert {each.outcome.value for each in results.later if each.id == breaks_down} == {"error"}


# The other fronts


def test_check_tells_what_came_later_and_does_not_fail(said: Said, tmp_path: Path) -> None:
    """In text and in JSON the word stands where the outcome stands."""
    file = early(tmp_path)
    assert said("check", file)[0] == 1
    status, out, err = said("check", file, "--requirements", "0.9")
    assert (status, err) == (0, "")
    assert ": later times/modstamp-not-before-created (MUST) " in out
    status, out, _ = said("check", file, "--requirements", "0.9", "--format", "json")
    [row] = map(json.loads, out.splitlines())
    assert (status, row["requirement"], row["outcome"]) == (0, "times/modstamp-not-before-created", "later")


@pytest.mark.parametrize(
    "asked",
    [("check", "answers.har"), ("check", "answer.xml"), ("audit", "--workers", "1", "answers.har")],
    ids=["a recording", "an answer alone", "an audit"],
)
def test_a_later_check_that_breaks_down_is_an_error_of_no_front(
    said: Said, breaks_down: str, tmp_path: Path, asked: tuple[str, ...]
) -> None:
    """Where it is scored, it is an error of each."""
    assert breaks_down in LATER
    recorded(tmp_path / "answers.har", create(), close())
    (tmp_path / "answer.xml").write_bytes(close().response.body or b"")
    *words, name = asked
    assert said(*words, tmp_path / name)[0] == 4
    status, out, err = said(*words, tmp_path / name, "--requirements", "0.9")
    assert (status, err) == (0, "")
    assert "Traceback" not in out


def test_check_as_client_judges_by_a_set_too(said: Said, tmp_path: Path) -> None:
    """A recording in which a job is left open."""
    file = recorded(tmp_path / "left-open.har", create(form=JSON))
    assert said("check", "--as-client", file)[0] == 1
    status, out, err = said("check", "--as-client", file, "--requirements", "0.9")
    assert (status, err) == (0, "")
    assert ": later client/closes-what-it-opened (MUST) " in out


def test_an_audit_counts_what_came_later_in_no_verdict(command: Command, elsewhere: dict[str, str], tmp_path: Path) -> None:
    """It is in the findings under its own word, and told with the numbers of the archive."""
    findings = tmp_path / "findings.ndjson"
    asked = ("audit", early(tmp_path), "--workers", "1", "--findings", findings)
    done = command(*asked, "--requirements", "0.9", **elsewhere)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{LATE_LINE}xml): " in done.stdout
    rows = [json.loads(line) for line in findings.read_text("utf-8").splitlines()]
    assert [(row["requirement"], row["outcome"]) for row in rows] == [("times/modstamp-not-before-created", "later")]


def test_a_client_is_judged_by_the_requirements_on_clients_in_the_set(sets: Path) -> None:
    """A client that leaves its job open conforms to a release that did not ask for more."""
    fault = with_clients(BUILT_IN).faulty_clients["never-closes"]
    assert sets
    for name, status in ((None, 1), ("0.9", 0)):
        source = ClientUnderTest(fault.name, InProcess(fault.client), Trying(only=()))
        results = Run(source, Settings.for_client(requirements=name, only=["client/method", *LATER[2:]])).results()
        assert (results.exit_status, results.requirement_set) == (status, name)
    assert [(each.id, each.outcome.value) for each in results.later] == [("client/closes-what-it-opened", "fail")]
    assert len(results.requirements) == len(OF_CLIENTS.requirements) - 1


def test_pytest_judges_by_a_set(run_pytest: Command, elsewhere: dict[str, str], tmp_path: Path) -> None:
    """What came later is no test, and is told at the end; so it is with workers of xdist."""
    asked = ("--pyargs", "jobinfo_conformance.suite", "-p", "no:cacheprovider", "-n", "2", "-k", "times")
    done = run_pytest(*asked, f"--jobinfo-target={early(tmp_path)}", "--jobinfo-requirements", "0.9", **elsewhere)
    assert done.returncode == 0, done.stdout
    assert f"{LATE_LINE}xml): " in done.stdout


def test_a_clients_own_tests_are_judged_by_a_set(run_pytest: Command, elsewhere: dict[str, str], tmp_path: Path) -> None:
    """The fixture takes the option as well."""
    (tmp_path / "test_own.py").write_text(
        "import json\nfrom urllib.request import Request, urlopen\n\n"
        "def test_forgets(jobinfo_client):\n"
        '    headers = {"X-SFDC-Session": jobinfo_client.session, "Content-Type": "application/json"}\n'
        '    body = json.dumps({"operation": "insert", "object": "Account"}).encode()\n'
        '    urlopen(Request(jobinfo_client.async_url + "job", body, headers)).close()\n',
        "utf-8",
    )
    asked = ("-q", "-p", "no:cacheprovider", tmp_path / "test_own.py")
    assert run_pytest(*asked, "--jobinfo-requirements=0.9", **elsewhere).returncode == 0


@pytest.mark.parametrize(
    "asked",
    [
        ("run",),
        ("check", "answer.xml"),
        ("check", "--as-client", "a.har"),
        ("audit", "logs"),
        ("client", "--", "true"),
        ("requirements",),
    ],
    ids=" ".join,
)
def test_a_set_that_does_not_exist_is_one_line(said: Said, asked: tuple[str, ...]) -> None:
    """With the sets that there are, and exit status 2."""
    place = asked.index("--") if "--" in asked else len(asked)
    line = "jobinfo-conformance: --requirements 7.0: there is no such set of requirements; this suite has 0.9\n"
    assert said(*asked[:place], "--requirements", "7.0", *asked[place:]) == (2, "", line)


def test_a_set_that_does_not_exist_ends_pytest_with_one_line(run_pytest: Command) -> None:
    """The same line, before any test."""
    done = run_pytest("--pyargs", "jobinfo_conformance.suite", "--jobinfo-requirements=7.0")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0].endswith(
        f"there is no such set of requirements; this suite has {', '.join(frozen_sets.frozen_sets())}"
    )


def test_a_number_is_no_name_of_a_set() -> None:
    """In Python 1.0 may be written without quotes, and 1.10 would be 1.1."""
    with pytest.raises(BadInput, match=r"requirements is 1\.0: give the name of a set, such as '1\.0'"):
        jobinfo_conformance.run(requirements=1.0)  # type: ignore[arg-type]  # what is refused


def test_the_requirements_of_a_set_are_listed(said: Said) -> None:
    """At the level that they have in it; in JSON each says since which set it is there."""
    listed = {each["id"]: each for each in json.loads(said("requirements", "--requirements", "0.9", "--format", "json")[1])}
    assert not listed.keys() & set(LATER)
    assert (listed[WAS_MUST]["level"], listed[WAS_MUST]["set"]) == ("MUST", "0.9")
    everything = json.loads(said("requirements", "--format", "json")[1])
    assert {each["id"]: each["set"] for each in everything}[LATER[0]] is None

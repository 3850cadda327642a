"""Extensions: requirements, scenarios and faults that a package, a module or a conftest.py adds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from jobinfo_conformance import BadInput, requirements
from jobinfo_conformance._catalogue.built_in import BUILT_IN
from tests.conftest import ROOT, Command

EXAMPLE = ROOT / "docs" / "examples" / "acme-gateway"
TOTAL = len(BUILT_IN.requirements) + 1

OWN_REQUIREMENT = '''
from jobinfo_conformance.extending import SHOULD, accepted_close, documented, expect, requirement

@requirement("mine/status", SHOULD, on=accepted_close, source=documented("our own rules"))
def status(asked):
    """A close answers {status}."""
    expect({status}, asked.step.status, "status")
'''


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder that the wheel of the worked example is installed into."""
    folder = tmp_path_factory.mktemp("acme")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", folder, EXAMPLE], check=True)
    [wheel] = folder.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", folder / "site", wheel], check=True)
    return str(folder / "site")


def module(folder: Path, text: str, name: str = "mine") -> str:
    """A folder with a module in it."""
    (folder / f"{name}.py").write_text(text, "utf-8")
    return str(folder)


def test_an_installed_package_adds_to_every_run(command: Command, installed: str, tmp_path: Path) -> None:
    """Its scenario is played, its requirement is judged, and every report marks both as its own."""
    done = command("run", "reference", "--strict", "-v", "--report", tmp_path, PYTHONPATH=installed)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == f"conformant: {TOTAL} of {TOTAL} requirements tested, {TOTAL} pass"
    assert "acme (extension acme): 1 of 1 requirements tested, 1 pass" in done.stdout
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    own = [one for one in report["requirements"] if one["extension"] == "acme"]
    assert [(one["id"], one["serialization"], one["outcome"]) for one in own] == [
        ("acme/priority-confirmed", "xml", "pass"),
        ("acme/priority-confirmed", "json", "pass"),
    ]
    assert report["extensions"] == ["acme"]
    assert "acme (extension acme)" in (tmp_path / "report.html").read_text("utf-8")
    assert "extension acme" in (tmp_path / "report.sarif").read_text("utf-8")


def test_the_fault_of_a_package_is_noticed_by_its_requirement(command: Command, installed: str) -> None:
    """As a run on the reference shows, and selftest."""
    done = command("run", "reference:every-close-is-normal", PYTHONPATH=installed)
    assert done.returncode == 1
    failure = "FAIL acme/priority-confirmed (MUST, xml and json, extension acme): The answer to a close names the priority"
    assert failure in done.stdout
    assert "  expected  high\n  got       normal\n  where     X-Acme-Priority header\n" in done.stdout
    done = command("selftest", "every-close-is-normal", PYTHONPATH=installed)
    assert (done.returncode, done.stdout.split()) == (
        0,
        ["killed", "every-close-is-normal", "acme/priority-confirmed", "(xml,", "json)"],
    )


def test_lists_show_what_a_package_adds(command: Command, installed: str) -> None:
    """The catalogue, the faults, and what a run would cost."""
    assert "(extension acme) | documentation: Acme Gateway" in command("requirements", PYTHONPATH=installed).stdout
    in_json = json.loads(command("requirements", "--format", "json", PYTHONPATH=installed).stdout)
    assert [one["id"] for one in in_json if one["extension"] == "acme"] == ["acme/priority-confirmed"]
    assert "every-close-is-normal" in command("selftest", "--list", PYTHONPATH=installed).stdout
    planned = command("run", "reference", "--collect-only", PYTHONPATH=installed).stdout
    assert "acme/priority-confirmed (xml)" in planned
    assert "       2     1  close a job with a high priority (json)" in planned


def test_a_package_adds_to_the_suite_under_pytest(run_pytest: Command, installed: str) -> None:
    """With a marker of its own family."""
    done = run_pytest("--pyargs", "jobinfo_conformance.suite", "-v", "-m", "acme", PYTHONPATH=installed)
    assert "test_requirement[acme/priority-confirmed-xml] NOT APPLICABLE" in done.stdout
    assert "state/closed-xml" not in done.stdout


def test_a_module_that_is_named_adds_to_a_run(command: Command, tmp_path: Path) -> None:
    """A SHOULD of its own warns, and fails with --strict."""
    folder = module(tmp_path, OWN_REQUIREMENT.format(status=204))
    done = command("run", "--extension", "mine", PYTHONPATH=folder)
    assert done.returncode == 0
    assert "WARN mine/status (SHOULD, xml and json, extension mine): A close answers 204." in done.stdout
    assert command("run", "--extension", "mine", "--strict", PYTHONPATH=folder).returncode == 1


@pytest.mark.parametrize("way", ["conftest", "plugin", "option"])
def test_the_same_goes_under_pytest(run_pytest: Command, tmp_path: Path, way: str) -> None:
    """In a conftest.py, in a plugin, and by name; the suite's tests of itself know the built-in catalogue alone."""
    folder = module(tmp_path, OWN_REQUIREMENT.format(status=200), "conftest" if way == "conftest" else "mine")
    arguments = {"conftest": [], "plugin": ["-p", "mine"], "option": ["--jobinfo-extension=mine"]}[way]
    done = run_pytest("--pyargs", "jobinfo_conformance.suite", "-v", *arguments, PYTHONPATH=folder)
    assert done.returncode == 0, done.stdout
    assert "test_requirement[mine/status-json] PASS" in done.stdout
    assert f"conformant: 30 of {TOTAL} requirements tested, 30 pass" in done.stdout


BAD_EXTENSIONS = {
    "no prefix of its own": (
        OWN_REQUIREMENT.replace("mine/status", "state/mine"),
        "needs a prefix of its own: state/ belongs to",
    ),
    "an id that is none": (OWN_REQUIREMENT.replace("mine/status", "Mine"), "needs an id like acme/name"),
    "a taken id": (OWN_REQUIREMENT + OWN_REQUIREMENT.replace("def status", "def other"), "already a requirement mine/status"),
    "a module that breaks": ("import nothing_of_the_kind\n", "the module mine can't be imported: No module named"),
    "no module": (None, "the module mine can't be imported: No module named 'mine'"),
}


@pytest.mark.parametrize("name", BAD_EXTENSIONS)
def test_what_can_not_be_added_is_said_in_one_line(command: Command, tmp_path: Path, name: str) -> None:
    """And nothing is run."""
    text, message = BAD_EXTENSIONS[name]
    folder = str(tmp_path) if text is None else module(tmp_path, text.replace("{status}", "200"))
    done = command("run", "--extension", "mine", PYTHONPATH=folder)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1), done.stderr
    assert message in done.stderr


def test_python_takes_modules_too() -> None:
    """As names and as modules; what an extension adds is marked."""
    with pytest.raises(BadInput, match="the module nobody can't be imported"):
        requirements(extension=["nobody"])
    assert {one.extension for one in requirements().values()} == {None}


def test_the_docs_show_the_worked_example() -> None:
    """To the letter."""
    shown = (ROOT / "docs" / "extending.md").read_text("utf-8")
    assert (EXAMPLE / "acme_gateway.py").read_text("utf-8") in shown

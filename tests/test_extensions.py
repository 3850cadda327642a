"""Extensions: requirements, scenarios and faults that a package, a module or a conftest.py adds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from jobinfo_conformance import BadInput, requirements
from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._catalogue.extensions import installed as extended
from jobinfo_conformance._selftest import trial
from tests import figures
from tests.conftest import ROOT, Command
from tests.figures import conformant, documented, how_many_tested

EXAMPLE = ROOT / "docs" / "examples" / "acme-gateway"
TOTAL = figures.TOTAL + 1

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
    assert done.stdout.splitlines()[-1] == conformant(TOTAL, TOTAL)
    assert "acme (extension acme): 1 of 1 requirements tested, 1 pass" in done.stdout
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    own = [one for one in report["requirements"] if one.get("extension") == "acme"]
    assert [(one["id"], one["serialization"], one["outcome"]) for one in own] == [
        ("acme/priority-confirmed", "xml", "pass"),
        ("acme/priority-confirmed", "json", "pass"),
    ]
    assert report["extensions"] == ["acme"]
    assert 'acme <span class="tags">extension acme</span>' in (tmp_path / "report.html").read_text("utf-8")
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
    assert "       2     1  close a job with a high priority (json, extension acme)" in planned


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
    assert conformant(how_many_tested(documented()) + 1, TOTAL) in done.stdout


CRASHING = '''
from jobinfo_conformance.extending import *

@subject_kind("a kind that breaks")
def breaking(history):
    raise LookupError("in a kind")

@subject_kind("what a scenario would have shown")
def missing(history):
    return ()

def own(name, on):
    return requirement(f"mine/{name}", MUST, on=on, source=documented("our own rules"))

@own("check", accepted_close)
def check(asked):
    """A check that breaks."""
    raise LookupError("in a check")

@own("kind", breaking)
def kind(asked):
    """A kind that breaks."""

@own("scenario", missing)
def on_scenario(asked):
    """A scenario that breaks."""

@own("forgotten", accepted_close)
def forgotten(asked):
    """A check that returns a truth value."""
    return asked.step.status == 204

@scenario("break down", requests=1, shows=[missing])
def break_down(stage):
    stage.create()
    raise LookupError("in a scenario")
'''


def test_what_breaks_in_an_extension_is_its_error_and_all_else_is_told(command: Command, tmp_path: Path) -> None:
    """Each requirement that needs it is an error, under its name; the report has the tracebacks."""
    folder = module(tmp_path, CRASHING)
    done = command("run", "reference", "--extension", "mine", "--report", tmp_path / "r", PYTHONPATH=folder)
    assert done.returncode == 4
    report = json.loads((tmp_path / "r" / "report.json").read_text("utf-8"))
    outcomes = {(row["id"], row["outcome"]) for row in report["requirements"] if "extension" in row}
    assert outcomes == {(f"mine/{name}", "error") for name in ("check", "kind", "scenario", "forgotten")}
    assert {row["outcome"] for row in report["requirements"] if "extension" not in row} == {"pass"}
    assert report["leftOpen"] == []
    for said in ("mine/check (xml)", "mine/kind (json)", "the scenario 'break down' (xml)"):
        assert f"error in the extension mine: {said}: Traceback" in done.stderr
    assert "TypeError: the check of mine/forgotten returned False: call expect, or raise violation" in done.stderr


def test_what_breaks_in_an_extension_keeps_no_fault_from_being_tried(command: Command, tmp_path: Path) -> None:
    """The exit status says that there was an error."""
    done = command("selftest", "close-answers-201", "--extension", "mine", PYTHONPATH=module(tmp_path, CRASHING))
    assert done.returncode == 4
    assert done.stdout.startswith("killed    close-answers-201")
    assert "error in the extension mine: mine/check (xml): Traceback" in done.stderr


def test_check_judges_payloads_by_an_extension_too(command: Command, tmp_path: Path) -> None:
    """Whatever breaks in it, the other findings are told."""
    folder = module(tmp_path, OWN_REQUIREMENT.format(status=204))
    done = command("check", ROOT / "fixtures" / "documented-xml.har", "--extension", "mine", PYTHONPATH=folder)
    assert done.returncode == 0
    assert "warn mine/status (SHOULD) status: expected 204, got 200" in done.stdout
    module(tmp_path, CRASHING)
    done = command("check", ROOT / "fixtures" / "documented-xml.har", "--extension", "mine", PYTHONPATH=folder)
    assert done.returncode == 4
    assert "close-response: nothing found" in done.stdout
    assert "error in the extension mine: mine/check: Traceback" in done.stderr


def test_an_extension_is_found_in_the_current_folder(command: Command, tmp_path: Path) -> None:
    """As an application is."""
    module(tmp_path / "elsewhere", OWN_REQUIREMENT.format(status=204))
    done = command("run", "--extension", "mine", PYTHONSAFEPATH="1")
    assert "WARN mine/status" in done.stdout


SCENARIOS = {
    "asks elsewhere": (
        "stage.send(Request('GET', 'http://127.0.0.1:9/services/async/36.0/job/750000000000001AAA'))",
        "GET http://127.0.0.1:9/services/async/36.0/job/750000000000001AAA was not sent: it is not a request to a job of",
    ),
    "asks for something else": (
        "stage.send(Request('GET', stage.endpoint.resource.partition('/services')[0] + '/login'))",
        "/login was not sent: it is not a request to a job of",
    ),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_asks_nothing_but_the_job_resource_of_its_endpoint(command: Command, tmp_path: Path, name: str) -> None:
    """What it would send elsewhere carries the session."""
    statement, said = SCENARIOS[name]
    head = "from jobinfo_conformance.extending import Request, scenario\n\n@scenario('stray', requests=1)\n"
    folder = module(tmp_path, f"{head}def stray(stage):\n    {statement}\n")
    done = command("run", "reference", "--serialization", "xml", "--extension", "mine", PYTHONPATH=folder)
    assert done.returncode == 4
    assert said in done.stderr


def test_a_scenario_that_takes_more_than_it_says_is_an_error_of_selftest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the costs that users are shown would be wrong."""
    text = "from jobinfo_conformance.extending import scenario\n\n@scenario('costly', requests=2)\ndef costly(stage):\n"
    module(tmp_path, f"{text}    for _ in range(3):\n        stage.close(stage.create())\n", "costly_extension")
    monkeypatch.syspath_prepend(str(tmp_path))
    tried = trial(None, extended(["costly_extension"]))
    assert tried.errors == tuple(
        f"the scenario 'costly' ({form}, extension costly_extension) took 6 requests and 3 jobs; it says that it takes 2 and 1"
        for form in ("xml", "json")
    )
    assert trial(None, BUILT_IN).errors == ()


@pytest.mark.parametrize("order", ["option first", "conftest first"])
def test_what_two_modules_hold_is_added_once(run_pytest: Command, tmp_path: Path, order: str) -> None:
    """As where a conftest.py takes in all that a module has which is named, too."""
    module(tmp_path, OWN_REQUIREMENT.format(status=200))
    module(tmp_path, "from mine import *\n", "conftest")
    option = ["--jobinfo-extension=mine"] if order == "option first" else ["-p", "mine"]
    done = run_pytest("--pyargs", "jobinfo_conformance.suite", *option, PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stdout
    assert conformant(how_many_tested(documented()) + 1, TOTAL) in done.stdout


def test_each_conftest_is_an_extension_of_its_own(run_pytest: Command, tmp_path: Path) -> None:
    """Named by its path, since all have the same name."""
    (tmp_path / "sub").mkdir()
    module(tmp_path, OWN_REQUIREMENT.format(status=200), "conftest")
    module(tmp_path / "sub", OWN_REQUIREMENT.format(status=200).replace("mine/", "other/"), "conftest")
    module(tmp_path / "sub", "def test_own():\n    pass\n", "test_own")
    report = tmp_path / "r"
    arguments = ["sub/test_own.py", "--pyargs", "jobinfo_conformance.suite", f"--jobinfo-report={report}"]
    done = run_pytest("--import-mode=importlib", *arguments)
    assert done.returncode == 0, done.stdout
    assert json.loads((report / "report.json").read_text("utf-8"))["extensions"] == ["conftest.py", "sub/conftest.py"]


BAD_EXTENSIONS = {
    "no prefix of its own": (
        OWN_REQUIREMENT.replace("mine/status", "state/mine"),
        "needs a prefix of its own: state/ belongs to",
    ),
    "an id that is none": (OWN_REQUIREMENT.replace("mine/status", "Mine"), "needs an id like acme/name"),
    "a taken id": (OWN_REQUIREMENT + OWN_REQUIREMENT.replace("def status", "def other"), "already a requirement mine/status"),
    "a family that pytest has a marker for": (
        OWN_REQUIREMENT.replace("mine/status", "skip/status"),
        "the requirement skip/status needs another prefix: to pytest, skip means something else",
    ),
    "a family named like a level": (OWN_REQUIREMENT.replace("mine/", "must/"), "must/status needs another prefix"),
    "no sentence": (OWN_REQUIREMENT.replace('"""', "#"), "mine/status has no sentence: write it as the docstring of status"),
    "no level": (OWN_REQUIREMENT.replace("SHOULD, on", "'should', on"), "the level of the requirement mine/status is 'should'"),
    "no kind of subject": (
        OWN_REQUIREMENT.replace("on=accepted_close", "on='closed'"),
        "the on of the requirement mine/status is 'closed': give a kind of subject",
    ),
    "no source": (OWN_REQUIREMENT.replace('documented("our own rules")', "'us'"), "the source of the requirement mine/status"),
    "no number of requests": ("@scenario('a', requests='two')\ndef a(stage): ...\n", "the scenario 'a' takes 'two' requests"),
    "no kinds that are shown": ("@scenario('a', requests=2, shows=['x'])\ndef a(stage): ...\n", "the scenario 'a' shows 'x'"),
    "an unknown keyword": ("@scenario('a', requests=2, cost=3)\ndef a(stage): ...\n", "the scenario 'a' takes no cost"),
    "a taken scenario": (
        "@scenario('send faulty closes to an open job', requests=2)\ndef a(stage): ...\n",
        "there is already a scenario 'send faulty closes to an open job'",
    ),
    "a kind of a taken name": (
        "@subject_kind(accepted_close.name)\ndef a(history): ...\n\n@scenario('a', requests=2, shows=[a])\ndef b(stage): ...\n",
        "there are 2 kinds of subject called 'an accepted close'",
    ),
    "a fault of nothing": (
        "@fault()\nclass Broken(Service):\n    'Broken.'\n",
        "the fault broken does not say which",
    ),
    "a fault that is no service": (
        "@fault(breaks='state/closed')\nclass Broken:\n    'Broken.'\n",
        "Broken is not a subclass of",
    ),
    "an adaptation that is no service": ("@adaptation\nclass Broken:\n    'Broken.'\n", "Broken is not a subclass of Service"),
    "a module that breaks": ("import nothing_of_the_kind\n", "the module mine can't be imported: No module named"),
    "no module": (None, "the module mine can't be imported: No module named 'mine'"),
}


@pytest.mark.parametrize("name", BAD_EXTENSIONS)
def test_what_can_not_be_added_is_said_in_one_line(command: Command, tmp_path: Path, name: str) -> None:
    """And nothing is run."""
    text, message = BAD_EXTENSIONS[name]
    imports = "from jobinfo_conformance.extending import *\n"
    folder = str(tmp_path) if text is None else module(tmp_path, imports + text.replace("{status}", "200"))
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

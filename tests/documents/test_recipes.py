"""The recipes for CI servers run: what the documents show is what is tried, with the reference as the emulator."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import sysconfig
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

import pytest
import yaml

from jobinfo_conformance import __version__
from jobinfo_conformance._evidence.har_writer import write_har
from tests.conftest import ROOT
from tests.endpoint import SESSION
from tests.exchanges import CLOSED, close

CI = (ROOT / "docs" / "ci.md").read_text("utf-8")
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))

#: What the recipes start.
EMULATOR = """
import sys
from jobinfo_conformance._cli import main
sys.exit(main(["serve", "--batch-time", "0.5", "--port", sys.argv[1]]))
"""

Shell = Callable[..., "subprocess.CompletedProcess[str]"]


def recipe(language: str, part: str) -> str:
    """The recipe in the documents that is written in a language and holds a text."""
    [found] = [block for block in re.findall(rf"```{language}\n(.*?)```", CI, re.DOTALL) if part in block]
    return str(found)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell in a repository that has an emulator, and pip, which installs the suite for that repository alone.

    Its dependencies are those of this environment.
    """
    (tmp_path / "emulator.py").write_text(EMULATOR, "utf-8")
    (tmp_path / "known-failures.toml").write_text("", "utf-8")
    installed, scripts = tmp_path / "installed", Path(sysconfig.get_path("scripts"))
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}

    def run(script: str, *, interpreter: str = "bash -eo pipefail -c", **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **kept,
            "PATH": os.pathsep.join(
                [str(installed / "bin"), str(scripts), str(Path(sys.executable).parent), "/usr/bin", "/bin"]
            ),
            "PYTHONPATH": os.pathsep.join([str(installed), sysconfig.get_path("purelib")]),
            "PIP_TARGET": str(installed),
            "PIP_NO_DEPS": "1",
            "PIP_NO_BUILD_ISOLATION": "0",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "JOBINFO_SESSION_ID": SESSION,
            **variables,
        }
        return subprocess.run(
            [*interpreter.split(), script],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


@pytest.fixture
def port() -> str:
    """A port of loopback that nothing listens on, in place of the one in the recipes."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return str(taken.getsockname()[1])


def filled_in(text: Any, known: Mapping[str, str], port: str = "8080") -> str:
    """A value of a workflow, with what its expressions stand for, and another port."""
    return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: known[found[1]], str(text)).replace("8080", port)


class Acted(NamedTuple):
    """What the action did: the last of its steps that ran, and its outputs."""

    done: subprocess.CompletedProcess[str]
    outputs: Mapping[str, str]


def act(shell: Shell, folder: Path, given: Mapping[str, str]) -> Acted:
    """Run the composite action as GitHub does."""
    defaults = {name: str(each["default"]) for name, each in ACTION["inputs"].items() if "default" in each}
    known = {f"inputs.{name}": value for name, value in {**defaults, **given}.items()} | {"github.action_path": str(ROOT)}
    done = subprocess.CompletedProcess[str]([], 0)
    for number, step in enumerate(ACTION["runs"]["steps"]):
        if "run" in step and done.returncode == 0:
            written = folder / f"output-{number}"
            written.touch()
            variables = {name: filled_in(value, known) for name, value in step["env"].items()}
            done = shell(step["run"], GITHUB_ACTIONS="true", GITHUB_OUTPUT=str(written), **variables)
            lines = dict(line.split("=", 1) for line in written.read_text("utf-8").splitlines())
            known |= {f"steps.{step.get('id')}.outputs.{name}": value for name, value in lines.items()}
    # GitHub puts nothing in the place of an output that no step has.
    values = defaultdict(str, known)
    return Acted(done, {name: filled_in(each["value"], values) for name, each in ACTION["outputs"].items()})


def test_no_expression_stands_in_a_script_of_the_action() -> None:
    """Where it could inject; each input is used, each output is set, and the document has them all."""
    assert not [step for step in ACTION["runs"]["steps"] if "${{" in step.get("run", "")]
    used = set(re.findall(r"\$\{\{ inputs\.([\w-]+) \}\}", (ROOT / "action.yml").read_text("utf-8")))
    assert used == set(ACTION["inputs"])
    rows = re.findall(r"^\| (`.*?) \|", CI, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`([\w-]+)`", row)} == {*ACTION["inputs"], *ACTION["outputs"]}


def test_the_recipe_for_github_actions_runs(shell: Shell, tmp_path: Path, port: str) -> None:
    """Through the action, whose report a step keeps, and whose outputs another one reads."""
    [job] = yaml.safe_load(recipe("yaml", "runs-on"))["jobs"].values()
    [step] = [step for step in job["steps"] if step.get("uses", "").startswith("OWNER/jobinfo-conformance@")]
    assert step["uses"].endswith(f"@v{__version__}")
    known = {"secrets.JOBINFO_SESSION_ID": SESSION}
    acted = act(shell, tmp_path, {name: filled_in(value, known, port) for name, value in step["with"].items()})
    assert acted.done.returncode == 0, acted.done.stdout + acted.done.stderr
    assert acted.done.stdout.splitlines()[-1].startswith("conformant: ")
    assert SESSION not in acted.done.stdout + acted.done.stderr
    [kept] = [each["with"]["path"] for each in job["steps"] if "upload-artifact" in each.get("uses", "")]
    assert (tmp_path / kept / "report.html").is_file()
    told = job["steps"][-1]
    known = {f"steps.{step['id']}.outputs.{name}": value for name, value in acted.outputs.items()}
    said = shell(told["run"], **{name: filled_in(value, known) for name, value in told["env"].items()})
    assert said.stdout == "conformant, 0 requirements fail\n"


def test_the_action_fails_where_the_target_does(shell: Shell, tmp_path: Path) -> None:
    """With its report written and its outputs set, and with no arguments."""
    (tmp_path / "a.har").write_bytes(write_har([close(CLOSED.replace(state="Open"))]))
    acted = act(shell, tmp_path, {"target": "a.har"})
    assert acted.done.returncode == 1, acted.done.stdout + acted.done.stderr
    assert (tmp_path / acted.outputs["report"] / "report.json").is_file()
    assert (acted.outputs["verdict"], acted.outputs["failed"], acted.outputs["problems"]) == ("not-conformant", "1", "1")


@pytest.mark.parametrize("more", ["", " -- -q"], ids=["alone", "before what pytest is given"])
def test_the_report_of_the_action_is_where_its_output_says(shell: Shell, tmp_path: Path, more: str) -> None:
    """Though the arguments name another folder."""
    acted = act(
        shell, tmp_path, {"target": "reference", "arguments": f"--only state/closed --report other{more}", "report": "kept"}
    )
    assert acted.done.returncode == 0, acted.done.stdout + acted.done.stderr
    assert acted.outputs["report"] == "kept"
    assert (tmp_path / "kept" / "report.json").is_file()


def test_the_action_has_no_verdict_on_a_target_that_can_not_be_tested(shell: Shell, tmp_path: Path) -> None:
    """And fails."""
    acted = act(shell, tmp_path, {"target": "missing.har"})
    assert acted.done.returncode == 2
    assert (acted.outputs["verdict"], acted.outputs["report"]) == ("", "jobinfo-report")


def from_checkout(script: str) -> str:
    """A script that installs the suite from this checkout, and not its release."""
    assert f"pip install jobinfo-conformance=={__version__}" in script
    return script.replace(f"jobinfo-conformance=={__version__}", str(ROOT))


def test_the_recipe_for_gitlab_runs(shell: Shell, tmp_path: Path, port: str) -> None:
    """Its artifacts are there."""
    [job] = yaml.safe_load(recipe("yaml", "artifacts:")).values()
    variables = {name: filled_in(value, {}, port) for name, value in job["variables"].items()}
    done = shell(from_checkout("\n".join(job["script"])), **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("conformant: ")
    assert (tmp_path / job["artifacts"]["reports"]["junit"]).is_file()


def test_the_recipe_for_jenkins_runs(shell: Shell, tmp_path: Path, port: str) -> None:
    """Against a baseline that an earlier run left, and fails once there is none."""
    jenkinsfile = recipe("groovy", "pipeline {")
    [script] = re.findall(r"sh '''(.*?)'''", jenkinsfile, re.DOTALL)
    script = from_checkout(dedent(script))
    variables = {
        name: filled_in(value, {}, port) for name, value in re.findall(r"^ +([A-Z]+) = '(.*)'$", jenkinsfile, re.MULTILINE)
    }
    missing = shell(script, interpreter="sh -xec", **variables)
    assert missing.returncode == 2
    assert "baseline.json can't be read" in missing.stdout + missing.stderr
    assert shell("jobinfo-conformance run reference --report first").returncode == 0
    (tmp_path / "first" / "report.json").rename(tmp_path / "baseline.json")
    done = shell(script, interpreter="sh -xec", **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no regression against baseline.json" in done.stdout
    [junit] = re.findall(r"junit '(.*)'", jenkinsfile)
    assert (tmp_path / junit).is_file()

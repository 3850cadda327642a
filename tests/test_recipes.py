"""The recipes for CI servers run: what the documents show is what is tried, with the reference in the endpoint's place."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

from jobinfo_conformance._evidence.har_writer import write_har
from tests.conftest import ROOT
from tests.endpoint import SESSION
from tests.exchanges import CLOSED, close

CI = (ROOT / "docs" / "ci.md").read_text("utf-8")
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
ENDPOINT = "https://example.my.salesforce.com"

#: What GitHub documents of an action's metadata, of an input, and of a step of a composite action.
ACTION_KEYS = {"name", "author", "description", "inputs", "outputs", "runs", "branding"}
INPUT_KEYS = {"description", "required", "default", "deprecationMessage"}
STEP_KEYS = {"run", "shell", "if", "name", "id", "env", "working-directory", "uses", "with", "continue-on-error"}

Shell = Callable[..., "subprocess.CompletedProcess[str]"]


def recipe(language: str, part: str) -> str:
    """The recipe in the documents that is written in a language and holds a text."""
    [found] = [block for block in re.findall(rf"```{language}\n(.*?)```", CI, re.DOTALL) if part in block]
    return str(found)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell in a repository that has the suite in a folder, and pip, which installs it for that repository alone.

    Its dependencies are those of this environment.
    """
    (tmp_path / "jobinfo-conformance").symlink_to(ROOT, target_is_directory=True)
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


def filled_in(text: Any, inputs: Mapping[str, Any]) -> str:
    """A value of a workflow, with what its expressions stand for."""
    known = {f"inputs.{name}": str(value) for name, value in inputs.items()}
    known |= {"github.action_path": str(ROOT), "secrets.JOBINFO_SESSION_ID": SESSION}
    return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: known[found[1]], str(text)).replace(ENDPOINT, "reference")


def act(shell: Shell, given: Mapping[str, Any]) -> subprocess.CompletedProcess[str]:
    """Run the composite action as GitHub does; its last step that ran."""
    defaults = {name: one["default"] for name, one in ACTION["inputs"].items() if "default" in one}
    inputs = {**defaults, **given}
    done = subprocess.CompletedProcess[str]([], 0)
    for step in ACTION["runs"]["steps"]:
        if "run" in step and done.returncode == 0:
            done = shell(step["run"], **{name: filled_in(value, inputs) for name, value in step["env"].items()})
    return done


def test_the_action_has_the_form_that_github_documents() -> None:
    """Each key is known, each step has a shell or an action, and no expression stands in a script, where it could inject."""
    assert set(ACTION) <= ACTION_KEYS
    assert {"name", "description", "runs"} <= set(ACTION)
    assert ACTION["runs"]["using"] == "composite"
    for one in ACTION["inputs"].values():
        assert set(one) <= INPUT_KEYS
        assert one["description"]
        assert one.get("required") or "default" in one
    for step in ACTION["runs"]["steps"]:
        assert set(step) <= STEP_KEYS
        assert ("run" in step and "shell" in step) != ("uses" in step)
        assert "${{" not in step.get("run", "")
    used = set(re.findall(r"\$\{\{ inputs\.([\w-]+) \}\}", (ROOT / "action.yml").read_text("utf-8")))
    assert used == set(ACTION["inputs"])
    assert set(re.findall(r"^\| `([\w-]+)` \|", CI, re.MULTILINE)) == set(ACTION["inputs"])


def test_the_recipe_for_github_actions_runs(shell: Shell, tmp_path: Path) -> None:
    """Through the action, whose report the last step keeps."""
    [job] = yaml.safe_load(recipe("yaml", "runs-on"))["jobs"].values()
    [given] = [step["with"] for step in job["steps"] if step["uses"] == "./jobinfo-conformance"]
    assert set(given) <= set(ACTION["inputs"])
    done = act(shell, {name: filled_in(value, {}) for name, value in given.items()})
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("conformant: ")
    [kept] = [step["with"]["path"] for step in job["steps"] if "upload-artifact" in step["uses"]]
    assert (tmp_path / kept / "report.html").is_file()
    assert SESSION not in done.stdout + done.stderr


def test_the_action_fails_where_the_target_does(shell: Shell, tmp_path: Path) -> None:
    """With its report written, and with no arguments."""
    (tmp_path / "a.har").write_bytes(write_har([close(CLOSED.replace(state="Open"))]))
    done = act(shell, {"target": "a.har"})
    assert done.returncode == 1, done.stdout + done.stderr
    assert (tmp_path / "jobinfo-report" / "report.json").is_file()


def test_the_recipe_for_gitlab_runs(shell: Shell, tmp_path: Path) -> None:
    """Its artifacts are there."""
    [job] = yaml.safe_load(recipe("yaml", "artifacts:")).values()
    variables = {name: filled_in(value, {}) for name, value in job["variables"].items()}
    done = shell("\n".join(job["script"]), **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("conformant: ")
    assert (tmp_path / job["artifacts"]["reports"]["junit"]).is_file()


def test_the_recipe_for_jenkins_runs(shell: Shell, tmp_path: Path) -> None:
    """Against a baseline that an earlier run left, and fails once there is none."""
    jenkinsfile = recipe("groovy", "pipeline {")
    [script] = re.findall(r"sh '''(.*?)'''", jenkinsfile, re.DOTALL)
    [target] = re.findall(r"TARGET = '(.*)'", jenkinsfile)
    missing = shell(dedent(script), interpreter="sh -xec", TARGET=filled_in(target, {}))
    assert missing.returncode == 2
    assert "baseline.json can't be read" in missing.stdout + missing.stderr
    assert shell("jobinfo-conformance run reference --report first").returncode == 0
    (tmp_path / "first" / "report.json").rename(tmp_path / "baseline.json")
    done = shell(dedent(script), interpreter="sh -xec", TARGET=filled_in(target, {}))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no regression against baseline.json" in done.stdout
    [junit] = re.findall(r"junit '(.*)'", jenkinsfile)
    assert (tmp_path / junit).is_file()

"""The files by which a host, an editor or a builder knows the project are of their formats."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT

TEMPLATES = ROOT / ".github" / "ISSUE_TEMPLATE"
FORMS = sorted(file for file in TEMPLATES.iterdir() if file.name != "config.yml")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").iterdir())
#: The files of each format that GitHub reads.
FORMATS = [
    *(("github-workflows", file) for file in WORKFLOWS),
    *(("github-issue-forms", file) for file in FORMS),
    ("github-issue-config", TEMPLATES / "config.yml"),
    ("github-actions", ROOT / "action.yml"),
]


def examined(tool: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """What a tool of this environment says."""
    path = shutil.which(tool, path=sysconfig.get_path("scripts"))
    if path is None:
        pytest.skip(f"{tool} is not installed: pip install it, as tox does")
    words = [path, *map(str, arguments)]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("kind", "file"), FORMATS, ids=lambda value: value.name if isinstance(value, Path) else None)
def test_a_file_for_github_fits_the_schema_of_its_kind(kind: str, file: Path) -> None:
    """The schema that is collected from what GitHub documents."""
    done = examined("check-jsonschema", "--builtin-schema", f"vendor.{kind}", file)
    assert done.returncode == 0, done.stdout


def test_the_workflows_and_the_action_have_no_known_weakness() -> None:
    """No expression in a script, no credentials left behind, no more permissions than needed, actions at a version."""
    done = examined("zizmor", "--offline", "--no-progress", ".github", "action.yml")
    assert done.returncode == 0, done.stdout


def test_a_release_is_built_once_and_only_its_upload_may_sign() -> None:
    """The job that has the right to publish runs no code of the project."""
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8"))["jobs"]
    may_sign = {name for name, job in jobs.items() if "id-token" in job["permissions"]}
    assert may_sign == {"publish"}
    assert all("run" not in step for step in jobs["publish"]["steps"])
    built = [step for job in jobs.values() for step in job["steps"] if "python -m build" in step.get("run", "")]
    assert len(built) == 1


def test_the_image_is_built_as_its_linter_asks() -> None:
    """At a version of its base, and not as root."""
    done = examined("hadolint", "Dockerfile")
    assert done.returncode == 0, done.stdout
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    assert "USER 1000" in lines
    assert lines[-1] == 'ENTRYPOINT ["jobinfo-conformance"]'


def test_the_wheel_can_be_built_from_what_the_image_is_built_from(tmp_path: Path) -> None:
    """Which is what .dockerignore lets in."""
    source, wheels = tmp_path / "source", tmp_path / "wheels"
    source.mkdir()
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in lines
    for name in (line.removeprefix("!") for line in lines if line.startswith("!")):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile)(ROOT / name, source / name)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)]
    done = subprocess.run(build, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    [wheel] = wheels.iterdir()
    assert wheel.suffix == ".whl"

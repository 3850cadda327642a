"""What is shipped: the wheel holds all that a run needs, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.conftest import ROOT


def _run(arguments: list[str], folder: Path, **variables: str) -> str:
    environment = {**os.environ, **variables}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from what the source distribution holds."""
    folder = tmp_path_factory.mktemp("built")
    _run(["-m", "hatchling", "build", "-t", "sdist", "-d", str(folder)], ROOT)
    [source] = folder.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        archive.extractall(folder, filter="data")
    _run(["-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], folder / source.name.removesuffix(".tar.gz"))
    [built] = folder.glob("*.whl")
    return built


def test_the_wheel_carries_schemas_fixtures_types_and_licence_but_no_tests(wheel: Path) -> None:
    """All that a run reads is inside the package."""
    names = set(ZipFile(wheel).namelist())
    for folder in ("schemas", "fixtures"):
        assert {f"jobinfo_conformance/{folder}/{file.name}" for file in (ROOT / folder).iterdir()} <= names
    assert {f"jobinfo_conformance/_reports/page/report.{kind}" for kind in ("html", "css", "js")} <= names
    shell = ROOT / "conformance" / "jobinfo_conformance" / "_reproduction" / "shell"
    assert {f"jobinfo_conformance/_reproduction/shell/{file.name}" for file in shell.iterdir()} <= names
    assert "jobinfo_conformance/py.typed" in names
    assert {name for name in names if name.endswith("licenses/LICENSE")}
    assert {name.partition("/")[0] for name in names if ".dist-info" not in name} == {"jobinfo_conformance"}


def test_a_run_from_the_wheel_passes_in_a_folder_of_its_own(wheel: Path, tmp_path: Path) -> None:
    """The main job needs no checkout."""
    library, empty = tmp_path / "library", tmp_path / "empty"
    ZipFile(wheel).extractall(library)  # noqa: S202  # the wheel that was just built
    empty.mkdir()
    where = _run(["-c", "import jobinfo_conformance as it; print(it.__file__)"], empty, PYTHONPATH=str(library))
    assert where.startswith(str(library))
    printed = _run(["-m", "jobinfo_conformance", "run"], empty, PYTHONPATH=str(library))
    assert printed.splitlines()[-1].startswith("conformant: ")
    assert list(empty.iterdir()) == []

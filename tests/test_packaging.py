"""What is shipped: the source distribution and the wheel are whole, the same each time, and run where nothing else is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from email import message_from_string
from email.message import Message
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import pytest

from tests.conftest import ROOT

for tool in ("build", "check_wheel_contents", "twine"):
    pytest.importorskip(tool, reason=f"{tool} is not installed: tox -e package runs these tests")

#: A moment for the files in an archive, in seconds since 1970.
MOMENT = {"SOURCE_DATE_EPOCH": "1700000000"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
#: Stands for where the project lives.
PLACEHOLDER = "project-home.example"


class Built(NamedTuple):
    """What a build made."""

    source: Path
    wheel: Path


def run(arguments: list[object], folder: Path, **variables: str) -> str:
    """Run something with the Python of these tests, or with one of its own, and return what it printed."""
    words = [str(argument) for argument in arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "JOBINFO", "PYTHON"))}
    done = subprocess.run(words, cwd=folder, env={**environment, **variables}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(project: Path, folder: Path, *options: str) -> Built:
    """Build the source distribution, and the wheel from that."""
    run([sys.executable, "-m", "build", *options, "--outdir", folder, project], project, **MOMENT)
    [source], [wheel] = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return Built(source, wheel)


def tracked() -> set[str]:
    """The files of the project."""
    asked = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607  # whichever git there is
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.returncode != 0:
        pytest.skip("this is no checkout: nothing says which files are the project's")
    return {name for name in asked.stdout.split("\0") if name and (ROOT / name).exists()}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Built as for a release: with what pyproject.toml requires for it, and nothing else."""
    return build(ROOT, tmp_path_factory.mktemp("built"))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """Another checkout, made at another time by a user who keeps files private."""
    project = tmp_path / "elsewhere"
    for name in tracked():
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, file)
        file.chmod((ROOT / name).stat().st_mode & 0o700)
        os.utime(file, (1_800_000_000, 1_800_000_000))
    return project


@pytest.fixture(scope="module")
def metadata(built: Built) -> Message:
    """What a package index is told."""
    with ZipFile(built.wheel) as wheel:
        [name] = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
        return message_from_string(wheel.read(name).decode())


def test_the_source_distribution_holds_what_is_tracked_and_nothing_else(built: Built) -> None:
    """No file of this machine slips in, and none is forgotten."""
    with tarfile.open(built.source) as archive:
        names = {member.name.partition("/")[2] for member in archive if member.isfile()}
    assert names - {"PKG-INFO"} == tracked()


def test_the_wheel_carries_schemas_fixtures_types_and_licence_but_no_tests(built: Built) -> None:
    """All that a run reads is inside the package, and so is all that is tracked there."""
    names = set(ZipFile(built.wheel).namelist())
    for folder in ("schemas", "fixtures"):
        assert {f"jobinfo_conformance/{folder}/{file.name}" for file in (ROOT / folder).iterdir()} <= names
    own = {name.removeprefix("conformance/") for name in tracked() if name.startswith("conformance/")}
    assert own == {name for name in names if not re.search(r"\.dist-info/|^jobinfo_conformance/(schemas|fixtures)/", name)}
    assert {name for name in names if name.endswith("licenses/LICENSE")}


def test_a_build_gives_the_same_bytes_again(built: Built, elsewhere: Path, tmp_path: Path) -> None:
    """In another folder, with other times and modes of files."""
    again = build(elsewhere, tmp_path / "again", "--no-isolation")
    assert again.source.read_bytes() == built.source.read_bytes()
    assert again.wheel.read_bytes() == built.wheel.read_bytes()


def test_the_wheel_of_the_checkout_is_that_of_the_source_distribution(built: Built, tmp_path: Path) -> None:
    """What is tested is what is shipped."""
    run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT], ROOT, **MOMENT)
    assert (tmp_path / built.wheel.name).read_bytes() == built.wheel.read_bytes()


def test_nothing_that_is_shipped_names_a_folder_of_this_machine(built: Built) -> None:
    """Neither the checkout's nor the user's."""
    with tarfile.open(built.source) as source, ZipFile(built.wheel) as wheel:
        contents = {member.name: source.extractfile(member) for member in source if member.isfile()}
        texts = {name: file.read() for name, file in contents.items() if file is not None}
        texts |= {name: wheel.read(name) for name in wheel.namelist()}
    folders = [f"{folder}/".encode() for folder in (ROOT, Path.home())]
    assert [name for name, text in texts.items() if any(folder in text for folder in folders)] == []


def test_a_package_index_accepts_what_is_shipped(built: Built) -> None:
    """Twine finds nothing to warn of."""
    run([sys.executable, "-m", "twine", "check", "--strict", *built], ROOT)


def test_the_wheel_has_no_contents_that_are_usually_mistakes(built: Built) -> None:
    """Neither tests at the top level nor duplicate or empty files."""
    run([sys.executable, "-m", "check_wheel_contents", built.wheel], ROOT)


def test_the_metadata_says_all_that_an_index_shows(metadata: Message) -> None:
    """Who keeps it, where it lives, what it needs, and what it is."""
    assert metadata["Name"] == "jobinfo-conformance"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert all(metadata[name] for name in ("Summary", "Keywords", "Author-email", "Requires-Python"))
    assert "Development Status :: 5 - Production/Stable" in metadata.get_all("Classifier", [])
    labels = {url.partition(",")[0] for url in metadata.get_all("Project-URL", [])}
    assert labels == {"Homepage", "Documentation", "Changelog", "Issues", "Source"}


def test_the_changelog_begins_with_the_version_that_is_shipped(metadata: Message) -> None:
    """With the day of its release; before it stands only what is not released yet."""
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    [first, *_] = headings[1:] if headings[0] == "Unreleased" else headings
    assert re.fullmatch(rf"{re.escape(metadata['Version'])} \(\d{{4}}-\d\d-\d\d\)", first)


def test_the_classifiers_name_the_versions_of_python_that_tox_tests() -> None:
    """The oldest runs all tests, and each later one has an environment of its own."""
    named = re.findall(r"Python :: (3\.\d+)$", "\n".join(PROJECT["classifiers"]), re.MULTILINE)
    [listed] = re.findall(r"^env_list = (.*)$", (ROOT / "tox.ini").read_text("utf-8"), re.MULTILINE)
    later = {f"3.{minor}" for minor in re.findall(r"\bpy3(\d+)\b", listed)}
    assert PROJECT["requires-python"] == f">={named[0]}"
    assert set(named[1:]) == later


def test_links_of_the_readme_lead_to_the_project_from_a_package_index(metadata: Message) -> None:
    """To the version that is shipped; pictures to the bytes themselves. Each leads to a file that is there."""
    text = metadata.get_payload()
    assert isinstance(text, str)
    links = re.findall(r"(!?)\[[^\]]*\]\(([^)]*)\)", text)
    home = f"{PROJECT['urls']['Source']}/"
    assert [link for _, link in links if not link.startswith("https://")] == []
    own = [(picture, link) for picture, link in links if link.startswith(home)]
    assert own
    for picture, link in own:
        path, _, _ = link.removeprefix(home).partition("#")
        kind, version, file = path.split("/", 2)
        assert (kind, version) == ("raw" if picture else "blob", f"v{metadata['Version']}")
        assert (ROOT / file).exists(), link


def test_the_home_of_the_project_is_filled_in_in_one_place() -> None:
    """Only pyproject.toml names the placeholder, if it is not filled in yet, and CONTRIBUTING.md says what to do about it."""
    texts = {name: (ROOT / name).read_bytes() for name in tracked()}
    named = {name for name, text in texts.items() if PLACEHOLDER.encode() in text}
    assert named <= {"pyproject.toml", "CONTRIBUTING.md", "tests/test_packaging.py"}


def test_the_wheel_runs_in_an_empty_environment_and_an_empty_folder(built: Built, tmp_path: Path) -> None:
    """With its dependencies alone; a run leaves nothing in the folder."""
    environment, empty = tmp_path / "environment", tmp_path / "empty"
    empty.mkdir()
    run([sys.executable, "-m", "venv", environment], tmp_path)
    python, command = environment / "bin" / "python", environment / "bin" / "jobinfo-conformance"
    run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", built.wheel], empty)
    run([python, "-m", "pip", "check"], empty)
    state = {"XDG_STATE_HOME": str(tmp_path / "state")}
    for arguments in (["run"], ["run", "reference", "--strict"]):
        printed = run([command, *arguments], empty, **state)
        assert printed.splitlines()[-1].startswith("conformant: ")
    assert run([command, "--version"], empty).strip() == f"jobinfo-conformance {built.wheel.name.split('-')[1]}"
    assert list(empty.iterdir()) == []
    shutil.rmtree(environment)

"""The documents say what is: their commands, options and examples are the real ones."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._catalogue.of_clients import OF_CLIENTS, with_clients
from jobinfo_conformance._cli import main
from jobinfo_conformance._resources import resource
from tests.conftest import ROOT, Command
from tests.figures import OF_A_CLIENT, TOTAL

README = (ROOT / "README.md").read_text("utf-8")
RUNNING = (ROOT / "docs" / "running.md").read_text("utf-8")
PYTHON = (ROOT / "docs" / "python.md").read_text("utf-8")
GENERATING = (ROOT / "docs" / "generating.md").read_text("utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def test_the_picture_of_the_terminal_is_what_a_run_prints(command: Command) -> None:
    """``python bench/pictures.py`` makes it again. How many requirements there are, and in which set, may change."""
    picture = (ROOT / "docs" / "images" / "terminal.svg").read_text("utf-8")
    pieces = re.findall(r'<text class="terminal-r\d" x="[\d.]+" y="([\d.]+)"[^>]*>(.*?)</text>', picture)
    lines: dict[str, str] = {}
    for y, text in pieces:
        lines[y] = lines.get(y, "") + html.unescape(text).replace("\N{NO-BREAK SPACE}", " ")
    called, *shown = [line.rstrip() for line in lines.values() if line.strip()]
    assert called == "$ jobinfo-conformance run reference:closes-every-job --report report"
    done = command("run", "reference:closes-every-job", "--report", "report")
    printed = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8080", done.stdout)
    assert _without_counts(shown) == _without_counts([line for line in printed.splitlines() if line])


def _without_counts(lines: Sequence[str]) -> list[str]:
    return [
        re.sub(r", requirements [\d.]+|\d+", "", line) if line.startswith(("target: ", "not-conformant: ")) else line
        for line in lines
    ]


def test_the_pictures_are_small() -> None:
    """A page is there in a moment."""
    pictures = [path for path in (ROOT / "docs" / "images").iterdir() if path.suffix in {".png", ".svg"}]
    assert len(pictures) >= 3
    assert [path.name for path in pictures if path.stat().st_size > 200_000] == []


def test_the_figures_of_the_readme_are_those_of_the_catalogue() -> None:
    """How many requirements, faults, faulty clients and manners there are."""
    everything = with_clients(BUILT_IN)
    words = " ".join(README.split())
    for figure in (
        f"the {len(BUILT_IN.requirements)} requirements on an endpoint and the {len(OF_CLIENTS.requirements)} on a client",
        f"any of {len(BUILT_IN.faults)} [faults]",
        f"{len(everything.faulty_clients)} faulty clients",
        f"any of {len(BUILT_IN.manners)} unusual but legal [manners]",
    ):
        assert figure in words, f"README.md has another figure: write {figure!r}"


@pytest.mark.parametrize("document", [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")], ids=lambda path: path.name)
def test_a_verdict_in_a_document_counts_the_requirements_that_there_are(document: Path) -> None:
    """Each of them, on an endpoint or on a client."""
    counted = {int(number) for number in re.findall(r"\bof (\d+) requirements tested", document.read_text("utf-8"))}
    assert counted <= {TOTAL, OF_A_CLIENT}, f"{document.name}: there are {TOTAL}, and {OF_A_CLIENT} on a client"


def test_the_page_of_clients_lists_what_is_judged() -> None:
    """With the levels, in the order of the catalogue."""
    page = (ROOT / "docs" / "clients.md").read_text("utf-8")
    rows = re.findall(r"^\| (client/[a-z-]+) \| (\w+) \|", page, re.MULTILINE)
    wanted = [(each.id, each.level) for each in OF_CLIENTS.requirements.values()]
    assert rows == wanted, "docs/clients.md, What is judged, has other rows"


def test_the_readme_is_short() -> None:
    """Under 150 lines: it leads to the pages that explain."""
    assert len(README.splitlines()) < 150


def test_ci_takes_its_command_from_the_readme() -> None:
    """There is one test command, and one place where it stands."""
    [command] = re.findall(r"^    (pip install tox .*)$", README, re.MULTILINE)
    assert command == "pip install tox && tox"


@pytest.mark.parametrize(
    "subcommand",
    [
        "run",
        "record",
        "check",
        "report",
        "compare",
        "known-failures",
        "serve",
        "selftest",
        "requirements",
        "client",
        "schemas",
        "matrix",
    ],
)
def test_every_option_is_documented(subcommand: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each option of a command stands in the documents."""
    assert main([subcommand, "--help"]) == 0
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    documented = "".join(document.read_text("utf-8") for document in DOCUMENTS)
    assert {option for option in options if option not in documented} == set()
    assert f"jobinfo-conformance {subcommand}" in documented


def test_documents_name_only_requirements_that_exist() -> None:
    """An id in a document is one of the catalogue."""
    known = with_clients(BUILT_IN).requirements
    families = {name.partition("/")[0] for name in known}
    text = "".join(document.read_text("utf-8") for document in DOCUMENTS)
    named = set(re.findall(rf"(?<![\w/.])(?:{'|'.join(families)})/[a-z][a-z0-9-]+(?![\w./-])", text))
    assert "state/closed" in named
    assert named <= set(known)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_links_inside_the_repository_lead_somewhere(document: Path) -> None:
    """No document links to a file that is not there."""
    links = re.findall(r"\]\(([^)#:]+)\)", document.read_text("utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_examples_of_generated_payloads_run(run_pytest: Command, tmp_path: Path) -> None:
    """Each example is a test that passes once there is a parser and a validator."""
    examples = re.findall(r"```python\n(.*?)```", GENERATING, re.DOTALL)
    given = [
        "from jobinfo_conformance import JobInfo",
        "from jobinfo_conformance._contract.reader import read",
        "from jobinfo_conformance._contract.schema_findings import schema_findings",
        "from jobinfo_conformance._contract.schemas import Body",
        "def my_parser(body): return JobInfo.of(read(body))",
        "def my_validator(body): return not schema_findings(read(body), Body.CLOSE_REQUEST)",
    ]
    (tmp_path / "test_example.py").write_text("\n".join([*given, *examples]), "utf-8")
    done = run_pytest("-q", "test_example.py", "-p", "no:cacheprovider")
    assert "2 passed" in done.stdout


def test_the_examples_of_calls_from_python_run(tmp_path: Path) -> None:
    """Each prints or asserts what it says, of a target that is at hand, in a process of its own."""
    (tmp_path / "recording.har").write_bytes(resource("fixtures", "documented-xml.har").read_bytes())
    [in_readme] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    [called, *_] = re.findall(r"```python\n(.*?)```", PYTHON, re.DOTALL)
    at_hand = called.replace("https://example.my.salesforce.com", "reference:reopens")
    for example in (in_readme, at_hand):
        done = subprocess.run([sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (report["verdict"], report["apiVersion"]) == ("not-conformant", "62.0")


def test_the_examples_of_a_users_pytest_run(run_pytest: Command, tmp_path: Path) -> None:
    """The module and the conftest.py of the document, with an application."""
    document = PYTHON.replace("my_package.server import create_app", "tests.applications import flask_app as create_app")
    for name, text in re.findall(r"```python\n# (\S+\.py)\n(.*?)```", document, re.DOTALL):
        (tmp_path / name).write_text(text, "utf-8")
    done = run_pytest("-q", tmp_path, session=None, PYTHONPATH=str(ROOT))
    assert done.returncode == 0, done.stdout
    assert f"conformant: {len(BUILT_IN.requirements)} of" in done.stdout


def test_the_strategies_in_the_documents_are_those_that_are_public() -> None:
    """The table and ``jobinfo_conformance.generate`` have the same names."""
    from jobinfo_conformance import generate

    documented = {
        name for row in re.findall(r"^\| (`.*?) \|", GENERATING, re.MULTILINE) for name in re.findall(r"`(\w+)\(", row)
    }
    assert documented | {"Body", "damages", "Damage", "mutants", "Mutant"} == set(generate.__all__)


def test_the_costs_of_scenarios_are_those_that_are_counted() -> None:
    """Each scenario has its row, and stands there with its requests and jobs."""
    rows = re.findall(r"^\| (.*?)(?:: .*?)? \| (.*?) \| (.*?) \|$", RUNNING, re.MULTILINE)
    documented = {name: (set(re.findall(r"\d+", requests)), set(re.findall(r"\d+", jobs))) for name, requests, jobs in rows}
    counted: dict[str, tuple[set[str], set[str]]] = {}
    for one in BUILT_IN.scenarios:
        requests, jobs = counted.setdefault(one.name, (set(), set()))
        requests.add(str(one.requests))
        jobs.add(str(one.jobs))
    assert {name: documented.get(name) for name in counted} == counted

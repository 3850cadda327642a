"""What is public: a small list, each name with a docstring and an example that runs, and typed as a user sees it."""

from __future__ import annotations

import doctest
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import jobinfo_conformance
from tests.conftest import ROOT

PACKAGE = ROOT / "conformance" / "jobinfo_conformance"

PUBLIC = [
    "BadInput",
    "Checked",
    "Exchange",
    "Finding",
    "Headers",
    "JobInfo",
    "Judgement",
    "Known",
    "Level",
    "Outcome",
    "Problem",
    "Request",
    "Requirement",
    "Response",
    "Results",
    "Serialization",
    "Target",
    "TargetUnusable",
    "Unreadable",
    "Verdict",
    "Version",
    "Violation",
    "check",
    "fault",
    "requirement",
    "requirements",
    "run",
    "scenario",
    "subject_kind",
]

USES = """
from pathlib import Path
import jobinfo_conformance as jc
from typing import assert_type

results = jc.run("recording.har", strict=True, header=["X-Key: $KEY"], max_requests=10)
assert_type(results, jc.Results)
assert_type(results.verdict, jc.Verdict)
assert_type(results.requirements, tuple[jc.Judgement, ...])
for judgement in results.requirements:
    assert_type(judgement.level, jc.Level)
    assert_type(judgement.serialization, jc.Serialization | None)
    assert_type(judgement.findings, tuple[jc.Finding, ...])
    for finding in judgement.findings:
        assert_type(finding.exchanges, tuple[jc.Exchange, ...])
        assert_type(finding.exchanges[0].request.body, bytes)
        assert_type(finding.exchanges[0].response.body, bytes | None)
assert_type(results.to_json(), str)
for checked in jc.check(Path("answer.xml"), version="36.0"):
    assert_type(checked, jc.Checked)
assert_type(jc.requirements()["state/closed"].since, jc.Version)


class Own:
    name = "own"

    def send(self, request: jc.Request) -> jc.Response:
        return jc.Response(200, jc.Headers.of([("Content-Type", "text/plain")]), b"")


jc.run(Own())
jc.run(Path("recording.har"))
jc.run(lambda environ, start_response: [b""])
jc.run(3)  # expected: arg-type
jc.run(timout=3)  # expected: call-arg
"""


def modules() -> list[str]:
    """All modules of the package by their names."""
    files = [file.relative_to(PACKAGE.parent).with_suffix("") for file in PACKAGE.rglob("*.py") if file.name != "__main__.py"]
    return [".".join(file.parts).removesuffix(".__init__") for file in files]


def test_the_list_is_the_list() -> None:
    """What stands here stays; the rest of the package may change at any time."""
    assert sorted([*PUBLIC, "__version__"]) == sorted(jobinfo_conformance.__all__)
    assert dir(jobinfo_conformance) == jobinfo_conformance.__all__
    with pytest.raises(AttributeError, match="has no attribute 'no_such_name'"):
        _ = jobinfo_conformance.no_such_name


def test_everything_else_says_that_it_is_private() -> None:
    """By an underscore; public are the plugin, which pytest names, the suite, audits on Spark, strategies, and extensions."""
    public = {name.split(".")[1] for name in modules() if "." in name and not name.split(".")[1].startswith("_")}
    assert public == {"extending", "generate", "plugin", "spark", "suite"}


@pytest.mark.parametrize("name", PUBLIC)
def test_each_public_name_has_a_docstring_with_an_example(name: str) -> None:
    """Short, and run by the next test."""
    assert ">>>" in (inspect.getdoc(getattr(jobinfo_conformance, name)) or "")


@pytest.mark.parametrize("name", modules())
def test_examples_in_docstrings_run(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the folder of the project, where the fixtures are."""
    if name == "jobinfo_conformance.spark":
        pytest.importorskip("pyspark", reason="pip install '.[spark]' for the examples of audits on Spark")
    monkeypatch.chdir(ROOT)
    found = doctest.testmod(importlib.import_module(name), raise_on_error=False, verbose=False)
    assert found.failed == 0


def test_nothing_but_the_version_is_imported_until_a_name_is_used() -> None:
    """The plugin loads the package in every run of pytest."""
    program = "import sys, jobinfo_conformance; print(*[name for name in sys.modules if name.startswith('jobinfo')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["jobinfo_conformance"]


def test_types_are_as_a_user_sees_them(tmp_path: Path) -> None:
    """A type checker in strict mode agrees with the uses above, and finds what is expected there."""
    mypy = pytest.importorskip("mypy.api", reason="mypy is not installed")
    file = tmp_path / "uses.py"
    file.write_text(USES, "utf-8")
    printed, errors, _ = mypy.run(["--strict", "--no-incremental", "--config-file=", str(file)])
    lines = USES.splitlines()
    expected = {(number, line.partition("expected: ")[2]) for number, line in enumerate(lines, 1) if "# expected: " in line}
    found = {
        (int(line.split(":")[1]), line.rpartition("[")[2].rstrip("]")) for line in printed.splitlines() if ": error: " in line
    }
    assert (found, errors) == (expected, ""), printed

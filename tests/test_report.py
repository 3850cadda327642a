"""report.json has the form that its schema says, whatever became of the run, and is read back as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._resources import resource
from jobinfo_conformance._results.results import Known, Outcome, Results
from tests.exchanges import CLOSED, JSON, close, read
from tests.reports import faulty, report

SCHEMA = json.loads(resource("schemas", "report.schema.json").read_text("utf-8"))
#: What reports have had since there are extensions, by the object that has it.
SINCE_EXTENSIONS = {"report": ("extensions", "errors"), "requirement": ("extension",)}

VERDICTS = {
    "conformant": report(close(), close(form=JSON)),
    "not-conformant": report(close(CLOSED.replace(state="Open"), JSON), read(form=JSON)),
    "inconclusive": report(),
    "error": report(close(), broken=("state/closed",)),
}


def written(results: Results) -> Any:
    """The document that report.json holds."""
    return json.loads(results.to_json())


def problems(document: Any) -> list[str]:
    """What the schema objects to in a document."""
    found = Draft202012Validator(SCHEMA).iter_errors(document)
    return [f"{error.json_path}: {error.message}" for error in found]


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_report_fits_its_schema(verdict: str) -> None:
    """Each verdict has a report that fits."""
    results = VERDICTS[verdict]
    assert results.verdict == verdict
    assert problems(written(results)) == []


def test_a_report_of_an_extension_fits_the_schema() -> None:
    """With the extension that adds a requirement, and a family whose name has a hyphen."""
    results = report(close())
    added = replace(results.requirements[0], id="acme-2/of-acme", extension="acme")
    extended = replace(results, requirements=(*results.requirements, added), extensions=("acme",))
    document = written(extended)
    assert document["extensions"] == ["acme"]
    assert document["requirements"][-1]["extension"] == "acme"
    assert problems(document) == []


def test_a_report_from_before_there_were_extensions_fits_and_is_read(tmp_path: Path) -> None:
    """Whoever kept one can still use it."""
    results = report(close())
    document = written(results)
    for name in SINCE_EXTENSIONS["report"]:
        document.pop(name, None)
    for entry in document["requirements"]:
        for name in SINCE_EXTENSIONS["requirement"]:
            entry.pop(name, None)
    document["startedAt"] = document["startedAt"].replace("Z", "+00:00")
    assert problems(document) == []
    (tmp_path / "report.json").write_text(json.dumps(document), "utf-8")
    assert Results.read(tmp_path / "report.json").to_json() == results.to_json()


@pytest.mark.parametrize("results", [*VERDICTS.values(), faulty()], ids=[*VERDICTS, "faulty"])
def test_a_report_that_is_read_says_what_was_written(results: Results, tmp_path: Path) -> None:
    """To the byte, with what is known of a failure, what fails the run beside it, and what was left open."""
    known = [replace(one, known=Known("tracked", "https://example.test/1")) for one in results.requirements if one.findings]
    rest = [one for one in results.requirements if not one.findings]
    whole = replace(
        results,
        requirements=(*known, *rest),
        objections=("passes now",),
        baseline="b.json",
        left_open=("750000000000001AAA",),
        unanswered=("curl -X PUT http://127.0.0.1/",),
        unanswered_creates=2,
    )
    (tmp_path / "report.json").write_text(whole.to_json(), "utf-8")
    assert problems(written(whole)) == []
    again = Results.read(tmp_path / "report.json")
    assert again.to_json() == whole.to_json()
    assert (again.verdict, again.started, again.exit_status) == (whole.verdict, whole.started, whole.exit_status)


def test_a_report_says_when_the_run_began_in_utc() -> None:
    """As RFC 3339 writes it, with Z."""
    assert written(report())["startedAt"].endswith("Z")


def test_the_schema_refuses_a_failure_without_evidence(tmp_path: Path) -> None:
    """The schema is no formality, and who reads a report is as strict."""
    document = written(report(close(CLOSED.replace(state="Open"))))
    [failed] = [entry for entry in document["requirements"] if entry["outcome"] == "fail"]
    failed["evidence"] = []
    assert [problem for problem in problems(document) if "[] should be non-empty" in problem]
    (tmp_path / "report.json").write_text(json.dumps(document), "utf-8")
    with pytest.raises(BadInput, match=r"is not a report\.json: requirements\[\d+\]: fail needs evidence"):
        Results.read(tmp_path / "report.json")


def test_a_report_has_an_entry_for_each_requirement_in_each_serialization() -> None:
    """Nothing is left out of a report because it was not tested."""
    results = report()
    expected = [
        (name, form and form.value)
        for name, requirement in BUILT_IN.requirements.items()
        for form in requirement.serializations
    ]
    assert [(entry["id"], entry["serialization"]) for entry in written(results)["requirements"]] == expected
    assert {judgement.outcome for judgement in results.requirements} == {Outcome.NOT_APPLICABLE}

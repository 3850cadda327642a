"""report.json has the form that its schema says, whatever became of the run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._resources import resource
from jobinfo_conformance._results.results import Results
from tests.exchanges import CLOSED, JSON, close, read
from tests.reports import report

SCHEMA = json.loads(resource("schemas", "report.schema.json").read_text("utf-8"))


def problems(document: Any) -> list[str]:
    """What the schema objects to, once the document was written and read as JSON."""
    found = Draft202012Validator(SCHEMA).iter_errors(json.loads(json.dumps(document)))
    return [f"{error.json_path}: {error.message}" for error in found]


@pytest.mark.parametrize(
    ("verdict", "document"),
    [
        ("conformant", report(close(), close(form=JSON))),
        ("not-conformant", report(close(CLOSED.replace(state="Open"), JSON), read(form=JSON))),
        ("inconclusive", report()),
        ("error", report(close(), broken=("state/closed",))),
    ],
    ids=["conformant", "not-conformant", "inconclusive", "error"],
)
def test_a_report_fits_its_schema(verdict: str, document: Results) -> None:
    """Each verdict has a report that fits."""
    assert document["verdict"] == verdict
    assert problems(document) == []


def test_the_schema_refuses_a_failure_without_evidence() -> None:
    """The schema is no formality."""
    document = report(close(CLOSED.replace(state="Open")))
    [failed] = [one for one in document["requirements"] if one["outcome"] == "fail"]
    failed["evidence"] = []
    assert [problem for problem in problems(document) if "[] should be non-empty" in problem]


def test_a_report_has_a_row_for_each_requirement_in_each_serialization() -> None:
    """Nothing is left out of a report because it was not tested."""
    expected = [(name, form and form.value) for name, check in BUILT_IN.requirements.items() for form in check.serializations]
    assert [(one["id"], one["serialization"]) for one in report()["requirements"]] == expected

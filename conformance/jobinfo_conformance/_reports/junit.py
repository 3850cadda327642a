"""junit.xml: a test case for each requirement and serialization, as Jenkins, GitLab and others read it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from jobinfo_conformance._escaping import in_line, in_lines
from jobinfo_conformance._reports.sentences import failure
from jobinfo_conformance._results.results import Judgement, Outcome, Results

#: The element of a case that says what became of it. A SHOULD that does not hold is no failure, and says so in its output.
_ELEMENTS = {
    Outcome.NOT_APPLICABLE: "skipped",
    Outcome.INCONCLUSIVE: "skipped",
    Outcome.FAIL: "failure",
    Outcome.ERROR: "error",
}


def as_junit(results: Results) -> str:
    """A suite for each family. Times are not known of a case, and the run's stands on the whole."""
    root = ET.Element("testsuites", {"name": "jobinfo-conformance", **_counts(results.requirements)})
    root.set("time", str(results.seconds))
    for name, group in groupby(results.requirements, key=lambda judgement: judgement.family):
        judgements = list(group)
        suite = ET.SubElement(
            root,
            "testsuite",
            {"name": name, "timestamp": results.started.isoformat(timespec="milliseconds"), **_counts(judgements)},
        )
        properties = ET.SubElement(suite, "properties")
        said = {
            "verdict": results.verdict,
            "target": results.target,
            "apiVersion": results.api_version or "",
            "suiteVersion": results.suite_version,
        }
        for key, value in said.items():
            ET.SubElement(properties, "property", name=key, value=in_line(value))
        for judgement in judgements:
            _case(suite, judgement)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written.decode() + "\n"


def _case(suite: ET.Element, judgement: Judgement) -> None:
    form = f" ({judgement.serialization})" if judgement.serialization else ""
    case = ET.SubElement(suite, "testcase", name=f"{judgement.id}{form}", classname=f"jobinfo_conformance.{judgement.family}")
    outcome = judgement.outcome
    reason = in_line(judgement.reason)
    if judgement.known:
        ET.SubElement(case, "skipped", message=in_line(f"known not to hold: {judgement.known.reason}"))
    elif outcome in _ELEMENTS:
        said = reason if outcome is Outcome.NOT_APPLICABLE else f"{outcome}: {reason}"
        element = ET.SubElement(case, _ELEMENTS[outcome], message=said)
        if outcome in (Outcome.FAIL, Outcome.ERROR):
            element.set("type", judgement.level)
            element.text = in_lines(failure(judgement))
    elif outcome is Outcome.WARN:
        ET.SubElement(case, "system-out").text = in_lines(f"warn: {failure(judgement)}")


def _counts(judgements: Sequence[Judgement]) -> dict[str, str]:
    found = ["skipped" if judgement.known else _ELEMENTS.get(judgement.outcome) for judgement in judgements]
    counted = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    return {"tests": str(len(judgements)), **{name: str(found.count(element)) for name, element in counted.items()}}

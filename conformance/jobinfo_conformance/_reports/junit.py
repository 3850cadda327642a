"""junit.xml: a test case for each requirement and serialization, as Jenkins, GitLab and others read them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from jobinfo_conformance._escaping import in_line, in_lines
from jobinfo_conformance._reports.problem_text import cause_line
from jobinfo_conformance._reports.sentences import failure, untested_reason
from jobinfo_conformance._results.problem import Problem
from jobinfo_conformance._results.results import Judgement, Outcome, Results

#: The element that gives the outcome of a case. A SHOULD that does not hold is not a failure; the output of its case says so.
_ELEMENTS = {
    Outcome.NOT_APPLICABLE: "skipped",
    Outcome.INCONCLUSIVE: "skipped",
    Outcome.FAIL: "failure",
    Outcome.ERROR: "error",
}


def as_junit(results: Results) -> str:
    """Return a test suite for each family. The time of a case is not known; the whole has the time of the run."""
    root = ET.Element("testsuites", {"name": "jobinfo-conformance", **_counts(results.requirements)})
    root.set("time", str(results.seconds))
    problems = {problem.number: problem for problem in results.problems}
    for name, group in groupby(results.requirements, key=lambda judgement: judgement.family):
        judgements = list(group)
        suite = ET.SubElement(
            root,
            "testsuite",
            {"name": name, "timestamp": results.started.isoformat(timespec="milliseconds"), **_counts(judgements)},
        )
        properties = ET.SubElement(suite, "properties")
        facts = {
            "verdict": results.verdict,
            "target": results.target,
            "apiVersion": results.api_version or "",
            "suiteVersion": results.suite_version,
        }
        for key, value in facts.items():
            ET.SubElement(properties, "property", name=key, value=in_line(value))
        for judgement in judgements:
            _case(suite, judgement, problems.get(judgement.problem or 0))
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written.decode() + "\n"


def _case(suite: ET.Element, judgement: Judgement, problem: Problem | None) -> None:
    form = f" ({judgement.serialization})" if judgement.serialization else ""
    case = ET.SubElement(suite, "testcase", name=f"{judgement.id}{form}", classname=f"jobinfo_conformance.{judgement.family}")
    outcome = judgement.outcome
    reason = in_line(judgement.reason)
    text = failure(judgement)
    if problem is not None and problem.requirement != judgement.id:
        reason = text = cause_line(judgement, problem)
    if judgement.known:
        message = (
            f"known not to hold: {judgement.known.reason}" if outcome.tested else f"{outcome}: {untested_reason(judgement)}"
        )
        ET.SubElement(case, "skipped", message=in_line(message))
    elif outcome in _ELEMENTS:
        message = reason if outcome is Outcome.NOT_APPLICABLE else f"{outcome}: {reason}"
        element = ET.SubElement(case, _ELEMENTS[outcome], message=message)
        if outcome in (Outcome.FAIL, Outcome.ERROR):
            element.set("type", judgement.level)
            element.text = in_lines(text)
    elif outcome is Outcome.WARN:
        ET.SubElement(case, "system-out").text = in_lines(f"warn: {text}")


def _counts(judgements: Sequence[Judgement]) -> dict[str, str]:
    found = ["skipped" if judgement.known else _ELEMENTS.get(judgement.outcome) for judgement in judgements]
    counted = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    return {"tests": str(len(judgements)), **{name: str(found.count(element)) for name, element in counted.items()}}

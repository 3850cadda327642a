"""junit.xml: a test case for each requirement and serialization, as Jenkins, GitLab and others read it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from jobinfo_conformance.reports.tally import family
from jobinfo_conformance.reports.text import failure
from jobinfo_conformance.reports.visible import in_line, in_lines
from jobinfo_conformance.results import Results, Row
from jobinfo_conformance.verdicts import Outcome

#: The element of a case that says what became of it. A SHOULD that does not hold is no failure, and says so in its output.
_ELEMENTS = {
    Outcome.NOT_APPLICABLE: "skipped",
    Outcome.INCONCLUSIVE: "skipped",
    Outcome.FAIL: "failure",
    Outcome.ERROR: "error",
}


def as_junit(results: Results) -> str:
    """A suite for each family. Times are not known of a case, and the run's stands on the whole."""
    root = ET.Element("testsuites", {"name": "jobinfo-conformance", **_counts(results["requirements"])})
    root.set("time", str(results["seconds"]))
    for name, group in groupby(results["requirements"], key=family):
        rows = list(group)
        suite = ET.SubElement(root, "testsuite", {"name": name, "timestamp": results["startedAt"], **_counts(rows)})
        properties = ET.SubElement(suite, "properties")
        for key in ("verdict", "target", "apiVersion", "suiteVersion"):
            ET.SubElement(properties, "property", name=key, value=in_line(str(results[key] or "")))
        for row in rows:
            _case(suite, row)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written.decode() + "\n"


def _case(suite: ET.Element, row: Row) -> None:
    form = f" ({row['serialization']})" if row["serialization"] else ""
    case = ET.SubElement(suite, "testcase", name=f"{row['id']}{form}", classname=f"jobinfo_conformance.{family(row)}")
    outcome = Outcome(row["outcome"])
    reason = in_line(row["reason"])
    if row["known"]:
        ET.SubElement(case, "skipped", message=in_line(f"known not to hold: {row['known']['reason']}"))
    elif outcome in _ELEMENTS:
        said = reason if outcome is Outcome.NOT_APPLICABLE else f"{outcome}: {reason}"
        element = ET.SubElement(case, _ELEMENTS[outcome], message=said)
        if outcome in (Outcome.FAIL, Outcome.ERROR):
            element.set("type", row["level"])
            element.text = in_lines(failure(row))
    elif outcome is Outcome.WARN:
        ET.SubElement(case, "system-out").text = in_lines(f"warn: {failure(row)}")


def _counts(rows: Sequence[Row]) -> dict[str, str]:
    found = ["skipped" if row["known"] else _ELEMENTS.get(Outcome(row["outcome"])) for row in rows]
    counted = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    return {"tests": str(len(rows)), **{name: str(found.count(element)) for name, element in counted.items()}}

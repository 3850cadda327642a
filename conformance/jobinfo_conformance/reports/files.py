"""The files of a report: each a view of one results document, and report.json the document itself."""

from __future__ import annotations

import json
from pathlib import Path

from jobinfo_conformance.evidence.har import har_file
from jobinfo_conformance.reports.badge import as_badge
from jobinfo_conformance.reports.html import as_html
from jobinfo_conformance.reports.junit import as_junit
from jobinfo_conformance.reports.sarif import as_sarif
from jobinfo_conformance.reports.summary import as_summary
from jobinfo_conformance.results import Results


def write_report(results: Results, folder: Path) -> None:
    """Write the files of a report into a folder, which is made where it is not there. Raises OSError."""
    har = har_file(results["exchanges"], version=results["suiteVersion"], whole=results["whole"])
    files = {
        "report.json": json.dumps(results, indent=2) + "\n",
        "report.html": as_html(results),
        "junit.xml": as_junit(results),
        "report.sarif": as_sarif(results, har),
        "summary.md": as_summary(results),
        "badge.json": as_badge(results),
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "exchanges.har").write_bytes(har)
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8", newline="\n")

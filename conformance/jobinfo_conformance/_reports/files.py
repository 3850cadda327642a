"""The files of a report: report.json, which holds the results, and the others, which are views of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jobinfo_conformance._evidence.har_writer import write_har
from jobinfo_conformance._files.whole import check_folder, told_if_unwritable, write_files
from jobinfo_conformance._reports.badge import as_badge
from jobinfo_conformance._reports.html import as_html
from jobinfo_conformance._reports.junit import as_junit
from jobinfo_conformance._reports.reproduce import FOLDER, remove_others, scripts
from jobinfo_conformance._reports.sarif import as_sarif
from jobinfo_conformance._reports.summary import as_summary
from jobinfo_conformance._results.results import Results


def check_report(folder: str | None) -> None:
    """Refuse a folder where no report can be written, before the work that it is to tell of. Raises BadInput."""
    if folder is not None:
        with told_if_unwritable(f"the report can't be written to {folder}"):
            check_folder(Path(folder))


def write_report(results: Results, folder: Path) -> Mapping[int, Path]:
    """Write the files of a report into a folder, which is made if it is missing: all of them, or none. Raises OSError.

    Returns the scripts that show problems again, by the numbers of the problems.
    """
    found = scripts(results)
    names = {number: f"{FOLDER}/{script.name}" for number, script in found.items()}
    har = write_har(results.exchanges, version=results.suite_version, whole=results.whole, provenance=results.provenance)
    texts = {
        "report.json": results.to_json(),
        "report.html": as_html(results, found),
        "junit.xml": as_junit(results),
        "report.sarif": as_sarif(results, har),
        "summary.md": as_summary(results, names),
        "badge.json": as_badge(results),
        **{names[number]: script.text for number, script in found.items()},
    }
    write_files(folder, {"exchanges.har": har, **{name: text.encode() for name, text in texts.items()}})
    remove_others(folder, [script.name for script in found.values()])
    return {number: folder / name for number, name in names.items()}

"""The files of a report."""

from __future__ import annotations

import json
from pathlib import Path

from jobinfo_conformance.results import Results


def write_report(results: Results, folder: Path) -> None:
    """Write report.json into a folder, which is made where it is not there. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(results, indent=2) + "\n", "utf-8")

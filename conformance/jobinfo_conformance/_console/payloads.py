"""What ``check`` prints: a line for each finding."""

from __future__ import annotations

import json
from collections.abc import Iterator

from jobinfo_conformance._payloads import Checked


def as_text(checked: Checked) -> Iterator[str]:
    """Yield a line for each finding, with what the payload was taken for, or one that says that nothing was found."""
    entry = "" if checked.entry is None else f", entry {checked.entry}"
    place = f"{checked.file}{entry}: {checked.kind}"
    if not checked.findings:
        yield f"{place}: nothing found"
    for finding, level in checked.findings:
        yield f"{place}: {checked.shown(finding, level)} {finding.requirement} ({level}) {finding.where}: {finding.message}"


def as_json(checked: Checked) -> Iterator[str]:
    """Yield an object for each finding, if there are any."""
    for finding, level in checked.findings:
        yield json.dumps(
            {
                "file": str(checked.file),
                "entry": checked.entry,
                "kind": checked.kind.value,
                "requirement": finding.requirement,
                "level": level.value,
                "outcome": checked.shown(finding, level),
                "where": finding.where,
                "message": finding.message,
            }
        )

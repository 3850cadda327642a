"""Reading the histories in a report.json or a recording."""

from __future__ import annotations

from pathlib import Path

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._evidence.har_reader import HAR_SUFFIXES, LINES_SUFFIXES, NotHar, read_recording
from jobinfo_conformance._evidence.history import History, histories
from jobinfo_conformance._files.given import named
from jobinfo_conformance._results.results import Results


def histories_in(path: Path) -> list[History]:
    """Return the histories in a report.json or a recording. Raises BadInput."""
    found = _in_har(path)
    return _in_report(path) if found is None else found


def _in_har(path: Path) -> list[History] | None:
    """Return the histories in a recording; None if the file may be a report. Raises NotHar if its name denies that."""
    try:
        recording = read_recording(path)
    except NotHar:
        if path.is_dir() or path.suffix.lower() in (*HAR_SUFFIXES, *LINES_SUFFIXES):
            raise
        return None
    found = histories(recording, whole=recording.whole)
    if not found:
        raise _nothing_in(path, *recording.remarks)
    return found


def _in_report(path: Path) -> list[History]:
    results = Results.read(path)
    found = histories(results.exchanges, whole=results.whole)
    if not found:
        raise _nothing_in(path)
    return found


def _nothing_in(path: Path, *remarks: str) -> BadInput:
    return BadInput("; ".join([f"{named(path)} holds no exchange about a job", *remarks]))

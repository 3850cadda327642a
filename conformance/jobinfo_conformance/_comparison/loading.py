"""Reading the histories in a report.json or a recording."""

from __future__ import annotations

from pathlib import Path

from jobinfo_conformance._bad_input import BadInput, unreadable
from jobinfo_conformance._evidence.har_reader import HAR_SUFFIXES, LINES_SUFFIXES, NotHar, read_recording
from jobinfo_conformance._evidence.history import History, histories
from jobinfo_conformance._results.results import Results


def histories_in(path: Path) -> list[History]:
    """Return the histories in a report.json or a recording. Raises BadInput."""
    try:
        found = _in_har(path)
        if found is None:
            found = _in_report(path)
    except OSError as error:
        raise unreadable(error) from error
    if not found:
        raise BadInput(f"{path} holds no exchanges with the job resource")
    return found


def _in_har(path: Path) -> list[History] | None:
    """Return the histories in a recording; None if the file may be a report. Raises NotHar if its name says that it is none."""
    try:
        recording = read_recording(path)
    except NotHar:
        if path.is_dir() or path.suffix.lower() in (*HAR_SUFFIXES, *LINES_SUFFIXES):
            raise
        return None
    return histories(recording, whole=recording.whole)


def _in_report(path: Path) -> list[History]:
    results = Results.read(path)
    return histories(results.exchanges, whole=results.whole)

"""Reading the histories in a report.json or a recording."""

from __future__ import annotations

from pathlib import Path

from jobinfo_conformance._bad_input import BadInput, unreadable
from jobinfo_conformance._evidence.har_reader import NotHar, read_har
from jobinfo_conformance._evidence.history import History, histories
from jobinfo_conformance._results.results import Results


def histories_in(path: Path) -> list[History]:
    """Return the histories in a report.json or a HAR file. Raises BadInput."""
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
    """Return the histories in a HAR file; None if the file is not one."""
    try:
        recording = read_har(path)
    except NotHar:
        return None
    return histories(recording, whole=recording.whole)


def _in_report(path: Path) -> list[History]:
    results = Results.read(path)
    return histories(results.exchanges, whole=results.whole)

"""The exchanges of a report.json or of a recording."""

from __future__ import annotations

from pathlib import Path

from jobinfo_conformance.evidence.har import NotHar, exchanges_of, has_log, is_whole, read_har
from jobinfo_conformance.evidence.history import History, histories
from jobinfo_conformance.results import NotReport, read_results


class NotComparable(ValueError):
    """A file holds no exchanges that can be compared; the message is a line for the user."""


def exchanges_in(path: Path) -> list[History]:
    """The histories in a report.json or a HAR file. Raises NotComparable, and OSError."""
    try:
        if _is_har(path):
            exchanges, whole = list(read_har(path)), is_whole(path)
        else:
            results = read_results(path)
            entries = enumerate(results["exchanges"])
            exchanges = [one for number, entry in entries for one in exchanges_of(entry, number, str(path))]
            whole = results["whole"]
    except (NotHar, NotReport) as error:
        raise NotComparable(str(error)) from error
    found = histories(exchanges, whole=whole)
    if not found:
        raise NotComparable(f"{path} holds no exchanges with the job resource")
    return found


def _is_har(path: Path) -> bool:
    import ijson

    try:
        return has_log(path)
    except (ijson.JSONError, UnicodeDecodeError):
        return False

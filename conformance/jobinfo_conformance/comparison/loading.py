"""The exchanges of a report.json or of a recording."""

from __future__ import annotations

from pathlib import Path

from jobinfo_conformance.evidence.exchange import Exchange
from jobinfo_conformance.evidence.har import NotHar, exchanges_of, is_whole, read_har
from jobinfo_conformance.evidence.history import History, histories
from jobinfo_conformance.results import NotReport, read_results


class NotComparable(ValueError):
    """A file holds no exchanges that can be compared; the message is a line for the user."""


def exchanges_in(path: Path) -> list[History]:
    """The histories in a report.json or a HAR file. Raises NotComparable, and OSError."""
    try:
        exchanges, whole = _in_har(path) or _in_report(path)
    except (NotHar, NotReport) as error:
        raise NotComparable(str(error)) from error
    found = histories(exchanges, whole=whole)
    if not found:
        raise NotComparable(f"{path} holds no exchanges with the job resource")
    return found


def _in_har(path: Path) -> tuple[list[Exchange], bool] | None:
    """The exchanges of a HAR file, and whether they are all of their jobs; None where it is none."""
    try:
        return list(read_har(path)), is_whole(path)
    except NotHar:
        return None


def _in_report(path: Path) -> tuple[list[Exchange], bool]:
    results = read_results(path)
    entries = enumerate(results["exchanges"])
    return [one for number, entry in entries for one in exchanges_of(entry, number, str(path))], results["whole"]

"""``compare``: what changed between two reports or recordings."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._comparison.changes import ChangeKind, compared
from jobinfo_conformance._comparison.loading import histories_in
from jobinfo_conformance._console.changes import as_json, as_text


def compare(options: Namespace) -> int:
    """Compare two files."""
    return print_changes(options.old, options.new, form=options.format)


def print_changes(old: Path, new: Path, *, form: str = "text") -> int:
    """Print what changed from one file to the other; return 1 if a change breaks clients. Raises BadInput."""
    found = compared(histories_in(old), histories_in(new))
    if not found.compared:
        raise BadInput(f"{old} and {new} can't be compared: nothing was asked in both")
    for line in [as_json(found)] if form == "json" else as_text(found):
        print(line)
    return int(bool(found.of(ChangeKind.BREAKING)))

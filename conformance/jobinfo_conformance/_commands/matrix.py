"""``matrix``: many implementations on one page."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._files.given import named
from jobinfo_conformance._files.whole import told_if_unwritable, write_file
from jobinfo_conformance._matrix.columns import columns
from jobinfo_conformance._matrix.html import as_html


def matrix(options: Namespace) -> int:
    """Write the page."""
    page: Path = options.output
    found = columns(options.reports)
    if page.is_file() and any(page.samefile(column.path) for column in found):
        raise BadInput(f"{named(page)} is one of the reports: give the page another name")
    with told_if_unwritable(f"the page can't be written to {named(page)}"):
        write_file(page, as_html(found).encode())
    return 0

"""``requirements``: the catalogue."""

from __future__ import annotations

from argparse import Namespace

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.extensions import installed
from jobinfo_conformance._catalogue.frozen_sets import as_frozen, asked_set
from jobinfo_conformance._catalogue.of_clients import with_clients
from jobinfo_conformance._files.whole import told_if_unwritable, write_files
from jobinfo_conformance._reports.catalogue import as_json, as_markdown


def requirements(options: Namespace) -> int:
    """Print every requirement, those on clients last."""
    if options.write is not None:
        return _write_pages(options)
    catalogue = as_frozen(with_clients(installed(options.extension)), asked_set(options.requirements))
    print(as_json(catalogue) if options.format == "json" else as_markdown(catalogue))
    return 0


def _write_pages(options: Namespace) -> int:
    """Write a page for each requirement into a folder. Raises BadInput if it can't be written."""
    from jobinfo_conformance._catalogue_pages.pages import pages

    if options.format or options.requirements:
        raise BadInput("--write writes a page for every requirement, as Markdown: leave out --format and --requirements")
    with told_if_unwritable(f"the pages can't be written to {options.write}"):
        options.write.mkdir(parents=True, exist_ok=True)  # what can't be is said at once
        written = pages(with_clients(installed(options.extension)))
        write_files(options.write, {name: text.encode() for name, text in written.items()})
    print(f"{len(written)} pages in {options.write}")
    return 0

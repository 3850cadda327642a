"""``requirements``: the catalogue."""

from __future__ import annotations

from argparse import Namespace

from jobinfo_conformance._catalogue.extensions import installed
from jobinfo_conformance._catalogue.frozen_sets import as_frozen, asked_set
from jobinfo_conformance._catalogue.of_clients import with_clients
from jobinfo_conformance._reports.catalogue import as_json, as_markdown


def requirements(options: Namespace) -> int:
    """Print every requirement, those on clients last."""
    catalogue = as_frozen(with_clients(installed(options.extension)), asked_set(options.requirements))
    print(as_json(catalogue) if options.format == "json" else as_markdown(catalogue))
    return 0

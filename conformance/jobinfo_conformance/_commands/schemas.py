"""``schemas``: write the schemas into a folder, for other validators."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._files.given import named
from jobinfo_conformance._files.whole import told_if_unwritable, write_files
from jobinfo_conformance._resources import resources


def schemas(options: Namespace) -> int:
    """Write all of them. What has the name of one and is something else stays, and nothing is written."""
    folder: Path = options.folder
    if folder.exists() and not folder.is_dir():
        raise BadInput(f"the schemas can't be written to {named(folder)}, which is a file: name a folder")
    files = {schema.name: schema.read_bytes() for schema in resources("schemas")}
    with told_if_unwritable(f"the schemas can't be written to {named(folder)}"):
        others = [named(folder / name) for name, content in files.items() if _is_another(folder / name, content)]
        if others:
            raise BadInput(f"no schema was written, as something else is in its place: remove or rename {', '.join(others)}")
        write_files(folder, files)
    print(*(named(folder / name) for name in files), sep="\n")
    return 0


def _is_another(file: Path, content: bytes) -> bool:
    """Whether something is in the place of a file that is not that file. Raises OSError."""
    if not os.path.lexists(file):
        return False
    return not file.is_file() or file.stat().st_size != len(content) or file.read_bytes() != content

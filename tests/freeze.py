"""``python -m tests.freeze 1.1``: freeze the requirements that there are, as those of a release."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from jobinfo_conformance._catalogue import frozen_sets
from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._catalogue.of_clients import with_clients


def freeze(name: str) -> Path:
    """Write the set of a release, and return its file. Raises ValueError if it can't be written, or need not be."""
    if not re.fullmatch(r"[0-9]+\.[0-9]+", name):
        raise ValueError("name the release like 1.1: python -m tests.freeze 1.1")
    requirements = with_clients(BUILT_IN).requirements.values()
    if name in frozen_sets.frozen_sets():
        raise ValueError(f"the set {name} is released and stays as it is: freeze what is new as that of the next release")
    same = frozen_sets.newest_with_all(requirements)
    if same is not None:
        raise ValueError(f"no requirement is new since {same}: no set is needed")
    file = frozen_sets.FOLDER / f"{name}.toml"
    file.write_text(frozen_sets.as_toml(name, {each.id: each.level for each in requirements}), "utf-8")
    return file


if __name__ == "__main__":
    try:
        print(freeze((sys.argv[1:] or [""])[0]))  # noqa: T201  # which file to commit
    except ValueError as reason:
        sys.exit(str(reason))

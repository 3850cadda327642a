"""docs/architecture.md matches the code: what it names is there, and what is there it names."""

from __future__ import annotations

import re

from tests.conftest import ROOT

PACKAGE = ROOT / "conformance" / "jobinfo_conformance"
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
PICTURE = (ROOT / "docs" / "images" / "architecture.svg").read_text("utf-8")
NAMED = set(re.findall(r"`([\w/]+(?:\.py|/))`", PAGE))


def test_each_module_that_is_named_is_there() -> None:
    """A module that was renamed or removed is no longer named."""
    assert "_checks/" in NAMED
    within = [PACKAGE, PACKAGE / "_reproduction"]
    assert {name for name in NAMED if not any((folder / name).exists() for folder in within)} == set()


def test_each_module_and_package_that_is_there_is_named() -> None:
    """Whoever adds one says what it is."""
    modules = {path.name for path in PACKAGE.glob("*.py") if not path.stem.endswith("__")}
    packages = {f"{path.parent.name}/" for path in PACKAGE.glob("*/__init__.py")}
    assert (modules | packages) - NAMED == set()


def test_the_picture_shows_packages_that_are_there() -> None:
    """Each box is a package or a module, and the page tells the way through it."""
    boxes = re.findall(r'<text class="n"[^>]*>(\w+)</text>', PICTURE)
    assert len(boxes) == len(set(boxes)) == 13
    assert [box for box in boxes if f"{box}/" not in NAMED and f"{box}.py" not in NAMED] == []

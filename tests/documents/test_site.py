"""The site of the documents: each page can be reached, links lead somewhere on the site, and the API reference is whole."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

import jobinfo_conformance
from jobinfo_conformance import extending, generate
from tests.conftest import ROOT

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
SITE: dict[str, Any] = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))
API = (DOCS / "api.md").read_text("utf-8")


def named(nav: list[Any]) -> list[str]:
    """The pages and folders that the navigation names."""
    entries = [next(iter(entry.values())) if isinstance(entry, dict) else entry for entry in nav]
    return [name for entry in entries for name in (named(entry) if isinstance(entry, list) else [entry])]


def test_each_page_is_in_the_navigation() -> None:
    """By itself, or with the folder that it is in; the page of a requirement is in the index of the catalogue."""
    linked = re.findall(r"\]\(([^)#:\s]+\.md)", (DOCS / "catalogue" / "index.md").read_text("utf-8"))
    places = {*named(SITE["nav"]), *(f"catalogue/{name}" for name in linked)}
    lost = [str(page.relative_to(DOCS)) for page in PAGES if not places & {str(page.relative_to(DOCS)), f"{page.parent.name}/"}]
    assert lost == []
    assert all((DOCS / place).exists() for place in places)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_links_out_of_the_site(page: Any) -> None:
    """What lies beside docs/ is not on the site: name it as code instead."""
    links = re.findall(r"\]\(([^)#:\s]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).resolve().is_relative_to(DOCS)] == []


def test_pages_load_nothing_from_elsewhere() -> None:
    """No fonts and no analytics: who reads a page tells nobody else."""
    assert SITE["theme"]["font"] is False
    assert not {"extra_javascript", "extra_css"} & set(SITE)
    assert "analytics" not in SITE.get("extra", {})


def test_the_api_reference_has_every_public_name() -> None:
    """Those of the package, of extensions and of generated payloads."""
    shown = set(re.findall(r"^::: jobinfo_conformance\.(?:[\w.]*\.)?(\w+)$|^        - (\w+)$", API, re.MULTILINE))
    names = {name for pair in shown for name in pair}
    assert set(jobinfo_conformance.__all__) - names == {"__version__"}
    assert set(extending.__all__) - names - set(jobinfo_conformance.__all__) == set()
    assert set(generate.__all__) - names == set()

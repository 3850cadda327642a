"""All pages of the catalogue, by their names in a folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._catalogue.frozen_sets import first_with
from jobinfo_conformance._catalogue.requirement import AnyRequirement
from jobinfo_conformance._catalogue_pages.conflicts import conflicts, conflicts_page
from jobinfo_conformance._catalogue_pages.examples import Examples
from jobinfo_conformance._catalogue_pages.page import page
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._resources import resource
from jobinfo_conformance._targets.recorded import Recorded

#: The documented exchanges.
_RECORDINGS = ("documented-xml.har", "documented-json.har")

_BEGIN = """\
# The catalogue

Every requirement has a page: its level and the reason for it, its evidence, an answer that fails and one that passes, and the
faults that it notices. [Where the sources disagree](conflicts.md) says what is contradictory or open, and how it is decided.

The pages are written by `jobinfo-conformance requirements --write docs/catalogue`."""


def pages(catalogue: Catalogue) -> Mapping[str, str]:
    """Return the pages of a catalogue that has the requirements on clients too."""
    examples = Examples(catalogue)
    recordings = {name: Recorded([resource("fixtures", name)]).observe(tuple(Serialization), catalogue) for name in _RECORDINGS}
    disputed = conflicts()
    found = {"index.md": _index(catalogue), "conflicts.md": conflicts_page()}
    for requirement in catalogue.requirements.values():
        found[f"{requirement.id}.md"] = (
            page(
                requirement,
                catalogue,
                examples.of(requirement),
                [name for name, observation in recordings.items() if requirement.on.find_all(observation)],
                [conflict for conflict in disputed if requirement.id in conflict.requirements],
            )
            + "\n"
        )
    return found


def _index(catalogue: Catalogue) -> str:
    return "\n".join([_BEGIN, *_tables(list(catalogue.requirements.values())), ""])


def _tables(requirements: Sequence[AnyRequirement]) -> Iterator[str]:
    for family, members in groupby(requirements, key=lambda requirement: requirement.family):
        yield ""
        yield f"## {family}"
        yield ""
        yield "| requirement | level | since | what is required |"
        yield "|---|---|---|---|"
        for each in members:
            since = first_with(each.id) or "not released yet"
            yield f"| [{each.id}]({each.id}.md) | {each.level} | {since} | {each.sentence} |"

"""Where the sources contradict each other or leave something open, and how the suite decides: the page of conflicts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from jobinfo_conformance._files.toml_text import decoded_toml

_FILE = Path(__file__).parent / "conflicts.toml"

_BEGIN = """\
# Where the sources disagree

The contract of a close is spread over documentation, the vendor's own client, recordings of real servers, and standards. They
contradict each other in places, and leave other questions open. This page says where, on what evidence, and how the suite
decides. If a conforming server may do either, nothing is judged: a false alarm costs more than a fault that is missed."""


class Evidence(Struct, frozen=True, forbid_unknown_fields=True):
    """What one source says or shows."""

    source: str
    says: str


class Conflict(Struct, frozen=True, forbid_unknown_fields=True):
    """A question on which sources differ, or that they leave open, and the decision.

    ``requirements`` are the ids of those that the decision shows in; none if nothing is judged.
    """

    title: str
    evidence: list[Evidence]
    decision: str
    requirements: list[str] = []

    @property
    def anchor(self) -> str:
        """What a link to its heading ends in."""
        return re.sub(r"[^\w -]", "", self.title.lower()).replace(" ", "-")


class _File(Struct, forbid_unknown_fields=True):
    contradiction: list[Conflict]
    open: list[Conflict]


def conflicts() -> Sequence[Conflict]:
    """All of them."""
    read = _read()
    return [*read.contradiction, *read.open]


def conflicts_page() -> str:
    """Return the page in Markdown."""
    read = _read()
    sections = (("Contradictions", read.contradiction), ("Left open", read.open))
    return "\n".join([_BEGIN, *(line for title, members in sections for line in _section(title, members)), ""])


def _section(title: str, members: Sequence[Conflict]) -> Iterator[str]:
    yield ""
    yield f"## {title}"
    for conflict in members:
        yield ""
        yield f"### {conflict.title}"
        yield ""
        yield from (f"- {each.source}: {each.says}" for each in conflict.evidence)
        yield ""
        judged = ", ".join(f"[{name}]({name}.md)" for name in conflict.requirements)
        yield f"**Decision.** {conflict.decision}{f' See {judged}.' if judged else ''}"


def _read() -> _File:
    return decoded_toml(_FILE.read_text("utf-8"), _File)

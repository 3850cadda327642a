"""Requirements: what a conforming endpoint does, at which level, and where that is known from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.contract.versions import Version


class Level(StrEnum):
    """How binding a requirement is (RFC 2119)."""

    MUST = "MUST"
    SHOULD = "SHOULD"


class Strength(StrEnum):
    """The kinds of evidence that a requirement can rest on, the strongest first."""

    DOCUMENTATION = "documentation"
    CLIENT = "the vendor's client"
    RECORDING = "recordings"
    STANDARD = "standard"
    INFERRED = "inferred"


@dataclass(frozen=True)
class Source:
    """Where a requirement is known from."""

    strength: Strength
    detail: str

    def __str__(self) -> str:
        return f"{self.strength.value}: {self.detail}"


def documented(detail: str) -> Source:
    """The vendor's documentation says so."""
    return Source(Strength.DOCUMENTATION, detail)


def client(detail: str) -> Source:
    """The vendor's own client code relies on it."""
    return Source(Strength.CLIENT, detail)


def recorded(detail: str) -> Source:
    """Public recordings of real servers show it."""
    return Source(Strength.RECORDING, detail)


def standard(detail: str) -> Source:
    """An RFC or a W3C recommendation says so."""
    return Source(Strength.STANDARD, detail)


def inferred(detail: str) -> Source:
    """It follows from the documented meaning of the fields."""
    return Source(Strength.INFERRED, detail)


@dataclass(frozen=True)
class Requirement:
    """One requirement.

    ``only`` names the serialization that it is about, where that is one; ``across`` says that it is about both at once.
    """

    id: str
    level: Level
    sentence: str
    source: Source
    since: Version
    only: Serialization | None
    across: bool

    @property
    def serializations(self) -> tuple[Serialization | None, ...]:
        """What there is a verdict for: each serialization, or None for both at once."""
        return (None,) if self.across else (self.only,) if self.only else tuple(Serialization)

    @property
    def family(self) -> str:
        """The part of the id before the slash."""
        return self.id.partition("/")[0]

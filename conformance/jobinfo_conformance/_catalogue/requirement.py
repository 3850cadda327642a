"""Requirements: what a conforming endpoint does, how binding that is, where it is known from, and the check that judges it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import NoneType
from typing import Any, Generic, TypeVar

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import EARLIEST, Version
from jobinfo_conformance._subjects.kind import SubjectKind
from jobinfo_conformance._subjects.subject import Subject

S = TypeVar("S", bound=Subject)

#: The only family of requirements on clients; all others are on endpoints.
CLIENT_FAMILY = "client"


class Level(StrEnum):
    """How binding a requirement is (RFC 2119).

    A MUST that does not hold makes a target not conformant; a SHOULD is a warning, or with ``--strict`` a failure.

        >>> Level("MUST") is Level.MUST
        True
    """

    MUST = "MUST"
    SHOULD = "SHOULD"


MUST, SHOULD = Level.MUST, Level.SHOULD
XML, JSON = Serialization.XML, Serialization.JSON


class Strength(StrEnum):
    """The kinds of evidence that a requirement can rest on, strongest first."""

    DOCUMENTATION = "documentation"
    CLIENT = "the vendor's client"
    RECORDING = "recordings"
    IN_USE = "clients in use"
    STANDARD = "standard"
    INFERRED = "inferred"


@dataclass(frozen=True)
class Source:
    """The evidence for a requirement: its kind, and where to find it or what it says."""

    strength: Strength
    detail: str

    def __str__(self) -> str:
        return f"{self.strength.value}: {self.detail}"


def documented(detail: str) -> Source:
    """The documentation of the API says so."""
    return Source(Strength.DOCUMENTATION, detail)


def client(detail: str) -> Source:
    """The vendor's own client code relies on it."""
    return Source(Strength.CLIENT, detail)


def recorded(detail: str) -> Source:
    """Public recordings of real servers show it."""
    return Source(Strength.RECORDING, detail)


def in_use(detail: str) -> Source:
    """Clients that others than the vendor made show it; docs/clients.md names those that were tried."""
    return Source(Strength.IN_USE, detail)


def standard(detail: str) -> Source:
    """An RFC or a W3C recommendation says so."""
    return Source(Strength.STANDARD, detail)


def inferred(detail: str) -> Source:
    """It follows from the documented meaning of the fields."""
    return Source(Strength.INFERRED, detail)


class Bearing(StrEnum):
    """What a requirement that does not hold says about an answer, and so about whatever rests on that answer."""

    #: A serialization in which it never holds, and in which no other request is accepted either, is not spoken at all.
    ACCESS = "access"
    #: The answer can't be read as what it is meant to be, so nothing can rely on what it says. This is nearest to the wire.
    READING = "reading"
    #: What the answer says is wrong: whoever relies on it is misled.
    MEANING = "meaning"
    #: Only the way in which it is said is wrong: what the answer says can be relied on.
    FORM = "form"
    #: Nothing of its own: it says of many answers together what other requirements say of each.
    SUMMARY = "summary"


ACCESS, READING, MEANING = Bearing.ACCESS, Bearing.READING, Bearing.MEANING
FORM, SUMMARY = Bearing.FORM, Bearing.SUMMARY


@dataclass(frozen=True)
class Requirement(Generic[S]):
    """A requirement and its check.

    ``only`` names the one serialization that the requirement is about, if it is not about each; ``across`` says that it
    compares both. ``on`` is the kind of subject that can show it. ``check`` is handed such a subject: it returns if the
    requirement holds, and raises `Violation` if it does not; if a field that it needs is missing, it may let `Unreadable`
    through. ``since`` is the first version that has the requirement. ``extension`` names the extension that adds it; None
    for a built-in one.

    The rest says which of two failures is the cause, and which follows. ``bearing`` says what a failure means for others.
    ``presupposes`` are ids of requirements that this one takes for granted: if one of them is broken for the same
    serialization and place, or says that the same answer can't be read, this one follows. ``yields_to`` are ids of
    requirements that say more if both condemn the same answer.

    ``because`` says why it has its level, if its source does not say so already, and ``also`` is further evidence. Both are for
    the catalogue's pages.

        >>> from jobinfo_conformance import requirements
        >>> requirements()["equivalence/same-job"].serializations
        (None,)
    """

    id: str
    level: Level
    sentence: str
    source: Source
    since: Version
    only: Serialization | None
    across: bool
    on: SubjectKind[S]
    check: Callable[[S], None]
    extension: str | None = None
    bearing: Bearing = Bearing.MEANING
    presupposes: tuple[str, ...] = ()
    yields_to: tuple[str, ...] = ()
    because: str | None = None
    also: tuple[Source, ...] = ()

    @property
    def serializations(self) -> tuple[Serialization | None, ...]:
        """The serializations it is judged for: each, the only one, or None for both at once."""
        return (None,) if self.across else (self.only,) if self.only else tuple(Serialization)

    @property
    def family(self) -> str:
        """The part of the id before the slash."""
        return self.id.partition("/")[0]


AnyRequirement = Requirement[Any]


def requirement(  # noqa: PLR0913  # each keyword is a column of the catalogue
    id: str,  # noqa: A002  # the word that users see
    level: Level,
    *,
    on: SubjectKind[S],
    source: Source,
    since: Version = EARLIEST,
    only: Serialization | None = None,
    across: bool = False,
    bearing: Bearing = Bearing.MEANING,
    presupposes: tuple[str, ...] = (),
    yields_to: tuple[str, ...] = (),
    because: str | None = None,
    also: tuple[Source, ...] = (),
) -> Callable[[Callable[[S], None]], Requirement[S]]:
    """Turn a function into the check of a requirement, whose sentence is the function's docstring.

    ``on`` is the kind of subject that the check is handed. Raises ValueError if the docstring is missing, or an argument is of
    the wrong type.

        >>> from jobinfo_conformance.extending import accepted_close, expect
        >>> @requirement("acme/quick", Level.SHOULD, on=accepted_close, source=documented("Acme's promise"))
        ... def quick(asked):
        ...     '''A close is answered within a second.'''
        ...     expect(True, (asked.step.exchange.milliseconds or 0) < 1000, "time")
        >>> quick.id, quick.sentence
        ('acme/quick', 'A close is answered within a second.')
    """
    _refuse_odd(id, {"level": level, "on": on, "source": source, "since": since, "only": only})

    def made(check: Callable[[S], None]) -> Requirement[S]:
        sentence = " ".join((check.__doc__ or "").split())
        if not sentence:
            raise ValueError(f"{id} has no sentence: write it as the docstring of {check.__name__}")
        return Requirement(
            id,
            level,
            sentence,
            source,
            since,
            only,
            across,
            on,
            check,
            bearing=bearing,
            presupposes=presupposes,
            yields_to=yields_to,
            because=because,
            also=also,
        )

    return made


#: What the arguments of a requirement have to be, and how to write them.
_ARGUMENTS: Mapping[str, tuple[tuple[type, ...], str]] = {
    "level": ((Level,), "MUST or SHOULD"),
    "on": ((SubjectKind,), "a kind of subject, such as accepted_close"),
    "source": ((Source,), 'a source, such as documented("…")'),
    "since": ((Version,), "a version, such as Version(36)"),
    "only": ((Serialization, NoneType), "XML or JSON"),
}


def _refuse_odd(name: str, arguments: Mapping[str, object]) -> None:
    for argument, value in arguments.items():
        kinds, wanted = _ARGUMENTS[argument]
        if not isinstance(value, kinds):
            raise ValueError(f"the {argument} of the requirement {name} is {value!r}: give {wanted}")

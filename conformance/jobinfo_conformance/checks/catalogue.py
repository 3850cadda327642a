"""The catalogue: a requirement and its check are one thing, made by the decorator.

A check is handed one subject. It returns where the requirement holds, and raises `Violation` where it does not.
It may let `Unreadable` through: then the subject can't be judged by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from jobinfo_conformance.contract.reading import Finding, Serialization, quoted
from jobinfo_conformance.contract.requirements import Level, Requirement, Source
from jobinfo_conformance.contract.versions import EARLIEST, Version
from jobinfo_conformance.evidence.history import Step
from jobinfo_conformance.subjects import Shown, Subject

S = TypeVar("S", bound=Subject)

MUST, SHOULD = Level.MUST, Level.SHOULD
XML, JSON = Serialization.XML, Serialization.JSON


class Violation(Exception):
    """A requirement does not hold: what was expected, what was got, and where (an element, a key, a header).

    ``further`` are more violations of the same requirement by the same subject.
    """

    def __init__(self, expected: object, got: object, where: str, further: tuple[Violation, ...] = ()) -> None:
        super().__init__(expected, got, where)
        self.expected, self.got, self.where = quoted(str(expected), 300), quoted(str(got), 300), where
        self.further = further

    def __str__(self) -> str:
        return f"{self.where}: expected {self.expected}, got {self.got}"

    @classmethod
    def of(cls, finding: Finding, *further: Finding) -> Violation:
        """Make a violation of findings, whose texts are printable already."""
        violation = cls("", "", finding.where, tuple(cls.of(one) for one in further))
        violation.expected, violation.got = finding.expected, finding.got
        return violation


@dataclass(frozen=True)
class Check(Generic[S]):
    """A requirement, the kind of subject that can show it, and the function that judges one."""

    requirement: Requirement
    on: Shown[S]
    function: Callable[[S], None]


#: All checks by the id of their requirement, in the order of the families.
CATALOGUE: dict[str, Check[Subject]] = {}


def check(  # noqa: PLR0913  # each keyword is a column of the catalogue
    id: str,  # noqa: A002  # the word that users see
    level: Level,
    *,
    on: Shown[S],
    source: Source,
    since: Version = EARLIEST,
    only: Serialization | None = None,
    across: bool = False,
) -> Callable[[Callable[[S], None]], Callable[[S], None]]:
    """Make a function the check of a requirement; the first line of its docstring is the requirement's sentence.

    Raises ValueError where the id is taken or the sentence missing.
    """

    def register(function: Callable[[S], None]) -> Callable[[S], None]:
        if id in CATALOGUE:
            raise ValueError(f"{id} has a check already")
        sentence = " ".join((function.__doc__ or "").split())
        if not sentence:
            raise ValueError(f"{id} has no sentence")
        requirement = Requirement(id, level, sentence, source, since, only, across)
        CATALOGUE[id] = Check(requirement, on, function)  # type: ignore[arg-type]  # a check gets what it is on
        return function

    return register


def expect(got: object, expected: object, where: str) -> None:
    """Raise Violation where two values differ."""
    if got != expected:
        raise Violation(expected, got, where)


def expect_at_most(got: int, most: int, where: str) -> None:
    """Raise Violation where a number is larger than another one."""
    if got > most:
        raise Violation(f"at most {most}", got, where)


def expect_accepted(close: Step) -> None:
    """Raise Violation where a close was not accepted."""
    if not close.accepted:
        raise Violation("the close accepted, 200", close.status, "status")


def expect_refused(step: Step) -> None:
    """Raise Violation where a request was not refused as the client's fault."""
    if not step.is_client_error:
        raise Violation("a refusal, 4xx", step.status, "status")


def no_finding(findings: Iterable[Finding], requirement: str) -> None:
    """Raise Violation for the findings that break a requirement."""
    found = [one for one in findings if one.requirement == requirement]
    if found:
        raise Violation.of(*found)

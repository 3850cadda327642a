"""How a client under test is answered: as usual, in unusual ways that the contract allows, and as no client would like it.

Each way has a name, under which it can be replayed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.catalogue import Catalogue, hint
from jobinfo_conformance._clients import departures, refusals
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._evidence.client_run import Answered
from jobinfo_conformance._reference.adaptation import adapted
from jobinfo_conformance._reference.faults.fault import kebab
from jobinfo_conformance._reference.jobs import Clock
from jobinfo_conformance._reference.service import Service, utc_now


@dataclass(frozen=True)
class Answers:
    """A way to answer: its name, what it is in a sentence, and its nature.

    ``manners`` are those of the reference, ``service`` answers closes otherwise, and ``version`` is what the client is told.
    ``batch_seconds`` is how long batches take.
    """

    name: str
    sentence: str
    answered: Answered
    manners: tuple[str, ...] = ()
    service: type[Service] = Service
    version: Version | None = None
    batch_seconds: float | None = None

    def combined(self, other: Answers) -> Answers:
        """Both ways at once."""
        return Answers(
            f"{self.name} + {other.name}",
            f"{self.sentence} {other.sentence}",
            self.answered if other.service is Service else other.answered,
            (*self.manners, *other.manners),
            self.service if other.service is Service else other.service,
            version=self.version or other.version,
            batch_seconds=self.batch_seconds or other.batch_seconds,
        )


USUAL = Answers("usual", "Every request is answered as the reference answers.", Answered.USUALLY)

#: The manners of the reference in which clients are answered too. No list is needed of what they settle: they say it.
_MANNERS = (
    "charset-parameter",
    "capital-media-type",
    "answers-in-http-1",
    "no-keep-alive",
    "keep-alive-headers",
    "slow-bodies",
    "late-answers",
    "chunked",
    "odd-chunks",
    "lower-case-headers",
    "upper-case-headers",
    "headers-in-another-order",
    "gateway-headers",
    "cookies",
    "no-declaration",
    "single-quotes",
    "comments",
    "one-line",
    "indented-by-tabs",
    "windows-lines",
    "unused-prefixes",
    "schema-location",
    "utf-16",
    "byte-order-mark",
    "keys-in-the-order-of-xml",
    "keys-backwards",
    "compact-json",
    "wide-json",
    "whole-api-version",
    "no-fast-path",
    "fast-path",
    "null-fast-path",
    "optional-keys-are-absent",
    "assignment-rule",
    "retries",
    "large-record-counters",
    "long-times",
    "times-of-zero",
    "stamp-long-after-the-close",
    "random-ids",
    "no-location",
    "batches-with-a-message",
    "batches-are-never-queued",
)
_VERSIONS = (Version(36), Version(62))
#: How long a batch takes that is unfinished when it is closed, in seconds.
_UNFINISHED = 1.0


def variations(catalogue: Catalogue) -> tuple[Answers, ...]:
    """The unusual ways to answer that the contract allows, each by itself."""
    of_manners = [Answers(name, catalogue.manners[name].sentence, Answered.UNUSUALLY, (name,)) for name in _MANNERS]
    of_versions = [
        Answers(f"version-{version}", f"The client is told to speak version {version}.", Answered.UNUSUALLY, version=version)
        for version in _VERSIONS
    ]
    unfinished = Answers("unfinished-batches", "Batches take a second.", Answered.UNUSUALLY, batch_seconds=_UNFINISHED)
    return (*of_manners, *of_versions, unfinished)


def grouped(found: Iterable[Answers], catalogue: Catalogue) -> list[list[Answers]]:
    """Put ways to answer that go together into groups, as few as a first fit needs."""
    groups: list[list[Answers]] = []
    for answers in found:
        fitting = next((group for group in groups if all(_go_together(answers, other, catalogue) for other in group)), None)
        if fitting is None:
            groups.append([answers])
        else:
            fitting.append(answers)
    return groups


def together(group: Sequence[Answers]) -> Answers:
    """One way to answer that is all of a group."""
    first, *others = group
    for other in others:
        first = first.combined(other)
    return first


def _go_together(answers: Answers, other: Answers, catalogue: Catalogue) -> bool:
    if (answers.version and other.version) or Service not in (answers.service, other.service):
        return False
    return _settled(answers, catalogue).isdisjoint(_settled(other, catalogue))


def _settled(answers: Answers, catalogue: Catalogue) -> frozenset[str]:
    """The questions to which a way to answer gives the answer."""
    return frozenset[str]().union(*(catalogue.manners[name].settles for name in answers.manners))


def _named(services: Iterable[type[Service]], answered: Answered) -> tuple[Answers, ...]:
    return tuple(
        Answers(kebab(service.__name__), " ".join((service.__doc__ or "").split()), answered, service=service)
        for service in services
    )


REFUSALS = _named(refusals.ALL, Answered.BY_REFUSALS)
DEPARTURES = _named(departures.ALL, Answered.BY_DEPARTURES)


def all_answers(catalogue: Catalogue) -> tuple[Answers, ...]:
    """Every way to answer but the usual one."""
    return (*variations(catalogue), *REFUSALS, *DEPARTURES)


def named_answers(names: Sequence[str], catalogue: Catalogue) -> tuple[Answers, ...]:
    """The ways with these names, joined by `` + `` where several are to go together. Raises BadInput for an unknown name."""
    known = {answers.name: answers for answers in all_answers(catalogue)}

    def found(name: str) -> Answers:
        if name not in known:
            raise BadInput(f"there is no variation {name}: {hint(name, known, 'client --list-variations')}")
        return known[name]

    return tuple(_together([found(part.strip()) for part in name.split("+")], catalogue) for name in names)


def _together(group: Sequence[Answers], catalogue: Catalogue) -> Answers:
    for first, second in combinations(group, 2):
        if not _go_together(first, second, catalogue):
            raise BadInput(f"--variation: {first.name} and {second.name} don't go together: give each an option of its own")
    return together(group)


def service_for(
    answers: Answers, catalogue: Catalogue, *, session: str, batch_seconds: float, clock: Clock = utc_now
) -> Service:
    """A service of the reference that answers in a way."""
    answering = catalogue.in_manners(answers.manners)
    mixed = (*answering.adaptations, *(service for manner in answering.in_use for service in manner.services))
    return adapted(answers.service, mixed)(session=session, batch_seconds=answers.batch_seconds or batch_seconds, clock=clock)

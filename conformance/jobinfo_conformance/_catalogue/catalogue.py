"""The catalogue, and how extensions add to it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.requirement import AnyRequirement
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._reference.adaptation import adapted
from jobinfo_conformance._reference.faults.fault import Fault
from jobinfo_conformance._reference.manners.manner import Manner, wire_of
from jobinfo_conformance._reference.service import Service
from jobinfo_conformance._reference.wire import Wire
from jobinfo_conformance._scenarios.scenario import Scenario

if TYPE_CHECKING:
    from jobinfo_conformance._clients.conforming import ClientFault

#: What no family can be called: pytest, or a plugin of it that is widely used, gives these markers a meaning of their own,
#: and its option -m reads the last three as operators.
_MEANINGFUL_MARKERS = frozenset(
    {
        *("filterwarnings", "parametrize", "skip", "skipif", "tryfirst", "trylast", "usefixtures", "xfail"),
        *("must", "should"),
        *("anyio", "asyncio", "flaky", "order", "randomize", "repeat", "timeout", "trio", "hypothesis"),
        *("and", "not", "or"),
    }
)
_ID = re.compile(r"[a-z][a-z0-9-]*/[a-z0-9][a-z0-9-]*")

#: What is judged: the id of a requirement, and a serialization or None for both at once.
CataloguePlace = tuple[str, Serialization | None]


@dataclass(frozen=True)
class Catalogue:
    """Requirements by their ids, faults and manners by their names, in order, and scenarios in the order of playing.

    ``adaptations`` are subclasses of Service that extensions mix into every service of the reference implementation.
    ``extensions`` are the names of the extensions that added something. ``in_use`` are the manners in which the reference
    implementation answers. ``faulty_clients`` are clients with faults, by their names.

    ``requirement_set`` names the frozen set that the requirements are; None if some are in none yet. ``later`` are those that
    came after it, by their ids: they are judged, but not scored.
    """

    requirements: Mapping[str, AnyRequirement]
    scenarios: tuple[Scenario, ...]
    faults: Mapping[str, Fault]
    adaptations: tuple[type[Service], ...] = ()
    extensions: tuple[str, ...] = ()
    manners: Mapping[str, Manner] = field(default_factory=dict)
    in_use: tuple[Manner, ...] = ()
    faulty_clients: Mapping[str, ClientFault] = field(default_factory=dict)
    later: Mapping[str, AnyRequirement] = field(default_factory=dict)
    requirement_set: str | None = None

    @cached_property
    def places(self) -> tuple[CataloguePlace, ...]:
        """Each requirement with each serialization that it is judged for, in the order of the reports."""
        return _places(self.requirements)

    @cached_property
    def later_places(self) -> tuple[CataloguePlace, ...]:
        """The same of those that are judged, but not scored."""
        return _places(self.later)

    @cached_property
    def judged(self) -> Mapping[str, AnyRequirement]:
        """All requirements that are judged, scored or not, by their ids."""
        return {**self.requirements, **self.later}

    @property
    def all_faults(self) -> Mapping[str, Fault | ClientFault]:
        """The faults of the reference implementation, and the faulty clients."""
        return {**self.faults, **self.faulty_clients}

    def fault(self, name: str) -> Fault:
        """The fault with a name. Raises BadInput, which suggests similar names."""
        if name in self.faults:
            return self.faults[name]
        from jobinfo_conformance._catalogue.of_clients import with_clients

        if name in with_clients(self).faulty_clients:
            tries = f"jobinfo-conformance selftest {name}"
            raise BadInput(f"{name} is a faulty client, which {tries} tries; the reference has no such fault")
        raise BadInput(f"the reference has no fault {name}: {hint(name, self.faults, 'selftest --list')}")

    def any_fault(self, name: str) -> Fault | ClientFault:
        """The fault or the faulty client with a name. Raises BadInput, which suggests similar names."""
        return self.faulty_clients[name] if name in self.faulty_clients else self.fault(name)

    def in_manners(self, names: Sequence[str]) -> Catalogue:
        """Return this catalogue with a reference implementation that answers in these manners.

        Raises BadInput for a manner that does not exist, is named twice, or can't be combined with another.
        """
        for name in names:
            if name not in self.manners:
                raise BadInput(f"the reference has no manner {name}: {hint(name, self.manners, 'serve --list-manners')}")
            if names.count(name) > 1:
                raise BadInput(f"--manner {name} is given twice")
        in_use = tuple(self.manners[name] for name in names)
        for first, second in combinations(in_use, 2):
            for question in sorted(first.settles & second.settles):
                raise BadInput(f"--manner {first.name} and --manner {second.name} both settle {question}: give one of them")
        return replace(self, in_use=in_use)

    def service(self, fault: str | None = None, **settings: Any) -> Service:
        """Return a service of the reference implementation, in the manners in use, with or without a fault.

        ``settings`` are those of Service. Raises BadInput for an unknown fault.
        """
        steps = (*self.adaptations, *(service for manner in self.in_use for service in manner.services))
        return adapted(Service, steps)(**settings) if fault is None else self.fault(fault).service(steps, **settings)

    def wire(self, fault: str | None = None) -> Wire:
        """Return what sends the answers of the reference implementation, in the manners in use, with or without a fault.

        Raises BadInput for an unknown fault.
        """
        usual = wire_of(self.in_use)
        return usual if fault is None else self.fault(fault).wire(usual)

    def extended(self, extensions: Iterable[Extension]) -> Catalogue:
        """Return this catalogue plus what extensions add, marked as theirs. Raises BadInput if something can't be added."""
        extended = self
        for extension in extensions:
            for problem in extension.problems(extended):
                raise BadInput(f"extension {extension.name}: {problem}")
            extended = extension.added_to(extended)
        return extended


@dataclass(frozen=True)
class Extension:
    """What an extension adds to the catalogue, marked with the extension's name."""

    name: str
    requirements: tuple[AnyRequirement, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    faults: tuple[Fault, ...] = ()
    adaptations: tuple[type[Service], ...] = ()

    def __bool__(self) -> bool:
        """Whether the extension adds anything."""
        return bool(self.requirements or self.scenarios or self.faults or self.adaptations)

    @property
    def parts(self) -> set[int]:
        """The identities of what the extension adds."""
        return {id(part) for part in (*self.requirements, *self.scenarios, *self.faults, *self.adaptations)}

    def added_to(self, catalogue: Catalogue) -> Catalogue:
        """Return a catalogue plus what this extension adds."""
        own = {requirement.id: replace(requirement, extension=self.name) for requirement in self.requirements}
        return replace(
            catalogue,
            requirements={**catalogue.requirements, **own},
            scenarios=(*catalogue.scenarios, *(replace(scenario, extension=self.name) for scenario in self.scenarios)),
            faults={**catalogue.faults, **{fault.name: replace(fault, extension=self.name) for fault in self.faults}},
            adaptations=(*catalogue.adaptations, *self.adaptations),
            extensions=(*catalogue.extensions, self.name),
        )

    def problems(self, catalogue: Catalogue) -> Iterator[str]:
        """Yield a sentence for each thing that can't be added to a catalogue."""
        if self.name in catalogue.extensions:
            yield "there is already an extension of this name"
        yield from self._problems_of_requirements(catalogue)
        yield from self._problems_of_kinds(catalogue)
        taken = {scenario.name for scenario in catalogue.scenarios}
        for scenario in self.scenarios:
            if scenario.name in taken:
                yield f"there is already a scenario {scenario.name!r}"
            taken.add(scenario.name)
        ids = {*catalogue.requirements, *(requirement.id for requirement in self.requirements)}
        names = set(catalogue.faults)
        for fault in self.faults:
            if fault.name in names:
                yield f"there is already a fault {fault.name}"
            elif fault.breaks not in ids:
                yield f"the fault {fault.name} breaks {fault.breaks}, which is not a requirement"
            names.add(fault.name)

    def _problems_of_requirements(self, catalogue: Catalogue) -> Iterator[str]:
        taken = set(catalogue.requirements)
        owners = {requirement.family: requirement.extension or "the suite" for requirement in catalogue.requirements.values()}
        for requirement in self.requirements:
            name, family = requirement.id, requirement.family
            if not _ID.fullmatch(name):
                yield f"the requirement {name} needs an id like acme/name, in lower-case letters, digits and hyphens"
            elif name in taken:
                yield f"there is already a requirement {name}"
            elif family in owners:
                yield f"the requirement {name} needs a prefix of its own: {family}/ belongs to {owners[family]}"
            elif family in _MEANINGFUL_MARKERS:
                yield f"the requirement {name} needs another prefix: to pytest, {family} means something else"
            taken.add(name)

    def _problems_of_kinds(self, catalogue: Catalogue) -> Iterator[str]:
        """Yield a sentence for each name that two kinds of subject have: evidence names them by it."""
        requirements = (*catalogue.requirements.values(), *self.requirements)
        shown = (kind for scenario in (*catalogue.scenarios, *self.scenarios) for kind in scenario.kinds)
        kinds = {requirement.on for requirement in requirements} | set(shown)
        names = Counter(kind.name for kind in kinds)
        yield from (f"there are {number} kinds of subject called {name!r}" for name, number in names.items() if number > 1)


def _places(requirements: Mapping[str, AnyRequirement]) -> tuple[CataloguePlace, ...]:
    return tuple((name, form) for name, requirement in requirements.items() for form in requirement.serializations)


def hint(name: str, known: Iterable[str], listing: str) -> str:
    """Say which known names are like a name that is unknown, or which command lists them all."""
    close = " or ".join(get_close_matches(name, known))
    return f"did you mean {close}?" if close else f"jobinfo-conformance {listing} names them all"

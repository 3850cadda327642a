"""The catalogue as a value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.requirement import AnyRequirement
from jobinfo_conformance._contract.serialization import Serialization

if TYPE_CHECKING:
    from jobinfo_conformance._reference.faults.fault import Fault
    from jobinfo_conformance._reference.service import Service
    from jobinfo_conformance._scenarios.scenario import Scenario

_ID = re.compile(r"[a-z][a-z0-9-]*/[a-z0-9][a-z0-9-]*")

#: What there is a judgement on: the id of a requirement and a serialization, None for both at once.
Place = tuple[str, Serialization | None]


@dataclass(frozen=True)
class Catalogue:
    """What a run knows: requirements by their ids and faults by their names, in their order; scenarios as they are played.

    ``adaptations`` are classes of Service that extensions add to the reference implementation, to be mixed into each
    service that is made of it; ``extensions`` are the names of those.
    """

    requirements: Mapping[str, AnyRequirement]
    scenarios: tuple[Scenario, ...]
    faults: Mapping[str, Fault]
    adaptations: tuple[type[Service], ...] = ()
    extensions: tuple[str, ...] = ()

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Each requirement in each serialization that it is judged for, in the order of the reports."""
        return tuple((name, form) for name, one in self.requirements.items() for form in one.serializations)

    def fault(self, name: str) -> Fault:
        """The fault of a name. Raises BadInput with names that are close to it."""
        if name not in self.faults:
            close = " or ".join(get_close_matches(name, self.faults))
            hint = f"did you mean {close}?" if close else "jobinfo-conformance selftest --list names all"
            raise BadInput(f"the reference has no fault {name}: {hint}")
        return self.faults[name]

    def extended(self, extensions: Iterable[Extension]) -> Catalogue:
        """Return this catalogue with what extensions add, marked as theirs. Raises BadInput where they can't be added."""
        extended = self
        for extension in extensions:
            for problem in extension.problems(extended):
                raise BadInput(f"extension {extension.name}: {problem}")
            extended = extension.added_to(extended)
        return extended


@dataclass(frozen=True)
class Extension:
    """What a package adds to the catalogue, under the name that marks it."""

    name: str
    requirements: tuple[AnyRequirement, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    faults: tuple[Fault, ...] = ()
    adaptations: tuple[type[Service], ...] = ()

    def __bool__(self) -> bool:
        """Whether it adds anything."""
        return bool(self.requirements or self.scenarios or self.faults or self.adaptations)

    def added_to(self, catalogue: Catalogue) -> Catalogue:
        """Return a catalogue with what this adds."""
        own = {one.id: replace(one, extension=self.name) for one in self.requirements}
        return Catalogue(
            {**catalogue.requirements, **own},
            (*catalogue.scenarios, *self.scenarios),
            {**catalogue.faults, **{fault.name: replace(fault, extension=self.name) for fault in self.faults}},
            (*catalogue.adaptations, *self.adaptations),
            (*catalogue.extensions, self.name),
        )

    def problems(self, catalogue: Catalogue) -> Iterator[str]:
        """A sentence for each thing that can't be added to a catalogue."""
        taken = set(catalogue.requirements)
        families = {one.family: one.extension or "the suite" for one in catalogue.requirements.values()}
        for one in self.requirements:
            if not _ID.fullmatch(one.id):
                yield f"the requirement {one.id} needs an id like acme/name, in small letters, digits and hyphens"
            elif one.id in taken:
                yield f"there is a requirement {one.id} already"
            elif one.family in families:
                yield f"the requirement {one.id} needs a prefix of its own: {one.family}/ is of {families[one.family]}"
            taken.add(one.id)
        names = set(catalogue.faults)
        for fault in self.faults:
            if fault.name in names:
                yield f"there is a fault {fault.name} already"
            elif fault.breaks not in taken:
                yield f"the fault {fault.name} breaks {fault.breaks}, which is no requirement"
            names.add(fault.name)

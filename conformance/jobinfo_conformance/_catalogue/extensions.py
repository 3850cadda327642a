"""How extensions are found: by the entry points of installed packages, and in modules."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import entry_points
from types import ModuleType

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.built_in import BUILT_IN, members
from jobinfo_conformance._catalogue.catalogue import Catalogue, Extension
from jobinfo_conformance._catalogue.requirement import Requirement
from jobinfo_conformance._reference.adaptation import Adaptation
from jobinfo_conformance._reference.faults.fault import Fault
from jobinfo_conformance._scenarios.scenario import Scenario

#: The group of entry points in which an installed package names its extension and module: ``acme = "acme_conformance"``.
GROUP = "jobinfo_conformance.extensions"


def installed(modules: Iterable[str | ModuleType] = ()) -> Catalogue:
    """The built-in catalogue, plus what installed packages and these modules add.

    A module adds the requirements, scenarios, faults and adaptations that it defines. Raises BadInput if one can't be
    imported or added.
    """
    packaged = [(point.name, _imported(point.value, f"extension {point.name}")) for point in entry_points(group=GROUP)]
    named = [(_name(module), _imported(module, "--extension")) for module in modules]
    unique = {id(module): (name, module) for name, module in (*packaged, *named)}
    return BUILT_IN.extended(extension for name, module in unique.values() if (extension := of_module(name, module)))


def of_module(name: str, module: ModuleType) -> Extension:
    """The extension that consists of what a module holds, under a name."""
    return Extension(
        name,
        tuple(members(module, Requirement)),
        tuple(members(module, Scenario)),
        tuple(members(module, Fault)),
        tuple(adaptation.service for adaptation in members(module, Adaptation)),
    )


def _name(module: str | ModuleType) -> str:
    return (module if isinstance(module, str) else module.__name__).rpartition(".")[2]


def _imported(module: str | ModuleType, named_by: str) -> ModuleType:
    if isinstance(module, ModuleType):
        return module
    try:
        return import_module(module)
    except ImportError as error:
        raise BadInput(f"{named_by}: the module {module} can't be imported: {error}") from error

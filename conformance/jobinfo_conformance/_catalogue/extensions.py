"""How extensions are found: by the entry points of installed packages, and in modules."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable
from functools import cache
from importlib.metadata import EntryPoints, entry_points
from types import ModuleType
from typing import TypeVar

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.built_in import BUILT_IN, members
from jobinfo_conformance._catalogue.catalogue import Catalogue, Extension
from jobinfo_conformance._catalogue.requirement import Requirement
from jobinfo_conformance._importing import imported
from jobinfo_conformance._reference.adaptation import Adaptation
from jobinfo_conformance._reference.faults.fault import Fault
from jobinfo_conformance._scenarios.scenario import Scenario

T = TypeVar("T")

#: The group of entry points in which an installed package names its extension and module: ``acme = "acme_conformance"``.
GROUP = "jobinfo_conformance.extensions"


def installed(modules: Iterable[str | ModuleType] = ()) -> Catalogue:
    """The built-in catalogue, plus what installed packages and these modules add.

    A module adds the requirements, scenarios, faults and adaptations that it holds; what several hold is added once, by the
    first. Raises BadInput if one can't be imported or added.
    """
    packaged = ((point.name, _imported(point.module, f"extension {point.name}")) for point in _points(tuple(sys.path)))
    named = (_given(module) for module in modules)
    added: set[int] = set()
    extensions: list[Extension] = []
    for name, module in (*packaged, *named):
        extension = of_module(name, module, without=added)
        added |= extension.parts
        if extension:
            extensions.append(extension)
    return BUILT_IN.extended(extensions)


def _given(module: str | ModuleType) -> tuple[str, ModuleType]:
    """The name of an extension that a user gives, and its module."""
    name, imported = _name(module), _imported(module, "--extension")
    if not of_module(name, imported):
        raise BadInput(f"--extension {name} adds nothing: it has no requirement, scenario, fault or adaptation")
    return name, imported


def of_module(name: str, module: ModuleType, without: Collection[int] = ()) -> Extension:
    """The extension that consists of what a module holds, under a name, ``without`` what has one of these identities."""

    def held(kind: type[T]) -> tuple[T, ...]:
        return tuple({id(member): member for member in members(module, kind) if id(member) not in without}.values())

    services = tuple(adaptation.service for adaptation in held(Adaptation) if id(adaptation.service) not in without)
    return Extension(name, held(Requirement), held(Scenario), held(Fault), services)


@cache
def _points(_path: tuple[str, ...]) -> EntryPoints:
    """The entry points of extensions. To look for them is to read a file of every package that is installed."""
    return entry_points(group=GROUP)


def _name(module: str | ModuleType) -> str:
    """The name of a module; a conftest.py, which may be one of many, is named by its path."""
    if isinstance(module, str):
        return module
    is_conftest = module.__name__.rpartition(".")[2] == "conftest" and module.__file__
    return os.path.relpath(module.__file__ or "") if is_conftest else module.__name__


def _imported(module: str | ModuleType, named_by: str) -> ModuleType:
    if isinstance(module, ModuleType):
        return module
    try:
        return imported(module)
    except BadInput as error:
        raise BadInput(f"{named_by}: {error}") from error

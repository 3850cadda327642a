"""The options of a run, read and checked."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TypedDict, Unpack

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._catalogue.extensions import installed
from jobinfo_conformance._catalogue.frozen_sets import FrozenSet, as_frozen, asked_set
from jobinfo_conformance._catalogue.requirement import CLIENT_FAMILY
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import DEFAULT, Version
from jobinfo_conformance._gate.known_failures import KnownFailure, read_known_failures
from jobinfo_conformance._option_values import check_values, version_named
from jobinfo_conformance._options import OPTIONS
from jobinfo_conformance._results.results import Results
from jobinfo_conformance._targets.own_headers import (
    DOCUMENTED_HEADER,
    OwnHeader,
    SessionHeader,
    own_headers,
    session_header,
)
from jobinfo_conformance._targets.target import Asking

AnyPath = str | os.PathLike[str]


class Options(TypedDict, total=False):
    """The options of a run by name, with ``_`` for ``-``; `OPTIONS` has the meaning and the default of each."""

    api_version: str | Version | None
    serialization: str
    strict: bool
    only: Sequence[str]
    requirements: str | None
    known_failures: AnyPath | None
    baseline: AnyPath | None
    extension: Sequence[str | ModuleType]
    manner: Sequence[str]
    start: str | None
    header: Sequence[str]
    session_as: str
    object: str
    content_type: str | None
    no_queries: bool
    writes: bool
    max_requests: int | None
    timeout: float
    wait: float
    time_limit: float | None
    workers: int


@dataclass(frozen=True)
class Settings:
    """The options of a run, parsed: files are read, and names are looked up.

    ``frozen`` is the set of requirements that was asked for; the catalogue is judged by it already.
    """

    catalogue: Catalogue
    asking: Asking = field(default_factory=Asking)
    serializations: tuple[Serialization, ...] = tuple(Serialization)
    strict: bool = False
    only: frozenset[str] | None = None
    frozen: FrozenSet | None = None
    known: tuple[KnownFailure, ...] = ()
    baseline: Results | None = None
    baseline_name: str | None = None
    headers: tuple[OwnHeader, ...] = ()
    session_as: SessionHeader = DOCUMENTED_HEADER
    start: str | None = None

    @classmethod
    def of(cls, **options: Unpack[Options]) -> Settings:
        """Read the options of a run; the defaults are those of the command line. Raises BadInput."""
        unknown = set(options) - set(Options.__annotations__)
        if unknown:
            raise TypeError(f"a run has no option {', '.join(sorted(unknown))}")
        given = _with_defaults(options)
        return cls._in(installed(given["extension"]).in_manners(given["manner"]), given)

    @classmethod
    def for_client(cls, **options: Unpack[Options]) -> Settings:
        """Read the options of a run of a client, of which many are of no use. Raises BadInput."""
        from jobinfo_conformance._catalogue.of_clients import OF_CLIENTS

        return cls._in(OF_CLIENTS, _with_defaults(options))

    @classmethod
    def _in(cls, catalogue: Catalogue, given: Options) -> Settings:
        """Read options for a catalogue."""
        frozen = asked_set(given["requirements"])
        catalogue = as_frozen(catalogue, frozen)
        session_as = session_header(given["session_as"])
        known, baseline = given["known_failures"], given["baseline"]
        only = _selected(given["only"], catalogue) if given["only"] else None
        return cls(
            catalogue,
            Asking(
                version=DEFAULT if given["api_version"] is None else version_named(given["api_version"]),
                job_object=given["object"],
                content_type=given["content_type"],
                timeout=given["timeout"],
                wait=given["wait"],
                max_requests=given["max_requests"],
                queries=not given["no_queries"],
                writes=bool(given["writes"]),
                workers=given["workers"],
                time_limit=given["time_limit"],
                kinds=None if only is None else frozenset(catalogue.judged[name].on for name in only),
            ),
            serializations=_serializations(given["serialization"]),
            strict=bool(given["strict"]),
            only=only,
            frozen=frozen,
            known=read_known_failures(Path(known)) if known else (),
            baseline=Results.read(Path(baseline)) if baseline else None,
            baseline_name=str(baseline) if baseline else None,
            headers=own_headers(given["header"], session_as, os.environ),
            session_as=session_as,
            start=given["start"],
        )


def _with_defaults(options: Options) -> Options:
    """Options with the defaults of the command line for those that are not given. Raises BadInput for what can't be one."""
    check_values(options)
    defaults = {name.replace("-", "_"): keywords.get("default") for name, keywords in OPTIONS.items()}
    return {**defaults, **options}  # type: ignore[typeddict-item]  # the names are those of the options


def _serializations(name: str) -> tuple[Serialization, ...]:
    if name not in ("both", *Serialization):
        raise BadInput(f"{name!r} is not a serialization: write xml, json or both")
    return tuple(Serialization) if name == "both" else (Serialization(name),)


def _why_not_judged(name: str, catalogue: Catalogue) -> str:
    """What is wrong with the name of a requirement or a family that nothing in a catalogue has."""
    if {requirement.family for requirement in catalogue.judged.values()} == {CLIENT_FAMILY}:
        return f"neither a requirement on clients nor their family, {CLIENT_FAMILY}; of a client nothing else is judged"
    if name.partition("/")[0] == CLIENT_FAMILY:
        return "neither a requirement on endpoints nor a family of them; jobinfo-conformance client judges clients"
    return "neither a requirement nor a family"


def _selected(names: Sequence[str], catalogue: Catalogue) -> frozenset[str]:
    """Return the ids of the requirements that are named by id or by family."""
    found: set[str] = set()
    for name in names:
        ids = {requirement.id for requirement in catalogue.judged.values() if name in (requirement.id, requirement.family)}
        if not ids:
            raise BadInput(f"--only {name}: {_why_not_judged(name, catalogue)}; jobinfo-conformance requirements lists both")
        found |= ids
    if found <= catalogue.later.keys():
        asked = f"--only {' --only '.join(names)} --requirements {catalogue.requirement_set}"
        raise BadInput(f"{asked}: all of these came later and would not be scored; leave out one of the options")
    return frozenset(found)

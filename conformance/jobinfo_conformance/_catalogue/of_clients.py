"""The catalogue for clients under test: what is judged of them. The reference that they connect to has the usual manners."""

from __future__ import annotations

from dataclasses import replace

from jobinfo_conformance._catalogue.built_in import BUILT_IN, members
from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._catalogue.requirement import Requirement
from jobinfo_conformance._checks import client

OF_CLIENTS = Catalogue(
    requirements={requirement.id: requirement for requirement in members(client, Requirement)},
    scenarios=(),
    faults={},
    manners=BUILT_IN.manners,
)


def with_clients(catalogue: Catalogue) -> Catalogue:
    """Return a catalogue plus what is judged of clients, and faulty clients to try it on."""
    from jobinfo_conformance._clients import faulty
    from jobinfo_conformance._clients.conforming import ClientFault

    return replace(
        catalogue,
        requirements={**catalogue.requirements, **OF_CLIENTS.requirements},
        faulty_clients={fault.name: fault for family in faulty.FAMILIES for fault in members(family, ClientFault)},
    )

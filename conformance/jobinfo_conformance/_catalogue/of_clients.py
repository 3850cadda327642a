"""The catalogue for clients under test: what is judged of them. The reference that they connect to has the usual manners."""

from __future__ import annotations

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

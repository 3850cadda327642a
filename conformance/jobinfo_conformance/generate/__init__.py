"""Hypothesis strategies: conformant jobs, requests and exchanges, and each of them with one departure.

For a user's own tests as well: whatever ``jobs``, ``close_requests`` and ``exchanges`` draw, a conforming client
understands and a conforming server accepts.
"""

from jobinfo_conformance._contract.schemas import Body
from jobinfo_conformance.generate.bodies import json_bodies, xml_bodies
from jobinfo_conformance.generate.close_requests import close_requests
from jobinfo_conformance.generate.damage import Damage, damages
from jobinfo_conformance.generate.exchanges import closes, exchanges
from jobinfo_conformance.generate.jobs import jobs, salesforce_ids
from jobinfo_conformance.generate.mutants import Mutant, mutants
from jobinfo_conformance.generate.near_miss_requests import near_misses

__all__ = [
    "Body",
    "Damage",
    "Mutant",
    "close_requests",
    "closes",
    "damages",
    "exchanges",
    "jobs",
    "json_bodies",
    "mutants",
    "near_misses",
    "salesforce_ids",
    "xml_bodies",
]

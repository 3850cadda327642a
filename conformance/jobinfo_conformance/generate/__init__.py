"""Hypothesis strategies for conformant jobs, requests and exchanges, and for each of these with one departure.

They are for your own tests too: a conforming client understands every job and exchange that they draw, and a conforming
server accepts every close request, except that it may refuse the forms that are a SHOULD.
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

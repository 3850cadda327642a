"""Hypothesis strategies: conformant jobs, requests and exchanges, and each of them with one departure.

For a user's own tests as well: whatever ``jobs``, ``close_requests`` and ``closes`` draw, a conforming client
understands and a conforming server accepts.
"""

from jobinfo_conformance.generate.bodies import json_bodies, xml_bodies
from jobinfo_conformance.generate.damage import Damage, damages
from jobinfo_conformance.generate.exchanges import closes
from jobinfo_conformance.generate.jobs import jobs, salesforce_ids
from jobinfo_conformance.generate.near_misses import near_misses
from jobinfo_conformance.generate.requests import close_requests

__all__ = [
    "Damage",
    "close_requests",
    "closes",
    "damages",
    "jobs",
    "json_bodies",
    "near_misses",
    "salesforce_ids",
    "xml_bodies",
]

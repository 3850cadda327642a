"""Claims: what answers say. A finding contradicts some of them, and rests on others."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple

from jobinfo_conformance._contract.jobinfo import JobInfo

#: What a claim is about, besides the fields of a jobInfo: whether and how a request was accepted, and a body as a whole.
STATUS, BODY = "status", "body"
_OF_ERRORS = frozenset({"exceptionCode", "exceptionMessage"})
_HEADER = " header"


class Claim(NamedTuple):
    """What something says ``about`` a field, the status, a header or its body as a whole.

    ``by`` is what says it: an answer, for which its step's identity stands, or XML and JSON together.
    """

    by: Hashable
    about: str


def places(where: str) -> frozenset[str]:
    """What a finding is about, from the place that it names; a place that is no field, status or header is in the body.

    >>> sorted(places("status and state")), sorted(places("line 3"))
    (['state', 'status'], ['body'])
    """
    if where.endswith(_HEADER):
        return frozenset({where})
    named = set(re.findall(r"\w+", where))
    return frozenset(named & (JobInfo.FIELDS.keys() | _OF_ERRORS | {STATUS})) or frozenset({BODY})


def fields_among(about: Iterable[str]) -> frozenset[str]:
    """The fields of a jobInfo among places."""
    return frozenset(about) & JobInfo.FIELDS.keys()


def topics(about: Iterable[str]) -> frozenset[str]:
    """What places are about, with all counters as one topic: what changes one of them may change others.

    >>> sorted(topics({"state", "numberBatchesTotal", "numberRetries"}))
    ['counters', 'state']
    """
    return frozenset("counters" if name.startswith("number") else name for name in about)


def fields_on(about: Iterable[str]) -> frozenset[str]:
    """The fields of a jobInfo on the topics of places.

    >>> sorted(fields_on({"state"})), len(fields_on({"numberRetries"}))
    (['state'], 8)
    """
    return frozenset(name for name in JobInfo.FIELDS if not topics([name]).isdisjoint(topics(about)))


def is_in_body(about: str) -> bool:
    """Whether a place is in a body."""
    return about != STATUS and not about.endswith(_HEADER)


class Contradictions:
    """Which requirements contradict which claims. A finding about a whole body contradicts all that the body says."""

    def __init__(self, claims: Mapping[str, Iterable[Claim]]) -> None:
        self._exact: dict[Claim, set[str]] = {}
        self._in_body: dict[Hashable, set[str]] = {}
        for name, contradicted in claims.items():
            for claim in contradicted:
                self._exact.setdefault(claim, set()).add(name)
                if is_in_body(claim.about):
                    self._in_body.setdefault(claim.by, set()).add(name)

    def of(self, claim: Claim) -> set[str]:
        """The requirements that contradict a claim."""
        if claim.about == BODY:
            return self._in_body.get(claim.by, set())
        found = self._exact.get(claim, set())
        return found | self._exact.get(Claim(claim.by, BODY), set()) if is_in_body(claim.about) else found

"""Close requests with exactly one fault."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping
from functools import cache

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from jobinfo_conformance._contract.field_types import WHOLE
from jobinfo_conformance._contract.jobinfo import NAMESPACE, JobInfo
from jobinfo_conformance._contract.schemas import names_of
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.writer import write_request
from jobinfo_conformance._exchange import Headers, Request
from jobinfo_conformance._job_requests.near_misses import NEAR_MISSES
from jobinfo_conformance.generate.jobs import api_names, salesforce_ids

_ENDPOINT = "https://example.test/services/async/36.0/job"


def _not_among(names: Collection[str]) -> SearchStrategy[str]:
    """Names that are none of these, whatever the letter case."""
    known = {name.casefold() for name in names}
    return api_names().filter(lambda name: name.casefold() not in known)


@cache
def _values() -> Mapping[str, SearchStrategy[str] | SearchStrategy[int]]:
    """The choices that faults leave. Ids are picked from malformed ones: a random one might be somebody's job."""
    numbers = [name for name, field in JobInfo.FIELDS.items() if field.type is WHOLE]
    return {
        "unknown-state": _not_among(names_of("state")),
        "wrong-namespace": st.sampled_from([NAMESPACE.upper(), f"{NAMESPACE}/", NAMESPACE[:-1], "urn:dataload"]),
        "wrong-root": _not_among(["jobInfo"]),
        "malformed-id": st.sampled_from(["7", "750000000000ZZ", "750000000000ZZZA", "750000000000ZZZAAAA", "750-00000000ZZZ"]),
        "wrong-type": st.integers(min_value=1),
        "unknown-field": _not_among(JobInfo.FIELDS),
        "server-set-field": st.sampled_from(numbers),
    }


@st.composite
def near_misses(
    draw: st.DrawFn,
    serialization: Serialization,
    *,
    job_id: str | None = None,
    resource: str = _ENDPOINT,
    names: Container[str] = frozenset(NEAR_MISSES),
) -> Request:
    """Requests without a session, with one fault and no other: they must not, or should not, close a job.

    ``resource`` is the URL of the job resource. ``job_id`` is the job's id of 18 characters; by default it is drawn too.
    ``names`` are the faults that may be drawn, as in the requirements ``refuses/…``; by default all.
    """
    possible = [miss for miss in NEAR_MISSES.values() if serialization in miss.serializations and miss.name in names]
    miss = draw(st.sampled_from(possible))
    media_type = draw(st.sampled_from([serialization.media_type, f"{serialization.media_type}; charset=UTF-8"]))
    body = write_request({"state": "Closed"}, serialization)
    url = f"{resource}/{job_id or draw(salesforce_ids())}"
    documented = Request("POST", url, Headers.of([("Content-Type", media_type)]), body)
    values = _values().get(miss.name)
    return miss.apply(documented) if values is None else miss.apply(documented, draw(values))

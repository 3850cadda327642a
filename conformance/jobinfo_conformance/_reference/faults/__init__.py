"""Faults: named departures of the reference implementation, each of one requirement, as implementers make them."""

from jobinfo_conformance._reference.faults import (
    accepts,
    counters,
    equivalence,
    errors,
    http,
    identity,
    lifecycle,
    refuses,
    schema,
    state,
    times,
)

#: In the order of the catalogue.
FAMILIES = (http, schema, state, lifecycle, counters, times, identity, equivalence, accepts, refuses, errors)

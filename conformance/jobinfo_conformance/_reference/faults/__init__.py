"""Faults: named departures of the reference implementation from one requirement each, such as implementers make."""

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

#: The families of faults, in the order of the catalogue.
FAMILIES = (http, schema, state, lifecycle, counters, times, identity, equivalence, accepts, refuses, errors)

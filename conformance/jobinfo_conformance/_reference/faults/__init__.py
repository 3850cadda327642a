"""Faults: named departures of the reference implementation from one requirement each, such as implementers make."""

from jobinfo_conformance._reference.faults import (
    accepts,
    counters,
    equivalence,
    errors,
    hostile_bodies,
    hostile_framing,
    hostile_heads,
    http,
    identity,
    lifecycle,
    refuses,
    schema,
    state,
    times,
)

#: The families of faults, in the order of the catalogue; then what a server can do that sends any bytes.
FAMILIES = (
    *(http, schema, state, lifecycle, counters, times, identity, equivalence, accepts, refuses, errors),
    *(hostile_heads, hostile_framing, hostile_bodies),
)

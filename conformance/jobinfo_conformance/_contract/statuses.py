"""Statuses with which something other than the endpoint itself may answer."""

#: A limit's or a gateway's statuses, which may pass: too many requests, and a server that can't be reached or is late.
PASSING_STATUSES = frozenset({429, 502, 503, 504})

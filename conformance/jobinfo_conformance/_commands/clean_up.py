"""``clean-up``: end the jobs that killed runs left open."""

from __future__ import annotations

import os
from argparse import Namespace

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._endpoint_url import as_one
from jobinfo_conformance._escaping import in_line
from jobinfo_conformance._job_requests.resource import Resource
from jobinfo_conformance._process.exit_status import UNUSABLE
from jobinfo_conformance._targets.credentials import Credentials
from jobinfo_conformance._targets.journal import Leftover, is_at, journals, leftovers
from jobinfo_conformance._targets.live import Live
from jobinfo_conformance._targets.own_headers import own_headers, session_header
from jobinfo_conformance._targets.surroundings import check_surroundings
from jobinfo_conformance._targets.target import Asking


def clean_up(options: Namespace) -> int:
    """End what was left open, and say so."""
    found = list(leftovers(journals()))
    origin = _origin(found, options.url)
    if origin is None:
        print("nothing was left open")
        return 0
    here = [left for left in found if is_at(left.resource, origin)]
    became = _live(here, origin, options).end_earlier()
    for job in became.ended:
        print(in_line(f"ended: job {job} of {origin}"))
    for job in became.gone:
        print(in_line(f"no longer there: job {job} of {origin}"))
    if any(left.creates > 0 for left in here):
        print("perhaps left open: a run was killed while it created a job, whose id nobody knows")
    if not any(became) and all(left.creates <= 0 for left in here):
        print("nothing was left open")
    for job in became.still_open:
        print(in_line(f"left open: job {job} of {origin} could not be aborted; close or abort it by hand"))
    return UNUSABLE if became.still_open else 0


def _origin(found: list[Leftover], url: str | None) -> str | None:
    """The endpoint to clean up; None if nothing was left open anywhere. Raises BadInput if the user has to choose.

    No endpoint but that one is sent the session.
    """
    resources = filter(None, (Resource.of(left.resource) for left in found))
    origins = {resource.endpoint: resource.origin for resource in resources}
    choices = in_line(" or ".join(sorted(origins.values())))
    if url is not None and origins:
        named = Resource.of(url)
        known = origins.get(named.endpoint if named else as_one(url))
        if known is None:
            raise BadInput(f"nothing was left open on {in_line(url)}, but on {choices}: name that one to clean it up")
        return known
    if len(origins) > 1:
        raise BadInput(f"jobs were left open on several endpoints: name the one to clean up, {choices}")
    return next(iter(origins.values()), None)


def _live(here: list[Leftover], origin: str, options: Namespace) -> Live:
    named = Resource.of(here[0].resource)
    assert named is not None  # it is at the origin
    session_as = session_header(options.session_as)
    headers = own_headers(options.header, session_as, os.environ)
    credentials = Credentials.of(os.environ, session_as=session_as, headers=headers)
    check_surroundings(origin)
    return Live(origin, credentials, Asking(version=named.version, timeout=options.timeout), journals=journals())

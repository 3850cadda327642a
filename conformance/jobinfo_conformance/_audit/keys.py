"""Which job an entry is about: the first of the two functions that an audit is made of, on one machine or on many."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from typing import Any

from msgspec import Raw, Struct

from jobinfo_conformance._audit.lines import LONGEST_ENTRY, OVERLONG
from jobinfo_conformance._audit.sessions import sessions_of
from jobinfo_conformance._contract.ids import short_form
from jobinfo_conformance._escaping import encodable
from jobinfo_conformance._evidence.glance import glance
from jobinfo_conformance._evidence.har_reader import Unusable, entry_of, exchange_of, instant
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._files.json_text import NotUtf8, decoded
from jobinfo_conformance._job_requests.resource import Resource


class _RequestHead(Struct):
    """What tells the job of a request."""

    url: Any = None
    headers: Raw = Raw(b"[]")


class _Head(Struct, rename="camel"):
    """The parts of an entry that tell which job it is about, and when it was."""

    request: _RequestHead | None = None
    started_date_time: Any = None


class _WholeRequestHead(_RequestHead):
    """The same, with the headers decoded."""

    headers: Any = ()


class _WholeHead(_Head):
    """The same for an entry that only the json module reads, which leaves nothing undecoded."""

    request: _WholeRequestHead | None = None


class Key(Struct, frozen=True):
    """The job that an entry is about, as a text that is alike for all entries of the job.

    ``origin`` is everything before the path of the API, in the spelling of `as_one`, and ``started`` when the request was sent;
    None if that is unknown. ``sessions`` are those that the request names.
    """

    job: str
    origin: str
    started: datetime | None
    sessions: frozenset[str]


def key_of(raw: bytes) -> Key | None:
    """Return the key of a HAR entry in JSON; None if it is other traffic. Raises Unusable if it is none.

    Jobs are told apart by the first 15 characters of their ids: two whose ids differ only after these have one key, since it
    takes all their entries to tell which of them a request is about.

        >>> url = "https://x.test/services/async/36.0/job/750D0000000002lIAA"
        >>> key_of(f'{{"request": {{"method": "GET", "url": "{url}"}}}}'.encode()).job
        'https://x.test 750D0000000002l'
    """
    if raw is OVERLONG:
        raise Unusable(f"it has more than {LONGEST_ENTRY >> 20} MiB")
    try:
        if not raw.isascii():
            raw.decode()  # the decoder skips what it does not need
        head = decoded(raw, _Head, _WholeHead)
    except (NotUtf8, UnicodeDecodeError) as error:
        raise Unusable("it is not in UTF-8") from error
    except ValueError:  # the closer look says what is wrong
        entry_of(raw)
        raise Unusable("not a HAR entry") from None
    request = head.request
    if request is None or not isinstance(request.url, str):
        raise Unusable("it has no request with a method and a URL")
    url = encodable(request.url)
    resource = Resource.of(url)
    if resource is None:
        return None
    started, sessions = instant(head.started_date_time), sessions_of(url, request.headers)
    if resource.job_id is not None:
        return Key(f"{resource.endpoint} {short_form(resource.job_id)}", resource.endpoint, started, sessions)
    entry = entry_of(raw)
    seen = glance(entry)
    step = Step.of(exchange_of(entry, None)) if seen is None else None
    if seen is None and step is None:
        return None
    job_id = step.job_id if step is not None else seen and seen.job_id
    # A create that names no job is a history of its own.
    job = short_form(job_id) if job_id else blake2b(raw, digest_size=8).hexdigest()
    return Key(f"{resource.endpoint} {job}", resource.endpoint, started, sessions)

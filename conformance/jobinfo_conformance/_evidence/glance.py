"""What a HAR entry shows at a glance: a request to a job or its batches that was not refused, as clients and servers write it.

To read an entry as evidence takes ten times as long. At what is unusual, refused, or spoiled by a recorder, a glance shows
nothing. It shows all that requirements look at. Whoever has a requirement look at something new adds it here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from msgspec import UNSET

from jobinfo_conformance._contract.charset import charset_of
from jobinfo_conformance._contract.flawless import read_flawless
from jobinfo_conformance._contract.ids import JOB_PREFIX, long_form, short_form
from jobinfo_conformance._contract.jobinfo import NAMESPACE, JobInfo
from jobinfo_conformance._contract.session import NO_SESSION, SESSION_HEADER, WRONG_SESSION
from jobinfo_conformance._evidence.har import CODING, Content, Entry, HarRequest, Header, PostData
from jobinfo_conformance._evidence.har_reader import headers_of, instant, milliseconds_of
from jobinfo_conformance._evidence.secrets import MARK, keys_named, sessions_named
from jobinfo_conformance._exchange import ended
from jobinfo_conformance._job_requests.near_misses import UNKNOWN_ID

T = TypeVar("T")

#: The longest text of an answer that is glanced at, in characters. A jobInfo has about one thousand.
_LONGEST = 4096
_URL = re.compile(
    r"https?://[a-z0-9.:-]+/services/async/(?P<version>[0-9]+\.0)/job"
    r"(?:/(?P<job>[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?)(?:(?P<batches>/batch)(?:/(?P<batch>[A-Za-z0-9]{15,18}))?)?)?"
)
#: The methods that each resource has, by the last part of its URL.
_METHODS = {
    "version": frozenset({"POST"}),
    "job": frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"}),
    "batches": frozenset({"GET", "POST"}),
    "batch": frozenset({"GET"}),
}
#: The headers of a request whose values requirements look at, and those of which it matters whether they are there.
_VALUES = ("Content-Type", "Accept", "Transfer-Encoding", "Content-Encoding", "Sforce-Enable-PKChunking")
_CARRIERS = ("Authorization", "Cookie")
#: How the answer to a request about batches begins if it needs no closer look.
_BEGINNINGS = ('<?xml version="1.0" encoding="UTF-8"?>', "<batchInfo", "{")
#: The values of a job in which something else could be.
_TEXTS = ("id", "object", "createdById", "externalIdFieldName", "assignmentRuleId")
_NOTHING, _LEFT_OUT = PostData(), Content()
#: Stands for the id of the job; and parts texts.
_ID, _PART = "\ue000", '"'


class _Unusual(Exception):
    """Raised for what takes a closer look."""


class Glance(NamedTuple):
    """An exchange at a glance.

    ``job_id`` is the id of the job, as an answer has it or else as the URL has it, and ``creates`` says that the request made
    the job. ``asked`` is all that requirements look at in the request, and ``answered`` in the answer, but for ``job``. Where
    these name the job, a sign stands for its id. ``texts`` are those in which a secret could be. ``sessions`` and ``keys`` are
    the secrets that the request names. ``started`` and ``ended`` are None if the recording does not tell.
    """

    job_id: str
    creates: bool
    asked: Hashable
    answered: Hashable
    job: JobInfo | None
    texts: str
    sessions: frozenset[str]
    keys: frozenset[str]
    started: datetime | None
    ended: datetime | None


class _Sent(NamedTuple):
    """The headers of a request: what requirements look at, and the secrets in them."""

    shown: Hashable
    sessions: frozenset[str]
    keys: frozenset[str]


class _Answered(NamedTuple):
    """The headers of an answer but for Location, and all of their values as one text."""

    content_type: str | None
    are_kept: bool
    texts: str


def glance(entry: Entry) -> Glance | None:
    """Glance at an entry; None if it takes a closer look."""
    try:
        return _glance(entry)
    except _Unusual:
        return None


def _glance(entry: Entry) -> Glance:
    request, response = entry.request, entry.response
    if request is None or response is None or not _is_accepted(response.status):
        raise _Unusual
    url, post, content = _place(request), request.post_data or _NOTHING, response.content or _LEFT_OUT
    if not (_is_plain(post) and _is_plain(content)):
        raise _Unusual
    location, others = _apart(response.headers or ())
    sent, answered = _headers(_sent, request.headers, post), _headers(_answered, others, content)
    text, of_batches = _text(content), url["batches"] is not None
    job = None if of_batches else read_flawless(text.encode(), answered.content_type)
    if job is None and not (of_batches and _is_plain_batch(text, content.size, answered.content_type)):
        raise _Unusual
    job_id = _usual_id(url["job"], url["job"] if job is None else job["id"])
    texts = [text] if job is None else [post.text or "", *filter(None, job.several(_TEXTS))]
    started = instant(entry.started_date_time)
    return Glance(
        job_id=job_id,
        creates=url["job"] is None,
        asked=(
            request.method,
            url["version"],
            url["job"] and len(url["job"]),
            of_batches and url["batch"] is not None,
            sent.shown,
            bool(post.text) if of_batches else post.text and post.text.replace(job_id, _ID),
            post.decoded is True,
            request.body_size,
        ),
        answered=(
            response.status,
            answered.content_type,
            answered.are_kept or location is not None,
            location and location.replace(job_id, _ID),
            text[0],
            of_batches,
        ),
        job=job,
        texts=_PART.join([answered.texts, (location or "").replace(job_id, _PART), *texts]).replace(NAMESPACE, ""),
        sessions=sent.sessions,
        keys=sent.keys,
        started=started,
        ended=ended(started, milliseconds_of(entry.time)),
    )


def _place(request: HarRequest) -> re.Match[str]:
    """What a request is about, by its URL. Raises _Unusual unless the resource has its method, and its size is a number."""
    url = _URL.fullmatch(request.url) if type(request.url) is str else None
    is_plain = type(request.method) is str and isinstance(request.body_size, (int, float))
    if url is None or not is_plain or request.method not in _METHODS[url.lastgroup or ""]:
        raise _Unusual
    return url


def _headers(read: Callable[[tuple[Header | None, ...], object], T], lines: Sequence[Header | None] | None, body: Any) -> T:
    try:
        return read(tuple(lines or ()), body.mime_type)
    except TypeError as error:  # one holds a list or an object
        raise _Unusual from error


def _apart(lines: Sequence[Header | None]) -> tuple[str | None, Sequence[Header | None]]:
    """The Location of an answer, and its other headers, which many answers share."""
    for place, line in enumerate(lines):
        if line is not None and isinstance(line.name, str) and line.name.lower() == "location":
            rest = (*lines[:place], *lines[place + 1 :])
            if type(line.value) is not str or "\n" in line.value or _apart(rest)[0] is not None:
                raise _Unusual
            return line.value, rest
    return None, lines


def _text(content: Content) -> str:
    text = content.text
    if type(text) is not str or not 0 < len(text) <= _LONGEST or not text.isascii():
        raise _Unusual
    return text


def _usual_id(named: str | None, answered: str) -> str:
    """The id of the job. Raises _Unusual unless the URL and the answer agree on it and its checksum is right."""
    is_usual = answered.startswith(JOB_PREFIX) and long_form(answered).startswith(answered)
    if not is_usual or not answered.startswith(named or "") or short_form(answered) == short_form(UNKNOWN_ID):
        raise _Unusual
    return answered


def _is_accepted(status: object) -> bool:
    return type(status) is int and 200 <= status < 300


def _is_plain(body: PostData | Content) -> bool:
    """Whether a recording has a body as plain text, or none, and nothing is said to be wrong with it."""
    if body.encoding is not UNSET or body.own_encoding is not UNSET or body.file is not UNSET:
        return False
    if body.truncated not in (UNSET, None, False) or body.comment not in (UNSET, None, ""):
        return False
    if isinstance(body, Content):
        return body.defect in (UNSET, None)
    return body.params is UNSET and (body.text is UNSET or type(body.text) is str)


def _is_plain_batch(text: str, size: object, content_type: str | None) -> bool:
    """Whether an answer about batches is plain enough to tell that it is no error document, and was not cut short."""
    return (
        text.startswith(_BEGINNINGS)
        and charset_of(content_type) in (None, "utf-8")
        and not any(unusual in text for unusual in ("exceptionCode", "\\", "\0"))
        and not (isinstance(size, (int, float)) and size > len(text))
    )


@lru_cache(maxsize=1024)
def _sent(lines: tuple[Header | None, ...], media_type: object) -> _Sent:
    """Read the headers of a request: a client sends the same ones again and again."""
    headers = headers_of(lines, media_type)
    shown = (
        tuple(headers.get(name) for name in _VALUES),
        tuple(session if session in (NO_SESSION, WRONG_SESSION) else MARK for session in headers.values(SESSION_HEADER)),
        tuple(headers.get(name) is not None for name in _CARRIERS),
        any(WRONG_SESSION in value for _, value in headers),
    )
    return _Sent(shown, frozenset(sessions_named("", headers)), frozenset(keys_named("", headers)))


@lru_cache(maxsize=1024)
def _answered(lines: tuple[Header | None, ...], media_type: object) -> _Answered:
    """Read the headers of an answer. Raises _Unusual for a session header, which is known by its name, whatever it holds."""
    headers = headers_of(lines, media_type)
    if headers.get(SESSION_HEADER) is not None:
        raise _Unusual
    texts = _PART.join(value for _, value in headers)
    return _Answered(headers.get("Content-Type"), bool(headers.without(*CODING).pairs), texts)

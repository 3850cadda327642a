"""Pseudonyms for whatever names a host, an organization, a user or a job, in a recording that is to be handed on.

What was true of a name stays true of its pseudonym: one id stays one id, in 15 or 18 characters and however it is
escaped; its prefix and length stay; a right checksum stays right, and a wrong one wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from jobinfo_conformance._contract.document import Reading
from jobinfo_conformance._contract.ids import is_id, mapped_checksum, short_form
from jobinfo_conformance._contract.session import SESSION_HEADER
from jobinfo_conformance._evidence.secret_names import REMOVED
from jobinfo_conformance._evidence.secrets import MARK
from jobinfo_conformance._evidence.spelling import as_read, replaced
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Exchange, Headers
from jobinfo_conformance._url_parts import parts_of

#: Fields that hold ids.
_ID_FIELDS = ("id", "jobId", "createdById", "assignmentRuleId")
#: Ids anywhere else, recognised by the prefix of an organization, a user, a job, a batch or an assignment rule.
_ID = re.compile(r"(?<![A-Za-z0-9])(?:00D|005|01Q|750|751)[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?(?![A-Za-z0-9])", re.ASCII)
#: The headers of an answer that keep their values; all others keep only their names.
_KEPT_HEADERS = frozenset({"allow", "cache-control", "connection", "content-type", "date", "location", "retry-after", "vary"})
_DOMAIN = ".example"


def pseudonymised(exchanges: Sequence[Exchange], *, known: Iterable[str] = ()) -> list[Exchange]:
    """Return exchanges without anything that names where they were seen.

    Nothing else in a body changes, even if it is not text. ``known`` are ids that name nothing, and stay.
    """
    names = {**_hosts(exchanges), **_ids(exchanges, {short_form(known_id) for known_id in known})}
    if not names:
        return list(exchanges)
    longest_first = sorted(names, key=len, reverse=True)
    pattern = re.compile(f"({'|'.join(map(re.escape, longest_first))})([A-Za-z0-9]*)", re.ASCII)

    def pseudonym(match: re.Match[str]) -> str:
        name, rest = match.groups()
        new = names[name]
        return new + (mapped_checksum(rest, name, new) if is_id(name) and len(rest) == 3 else rest)

    def in_text(text: str) -> str:
        return replaced(text, pattern, pseudonym)

    return [_replaced(exchange, in_text) for exchange in exchanges]


def _hosts(exchanges: Iterable[Exchange]) -> dict[str, str]:
    """The pseudonym of each host that was asked, with its port and without; as long as the host, if it can be."""
    urls = [parts_of(exchange.request.url) for exchange in exchanges]
    hosts = dict.fromkeys(host for url in urls for host in (url.netloc, url.hostname) if host)
    return {host: "host".ljust(len(host) - len(_DOMAIN), "x") + _DOMAIN for host in hosts}


def _ids(exchanges: Iterable[Exchange], known: set[str]) -> dict[str, str]:
    """The pseudonym of each id, in 15 characters, numbered in the order of appearance."""
    seen = dict.fromkeys(short_form(found) for exchange in exchanges for found in _ids_in(exchange))
    unknown = [short for short in seen if short not in known]
    return {short: f"{short[:3]}Xx{number:010}" for number, short in enumerate(unknown, 1)}


def _ids_in(exchange: Exchange) -> Iterator[str]:
    step = Step.of(exchange)
    if step is not None:
        named = [step.resource.job_id, step.resource.batch_id, step.located_id]
        named += [value for reading in (step.request, step.answer) for value in _fields(reading)]
        yield from (name for name in named if name is not None and is_id(name))
    for text in texts_of(exchange):
        yield from _ID.findall(as_read(text))


def _fields(reading: Reading) -> Iterator[str]:
    return (value for name in _ID_FIELDS if isinstance(value := reading.fields.get(name), str))


def texts_of(exchange: Exchange) -> Iterator[str]:
    """All text of an exchange but the session header; bodies have one character per byte."""
    request, response = exchange.request, exchange.response
    yield request.url
    yield request.body.decode("latin-1")
    yield (response.body or b"").decode("latin-1")
    yield response.defect or ""
    for name, value in (*request.headers, *response.headers):
        if name.lower() != SESSION_HEADER.lower():
            yield f"{name}: {value}"


def _replaced(exchange: Exchange, in_text: Callable[[str], str]) -> Exchange:
    request, response = exchange.request, exchange.response

    def in_bytes(body: bytes) -> bytes:
        return in_text(body.decode("latin-1")).encode("latin-1")

    sent = Headers.of((name, value if name == SESSION_HEADER else in_text(value)) for name, value in request.headers)
    answered = Headers.of((name, in_text(_kept(name, value))) for name, value in response.headers)
    return replace(
        exchange,
        request=replace(request, url=in_text(request.url), headers=sent, body=in_bytes(request.body)),
        response=replace(
            response,
            headers=answered,
            body=None if response.body is None else in_bytes(response.body),
            defect=response.defect and in_text(response.defect),
        ),
    )


def _kept(name: str, value: str) -> str:
    if name.lower() in _KEPT_HEADERS:
        return value
    return MARK if MARK in value else REMOVED

"""An exchange as it is shown to people, with the places marked that a failure names."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from jobinfo_conformance.reports.visible import in_line, in_lines
from jobinfo_conformance.results import Entry

#: How much of a body is shown, in characters; a jobInfo is about a thousand.
_LONGEST = 20_000
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_STATUSES = {status.value: status.phrase for status in HTTPStatus}
#: A field by its name: a JSON member; an XML element that holds text, or else its start tag.
_FIELD = (
    r'"{name}"\s*:\s*(?:"(?:[^"\\]|\\.)*"|[^\s,}}\]]+)'
    r"|<(?:[\w.-]+:)?{name}(?:\s[^<>]*)?(?:/>|>[^<]*</[^<>]*>|>)"
)
_DOCTYPE = r"<!DOCTYPE(?:[^\[>]|\[[^\]]*\])*>"


@dataclass(frozen=True)
class Part:
    """A stretch of text, marked or not."""

    text: str
    marked: bool = False


@dataclass(frozen=True)
class Message:
    """A request or a response: its first line, its headers, its body, and what is to be said of that body."""

    start: Part
    headers: tuple[Part, ...]
    body: tuple[Part, ...]
    note: str = ""


@dataclass(frozen=True)
class Shown:
    """A request and its answer, under the method and the whole URL."""

    title: str
    request: Message
    response: Message


def shown(entries: Sequence[Entry], places: Iterable[str]) -> list[Shown]:
    """Exchanges, with the places that failures name: fields in every answer, anything else in the last alone."""
    named = list(places)
    last = len(entries) - 1
    return [
        Shown(_title(entry["request"]), _request(entry["request"]), _response(entry["response"], named, last=place == last))
        for place, entry in enumerate(entries)
    ]


def _title(request: Mapping[str, Any]) -> str:
    return in_line(f"{request['method']} {request['url']}")


def _request(request: Mapping[str, Any]) -> Message:
    text, note = _text(request.get("postData") or {})
    target = re.sub(r"^[a-z]+://[^/]*", "", request["url"])
    return Message(Part(in_line(f"{request['method']} {target}")), _headers(request, ()), _parts(text, ()), note)


def _response(response: Mapping[str, Any], places: Sequence[str], *, last: bool) -> Message:
    text, note = _text(response["content"])
    start = f"{response['status']} {_STATUSES.get(response['status'], '')}".rstrip()
    headers = [name for place in places if last for name in re.findall(r"(.+) header$", place)]
    spans = [span for place in places for span in _spans(place, text, last=last)]
    status = last and any(re.search(r"\bstatus\b", place) for place in places)
    return Message(Part(start, status), _headers(response, headers), _parts(text, spans), note)


def _headers(message: Mapping[str, Any], marked: Sequence[str]) -> tuple[Part, ...]:
    names = {name.lower() for name in marked}
    lines = [(one["name"].lower() in names, f"{one['name']}: {one['value']}") for one in message["headers"]]
    return tuple(Part(in_line(line), is_marked) for is_marked, line in lines)


def _text(content: Mapping[str, Any]) -> tuple[str, str]:
    """A body as text, and what there is to say of it."""
    text, notes = content.get("text"), []
    if text is None:
        return "", "the body was not recorded" if content.get("size") else ""
    if "base64" in (content.get("encoding"), content.get("_encoding")):
        text, note = _decoded(text)
        notes.append(note)
    if content.get("_defect"):
        notes.append(in_line(content["_defect"]))
    if len(text) > _LONGEST:
        notes.append(f"{len(text) - _LONGEST} characters more are in report.json")
    return text[:_LONGEST], "; ".join(notes)


def _decoded(text: str) -> tuple[str, str]:
    """A body that HAR keeps in base64: in UTF-16 it is text all the same."""
    not_text = text, "not text: shown in base64"
    try:
        body = base64.b64decode(text, validate=True)
        return (body.decode("utf-16"), "decoded from UTF-16") if body.startswith(_MARKS) else not_text
    except (binascii.Error, UnicodeDecodeError):
        return not_text


def _spans(place: str, text: str, *, last: bool) -> Iterator[tuple[int, int]]:
    """Where in a body a place is: a field, a line, the document type, all of it; nowhere where it is missing."""
    line = re.match(r"line (\d+)", place)
    if line:
        starts = [0, *(match.end() for match in re.finditer("\n", text)), len(text)]
        number = int(line[1])
        yield from [(starts[number - 1], starts[number])] if last and number < len(starts) else []
    elif place == "body":
        yield from [(0, len(text))] if last else []
    elif place == "DOCTYPE":
        yield from (match.span() for match in re.finditer(_DOCTYPE, text) if last)
    else:
        for name in {place, *re.findall(r"\w+", place)}:
            yield from (match.span() for match in re.finditer(_FIELD.format(name=re.escape(name)), text))


def _parts(text: str, spans: Iterable[tuple[int, int]]) -> tuple[Part, ...]:
    """Cut a text at the spans; one that begins inside another is part of it."""
    parts, end = [], 0
    for start, stop in sorted(spans):
        if stop <= end:
            continue
        parts += [Part(in_lines(text[end:start])), Part(in_lines(text[max(start, end) : stop]), marked=True)]
        end = stop
    parts.append(Part(in_lines(text[end:])))
    return tuple(part for part in parts if part.text)

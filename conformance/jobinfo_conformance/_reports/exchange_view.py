"""An exchange as people see it in a report, with marks on the places that a finding names."""

from __future__ import annotations

import base64
import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from jobinfo_conformance._escaping import in_line, in_lines
from jobinfo_conformance._exchange import Exchange, Headers, Request, Response

#: How much of a body is shown, in characters; a jobInfo has about a thousand.
_LONGEST = 4_000
#: How many headers are shown, and how much of a line, in characters.
_MOST_HEADERS, _LONGEST_LINE = 50, 500
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_STATUSES = {status.value: status.phrase for status in HTTPStatus}
#: A field of this name: a JSON member; an XML element if it holds only text, or else its start tag.
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
class MessageView:
    """A request or a response: its first line, its headers, its body, and a note on how the body is shown."""

    start: Part
    headers: tuple[Part, ...]
    body: tuple[Part, ...]
    note: str = ""


@dataclass(frozen=True)
class ExchangeView:
    """A request and its answer, under the method and the whole URL."""

    title: str
    request: MessageView
    response: MessageView


def views(exchanges: Sequence[Exchange], places: Iterable[str]) -> list[ExchangeView]:
    """Show exchanges with marks on the places that findings name: fields in every answer, all else in the last one only."""
    named = list(places)
    last = len(exchanges) - 1
    return [
        ExchangeView(
            _line(f"{exchange.request.method} {exchange.request.url}"),
            _request(exchange.request),
            _response(exchange.response, named, last=index == last),
        )
        for index, exchange in enumerate(exchanges)
    ]


def _request(request: Request) -> MessageView:
    text, note = _text(request.body)
    target = re.sub(r"^[a-z]+://[^/]*", "", request.url)
    return MessageView(Part(_line(f"{request.method} {target}")), _headers(request.headers), _parts(text, ()), note)


def _response(response: Response, places: Sequence[str], *, last: bool) -> MessageView:
    text, note = _text(response.body, response.defect)
    start = f"{response.status} {_STATUSES.get(response.status, '')}".rstrip()
    headers = [name for place in places if last for name in re.findall(r"(.+) header$", place)]
    spans = [span for place in places for span in _spans(place, text, last=last)]
    status = last and any(re.search(r"\bstatus\b", place) for place in places)
    return MessageView(Part(start, status), _headers(response.headers, headers), _parts(text, spans), note)


def _headers(headers: Headers, marked: Sequence[str] = ()) -> tuple[Part, ...]:
    names = {name.lower() for name in marked}
    shown = tuple(Part(_line(f"{name}: {value}"), name.lower() in names) for name, value in headers.pairs[:_MOST_HEADERS])
    more = len(headers.pairs) - len(shown)
    return (*shown, Part(f"… {more} more headers are in report.json")) if more else shown


def _line(text: str) -> str:
    """Return a text in one line, shortened."""
    return in_line(text if len(text) <= _LONGEST_LINE else f"{text[:_LONGEST_LINE]}…")


def _text(body: bytes | None, defect: str | None = None) -> tuple[str, str]:
    """Return a body as text, and a note on how it is shown."""
    if body is None:
        return "", "the body was not recorded"
    text, note = _decoded(body)
    notes = [note, in_line(defect or "")]
    if len(text) > _LONGEST:
        notes.append(f"{len(text) - _LONGEST} more characters are in report.json")
    return text[:_LONGEST], "; ".join(filter(None, notes))


def _decoded(body: bytes) -> tuple[str, str]:
    """Return a body as text, decoded from UTF-8 or UTF-16, or in base64 if it is not text."""
    try:
        return (body.decode("utf-16"), "decoded from UTF-16") if body.startswith(_UTF_16_MARKS) else (body.decode("utf-8"), "")
    except UnicodeDecodeError:
        return base64.b64encode(body).decode("ascii"), "not text: shown in base64"


def _spans(place: str, text: str, *, last: bool) -> Iterator[tuple[int, int]]:
    """Yield where in a body a place is: a field, a line, the document type or the whole body; nothing if it is not there."""
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
    """Cut a text at the spans; spans that overlap become one."""
    parts, end = [], 0
    for start, stop in sorted(spans):
        if stop <= end:
            continue
        parts += [Part(in_lines(text[end:start])), Part(in_lines(text[max(start, end) : stop]), marked=True)]
        end = stop
    parts.append(Part(in_lines(text[end:])))
    return tuple(part for part in parts if part.text)

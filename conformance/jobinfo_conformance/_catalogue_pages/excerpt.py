"""Exchanges in a few lines of Markdown: the last one with what matters in it, those before it in a line each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from jobinfo_conformance._exchange import Exchange
from jobinfo_conformance._reports.exchange_view import MessageView, Part, views
from jobinfo_conformance._reports.problem_text import exchange_line

#: The headers that are shown; besides them those that a finding names.
_HEADERS = ("content-type", "content-encoding", "transfer-encoding", "location", "x-sfdc-session")
#: How many lines of a body are shown, and what a longer one keeps beside what the finding names.
_MOST_LINES = 8
_KEPT = re.compile(r"^<\?xml|<(/?)(\w+:)?jobInfo\b|\bid\b|\bstate\b|^[{}\]]\s*$")
#: How many exchanges before the last are shown, and how long a line may be, in characters.
_MOST_BEFORE, _LONGEST_LINE = 4, 160
_ORIGIN = re.compile(r"https?://[^/ ]+")


def excerpt(exchanges: Sequence[Exchange], where: str, *, answers: bool = True) -> str:
    """Return a block of Markdown; ``where`` is the place that a finding names. Without ``answers`` only requests are shown."""
    *before, last = exchanges
    lines = [_short(_ORIGIN.sub("", exchange_line(exchange))) for exchange in before[-_MOST_BEFORE:]]
    view = views([last], [where])[0]
    lines += ["", *_message(view.request)] if lines else _message(view.request)
    if answers:
        lines += ["", *_message(view.response)]
    return "\n".join(["```text", *lines, "```"])


def _message(message: MessageView) -> Iterator[str]:
    yield message.start.text
    for header in message.headers:
        name = header.text.partition(":")[0].lower()
        if header.marked or name in _HEADERS:
            yield _short(header.text)
    if message.body:
        yield ""
        yield from _body(message.body)


def _body(parts: Sequence[Part]) -> Iterator[str]:
    """Yield the lines of a body; of a long one those that matter, with … in place of others."""
    lines = list(_lines(parts))
    is_long = len(lines) > _MOST_LINES
    left_out = False
    for text, marked in lines:
        if is_long and not marked and not _KEPT.search(text):
            if not left_out:
                yield f"{text[: len(text) - len(text.lstrip())]}…"
            left_out = True
            continue
        left_out = False
        yield _short(text)


def _lines(parts: Sequence[Part]) -> Iterator[tuple[str, bool]]:
    """Yield each line, with whether some of it is marked; if all is, no line stands out."""
    whole = all(part.marked for part in parts)
    line, marked = "", False
    for part in parts:
        first, *others = part.text.rstrip("\n").split("\n") if part is parts[-1] else part.text.split("\n")
        line, marked = line + first, marked or (part.marked and bool(first))
        for text in others:
            yield line, marked and not whole
            line, marked = text, part.marked and bool(text)
    yield line, marked and not whole


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_LINE else f"{text[:_LONGEST_LINE]}…"

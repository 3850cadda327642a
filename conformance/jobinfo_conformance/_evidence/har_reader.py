"""Recordings: HAR 1.2 files, and files with one HAR entry a line."""

from __future__ import annotations

import base64
import codecs
import mmap
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw, Struct

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._contract.reader import charset_of
from jobinfo_conformance._escaping import quoted
from jobinfo_conformance._evidence.har import CODING, Content, Entry, HarFile, Header, Log, PostData, Scalar
from jobinfo_conformance._evidence.secrets import Redaction, sessions_named
from jobinfo_conformance._exchange import Exchange, Headers, Request, Response
from jobinfo_conformance._job_requests.resource import Resource
from jobinfo_conformance._json import decoded

#: Stands for an instant that is not known, as HAR wants one.
NO_INSTANT = "1970-01-01T00:00:00.000Z"
#: The longest that an exchange takes, in milliseconds: a year.
_LONGEST = 365 * 86_400_000
_XML_ENCODING = re.compile(r"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


#: An entry as it stands in the file, or as the json module had to decode it.
RawEntry = bytes | Raw | Any


class NotHar(BadInput):
    """A file is not HAR 1.2."""


class _Named(Struct):
    """What an entry says of the session that its request carries."""

    url: Any = None
    headers: Any = None


class _Asked(Struct):
    """An entry's request, whatever else there is."""

    request: _Named


class Recording:
    """The exchanges of a file with the job resource, each decoded when it is reached.

    Other traffic is passed over, and so are entries that were never answered. A session that any request of the file names
    is removed from all of them. ``whole`` says that the file holds all that was asked of each of its jobs.
    """

    def __init__(
        self, path: Path, entries: Callable[[], Iterable[RawEntry]], place: Callable[[int], str], *, whole: bool
    ) -> None:
        self.path = path
        self.whole = whole
        self._entries = entries
        self._place = place

    def __iter__(self) -> Iterator[Exchange]:
        """Yield the exchanges in the file's order. Raises NotHar with the place of an entry that can't be used."""
        redaction = Redaction(self._sessions())
        for number, raw in enumerate(self._entries()):
            if not raw or not _is_about_jobs(raw):
                continue
            try:
                exchange = exchange_of(decoded(raw, Entry), number)
            except ValueError as error:
                raise NotHar(f"{self.path}, {self._place(number)}: not a HAR entry: {error}") from error
            if exchange is not None:
                yield redaction.in_exchange(exchange)

    def _sessions(self) -> set[str]:
        found: set[str] = set()
        for raw in self._entries():
            try:
                named = decoded(raw, _Asked).request
            except ValueError:  # which is said where the entry is read
                continue
            if isinstance(named.headers, list):
                headers = [header for header in named.headers if isinstance(header, dict)]
                found |= sessions_named(str(named.url), [(str(one.get("name")), str(one.get("value"))) for one in headers])
        return found


def read_har(path: Path) -> Recording:
    """Open a HAR file. Raises NotHar with the place of what can't be used, and OSError."""
    data = _contents(path)
    try:
        log: Log[RawEntry] = decoded(data, HarFile[Raw], HarFile[Any]).log
    except ValueError as error:
        raise NotHar(f"{path} is not a HAR file: {error}") from error
    return Recording(path, lambda: log.entries, "entry {}".format, whole=log.whole is True)


def read_lines(path: Path) -> Recording:
    """Open a file with one HAR entry a line. Raises OSError; what a line holds is said when it is reached."""
    with path.open("rb"):
        return Recording(path, lambda: _lines(path), lambda number: f"line {number + 1}", whole=False)


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        for number, line in enumerate(file):
            yield (line.removeprefix(codecs.BOM_UTF8) if number == 0 else line).strip()


def _contents(path: Path) -> memoryview:
    """The bytes of a file without a byte order mark; a large one is not held in memory."""
    with path.open("rb") as file:
        try:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except (ValueError, OSError):  # it is empty, or a pipe
            data = memoryview(file.read())
    return data[3:] if bytes(data[:3]) == codecs.BOM_UTF8 else data


def exchange_of(entry: Entry, number: int | None) -> Exchange | None:
    """The exchange of an entry, whose place is ``number``; None where it was never answered. Raises ValueError."""
    status = _status(entry.response.status)
    if status <= 0:
        return None
    post, content = entry.request.post_data or PostData(), entry.response.content or Content()
    sent = _headers(entry.request.headers, post.mime_type, coded=post.decoded is True)
    answered = _headers(entry.response.headers, content.mime_type)
    return Exchange(
        Request(entry.request.method.upper(), _whole_text(entry.request.url), sent, body_of(post, sent) or b""),
        Response(
            status,
            answered,
            body_of(content, answered, entry.response.body_size),
            None if content.defect in (msgspec.UNSET, None) else str(content.defect),
        ),
        started=_instant(entry.started_date_time),
        milliseconds=_milliseconds(entry.time),
        entry=number,
    )


def _is_about_jobs(raw: RawEntry) -> bool:
    """Whether an entry is of the job resource; else nothing of it matters."""
    try:
        url = decoded(raw, _Asked).request.url
    except ValueError:  # which is said where all of it is read
        return True
    return not isinstance(url, str) or Resource.of(url) is not None


def _status(value: Scalar) -> int:
    if isinstance(value, bool) or value is None:
        raise ValueError("the status is no number")
    try:
        return int(value)
    except (ValueError, OverflowError):
        raise ValueError(f"the status is {quoted(value, 20)} and no number") from None


def _headers(lines: list[Header] | None, media_type: str | None, *, coded: bool = False) -> Headers:
    """A message's headers; where its Content-Type was not kept, the media type of its body still tells it."""
    pairs = [(_whole_text(str(line.name)), _whole_text(str(line.value))) for line in lines or ()]
    headers = Headers.of(pair for pair in pairs if not pair[0].startswith(":"))
    headers = headers if coded else headers.without(*CODING)
    if headers.get("Content-Type") is None and media_type and "/" in media_type:
        return Headers.of([*headers, ("Content-Type", media_type)])
    return headers


def body_of(content: Content | PostData, headers: Headers, body_size: Scalar = None) -> bytes | None:
    """The bytes of a body; None where the recording did not keep them. Raises ValueError where base64 is announced in vain."""
    text = content.text
    if not text:
        return b"" if _says_empty(content, body_size) else None
    if "base64" in (content.encoding, content.own_encoding):
        return base64.b64decode(text, validate=True)
    # HAR keeps text in Unicode whatever the body's encoding was; the body still names the one it had.
    mark = "\ufeff" * text.startswith("\ufeff")
    bare = text.removeprefix(mark)
    declared = _XML_ENCODING.match(bare)
    charset = declared[1] if declared else charset_of(headers.get("Content-Type")) if bare.lstrip()[:1] == "<" else None
    try:
        # Python writes the mark of an encoding whose name leaves the order of bytes open.
        return (bare if "".encode(charset or "utf-8") else text).encode(charset or "utf-8")
    except (LookupError, UnicodeError):
        return text.encode("utf-8", "surrogatepass")


def _says_empty(content: Content | PostData, body_size: Scalar) -> bool:
    """Whether a recording that holds no text of a body says that there was none: a size of 0, and nothing on the wire."""
    size = getattr(content, "size", msgspec.UNSET)
    is_empty = size == 0 or (size in (msgspec.UNSET, None) and content.text == "")
    return is_empty and not (isinstance(body_size, (int, float)) and body_size > 0)


def _whole_text(text: str) -> str:
    """A text without halves of surrogate pairs, which no encoding can write."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _milliseconds(value: Scalar) -> float | None:
    """A duration; None where it is no number, or none that a clock shows."""
    if not isinstance(value, (int, float)) or not abs(value) < _LONGEST:
        return None
    return float(value)


def _instant(text: Scalar) -> datetime | None:
    if text == NO_INSTANT:
        return None
    try:
        instant = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None

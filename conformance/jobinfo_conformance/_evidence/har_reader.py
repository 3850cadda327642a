"""The reader of recordings: HAR 1.2 files, and files with one HAR entry per line."""

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

#: Stands for an unknown instant, because HAR requires one.
NO_INSTANT = "1970-01-01T00:00:00.000Z"
#: The longest time that an exchange may take and still be believed, in milliseconds: a year.
_LONGEST = 365 * 86_400_000
_XML_ENCODING = re.compile(r"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")

#: An entry as it is in the file, or decoded already, where only the json module could read the file.
RawEntry = bytes | Raw | Any


class NotHar(BadInput):
    """The file is not HAR 1.2."""


class _RequestHead(Struct):
    """The parts of a request that can name a session."""

    url: Any = None
    headers: Any = None


class _EntryHead(Struct):
    """An entry, of which only those parts are read."""

    request: _RequestHead


class Recording:
    """The exchanges with the job resource in a file, each decoded when it is reached.

    Other traffic is skipped, and so are entries that were never answered. A session that any request in the file names is
    removed from all of them. ``whole`` says that the file holds every request about each of its jobs.
    """

    def __init__(
        self, path: Path, entries: Callable[[], Iterable[RawEntry]], place: Callable[[int], str], *, whole: bool
    ) -> None:
        self.path = path
        self.whole = whole
        self._entries = entries
        self._place = place

    def __iter__(self) -> Iterator[Exchange]:
        """Yield the exchanges in the order of the file. Raises NotHar, with the place, if an entry can't be used."""
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
                request = decoded(raw, _EntryHead).request
            except ValueError:  # reported when the entry is read
                continue
            if isinstance(request.headers, list):
                headers = [header for header in request.headers if isinstance(header, dict)]
                pairs = [(str(header.get("name")), str(header.get("value"))) for header in headers]
                found |= sessions_named(str(request.url), pairs)
        return found


def read_har(path: Path) -> Recording:
    """Open a HAR file. Raises OSError, and NotHar with the place of what can't be used."""
    data = _contents(path)
    try:
        log: Log[RawEntry] = decoded(data, HarFile[Raw], HarFile[Any]).log
    except ValueError as error:
        raise NotHar(f"{path} is not a HAR file: {error}") from error
    return Recording(path, lambda: log.entries, "entry {}".format, whole=log.whole is True)


def read_lines(path: Path) -> Recording:
    """Open a file with one HAR entry per line. Raises OSError; a bad line is reported when it is reached."""
    with path.open("rb"):
        return Recording(path, lambda: _lines(path), lambda number: f"line {number + 1}", whole=False)


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        for number, line in enumerate(file):
            yield (line.removeprefix(codecs.BOM_UTF8) if number == 0 else line).strip()


def _contents(path: Path) -> memoryview:
    """The bytes of a file, without its byte order mark; a large file is not loaded into memory."""
    with path.open("rb") as file:
        try:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except (ValueError, OSError):  # it is empty, or a pipe
            data = memoryview(file.read())
    return data[3:] if bytes(data[:3]) == codecs.BOM_UTF8 else data


def exchange_of(entry: Entry, number: int | None) -> Exchange | None:
    """Make an exchange from entry ``number`` of a recording; None if it was never answered. Raises ValueError."""
    status = _status(entry.response.status)
    if status <= 0:
        return None
    post, content = entry.request.post_data or PostData(), entry.response.content or Content()
    sent = _headers(entry.request.headers, post.mime_type, coded=post.decoded is True)
    answered = _headers(entry.response.headers, content.mime_type)
    return Exchange(
        Request(entry.request.method.upper(), _encodable(entry.request.url), sent, body_of(post, sent) or b""),
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
    """Whether an entry may be about the job resource; any other is skipped unread."""
    try:
        url = decoded(raw, _EntryHead).request.url
    except ValueError:  # reported when the whole entry is read
        return True
    return not isinstance(url, str) or Resource.of(url) is not None


def _status(value: Scalar) -> int:
    if isinstance(value, bool) or value is None:
        raise ValueError("the status is not a number")
    try:
        return int(value)
    except (ValueError, OverflowError):
        raise ValueError(f"the status is {quoted(value, 20)}, not a number") from None


def _headers(lines: list[Header] | None, media_type: str | None, *, coded: bool = False) -> Headers:
    """The headers of a message; if Content-Type was not recorded, it is the media type of the body."""
    pairs = [(_encodable(str(line.name)), _encodable(str(line.value))) for line in lines or ()]
    headers = Headers.of(pair for pair in pairs if not pair[0].startswith(":"))
    headers = headers if coded else headers.without(*CODING)
    if headers.get("Content-Type") is None and media_type and "/" in media_type:
        return Headers.of([*headers, ("Content-Type", media_type)])
    return headers


def body_of(content: Content | PostData, headers: Headers, body_size: Scalar = None) -> bytes | None:
    """The bytes of a body; None if the recording did not keep them. Raises ValueError if its base64 is invalid."""
    text = content.text
    if not text:
        return b"" if _says_empty(content, body_size) else None
    if "base64" in (content.encoding, content.own_encoding):
        return base64.b64decode(text, validate=True)
    # HAR keeps text in Unicode, whatever encoding the body was in. The body may still name it.
    mark = "\ufeff" * text.startswith("\ufeff")
    bare = text.removeprefix(mark)
    declared = _XML_ENCODING.match(bare)
    charset = declared[1] if declared else charset_of(headers.get("Content-Type")) if bare.lstrip()[:1] == "<" else None
    try:
        # Python itself writes a byte order mark if the name of the encoding leaves the byte order open.
        return (bare if "".encode(charset or "utf-8") else text).encode(charset or "utf-8")
    except (LookupError, UnicodeError):
        return text.encode("utf-8", "surrogatepass")


def _says_empty(content: Content | PostData, body_size: Scalar) -> bool:
    """Whether a recording that holds no text for a body says that it was empty: its size is 0, and nothing was on the wire."""
    size = getattr(content, "size", msgspec.UNSET)
    is_empty = size == 0 or (size in (msgspec.UNSET, None) and content.text == "")
    return is_empty and not (isinstance(body_size, (int, float)) and body_size > 0)


def _encodable(text: str) -> str:
    """Replace halves of surrogate pairs, which no encoding can write."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _milliseconds(value: Scalar) -> float | None:
    """A duration; None if it is not a number, or not a credible one."""
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

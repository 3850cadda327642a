"""The reader of recordings: HAR 1.2 files, alone, in a folder or in a .zip, and files with one HAR entry per line."""

from __future__ import annotations

import codecs
import os
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw, Struct

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._escaping import encodable, in_line, quoted
from jobinfo_conformance._evidence.har import CODING, Content, Entry, HarFile, HarRequest, Header, Log, PostData
from jobinfo_conformance._evidence.passed_over import PassedOverEntries, sentences
from jobinfo_conformance._evidence.provenance import Provenance
from jobinfo_conformance._evidence.recorded_body import body_of
from jobinfo_conformance._evidence.secrets import keys_named, sessions_named
from jobinfo_conformance._evidence.side_files import ARCHIVE_ERRORS, Archive, Folder, SideFiles
from jobinfo_conformance._evidence.watched_secrets import WatchedSecrets
from jobinfo_conformance._exchange import Exchange, Headers, Request, Response
from jobinfo_conformance._files.formats import not_text
from jobinfo_conformance._files.given import LONGEST_LINE, TOO_LONG, TooLong, lines, mapped, named, opened
from jobinfo_conformance._files.json_text import NotUtf8, decoded
from jobinfo_conformance._files.misfits import Misfit
from jobinfo_conformance._job_requests.resource import Resource

#: Stands for an unknown instant, because HAR requires one.
NO_INSTANT = "1970-01-01T00:00:00.000Z"
#: The suffixes of recordings, and of files with one entry per line.
HAR_SUFFIXES, LINES_SUFFIXES = (".har", ".zip"), (".ndjson", ".jsonl")
#: The longest time that an exchange may take and still be believed, in milliseconds: a year.
_LONGEST = 365 * 86_400_000
#: The largest recording that is read out of an archive, in bytes; one on disk may have any size.
_LARGEST_PACKED = 256 << 20
#: The statuses of answers that end an exchange.
_STATUS = re.compile(r"[2-9][0-9][0-9]")
_RESOURCE = b"/services/async/"

#: An entry as it is in the file, or decoded already, where only the json module could read the file.
RawEntry = bytes | Raw | TooLong | Any


class NotHar(BadInput):
    """The file is not HAR 1.2."""


class Unusable(ValueError):
    """Raised for an entry that is no evidence; the message says why."""


class _RequestHead(Struct):
    """The parts of a request that can name a session."""

    url: Any = None
    headers: Any = None


class _EntryHead(Struct):
    """An entry, of which only those parts are read."""

    request: _RequestHead | None = None


@dataclass(frozen=True)
class RecordedEntry:
    """An entry of a recording, decoded, and the secrets that are removed when it is read."""

    number: int
    entry: Entry
    secrets: WatchedSecrets
    _read: Callable[[RecordedEntry], Exchange | None]

    def read(self) -> Exchange | None:
        """Read the exchange; None if it is no evidence, or is not about the job resource."""
        return self._read(self)


class Recording:
    """The exchanges with the job resource in a file, each decoded when it is reached.

    Other traffic is skipped. An entry that is no evidence, such as one that was never answered, is passed over;
    ``passed_over`` has those that were met so far. A session that any request in the file names is removed from all of them.
    ``whole`` says that the file holds every request about each of its jobs, and ``provenance`` how a run of the suite made it.
    """

    def __init__(
        self,
        path: Path,
        entries: Callable[[], Iterable[RawEntry]],
        place: Callable[[int], str],
        files: SideFiles,
        *,
        whole: bool,
        provenance: Provenance | None = None,
    ) -> None:
        self.path = path
        self.whole = whole
        self.provenance = provenance
        self.passed_over = PassedOverEntries()
        self._entries = entries
        self._place = place
        self._files = files

    def __iter__(self) -> Iterator[Exchange]:
        """Yield the exchanges in the order of the file. Raises NotHar if it is not in UTF-8."""
        for recorded in self.unread():
            exchange = recorded.read()
            if exchange is not None:
                yield exchange

    def unread(self) -> Iterator[RecordedEntry]:
        """Yield the entries that may be about the job resource, each to be read or not. Raises NotHar as iteration does."""
        self.passed_over = PassedOverEntries()
        secrets = WatchedSecrets(*self._secrets())
        for number, raw in enumerate(self._entries()):
            try:
                entry = self._entry(number, raw)
            except NotUtf8 as error:
                raise NotHar(f"{named(self.path)}, {self._place(number)}: {error}") from error
            if entry is not None:
                yield RecordedEntry(number, entry, secrets, self._read)

    def _entry(self, number: int, raw: RawEntry) -> Entry | None:
        """Decode an entry; None if it is passed over, or is about something else. Raises NotUtf8."""
        try:
            return entry_of(raw) if raw != b"" and _may_be_about_jobs(raw) else None
        except Unusable as reason:
            if _is_about_jobs(raw):
                self._pass_over(number, reason)
            return None

    def _read(self, recorded: RecordedEntry) -> Exchange | None:
        try:
            exchange = exchange_of(recorded.entry, recorded.number, self._files)
        except Unusable as reason:
            if _names_jobs(recorded.entry.request):
                self._pass_over(recorded.number, reason)
            return None
        return None if Resource.of(exchange.request.url) is None else recorded.secrets.removed(exchange)

    def _pass_over(self, number: int, reason: Unusable) -> None:
        self.passed_over.add(number, str(reason), self._place)

    def entries(self) -> Iterator[RawEntry]:
        """Yield all entries, also those of other traffic."""
        return iter(self._entries())

    @property
    def remarks(self) -> list[str]:
        """A sentence for each reason why entries were passed over so far."""
        return sentences(self.passed_over)

    def _secrets(self) -> tuple[set[str], set[str]]:
        """The sessions that the requests name, and the other secrets in their headers."""
        sessions: set[str] = set()
        keys: set[str] = set()
        for raw in self._entries():
            try:
                request = decoded(raw, _EntryHead).request
            except ValueError:  # passed over when the entry is read
                continue
            if request is not None and isinstance(request.headers, list):
                headers = [header for header in request.headers if isinstance(header, dict)]
                pairs = [(str(header.get("name")), str(header.get("value"))) for header in headers]
                sessions |= sessions_named(str(request.url), pairs)
                keys |= keys_named(str(request.url), pairs)
        return sessions, keys


def read_recording(path: Path) -> Recording:
    """Open a recording of any kind. Raises BadInput."""
    return read_lines(path) if path.suffix.lower() in LINES_SUFFIXES else read_har(path)


def read_har(path: Path) -> Recording:
    """Open a HAR file, or the only one in a folder or a .zip. Raises BadInput, and NotHar if it is something else."""
    if os.path.isdir(path):  # noqa: PTH112  # raises nothing
        found = sorted(path.glob("*.har"))
        path = path / _the_only(path, [file.name for file in found])
    data, files = _packed(path) if path.suffix.lower() == ".zip" else (mapped(path), Folder(path.parent))
    _refuse_other_formats(path, bytes(data[:1024]))
    try:
        log: Log[RawEntry] = decoded(data, HarFile[Raw], HarFile[Any]).log
    except NotUtf8 as error:
        raise NotHar(f"{named(path)} can't be read: {error}") from error
    except ValueError as error:
        raise NotHar(f"{named(path)} is not a HAR file: {error}") from error
    provenance = Provenance.read(log.run)
    return Recording(path, lambda: log.entries, "entry {}".format, files, whole=log.whole is True, provenance=provenance)


def read_lines(path: Path) -> Recording:
    """Open a file with one HAR entry per line. Raises BadInput, and NotHar if it is something else."""
    with opened(path) as file:
        _refuse_other_formats(path, file.read(1024))
    return Recording(path, lambda: lines(path), lambda number: f"line {number + 1}", Folder(path.parent), whole=False)


def _packed(path: Path) -> tuple[memoryview, SideFiles]:
    """The bytes of the only HAR file in an archive, without its byte order mark, and the files beside it."""
    try:
        with opened(path) as file, zipfile.ZipFile(file) as archive:
            name = _the_only(path, [name for name in archive.namelist() if _is_recording(name)])
            with archive.open(name) as stream:
                data = stream.read(_LARGEST_PACKED + 1)
    except ARCHIVE_ERRORS as error:
        raise NotHar(f"{named(path)} can't be unpacked: it is damaged, protected by a password, or no .zip") from error
    if len(data) > _LARGEST_PACKED:
        raise NotHar(f"{named(path)}: {in_line(name)} in it has more than {_LARGEST_PACKED >> 20} MiB: unpack it first")
    return memoryview(data.removeprefix(codecs.BOM_UTF8)), Archive(path, name)


def _is_recording(name: str) -> bool:
    """Whether a file of an archive is a recording: a Mac adds one beside it that is none, under the same name."""
    return name.lower().endswith(".har") and not name.startswith("__MACOSX/")


def _the_only(path: Path, names: list[str]) -> str:
    if len(names) != 1:
        advice = ("; name one itself" if path.is_dir() else "; unpack it and name one") if names else ""
        raise NotHar(f"{named(path)} holds {len(names) or 'no'} .har files: there must be one{advice}")
    return names[0]


def _refuse_other_formats(path: Path, start: bytes) -> None:
    """Raise NotHar if the first bytes of a file show that it is no text in UTF-8."""
    found = not_text(start)
    if found is not None:
        raise NotHar(f"{named(path)} {found}")


def entry_of(raw: RawEntry) -> Entry:
    """Decode an entry. Raises Unusable and NotUtf8."""
    if raw is TOO_LONG:
        raise Unusable(f"it has more than {LONGEST_LINE >> 20} MiB")
    try:
        return decoded(raw, Entry)
    except NotUtf8:
        raise
    except Misfit as error:
        where = f"its {error.place} has another form" if error.place else "it is no JSON object"
        raise Unusable(f"not a HAR entry: {where}") from error
    except ValueError as error:
        raise Unusable("not a HAR entry: it is no JSON object") from error


def exchange_of(entry: Entry, number: int | None, files: SideFiles | None = None) -> Exchange:
    """Make an exchange from entry ``number`` of a recording, with bodies from ``files`` beside it. Raises Unusable."""
    request, response = entry.request, entry.response
    if request is None or not isinstance(request.method, str) or not isinstance(request.url, str):
        raise Unusable("it has no request with a method and a URL")
    if response is None:
        raise Unusable("it was never answered")
    post, content = request.post_data or PostData(), response.content or Content()
    own = post.decoded is True
    sent, answered = headers_of(request.headers, post.mime_type), headers_of(response.headers, content.mime_type)
    return Exchange(
        Request(
            request.method.upper(),
            encodable(request.url),
            sent if own else sent.without(*CODING),
            body_of(
                post,
                sent.get("Content-Type"),
                coding=None if own else sent.get("Content-Encoding"),
                on_wire=request.body_size,
                files=files,
            )
            or b"",
        ),
        Response(
            _status(response.status),
            answered.without(*CODING),
            body_of(
                content,
                answered.get("Content-Type"),
                coding=answered.get("Content-Encoding"),
                on_wire=response.body_size,
                files=files,
            ),
            None if content.defect in (msgspec.UNSET, None) else str(content.defect),
        ),
        started=instant(entry.started_date_time),
        milliseconds=milliseconds_of(entry.time),
        entry=number,
    )


def _may_be_about_jobs(raw: RawEntry) -> bool:
    """The same, without a look at the URL if the entry names the resource anywhere. Raises NotUtf8."""
    return (isinstance(raw, bytes) and _RESOURCE in raw) or _is_about_jobs(raw)


def _is_about_jobs(raw: RawEntry) -> bool:
    """Whether an entry may be about the job resource, by its URL; any other is skipped unread. Raises NotUtf8."""
    try:
        request = decoded(raw, _EntryHead).request
    except NotUtf8:
        raise
    except ValueError:  # passed over when the whole entry is read
        return True
    return _names_jobs(request)


def _names_jobs(request: _RequestHead | HarRequest | None) -> bool:
    """Whether the URL of a request is one of the job resource, or there is none."""
    return request is None or not isinstance(request.url, str) or Resource.of(request.url) is not None


def _status(value: Any) -> int:
    """The status of an answer. Raises Unusable if there was none, whatever the recorder writes for that."""
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)  # 200.0 is 200 in JSON
    if not _STATUS.fullmatch(text):
        said = "" if value in (None, 0) else f": its status is {quoted(value, 20)}"
        raise Unusable(f"it was never answered{said}")
    return int(text)


def headers_of(lines: Iterable[Header | None] | None, media_type: Any) -> Headers:
    """The headers of a message; if Content-Type was not recorded, it is the media type of the body."""
    headers = Headers.of(pair for line in lines or () if line is not None for pair in _pairs(line))
    if headers.get("Content-Type") is None and isinstance(media_type, str) and "/" in media_type:
        return Headers.of([*headers, *_pairs(Header("Content-Type", media_type))])
    return headers


def _pairs(line: Header) -> list[tuple[str, str]]:
    """The headers in a line; none if it lacks a name or a value, or is a pseudo-header of HTTP/2.

    A browser joins headers of one name with line feeds.
    """
    name, value = line.name, line.value
    if not isinstance(name, str) or name.startswith(":") or not isinstance(value, (str, int, float)):
        return []
    text = str(value)
    values = [text] if "\r" in text or "\n" not in text else text.split("\n")
    return [(encodable(name), encodable(each)) for each in values]


def milliseconds_of(value: Any) -> float | None:
    """A duration; None if it is not a number, or not a credible one."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < _LONGEST:
        return None
    return float(value)


def instant(text: Any) -> datetime | None:
    """The instant that a recording names; None if it names none, or leaves the time zone open."""
    if text == NO_INSTANT or not isinstance(text, str):
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    is_one = instant.tzinfo is not None and MINYEAR < instant.year < MAXYEAR  # at the edges UTC may have no such date
    return instant if is_one else None

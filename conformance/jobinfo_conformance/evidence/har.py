"""HAR 1.2: exchanges in and out of files, read as a stream."""

from __future__ import annotations

import base64
import codecs
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from jobinfo_conformance import __version__
from jobinfo_conformance.contract.readers import charset_of
from jobinfo_conformance.evidence.exchange import Exchange, Headers, Request, Response
from jobinfo_conformance.evidence.history import Resource
from jobinfo_conformance.evidence.secrets import redact_recorded, sessions_named

CREATOR = "jobinfo-conformance"

#: Headers about the form of a message on the wire. A HAR keeps the decoded body, so they would be wrong beside it.
CODING = ("Content-Length", "Transfer-Encoding", "Content-Encoding")
#: A request's headers of that kind are kept where its body says that it is decoded, as this project's recordings do.
_DECODED = "_decoded"
#: What was wrong with an answer on its way.
_DEFECT = "_defect"
#: Whether a recording holds all that was asked of each of its jobs.
_WHOLE = "_whole"
#: How deep values may nest in a file; entries have seven levels, and what a browser adds, such as stacks, a few dozen.
_DEEPEST = 500
#: The longest that an exchange takes, in milliseconds: a year.
_LONGEST = 365 * 86_400_000
_XML_ENCODING = re.compile(r"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


class NotHar(ValueError):
    """A file is not HAR 1.2; the message is a line for the user."""


def read_har(path: Path) -> Iterator[Exchange]:
    """Yield the exchanges of a HAR file with the job resource, one by one, in the file's order.

    Other traffic, and entries that were never answered, are passed over. The file is read twice: a session that any request
    of it names is removed from all of it. Raises NotHar with the place of what can't be used, and OSError.
    """
    sessions = _sessions_in(_har_items(path, "log.entries.item.request"))
    number = -1
    for number, entry in enumerate(_har_items(path, "log.entries.item")):
        yield from exchanges_of(entry, number, str(path), sessions)
    if number < 0 and not has_log(path):
        raise NotHar(f"{path} is not a HAR file: it has no log with a list of entries")


def has_log(path: Path) -> bool:
    """Whether a JSON file has a list of entries where HAR keeps it. Raises NotHar and OSError."""
    with _har_events(path) as events:
        return any((prefix, event) == ("log.entries", "start_array") for prefix, event, _ in events)


def is_whole(path: Path) -> bool:
    """Whether a recording says that it holds all that was asked of each job, as this project's own do.

    Raises NotHar and OSError.
    """
    with _har_events(path) as events:
        for prefix, _, value in events:
            if prefix in (f"log.{_WHOLE}", "log.entries"):  # this project's say so before their entries
                return value is True
    return False


def read_entries(path: Path) -> Iterator[Exchange]:
    """Yield the exchanges of a file with one HAR entry a line, as `read_har` does. Raises NotHar and OSError."""
    sessions = _sessions_in(entry.get("request") for _, entry in _line_items(path) if isinstance(entry, dict))
    for number, entry in _line_items(path):
        yield from exchanges_of(entry, number, str(path), sessions)


def exchanges_of(entry: Any, number: int, source: str = "HAR", sessions: Iterable[str] = ()) -> Iterator[Exchange]:
    """Yield the exchange of one HAR entry, without these sessions; nothing where it is other traffic or was never answered.

    Raises NotHar where the entry has not the members that HAR 1.2 requires.
    """
    if _is_other_traffic(entry):
        return
    try:
        exchange = _exchange(entry, number)
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        problem = f"no member {error}" if isinstance(error, KeyError) else _line(error)
        raise NotHar(f"{source}, entry {number}: not a HAR entry: {problem}") from error
    if exchange.response.status > 0:
        yield redact_recorded(exchange, sessions)


def _is_other_traffic(entry: Any) -> bool:
    """Whether an entry is of another resource than jobs, so that nothing else of it matters."""
    request = entry.get("request") if isinstance(entry, dict) else None
    url = request.get("url") if isinstance(request, dict) else None
    try:
        return isinstance(url, str) and Resource.of(url) is None
    except ValueError:  # a URL that no parser takes
        return True


def _sessions_in(requests: Iterable[Any]) -> frozenset[str]:
    """The sessions that the requests of a recording name, up to where it can't be read."""
    found: set[str] = set()
    with suppress(NotHar):  # which is said where the exchanges are read
        for request in requests:
            if isinstance(request, dict) and isinstance(request.get("headers"), list):
                named = [one for one in request["headers"] if isinstance(one, dict)]
                pairs = [(str(one.get("name")), str(one.get("value"))) for one in named]
                found |= sessions_named(str(request.get("url")), pairs)
    return frozenset(found)


def _har_items(path: Path, prefix: str) -> Iterator[Any]:
    """Yield what stands under a prefix in a JSON file. Raises NotHar and OSError."""
    import ijson

    with _har_events(path) as events:
        yield from ijson.items(events, prefix)


@contextmanager
def _har_events(path: Path) -> Iterator[Iterator[tuple[str, str, Any]]]:
    """The events of a JSON file that is read as a stream. Raises NotHar and OSError."""
    import ijson

    with path.open("rb") as file:
        _skip_mark(file)
        try:
            yield ijson.parse(_of_some_depth(ijson.basic_parse(file, use_float=True)))
        except ijson.JSONError as error:
            raise NotHar(f"{path} is not a HAR file: {_line(error)}") from error
        except UnicodeDecodeError as error:
            raise NotHar(f"{path} is not a HAR file: it is not UTF-8") from error


def _of_some_depth(events: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """The events, as long as values do not nest beyond what any HAR needs: a place of so many names costs memory."""
    import ijson

    depth = 0
    for event, value in events:
        depth += event.startswith("start_") - event.startswith("end_")
        if depth > _DEEPEST:
            raise ijson.JSONError(f"values nested more than {_DEEPEST} deep")
        yield event, value


def _line_items(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield the JSON value of each line that has one, with its number. Raises NotHar and OSError."""
    with path.open("rb") as file:
        _skip_mark(file)
        for number, line in enumerate(file):
            if not line.strip():
                continue
            try:
                entry = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise NotHar(f"{path}, line {number + 1}: not a HAR entry: {_line(error)}") from error
            yield number, entry


def _skip_mark(file: BinaryIO) -> None:
    if file.read(3) != codecs.BOM_UTF8:
        file.seek(0)


def _line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)[:200]


def _exchange(entry: Mapping[str, Any], number: int) -> Exchange:
    request, response = entry["request"], entry["response"]
    post, content = request.get("postData") or {}, response.get("content") or {}
    sent = _headers(request, post.get("mimeType"), coded=post.get(_DECODED) is True)
    answered = _headers(response, content.get("mimeType"))
    defect = content.get(_DEFECT)
    return Exchange(
        Request(str(request["method"]).upper(), str(request["url"]), sent, _body(post, sent) or b""),
        Response(
            int(response["status"]),
            answered,
            _body({"bodySize": response.get("bodySize"), **content}, answered),
            None if defect is None else str(defect),
        ),
        started=_instant(entry.get("startedDateTime")),
        milliseconds=_milliseconds(entry.get("time")),
        entry=number,
    )


def _headers(message: Mapping[str, Any], media_type: str | None, *, coded: bool = False) -> Headers:
    """A message's headers; where its Content-Type was not kept, the media type of its body still tells it."""
    pairs = [(str(one["name"]), str(one["value"])) for one in message.get("headers") or ()]
    headers = Headers.of(pair for pair in pairs if not pair[0].startswith(":"))
    headers = headers if coded else headers.without(*CODING)
    if headers.get("Content-Type") is None and media_type and "/" in media_type:
        return Headers.of([*headers, ("Content-Type", media_type)])
    return headers


def _body(content: Mapping[str, Any], headers: Headers) -> bytes | None:
    """The bytes of a body; None where the recording did not keep them."""
    text = content.get("text")
    if text is None or text == "":
        return b"" if _says_empty(content) else None
    if not isinstance(text, str):
        raise TypeError("the text of a body is not a string")
    if (content.get("encoding") or content.get("_encoding")) == "base64":
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


def _says_empty(content: Mapping[str, Any]) -> bool:
    """Whether a recording that holds no text of a body says that there was none: a size of 0, and nothing on the wire."""
    size, on_wire = content.get("size"), content.get("bodySize")
    is_empty = size == 0 or (size is None and content.get("text") == "")
    return is_empty and not (isinstance(on_wire, (int, float)) and on_wire > 0)


def _milliseconds(value: Any) -> float | None:
    """A duration; None where it is no number, or none that a clock shows."""
    if not isinstance(value, (int, float)) or not abs(value) < _LONGEST:
        return None
    return float(value)


def _instant(text: Any) -> datetime | None:
    try:
        instant = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None


def write_har(exchanges: Iterable[Exchange]) -> bytes:
    """Return exchanges as a HAR 1.2 file; bodies that are not text are kept in base64.

    They are all that was asked of their jobs.
    """
    return har_file([har_entry(exchange) for exchange in exchanges], version=__version__, whole=True)


def har_file(entries: Sequence[Mapping[str, Any]], *, version: str, whole: bool) -> bytes:
    """Return entries as a HAR 1.2 file of this version of the project; ``whole`` says that nothing was left out."""
    creator = {"name": CREATOR, "version": version}
    log = {"version": "1.2", "creator": creator, _WHOLE: whole, "entries": entries}
    return (json.dumps({"log": log}, indent=2) + "\n").encode()


def har_entry(exchange: Exchange) -> dict[str, Any]:
    """Return an exchange as an entry of a HAR file."""
    request, response = exchange.request, exchange.response
    milliseconds = exchange.milliseconds or 0
    sent: dict[str, Any] = {
        "method": request.method,
        "url": request.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(request.headers if request.body else request.headers.without(*CODING)),
        "queryString": [],
        "headersSize": -1,
        "bodySize": len(request.body),
    }
    if request.body:
        sent["postData"] = {"mimeType": request.content_type or "", **_text(request.body, "_encoding"), _DECODED: True}
    body = response.body
    content = {"size": -1 if body is None else len(body), "mimeType": response.content_type or "", **_text(body, "encoding")}
    if response.defect is not None:
        content[_DEFECT] = response.defect
    return {
        "startedDateTime": exchange.started.isoformat() if exchange.started else "1970-01-01T00:00:00.000Z",
        "time": milliseconds,
        "request": sent,
        "response": {
            "status": response.status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _pairs(response.headers.without(*CODING)),
            "content": content,
            "redirectURL": response.headers.get("Location") or "",
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
    }


def _pairs(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _text(body: bytes | None, encoding: str) -> dict[str, str]:
    if body is None:
        return {}
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    if text is not None and _body({"text": text}, Headers()) == body:
        return {"text": text}
    return {"text": base64.b64encode(body).decode("ascii"), encoding: "base64"}

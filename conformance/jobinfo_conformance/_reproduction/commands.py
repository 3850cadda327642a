"""Commands: the lines of sh that send a request again, in the wire form that it had."""

from __future__ import annotations

from collections.abc import Iterator

from jobinfo_conformance._contract.charset import utf_16_order
from jobinfo_conformance._contract.ids import LONG
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.session import NO_SESSION, SESSION_HEADER, WRONG_SESSION
from jobinfo_conformance._evidence.curl import SENT_BY_CURL_ITSELF
from jobinfo_conformance._evidence.secret_names import REMOVED
from jobinfo_conformance._evidence.secrets import HEADER_MARKS, MARK
from jobinfo_conformance._exchange import Request
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._reproduction.ids import MadeId, Pieces
from jobinfo_conformance._reproduction.quoting import as_format, in_double_quotes, quoted
from jobinfo_conformance._reproduction.replay import Repeat, Replay

_SENTENCES = {
    Operation.CREATE: "Create a job",
    Operation.READ: "Read the job",
    Operation.CLOSE: "Close the job",
    Operation.ABORT: "Abort the job",
    Operation.CHANGE: "Send what is no close and no abort",
    Operation.ADD_BATCH: "Add a batch",
    Operation.READ_BATCH: "Read the batch",
    Operation.LIST_BATCHES: "List the batches",
    Operation.OTHER_METHOD: "Use another method",
}


def commands(repeat: Repeat, replay: Replay) -> Iterator[str]:
    """Yield the lines that send a request again; a body may have line ends of its own."""
    step = repeat.step
    yield f"# {_SENTENCES[step.operation]}{': this answer shows the problem' if repeat.shown else ''}."
    yield from _body(repeat, replay)
    path = "".join(_in_path(piece, replay) for piece in replay.path(repeat.place))
    yield " ".join([_command(repeat, replay), f'"{path}"', *_headers(step.exchange.request)])
    if replay.is_named(repeat.place):
        yield from ["made"] if step.operation is Operation.ADD_BATCH else []
        yield f"{replay.name(repeat.place)}=$id"
    if repeat.shown:
        yield "show"


def _command(repeat: Repeat, replay: Replay) -> str:
    """The function of the script that sends a request, with its first arguments."""
    step = repeat.step
    if repeat.waits:
        return "read_until_finished"
    if step.operation is Operation.CREATE and replay.makes(repeat.place):
        return f"create {step.requested_serialization or Serialization.XML}"
    values = [value for _, value in step.exchange.request.headers]
    if any(WRONG_SESSION in value for value in values):
        return f"send_with_wrong_session {quoted(step.exchange.request.method)}"
    without = step.exchange.request.headers.get(SESSION_HEADER) == NO_SESSION
    return f"{'send_without_session' if without else 'send'} {quoted(step.exchange.request.method)}"


def _headers(request: Request) -> Iterator[str]:
    """Yield the headers that a request had, less those that are secret or curl's own; and what keeps curl from adding any."""
    for name, value in request.headers:
        is_secret = any(mark in value for mark in (MARK, REMOVED, WRONG_SESSION)) or HEADER_MARKS.search(value)
        is_sent = name.lower() not in {*SENT_BY_CURL_ITSELF, SESSION_HEADER.lower()} and not name.startswith(":")
        if is_sent and not is_secret and f"{name}{value}".isprintable():
            yield quoted(f"{name}: {value}" if value else f"{name};")
    for name in ("Accept", "Content-Type"):
        if request.headers.get(name) is None and (name == "Accept" or request.body):
            yield quoted(f"{name}:")


def _body(repeat: Repeat, replay: Replay) -> Iterator[str]:
    """Yield the lines that write a body, and compress it if it was compressed."""
    request = repeat.step.exchange.request
    if not request.body:
        return
    encoding = _wide_encoding(request.body)
    text = request.body.decode(encoding or "latin-1")
    pieces = replay.pieces(text, repeat.place)
    if encoding is not None:
        yield "{"
        yield from (f"    {_printed_wide(piece, encoding, replay)}" for piece in pieces)
        yield '} >"$work/body"'
    else:
        yield f'{_printed(pieces, replay)} >"$work/body"'
    if (request.headers.get("Content-Encoding") or "").lower() == "gzip":
        yield "compress"


def _wide_encoding(body: bytes) -> str | None:
    """The encoding of a body if it is in UTF-16."""
    order = utf_16_order(body)
    try:
        return order if order is not None and body.decode(order).encode(order) == body else None
    except UnicodeDecodeError:
        return None


def _printed(pieces: Pieces, replay: Replay) -> str:
    """A command that prints a text, whose characters are bytes."""
    form = "".join(as_format(piece.encode("latin-1")) if isinstance(piece, str) else "%s" for piece in pieces)
    filled = [f'"{_id(piece, replay)}"' for piece in pieces if isinstance(piece, MadeId)]
    return " ".join([f"printf '{form}'", *filled])


def _printed_wide(piece: str | MadeId, encoding: str, replay: Replay) -> str:
    if isinstance(piece, str):
        return f"printf '{as_format(piece.encode(encoding))}'"
    return f'{encoding.replace("-", "_")} "{_id(piece, replay)}"'


def _in_path(piece: str | MadeId, replay: Replay) -> str:
    return in_double_quotes(piece).replace(MARK, "$JOBINFO_SESSION_ID") if isinstance(piece, str) else _id(piece, replay)


def _id(made: MadeId, replay: Replay) -> str:
    """What stands for an id between double quotes."""
    name = replay.name(made.maker)
    variable = f"${{{name}}}" if made.more else f"${name}"
    if made.length is None:
        return variable
    long = f'$(long_id "{variable}")'
    return (long if made.length == LONG else f'$(first {made.length} "{long}")') + made.more

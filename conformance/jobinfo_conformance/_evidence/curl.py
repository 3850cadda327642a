"""A request as a curl command, without the session."""

from __future__ import annotations

import base64
import re
import shlex

from jobinfo_conformance._contract.session import NO_SESSION, SESSION_HEADER
from jobinfo_conformance._evidence.secrets import MARK
from jobinfo_conformance._exchange import Request
from jobinfo_conformance._loopback import is_loopback

_SENT_BY_CURL_ITSELF = frozenset({"accept-encoding", "connection", "content-length", "host", "user-agent"})
#: Escapes in a shell's $'…', which keep a command on one line; in POSIX since 2024.
_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def curl(request: Request) -> str:
    """Return a command that sends the request again; the shell fills in the session from JOBINFO_SESSION_ID."""
    words = ["curl", "-i", "-X", request.method, _quoted(request.url)]
    if is_loopback(request.url):
        words += ["--noproxy", "'*'"]  # the suite did not ask a proxy either
    for name, value in request.headers:
        if name.lower() == SESSION_HEADER.lower() and value == NO_SESSION:
            continue
        if MARK in value:
            words += ["-H", _with_session(f"{name}: {value}")]
        elif name.lower() not in _SENT_BY_CURL_ITSELF and not name.startswith(":"):
            words += ["-H", _quoted(f"{name}: {value}")]
    if not request.body:
        return " ".join(words)
    if request.content_type is None:
        words += ["-H", "'Content-Type:'"]
    compressed = request.headers.get("Content-Encoding") == "gzip"
    try:
        text = request.body.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if not compressed and all(char.isprintable() or char in _ESCAPES for char in text):
        return " ".join([*words, "--data-binary", _quoted(text)])
    encoded = base64.b64encode(request.body).decode("ascii")
    pipe = ["echo", encoded, "|", "base64", "-d", "|", *(["gzip", "|"] if compressed else [])]
    return " ".join([*pipe, *words, "--data-binary", "@-"])


def _with_session(text: str) -> str:
    """Quote a header so that the shell fills in its session."""
    if re.fullmatch(r"[\w: -]*", text.replace(MARK, ""), re.ASCII):
        return f'"{text.replace(MARK, "$JOBINFO_SESSION_ID")}"'
    return '"$JOBINFO_SESSION_ID"'.join(_quoted(part) for part in text.split(MARK))


def _quoted(text: str) -> str:
    if text.isprintable():
        return shlex.quote(text)
    return "$'" + "".join(map(_escaped, text)) + "'"


def _escaped(char: str) -> str:
    """Write a character inside $'…', an invisible one as its bytes."""
    if char in _ESCAPES or char.isprintable():
        return _ESCAPES.get(char, char)
    return "".join(f"\\{byte:03o}" for byte in char.encode("utf-8", "surrogatepass"))

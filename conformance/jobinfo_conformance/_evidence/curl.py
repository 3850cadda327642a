"""A request as a curl command, without the session."""

from __future__ import annotations

import base64
import re
import shlex

from jobinfo_conformance._contract.session import NO_SESSION, SESSION_HEADER
from jobinfo_conformance._evidence.secrets import HEADER_MARKS, MARK
from jobinfo_conformance._exchange import Request
from jobinfo_conformance._loopback import is_loopback

#: Headers that curl writes itself, in lower case.
SENT_BY_CURL_ITSELF = frozenset({"accept-encoding", "connection", "content-length", "host", "user-agent"})
#: What stands for a secret in a header.
_MARKS = re.compile(f"{re.escape(MARK)}|{HEADER_MARKS.pattern}")
#: Escapes in a shell's $'…', which keep a command on one line; in POSIX since 2024.
_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def curl(request: Request) -> str:
    """Return a command that sends the request again.

    The shell fills in the session from JOBINFO_SESSION_ID, and each of the user's own headers from the variable that the
    user gave, or from one that is named after the header: JOBINFO_HEADER_X_API_KEY.
    """
    words = ["curl", "-i", "-X", request.method, _quoted(request.url)]
    if is_loopback(request.url):
        words += ["--noproxy", "'*'"]  # the suite did not ask a proxy either
    for name, value in request.headers:
        if name.lower() == SESSION_HEADER.lower() and value == NO_SESSION:
            continue
        line = f"{name}: {value}"
        if MARK in value or HEADER_MARKS.search(value):
            words += ["-H", _with_variables(line, name)]
        elif name.lower() not in SENT_BY_CURL_ITSELF and not name.startswith(":"):
            words += ["-H", _quoted(line)]
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


def _with_variables(line: str, name: str) -> str:
    """Quote a header so that the shell fills in what is secret in it."""
    texts, variables = secrets_in(line, name)
    if re.fullmatch(r"[\w: -]*", "".join(texts), re.ASCII):
        return f'"{texts[0]}{"".join(f"${variable}{text}" for variable, text in zip(variables, texts[1:], strict=True))}"'
    filled = (f'"${variable}"{_quoted(text)}' for variable, text in zip(variables, texts[1:], strict=True))
    return "".join([_quoted(texts[0]), *filled])


def secrets_in(line: str, name: str) -> tuple[list[str], list[str]]:
    """Return the texts around the secrets in a header of this name, and the variables that the secrets come from."""
    placeholder = f"JOBINFO_HEADER_{re.sub(r'[^A-Z0-9]', '_', name.upper())}"
    marks = list(_MARKS.finditer(line))
    variables = ["JOBINFO_SESSION_ID" if mark[0] == MARK else mark["variable"] or placeholder for mark in marks]
    ends, begins = [0, *(mark.end() for mark in marks)], [*(mark.start() for mark in marks), len(line)]
    return [line[end:begin] for end, begin in zip(ends, begins, strict=True)], variables


def _quoted(text: str) -> str:
    if text.isprintable():
        return shlex.quote(text)
    return "$'" + "".join(map(_escaped, text)) + "'"


def _escaped(char: str) -> str:
    """Write a character inside $'…', an invisible one as its bytes."""
    if char in _ESCAPES or char.isprintable():
        return _ESCAPES.get(char, char)
    return "".join(f"\\{byte:03o}" for byte in char.encode("utf-8", "surrogatepass"))

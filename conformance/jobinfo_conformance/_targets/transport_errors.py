"""What went wrong on the way: whether the connection itself broke, and in what words to say so."""

from __future__ import annotations

import http.client
import re
import ssl
from collections.abc import Iterator

import requests
from urllib3.exceptions import IncompleteRead, InvalidChunkLength, InvalidHeader

from jobinfo_conformance._targets.bounded_answer import BrokenAnswer
from jobinfo_conformance._targets.content_coding import Undecodable

#: What the libraries beneath raise over what a server sends, and what to say of it.
_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (http.client.RemoteDisconnected, "the connection was closed without an answer"),
    (http.client.BadStatusLine, "no status line of HTTP/1: {}"),
    (http.client.UnknownProtocol, "no status line of HTTP/1: {}"),
    (InvalidChunkLength, "a chunk whose size is no number"),
    (http.client.IncompleteRead, "it ends early"),
    (IncompleteRead, "it ends early"),
    (Undecodable, "{}"),
    (BrokenAnswer, "{}"),
    (InvalidHeader, "headers that contradict each other"),
    (http.client.LineTooLong, "a line of more than 64 KiB"),
    (requests.exceptions.InvalidURL, "its host can't be one"),
    (UnicodeError, "its host can't be one"),  # when it is looked up
)
#: What OpenSSL calls certificates whose issuer is not known, in numbers, and what to do then.
_UNTRUSTED = {18, 19, 20, 21}
_HINT = "; REQUESTS_CA_BUNDLE names a file with the one that issued it"
#: What Python puts before the words of the system.
_ERROR_NUMBER = re.compile(r"^\[Errno -?\d+\] ")
#: The same for what they raise under a name that says nothing.
_PHRASES = {
    "got more than 100 headers": "more than 100 headers",
    "Response chunk size line exceeded maximum allowed length": "a chunk whose size takes more than 64 KiB",
}


def reason(error: BaseException) -> str:
    """Return what an error says about an answer, or its innermost cause, in one line."""
    for cause in causes(error):
        for kind, words in _WORDS:
            if isinstance(cause, kind):
                return words.format(" ".join(str(cause).split()))
    of_tls = next((cause for cause in causes(error) if isinstance(cause, ssl.SSLError)), None)
    if of_tls is not None:
        return _of_tls(of_tls)
    innermost = _innermost(error)
    if isinstance(innermost, (ValueError, OverflowError)) and not isinstance(innermost, requests.RequestException):
        return "its chunks can't be told apart"
    text = " ".join(str(innermost).split()) or type(innermost).__name__
    return _PHRASES.get(text) or _ERROR_NUMBER.sub("", text)


def _of_tls(error: ssl.SSLError) -> str:
    """What went wrong with TLS, in the words of OpenSSL."""
    if isinstance(error, ssl.SSLCertVerificationError):
        hint = _HINT if error.verify_code in _UNTRUSTED else ""
        return f"its certificate can't be verified: {error.verify_message.rstrip('.')}{hint}"
    if error.reason == "WRONG_VERSION_NUMBER":
        return "what answers does not speak TLS: it may want http"
    if isinstance(error, ssl.SSLEOFError):
        return "the connection was closed inside TLS"
    return f"TLS failed: {(error.reason or 'unknown error').replace('_', ' ').lower()}"


def is_broken_connection(error: BaseException) -> bool:
    """Whether a connection broke, by a reset or an error of TLS: then nobody knows what the server would have sent.

    An orderly end of the connection is none, whether early or not, and neither is a wait that took too long: the server chose
    both. An orderly end without TLS's own goodbye is still one, since many servers leave that out.
    """
    cause = _innermost(error)
    return isinstance(cause, OSError) and not isinstance(cause, (requests.RequestException, TimeoutError))


def causes(error: BaseException) -> Iterator[BaseException]:
    """An error, and whatever led to it."""
    yield error
    for cause in (error.__cause__ or error.__context__, *error.args, getattr(error, "reason", None)):
        if isinstance(cause, BaseException):
            yield from causes(cause)


def _innermost(error: BaseException) -> BaseException:
    cause = error
    while cause.__cause__ is not None or cause.__context__ is not None:
        cause = cause.__cause__ or cause.__context__ or cause
    return cause

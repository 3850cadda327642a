"""Reading the body of an answer off the wire, and whose fault it is if it does not come whole.

An early but orderly end is the server's: the body that it announced is defective. If the connection breaks, there is no answer.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterable
from typing import NamedTuple

import requests
from urllib3.exceptions import HTTPError

from jobinfo_conformance._exchange import Headers
from jobinfo_conformance._targets.content_coding import decoded
from jobinfo_conformance._targets.transport_errors import is_broken_connection, reason

#: What the libraries beneath raise over a body; the last one over a chunk of less than nothing.
_ERRORS = (requests.RequestException, HTTPError, http.client.HTTPException, OSError, ValueError, OverflowError)


class AnswerBody(NamedTuple):
    """A body with its content coding undone.

    ``defect`` says what is wrong with it in transit, and ``broke`` how the connection broke inside it; None if nothing did.
    """

    content: bytes
    defect: str | None = None
    broke: str | None = None


def read_body(parts: Iterable[bytes], headers: Headers, longest: int) -> AnswerBody:
    """Read up to ``longest`` bytes of a body from its parts on the wire."""
    body = bytearray()
    try:
        for part in decoded(parts, headers.get("Content-Encoding")):
            body += part
            if len(body) > longest:  # the rest would prove nothing
                return AnswerBody(bytes(body[:longest]), f"a body of more than {longest} bytes")
    except _ERRORS as error:
        defect = f"a body that broke off or does not decode: {reason(error)}"
        return AnswerBody(bytes(body), defect, reason(error) if is_broken_connection(error) else None)
    return AnswerBody(bytes(body))

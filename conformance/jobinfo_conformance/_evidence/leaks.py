"""What still looks like a secret in exchanges before they are handed on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from jobinfo_conformance._contract.session import WRONG_SESSION
from jobinfo_conformance._evidence.pseudonyms import texts_of
from jobinfo_conformance._evidence.secret_names import NAMES
from jobinfo_conformance._evidence.spelling import as_read
from jobinfo_conformance._exchange import Exchange

#: What secrets look like in a text as its reader sees it.
LOOKS: Mapping[str, re.Pattern[str]] = {
    "a session id": re.compile(r"(?<!\w)00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?![\w.]{8,}"),
    "a web token": re.compile(r"(?<!\w)eyJ[\w-]{8,}\.[\w-]{8,}\."),
    "a bearer token": re.compile(r"(?i)(?<!\w)bearer\s+[\w.~+/=!-]{16,}"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"),
    "a named secret": re.compile(rf"""(?i)(?<![a-z])(?:{NAMES})["']?\s*[:=>]\s*["']?[\w.~+/=!-]{{8,}}"""),
}


def first_leak(exchanges: Iterable[Exchange]) -> str | None:
    """Name the first exchange that holds what looks like a secret, and what that is; None if none does."""
    for exchange in exchanges:
        for text in texts_of(exchange):
            read = as_read(text).replace(WRONG_SESSION, "")
            for look, pattern in LOOKS.items():
                if pattern.search(read):
                    return f"{exchange.request.method} {exchange.request.url} holds what looks like {look}"
    return None

"""The one spelling of an endpoint's URL, by which two are compared."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

#: The ports that URLs of these schemes need not name.
DEFAULT_PORTS = {"http": 80, "https": 443}


@lru_cache(maxsize=256)
def as_one(url: str) -> str:
    """Return an endpoint in the one spelling that stands for all of them (RFC 3986, 6.2).

    >>> as_one("HTTPS://Host.Test:443/")
    'https://host.test'
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    scheme, host = parts.scheme.lower(), (parts.hostname or "")
    host = f"[{host}]" if ":" in host else host
    shown = "" if port in (None, DEFAULT_PORTS.get(scheme)) else f":{port}"
    return f"{scheme}://{host}{shown}{parts.path.rstrip('/')}"

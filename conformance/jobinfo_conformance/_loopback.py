"""Which URLs stay on this machine: no proxy has any business with them."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit


def is_loopback(url: str) -> bool:
    """Whether the host of a URL is localhost or one of its subdomains, or an address in 127.0.0.0/8 or ::1.

    >>> is_loopback("http://127.8.0.1:8080/services"), is_loopback("http://localhost.example.test")
    (True, False)
    """
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return False
    return host == "localhost" or host.endswith(".localhost") or _is_loopback_address(host)


def _is_loopback_address(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return _is_short_loopback_address(host)
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _is_short_loopback_address(host: str) -> bool:
    """Whether a host is an address in one of its shorter forms, such as 127.1, that systems take too."""
    try:
        return ip_address(socket.inet_aton(host)).is_loopback
    except (OSError, ValueError):
        return False

"""What the environment says about the way to a host: its proxy, and the certificates to trust. Both as requests reads them."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.utils import get_environ_proxies, select_proxy
from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._loopback import is_loopback

_PROXY_SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")
#: The variables that name certificates; the first that is set counts.
_CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@dataclass(frozen=True)
class Proxy:
    """The proxy on the way to a host. Its URL may hold a password, so ``name`` is what to show of it."""

    url: str

    @classmethod
    def on_the_way_to(cls, url: str) -> Proxy | None:
        """Return the proxy that the environment names for a URL; None if it names none, and always for loopback."""
        found = None if is_loopback(url) else select_proxy(url, get_environ_proxies(url))
        return cls(found) if found else None

    @property
    def name(self) -> str:
        """The URL without user and password."""
        scheme, colon, rest = self.url.rpartition("://")
        return f"{scheme}{colon}{rest.rpartition('@')[2]}"

    def hidden_in(self, text: str) -> str:
        """Return a text without the user and the password."""
        login = self.url.rpartition("://")[2].rpartition("@")[0]
        for secret in (f"{login}@", login, login.partition(":")[2]) if login else ():
            text = text.replace(secret, "") if secret else text
        return text


class EnvironmentSession(requests.Session):
    """A session that takes proxies and certificates from the environment, but sends nothing to loopback through a proxy."""

    def merge_environment_settings(self, url: Any, *settings: Any, **named: Any) -> Any:
        """Return the settings for a request."""
        merged = super().merge_environment_settings(url, *settings, **named)
        return {**merged, "proxies": {}} if is_loopback(str(url)) else merged


def check_surroundings(url: str, environment: Mapping[str, str] = os.environ) -> None:
    """Check what the environment names for a URL before it is needed. Raises BadInput, which says what can't be used."""
    proxy = Proxy.on_the_way_to(url)
    if proxy is not None:
        _check_proxy(proxy, url)
    if urlsplit(url).scheme == "https":
        _check_certificates(environment)


def _check_proxy(proxy: Proxy, url: str) -> None:
    is_bare = "://" not in proxy.url and "@" not in proxy.url  # requests takes a host and a port alone for http
    try:
        parts = parse_url(f"http://{proxy.url}" if is_bare else proxy.url)
    except LocationParseError:
        parts = Url()
    if not parts.host or parts.scheme not in _PROXY_SCHEMES:
        raise BadInput(
            f"the environment names the proxy {proxy.name} for {url}, which is no proxy: write it like http://proxy.example:3128"
        )
    if parts.scheme.startswith("socks") and find_spec("socks") is None:
        raise BadInput(f"the environment names the proxy {proxy.name} for {url}, which takes pip install 'requests[socks]'")


def _check_certificates(environment: Mapping[str, str]) -> None:
    variable = next((name for name in _CERTIFICATES if environment.get(name)), None)
    if variable is None:
        return
    place = Path(environment[variable])
    if not place.exists():
        raise BadInput(f"{variable} names {place}, which does not exist: name a file or a folder of certificates, or unset it")
    if place.is_file():
        try:
            ssl.create_default_context().load_verify_locations(place)
        except (ssl.SSLError, OSError) as error:
            raise BadInput(f"{variable} names {place}, which holds no certificates: name another file, or unset it") from error

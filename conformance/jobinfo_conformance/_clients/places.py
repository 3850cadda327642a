"""What a client under test is told: where to connect, as whom, and in which version of the API."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._contract.versions import Version


@dataclass(frozen=True)
class Place:
    """Where a client connects, and what it needs for that; ``https_url`` and ``ca_file`` are None if TLS is not served.

    ``proxy_url`` is a proxy that leads there whatever the host, and ``trust_store`` the CA for Java; both may be None.
    """

    base_url: str
    session: str
    version: Version
    https_url: str | None = None
    ca_file: str | None = None
    proxy_url: str | None = None
    trust_store: str | None = None

    @property
    def host(self) -> str:
        """Host and port."""
        return urlsplit(self.base_url).netloc

    @property
    def async_url(self) -> str:
        """The URL of the API in this version, with the slash at its end."""
        return f"{self.base_url}/services/async/{self.version}/"

    def told(self) -> dict[str, str]:
        """What is told, by the name of its placeholder."""
        values = {
            "base_url": self.base_url,
            "https_url": self.https_url,
            "async_url": self.async_url,
            "host": self.host,
            "session": self.session,
            "version": str(self.version),
            "ca_file": self.ca_file,
        }
        return {name: value for name, value in values.items() if value is not None}


#: The environment variable for each placeholder.
VARIABLES: Mapping[str, str] = {
    "base_url": "JOBINFO_BASE_URL",
    "https_url": "JOBINFO_HTTPS_URL",
    "async_url": "JOBINFO_ASYNC_URL",
    "host": "JOBINFO_HOST",
    "session": "JOBINFO_SESSION_ID",
    "version": "JOBINFO_API_VERSION",
    "ca_file": "JOBINFO_CA_FILE",
}
_PLACEHOLDER = re.compile(r"\{(" + "|".join(VARIABLES) + r")\}")
#: The variables that name a proxy, the hosts to reach without one, and the file of certificates to trust.
_PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
_NO_PROXIES = ("NO_PROXY", "no_proxy")
#: What no proxy of the user's has any business with.
_LOOPBACK = "127.0.0.1,localhost"
_CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
#: What names a folder of the user's certificates, which curl and OpenSSL would look into as well.
_FOLDERS = ("SSL_CERT_DIR",)
#: The password of the trust store, which holds nothing secret.
TRUST_STORE_PASSWORD = "jobinfo"  # noqa: S105  # Java asks for one
#: Which clients look to which of these variables.
READERS = (
    "REQUESTS_CA_BUNDLE for requests, CURL_CA_BUNDLE for curl, SSL_CERT_FILE for OpenSSL, httpx and aiohttp, "
    "NODE_EXTRA_CA_CERTS for node, -Djavax.net.ssl.trustStore for Java"
)


def with_values(words: Sequence[str], place: Place) -> list[str]:
    """Return the words of a command with what is told in place of the placeholders.

    Raises BadInput if a placeholder has no value, since no TLS is served.
    """
    told = place.told()

    def value(match: re.Match[str]) -> str:
        if match[1] not in told:
            raise BadInput(f"{match[0]} needs TLS: pip install 'jobinfo-conformance[client]'")
        return told[match[1]]

    return [_PLACEHOLDER.sub(value, word) for word in words]


def environment_for(place: Place, environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment for the command, plus what it is told.

    With a proxy, that is set for the usual clients as well; without one, loopback is excepted from the user's own.
    """
    kept = {name: value for name, value in environment.items() if name not in ("JOBINFO_SESSION_COMMAND", *VARIABLES.values())}
    told = {VARIABLES[name]: value for name, value in place.told().items()}
    if place.proxy_url is None:
        return {**kept, **told, **{name: ",".join(filter(None, [kept.get(name), _LOOPBACK])) for name in _NO_PROXIES}}
    assert place.ca_file is not None
    proxied = {**dict.fromkeys(_PROXIES, place.proxy_url), **dict.fromkeys(_CERTIFICATES, place.ca_file)}
    options = " ".join(filter(None, [kept.get("JAVA_TOOL_OPTIONS"), *_for_java(place)]))
    kept = {name: value for name, value in kept.items() if name not in (*_NO_PROXIES, *_FOLDERS)}
    return {**kept, **told, **proxied, "JAVA_TOOL_OPTIONS": options}


def _for_java(place: Place) -> list[str]:
    """The options of Java, which reads no variable of the other clients."""
    proxy = urlsplit(place.proxy_url or "")
    return [
        f"-Dhttps.proxyHost={proxy.hostname}",
        f"-Dhttps.proxyPort={proxy.port}",
        f"-Djavax.net.ssl.trustStore={place.trust_store}",
        "-Djavax.net.ssl.trustStoreType=PKCS12",
        f"-Djavax.net.ssl.trustStorePassword={TRUST_STORE_PASSWORD}",
    ]

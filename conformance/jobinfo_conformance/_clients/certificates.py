"""Certificates made for one run: an authority that no client knows, and what clients need to trust it."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._clients.places import TRUST_STORE_PASSWORD

if TYPE_CHECKING:
    import trustme

NEEDS = "pip install 'jobinfo-conformance[client]'"


class Certificates:
    """An authority and its certificates. ``unwanted`` are the hosts whose certificate a client did not want."""

    def __init__(self, authority: trustme.CA, folder: Path) -> None:
        self.unwanted: list[str] = []
        self.ca_file = folder / "ca.pem"
        self.trust_store = folder / "ca.p12"
        self._authority = authority
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = threading.Lock()
        authority.cert_pem.write_to_path(str(self.ca_file))
        self.trust_store.write_bytes(_trust_store(authority.cert_pem.bytes()))

    def context_for(self, host: str) -> ssl.SSLContext:
        """The server's side of TLS for a host, whose certificate is issued on first use."""
        with self._lock:
            if host not in self._contexts:
                self._contexts[host] = context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                self._authority.issue_cert(host).configure_cert(context)
            return self._contexts[host]

    def note_unwanted(self, host: str) -> None:
        """A client connected to a host, and went away before it asked anything."""
        self.unwanted.append(host)


@contextmanager
def certificates() -> Iterator[Certificates | None]:
    """Make an authority and the files with which to trust it, for as long as they are needed; None without the extra."""
    try:
        import trustme
    except ImportError:
        yield None
        return
    with TemporaryDirectory(prefix="jobinfo-") as folder:
        yield Certificates(trustme.CA(organization_name="jobinfo-conformance"), Path(folder))


def needed(found: Certificates | None, what: str) -> Certificates:
    """Return certificates that something needs. Raises BadInput, which says what to install."""
    if found is None:
        raise BadInput(f"{what} needs TLS: {NEEDS}")
    return found


def _trust_store(pem: bytes) -> bytes:
    """A trust store for Java with one certificate."""
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
    from cryptography.x509 import load_pem_x509_certificate

    certificate = pkcs12.PKCS12Certificate(load_pem_x509_certificate(pem), b"jobinfo")
    password = TRUST_STORE_PASSWORD.encode()
    return pkcs12.serialize_java_truststore([certificate], BestAvailableEncryption(password))

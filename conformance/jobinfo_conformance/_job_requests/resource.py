"""The URIs of the job resource."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from jobinfo_conformance._contract.versions import DEFAULT, Version
from jobinfo_conformance._endpoint_url import as_one
from jobinfo_conformance._url_parts import parts_of

_PATH = re.compile(
    r"(?P<base>.*)/services/async/(?P<version>[^/]+)/job(?:/(?P<job>[^/]+)(?P<batches>/batch(?:/(?P<batch>[^/]+))?)?)?/?"
)
#: Most URLs are as plain as this, and need no closer look.
_PLAIN = re.compile(
    r"(?P<origin>https?://[a-z0-9.:-]+)/services/async/(?P<version>[0-9]+\.0)/job"
    r"(?:/(?P<job>[A-Za-z0-9]{15,18})(?P<batches>/batch(?:/(?P<batch>[A-Za-z0-9]+))?)?)?"
)


@dataclass(frozen=True)
class Resource:
    """What a URI of the job resource names.

    ``origin`` is everything before the path of the API, and ``version_text`` the version, both as written. ``job_id`` and
    ``batch_id`` are the ids without percent-encoding, or None. ``has_batches`` says that the URI leads to the batches of a job.

        >>> Resource.of("https://x.test/services/async/36.0/job/750D0000000002lIAA").job_id
        '750D0000000002lIAA'
    """

    origin: str
    version_text: str
    job_id: str | None
    has_batches: bool
    batch_id: str | None

    @property
    def version(self) -> Version:
        """The version in the URI; the default if it is not a version."""
        try:
            return Version.parse(self.version_text)
        except ValueError:
            return DEFAULT

    @property
    def endpoint(self) -> str:
        """The origin in the one spelling that tells it from others."""
        return as_one(self.origin)

    @classmethod
    def elsewhere(cls, url: str) -> Resource:
        """What a URL names that is none of the job resource: nothing but its origin."""
        parts = parts_of(url)
        return cls(f"{parts.scheme}://{parts.netloc}", "", None, has_batches=False, batch_id=None)

    @classmethod
    @lru_cache(maxsize=256)
    def of(cls, url: str) -> Resource | None:
        """Read a URL; None if it is not one of the job resource."""
        plain = _PLAIN.fullmatch(url)
        if plain is not None:
            has_batches = plain["batches"] is not None
            return cls(plain["origin"], plain["version"], plain["job"], has_batches=has_batches, batch_id=plain["batch"])
        parts = parts_of(url)
        match = _PATH.fullmatch(parts.path)
        if match is None:
            return None
        return cls(
            origin=f"{parts.scheme}://{parts.netloc}{match['base']}",
            version_text=match["version"],
            job_id=match["job"] and unquote(match["job"]),
            has_batches=match["batches"] is not None,
            batch_id=match["batch"] and unquote(match["batch"]),
        )

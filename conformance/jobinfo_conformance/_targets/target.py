"""What a target is, and how a live one is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.versions import DEFAULT, Version
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._exchange import Request, Response
from jobinfo_conformance._subjects.kind import AnySubjectKind

#: Called as a scenario begins, with its number (from 1), how many there are, and its name; several threads may call it.
Progress = Callable[[int, int, str], None]


class TargetUnusable(BadInput):
    """Nothing can be learned from a target: it does not answer, or refuses the session, the version, the URL or the feature.

    The message says what to do. Exit status 2.

        >>> from jobinfo_conformance import run
        >>> try:
        ...     run("missing.har")
        ... except TargetUnusable as reason:
        ...     print(str(reason)[:29])
        missing.har is neither a file
    """


@runtime_checkable
class Target(Protocol):
    """An endpoint of your own making that answers requests, with or without a network.

    Scenarios are played on it as on a URL. ``name`` is what reports call it. Requests carry the session in the header
    X-SFDC-Session; no content or transfer coding is applied to their bodies. The option ``timeout`` does not apply: `send` has
    to return by itself.

        >>> class Refusing:
        ...     name = "one that refuses everything"
        ...     def send(self, request):
        ...         return Response(418)
        >>> isinstance(Refusing(), Target)
        True
    """

    @property
    def name(self) -> str:
        """What reports call the target."""

    def send(self, request: Request) -> Response:
        """Answer a request. Raises ConnectionError if no answer comes; anything else that is raised counts as the same."""


@dataclass(frozen=True)
class Asking:
    """How a live endpoint is asked.

    ``timeout`` and ``wait`` are the longest to wait, in seconds, for one answer and for batches to finish.
    ``max_requests`` is the most that may be sent, cleanup included; None means what a conforming endpoint needs, but at
    least 260. ``queries`` says whether the endpoint has query jobs, ``writes`` whether records may be inserted, and
    ``workers`` how many scenarios are played side by side. ``time_limit`` is how long the run may take, in seconds, cleanup
    included; None means as long as it takes. ``kinds`` are the kinds of subject that have to be shown; None means all.
    """

    version: Version = DEFAULT
    job_object: str = "Account"
    timeout: float = 30
    wait: float = 20
    max_requests: int | None = None
    queries: bool = True
    writes: bool = False
    content_type: str | None = None
    workers: int = 1
    progress: Progress | None = None
    time_limit: float | None = None
    kinds: frozenset[AnySubjectKind] | None = None


@runtime_checkable
class EvidenceSource(Protocol):
    """Where evidence comes from: a recording, an endpoint, an application."""

    @property
    def name(self) -> str:
        """What the user called it."""

    def observe(self, serializations: Sequence[Serialization], catalogue: Catalogue) -> Observation:
        """Ask everything there is to ask in these serializations. Raises TargetUnusable."""

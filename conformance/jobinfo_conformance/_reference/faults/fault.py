"""What a fault is: a service that departs in one step, and the requests in whose answers it does.

A class that overrides a step is made a fault by `fault`; a function that changes what a step returns by `after`, one that
changes the request that a step is handed by `before`. The name of a fault follows from that of its class or function:
``NumbersAsStrings`` and ``numbers_as_strings`` are ``numbers-as-strings``.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Required, TypedDict, TypeVar, Unpack

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._exchange import Request, Response
from jobinfo_conformance._job_requests.job_request import JobRequest, Operation
from jobinfo_conformance._reference.adaptation import adapted
from jobinfo_conformance._reference.service import Service

T = TypeVar("T")

XML, JSON = Serialization.XML, Serialization.JSON


@dataclass(frozen=True)
class Fault:
    """One departure: its name, how it departs in a sentence, and the requirement that it is meant to break.

    ``departs`` is the service that does so. It answers requests in one of the ``serializations`` that ask for one of the
    operations ``on``, or for any where that is empty; of those only one in ``every``. ``extension`` names the package
    that adds it; None for a built-in one.
    """

    name: str
    sentence: str
    breaks: str
    departs: type[Service]
    serializations: tuple[Serialization, ...] = tuple(Serialization)
    on: tuple[Operation, ...] = ()
    every: int = 1
    extension: str | None = None

    def service(self, adaptations: tuple[type[Service], ...] = (), **settings: Any) -> Service:
        """A service with this fault; ``settings`` are those of Service."""
        conforming = adapted(Service, adaptations)(**settings)
        return _Faulty(self, conforming, adapted(self.departs, adaptations)(**settings), **settings)

    def concerns(self, request: Request) -> bool:
        """Whether the answer to a request may depart."""
        if _form(request) not in self.serializations:
            return False
        asked = JobRequest.of(request)
        return not self.on or (asked is not None and asked.operation in self.on)


class _Faulty(Service):
    """Has the requests that a fault concerns answered by a service that departs, and all others by one that conforms.

    Both know the same jobs.
    """

    def __init__(self, fault: Fault, conforming: Service, departing: Service, **settings: Any) -> None:
        super().__init__(**settings)
        self._fault = fault
        self._conforming, self._departing = conforming, departing
        self._conforming.jobs = self._departing.jobs = self.jobs
        self._concerned = 0
        self._one_by_one = threading.Lock()

    def answer(self, request: Request) -> Response:
        """Answer a request by one of the two."""
        with self._one_by_one:
            concerned = self._fault.concerns(request)
            self._concerned += concerned
            departs = concerned and self._concerned % self._fault.every == 0
            return (self._departing if departs else self._conforming).answer(request)


def _form(request: Request) -> Serialization:
    """The serialization of a request, whatever its media type is called."""
    return JSON if "json" in (request.content_type or "").lower() else XML


class Which(TypedDict, total=False):
    """What a fault breaks, and in which answers: in one serialization only, on operations, in one of ``every``."""

    breaks: Required[str]
    only: Serialization
    on: Operation | tuple[Operation, ...]
    every: int


def fault(**which: Unpack[Which]) -> Callable[[type[Service]], Fault]:
    """Make a class of Service a fault, whose sentence is the class's docstring.

    ``breaks`` is the id of the requirement that it is meant to break. ``only`` is the serialization, and ``on`` are the
    operations, in whose answers it departs; in one of ``every``. Raises ValueError where the docstring is missing.

        >>> @fault(breaks="http/status-200", on=Operation.CLOSE)
        ... class AcceptsCloses(Service):
        ...     '''A close is answered with 202.'''
        >>> AcceptsCloses.name, AcceptsCloses.sentence
        ('accepts-closes', 'A close is answered with 202.')
    """
    return lambda departs: _fault(_kebab(departs.__name__), departs.__doc__, departs, which)


def after(step: Callable[..., T], **which: Unpack[Which]) -> Callable[[Callable[[T], T]], Fault]:
    """Make a function a fault: it is handed what a step of Service returns, and returns what is returned in its place."""

    def made(change: Callable[[T], T]) -> Fault:
        def overridden(service: Service, *arguments: Any, **more: Any) -> T:
            return change(step(service, *arguments, **more))

        return _overriding(step, overridden, change, which)

    return made


def before(step: Callable[..., Any], **which: Unpack[Which]) -> Callable[[Callable[[Request], Request]], Fault]:
    """Make a function a fault: it is handed the request that a step of Service is for, and returns another in its place."""

    def made(change: Callable[[Request], Request]) -> Fault:
        def overridden(service: Service, request: Request, *arguments: Any, **more: Any) -> Any:
            return step(service, change(request), *arguments, **more)

        return _overriding(step, overridden, change, which)

    return made


def _overriding(
    step: Callable[..., object], overridden: Callable[..., object], change: Callable[..., object], which: Which
) -> Fault:
    departs = type(change.__name__, (Service,), {step.__name__: overridden})
    return _fault(change.__name__.replace("_", "-"), change.__doc__, departs, which)


def _fault(name: str, sentence: str | None, departs: type[Service], which: Which) -> Fault:
    if not sentence:
        raise ValueError(f"the fault {name} has no sentence: write it as its docstring")
    only, on = which.get("only"), which.get("on", ())
    return Fault(
        name,
        " ".join(sentence.split()),
        which["breaks"],
        departs,
        tuple(Serialization) if only is None else (only,),
        on if isinstance(on, tuple) else (on,),
        which.get("every", 1),
    )


def _kebab(name: str) -> str:
    """The words of a class's name, small and hyphenated."""
    return re.sub(r"(?<=[a-z])(?=[A-Z0-9])", "-", name).lower()

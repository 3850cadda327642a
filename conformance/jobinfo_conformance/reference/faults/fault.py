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
from difflib import get_close_matches
from typing import Any, Required, TypedDict, TypeVar, Unpack

from jobinfo_conformance.contract.reading import Serialization
from jobinfo_conformance.evidence.exchange import Exchange, Request, Response
from jobinfo_conformance.evidence.history import Operation, Step
from jobinfo_conformance.reference.service import Service

S = TypeVar("S", bound=type[Service])
T = TypeVar("T")

XML, JSON = Serialization.XML, Serialization.JSON


class UnknownFault(ValueError):
    """No fault has this name; the message is a line for the user."""


@dataclass(frozen=True)
class Fault:
    """One departure: its name, how it departs in a sentence, and the requirement that it is meant to break.

    ``departs`` is the service that does so. It answers requests in one of the ``serializations`` that ask for one of the
    operations ``on``, or for any where that is empty; of those only one in ``every``.
    """

    name: str
    sentence: str
    breaks: str
    departs: type[Service]
    serializations: tuple[Serialization, ...] = tuple(Serialization)
    on: tuple[Operation, ...] = ()
    every: int = 1

    def service(self, **settings: Any) -> Service:
        """A service with this fault; ``settings`` are those of Service."""
        return _Faulty(self, **settings)

    def concerns(self, request: Request) -> bool:
        """Whether the answer to a request may depart."""
        if _form(request) not in self.serializations:
            return False
        step = Step.of(Exchange(request, Response(0)))
        return not self.on or (step is not None and step.operation in self.on)


class _Faulty(Service):
    """Has the requests that a fault concerns answered by a service that departs, and all others by one that conforms.

    Both know the same jobs.
    """

    def __init__(self, fault: Fault, **settings: Any) -> None:
        super().__init__(**settings)
        self._fault = fault
        self._conforming, self._departing = Service(**settings), fault.departs(**settings)
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


#: All faults by their names, in the order of the families.
FAULTS: dict[str, Fault] = {}


def find_fault(name: str) -> Fault:
    """The fault of a name. Raises UnknownFault with names that are close to it."""
    if name not in FAULTS:
        close = " or ".join(get_close_matches(name, FAULTS))
        hint = f"did you mean {close}?" if close else "jobinfo-conformance selftest --list names all"
        raise UnknownFault(f"the reference has no fault {name}: {hint}")
    return FAULTS[name]


class Which(TypedDict, total=False):
    """What a fault breaks, and in which answers: in one serialization only, on operations, in one of ``every``."""

    breaks: Required[str]
    only: Serialization
    on: Operation | tuple[Operation, ...]
    every: int


def fault(**which: Unpack[Which]) -> Callable[[S], S]:
    """Make a class of service a fault. Raises ValueError where its name is taken or its docstring missing."""

    def register(departs: S) -> S:
        _register(_kebab(departs.__name__), departs.__doc__, departs, which)
        return departs

    return register


def after(step: Callable[..., T], **which: Unpack[Which]) -> Callable[[Callable[[T], T]], Fault]:
    """Make a function a fault: it is handed what a step of Service returns, and returns what is returned in its place."""

    def register(change: Callable[[T], T]) -> Fault:
        def overridden(service: Service, *arguments: Any, **more: Any) -> T:
            return change(step(service, *arguments, **more))

        return _overriding(step, overridden, change, which)

    return register


def before(step: Callable[..., Any], **which: Unpack[Which]) -> Callable[[Callable[[Request], Request]], Fault]:
    """Make a function a fault: it is handed the request that a step of Service is for, and returns another in its place."""

    def register(change: Callable[[Request], Request]) -> Fault:
        def overridden(service: Service, request: Request, *arguments: Any, **more: Any) -> Any:
            return step(service, change(request), *arguments, **more)

        return _overriding(step, overridden, change, which)

    return register


def _overriding(
    step: Callable[..., object], overridden: Callable[..., object], change: Callable[..., object], which: Which
) -> Fault:
    departs = type(change.__name__, (Service,), {step.__name__: overridden})
    return _register(change.__name__.replace("_", "-"), change.__doc__, departs, which)


def _register(name: str, sentence: str | None, departs: type[Service], which: Which) -> Fault:
    if name in FAULTS:
        raise ValueError(f"there is a fault {name} already")
    if not sentence:
        raise ValueError(f"the fault {name} has no sentence")
    only, on = which.get("only"), which.get("on", ())
    FAULTS[name] = Fault(
        name,
        " ".join(sentence.split()),
        which["breaks"],
        departs,
        tuple(Serialization) if only is None else (only,),
        on if isinstance(on, tuple) else (on,),
        which.get("every", 1),
    )
    return FAULTS[name]


def _kebab(name: str) -> str:
    """The words of a class's name, small and hyphenated."""
    return re.sub(r"(?<=[a-z])(?=[A-Z0-9])", "-", name).lower()

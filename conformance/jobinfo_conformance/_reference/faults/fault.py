"""What a fault is: a service that departs from the contract in one step, and the requests whose answers show it.

`fault` makes a fault of a class that overrides a step, `after` of a function that changes what a step returns, and `before`
of a function that changes the request that a step is handed. A fault is named after its class or function:
``NumbersAsStrings`` and ``numbers_as_strings`` both become ``numbers-as-strings``.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Required, TypedDict, TypeVar, Unpack

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._exchange import Request, Response
from jobinfo_conformance._job_requests.job_request import JobRequest, Operation
from jobinfo_conformance._reference.adaptation import adapted, refuse_other_than_service
from jobinfo_conformance._reference.service import Service
from jobinfo_conformance._reference.spoiled_bytes import Spoil
from jobinfo_conformance._reference.spoiling_wire import spoiling
from jobinfo_conformance._reference.wire import Wire

T = TypeVar("T")

XML, JSON = Serialization.XML, Serialization.JSON


@dataclass(frozen=True)
class Fault:
    """One departure: its name, a sentence that says how it departs, and the requirement that it is meant to break.

    ``departs`` is the service that departs. It answers requests in the ``serializations`` that ask for one of the operations
    ``on``, or for any operation if that is empty; of those only one in ``every``. ``extension`` names the extension that adds
    the fault; None for a built-in one. ``spoil`` makes other bytes of an answer, beneath all that a service can say. Where
    ``says`` is set, the requirement is noticed not to hold, or not to be testable, in words that include these.
    """

    name: str
    sentence: str
    breaks: str
    departs: type[Service]
    serializations: tuple[Serialization, ...] = tuple(Serialization)
    on: tuple[Operation, ...] = ()
    every: int = 1
    extension: str | None = None
    spoil: Spoil | None = None
    says: str | None = None

    def wire(self, usual: Wire) -> Wire:
        """What sends the answers: the usual wire, unless the fault spoils their bytes."""
        return usual if self.spoil is None else spoiling(usual, self.spoil, self.concerns)

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
    """Lets a departing service answer the requests that a fault concerns, and a conforming one all others.

    Both know the same jobs.
    """

    def __init__(self, fault: Fault, conforming: Service, departing: Service, **settings: Any) -> None:
        super().__init__(**settings)
        self._fault = fault
        self._conforming, self._departing = conforming, departing
        self._conforming.jobs = self._departing.jobs = self.jobs
        self._concerned = 0
        self._one_at_a_time = threading.Lock()

    def answer(self, request: Request) -> Response:
        """Let one of the two services answer a request."""
        with self._one_at_a_time:
            concerned = self._fault.concerns(request)
            self._concerned += concerned
            departs = concerned and self._concerned % self._fault.every == 0
            return (self._departing if departs else self._conforming).answer(request)


def _form(request: Request) -> Serialization:
    """The serialization of a request: JSON if its media type has that word in it, else XML."""
    return JSON if "json" in (request.content_type or "").lower() else XML


class FaultOptions(TypedDict, total=False):
    """What a fault breaks, and in which answers: in one serialization only, on some operations, in one of ``every``."""

    breaks: Required[str]
    only: Serialization
    on: Operation | tuple[Operation, ...]
    every: int


def fault(**options: Unpack[FaultOptions]) -> Callable[[type[Service]], Fault]:
    """Turn a subclass of Service into a fault, whose sentence is the class's docstring.

    ``breaks`` is the id of the requirement that it is meant to break. ``only`` restricts the fault to answers in one
    serialization, ``on`` to answers to some operations, and ``every`` to one in so many of these. Raises ValueError if the
    docstring or ``breaks`` is missing, or the class is not a Service.

        >>> @fault(breaks="http/status-200", on=Operation.CLOSE)
        ... class AcceptsCloses(Service):
        ...     '''A close is answered with 202.'''
        >>> AcceptsCloses.name, AcceptsCloses.sentence
        ('accepts-closes', 'A close is answered with 202.')
    """

    def made(departs: type[Service]) -> Fault:
        refuse_other_than_service(departs)
        return _fault(kebab(departs.__name__), departs.__doc__, departs, options)

    return made


def after(step: Callable[..., T], **options: Unpack[FaultOptions]) -> Callable[[Callable[[T], T]], Fault]:
    """Turn a function into a fault: it is handed what a step of Service returns, and returns what replaces that."""

    def made(change: Callable[[T], T]) -> Fault:
        def overridden(service: Service, *arguments: Any, **more: Any) -> T:
            return change(step(service, *arguments, **more))

        return _overriding(step, overridden, change, options)

    return made


def before(step: Callable[..., Any], **options: Unpack[FaultOptions]) -> Callable[[Callable[[Request], Request]], Fault]:
    """Turn a function into a fault: it is handed the request that a step of Service gets, and returns one to replace it."""

    def made(change: Callable[[Request], Request]) -> Fault:
        def overridden(service: Service, request: Request, *arguments: Any, **more: Any) -> Any:
            return step(service, change(request), *arguments, **more)

        return _overriding(step, overridden, change, options)

    return made


def spoiled(
    *, says: str, breaks: str = "schema/well-formed", on: Operation = Operation.CLOSE, only: Serialization = XML
) -> Callable[[Spoil], Fault]:
    """Turn a function into a fault: it is handed the bytes of an honest answer, and returns those that are sent instead."""

    def made(spoil: Spoil) -> Fault:
        name = getattr(spoil, "__name__", "").replace("_", "-")
        found = _fault(name, spoil.__doc__, Service, {"breaks": breaks, "on": on, "only": only})
        return replace(found, spoil=spoil, says=says)

    return made


def _overriding(
    step: Callable[..., object], overridden: Callable[..., object], change: Callable[..., object], options: FaultOptions
) -> Fault:
    departs = type(change.__name__, (Service,), {step.__name__: overridden})
    return _fault(change.__name__.replace("_", "-"), change.__doc__, departs, options)


def _fault(name: str, sentence: str | None, departs: type[Service], options: FaultOptions) -> Fault:
    if not sentence:
        raise ValueError(f"the fault {name} has no sentence: write it as its docstring")
    if not isinstance(options.get("breaks"), str):
        raise ValueError(f"the fault {name} does not say which requirement it breaks: give breaks, an id like acme/name")
    unknown = ", ".join(sorted(set(options) - set(FaultOptions.__annotations__)))
    if unknown:
        raise ValueError(f"the fault {name} takes no {unknown}")
    only, on, every = options.get("only"), options.get("on", ()), options.get("every", 1)
    operations = on if isinstance(on, tuple) else (on,)
    if only not in (None, *Serialization) or not all(isinstance(operation, Operation) for operation in operations):
        raise ValueError(f"the fault {name} is on {on!r} in {only!r}: give operations like Operation.CLOSE, and XML or JSON")
    if not isinstance(every, int) or every < 1:
        raise ValueError(f"the fault {name} departs in one of {every!r} answers: give a whole number above 0")
    return Fault(
        name,
        " ".join(sentence.split()),
        options["breaks"],
        departs,
        tuple(Serialization) if only is None else (only,),
        operations,
        every,
    )


def kebab(name: str) -> str:
    """The name of a class as lower-case words with hyphens between them."""
    return re.sub(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()

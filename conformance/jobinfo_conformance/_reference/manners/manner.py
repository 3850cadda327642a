"""What a manner is: a step of the reference's Service or Wire, taken in another legal way.

`manner` makes one of a class that overrides steps, and `after` of a function that changes what a step returns. A manner is
named as a fault is: ``NoKeepAlive`` and ``no_keep_alive`` both become ``no-keep-alive``. Manners combine: each hands its step
on to the next, so a class calls ``super()`` for what it does not settle by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from jobinfo_conformance._reference.faults.fault import kebab
from jobinfo_conformance._reference.service import Service
from jobinfo_conformance._reference.wire import Wire

T = TypeVar("T")

Answering = Service | Wire


@dataclass(frozen=True)
class Manner:
    """One unusual way to answer: its name, a sentence that says what it is, and the class that answers so.

    ``settles`` names the questions to which only one manner can give the answer, such as where a body ends. ``hides`` are
    the ids of requirements that such a server leaves nothing to test on.
    """

    name: str
    sentence: str
    answers: type[Answering]
    settles: frozenset[str] = frozenset()
    hides: frozenset[str] = frozenset()

    @property
    def services(self) -> tuple[type[Service], ...]:
        """The subclass of Service that answers so, if the manner is one of what is answered."""
        return (self.answers,) if issubclass(self.answers, Service) else ()

    @property
    def wires(self) -> tuple[type[Wire], ...]:
        """The subclass of Wire that answers so, if the manner is one of how answers are sent."""
        return (self.answers,) if issubclass(self.answers, Wire) else ()


def manner(*settles: str, hides: Iterable[str] = ()) -> Callable[[type[Answering]], Manner]:
    """Turn a subclass of Service or Wire into a manner, whose sentence is the class's docstring.

    ``settles`` and ``hides`` are those of `Manner`. Raises ValueError if the docstring is missing.

        >>> @manner("connection")
        ... class NoKeepAlive(Wire):
        ...     '''Every answer closes its connection.'''
        ...     def keeps_open(self, response):
        ...         return False
        >>> NoKeepAlive.name, NoKeepAlive.sentence
        ('no-keep-alive', 'Every answer closes its connection.')
    """
    return lambda answers: _manner(answers.__doc__, answers, settles, hides)


def after(step: Callable[..., T], *settles: str, hides: Iterable[str] = ()) -> Callable[[Callable[[T], T]], Manner]:
    """Turn a function into a manner: it is handed what a step of Service or Wire returns, and returns what replaces that."""
    base: type[Answering] = Service if getattr(Service, step.__name__, None) is step else Wire

    def made(change: Callable[[T], T]) -> Manner:
        def overridden(self: Answering, *arguments: Any, **more: Any) -> T:
            return change(getattr(super(answers, self), step.__name__)(*arguments, **more))

        answers: type[Answering] = type(change.__name__, (base,), {step.__name__: overridden})
        return _manner(change.__doc__, answers, settles, hides)

    return made


def wire_of(manners: Iterable[Manner]) -> Wire:
    """The Wire that sends answers in all of these manners; the last one has the last word."""
    wires = [wire for manner in manners for wire in manner.wires]
    combined: type[Wire] = type("Combined", (*reversed(wires),), {}) if wires else Wire
    return combined()


def _manner(sentence: str | None, answers: type[Answering], settles: Iterable[str], hides: Iterable[str]) -> Manner:
    name = kebab(answers.__name__).replace("_", "-")
    if not sentence:
        raise ValueError(f"the manner {name} has no sentence: write it as its docstring")
    return Manner(name, " ".join(sentence.split()), answers, frozenset(settles), frozenset(hides))

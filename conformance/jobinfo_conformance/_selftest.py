"""The suite against every fault: which requirement notices which, as ``jobinfo-conformance selftest`` reports it.

A fault survives if the requirement that it is meant to break does not notice it, even if others do. A SHOULD notices a fault
by a warning.
"""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count

from jobinfo_conformance._catalogue.catalogue import Catalogue, CataloguePlace
from jobinfo_conformance._catalogue.extensions import installed
from jobinfo_conformance._catalogue.of_clients import OF_CLIENTS, with_clients
from jobinfo_conformance._clients.conforming import ClientFault, ConformingClient, InProcess
from jobinfo_conformance._clients.under_test import ClientUnderTest, Trying
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._judging import judge_or_report_error
from jobinfo_conformance._problems.problems import problems_of
from jobinfo_conformance._process.processors import processors
from jobinfo_conformance._reference.faults.fault import Fault
from jobinfo_conformance._results.results import Judgement, Outcome
from jobinfo_conformance._subjects.kind import AnySubjectKind
from jobinfo_conformance._targets.served import of_service
from jobinfo_conformance._targets.target import Asking, TargetUnusable

#: How long batches may take to finish, in seconds. The service's own clock moves on with each look, so a few looks suffice.
_WAIT = 0.1
_STARTED, _TICK, _BATCH_TICKS = datetime(2026, 1, 1, tzinfo=UTC), timedelta(milliseconds=1), 4
#: Enough for whatever a fault makes the suite ask, so that the bound on a run's requests hides no fault.
_REQUESTS = 2000


@dataclass(frozen=True)
class Trial:
    """The suite against one fault, or against the reference without one: the places where requirements did not hold.

    ``untried`` says why the endpoint could not be asked. ``errors`` are those of the suite and of extensions, with their
    tracebacks. ``problems`` are the requirements at the causes, in the order in which a run tells them.
    """

    fault: Fault | ClientFault | None
    places: frozenset[CataloguePlace] = frozenset()
    untried: str | None = None
    errors: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def meant(self, catalogue: Catalogue) -> list[CataloguePlace]:
        """Where the fault is meant to be noticed: in each serialization that both the fault and its requirement have."""
        if self.fault is None:
            return []
        requirement = catalogue.requirements[self.fault.breaks]
        forms = (None, *self.fault.serializations)
        return [(requirement.id, form) for form in requirement.serializations if form in forms]

    def missed(self, catalogue: Catalogue) -> list[CataloguePlace]:
        """Where the fault is meant to be noticed, but is not."""
        return [place for place in self.meant(catalogue) if place not in self.places]

    def others(self, catalogue: Catalogue) -> list[str]:
        """The other requirements that notice the fault, in the order of the catalogue."""
        found = {name for name, _ in self.places} - {name for name, _ in self.meant(catalogue)}
        return [name for name in catalogue.requirements if name in found]

    def is_right(self, catalogue: Catalogue) -> bool:
        """Whether the fault is noticed; the reference without a fault has to conform, strictly."""
        if self.untried is not None:
            return False
        return not self.places if self.fault is None else not self.missed(catalogue)


@dataclass(frozen=True)
class KillMap:
    """The trials of a catalogue."""

    catalogue: Catalogue
    trials: tuple[Trial, ...]

    @property
    def wrong(self) -> list[Trial]:
        """The trials that did not end as they should, or could not be made."""
        return [trial for trial in self.trials if not trial.is_right(self.catalogue)]

    @property
    def untried(self) -> list[Trial]:
        """The trials that could not be made."""
        return [trial for trial in self.trials if trial.untried is not None]

    @property
    def survivors(self) -> list[Trial]:
        """The trials whose fault was not noticed, and that of the reference without a fault if it departs."""
        return [trial for trial in self.wrong if trial.untried is None]

    @property
    def errors(self) -> list[str]:
        """The errors of the suite and of extensions, each once, however many trials it came up in."""
        return list({error.partition("\n")[0]: error for trial in self.trials for error in trial.errors}.values())

    @property
    def unshown(self) -> list[CataloguePlace]:
        """The places where a requirement notices no fault that is meant to break it."""
        trials = [trial for trial in self.trials if not (isinstance(trial.fault, Fault) and trial.fault.says)]
        shown = {place for trial in trials for place in trial.meant(self.catalogue) if place in trial.places}
        return [place for place in self.catalogue.places if place not in shown]


def trials(names: Sequence[str | None] | None = None, extension: Sequence[str] = ()) -> Iterator[Trial]:
    """Run the suite against the reference with each of the named faults, in this order, on all processors.

    None names the reference as it is. Without names, that comes first, and then every fault of the catalogue and extensions.
    """
    catalogue = with_clients(installed(extension))
    chosen: Iterable[str | None] = (None, *catalogue.all_faults) if names is None else names
    with ProcessPoolExecutor(processors(), initializer=_begin, initargs=(tuple(extension),)) as pool:
        try:
            for name, found in pool.map(_trial, chosen):
                yield replace(found, fault=None if name is None else catalogue.any_fault(name))
        finally:
            pool.shutdown(cancel_futures=True)


_catalogue: Catalogue


def _begin(extension: tuple[str, ...]) -> None:
    """Prepare a process of the pool, which leaves Ctrl-C to the process that started it."""
    global _catalogue  # noqa: PLW0603  # one catalogue for each process: it is too large to be sent with each trial
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _catalogue = with_clients(installed(extension))
    gc.freeze()  # what is there now stays: Hypothesis, which looks through all objects in each thread, need not look here


def _trial(name: str | None) -> tuple[str | None, Trial]:
    """Run a trial; return it without its fault, which can't be sent to another process."""
    return name, replace(trial(name, _catalogue), fault=None)


def trial(name: str | None, catalogue: Catalogue) -> Trial:
    """Run the suite against one fault, against a faulty client, or against the reference as it is."""
    fault = None if name is None else catalogue.any_fault(name)
    try:
        observation = observed_client(fault) if isinstance(fault, ClientFault) else observed(name, catalogue)
    except (TargetUnusable, OSError) as error:  # the latter if this machine gives the endpoint no port
        return Trial(fault, untried=str(error))
    of_clients = {place for place in catalogue.places if place[0] in OF_CLIENTS.requirements}
    judged = [
        judge_or_report_error(catalogue.requirements[name], form, observation, strict=fault is None)
        for name, form in catalogue.places
        if ((name, form) in of_clients) is isinstance(fault, ClientFault)
    ]
    judgements = [judgement for judgement, _ in judged]
    errors = [*observation.errors, *(error for _, error in judged if error is not None)]
    if fault is None:
        errors += observation.overspent  # where something fails, more requests find out what
    noticing = [judgement for judgement in judgements if _notices(judgement, fault)]
    places = frozenset((judgement.id, judgement.serialization) for judgement in noticing)
    problems = problems_of(judgements, observation, catalogue)
    return Trial(fault, places, errors=tuple(errors), problems=tuple(problem.requirement for problem in problems))


def _notices(judgement: Judgement, fault: Fault | ClientFault | None) -> bool:
    """Whether a requirement notices a fault; the reference without one is noticed by whatever does not pass.

    A fault that keeps the requirement from being tested is noticed too, if the reason is the one that it says.
    """
    if fault is None:
        return judgement.outcome is not Outcome.PASS
    if not isinstance(fault, Fault) or fault.says is None or judgement.id != fault.breaks:
        return not judgement.outcome.holds
    if judgement.outcome not in (Outcome.WARN, Outcome.FAIL, Outcome.INCONCLUSIVE):
        return False
    return any(fault.says in text for text in (judgement.reason, *(finding.message for finding in judgement.findings)))


def observed(
    name: str | None,
    catalogue: Catalogue,
    serializations: Sequence[Serialization] = tuple(Serialization),
    kinds: frozenset[AnySubjectKind] | None = None,
) -> Observation:
    """Observe the reference with a fault, or as it is, at times that are the same in every run. Raises TargetUnusable.

    If ``kinds`` are given, no more is asked than shows subjects of these, in these ``serializations``.
    """
    service = catalogue.service(name, batch_seconds=(_BATCH_TICKS * _TICK).total_seconds(), clock=_ticking())
    source = of_service("reference", Asking(wait=_WAIT, max_requests=_REQUESTS, kinds=kinds), service, catalogue.wire(name))
    return source.observe(serializations, catalogue)


def observed_client(fault: ClientFault, instead: type[ConformingClient] | None = None) -> Observation:
    """Observe a faulty client, or another one ``instead``, on the usual answers, and on those that show the fault."""
    source = ClientUnderTest(fault.name, InProcess(instead or fault.client), Trying(only=fault.shown_on, clock=_ticking()))
    return source.observe(tuple(Serialization), OF_CLIENTS)


def _ticking() -> Callable[[], datetime]:
    """Return a clock that moves on by a millisecond with each look, so that every run sees the same times."""
    ticks = count()
    return lambda: _STARTED + next(ticks) * _TICK

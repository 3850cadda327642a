"""Real answers for a requirement: one that fails, from the reference with a fault, and one that passes, from it without."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from jobinfo_conformance._catalogue.catalogue import Catalogue
from jobinfo_conformance._catalogue.requirement import AnyRequirement
from jobinfo_conformance._clients.conforming import ClientFault, ConformingClient, InXml
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.har_writer import as_recorded
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._exchange import Exchange
from jobinfo_conformance._finding import Finding
from jobinfo_conformance._judging import findings_on
from jobinfo_conformance._reference.faults.fault import Fault
from jobinfo_conformance._selftest import observed, observed_client
from jobinfo_conformance._subjects.subject import Subject

#: More than any subject is unlike another.
_UNLIKE = 9


@dataclass(frozen=True)
class Example:
    """What a requirement objects to in the answers of an endpoint, or in the requests of a client, with this fault.

    ``subject`` is where it shows. ``passing`` are the exchanges that show it the same kind of thing without the fault.
    """

    fault: Fault | ClientFault
    subject: Subject
    finding: Finding
    failing: Sequence[Exchange]
    passing: Sequence[Exchange]


class Examples:
    """Finds examples for the requirements of a catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._conforming = observed(None, catalogue)

    def of(self, requirement: AnyRequirement) -> Example | None:
        """Return the example of the first fault of a requirement that shows it; None if it has no such fault."""
        for fault, observation in self._observations(requirement):
            shown = _failing(requirement, observation)
            if shown is not None:
                subject, finding = shown
                passing = self._passing(requirement, fault, subject)
                return Example(fault, subject, finding, _exchanges(subject), _exchanges(passing) if passing else ())
        return None

    def _observations(self, requirement: AnyRequirement) -> Iterator[tuple[Fault | ClientFault, Observation]]:
        """Yield observations of the faults that break a requirement; first with no more asked than may show it."""
        faults = [fault for fault in self._catalogue.all_faults.values() if fault.breaks == requirement.id]
        form = next(iter(requirement.serializations))
        forms = tuple(Serialization) if form is None else (form,)
        for kinds, asked in ((frozenset({requirement.on}), forms), (None, tuple(Serialization))):
            for fault in faults:
                if isinstance(fault, ClientFault):
                    yield fault, observed_client(fault)
                elif fault.says is None:
                    yield fault, observed(fault.name, self._catalogue, asked, kinds)

    def _passing(self, requirement: AnyRequirement, fault: Fault | ClientFault, failing: Subject) -> Subject | None:
        """The subject that is most like one that fails, of those that pass."""
        observation = self._conforming
        if isinstance(fault, ClientFault):
            honest = InXml if issubclass(fault.client, InXml) else ConformingClient
            observation = observed_client(fault, honest)
        subjects = [
            subject for subject in requirement.on.find_all(observation) if findings_on(requirement, [subject]) == ([], [])
        ]
        return min(subjects, key=lambda subject: _unlike(subject, failing), default=None)


def _failing(requirement: AnyRequirement, observation: Observation) -> tuple[Subject, Finding] | None:
    """The subject of fewest exchanges in which a requirement does not hold, and its first finding."""
    found = []
    for subject in requirement.on.find_all(observation):
        findings, _ = findings_on(requirement, [subject])
        if findings and subject.shown_by:
            found.append((subject, findings[0]))
    return min(found, key=lambda pair: (len(pair[0].shown_by), _asked(pair[0])), default=None)


def _unlike(subject: Subject, other: Subject) -> tuple[int, int, str]:
    """How little a subject is like another: in serialization, in what was asked last, and in the number of exchanges."""
    if not subject.shown_by:
        return _UNLIKE, 0, ""
    mine, others = (each.shown_by[-1].exchange.request for each in (subject, other))
    differs = (subject.serialization is not other.serialization, mine.method != others.method, mine.body != others.body)
    return sum(differs), abs(len(subject.shown_by) - len(other.shown_by)), _asked(subject)


def _asked(subject: Subject) -> str:
    """The path that was asked last, so that of several subjects that will do it is the same one each time."""
    return urlsplit(subject.shown_by[-1].exchange.request.url).path


def _exchanges(subject: Subject) -> Sequence[Exchange]:
    return [as_recorded(step.exchange) for step in subject.shown_by]

"""What an audit keeps of all jobs: counts, and the exchanges of a few jobs that show all there is. Its size is bounded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace

from jobinfo_conformance._audit.jobs import JudgedJob, Seen
from jobinfo_conformance._catalogue.catalogue import CataloguePlace
from jobinfo_conformance._evidence.passed_over import reason_among
from jobinfo_conformance._exchange import Exchange

#: How many places are named.
FEW = 3
#: How many jobs are kept that fail in one way, and in how many ways: what fails together counts as one.
_MOST_ALIKE, _MOST_WAYS = 3, 100
#: The trait of a job that shows the operation at work.
_WORKS = "works"
#: How many tracebacks are kept.
_MOST_ERRORS = 20

#: A file, and an entry in it, from 0.
EntryPlace = tuple[str, int]


@dataclass
class Spread:
    """In how many jobs and exchanges of an archive something shows, and where first."""

    jobs: int = 0
    exchanges: int = 0
    first: list[EntryPlace] = field(default_factory=list)

    def add(self, other: Spread) -> None:
        """Add what another part of the archive shows."""
        self.jobs += other.jobs
        self.exchanges += other.exchanges
        self.first = sorted({*self.first, *other.first})[:FEW]

    def from_entry(self, number: int) -> Spread:
        """The same, where the entries were counted from this one of their file."""
        return replace(self, first=[(file, number + entry) for file, entry in self.first])


class PassedOverCounts(dict[str, Spread]):
    """Where entries were passed over, by the reason. There are not too many reasons."""

    def add(self, reason: str, where: Spread) -> None:
        """Add entries that were passed over."""
        self.setdefault(reason_among(self, reason), Spread()).add(where)


@dataclass(frozen=True)
class Sample:
    """A job that is kept: where it begins, and its exchanges."""

    place: EntryPlace
    exchanges: tuple[Exchange, ...]


@dataclass
class Tally:
    """What was found in a part of an archive, or in all of it.

    ``seen`` counts the subjects of each kind. ``failing`` counts the cases in which a requirement does not hold; ``problems``
    says how far it goes, in both serializations together. ``unreadable`` are requirements that could not be judged somewhere.
    ``passed_over`` counts entries by the reason why they are no evidence. ``examples`` are a few jobs for each way to fail,
    that is for all that does not hold in a job together. ``witnesses`` are jobs that show a kind of subject, a requirement that
    can't be judged, or the operation at work.
    """

    exchanges: int = 0
    seen: Counter[Seen] = field(default_factory=Counter)
    failing: Counter[CataloguePlace] = field(default_factory=Counter)
    problems: dict[str, Spread] = field(default_factory=dict)
    unreadable: dict[CataloguePlace, str] = field(default_factory=dict)
    passed_over: PassedOverCounts = field(default_factory=PassedOverCounts)
    examples: dict[frozenset[CataloguePlace], list[Sample]] = field(default_factory=dict)
    witnesses: dict[Hashable, Sample] = field(default_factory=dict)
    errors: dict[str, None] = field(default_factory=dict)

    def add(self, job: JudgedJob, place: EntryPlace) -> None:
        """Add a job, which begins at a place."""
        self.exchanges += job.size
        self.seen.update(job.seen)
        self._add_failing(job)
        for archived, reason in job.passed_over:
            self.passed_over.add(reason, Spread(0, 1, [(archived.file, archived.entry)]))
        self.unreadable = {**job.unreadable, **self.unreadable}
        self._note(job.errors)
        shown = (*job.seen, *job.unreadable, *([_WORKS] if job.works else []))
        traits = [trait for trait in shown if self._is_first(trait, place)]
        if traits or job.failing:
            sample = Sample(place, job.read())
            self.witnesses |= dict.fromkeys(traits, sample)
        if job.failing:
            self._exemplify(frozenset(job.failing), [sample])

    def merge(self, other: Tally) -> None:
        """Add what was found in another part of the archive."""
        self.exchanges += other.exchanges
        self.seen.update(other.seen)
        self.failing.update(other.failing)
        for name, spread in other.problems.items():
            self.problems.setdefault(name, Spread()).add(spread)
        for reason, spread in other.passed_over.items():
            self.passed_over.add(reason, spread)
        self.unreadable = {**other.unreadable, **self.unreadable}
        self._note(other.errors)
        self.witnesses |= {trait: sample for trait, sample in other.witnesses.items() if self._is_first(trait, sample.place)}
        for together, samples in other.examples.items():
            self._exemplify(together, samples)

    @property
    def samples(self) -> list[Sample]:
        """All jobs that are kept, each once, in the order of the archive."""
        kept = [*self.witnesses.values(), *(sample for samples in self.examples.values() for sample in samples)]
        by_place = {sample.place: sample for sample in kept}
        return [by_place[place] for place in sorted(by_place)]

    def _add_failing(self, job: JudgedJob) -> None:
        entries: dict[str, set[EntryPlace]] = {}
        for (name, form), failing in job.failing.items():
            self.failing[name, form] += failing.cases
            entries.setdefault(name, set()).update(failing.entries)
        for name, places in entries.items():
            self.problems.setdefault(name, Spread()).add(Spread(1, len(places), sorted(places)[:FEW]))

    def _note(self, errors: Iterable[str]) -> None:
        for error in errors:
            if len(self.errors) < _MOST_ERRORS:
                self.errors[error] = None

    def _is_first(self, trait: Hashable, place: EntryPlace) -> bool:
        """Whether no job with a trait is known that begins before this place."""
        kept = self.witnesses.get(trait)
        return kept is None or place < kept.place

    def _exemplify(self, together: frozenset[CataloguePlace], samples: Iterable[Sample]) -> None:
        """Keep the first jobs that fail in a way, and of all ways those that come first."""
        kept = {sample.place: sample for sample in [*self.examples.get(together, ()), *samples]}
        self.examples[together] = [kept[place] for place in sorted(kept)][:_MOST_ALIKE]
        if len(self.examples) > _MOST_WAYS:
            last = max(self.examples, key=lambda way: self.examples[way][0].place)
            del self.examples[last]

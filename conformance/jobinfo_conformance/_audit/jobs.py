"""What is wrong with a job: the second of the two functions that an audit is made of, on one machine or on many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial

from jobinfo_conformance._alike import Faultless, likeness
from jobinfo_conformance._audit.long_entries import LongEntry
from jobinfo_conformance._audit.rows import Row
from jobinfo_conformance._audit.sessions import Sessions
from jobinfo_conformance._catalogue.catalogue import CataloguePlace
from jobinfo_conformance._catalogue.requirement import AnyRequirement, Level
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.glance import Glance, glance
from jobinfo_conformance._evidence.har_reader import Unusable, entry_of, exchange_of
from jobinfo_conformance._evidence.history import History, histories, told_apart
from jobinfo_conformance._evidence.secrets import keys_named, sessions_named
from jobinfo_conformance._evidence.side_files import SideFiles
from jobinfo_conformance._evidence.watched_secrets import WatchedSecrets
from jobinfo_conformance._exchange import Exchange
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._judging import Judged, by_kind, shown_despite_errors
from jobinfo_conformance._payloads import answered_kind
from jobinfo_conformance._results.results import LATER, Outcome

#: A kind of subject by its name, and the serialization and the version that a subject of the kind is judged for.
Seen = tuple[str, Serialization, int]


@dataclass(frozen=True)
class Archived:
    """A HAR entry in JSON, and where it is: the file, the entry there, from 0, and the files beside it."""

    file: str
    entry: int
    text: bytes | LongEntry
    beside: SideFiles | None = None

    @property
    def raw(self) -> bytes:
        """The JSON; a long one is read each time."""
        return self.text.read() if isinstance(self.text, LongEntry) else self.text


@dataclass
class Failing:
    """How often a requirement does not hold: in how many cases, and in the answers to which entries."""

    cases: int = 0
    entries: set[tuple[str, int]] = field(default_factory=set)


@dataclass
class JudgedJob:
    """A job, judged.

    ``size`` is the number of its exchanges with the job resource, and ``read`` returns them, without sessions. ``rows`` are the
    findings. ``seen`` counts the subjects that the job shows. ``failing`` are the requirements that do not hold, and
    ``unreadable`` those that could not be judged, each with the reason. ``passed_over`` are the entries that are no evidence,
    each with the reason. ``errors`` are the tracebacks of checks that broke down. ``works`` says that a close was accepted and
    its answer has a body.
    """

    size: int = 0
    read: Callable[[], tuple[Exchange, ...]] = tuple
    rows: list[Row] = field(default_factory=list)
    seen: Counter[Seen] = field(default_factory=Counter)
    failing: dict[CataloguePlace, Failing] = field(default_factory=dict)
    unreadable: dict[CataloguePlace, str] = field(default_factory=dict)
    passed_over: list[tuple[Archived, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    works: bool = False


class JobJudge:
    """Judges jobs by these requirements. With ``strict``, a SHOULD that does not hold fails too.

    The sessions and other secrets that a job's requests name are removed from its exchanges, and any other session among
    ``sessions``, those of the archive. ``later`` are the ids of requirements that are judged and told, but not scored.
    """

    def __init__(
        self,
        requirements: Iterable[AnyRequirement],
        sessions: Sessions,
        *,
        strict: bool = False,
        later: Collection[str] = (),
    ) -> None:
        requirements = tuple(requirements)
        self._requirements = by_kind(requirements)
        self._sessions = sessions
        self._strict = strict
        self._later = later
        self._faultless = Faultless[JudgedJob]()
        # An extension may look at anything.
        self._compares = all(requirement.extension is None for requirement in requirements)

    def judge(self, entries: Iterable[Archived]) -> JudgedJob:
        """Judge a job by its entries, in the order in which they were sent."""
        entries = list(entries)
        like = self._likeness(entries) if self._compares else None
        known = self._faultless.get(like)
        if known is not None:
            return JudgedJob(len(entries), partial(self._exchanges, entries), seen=known.seen, works=known.works)
        job = self._judge_closely(entries)
        if not (job.failing or job.unreadable or job.errors or job.passed_over):
            self._faultless.add(like, job)
        return job

    def _likeness(self, entries: Sequence[Archived]) -> Hashable | None:
        """What the entries of a job show at a glance; None if they take a closer look, or a secret may be in an answer."""
        seen: list[Glance] = []
        for archived in entries:
            try:
                glanced = glance(entry_of(archived.raw))
            except Unusable:
                return None
            if glanced is None:
                return None
            seen.append(glanced)
        secrets = _watched(
            frozenset[str]().union(*[each.sessions for each in seen]), frozenset[str]().union(*[each.keys for each in seen])
        )
        hidden = any(secrets.may_be_in(each.texts) or self._sessions.may_be_in(each.texts) for each in seen)
        return None if hidden else likeness(seen)

    def _exchanges(self, entries: Sequence[Archived]) -> tuple[Exchange, ...]:
        return tuple(step.exchange for history in self._histories(_read(entries, JudgedJob())) for step in history.steps)

    def _histories(self, read: Sequence[tuple[Archived, Exchange]]) -> Sequence[History]:
        return told_apart(histories(_without_secrets([exchange for _, exchange in read], self._sessions)))

    def _judge_closely(self, archived: Sequence[Archived]) -> JudgedJob:
        job = JudgedJob()
        read = _read(archived, job)
        found = self._histories(read)
        steps = [step for history in found for step in history.steps]
        if not steps:
            return job
        exchanges = tuple(step.exchange for step in steps)
        job.size, job.read = len(exchanges), lambda: exchanges
        job.works = any(step.operation is Operation.CLOSE and step.answers_job for step in steps)
        entries = [each for each, _ in read]
        shown = shown_despite_errors(found, self._requirements, job.errors, later=self._later)
        for kind, subjects in shown.subjects.items():
            job.seen.update((kind.name, subject.serialization, subject.version.major) for subject in subjects)
        for judged in shown.judged:
            _add(job, judged, entries, self._outcome(judged.requirement))
        return job

    def _outcome(self, requirement: AnyRequirement) -> str:
        """What becomes of a requirement that does not hold, as rows say it."""
        if requirement.id in self._later:
            return LATER
        return (Outcome.FAIL if self._strict or requirement.level is Level.MUST else Outcome.WARN).value


def _read(entries: Iterable[Archived], job: JudgedJob) -> list[tuple[Archived, Exchange]]:
    """The exchanges in entries, each numbered by its place here."""
    read: list[tuple[Archived, Exchange]] = []
    for archived in entries:
        try:
            read.append((archived, exchange_of(entry_of(archived.raw), len(read), archived.beside)))
        except Unusable as reason:
            job.passed_over.append((archived, str(reason)))
    return read


def _without_secrets(exchanges: Sequence[Exchange], sessions: Sessions) -> Iterable[Exchange]:
    requests = [exchange.request for exchange in exchanges]
    own = {session for request in requests for session in sessions_named(request.url, request.headers)}
    keys = {key for request in requests for key in keys_named(request.url, request.headers)}
    return map(_watched(frozenset(own | sessions.among(exchanges)), frozenset(keys)).removed, exchanges)


#: Many jobs are worked on in one session.
_watched = lru_cache(maxsize=64)(WatchedSecrets)


def _add(job: JudgedJob, judged: Judged, entries: Sequence[Archived], outcome: str) -> None:
    """Add what was judged to a job."""
    requirement, subject = judged.requirement, judged.subject
    place = (requirement.id, None if requirement.across else subject.serialization)
    if not judged.findings:
        job.unreadable.setdefault(place, judged.unreadable[0])
        return
    step = subject.step
    assert step is not None  # only a payload that comes alone has none
    archived = entries[step.exchange.entry or 0]
    kind = answered_kind(step)
    failing = job.failing.setdefault(place, Failing())
    failing.cases += 1
    failing.entries.add((archived.file, archived.entry))
    job.rows += [
        Row(
            file=archived.file,
            entry=archived.entry,
            kind=kind and kind.value,
            requirement=finding.requirement,
            level=requirement.level.value,
            outcome=outcome,
            where=finding.where,
            message=finding.message,
            job=step.job_id,
        )
        for finding in judged.findings
    ]

"""A run: observe a target, judge every requirement, and put the results together."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Unpack

from jobinfo_conformance import __version__
from jobinfo_conformance._catalogue.catalogue import CataloguePlace
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.har_writer import as_evidence, as_recorded
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._gate.baseline import regressions
from jobinfo_conformance._gate.known_failures import known_by, known_through, out_of_date, with_what_follows
from jobinfo_conformance._judging import judge_or_report_error, unjudged
from jobinfo_conformance._problems.problems import problems_of, with_problems
from jobinfo_conformance._recording_worth import shortfall, showable
from jobinfo_conformance._results.problem import Problem
from jobinfo_conformance._results.results import Judgement, Known, Results, Verdict, verdict_of
from jobinfo_conformance._settings import Options, Settings
from jobinfo_conformance._targets.credentials import without_known_secrets
from jobinfo_conformance._targets.hidden_frames import without_frames
from jobinfo_conformance._targets.opening import AnyTarget, open_target
from jobinfo_conformance._targets.target import EvidenceSource, Progress

#: How many findings of a requirement are kept, each with its exchanges.
MOST_FINDINGS = 5


def run(target: AnyTarget = None, *, progress: Progress | None = None, **options: Unpack[Options]) -> Results:
    """Observe a target, judge it by every requirement, and return the results.

    ``target`` is anything that the command line takes, a path, a WSGI or ASGI application, or an object of the type Target;
    None means the documented exchanges. ``options`` are those of the command line, with ``_`` for ``-``: ``timeout`` and
    ``wait`` are in seconds; ``header``, ``only`` and ``extension`` are lists. The session comes from the environment
    variable JOBINFO_SESSION_ID, or from the command in JOBINFO_SESSION_COMMAND. ``progress`` is called as each scenario
    begins, with its number (from 1), how many there are, and its name.

    Nothing is printed, and nothing is written but the journal of open jobs. Raises BadInput if something that was given can't
    be used, and its subclass TargetUnusable if the target does not answer, or refuses the session, the version or the URL.

        >>> results = run(serialization="xml")
        >>> results.verdict.value, results.requests
        ('conformant', 2)
    """
    return Run(target, Settings.of(**options), progress).results()


class Run:
    """One run, step by step. The fronts that call it differ only in what they show.

    The target may also be a source of evidence, such as a client under test.
    """

    def __init__(self, target: AnyTarget | EvidenceSource, settings: Settings, progress: Progress | None = None) -> None:
        self.settings = settings
        self.errors: list[str] = []
        self._target = target
        self._progress = progress
        self._started = _now()
        self._clock = time.monotonic()
        self._observation: Observation | None = None
        self._judged: dict[CataloguePlace, Judgement] = {}

    @property
    def observation(self) -> Observation:
        """What the target did; it is asked on first use, and only once. Raises TargetUnusable."""
        return self._observation or self.observe()

    @observation.setter
    def observation(self, observation: Observation) -> None:
        """Use an observation that was made elsewhere."""
        self._observation = observation

    def observe(self) -> Observation:
        """Ask the target everything there is to ask. Raises TargetUnusable."""
        self._observation = without_frames(self._observed)
        return self._observation

    def _observed(self) -> Observation:
        settings = self.settings
        if settings.start is None:
            return self._source().observe(settings.serializations, settings.catalogue)
        from jobinfo_conformance._targets.live import Live
        from jobinfo_conformance._targets.started import Address, started

        address, source = Address.of(self._target), self._source()
        assert isinstance(source, Live)  # nothing else has an address
        with started(settings.start, address, settings.asking.timeout, source.redacted_text) as command:
            seen = source.observe(settings.serializations, settings.catalogue)
            if not command.remarks:
                return seen
            source.forget_jobs()  # they are gone with what served them
            return replace(seen, left_open=(), unanswered_creates=0, remarks=(*seen.remarks, *command.remarks))

    def _source(self) -> EvidenceSource:
        if isinstance(self._target, EvidenceSource):
            return self._target
        settings = self.settings
        return open_target(
            self._target,
            replace(settings.asking, progress=self._progress),
            settings.catalogue,
            session_as=settings.session_as,
            headers=settings.headers,
        )

    def judge(self, place: CataloguePlace) -> Judgement:
        """Judge a requirement in a serialization, once. If the suite fails, keep its error; the outcome says so."""
        if place not in self._judged:
            self._judged[place] = self._judge(*place)
        return self._judged[place]

    def _judge(self, name: str, form: Serialization | None) -> Judgement:
        requirement = self.settings.catalogue.judged[name]
        if self.settings.only is not None and name not in self.settings.only:
            return unjudged(requirement, form, "not selected in this run")
        judgement, error = judge_or_report_error(requirement, form, self.observation, strict=self.settings.strict)
        is_scored = name in self.settings.catalogue.requirements
        if error is not None:  # it may be an extension's, which says what it likes
            redacted = partial(without_known_secrets, environment=os.environ, headers=self.settings.headers)
            self.errors += [redacted(error)] if is_scored else []
            judgement = replace(judgement, reason=redacted(judgement.reason))
        known = known_by(self.settings.known, judgement, self._started.date()) if is_scored else None
        findings = tuple(
            replace(finding, exchanges=tuple(as_evidence(exchange) for exchange in finding.exchanges))
            for finding in judgement.findings[:MOST_FINDINGS]
        )
        return replace(judgement, findings=findings, known=known)

    def problem_of(self, judgement: Judgement) -> Problem | None:
        """The problem that a requirement belongs to; None if it holds. All that are selected are judged to tell."""
        found = {problem.number: problem for problem in self._problems}
        [numbered] = with_problems([judgement], self._problems)
        return None if numbered.problem is None else found[numbered.problem]

    def known_about(self, judgement: Judgement) -> Known | None:
        """What is known about a requirement that does not hold, by itself or through the problem that it follows from."""
        problem = self.problem_of(judgement) if judgement.known is None and self.settings.known else None
        if problem is None:
            return judgement.known
        forms = self.settings.catalogue.requirements[problem.requirement].serializations
        return known_through(self.judge((problem.requirement, form)) for form in forms)

    @cached_property
    def _problems(self) -> tuple[Problem, ...]:
        catalogue, strict = self.settings.catalogue, self.settings.strict
        judgements = (
            judge_or_report_error(catalogue.requirements[name], form, self.observation, strict=strict)[0]
            for name, form in catalogue.places
            if self.settings.only is None or name in self.settings.only
        )
        return problems_of(judgements, self.observation, catalogue)

    def results(self) -> Results:
        """Judge every requirement, check the suite against itself, and put the results together."""
        from jobinfo_conformance._self_check import self_check

        judgements = [self.judge(place) for place in self.settings.catalogue.places]
        self.errors += self_check(self.observation)
        return self.concluded(judgements)

    def concluded(self, judgements: Iterable[Judgement]) -> Results:
        """Put judgements together. A requirement that is not among them counts as not selected.

        Requirements that came after the set that was asked for are judged here, and kept apart.
        """
        settings, observation = self.settings, self.observation
        found = {(judgement.id, judgement.serialization): judgement for judgement in judgements}
        lacking = shortfall(observation)
        ordered = tuple(
            found.get((name, form)) or unjudged(settings.catalogue.requirements[name], form, "not selected in this run")
            for name, form in settings.catalogue.places
        )
        later = tuple(found.get(place) or self.judge(place) for place in settings.catalogue.later_places)
        errors = (*observation.errors, *self.errors)
        problems = problems_of(ordered, observation, settings.catalogue)
        ordered = with_what_follows(with_problems(ordered, problems), problems)
        verdict = verdict_of(ordered, live=observation.live, works=lacking is None)
        results = Results(
            verdict=Verdict.ERROR if errors else verdict,
            target=observation.target,
            api_version=observation.version,
            suite_version=__version__,
            started=self._started,
            seconds=round(time.monotonic() - self._clock, 3),
            requests=observation.requests,
            requirement_set=settings.catalogue.requirement_set,
            requirements=ordered,
            later=later,
            exchanges=tuple(as_recorded(exchange, number) for number, exchange in enumerate(observation.exchanges)),
            whole=observation.whole,
            provenance=observation.provenance,
            unanswered=observation.unanswered,
            left_open=observation.left_open,
            unanswered_creates=observation.unanswered_creates,
            remarks=observation.remarks,
            baseline=settings.baseline_name,
            extensions=settings.catalogue.extensions,
            errors=errors,
            shortfall=lacking,
            showable=showable(settings.catalogue.requirements.values(), observation),
            passed_over=observation.passed_over,
            problems=problems,
        )
        scored = [entry for entry in settings.known if entry.requirement not in settings.catalogue.later]
        objections = [*out_of_date(scored, ordered, self._started.date())]
        if settings.baseline is not None:
            objections += regressions(settings.baseline, results, settings.catalogue)
        return replace(results, objections=tuple(objections))


def _now() -> datetime:
    """Return the time in whole milliseconds, the precision in which reports give it."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)

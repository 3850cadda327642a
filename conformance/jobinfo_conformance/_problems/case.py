"""Cases: a subject in which a requirement does not hold, what the finding contradicts, and what it takes for granted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from jobinfo_conformance._catalogue.requirement import AnyRequirement, Bearing
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._finding import Finding
from jobinfo_conformance._judging import findings_on
from jobinfo_conformance._problems.claims import STATUS, Claim, fields_among, fields_on, is_in_body, places, topics
from jobinfo_conformance._subjects.subject import Subject

#: What says that XML and JSON agree.
_BOTH = "XML and JSON"


@dataclass(frozen=True, eq=False)
class Case:
    """A finding on a subject: a requirement does not hold, in one serialization or in both at once."""

    requirement: AnyRequirement
    serialization: Serialization | None
    subject: Subject
    finding: Finding

    @cached_property
    def about(self) -> frozenset[str]:
        """The places that the finding names."""
        return places(self.finding.where)

    @cached_property
    def topics(self) -> frozenset[str]:
        """The topics of these places. Whether a request is accepted is about the state of its job, too."""
        return topics(self.about) | ({"state"} if STATUS in self.about else set())

    @cached_property
    def fields(self) -> frozenset[str]:
        """The fields among these places."""
        return fields_among(self.about)

    @cached_property
    def contradicts(self) -> frozenset[Claim]:
        """What answers say and the finding contradicts; if only the form of a body is wrong, just that form."""
        if self.requirement.bearing is Bearing.FORM and any(map(is_in_body, self.about)):
            return frozenset(Claim(id(step), f"the form of {self.finding.where}") for step in self.subject.answered_by)
        shown = {Claim(id(step), name) for name in self.fields for step in self.subject.seen_in}
        answered = {Claim(id(step), name) for name in self.about - self.fields for step in self.subject.answered_by}
        return frozenset(shown | answered)

    @property
    def denies_agreement(self) -> frozenset[Claim]:
        """The places about which XML and JSON do not agree, if that is what the requirement is about."""
        return frozenset(Claim(_BOTH, name) for name in self.about) if self.requirement.across else frozenset()

    @cached_property
    def rests_on(self) -> frozenset[Claim]:
        """What earlier answers say and the judgement takes for granted, and that XML and JSON agree if it compares them."""
        granted = {STATUS, "state", *fields_on(self.fields)}
        claims = {Claim(id(step), name) for step in self.subject.rests_on for name in granted}
        forms = {step.answer.serialization for step in self.subject.compared}
        if len(forms) > 1 and not self.requirement.across:
            claims |= {Claim(_BOTH, name) for name in self.about}
        return frozenset(claims)

    @cached_property
    def known_by(self) -> frozenset[Claim]:
        """What answers say by which the subject was told from others."""
        steps = (*self.subject.rests_on, *self.subject.answered_by)
        return frozenset(Claim(id(step), name) for step in steps for name in self.requirement.on.known_by)

    @cached_property
    def presumes_status(self) -> frozenset[Claim]:
        """That requests whose bodies are judged were rightly accepted or refused, unless their effect on the job is judged."""
        judges_body = STATUS not in self.about and any(map(is_in_body, self.about))
        if not judges_body or self.subject.acted or self.requirement.bearing is Bearing.FORM:
            return frozenset()
        return frozenset(Claim(id(step), STATUS) for step in self.subject.answered_by)


@dataclass(frozen=True)
class Cases:
    """The cases in which one requirement does not hold, and the subjects that it was judged on in these serializations."""

    requirement: AnyRequirement
    cases: tuple[Case, ...]
    subjects: tuple[Subject, ...]

    @property
    def id(self) -> str:
        """The id of the requirement."""
        return self.requirement.id

    @property
    def of_faulty_requests(self) -> bool:
        """Whether only requests with a fault break it, which no endpoint has to accept."""
        return all(case.subject.step is not None and case.subject.step.near_miss for case in self.cases)

    @cached_property
    def failing(self) -> frozenset[int]:
        """The subjects in which it does not hold, by identity."""
        return frozenset(id(case.subject) for case in self.cases)

    @property
    def rate(self) -> float:
        """The part of its subjects in which it does not hold: more than 0, at most 1."""
        return len(self.failing) / len(self.subjects)

    @cached_property
    def contradicts(self) -> frozenset[Claim]:
        """What all the cases contradict."""
        return frozenset[Claim]().union(*(case.contradicts for case in self.cases))

    @cached_property
    def denies(self) -> frozenset[Claim]:
        """What the cases contradict that name one place: a finding about several only says that they don't go together."""
        return frozenset[Claim]().union(*(case.contradicts for case in self.cases if len(case.about) == 1))

    def never_hold_in(self, form: Serialization) -> bool:
        """Whether the requirement was judged in a serialization, and holds in no subject of it."""
        found = [id(subject) in self.failing for subject in self.subjects if subject.serialization is form]
        return bool(found) and all(found)

    def mostly_holds_in(self, form: Serialization | None) -> bool:
        """Whether the requirement holds in most of its subjects in a serialization; None: in both at once."""
        found = [id(subject) in self.failing for subject in self.subjects if form in (None, subject.serialization)]
        return 2 * sum(found) < len(found)

    @classmethod
    def of(cls, requirement: AnyRequirement, serializations: Iterable[Serialization | None], observation: Observation) -> Cases:
        """Judge a requirement again in the serializations in which it does not hold, and keep what each finding is about."""
        found: list[Case] = []
        judged: list[Subject] = []
        for form in serializations:
            shown = [subject for subject in requirement.on.find_all(observation) if form in (None, subject.serialization)]
            subjects = [subject for subject in shown if subject.version >= requirement.since]
            judged += subjects
            for subject in subjects:
                findings, _ = findings_on(requirement, [subject])
                found += [Case(requirement, form, subject, finding) for finding in findings]
        return cls(requirement, tuple(found), tuple(judged))

"""Problems in words, as the terminal, pytest and the other reports tell them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from jobinfo_conformance._catalogue.requirement import CLIENT_FAMILY, Level
from jobinfo_conformance._escaping import in_line, quoted
from jobinfo_conformance._evidence.curl import curl
from jobinfo_conformance._evidence.step import Step
from jobinfo_conformance._exchange import Exchange
from jobinfo_conformance._job_requests.job_request import Operation
from jobinfo_conformance._results.problem import Problem
from jobinfo_conformance._results.results import Judgement, Known, Outcome, Results

#: How much of an error's message is shown, in characters.
_LONGEST_MESSAGE = 200
_CHANGING = (Operation.CLOSE, Operation.ABORT, Operation.CHANGE)


@dataclass(frozen=True)
class Told:
    """A problem with what it takes to tell it.

    ``head`` is a judgement on the requirement at the cause, ``outcome`` the worst of the problem's requirements, and ``levels``
    are those of all requirements. ``known`` is set if all of the problem is known, and ``script`` is what shows it again.
    """

    problem: Problem
    head: Judgement
    outcome: Outcome
    levels: Mapping[str, Level]
    known: Known | None = None
    script: str | None = None

    @property
    def title(self) -> str:
        """The requirement with its level and serializations: ``state/closed (MUST, xml and json)``."""
        extension = self.head.extension and f"extension {self.head.extension}"
        tags = filter(None, [self.head.level, " and ".join(self.problem.serializations), extension])
        return f"{self.head.id} ({', '.join(tags)})"

    @property
    def is_of_client(self) -> bool:
        """Whether a client got it wrong: its requests can't be sent again without it."""
        return self.head.family == CLIENT_FAMILY

    @property
    def summary(self) -> str:
        """The title and the sentence of the requirement."""
        return in_line(f"{self.title}: {self.head.sentence}")

    @property
    def text(self) -> str:
        """All that there is to say, in several lines; the first is the summary."""
        return "\n".join([self.summary, *self.lines()])

    def lines(self) -> Iterator[str]:
        """Yield what belongs below the summary: the smallest case, how to reproduce it, and what follows from it."""
        finding, extent = self.problem.finding, self.problem.extent
        yield in_line(f"  source    {self.head.source}")
        yield in_line(f"  expected  {finding.expected}")
        yield in_line(f"  got       {finding.got}")
        yield in_line(f"  where     {finding.where}")
        yield from (f"  exchange  {exchange_line(exchange)}" for exchange in finding.exchanges)
        if self.problem.cases > 1:
            yield f"  cases     {self.problem.cases:,}, of which this is the smallest"
        if extent is not None:
            first = ", ".join(extent.first)
            yield in_line(f"  jobs      {extent.jobs:,}, with {extent.exchanges:,} such exchanges; the first: {first}")
        if self.script is not None:
            yield in_line(f"  script    sh {shlex.quote(self.script)}")
        elif finding.exchanges and not self.is_of_client:
            yield in_line(f"  curl      {' && '.join(curl(exchange.request) for exchange in finding.exchanges)}")
        for label, line in zip(_labels("so also"), self.following(), strict=False):
            yield f"  {label:<8}  {line}"

    def following(self) -> Iterator[str]:
        """Yield a line for each requirement that follows, with its level, and its cases in each serialization."""
        for name, group in groupby(self.problem.follows, key=lambda following: following.requirement):
            cases = [f"{each.cases} in {each.serialization}" if each.serialization else str(each.cases) for each in group]
            yield f"{name} ({self.levels[name]}): {', '.join(cases)}"


def told(results: Results, scripts: Mapping[int, str] | None = None) -> list[Told]:
    """The problems to tell: those with a requirement that is not known not to hold; ``scripts`` are by their numbers."""
    return [each for each in all_told(results, scripts) if each.known is None]


def all_told(results: Results, scripts: Mapping[int, str] | None = None) -> list[Told]:
    """All problems, also those that are known."""
    levels = {judgement.id: judgement.level for judgement in results.requirements}
    found = []
    for problem in results.problems:
        members = [judgement for judgement in results.requirements if judgement.problem == problem.number]
        new = [judgement for judgement in members if judgement.known is None]
        head = next(judgement for judgement in members if judgement.id == problem.requirement)
        found.append(
            Told(
                problem,
                head,
                _worst(new or members),
                levels,
                known=None if new else head.known,
                script=(scripts or {}).get(problem.number),
            )
        )
    return found


def exchange_line(exchange: Exchange) -> str:
    """Return an exchange in one line: the request, and the answer. A state, or an error's code and message, is in brackets."""
    request, response = exchange.request, exchange.response
    step = Step.of(exchange)
    asked = step.request.fields.get("state") if step is not None and step.operation in _CHANGING else None
    return in_line(f"{request.method} {request.url}{_brackets('state', asked)} answered {response.status}{_said(step)}")


def _said(step: Step | None) -> str:
    """What an answer says, in brackets."""
    if step is None or not step.refused:
        return _brackets("state", step.answer.fields.get("state") if step is not None and step.answers_job else None)
    code, message = (step.answer.fields.get(name) for name in ("exceptionCode", "exceptionMessage"))
    body = (step.exchange.response.body or b"").decode("utf-8", "backslashreplace")
    said = ": ".join(quoted(text, _LONGEST_MESSAGE) for text in (code, message) if text) or quoted(body, _LONGEST_MESSAGE)
    return f" ({said})" if said else ""


def _brackets(name: str, value: object) -> str:
    return "" if value is None else f" ({name} {quoted(value)})"


def _labels(first: str) -> Iterator[str]:
    yield first
    while True:
        yield ""


def _worst(judgements: list[Judgement]) -> Outcome:
    return max((judgement.outcome for judgement in judgements), key=lambda outcome: outcome.badness)


def cause_line(judgement: Judgement, problem: Problem) -> str:
    """Return in one line why a requirement does not hold that follows from a problem."""
    finding = problem.finding
    return in_line(f"{judgement.name} fails because of {problem.requirement}: {finding.message}, in {finding.where}")

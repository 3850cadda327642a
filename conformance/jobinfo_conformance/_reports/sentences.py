"""What several reports say in the same words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Protocol

from jobinfo_conformance._escaping import in_line
from jobinfo_conformance._evidence.curl import curl
from jobinfo_conformance._results.results import Judgement, Outcome, Results


class LeftBehind(Protocol):
    """The jobs that somebody has to end by hand."""

    @property
    def left_open(self) -> tuple[str, ...]:
        """Their ids."""

    @property
    def unanswered_creates(self) -> int:
        """How many more there may be, that nobody can name."""


def failure(judgement: Judgement) -> str:
    """What a requirement that does not hold says: its sentence, and each case with expected, got, where and curl."""
    lines = [f"{title(judgement)}: {judgement.sentence}", f"  source    {judgement.source}"]
    for finding, following in zip_longest(judgement.findings, judgement.findings[1:]):
        lines += ["", f"  expected  {finding.expected}", f"  got       {finding.got}", f"  where     {finding.where}"]
        if following and following.exchanges == finding.exchanges:
            continue  # the exchanges stand below the last finding that they show
        for exchange in finding.exchanges:
            request = exchange.request
            lines.append(f"  exchange  {request.method} {request.url} answered {exchange.response.status}")
        lines += [f"  curl      {curl(exchange.request)}" for exchange in finding.exchanges]
    if judgement.outcome is Outcome.ERROR:
        lines.append(f"  {judgement.reason}")
    return "\n".join(map(in_line, lines))


def title(judgement: Judgement) -> str:
    """A requirement with its level, its serialization and the extension that adds it: ``state/closed (MUST, json)``."""
    tags = [judgement.level, judgement.serialization, judgement.extension and f"extension {judgement.extension}"]
    return f"{judgement.id} ({', '.join(tag for tag in tags if tag)})"


def known_failures(results: Results) -> Iterator[str]:
    """A line for each failure that is known: why, and where that is tracked."""
    for judgement in results.requirements:
        if judgement.known:
            issue = f", {judgement.known.issue}" if judgement.known.issue else ""
            yield in_line(f"{judgement.name}: {judgement.known.reason}{issue}")


def objections(results: Results) -> Iterator[str]:
    """What fails the run beside its verdict, a line each; against a baseline also that there is nothing."""
    yield from map(in_line, results.objections)
    if results.baseline is not None and not results.objections:
        yield in_line(f"nothing that passed in {results.baseline} does not pass here")


def about(results: Results) -> str:
    """What was tested, and in how many requests."""
    version = f", API version {results.api_version}" if results.api_version else ""
    requests = "1 request" if results.requests == 1 else f"{results.requests} requests"
    return in_line(f"{results.target}{version}, {requests}")


def left_open(run: LeftBehind) -> Iterator[str]:
    """A line for each job that somebody has to end by hand, and one for those that nobody can name."""
    if run.unanswered_creates:
        yield perhaps_left_open(run.unanswered_creates)
    for job in run.left_open:
        yield in_line(f"left open: job {job} could not be aborted; close or abort it by hand")


def perhaps_left_open(creates: int) -> str:
    """The line on creates that named no job, of which each may have made one."""
    return f"perhaps left open: {creates} jobs whose creates were not answered or named none"

"""Sentences that several reports share."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from jobinfo_conformance._escaping import in_line
from jobinfo_conformance._evidence.curl import curl
from jobinfo_conformance._evidence.passed_over import sentences
from jobinfo_conformance._reports.tally import Tally
from jobinfo_conformance._results.results import Judgement, Known, Outcome, Results, Verdict


def failure(judgement: Judgement) -> str:
    """Return the text of a requirement that does not hold: its sentence, and each case with expected, got, where and curl."""
    lines = [f"{title(judgement)}: {judgement.sentence}", f"  source    {judgement.source}"]
    for finding, following in zip_longest(judgement.findings, judgement.findings[1:]):
        lines += ["", f"  expected  {finding.expected}", f"  got       {finding.got}", f"  where     {finding.where}"]
        if following and following.exchanges == finding.exchanges:
            continue  # exchanges are listed below the last finding that they show
        for exchange in finding.exchanges:
            request = exchange.request
            lines.append(f"  exchange  {request.method} {request.url} answered {exchange.response.status}")
        lines += [f"  curl      {curl(exchange.request)}" for exchange in finding.exchanges]
    if judgement.outcome is Outcome.ERROR:
        lines.append(f"  {judgement.reason}")
    return "\n".join(map(in_line, lines))


def title(judgement: Judgement) -> str:
    """Return a requirement with its level, serialization and extension: ``state/closed (MUST, json)``."""
    tags = [judgement.level, judgement.serialization, judgement.extension and f"extension {judgement.extension}"]
    return f"{judgement.id} ({', '.join(tag for tag in tags if tag)})"


def known_failures(results: Results) -> Iterator[str]:
    """Yield a line for each known failure: why it fails, and where that is tracked."""
    for judgement in results.requirements:
        if judgement.known and judgement.outcome.tested:
            yield in_line(f"{judgement.name}: {why_known(judgement.known)}")


def known_untested(results: Results) -> Iterator[str]:
    """Yield a line for each requirement that is known not to be testable: what it needs, why it is known, and where."""
    for judgement in results.requirements:
        if judgement.known and not judgement.outcome.tested:
            yield in_line(f"{judgement.name}: {untested_reason(judgement)}")


def untested_reason(judgement: Judgement) -> str:
    """Return why a requirement was not tested, and what is known about that."""
    return f"{judgement.reason}; known: {why_known(judgement.known)}" if judgement.known else judgement.reason


def why_known(known: Known) -> str:
    """Return the reason of a known failure, and where it is tracked."""
    return f"{known.reason}, {known.issue}" if known.issue else known.reason


def objections(results: Results) -> Iterator[str]:
    """Yield a line for whatever fails the run besides its verdict; against a baseline, say so if nothing does."""
    yield from map(in_line, results.objections)
    if results.baseline is not None and not results.objections:
        yield in_line(f"no regression against {results.baseline}")


def reservations(results: Results) -> Iterator[str]:
    """Yield a line for what a recording lacks, and for the entries in it that were passed over."""
    yield from map(in_line, sentences(results.passed_over))
    if results.shortfall is not None:
        yield in_line(results.shortfall)


def conclusion(results: Results) -> str:
    """Return how much was tested, and of a recording also how much it can show."""
    shown = "" if results.showable is None else f"; a recording like this can show {results.showable}"
    return f"{Tally.of(results.requirements)}{shown}{all_the_same(results)}"


def all_the_same(results: Results) -> str:
    """Return what to add to a verdict if the run fails although the verdict by itself would not have it fail."""
    fails = results.objections and results.verdict in (Verdict.CONFORMANT, Verdict.INCONCLUSIVE)
    return ", but the run fails" if fails else ""


def about(results: Results) -> str:
    """Return what was tested, by which set of requirements, and with how many requests."""
    version = f", API version {results.api_version}" if results.api_version else ""
    requests = "1 request" if results.requests == 1 else f"{results.requests} requests"
    judged_by = f", requirements {results.requirement_set}" if results.requirement_set else ""
    return in_line(f"{results.target}{version}{judged_by}, {requests}")


def suite_errors(results: Results) -> Iterator[str]:
    """Yield each error of the suite, with what to do about it, and of an extension; both with their tracebacks."""
    yield from map(suite_error, results.errors)


def suite_error(trace: str) -> str:
    """Return an error, which says itself whether it is an extension's, as it is printed."""
    return f"error in the {trace}" if trace.startswith("extension ") else f"error in the suite, please report it: {trace}"

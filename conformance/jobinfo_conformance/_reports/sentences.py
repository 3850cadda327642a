"""Sentences that several reports share."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from jobinfo_conformance._escaping import in_line
from jobinfo_conformance._evidence.curl import curl
from jobinfo_conformance._results.results import Judgement, Outcome, Results


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
        if judgement.known:
            issue = f", {judgement.known.issue}" if judgement.known.issue else ""
            yield in_line(f"{judgement.name}: {judgement.known.reason}{issue}")


def objections(results: Results) -> Iterator[str]:
    """Yield a line for whatever fails the run besides its verdict; against a baseline, say so if nothing does."""
    yield from map(in_line, results.objections)
    if results.baseline is not None and not results.objections:
        yield in_line(f"no regression against {results.baseline}")


def about(results: Results) -> str:
    """Return what was tested, and with how many requests."""
    version = f", API version {results.api_version}" if results.api_version else ""
    requests = "1 request" if results.requests == 1 else f"{results.requests} requests"
    return in_line(f"{results.target}{version}, {requests}")


def suite_errors(results: Results) -> Iterator[str]:
    """Yield each error of the suite, with what to do about it, and of an extension; both with their tracebacks."""
    yield from map(suite_error, results.errors)


def suite_error(trace: str) -> str:
    """Return an error, which says itself whether it is an extension's, as it is printed."""
    return f"error in the {trace}" if trace.startswith("extension ") else f"error in the suite, please report it: {trace}"

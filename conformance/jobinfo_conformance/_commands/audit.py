"""``audit``: archives of traffic, judged job by job."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import replace
from datetime import UTC, datetime

from jobinfo_conformance._audit.audit import AuditOptions, audit
from jobinfo_conformance._audit.columns import Columns
from jobinfo_conformance._audit.workers import Selection
from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._commands.showing import show
from jobinfo_conformance._console.progress import Progress
from jobinfo_conformance._endpoint_url import as_one
from jobinfo_conformance._reports.files import check_report
from jobinfo_conformance._settings import Settings


def audit_archive(options: Namespace) -> int:
    """Judge an archive, print the results, write what was asked for, and return the exit status."""
    check_report(options.report)
    settings = Settings.of(
        strict=options.strict,
        only=options.only,
        requirements=options.requirements,
        known_failures=options.known_failures,
        baseline=options.baseline,
        extension=options.extension,
    )
    asked = AuditOptions(
        options.paths,
        findings=options.findings,
        columns=Columns.of(options.column),
        selection=Selection(
            _instant("--since", options.since),
            _instant("--until", options.until),
            frozenset(map(_origin, options.origin)) or None,
        ),
        extensions=options.extension,
    )
    progress = Progress(sys.stderr)
    try:
        results = audit(asked if options.workers is None else replace(asked, workers=options.workers), settings, progress.part)
    finally:
        progress.end()
    return show(results, options, options.report)


def _instant(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"{option} {text}: write a day or an instant, like 2026-11-27 or 2026-11-27T06:00:00Z") from error
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _origin(url: str) -> str:
    if "://" not in url:
        raise BadInput(f"--origin {url}: write it like https://gateway.example, as the requests in the archive do")
    return as_one(url)

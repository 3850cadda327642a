"""``check``: what payloads are, and what is wrong with them."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._clients.recorded import check_as_client
from jobinfo_conformance._console.payloads import as_json, as_text
from jobinfo_conformance._payloads import Checked, check
from jobinfo_conformance._process.exit_status import SUITE_ERROR, UNUSABLE
from jobinfo_conformance._reports.sentences import suite_error


def check_files(options: Namespace) -> int:
    """Check files; one that can't be used does not keep the others from being checked."""
    lines = as_json if options.format == "json" else as_text
    unusable = failed = False
    errors: dict[str, None] = {}
    for file in options.files:
        try:
            for checked in _checked(file, options):
                failed = failed or checked.failed
                errors |= dict.fromkeys(checked.errors)
                for line in lines(checked):
                    print(line)
        except BadInput as error:
            _complain(error)
            unusable = True
    for trace in errors:
        print(suite_error(trace), file=sys.stderr)
    return SUITE_ERROR if errors else UNUSABLE if unusable else int(failed)


def _checked(file: Path, options: Namespace) -> Iterator[Checked]:
    """Check a file; as what a client sent, if that is asked for."""
    if options.as_client:
        if options.kind or options.api_version or options.extension:
            raise BadInput("--as-client is about recordings alone: leave out --as, --api-version and --extension")
        return check_as_client(file, strict=options.strict, requirements=options.requirements, remark=_complain)
    return check(
        file,
        kind=options.kind,
        version=options.api_version,
        strict=options.strict,
        extension=options.extension,
        requirements=options.requirements,
        remark=_complain,
    )


def _complain(about: object) -> None:
    print(f"jobinfo-conformance: {about}", file=sys.stderr)

"""``check``: what payloads are, and what is wrong with them."""

from __future__ import annotations

import sys
from argparse import Namespace

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._console.payloads import as_json, as_text
from jobinfo_conformance._payloads import check


def check_files(options: Namespace) -> int:
    """Check files; one that can't be used does not keep the others from being checked."""
    lines = as_json if options.format == "json" else as_text
    unusable = failed = False
    for file in options.files:
        try:
            for checked in check(file, kind=options.kind, version=options.api_version, strict=options.strict, remark=_complain):
                failed = failed or checked.failed
                for line in lines(checked):
                    print(line)
        except BadInput as error:
            _complain(error)
            unusable = True
    return 2 if unusable else int(failed)


def _complain(about: object) -> None:
    print(f"jobinfo-conformance: {about}", file=sys.stderr)

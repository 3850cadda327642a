"""``selftest``: the suite against every fault."""

from __future__ import annotations

import sys
from argparse import Namespace

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.extensions import installed
from jobinfo_conformance._console.kill_map import conclusion, named, result
from jobinfo_conformance._reports.kill_map import as_markdown
from jobinfo_conformance._reports.sentences import suite_error
from jobinfo_conformance._selftest import KillMap, trials


def selftest(options: Namespace) -> int:
    """Try every fault, or those that are named."""
    catalogue = installed(options.extension)
    if options.list:
        print(*map(named, catalogue.faults.values()), sep="\n")
        return 0
    chosen = [catalogue.fault(name).name for name in options.faults]
    found = []
    try:
        if options.write is not None:
            options.write.open("a").close()  # a file that can't be written fails now, not after the trials
        for trial in trials(chosen or None, options.extension):
            found.append(trial)
            print(result(trial, catalogue), flush=True)
        kill_map = KillMap(catalogue, tuple(found))
        if options.write is not None:
            options.write.write_text(as_markdown(kill_map), "utf-8", newline="\n")
    except OSError as error:
        raise BadInput(f"the kill map can't be written to {options.write}: {error.strerror}") from error
    for trace in kill_map.errors:
        print(suite_error(trace), file=sys.stderr)
    if not chosen:
        print(conclusion(kill_map))
    if kill_map.errors:
        return 4
    return int(bool(kill_map.wrong or (kill_map.unshown and not chosen)))

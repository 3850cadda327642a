"""``selftest``: the suite against every fault."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from jobinfo_conformance._bad_input import BadInput, lines_of
from jobinfo_conformance._catalogue.extensions import installed
from jobinfo_conformance._catalogue.of_clients import with_clients
from jobinfo_conformance._console.kill_map import conclusion, named, result
from jobinfo_conformance._files.whole import check_file, told_if_unwritable, write_file
from jobinfo_conformance._process.exit_status import SUITE_ERROR, UNUSABLE, worst
from jobinfo_conformance._reports.kill_map import as_markdown
from jobinfo_conformance._reports.sentences import suite_error
from jobinfo_conformance._selftest import KillMap, trials


def selftest(options: Namespace) -> int:
    """Try every fault, or those that are named."""
    catalogue = with_clients(installed(options.extension))
    if options.list:
        print(*map(named, catalogue.all_faults.values()), sep="\n")
        return 0
    chosen = [catalogue.any_fault(name).name for name in options.faults]
    if options.write is not None:
        _check_writable(options.write)
    found = []
    for trial in trials(chosen or None, options.extension):
        found.append(trial)
        print(result(trial, catalogue), flush=True)
    kill_map = KillMap(catalogue, tuple(found))
    for trace in kill_map.errors:
        print(suite_error(trace), file=sys.stderr)
    if not chosen:
        print(conclusion(kill_map))
    status = _status(kill_map, whole=not chosen)
    if options.write is not None:
        try:
            with told_if_unwritable(_unwritable(options.write)):
                write_file(options.write, as_markdown(kill_map).encode())
        except BadInput as error:
            print(*lines_of(error), sep="\n", file=sys.stderr)
            return worst([status, UNUSABLE])
    return status


def _check_writable(file: Path) -> None:
    """Refuse a file that can't be written before the trials rather than after them. Raises BadInput."""
    with told_if_unwritable(_unwritable(file)):
        check_file(file)


def _unwritable(file: Path) -> str:
    return f"the kill map can't be written to {file}"


def _status(kill_map: KillMap, *, whole: bool) -> int:
    """Return 4 if a fault could not be tried, 1 if one survives; of all faults together, each requirement has to kill one."""
    if kill_map.untried or kill_map.errors:
        return SUITE_ERROR
    return int(bool(kill_map.survivors or (whole and kill_map.unshown)))

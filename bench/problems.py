"""How well a run names what is wrong: ``python bench/problems.py [FAULT…]``.

Runs the suite against the reference implementation with each of its faults, or with those that are named, and looks at the
problems that are told. Faults that send any bytes are left out: they may only keep a requirement from being tested. Prints for
how many faults the first problem is the requirement that the fault is meant to break, the number of problems, and the number
of lines on the terminal; and each fault whose first problem is another.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from statistics import median

from jobinfo_conformance._bad_input import BadInput, lines_of
from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._console.results import summary
from jobinfo_conformance._process.processors import processors
from jobinfo_conformance._results.results import Results
from jobinfo_conformance._run import Run
from jobinfo_conformance._selftest import observed
from jobinfo_conformance._settings import Settings


def told(fault: str) -> tuple[list[str], int]:
    """Return the requirements at the cause of each problem that a fault makes, in order, and the lines that say so."""
    run = Run(None, Settings.of())
    run.observation = observed(fault, BUILT_IN)
    results: Results = run.concluded([run.judge(place) for place in BUILT_IN.places])
    return [problem.requirement for problem in results.problems], len(list(summary(results)))


def main(names: Sequence[str]) -> int:
    """Print the numbers; the exit status is 0 whatever they are, since this is a measurement."""
    try:
        for name in names:
            BUILT_IN.fault(name)
    except BadInput as reason:
        print(*lines_of(reason), sep="\n", file=sys.stderr)
        return 2
    with ProcessPoolExecutor(processors()) as pool:
        found = dict(zip(names, pool.map(told, names), strict=True))
    others = {name: problems for name, (problems, _) in found.items() if problems[:1] != [BUILT_IN.faults[name].breaks]}
    for name, problems in others.items():
        print(f"{name}, made for {BUILT_IN.faults[name].breaks}: {', '.join(problems) or 'no problem'}")
    print(f"first: {len(names) - len(others)} of {len(names)}, {1 - len(others) / len(names):.1%}")
    for what, numbers in (
        ("problems", [len(problems) for problems, _ in found.values()]),
        ("lines", [lines for _, lines in found.values()]),
    ):
        print(f"{what}: {median(numbers):g} in the median, {max(numbers)} at worst")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or [name for name, fault in BUILT_IN.faults.items() if fault.says is None]))

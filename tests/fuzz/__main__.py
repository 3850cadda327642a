"""``python -m tests.fuzz READER [RUNS]``: hand a reader inputs that reach ever more of its code, from those in fixtures/.

An input that breaks a reader ends the run; it is kept in the current folder, and its name is printed. Without RUNS it goes on
until Ctrl-C.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

with atheris.instrument_imports(include=["jobinfo_conformance", "tomllib"]):
    from tests.fuzz.readers import READERS


def main() -> None:
    """Fuzz a reader."""
    name, *runs = sys.argv[1:] or [""]
    if name not in READERS:
        sys.exit(f"usage: python -m tests.fuzz {'|'.join(READERS)} [RUNS]")
    with TemporaryDirectory() as corpus:
        for number, seed in enumerate(READERS[name].seeds()):
            (Path(corpus) / str(number)).write_bytes(seed)
        options = [
            "-seed=1",
            "-max_len=100000",
            "-timeout=20",
            f"-artifact_prefix={name}-",
            *(f"-runs={each}" for each in runs),
        ]
        atheris.Setup([sys.argv[0], *options, corpus], READERS[name].takes)
        atheris.Fuzz()


if __name__ == "__main__":
    main()

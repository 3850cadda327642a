"""Write the page of implementations into docs: ``python -m bench.implementations``.

It runs the suite on the reference, on the emulators that a registry has, and on the real clients of the tests, and writes
docs/implementations.html and the table in docs/implementations.md. What is not installed is named and left out; ``tox -e
implementations`` installs all of them. The clients take many minutes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import distributions
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.documents import DOCS, write_between
from jobinfo_conformance import __version__
from jobinfo_conformance._matrix.columns import Column
from jobinfo_conformance._matrix.html import as_html
from jobinfo_conformance._reports.tally import Tally
from jobinfo_conformance._results.results import Results
from jobinfo_conformance._whole_files import write_file
from tests.clients.real import CLIENTS, Missing, RealClient

#: A folder that pip filled with simple-mockforce, whose dependencies are older than those of the suite.
MOCKFORCE = "IMPLEMENTATIONS_MOCKFORCE"
#: How many are run at the same time: most clients wait most of their time.
_SIDE_BY_SIDE = 7
#: The call of a client that loads records.
_CALL = "load"


@dataclass(frozen=True)
class Implementation:
    """An implementation: its name with its version, what it is called as a target, and how its report.json is had.

    ``broken`` are the requirements that are known not to hold, if that is known.
    """

    name: str
    target: str
    report: Callable[[], str]
    broken: frozenset[str] | None = None

    def surprises(self, column: Column) -> list[str]:
        """What is not as it is known: on a busy machine a client may run out of time."""
        broken = {judgement.id for judgement in column.results.requirements if not judgement.outcome.holds}
        return [] if self.broken is None else sorted(broken ^ self.broken)

    def column(self, number: int) -> Column:
        """Run the suite on it, and return its column."""
        with TemporaryDirectory() as folder:
            path = Path(folder) / "report.json"
            path.write_text(_without_places(self.report()), "utf-8")
            return Column(number, self.name, path, replace(Results.read(path), target=self.target))


def implementations() -> Iterator[Implementation]:
    """Yield what is installed; say what is not."""
    yield Implementation(f"reference {__version__}", "reference", lambda: ran("reference"))
    yield from _present("simple-mockforce", mockforce)
    for client in CLIENTS:
        yield from _present(client.name, partial(of_client, client))


def _present(name: str, made: Callable[[], Implementation]) -> Iterator[Implementation]:
    try:
        yield made()
    except Missing as reason:
        print(f"{name} is left out: {reason}", file=sys.stderr)


def of_client(client: RealClient) -> Implementation:
    """A client by the call that loads records. Raises Missing."""
    return Implementation(
        f"{client.name.removesuffix(' 1').removesuffix(' 3')} {client.version}",
        f"{client.script} {_CALL}",
        lambda: client.report(_CALL),
        client.broken[_CALL],
    )


def mockforce() -> Implementation:
    """simple-mockforce, behind a server. Raises Missing."""
    folder = os.environ.get(MOCKFORCE, "")
    found = next((each.version for each in distributions(name="simple-mockforce", path=[folder])), None)
    if found is None:
        raise Missing("tox -e implementations installs it")
    return Implementation(f"simple-mockforce {found}", "simple-mockforce, served", lambda: _of_mockforce(folder))


def _of_mockforce(folder: str) -> str:
    words = [sys.executable, str(Path(__file__).with_name("mockforce.py"))]
    environment = {**os.environ, "PYTHONPATH": folder}
    with subprocess.Popen(words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        return ran(server.stdout.readline().strip())


def ran(target: str) -> str:
    """Run the suite on a target, and return its report.json."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "jobinfo_conformance", "run", target, "--quiet", "--report", folder]
        done = subprocess.run(
            command, env={**os.environ, "JOBINFO_SESSION_ID": "session"}, check=False, capture_output=True, text=True
        )
        report = Path(folder) / "report.json"
        if not report.exists():
            raise RuntimeError(f"{target}: {done.stderr}")
        return report.read_text("utf-8")


def _without_places(text: str) -> str:
    """Return a text that names no folder of this machine."""
    places = [
        str(DOCS.parent),
        sys.prefix,
        sys.base_prefix,
        *(os.environ.get(name, "") for name in os.environ if "CLIENTS_" in name),
    ]
    for place in sorted(filter(None, places), key=len, reverse=True):
        text = text.replace(place, "…")
    return text


def rows(columns: Sequence[Column]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield "| implementation | verdict | tested | of which |"
    yield "|---|---|---|---|"
    for column in columns:
        tally = Tally.of(column.results.requirements)
        verdict = column.results.verdict.replace("-", " ")
        yield f"| {column.name} | {verdict} | {tally.tested} of {tally.total} | {', '.join(tally.parts)} |"


def main() -> int:
    """Run the suite on all of them, and write the page and the table."""
    found, columns, surprised = list(implementations()), [], False
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        for implementation, column in zip(found, pool.map(Implementation.column, found, count(1)), strict=True):
            surprises = implementation.surprises(column)
            surprised |= bool(surprises)
            print(f"{column.name}: {column.results.verdict} {', '.join(surprises)}".strip(), flush=True)
            columns.append(column)
    if surprised:
        print("nothing is written: what stands after a verdict is not as tests/clients/real.py has it", file=sys.stderr)
        return 1
    write_file(DOCS / "implementations.html", as_html(columns).encode())
    write_between(DOCS / "implementations.md", "implementations", "\n".join(rows(columns)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

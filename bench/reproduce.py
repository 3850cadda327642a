"""Whether scripts show problems again: ``python bench/reproduce.py [FAULT…]``.

Runs the suite against the reference implementation with each of its faults, or with those that are named, and then each script
of the problems that are told: against the same fault, where it has to show the same problem, and against the reference without
one, where it has to show none. The exchanges that the server saw are judged by the suite. Prints how many scripts do so, and
each that does not.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.session import NO_SESSION, SESSION_HEADER
from jobinfo_conformance._evidence.history import histories, told_apart
from jobinfo_conformance._evidence.observation import Observation
from jobinfo_conformance._evidence.secrets import Redaction
from jobinfo_conformance._exchange import Exchange, Headers, Request, Response
from jobinfo_conformance._process.processors import processors
from jobinfo_conformance._reference.server import serving
from jobinfo_conformance._reference.service import Refused, Service
from jobinfo_conformance._reference.wire import Wire
from jobinfo_conformance._reports.reproduce import scripts
from jobinfo_conformance._reproduction.script import Script
from jobinfo_conformance._results.results import Results
from jobinfo_conformance._run import Run, run
from jobinfo_conformance._settings import Settings

#: How long a batch takes on the server, and how long a script waits for one, in seconds.
_BATCH_SECONDS, _WAIT = 1, 5
SESSION = "00D000000000001!scripts.session"


class Witness(Service):
    """Lets another service answer, and keeps the exchanges."""

    def __init__(self, service: Service) -> None:
        super().__init__(session=service.session)
        self.seen: list[Exchange] = []
        self._service = service

    def answer(self, request: Request) -> Response:
        """Answer as the other service does."""
        started = datetime.now(UTC)
        return self._note(request, self._service.answer(request), started)

    def refusal(self, request: Request, refused: Refused) -> Response:
        """Refuse as the other service does."""
        return self._note(request, self._service.refusal(request, refused), datetime.now(UTC))

    def _note(self, request: Request, response: Response, started: datetime) -> Response:
        if request.headers.get(SESSION_HEADER) is None:
            request = request.with_header(SESSION_HEADER, NO_SESSION)
        response = replace(response, headers=Headers((*Wire().general(), *response.headers)))
        milliseconds = (datetime.now(UTC) - started).total_seconds() * 1000
        self.seen.append(Redaction([self.session]).in_exchange(Exchange(request, response, started, milliseconds)))
        return response


def played(script: Script, fault: str | None, *, shell: Sequence[str] = ("sh",)) -> tuple[Results, str]:
    """Play a script on the reference with a fault or without; return what the suite makes of it, and what was printed."""
    witness = Witness(BUILT_IN.service(fault, session=SESSION, batch_seconds=_BATCH_SECONDS))
    with serving(witness) as url:
        done = done_by(script, *(["--writes"] if script.replay.writes else []), shell=shell, JOBINFO_BASE_URL=url)
    found = tuple(told_apart(histories(witness.seen, whole=True, waited=_WAIT)))
    judging = Run(None, Settings.of())
    judging.observation = Observation(script.name, found, len(witness.seen), tuple(Serialization), version="36.0", live=True)
    return judging.concluded([judging.judge(place) for place in BUILT_IN.places]), done.stdout + done.stderr


def done_by(
    script: Script, *arguments: str, shell: Sequence[str] = ("sh",), **environment: str
) -> subprocess.CompletedProcess[str]:
    """Let a shell run a script, with a session and nothing else in the environment."""
    variables = {"PATH": os.environ["PATH"], "JOBINFO_SESSION_ID": SESSION, "JOBINFO_WAIT": str(_WAIT), **environment}
    with TemporaryDirectory() as folder:
        file = Path(folder) / script.name
        file.write_text(script.text, "utf-8")
        return subprocess.run(
            [*shell, str(file), *arguments], env=variables, capture_output=True, text=True, timeout=60, check=False
        )


def broken(results: Results) -> set[str]:
    """The requirements that do not hold."""
    return {judgement.id for judgement in results.requirements if not judgement.outcome.holds}


def objections(fault: str, results: Results) -> Iterator[tuple[str, str | None]]:
    """Yield the name of each script of the problems that a fault made in a run, with what is wrong with it, if anything is."""
    found = scripts(results)
    for problem in results.problems:
        script = found.get(problem.number)
        if script is None:
            yield f"{fault} {problem.requirement}", "there is no script"
            continue
        again, printed = played(script, fault)
        alarms = broken(played(script, None)[0])
        if problem.requirement not in broken(again):
            yield f"{fault} {script.name}", f"shows {sorted(broken(again))}: {printed[-300:]!r}"
        else:
            yield f"{fault} {script.name}", f"false alarm: {sorted(alarms)}" if alarms else None


def main(names: Sequence[str]) -> int:
    """Print the numbers; the exit status is 0 in any case, since this is a measurement."""
    with ThreadPoolExecutor(processors()) as pool:
        found = [
            each
            for several in pool.map(lambda name: list(objections(name, run(f"reference:{name}"))), names)
            for each in several
        ]
    wrong = [(name, objection) for name, objection in found if objection is not None]
    for name, objection in wrong:
        print(f"{name}: {objection}")
    print(f"{len(found) - len(wrong)} of {len(found)} scripts show their problem with the fault, and none without")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(BUILT_IN.faults)))

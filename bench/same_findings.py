"""Whether the suite finds the same in two ways.

``python -m bench.same_findings`` compares a quick look at what is alike with a close look at everything, in ``check`` and in
``audit``: on every mutant of every body, on recordings of the reference with each of its faults, and on 10,000 generated
exchanges. ``python -m bench.same_findings quick [COUNT] [FAULT …]`` does so on fewer.

``python -m bench.same_findings COMMAND`` compares this version with another. COMMAND is the ``jobinfo-conformance`` of the
other version, in a virtual environment of its own. Records the reference with each of its faults, then runs and checks every
recording with both versions.

Prints each difference in an outcome or a finding; exits 1 if there is one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import msgspec

from bench.archive import SESSION, Place
from bench.false_alarms import drawn
from jobinfo_conformance._alike import Faultless
from jobinfo_conformance._audit.jobs import Archived, JobJudge
from jobinfo_conformance._audit.keys import key_of
from jobinfo_conformance._audit.sessions import Sessions
from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.schemas import Body
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.session import SESSION_HEADER
from jobinfo_conformance._contract.versions import Version
from jobinfo_conformance._evidence.har_writer import har_entry, write_har
from jobinfo_conformance._exchange import Exchange, Request
from jobinfo_conformance._job_requests import plain
from jobinfo_conformance._payloads import check
from jobinfo_conformance._run import Run
from jobinfo_conformance._settings import Settings
from jobinfo_conformance.generate import mutants

#: Without PYTHONPATH, so that each version imports itself.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
OWN = [sys.executable, "-m", "jobinfo_conformance"]


def found(command: list[str], recording: Path) -> Iterator[str]:
    """Yield a line for each outcome and finding of one version on a recording: of ``run``, then of ``check``."""
    with TemporaryDirectory() as folder:
        subprocess.run([*command, "run", recording, "--report", folder], capture_output=True, env=ENVIRONMENT, check=False)
        report = json.loads((Path(folder) / "report.json").read_text("utf-8"))
    for row in report["requirements"]:
        cases = [[case[name] for name in ("expected", "got", "where")] for case in row["evidence"]]
        yield f"{row['id']} {row['serialization']} {row['outcome']} {cases}"
    checked = subprocess.run(
        [*command, "check", recording, "--format", "json"], capture_output=True, text=True, env=ENVIRONMENT, check=False
    )
    for line in checked.stdout.splitlines():
        finding = json.loads(line)
        yield f"check: {[finding[name] for name in sorted(finding) if name != 'file']}"


def differences(other: str, name: str, folder: Path) -> list[str]:
    """Return what the two versions find differently in the recording of one fault."""
    recording = folder / f"{name}.har"
    own, others = (list(found(command, recording)) for command in (OWN, [other]))
    return [f"{name}: {line}" for line in sorted(set(own) ^ set(others))]


def of_version(other: str) -> int:
    """Compare the two versions; the exit status says whether anything differs."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in BUILT_IN.faults:
            exchanges = Run(f"reference:{name}", Settings.of(max_requests=2000)).observation.exchanges
            (folder / f"{name}.har").write_bytes(write_har(exchanges))
        with ThreadPoolExecutor(2) as pool:
            found_in_all = pool.map(lambda name: differences(other, name, folder), BUILT_IN.faults)
            lines = [line for several in found_in_all for line in several]
    print(*lines, f"{len(BUILT_IN.faults)} recordings, {len(lines)} differences", sep="\n")
    return 1 if lines else 0


def mutated() -> Iterator[Exchange]:
    """Yield exchanges with every mutant of every body: requests to create, close and abort a job, and what answers them."""
    for form in Serialization:
        for version in (Version(36), Version(62)):
            for exchange, asked, answered in _conforming(form, version):
                yield exchange
                for mutant in mutants(exchange.request.body, asked, version):
                    yield replace(exchange, request=replace(exchange.request, body=mutant.body))
                for mutant in mutants(exchange.response.body or b"", answered, version):
                    yield exchange.answered(body=mutant.body)


def _conforming(form: Serialization, version: Version) -> Iterator[tuple[Exchange, Body, Body]]:
    """Yield an exchange of each kind, with what its bodies are."""
    service, place = BUILT_IN.service(None, session=SESSION), Place()
    resource = place.resource.replace("62.0", str(version))

    def sent(request: Request, job_id: str = "") -> Exchange:
        request = replace(request, url=f"{resource}/{job_id}".rstrip("/")).with_header(SESSION_HEADER, SESSION)
        return Exchange(request, service.answer(request))

    yield sent(plain.create(place, form)), Body.CREATE_REQUEST, Body.JOB_INFO
    sent(plain.create(place, form))
    closed, aborted = service.jobs
    yield sent(plain.close(place, closed, form), closed), Body.CLOSE_REQUEST, Body.JOB_INFO
    yield sent(plain.close(place, closed, form), closed), Body.CLOSE_REQUEST, Body.ERROR
    yield sent(plain.abort(place, aborted, form), aborted), Body.ABORT_REQUEST, Body.JOB_INFO


def checked(file: Path) -> list[object]:
    """What ``check`` says of each entry."""
    return [(each.entry, each.kind, each.findings, each.errors) for each in check(file)]


def audited(entries: list[bytes]) -> list[object]:
    """What ``audit`` says of each job, each of which is judged twice so that one like it is known."""
    judge = JobJudge(BUILT_IN.requirements.values(), Sessions({SESSION}))
    jobs: dict[str, list[Archived]] = {}
    for number, raw in enumerate(entries):
        key = key_of(raw)
        if key is not None:
            jobs.setdefault(key.job, []).append(Archived("archive", number, raw))
    judged = [judge.judge(job) for job in (*jobs.values(), *jobs.values())]
    return [(job.size, job.rows, job.seen, job.failing, job.unreadable, job.works, job.errors) for job in judged]


def of_looks(title: str, exchanges: Iterable[Exchange]) -> list[str]:
    """Compare a quick look with a close one; return what differs."""
    entries = [msgspec.json.encode(har_entry(exchange)) for exchange in exchanges]
    with TemporaryDirectory() as folder:
        file = Path(folder) / "archive.ndjson"
        file.write_bytes(b"\n".join([*entries, *entries]))
        quick = [*checked(file), *audited(entries)]
        with mock.patch.object(Faultless, "get", return_value=None):
            close = [*checked(file), *audited(entries)]
    different = [f"{title}: {pair}" for pair in zip(quick, close, strict=True) if pair[0] != pair[1]]
    print(f"{title}: {len(entries)} exchanges, {len(different)} differences", flush=True)
    return different


def of_both_looks(count: int, faults: Sequence[str]) -> int:
    """Compare quick looks with close ones; the exit status says whether anything differs."""
    different = of_looks("mutants", mutated())
    different += of_looks("generated", drawn(count))
    for name in faults:
        recorded = Run(f"reference:{name}", Settings.of(max_requests=2000)).observation.exchanges
        different += of_looks(name, recorded)
    print(*different, f"{len(different)} differences", sep="\n")
    return 1 if different else 0


def main(arguments: list[str]) -> int:
    """Compare what was asked for."""
    match arguments:
        case []:
            return of_both_looks(10_000, list(BUILT_IN.faults))
        case ["quick", *rest]:
            return of_both_looks(int(rest[0]) if rest else 10_000, rest[1:])
        case [other]:
            return of_version(other)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

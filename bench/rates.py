"""How fast and how large audits and checks are: ``python -m bench.rates [JOBS]``.

Makes archives of JOBS jobs (default: 2,000), and of twice as many, in each serialization, one in a hundred wrong. Prints the
exchanges that ``check`` and ``audit`` judge in a second of one processor, and beside them those of a script that decodes,
parses and validates with xmlschema or jsonschema, and of one with lxml or jsonschema-rs: the floor. The rates come from the
difference of both sizes, in time of the processor, so that neither the start nor other work on the machine is in them. Then it
prints the memory that an audit by two workers takes at most, in all its processes.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jsonschema_rs
import lxml.etree

from bench.archive import archive
from jobinfo_conformance._contract.schemas import Body, json_schema, xsd
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._resources import resource

COMMAND = [sys.executable, "-m", "jobinfo_conformance"]


def made(folder: Path, form: Serialization, jobs: int) -> Path:
    """An archive in a file."""
    file = folder / f"{form}-{jobs}.ndjson"
    with file.open("wb") as opened:
        opened.writelines(archive(jobs, jobs // 100, [form], seed=1))
    return file


def _lines(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for _ in lines)


def processor_seconds(command: list[str]) -> float:
    """Run a command, and return the time that all of its processes took of processors, in seconds."""
    before = os.times()
    subprocess.run([*COMMAND, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def looped(file: Path, is_valid: Callable[[str], bool]) -> float:
    """Judge the answers to closes in an archive by a schema alone; return the seconds that this took."""
    started = time.process_time()
    for line in file.read_bytes().splitlines():
        body = json.loads(line)["response"]["content"]["text"]
        if "<batchInfo" not in body:
            is_valid(body)
    return time.process_time() - started


def validators(form: Serialization) -> dict[str, Callable[[str], bool]]:
    """What a user would write instead, and the floor."""
    if form is Serialization.JSON:
        standard: Any = json_schema(Body.JOB_INFO)
        fast = jsonschema_rs.validator_for(standard.schema)
        return {
            "jsonschema in a loop": lambda body: standard.is_valid(json.loads(body)),
            "jsonschema-rs in a loop": lambda body: fast.is_valid(json.loads(body)),
        }
    schema = xsd(Body.JOB_INFO)
    compiled = lxml.etree.XMLSchema(lxml.etree.parse(str(resource("schemas", "jobinfo.xsd"))))
    return {
        "xmlschema in a loop": lambda body: schema.is_valid(io.BytesIO(body.encode())),
        "lxml in a loop": lambda body: compiled.validate(lxml.etree.fromstring(body.encode())),
    }


def most_memory(command: list[str]) -> float:
    """Run a command, and return the most memory that its processes had together, in MB; shared memory counts once."""
    most = 0
    with subprocess.Popen([*COMMAND, *command], stdout=subprocess.DEVNULL, start_new_session=True) as running:
        while running.poll() is None:
            most = max(most, sum(map(_proportional, _members(running.pid))))
            time.sleep(0.1)
    return most / 1000


def _members(session: int) -> list[Path]:
    """The processes of a session, as folders of /proc."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if int(fields[3]) == session:
            found.append(folder)
    return found


def _proportional(process: Path) -> int:
    """The memory of a process in kB; what it shares with others counts in proportion."""
    try:
        lines = (process / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def main(jobs: int) -> None:
    """Measure, and print tables."""
    print("| serialization | exchanges | what | exchanges a second |\n|---|---|---|---|")
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for form in Serialization:
            small, large = made(folder, form, jobs), made(folder, form, 2 * jobs)
            more = _lines(large) - _lines(small)
            for name, command in (("`check`", ["check"]), ("`audit`", ["audit", "--workers", "1"])):
                seconds = processor_seconds([*command, str(large)]) - processor_seconds([*command, str(small)])
                print(f"| {form} | {more} | {name} | {more / seconds:,.0f} |", flush=True)
            for name, is_valid in validators(form).items():
                print(f"| {form} | {more} | {name} | {more / looped(small, is_valid):,.0f} |", flush=True)
        print("\n| exchanges | memory |\n|---|---|")
        for size in (jobs // 4, jobs, 4 * jobs):
            file = made(folder, Serialization.XML, size)
            memory = most_memory(["audit", "--workers", "2", str(file)])
            print(f"| {_lines(file):,} | {memory:,.0f} MB |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 2_000)

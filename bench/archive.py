"""Archives of traffic to measure with: ``python bench/archive.py FILE.ndjson JOBS [--wrong N] [--form xml|json] [--seed N]``.

Each job is created, given a batch, read, closed and read again on the reference implementation; for N of the jobs that has a
fault. The entries of a job lie among those of hundreds that are open at the same time. The same seed makes the same archive.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._contract.ids import long_form
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.session import SESSION_HEADER
from jobinfo_conformance._evidence.har_writer import har_entry
from jobinfo_conformance._exchange import Exchange, Request
from jobinfo_conformance._job_requests import plain

#: A few faults of different families; each shows in a job by itself.
FAULTS = ("close-answers-open", "close-answers-201", "close-is-not-stored")
#: How many jobs are open at a time.
OPEN = 500
SESSION = "00D000000000001!AQEAQ.a.session.that.nobody.has.any.more"
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass
class Place:
    """Where the jobs of an archive are."""

    job_object: str = "Account"
    queries: bool = True
    content_type: str | None = "CSV"

    @property
    def resource(self) -> str:
        """The URL of the job resource."""
        return "https://gateway.example/services/async/62.0/job"


def conversation(form: Serialization, fault: str | None) -> list[bytes]:
    """A job from its create to a read after its close, as HAR entries; ``@ID`` stands for its id, ``@TIME`` for each time."""
    service = BUILT_IN.service(fault, session=SESSION, clock=lambda: BEGIN)
    place = Place()
    job_id = ""
    exchanges: list[Exchange] = []

    def send(request: Request) -> Exchange:
        with_session = request.with_header(SESSION_HEADER, SESSION)
        exchanges.append(Exchange(with_session, service.answer(with_session), BEGIN, 40.0))
        return exchanges[-1]

    send(plain.create(place, form))
    [job_id] = service.jobs
    send(plain.add_query(place, job_id, "CSV"))
    send(plain.read(place, job_id, form))
    send(plain.close(place, job_id, form))
    send(plain.read(place, job_id, form))
    return [_template(exchange, job_id) for exchange in exchanges]


def _template(exchange: Exchange, job_id: str) -> bytes:
    entry = json.loads(msgspec.json.encode(har_entry(replace(exchange, milliseconds=40.0))))
    entry["request"].get("postData", {}).pop("_decoded", None)
    entry["startedDateTime"] = "@TIME"
    return json.dumps(entry).replace(job_id, "@ID").encode() + b"\n"


def archive(jobs: int, wrong: int, forms: list[Serialization], seed: int) -> Iterator[bytes]:
    """Yield the entries of an archive, a line each, in the order of their times."""
    draw = random.Random(seed)  # noqa: S311  # the same each time
    faulty = set(draw.sample(range(jobs), wrong))
    right = [conversation(form, None) for form in forms]
    broken = [conversation(form, fault) for form in forms for fault in FAULTS]
    opened: list[tuple[bytes, list[bytes]]] = []
    number = sent = 0
    while opened or number < jobs:
        while number < jobs and len(opened) < OPEN:
            lines = draw.choice(broken if number in faulty else right)
            opened.append((long_form(f"750{number:012}").encode(), lines[::-1]))
            number += 1
        place = draw.randrange(len(opened))
        job_id, left = opened[place]
        time = f"{BEGIN + timedelta(milliseconds=100 * sent):%Y-%m-%dT%H:%M:%S.%f}Z".encode()
        yield left.pop().replace(b"@ID", job_id).replace(b"@TIME", time)
        sent += 1
        if not left:
            opened[place] = opened[-1]
            opened.pop()


def main(arguments: list[str]) -> None:
    """Write an archive, and say how many exchanges it has."""
    parser = argparse.ArgumentParser(description="Make an archive of traffic.")
    parser.add_argument("file", type=Path)
    parser.add_argument("jobs", type=int)
    parser.add_argument("--wrong", type=int, default=0)
    parser.add_argument("--form", choices=list(Serialization), action="append", type=Serialization)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    forms = options.form or list(Serialization)
    with options.file.open("wb") as file:
        file.writelines(archive(options.jobs, options.wrong, forms, options.seed))
    print(f"{options.file}: {options.jobs} jobs, {options.file.stat().st_size >> 20} MiB")


if __name__ == "__main__":
    main(sys.argv[1:])

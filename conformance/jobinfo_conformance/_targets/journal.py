"""The journal of a live run: which jobs it has open, on disk, so that they can be ended even if the run can't do so itself.

A run writes a line before it creates a job and another when it knows the id. A file that no run holds locked is from one that
was killed, or could not end all its jobs. It names an endpoint and ids, and no secrets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from os import fdopen, fsync
from pathlib import Path
from tempfile import mkstemp
from typing import IO

import msgspec
import portalocker
from msgspec import Struct
from platformdirs import user_state_path

from jobinfo_conformance._contract.ids import is_id, short_form
from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._endpoint_url import as_one
from jobinfo_conformance._job_requests.resource import Resource

_SUFFIX = ".ndjson"


class _Line(Struct, omit_defaults=True):
    """A line of a journal. ``resource`` is in the first one; the others are about one job each."""

    resource: str | None = None
    creating: Serialization | None = None
    answered: Serialization | None = None
    job: str | None = None
    ended: str | None = None


@dataclass
class Leftover:
    """What a run left open: jobs with the serialization of each, and how many creates were on their way when it was killed."""

    path: Path
    resource: str
    jobs: dict[str, Serialization] = field(default_factory=dict)
    creates: int = 0

    def remove(self) -> None:
        """Remove the journal."""
        with suppress(OSError):  # it is read again later
            self.path.unlink(missing_ok=True)

    def take(self, line: _Line) -> None:
        """Take in what a line says."""
        self.creates += (line.creating is not None) - (line.answered is not None)
        if line.job is not None and line.answered is not None and is_id(line.job):
            self.jobs[line.job] = line.answered
        if line.ended is not None:
            self.jobs.pop(line.ended, None)


class Journal:
    """The journal of one run, written from its first create on. ``failure`` says why it could not be; None if it could."""

    def __init__(self, folder: Path, resource: str) -> None:
        self.failure: str | None = None
        self._folder = folder
        self._resource = resource
        self._open: dict[str, str] = {}
        self._file: IO[bytes] | None = None
        self._path = folder

    def creating(self, form: Serialization) -> None:
        """Note that a job is about to be created."""
        self._write(_Line(creating=form))

    def created(self, job_id: str | None, form: Serialization) -> None:
        """Note what came of a create: a job, or nothing that is known."""
        self._write(_Line(answered=form, job=job_id))
        if job_id is not None:
            self._open[short_form(job_id)] = job_id

    def adopt(self, leftover: Leftover) -> None:
        """Take the jobs that another run left open into this journal."""
        for job_id, form in leftover.jobs.items():
            self.creating(form)
            self.created(job_id, form)
        if self.failure is None:
            leftover.remove()

    def ended(self, job_id: str) -> None:
        """Note that a job is closed or aborted."""
        known = self._open.pop(short_form(job_id), None)
        if known is not None:
            self._write(_Line(ended=known))

    def close(self) -> None:
        """End the journal. The file stays if a job is open."""
        if self._file is None:
            return
        self._file.close()
        if not self._open:
            self._path.unlink(missing_ok=True)
        self._file = None

    def forget(self) -> None:
        """Remove the file that stayed when the journal was ended: its jobs are gone."""
        if self._open:
            with suppress(OSError):  # none could be kept
                self._path.unlink(missing_ok=True)

    def _write(self, line: _Line) -> None:
        if self.failure is not None:
            return
        try:
            if self._file is None:
                self._file = self._begin()
            self._file.write(msgspec.json.encode(line) + b"\n")
            self._file.flush()
            fsync(self._file.fileno())
        except (OSError, portalocker.LockException) as error:
            self.failure = f"no journal of open jobs can be kept in {self._folder}: {getattr(error, 'strerror', None) or error}"

    def _begin(self) -> IO[bytes]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = mkstemp(dir=self._folder, suffix=_SUFFIX)
        self._path = Path(name)
        file = fdopen(descriptor, "wb")
        portalocker.lock(file, portalocker.LOCK_EX | portalocker.LOCK_NB)
        file.write(msgspec.json.encode(_Line(resource=self._resource)) + b"\n")
        return file


def journals() -> Path:
    """The folder of journals in the user's state directory, which need not exist."""
    return user_state_path("jobinfo-conformance")


def leftovers(folder: Path) -> Iterator[Leftover]:
    """Yield what runs that have ended left open. A file that is no journal is passed over."""
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        with suppress(OSError, portalocker.LockException), path.open("r+b") as file:
            portalocker.lock(file, portalocker.LOCK_EX | portalocker.LOCK_NB)  # fails while its run goes on
            found = _read(path, file)
            if found is not None:
                yield found
            elif path.stat().st_size == 0:  # killed before the first line
                path.unlink()


def is_at(resource: str, origin: str) -> bool:
    """Whether a job resource that a journal names is at this origin."""
    named = Resource.of(resource)
    return named is not None and named.endpoint == as_one(origin)


def _read(path: Path, lines: Iterable[bytes]) -> Leftover | None:
    found: Leftover | None = None
    for text in lines:
        try:
            line = msgspec.json.decode(text, type=_Line)
        except msgspec.DecodeError:  # cut off by a power cut
            break
        if found is not None:
            found.take(line)
        elif line.resource is not None:
            found = Leftover(path, line.resource)
        else:
            return None
    return found

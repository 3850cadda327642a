"""How the exchanges of a live run came about. A recording keeps it, so that it is judged as the run was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._evidence.history import History
from jobinfo_conformance._exchange import Exchange
from jobinfo_conformance._files.json_text import decoded


class JobEntries(Struct, frozen=True, omit_defaults=True):
    """The entries of a recording that are the history of a job, and what else is known of that history."""

    entries: tuple[int, ...]
    waited: float | None = None
    drawn: bool = False


class Obstacle(Struct, frozen=True):
    """Why a kind of subject was not shown in a serialization."""

    kind: str
    serialization: Serialization
    reason: str


class Provenance(Struct, frozen=True):
    """What a live run asked for, in which histories, and what kept it from its end; the members are those of Observation."""

    version: str | None
    serializations: tuple[Serialization, ...]
    expected: tuple[str, ...]
    obstacles: tuple[Obstacle, ...]
    jobs: tuple[JobEntries, ...]

    @classmethod
    def read(cls, value: object) -> Provenance | None:
        """Read the member of a recording; None if it holds something else, or what can't be written again."""
        try:
            found = decoded(value, cls)
            msgspec.json.encode(found)
        except ValueError:
            return None
        return found

    def histories(self, exchanges: Sequence[Exchange]) -> list[History] | None:
        """The histories of these exchanges; None if they are not those that the run had, as in a recording that was edited."""
        by_entry = {exchange.entry: exchange for exchange in exchanges}
        named = [entry for job in self.jobs for entry in job.entries]
        if len(named) != len(exchanges) or set(named) != set(by_entry):
            return None
        return [
            History.of([by_entry[entry] for entry in job.entries], whole=True, waited=job.waited, drawn=job.drawn)
            for job in self.jobs
        ]

    @property
    def reasons(self) -> Mapping[tuple[str, Serialization], str]:
        """The obstacles by kind of subject and serialization."""
        return {(obstacle.kind, obstacle.serialization): obstacle.reason for obstacle in self.obstacles}

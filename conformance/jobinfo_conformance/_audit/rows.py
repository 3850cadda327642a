"""Findings as rows of a table: what ``check --format json`` says of each, and the job."""

from __future__ import annotations

from msgspec import Struct


class Row(Struct, frozen=True, order=True):
    """A finding in an archive.

    ``file`` is the file that the exchange is in, and ``entry`` its entry there, from 0. ``kind`` is what the answer was taken
    for; None for one that is not about a job as a whole, such as that to a batch. ``job`` is the id of the job; None if the
    exchange names none.
    """

    file: str
    entry: int
    kind: str | None
    requirement: str
    level: str
    outcome: str
    where: str
    message: str
    job: str | None

"""Archives of traffic, judged job by job on Spark: the same findings as those of ``jobinfo-conformance audit``.

Needs the extra ``spark``. This file can be handed to spark-submit::

    spark-submit spark.py ARCHIVE… --findings FOLDER

In a job of your own, make a DataFrame of entries, with `entries` or otherwise, and hand it to `findings`.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from jobinfo_conformance._audit.jobs import Archived, JobJudge
from jobinfo_conformance._audit.keys import Key, key_of
from jobinfo_conformance._audit.lines import OVERLONG, lines_of
from jobinfo_conformance._audit.rows import Row
from jobinfo_conformance._audit.sessions import MOST, Sessions
from jobinfo_conformance._audit.sources import Format, format_of
from jobinfo_conformance._catalogue.extensions import installed
from jobinfo_conformance._catalogue.frozen_sets import as_frozen, asked_set
from jobinfo_conformance._evidence.har_reader import Unusable

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["entries", "findings"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FORMS = (Format.LINES, Format.GZIPPED_LINES, Format.ZSTANDARD_LINES)
_ENTRY = pa.schema([("file", pa.string()), ("entry", pa.int64()), ("raw", pa.binary())])
_KEYED_ENTRY = pa.schema([("job", pa.string()), ("started", pa.int64()), *_ENTRY])
_FINDING = pa.schema([(name, pa.int64() if name == "entry" else pa.string()) for name in Row.__struct_fields__])
#: How many entries are handed on at a time.
_BATCH = 500


def entries(spark: SparkSession, *paths: str) -> DataFrame:
    """Read files with one HAR entry on each line: .ndjson or .jsonl, as they are or with .gz or .zst.

    ``paths`` are files, folders or patterns in any storage that Spark reads. Each file is read by one task, which has it in
    memory, so files should have no more than some hundred megabytes. The columns are ``file``, ``entry`` (the line, from 0)
    and ``raw`` (the entry in JSON).
    """
    files = spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(list(paths))
    return files.select("path", "content").mapInArrow(_lines, _in_sql(_ENTRY))


def findings(
    entries: DataFrame,
    *,
    strict: bool = False,
    only: Sequence[str] = (),
    extension: Sequence[str] = (),
    requirements: str | None = None,
) -> DataFrame:
    """Judge entries job by job, and return their findings.

    ``entries`` has the columns ``file`` (string), ``entry`` (a number in the file) and ``raw`` (a HAR entry in JSON, as string
    or binary). Entries of a job may be anywhere in it; other traffic and what is no entry is left out. With ``strict`` a SHOULD
    that does not hold fails too. ``only`` are ids of requirements, none for all, ``extension`` names modules that add some, and
    ``requirements`` the set that is scored; raises BadInput if there is none of that name.
    The columns of the result are those of ``jobinfo-conformance audit --findings``.
    """
    asked_set(requirements)  # so that a set that does not exist is said here, and not by a worker
    given = entries.selectExpr("file", "cast(entry as long) as entry", "cast(raw as binary) as raw")

    sessions = given.mapInArrow(_sessions, "session string").distinct().limit(MOST).collect()
    asked = _Asked(frozenset(row.session for row in sessions), strict, frozenset(only), tuple(extension), requirements)
    broadcast = given.sparkSession.sparkContext.broadcast(asked)

    def judge(job: pa.Table) -> pa.Table:
        return _judged(job, _judge(broadcast.value))

    return given.mapInArrow(_keyed, _in_sql(_KEYED_ENTRY)).groupBy("job").applyInArrow(judge, _in_sql(_FINDING))


def _in_sql(schema: pa.Schema) -> str:
    """A schema as Spark takes it."""
    types = {pa.string(): "string", pa.int64(): "long", pa.binary(): "binary"}
    return ", ".join(f"{column.name} {types[column.type]}" for column in schema)


def _lines(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Cut files into lines; a file of another kind has none."""
    for batch in batches:
        for file in batch.to_pylist():
            path = file["path"].removeprefix("file:")
            form = format_of(Path(path))
            if form in _FORMS:
                lines = lines_of(io.BytesIO(file["content"]), form, path)
                yield from _batches(({"file": path, "entry": number, "raw": raw} for number, raw in lines), _ENTRY)


def _keyed(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Add the key of its job to each entry, and drop those that have none."""
    for batch in batches:
        yield from _batches(_with_keys(batch.to_pylist()), _KEYED_ENTRY)


def _with_keys(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row, key in _keys(rows):
        started = None if key.started is None else (key.started - _EPOCH) // _MICROSECOND
        yield {"job": key.job, "started": started, **row}


def _keys(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], Key]]:
    for row in rows:
        try:
            key = key_of(row["raw"] or OVERLONG)
        except Unusable:
            continue
        if key is not None:
            yield row, key


def _sessions(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The sessions that requests name, each once in a part of the archive."""
    found: set[str] = set()
    for batch in batches:
        for _, key in _keys(batch.to_pylist()):
            found |= key.sessions if len(found) < MOST else frozenset()
    yield from _batches([{"session": session} for session in found], pa.schema([("session", pa.string())]))


@dataclass(frozen=True)
class _Asked:
    """What a worker needs to know to judge jobs."""

    sessions: frozenset[str]
    strict: bool
    only: frozenset[str]
    extensions: tuple[str, ...]
    requirements: str | None


@lru_cache(maxsize=4)
def _judge(asked: _Asked) -> JobJudge:
    """The judge of a worker, which is made once."""
    catalogue = as_frozen(installed(asked.extensions), asked_set(asked.requirements))
    chosen = [requirement for name, requirement in catalogue.judged.items() if not asked.only or name in asked.only]
    return JobJudge(chosen, Sessions(asked.sessions), strict=asked.strict, later=catalogue.later)


def _judged(job: pa.Table, judge: JobJudge) -> pa.Table:
    """Judge the entries of a job, and return the rows of its findings."""
    rows = sorted(job.to_pylist(), key=lambda row: (row["file"], row["entry"]))
    if all(row["started"] is not None for row in rows):
        rows.sort(key=lambda row: row["started"])
    entries = (Archived(row["file"], row["entry"], row["raw"]) for row in rows)
    judged = judge.judge(entries)
    return pa.Table.from_pylist([msgspec.structs.asdict(row) for row in judged.rows], schema=_FINDING)


def _batches(rows: Iterable[dict[str, Any]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    rows = iter(rows)
    while several := list(islice(rows, _BATCH)):
        yield pa.RecordBatch.from_pylist(several, schema=schema)


def main(arguments: Sequence[str]) -> None:
    """Audit an archive, and write the findings into a folder: as Parquet, or in JSON with ``--format json``."""
    from pyspark.sql import SparkSession

    parser = argparse.ArgumentParser(description="Judge archives of traffic job by job, on Spark.")
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files or folders of .ndjson, also with .gz or .zst")
    parser.add_argument("--findings", required=True, metavar="FOLDER", help="where to write the findings; must not exist yet")
    parser.add_argument("--format", choices=("parquet", "json"), default="parquet")
    parser.add_argument("--strict", action="store_true", help="also fail if a SHOULD does not hold")
    parser.add_argument("--requirements", metavar="1.0", help="score by the requirements of this release (default: all)")
    options = parser.parse_args(arguments)
    spark = SparkSession.builder.appName("jobinfo-conformance").getOrCreate()
    found = findings(entries(spark, *options.paths), strict=options.strict, requirements=options.requirements)
    found.write.format(options.format).save(options.findings)
    spark.stop()


if __name__ == "__main__":
    # Workers import the functions that they run, which they can't from a module of this name.
    from jobinfo_conformance.spark import main as main_of_package

    main_of_package(sys.argv[1:])

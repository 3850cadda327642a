"""``jobinfo_conformance.spark``: the same findings as those of an audit, in Spark's local mode."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyspark", reason="PySpark is not installed: tox -e archives has it")

from pyspark.sql import SparkSession

from jobinfo_conformance import spark as spark_module
from jobinfo_conformance.spark import entries, findings
from tests.test_audit import audited, ndjson, rows, traffic

pytestmark = pytest.mark.skipif(
    not (os.environ.get("JAVA_HOME") or shutil.which("java")),
    reason="Spark needs Java 17: apt-get install openjdk-17-jre-headless",
)

pytestmark = pytest.mark.filterwarnings("default")  # PySpark's own
#: Spark on this machine alone, without its web page.
LOCAL: dict[str, bool | float | int | str | None] = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
}


@pytest.fixture(scope="module")
def session() -> Iterator[SparkSession]:
    """A session whose workers run this Python."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[2]").config(map=LOCAL).config("spark.sql.shuffle.partitions", "4")
    started = builder.getOrCreate()
    yield started
    started.stop()


def ordered(found: list[dict[str, Any]]) -> list[str]:
    """Rows, whatever their order was."""
    return sorted(json.dumps(row, sort_keys=True) for row in found)


def test_spark_finds_what_an_audit_finds_to_the_row(session: SparkSession, tmp_path: Path) -> None:
    """In an archive of two files with broken lines."""
    archive = tmp_path / "archive"
    archive.mkdir()
    all_of_it = traffic(30)
    ndjson(archive / "monday.ndjson", [*all_of_it[:40], {"request": None}])
    ndjson(archive / "tuesday.ndjson", all_of_it[40:])
    audited(archive, findings=tmp_path / "found.ndjson")
    expected = rows(tmp_path / "found.ndjson")
    assert len(expected) >= 10
    assert ordered([row.asDict() for row in findings(entries(session, str(archive))).collect()]) == ordered(expected)


def test_entries_may_come_from_a_data_frame_of_ones_own(session: SparkSession) -> None:
    """With the entry as text, and judged by some of the requirements alone."""
    given = [("a table", number, json.dumps(entry)) for number, entry in enumerate(traffic(4))]
    frame = session.createDataFrame(given, "file string, entry int, raw string")
    found = findings(frame, only=["state/closed"]).collect()
    assert {(row.file, row.requirement, row.outcome) for row in found} == {("a table", "state/closed", "fail")}
    assert len(found) == 2


def test_the_job_for_spark_submit_writes_the_findings(tmp_path: Path) -> None:
    """As a file that is handed to spark-submit."""
    archive = ndjson(tmp_path / "traffic.ndjson", traffic(4))
    options = [text for name, value in LOCAL.items() for text in ("--conf", f"{name}={value}")]
    job = [spark_module.__file__, str(archive), "--findings", str(tmp_path / "found"), "--format", "json"]
    submit = str(Path(sys.executable).with_name("spark-submit"))
    subprocess.run(
        [submit, "--master", "local[1]", *options, *job],
        check=True,
        capture_output=True,
        env={**os.environ, "PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable},
    )
    written = [row for file in (tmp_path / "found").glob("*.json") for row in rows(file)]
    assert {row["requirement"] for row in written} >= {"state/closed"}

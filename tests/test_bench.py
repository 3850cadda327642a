"""The measurements run; what they measured stands in bench/README.md."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

from bench.alternatives.__main__ import RESULTS
from bench.alternatives.servers import Server, servers
from bench.alternatives.table import Compared, lines
from bench.alternatives.tools import FOLDER, SCHEMATHESIS, SUITE, Tool
from bench.alternatives.trials import Trial, keep, kept, tried
from bench.documents import text_between
from jobinfo_conformance._catalogue.built_in import BUILT_IN
from tests.conftest import ROOT


def test_large_recordings_are_judged() -> None:
    """Small ones, as thousands of exchanges are."""
    done = subprocess.run(
        [sys.executable, ROOT / "bench" / "many_exchanges.py", "3", "2"], capture_output=True, text=True, check=False
    )
    assert (done.stderr, done.returncode) == ("", 0)
    sizes = [line.split(":")[0] for line in done.stdout.splitlines()]
    assert sizes == ["4 exchanges of 1 jobs", "2 exchanges of 2 jobs"]


def test_false_alarms_are_counted() -> None:
    """A few exchanges are judged as 10,000 are."""
    done = subprocess.run(
        [sys.executable, ROOT / "bench" / "false_alarms.py", "20"], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.returncode == 0
    *kinds, last = done.stdout.splitlines()
    assert sum(int(line.split()[0]) for line in kinds) == 20
    assert last.startswith("20 different exchanges in ")
    assert last.endswith(" 0 findings")


def test_false_alarms_on_unusual_servers_are_counted() -> None:
    """A manner alone and a combination are judged as all of them are."""
    done = subprocess.run(
        [sys.executable, ROOT / "bench" / "false_alarms.py", "servers", "utf-16", "instant-batches", "7"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode == 0
    *rows, last = done.stdout.splitlines()
    assert [re.sub(r"^ *[0-9.]+ s  ", "", row) for row in rows[:2]] == ["utf-16: no finding", "instant-batches: no finding"]
    assert re.fullmatch(r" *[0-9.]+ s  7, api_version, (\S+ \+ ){11}\S+: no finding", rows[2])
    assert last.startswith("3 servers in ")
    assert last.endswith(" 0 findings")


def test_the_problems_of_faults_are_measured() -> None:
    """Of the faults that are named, whatever their problems are."""
    done = subprocess.run(
        [sys.executable, ROOT / "bench" / "problems.py", "reopens", "reads-are-cached"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stderr, done.returncode) == ("", 0)
    first, problems, lines = done.stdout.splitlines()
    assert first == "first: 2 of 2, 100.0%"
    assert problems.startswith("problems: ")
    assert lines.startswith("lines: ")


def test_the_mutation_tester_is_given_modules_and_tests_that_exist() -> None:
    """A test that is renamed would kill every mutant."""
    config = tomllib.loads((ROOT / "bench" / "mutation.toml").read_text("utf-8"))["cosmic-ray"]
    tests = [word for word in config["test-command"].split() if word.startswith("tests/")]
    assert [path for path in [*tests, *config["module-path"]] if not (ROOT / path).exists()] == []
    assert len(tests) > 1


def test_a_trial_says_what_a_tool_made_of_a_server_and_is_kept(tmp_path: Path) -> None:
    """The suite itself on a server that reopens jobs: it notices, and the server counted what it was asked."""
    trial = tried(SUITE, Server("fault reopens", fault="reopens"), limit=120)
    assert (trial.status, trial.noticed, trial.version) == (1, True, SUITE.version)
    assert trial.requests > 100
    for _ in range(2):
        keep(tmp_path / "results.ndjson", trial)
    assert list(kept(tmp_path / "results.ndjson")) == [trial, trial]


def test_a_tool_that_does_not_end_is_ended(tmp_path: Path) -> None:
    """And has noticed nothing; a file that is not there keeps nothing."""
    endless = Tool("jobinfo-conformance", ("-c", "import time; time.sleep(600)"))
    trial = tried(endless, Server("reference 1"), limit=0.1)
    assert (trial.status, trial.noticed, trial.requests) == (None, False, 0)
    assert list(kept(tmp_path / "none.ndjson")) == []


def test_a_comparison_counts_the_servers_that_both_tools_were_tried_on() -> None:
    """By the versions that were tried last; a trial that one tool lacks counts for neither."""
    conforming, faulty, half = Server("reference 1"), Server("fault reopens"), Server("fault text-xml")

    def trial(tool: Tool, server: Server, status: int | None, version: str = "2") -> Trial:
        return Trial(tool.name, version, server.name, status, 10, 1.0)

    said = lines(
        [
            trial(SUITE, faulty, 0, version="1"),
            *(trial(SUITE, server, status) for server, status in ((conforming, 0), (faulty, 1), (half, 1))),
            *(trial(SCHEMATHESIS, server, status) for server, status in ((conforming, 1), (faulty, None))),
        ]
    )
    assert said[0] == "| | jobinfo-conformance 2 | schemathesis 2 |"
    assert "| faults noticed, of those that say or do something wrong | 1 of 1 | 0 of 1, 1 not finished |" in said
    assert "| false alarms on the reference, run after run | 0 of 1 | 1 of 1 |" in said
    assert f"Both were tried on 1 of {len(BUILT_IN.faults)} faults, drawn by lot." in said
    assert said[-1] == "Noticed by jobinfo-conformance alone: reopens."


def test_the_readme_has_the_figures_of_the_comparison() -> None:
    """Of the trials that are kept, as docs/alternatives.md has them."""
    compared = Compared.of(kept(FOLDER / "results.ndjson"))
    faulty = [server for server in compared.servers if server.fault]
    noticed = {tool: sum(trial.noticed for trial in compared.of_tool(tool, faulty)) for tool in (SUITE, SCHEMATHESIS)}
    assert noticed[SUITE] == len(faulty)
    readme = " ".join((ROOT / "README.md").read_text("utf-8").split())
    assert len(faulty) == len(BUILT_IN.faults), "run tox -e alternatives, and write its figures into README.md"
    assert f"The suite notices all {len(faulty)} faults of the reference." in readme
    assert f"[notices {noticed[SCHEMATHESIS]}](docs/alternatives.md)" in readme


def test_the_faults_of_a_comparison_come_in_the_same_order_each_time() -> None:
    """Each once, after the servers that conform, so that it can be interrupted and goes on."""
    names = [server.fault for server in servers() if server.fault]
    assert names == [server.fault for server in servers() if server.fault]
    assert sorted(names) == sorted(BUILT_IN.faults)
    assert names != list(BUILT_IN.faults)


def test_schemathesis_is_told_of_all_operations_in_both_serializations() -> None:
    """By a document whose links lead to operations that it has."""
    document = yaml.safe_load((ROOT / "bench" / "alternatives" / "openapi.yaml").read_text("utf-8"))
    operations = [
        operation for path in document["paths"].values() for operation in path.values() if isinstance(operation, dict)
    ]
    named = {operation["operationId"] for operation in operations}
    links = [
        link["operationId"]
        for operation in operations
        for answer in operation["responses"].values()
        for link in answer.get("links", {}).values()
    ]
    assert set(links) - named == set()
    assert {"createJob", "readJob", "changeJob", "addBatch", "listBatches", "readBatch"} <= named
    for operation in operations:
        for answer in operation["responses"].values():
            assert {"application/json", "application/xml"} <= set(
                answer.get("content", {"application/json": 0, "application/xml": 0})
            )


def test_the_comparison_in_the_document_is_that_of_the_trials() -> None:
    """They are kept beside the command."""
    told = text_between(ROOT / "docs" / "alternatives.md", "comparison")
    assert told.strip().splitlines() == lines(kept(RESULTS)), "run tox -e alternatives"


def test_the_page_of_implementations_has_the_columns_of_the_table() -> None:
    """Both are written by one command."""
    rows = re.findall(r"^\| ([^|]+) \|", text_between(ROOT / "docs" / "implementations.md", "implementations"), re.MULTILINE)
    page = (ROOT / "docs" / "implementations.html").read_text("utf-8")
    assert rows[1:] == re.findall(r'<li><a href="#implementation-\d+">([^<]+)</a>', page)
    assert len(rows) > 2

"""Public recordings of real servers: nothing in them is a failure."""

from __future__ import annotations

import csv
from pathlib import Path

from jobinfo_conformance._payloads import PayloadKind, check
from tests.conftest import Command

#: What the recordings' own index calls each kind.
KINDS = {
    "close-request": PayloadKind.CLOSE_REQUEST,
    "close-request(abort)": PayloadKind.ABORT_REQUEST,
    "create-request": PayloadKind.CREATE_REQUEST,
    "error": PayloadKind.ERROR,
}


def test_every_recording_is_taken_for_what_it_is(corpus: Path) -> None:
    """Each payload is recognised by what it holds."""
    with (corpus / "INDEX.tsv").open(encoding="utf-8", newline="") as index:
        for row in csv.DictReader(index, delimiter="\t"):
            [checked] = check(corpus / row["file"])
            assert checked.kind is KINDS.get(row["kind"], PayloadKind.JOB_INFO), row["file"]


def test_nothing_in_a_recording_is_objected_to(corpus: Path, command: Command) -> None:
    """``check`` finds nothing, strict as it may be, and exits 0."""
    done = command("check", "--strict", "--format", "json", *sorted(corpus.glob("*.[xj]*[ln]")))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_recorded_close_is_a_close_response(corpus: Path) -> None:
    """The seven recorded answers to a close pass as such too."""
    with (corpus / "INDEX.tsv").open(encoding="utf-8", newline="") as index:
        closes = [row["file"] for row in csv.DictReader(index, delimiter="\t") if row["kind"] == "close"]
    assert len(closes) == 7
    for name in closes:
        [checked] = check(corpus / name, kind="close-response")
        assert (checked.kind, checked.findings) == (PayloadKind.CLOSE_RESPONSE, ())

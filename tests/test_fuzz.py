"""What is fuzzed takes its own seeds, and inputs that once broke a reader."""

from __future__ import annotations

import json

import pytest

from tests.fuzz.readers import READERS

#: Inputs that broke a reader before it was mended.
MENDED = {
    "a number of more digits than Python parses": ("toml", b"known = " + b"9" * 5_000),
    "half a surrogate pair, to be written again": ("report", b'{"target": "\\ud800"}'),
    "a chunk of less than nothing": (
        "http",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-" + b"f" * 16 + b"\r\n\r\n",
    ),
    "half a surrogate pair, where there should be an object": ("har", b'{"log": "\\ud800"}'),
    "half a surrogate pair, for how a run came by its exchanges": ("har", b'{"log": {"entries": [], "_run": "\\ud800"}}'),
    "a line that is no HAR entry": ("ndjson", b"0"),
    "a host that is none": ("requests", b"GET /services/async HTTP/1.1\r\nHost: [x]\r\n\r\n"),
    "a host that is none once the session in it is hidden": (
        "requests",
        b"GET /services/async/36.0/job HTTP/1.1\r\nHost: 00D000000000001!fuzzed\r\n\r\n",
    ),
    "a null character beside a session": ("requests", b"T /services/async HTTP/1.1\r\nX:\x0000D000000000001!fuzzed\r\n\r\n"),
}


@pytest.mark.parametrize("name", READERS)
def test_a_reader_takes_its_seeds(name: str) -> None:
    """Or the fuzzer would begin with nothing."""
    seeds = list(READERS[name].seeds())
    assert seeds
    for seed in seeds:
        READERS[name].takes(seed)


@pytest.mark.parametrize("name", MENDED)
def test_a_reader_refuses_what_once_broke_it(name: str) -> None:
    """In one line, or by a finding."""
    reader, data = MENDED[name]
    READERS[reader].takes(data)


@pytest.mark.parametrize("name", ["xml", "json", "har", "ndjson", "toml"])
def test_a_reader_refuses_every_beginning_of_a_seed(name: str) -> None:
    """Wherever a file is cut off; the fuzzer finds more."""
    seed = next(READERS[name].seeds())
    for end in range(0, len(seed), max(1, len(seed) // 60)):
        READERS[name].takes(seed[:end])


def test_a_report_is_written_again_though_a_media_type_has_several_lines() -> None:
    """Which become one header each, as in a browser's recordings: a fuzzer found it."""
    report = json.loads(next(READERS["report"].seeds()))
    report["exchanges"][0]["response"] |= {"headers": [], "content": {"mimeType": "a/b\nc/d"}}
    READERS["report"].takes(json.dumps(report).encode())

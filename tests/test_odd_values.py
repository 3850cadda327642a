"""Files in which one value is of another kind than it should be, wherever it stands: all that comes of it is a line."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import jobinfo_conformance
from jobinfo_conformance import BadInput
from jobinfo_conformance._console.results import summary
from jobinfo_conformance._evidence.har_writer import write_har
from jobinfo_conformance._payloads import check
from jobinfo_conformance._results.results import Results
from tests.exchanges import CLOSED, EMPTY, JSON, close, create

#: What stands in a file in place of a value, as it is written there.
ODD = ['"\\ud800"', "NaN", "9" * 5000, "[]", "{}", '"x\\ny"', "[" * 3000]
_HERE = "the odd value stands here"


def recording() -> Any:
    """A recording of a run's own, with all that a browser may add."""
    document = json.loads(write_har([create(EMPTY, JSON), close(CLOSED, JSON)]))
    document["log"]["_run"] = {
        "version": "36.0",
        "serializations": ["json"],
        "expected": ["an answer"],
        "obstacles": [{"kind": "an answer", "serialization": "json", "reason": "none came"}],
        "jobs": [{"entries": [0, 1], "waited": 1.0, "drawn": False}],
    }
    entry = document["log"]["entries"][0]
    entry["response"]["content"] |= {"comment": "", "_truncated": False}
    entry["request"] |= {"queryString": [{"name": "a", "value": "b"}]}
    return document


def report() -> Any:
    """A report.json with a problem."""
    results = jobinfo_conformance.run("reference:close-answers-open", only=["state/closed"])
    document = json.loads(results.to_json())
    return document | {"exchanges": document["exchanges"][:2], "unanswered": ["curl"]}


def read_again(path: Path) -> None:
    """Read a report and tell it."""
    results = Results.read(path)
    results.to_json()
    list(summary(results, verbose=True))


def with_one_odd(document: Any, odd: str) -> Iterator[str]:
    """The document with each of its values in turn replaced by an odd one."""
    for place in places(document):
        changed = {"": copy.deepcopy(document)}
        inside: Any = changed
        for key in ("", *place[:-1]) if place else ():
            inside = inside[key]
        inside[place[-1] if place else ""] = _HERE
        yield json.dumps(changed[""]).replace(f'"{_HERE}"', odd)


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where values stand; of a list, those of the first two."""
    yield place
    inside = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for key, each in inside:
        yield from places(each, (*place, key))


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd[:12])
@pytest.mark.parametrize(
    ("name", "document", "reader"),
    [
        ("check.har", recording, lambda path: list(check(path))),
        ("run.har", recording, lambda path: jobinfo_conformance.run(path, only=["state/closed"]).to_json()),
        ("report.json", report, read_again),
    ],
    ids=["check", "run", "report"],
)
def test_a_value_of_any_kind_anywhere_is_read_or_refused_in_one_line(
    name: str, document: Callable[[], Any], reader: Callable[[Path], object], odd: str, tmp_path: Path
) -> None:
    """No bug of the suite, and no words of Python's."""
    file, said = tmp_path / name, []
    for text in with_one_odd(document(), odd):
        file.write_text(text, "utf-8")
        try:
            reader(file)
        except BadInput as reason:
            said.append(str(reason))
    assert said
    assert [line for line in said if "\n" in line or "codec" in line] == []

"""Work that one worker of xdist does for all workers."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobinfo_conformance._bad_input import BadInput

#: How long a worker waits before it looks for another worker's result again, in seconds.
_PAUSE = 0.05


_CLAIM, _RESULT = "jobinfo-claim", "jobinfo-result"


def once_among_workers(config: pytest.Config, work: Callable[[], Any]) -> Any:
    """Do the work in the first worker of a session, and return its result in every worker.

    The result has to be picklable. If the work raises BadInput, so does every worker, and also if the worker that does it
    dies, which the controller tells by `note_death`.
    """
    factory = _temporary_folders(config)
    folder = factory.getbasetemp().parent  # pytest gives each worker a folder inside that of the controller
    try:
        with (folder / _CLAIM).open("x", encoding="utf-8") as claim:
            claim.write(config.workerinput["workerid"])  # type: ignore[attr-defined]  # xdist adds it
    except FileExistsError:
        return _read_outcome(folder)
    try:
        outcome: tuple[Any, BadInput | None] = (work(), None)
    except BadInput as error:
        outcome = (None, error)
    except BaseException:
        _write_outcome(folder, (None, BadInput("the worker that asked the target broke down")))
        raise
    _write_outcome(folder, outcome)
    return _read_outcome(folder)


def note_death(config: pytest.Config, worker: str) -> None:
    """In the controller: if this worker died while it did the work, tell those that wait for the result."""
    folder = _temporary_folders(config).getbasetemp()
    claim = folder / _CLAIM
    if claim.exists() and claim.read_text("utf-8") == worker and not (folder / _RESULT).exists():
        _write_outcome(folder, (None, BadInput(f"the worker {worker} died while it asked the target")))


def _write_outcome(folder: Path, outcome: tuple[Any, BadInput | None]) -> None:
    """Write the result of the work, or why there is none, so that no worker reads half of it."""
    written = folder / f"{_RESULT}.part"
    written.write_bytes(pickle.dumps(outcome))
    written.replace(folder / _RESULT)


def _read_outcome(folder: Path) -> Any:
    while not (folder / _RESULT).exists():
        time.sleep(_PAUSE)
    value, refusal = pickle.loads((folder / _RESULT).read_bytes())  # noqa: S301  # made by another worker
    if refusal is not None:
        raise refusal
    return value


def _temporary_folders(config: pytest.Config) -> pytest.TempPathFactory:
    factory: pytest.TempPathFactory = config._tmp_path_factory  # type: ignore[attr-defined]  # noqa: SLF001  # also a fixture
    return factory

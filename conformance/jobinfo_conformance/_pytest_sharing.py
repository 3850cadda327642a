"""Work that one worker of xdist does for all workers."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobinfo_conformance._bad_input import BadInput

#: How long a worker waits before it looks for another worker's result again, in seconds.
_PAUSE = 0.05


def once_among_workers(config: pytest.Config, work: Callable[[], Any]) -> Any:
    """Do the work in the first worker of a session, and return its result in every worker.

    The result has to be picklable. If the work raises BadInput, so does every worker.
    """
    folder = _shared_folder(config)
    claim, result = folder / "jobinfo-claim", folder / "jobinfo-result"
    try:
        os.close(os.open(claim, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return _read_outcome(result)
    try:
        outcome: tuple[Any, str | None] = (work(), None)
    except BadInput as error:
        outcome = (None, str(error))
    except BaseException:
        _write_outcome(result, (None, "the worker that asked the target broke down"))
        raise
    _write_outcome(result, outcome)
    return _read_outcome(result)


def _write_outcome(result: Path, outcome: tuple[Any, str | None]) -> None:
    """Write the result of the work, or why there is none, so that no worker reads half of it."""
    written = result.with_suffix(".part")
    written.write_bytes(pickle.dumps(outcome))
    written.replace(result)


def _read_outcome(result: Path) -> Any:
    while not result.exists():
        time.sleep(_PAUSE)
    value, refusal = pickle.loads(result.read_bytes())  # noqa: S301  # made by another worker
    if refusal is not None:
        raise BadInput(refusal)
    return value


def _shared_folder(config: pytest.Config) -> Path:
    """Return the folder that all workers of a session share: pytest gives each worker a folder inside it."""
    factory: pytest.TempPathFactory = config._tmp_path_factory  # type: ignore[attr-defined]  # noqa: SLF001  # also a fixture
    return factory.getbasetemp().parent

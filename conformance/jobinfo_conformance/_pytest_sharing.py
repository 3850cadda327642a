"""What one worker of xdist does for all of them."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobinfo_conformance._bad_input import BadInput

#: How long a worker waits between two looks for what another one does, in seconds.
_PAUSE = 0.05


def once_among_workers(config: pytest.Config, work: Callable[[], Any]) -> Any:
    """Have the first worker of a session do the work, and all others take what it comes to.

    What it comes to has to be picklable. Raises BadInput in every worker where the work does.
    """
    folder = _shared_folder(config)
    claim, result = folder / "jobinfo-claim", folder / "jobinfo-result"
    try:
        os.close(os.open(claim, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return _taken(result)
    try:
        outcome: tuple[Any, str | None] = (work(), None)
    except BadInput as error:
        outcome = (None, str(error))
    except BaseException:
        _leave(result, (None, "the worker that asked the target broke down"))
        raise
    _leave(result, outcome)
    return _taken(result)


def _leave(result: Path, outcome: tuple[Any, str | None]) -> None:
    """Write what the work came to, at once."""
    written = result.with_suffix(".part")
    written.write_bytes(pickle.dumps(outcome))
    written.replace(result)


def _taken(result: Path) -> Any:
    while not result.exists():
        time.sleep(_PAUSE)
    value, refusal = pickle.loads(result.read_bytes())  # noqa: S301  # made by another worker
    if refusal is not None:
        raise BadInput(refusal)
    return value


def _shared_folder(config: pytest.Config) -> Path:
    """A folder that all workers of a session have: pytest gives each of them one inside it."""
    factory: pytest.TempPathFactory = config._tmp_path_factory  # type: ignore[attr-defined]  # noqa: SLF001  # a fixture has it too
    return factory.getbasetemp().parent

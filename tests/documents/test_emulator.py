"""docs/emulator.md tells a way that can be gone: each step passes with what it adds, and not before."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.conftest import ROOT, Command
from tests.documents import emulator_stages
from tests.documents.emulator_stages import SESSION

STAGES = emulator_stages.__name__
PAGE = (ROOT / "docs" / "emulator.md").read_text("utf-8")
STEPS = {
    int(number): shlex.split(command)
    for number, command in re.findall(r"^### (\d)\..*?^    jobinfo-conformance (.*?)$", PAGE, re.MULTILINE | re.DOTALL)
}


def options_of(step: int) -> list[str]:
    """What a step adds to ``run app:emulator:app``."""
    assert STEPS[step][:2] == ["run", "app:emulator:app"]
    return STEPS[step][2:]


@pytest.mark.parametrize("step", sorted(STEPS))
def test_a_step_passes_with_what_it_adds(step: int, command: Command) -> None:
    """Without anything that a later step adds."""
    done = command("run", f"app:{STAGES}:step_{step}", *options_of(step), session=SESSION, PYTHONPATH=str(ROOT))
    assert done.stdout.splitlines()[-1].startswith("conformant: "), done.stdout + done.stderr


@pytest.mark.parametrize("step", sorted(STEPS)[1:])
def test_a_step_does_not_pass_before(step: int, command: Command) -> None:
    """What it adds is what it asks for."""
    done = command("run", f"app:{STAGES}:step_{step - 1}", *options_of(step), session=SESSION, PYTHONPATH=str(ROOT))
    assert done.returncode in {1, 3}, done.stdout + done.stderr


def test_the_emulator_passes_as_the_page_says(command: Command) -> None:
    """In every serialization, also with ``--strict``."""
    [end] = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    done = command("run", f"app:{STAGES}:step_6", "--strict", session=SESSION, PYTHONPATH=str(ROOT))
    assert done.returncode == 0
    assert done.stdout.endswith(end), f"docs/emulator.md shows another end of the run, which is:\n{done.stdout[-len(end) :]}"

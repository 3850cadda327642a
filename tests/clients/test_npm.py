"""The installation of clients for node: it ends in time, and says why there are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.npm import install


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are looked for."""
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def _npm(tools: Path, script: str) -> None:
    program = tools / "npm"
    program.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    program.chmod(0o755)


def test_a_machine_without_npm_is_told(tools: Path, tmp_path: Path) -> None:
    """Nothing is made then."""
    assert install(tmp_path / "npm") == "npm is not installed"
    assert list(tools.iterdir()) == []
    assert not (tmp_path / "npm").exists()


def test_npm_is_ended_when_it_takes_too_long(tools: Path, tmp_path: Path) -> None:
    """As it does where it reaches no registry."""
    _npm(tools, "exec /bin/sleep 100")
    assert install(tmp_path / "npm", longest=0.2) == "npm had not ended after 0.2 seconds"


def test_npm_that_fails_is_told_with_its_status(tools: Path, tmp_path: Path) -> None:
    """What it wrote stands above."""
    _npm(tools, "exit 7")
    assert install(tmp_path / "npm") == "npm ended with exit status 7"


def test_npm_installs_what_the_list_names_into_the_folder(tools: Path, tmp_path: Path) -> None:
    """It runs there, beside a copy of the list, so that the settings of the machine hold."""
    _npm(tools, 'read -r first < package.json && echo "$first" > started && pwd >> started && echo "$@" >> started')
    assert install(tmp_path / "npm") is None
    started = (tmp_path / "npm" / "started").read_text("utf-8").splitlines()
    assert started[:2] == ["{", str(tmp_path / "npm")]
    assert started[2].startswith("install ")
    assert "--prefix" not in started[2]

"""What the tests share: an endpoint, the corpus of recordings, and the command as a user runs it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.endpoint import SESSION, Endpoint, endpoint

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent
CORPUS = ROOT.parent / "shared" / "corpus"
REPORTS = ROOT.parent / "shared" / "reports"

#: Settings of the run that these tests are in, and of where that is.
_NOT_INHERITED = ("PYTEST", "JOBINFO", "COV", "GITHUB", "PY_COLORS", "NO_COLOR", "FORCE_COLOR")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # So it is in a job in the background, and whatever a test starts would not be interrupted either.
    signal.signal(signal.SIGINT, signal.default_int_handler)

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
#: The first is for containers; the others keep the browser from looking for its maker's servers.
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]

Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory of the test's own, in which runs keep their journals."""
    folder = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder


@pytest.fixture
def live_endpoint() -> Iterator[Endpoint]:
    """A conforming endpoint on loopback."""
    with endpoint() as one:
        yield one


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """The console script, run in an empty folder with a session in the environment."""
    folder = tmp_path / "elsewhere"
    folder.mkdir(exist_ok=True)

    def run(*arguments: object, session: str | None = SESSION, **variables: str) -> subprocess.CompletedProcess[str]:
        return _run(folder, ["-m", "jobinfo_conformance", *map(str, arguments)], session, variables)

    return run


@pytest.fixture
def run_pytest(tmp_path: Path) -> Command:
    """Pytest itself, run in a folder of its own that a test may fill first."""

    def run(*arguments: object, session: str | None = SESSION, **variables: str) -> subprocess.CompletedProcess[str]:
        return _run(tmp_path, ["-m", "pytest", *map(str, arguments)], session, variables)

    return run


def _run(
    folder: Path, arguments: list[str], session: str | None, variables: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)}
    environment = {**inherited, **variables}
    if session is not None:
        environment["JOBINFO_SESSION_ID"] = session
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of public recordings; not part of the project."""
    if not CORPUS.is_dir():
        pytest.skip(f"the corpus of public recordings is not here: {CORPUS}")
    return CORPUS


@pytest.fixture(scope="session")
def reports() -> Path:
    """The folder of small inputs that users sent; not part of the project."""
    if not REPORTS.is_dir():
        pytest.skip(f"the small inputs that users sent are not here: {REPORTS}")
    return REPORTS


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="the browser is driven by playwright: pip install playwright"
    )
    if CHROMIUM is None:
        pytest.skip("the page is tested in Chromium, which is not here: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield chromium
        chromium.close()

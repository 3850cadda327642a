"""What the tests share: an endpoint, the corpus of recordings, and the command as a user runs it."""

from __future__ import annotations

import gc
import os
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.endpoint import SESSION, Endpoint, endpoint
from tests.warm import Order, WarmPython

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent
CORPUS = ROOT.parent / "shared" / "corpus"
REPORTS = ROOT.parent / "shared" / "reports"

#: Settings of the run that these tests are in, and of where that is.
_NOT_INHERITED = ("PYTEST", "JOBINFO", "COV", "GITHUB", "PY_COLORS", "NO_COLOR", "FORCE_COLOR")

# A job in the background ignores these, or one under nohup, and whatever a test starts would not be interrupted either.
for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGQUIT, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
#: The first is for containers; the others keep the browser from looking for its maker's servers.
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]

# Whatever a test starts may keep what it compiles: pytest compiles all of the suite anew, since it rewrites assertions.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

Command = Callable[..., "subprocess.CompletedProcess[str]"]


def pytest_collection_finish() -> None:
    """Keep the garbage collector, and Hypothesis, which looks through all objects in each thread, from thousands of tests."""
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def _keep_from_garbage_collector() -> Iterator[None]:
    """The same for what the tests of a module leave behind, such as what is worked out once."""
    yield
    gc.collect()
    gc.freeze()


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
def port() -> int:
    """A port of loopback that nothing listens on: below those that the system gives to whoever asks for any."""
    while True:
        number = 20_000 + secrets.randbelow(10_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", number)):
            return number


@pytest.fixture(scope="session")
def warm_suite() -> Iterator[WarmPython]:
    """Python that has imported the suite."""
    with closing(WarmPython("warmed_up")) as python:
        yield python


@pytest.fixture(scope="session")
def warm_pytest() -> Iterator[WarmPython]:
    """Python in which pytest has run the suite."""
    with closing(WarmPython("warmed_up_pytest", environment=_environment(None, {}))) as python:
        yield python


@pytest.fixture
def command(tmp_path: Path, warm_suite: WarmPython) -> Command:
    """The console script, run in an empty folder with a session in the environment."""
    folder = tmp_path / "elsewhere"
    folder.mkdir(exist_ok=True)

    def run(*arguments: object, session: str | None = SESSION, **variables: str) -> subprocess.CompletedProcess[str]:
        return warm_suite.run(
            Order("jobinfo_conformance", [*map(str, arguments)], str(folder), _environment(session, variables))
        )

    return run


@pytest.fixture
def run_pytest(tmp_path: Path, warm_pytest: WarmPython) -> Command:
    """Pytest itself, run in a folder of its own that a test may fill first."""

    def run(*arguments: object, session: str | None = SESSION, **variables: str) -> subprocess.CompletedProcess[str]:
        return warm_pytest.run(Order("pytest", [*map(str, arguments)], str(tmp_path), _environment(session, variables)))

    return run


def _environment(session: str | None, variables: dict[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)}
    return {**inherited, **variables, **({} if session is None else {"JOBINFO_SESSION_ID": session})}


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

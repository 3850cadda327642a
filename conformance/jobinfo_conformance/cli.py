"""The console script: ``jobinfo-conformance COMMAND``."""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import entry_points
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from jobinfo_conformance import __version__
from jobinfo_conformance.options import ASKING, OPTIONS, TARGET

if TYPE_CHECKING:
    import pytest

    from jobinfo_conformance.evidence.observation import Observation
    from jobinfo_conformance.results import Results

#: Options of a run that may be given several times; each version is run by itself.
_SEVERAL: Mapping[str, Mapping[str, Any]] = {"api-version": {"action": "append"}}
_KINDS = ("create-request", "close-request", "abort-request", "jobInfo", "close-response", "error")


class Refused(Exception):
    """A command can't be carried out; the message is a line for the user."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if sys.flags.optimize > 1:
        # The sentence of a requirement is the docstring of its check.
        _say("Python was told to drop docstrings: leave out -OO and PYTHONOPTIMIZE=2")
        return 2
    place = given.index("--") if "--" in given else len(given)
    parser = _parser()
    options = parser.parse_args(given[:place])
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a payload may hold what a terminal can't show
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # who cancels a run wants its jobs ended, as after Ctrl-C
    try:
        if options.command is _run:
            return int(_run(options, given[place + 1 :]))
        if given[place:]:
            parser.error("only run takes arguments for pytest after --")
        return int(options.command(options))
    except Refused as reason:
        _say(reason)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has seen enough
        return 0


def _say(message: object) -> None:
    print(f"jobinfo-conformance: {message}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jobinfo-conformance",
        description="Conformance of closing a Bulk API 1.0 job, over XML and JSON.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    one = commands.add_parser("run", help="run the suite against a target", epilog="Arguments after -- go to pytest.")
    one.set_defaults(command=_run)
    one.add_argument("target", nargs="?", metavar="TARGET", help=TARGET)
    for name, keywords in OPTIONS.items():
        one.add_argument(f"--{name}", **keywords, **_SEVERAL.get(name, {}))
    one.add_argument("--collect-only", action="store_true", help="ask nothing: say what is tested, and what a live run costs")

    one = commands.add_parser("record", help="ask an endpoint what a run asks, and keep it as a recording without names")
    one.set_defaults(command=_record)
    one.add_argument("target", metavar="URL", help="the base URL, or reference")
    one.add_argument("file", metavar="FILE.har", type=Path, help="the recording to write")
    for name in ASKING:
        one.add_argument(f"--{name}", **OPTIONS[name])

    one = commands.add_parser("check", help="say what payloads are and what is wrong with them")
    one.set_defaults(command=_check)
    one.add_argument("files", nargs="+", metavar="FILE", type=Path, help=".xml, .json, .har, or .ndjson: a HAR entry a line")
    one.add_argument("--as", dest="kind", metavar="KIND", choices=_KINDS, help=f"take payloads for: {', '.join(_KINDS)}")
    one.add_argument("--format", choices=("text", "json"), default="text", help="a line of text or of JSON a finding")
    one.add_argument("--api-version", metavar="36.0", help="the version of the contract (default: as the payload says)")
    one.add_argument("--strict", action="store_true", help="a SHOULD that does not hold fails too")

    one = commands.add_parser("report", help="make the files of a report again from its report.json")
    one.set_defaults(command=_report)
    one.add_argument("file", metavar="REPORT.json", type=Path, help="what run --report wrote")
    one.add_argument("folder", metavar="DIR", type=Path, help="where to write the files")

    one = commands.add_parser("known-failures", help="list what does not hold in a report, for run --known-failures")
    one.set_defaults(command=_known_failures)
    one.add_argument("report", metavar="REPORT.json", type=Path, help="what run --report wrote")
    one.add_argument("file", metavar="FILE", type=Path, help="the TOML file to write, where there is none")

    one = commands.add_parser("compare", help="say what changed between two reports or recordings")
    one.set_defaults(command=_compare)
    for name in ("old", "new"):
        one.add_argument(name, metavar=name.upper(), type=Path, help="a report.json or a HAR file")
    one.add_argument("--format", choices=("text", "json"), default="text", help="lines of text, or one JSON object")

    one = commands.add_parser("serve", help="run the reference implementation, on loopback")
    one.set_defaults(command=_serve)
    one.add_argument("--port", metavar="N", type=int, default=0, help="the port (default: any that is free)")
    one.add_argument("--fault", metavar="NAME", help="depart from the contract in a way that selftest --list names")

    one = commands.add_parser("selftest", help="run the suite against every fault: the kill map")
    one.set_defaults(command=_selftest)
    one.add_argument("--write", metavar="FILE", type=Path, help="write the kill map into this file, as Markdown")
    one.add_argument("--list", action="store_true", help="run nothing: name the faults, and what each breaks")

    one = commands.add_parser("requirements", help="print the catalogue")
    one.set_defaults(command=_requirements)
    one.add_argument("--format", choices=("md", "json"), default="md", help="Markdown or JSON")
    return parser


def _run(options: argparse.Namespace, for_pytest: Sequence[str]) -> int:
    """Run the suite, on several versions of the API one after the other; then say what changed from each to the next."""
    from jobinfo_conformance.contract.versions import Version
    from jobinfo_conformance.plugin import WORST_FIRST
    from jobinfo_conformance.targets import is_live

    versions: list[str] = options.api_version or []
    if len(versions) < 2:
        return _run_once(options, versions[0] if versions else None, options.report, for_pytest)
    if not is_live(options.target):
        raise Refused("only a live target can be run in several versions: what a recording was asked, its URIs say")
    try:
        if len({Version.parse(version) for version in versions}) < len(versions):
            raise Refused("--api-version names a version twice")
    except ValueError as error:
        raise Refused(str(error)) from error
    with TemporaryDirectory() as temporary:
        folder = Path(options.report or temporary)
        statuses: list[int] = []
        for version in versions:
            statuses.append(_run_once(options, version, str(folder / version), for_pytest))
            if statuses[-1] == 2:
                return 2  # it was interrupted, or nobody is there to ask any more
        for old, new in pairwise(versions) if not options.collect_only else ():
            print(f"\nfrom {old} to {new}:")
            statuses.append(_say_changes(*(folder / version / "report.json" for version in (old, new))))
    return next(status for status in WORST_FIRST if status in statuses)


def _run_once(options: argparse.Namespace, version: str | None, report: str | None, for_pytest: Sequence[str]) -> int:
    """Run the suite with the package's own ini and nothing of the caller's."""
    import pytest

    from jobinfo_conformance.plugin import SUITE

    own = Path(__file__).parent
    arguments = ["--pyargs", SUITE, "-c", str(own / "suite" / "pytest.ini"), "--rootdir", str(own), "--noconftest"]
    arguments += ["-p", "no:cacheprovider", "--assert=plain", "--tb=no", "-rN", "-W", "ignore"]
    if "jobinfo_conformance.plugin" not in {point.value for point in entry_points(group="pytest11")}:
        arguments += ["-p", "jobinfo_conformance.plugin"]
    if options.collect_only:
        arguments.append("--collect-only")
    if not any(argument.startswith(("-v", "--verbose", "-q", "--quiet")) for argument in for_pytest):
        arguments.append("-qq")
    given = {name: getattr(options, name.replace("-", "_")) for name in ("target", *OPTIONS)}
    for name, value in {**given, "api-version": version, "report": report}.items():
        if value is True:
            arguments.append(f"--jobinfo-{name}")
        elif value not in (None, False):
            arguments.append(f"--jobinfo-{name}={value}")
    os.environ.pop("PYTEST_ADDOPTS", None)
    os.environ.pop("PYTEST_PLUGINS", None)
    os.environ.pop("PYTEST_DISABLE_PLUGIN_AUTOLOAD", None)
    end = _End()
    with TemporaryDirectory() as folder:
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = folder  # else it leaves one in the user's folder
        status = pytest.main([*arguments, *for_pytest], plugins=[end])
    if end.status is not None and not isinstance(end.status, pytest.ExitCode):
        return end.status
    # Nothing was settled, so the status is pytest's own.
    meaning = {"OK": 3, "NO_TESTS_COLLECTED": 3, "TESTS_FAILED": 1, "INTERRUPTED": 2, "USAGE_ERROR": 2}
    return meaning.get(pytest.ExitCode(status).name, 4)


class _End:
    """Keeps the status that a session ended with, before pytest makes one of its own of it."""

    status: int | None = None

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        session = config.pluginmanager.get_plugin("session")
        self.status = getattr(session, "exitstatus", None)


def _record(options: argparse.Namespace) -> int:
    """Ask an endpoint what a run asks, and keep the exchanges without what names anything."""
    from jobinfo_conformance.evidence.har import write_har
    from jobinfo_conformance.evidence.leaks import first_leak
    from jobinfo_conformance.evidence.pseudonyms import pseudonymised
    from jobinfo_conformance.evidence.secrets import WRONG_SESSION
    from jobinfo_conformance.near_misses import UNKNOWN_ID
    from jobinfo_conformance.reports.text import left_open
    from jobinfo_conformance.results import run_info

    if not options.file.parent.is_dir():
        raise Refused(f"{options.file} can't be written: there is no folder {options.file.parent}")
    seen = _observed(options)
    for line in left_open(run_info(seen)):
        _say(line)
    for obstacle in dict.fromkeys(seen.obstacles.values()):
        _say(f"not all was asked: {obstacle}")
    exchanges = pseudonymised(seen.exchanges, known=(UNKNOWN_ID, WRONG_SESSION))
    leak = first_leak(exchanges)
    if leak is not None:
        _say(f"nothing was saved: {leak}")
        return 1
    try:
        options.file.write_bytes(write_har(exchanges))
    except OSError as error:
        raise Refused(f"{options.file} can't be written: {error.strerror}") from error
    print(f"{len(exchanges)} exchanges in {options.file}")
    return 0


def _observed(options: argparse.Namespace) -> Observation:
    """What an endpoint does. Raises Refused."""
    from jobinfo_conformance.targets import TargetUnusable, is_live, live_options, open_target, serializations

    if not is_live(options.target):
        raise Refused(f"{options.target} is neither an http URL nor reference: nothing else can be recorded")
    try:
        asking = live_options({name: getattr(options, name.replace("-", "_")) for name in ASKING})
        return open_target(options.target, asking).observe(serializations(options.serialization))
    except TargetUnusable as error:
        raise Refused(str(error)) from error
    except KeyboardInterrupt as error:
        raise Refused("; ".join(["interrupted, and nothing was saved", *getattr(error, "__notes__", ())])) from error


def _check(options: argparse.Namespace) -> int:
    """Say what payloads are and what is wrong with them."""
    from jobinfo_conformance.contract.versions import Version
    from jobinfo_conformance.payloads import Kind, Unusable, judge_file
    from jobinfo_conformance.reports.lines import as_json, as_text

    try:
        version = Version.parse(options.api_version) if options.api_version else None
    except ValueError as error:
        raise Refused(str(error)) from error
    write = as_json if options.format == "json" else as_text
    unusable = failed = False
    for file in options.files:
        try:
            for judged in judge_file(file, kind=options.kind and Kind(options.kind), version=version, strict=options.strict):
                failed = failed or judged.failed
                for line in write(judged):
                    print(line)
        except Unusable as error:
            _say(error)
            unusable = True
    return 2 if unusable else int(failed)


def _report(options: argparse.Namespace) -> int:
    """Make the files of a report again."""
    from jobinfo_conformance.reports.files import write_report

    try:
        write_report(_results(options.file), options.folder)
    except OSError as error:
        raise Refused(f"no report in {options.folder}: {error.strerror}") from error
    return 0


def _results(file: Path) -> Results:
    """The results in a report.json. Raises Refused."""
    from jobinfo_conformance.results import NotReport, read_results

    try:
        return read_results(file)
    except NotReport as error:
        raise Refused(str(error)) from error
    except OSError as error:
        raise Refused(f"{file} can't be read: {error.strerror}") from error


def _known_failures(options: argparse.Namespace) -> int:
    """List what does not hold in a report, each with a reason to be filled in."""
    from jobinfo_conformance.gate import drafted

    text = drafted(_results(options.report)["requirements"])
    try:
        with options.file.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise Refused(f"{options.file} is there already: give another name, so that no reason is lost") from error
    except OSError as error:
        raise Refused(f"{options.file} can't be written: {error.strerror}") from error
    print(f"{text.count('[[known]]')} entries in {options.file}; fill in the reasons")
    return 0


def _compare(options: argparse.Namespace) -> int:
    """Say what changed between two reports or recordings."""
    return _say_changes(options.old, options.new, form=options.format)


def _say_changes(old: Path, new: Path, *, form: str = "text") -> int:
    """Say what changed from one file to the other; return 1 where that breaks a client. Raises Refused."""
    from jobinfo_conformance.comparison import Kind, NotComparable, compared, exchanges_in
    from jobinfo_conformance.reports.changes import as_json, as_text

    sides = []
    for file in (old, new):
        try:
            sides.append(exchanges_in(file))
        except NotComparable as error:
            raise Refused(str(error)) from error
        except OSError as error:
            raise Refused(f"{file} can't be read: {error.strerror}") from error
    found = compared(*sides)
    if not found.compared:
        raise Refused(f"{old} and {new} can't be compared: nothing was asked in both")
    for line in [as_json(found)] if form == "json" else as_text(found):
        print(line)
    return int(bool(found.of(Kind.BREAKING)))


def _serve(options: argparse.Namespace) -> int:
    """Run the reference implementation until Ctrl-C."""
    import threading

    from jobinfo_conformance.reference import ANY_SESSION, Service, serving
    from jobinfo_conformance.reference.faults import UnknownFault, find_fault

    given = os.environ.get("JOBINFO_SESSION_ID", "").strip()
    try:
        make = find_fault(options.fault).service if options.fault else Service
        with serving(make(session=given or ANY_SESSION), port=options.port) as url:
            print(f"serving {url}/services/async/36.0/job; Ctrl-C ends it", flush=True)
            session = "that of JOBINFO_SESSION_ID" if given else f"JOBINFO_SESSION_ID='{ANY_SESSION}'"
            print(f"session: {session}", flush=True)
            with suppress(KeyboardInterrupt):
                threading.Event().wait()
    except UnknownFault as error:
        raise Refused(str(error)) from error
    except (OSError, OverflowError) as error:
        raise Refused(f"port {options.port} can't be used: {getattr(error, 'strerror', error)}") from error
    return 0


def _selftest(options: argparse.Namespace) -> int:
    """Run the suite against every fault."""
    from jobinfo_conformance.reference.faults import FAULTS
    from jobinfo_conformance.reports import kill_map
    from jobinfo_conformance.selftest import selftest, unshown

    if options.list:
        for fault in FAULTS.values():
            print(kill_map.named(fault))
        return 0
    found = []
    try:
        if options.write is not None:
            options.write.open("a").close()  # what can't be written is said before the wait
        for one in selftest():
            found.append(one)
            print(kill_map.told(one), flush=True)
        if options.write is not None:
            options.write.write_text(kill_map.as_markdown(found), "utf-8", newline="\n")
    except OSError as error:
        raise Refused(f"no kill map in {options.write}: {error.strerror}") from error
    except KeyboardInterrupt:
        return 2
    print(kill_map.concluded(found))
    return 0 if all(one.is_right for one in found) and not unshown(found) else 1


def _requirements(options: argparse.Namespace) -> int:
    """Print the catalogue."""
    from jobinfo_conformance.reports.catalogue import as_json, as_markdown

    print(as_json() if options.format == "json" else as_markdown())
    return 0


if __name__ == "__main__":
    sys.exit(main())

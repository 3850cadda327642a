"""The console script: ``jobinfo-conformance COMMAND``."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from jobinfo_conformance import __version__
from jobinfo_conformance.options import OPTIONS, TARGET

if TYPE_CHECKING:
    import pytest

_KINDS = ("create-request", "close-request", "abort-request", "jobInfo", "close-response", "error")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    place = given.index("--") if "--" in given else len(given)
    parser = _parser()
    options = parser.parse_args(given[:place])
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a payload may hold what a terminal can't show
    try:
        if options.command is _run:
            return int(_run(options, given[place + 1 :]))
        if given[place:]:
            parser.error("only run takes arguments for pytest after --")
        return int(options.command(options))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has seen enough
        return 0


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
        one.add_argument(f"--{name}", **keywords)

    one.add_argument("--collect-only", action="store_true", help="ask nothing: say what is tested, and what a live run costs")

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
    for name in ("target", *OPTIONS):
        value = getattr(options, name.replace("-", "_"))
        if value is True:
            arguments.append(f"--jobinfo-{name}")
        elif value not in (None, False):
            arguments.append(f"--jobinfo-{name}={value}")
    os.environ.pop("PYTEST_ADDOPTS", None)
    os.environ.pop("PYTEST_PLUGINS", None)
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


def _check(options: argparse.Namespace) -> int:
    """Say what payloads are and what is wrong with them."""
    from jobinfo_conformance.contract.versions import Version
    from jobinfo_conformance.payloads import Kind, Unusable, judge_file
    from jobinfo_conformance.reports.lines import as_json, as_text

    try:
        version = Version.parse(options.api_version) if options.api_version else None
    except ValueError as error:
        print(f"jobinfo-conformance: {error}", file=sys.stderr)
        return 2
    write = as_json if options.format == "json" else as_text
    unusable = failed = False
    for file in options.files:
        try:
            for judged in judge_file(file, kind=options.kind and Kind(options.kind), version=version, strict=options.strict):
                failed = failed or judged.failed
                for line in write(judged):
                    print(line)
        except Unusable as error:
            print(f"jobinfo-conformance: {error}", file=sys.stderr)
            unusable = True
    return 2 if unusable else int(failed)


def _report(options: argparse.Namespace) -> int:
    """Make the files of a report again."""
    from jobinfo_conformance.reports.files import write_report
    from jobinfo_conformance.results import NotReport, read_results

    try:
        results = read_results(options.file)
    except NotReport as error:
        print(f"jobinfo-conformance: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"jobinfo-conformance: {options.file} can't be read: {error.strerror}", file=sys.stderr)
        return 2
    try:
        write_report(results, options.folder)
    except OSError as error:
        print(f"jobinfo-conformance: no report in {options.folder}: {error.strerror}", file=sys.stderr)
        return 2
    return 0


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
        print(f"jobinfo-conformance: {error}", file=sys.stderr)
        return 2
    except (OSError, OverflowError) as error:
        print(f"jobinfo-conformance: port {options.port} can't be used: {getattr(error, 'strerror', error)}", file=sys.stderr)
        return 2
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
        print(f"jobinfo-conformance: no kill map in {options.write}: {error.strerror}", file=sys.stderr)
        return 2
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

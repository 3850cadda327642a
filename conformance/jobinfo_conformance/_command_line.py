"""The command line: its commands and their options, parsed."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jobinfo_conformance import __version__
from jobinfo_conformance._options import ASKING, CLIENT, OPTIONS, TARGET, folder, positive, seconds

#: What `run` declares differently: it takes several versions, and gives each a run of its own.
_OF_RUN: Mapping[str, Mapping[str, Any]] = {
    "api-version": {"action": "append", "help": f"{OPTIONS['api-version']['help']}; may be repeated, to compare versions"}
}
_BATCH_TIME: Mapping[str, Any] = {
    "metavar": "S",
    "type": seconds,
    "default": 0,
    "help": "seconds that a batch takes to finish (default: 0)",
}
_KINDS = ("create-request", "close-request", "abort-request", "jobInfo", "close-response", "error")


def parsed(given: Sequence[str]) -> argparse.Namespace:
    """Parse the options of a command; what follows -- goes to pytest, or is the command that runs a client."""
    place = given.index("--") if "--" in given else len(given)
    parser = _parser()
    options, unknown = parser.parse_known_args(given[:place])
    if unknown:
        options.parser.error(_why_unknown(options.parser.prog.split()[-1], unknown, given))
    rest = list(given[place + 1 :]) if given[place:] else None
    if rest is not None and options.command not in ("run", "client"):
        parser.error("only run takes arguments for pytest after --, and only client a command")
    options.for_pytest = options.client_command = rest
    return options


def _why_unknown(command: str, unknown: Sequence[str], given: Sequence[str]) -> str:
    """What is wrong with words that a command does not take, without values: one may be a session."""
    named = [word.partition("=")[0] if word.startswith("--") else word[:2] for word in unknown if word.startswith("-")]
    before = [word for word in given[: given.index(command)] if word in unknown]
    if before and named:
        return f"{' '.join(named)} stands before the command: options come after {command}"
    hint = ": -- comes before the command that runs the client" if command == "client" else ""
    return f"{command} does not take {' '.join(named) or 'so many arguments'}{hint}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jobinfo-conformance",
        description="Test how an endpoint closes a Bulk API 1.0 job, in XML and in JSON.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, runs: str, description: str, **more: Any) -> argparse.ArgumentParser:
        """Add a command; ``runs`` is what runs it in _commands: ``module`` or ``module:function``."""
        added: argparse.ArgumentParser = commands.add_parser(
            name, help=description, description=description, allow_abbrev=False, **more
        )
        added.set_defaults(command=runs, parser=added)
        return added

    _add_commands_for_endpoints(command)
    _add_client(command)

    _add_check(command("check", "check:check_files", "say what payloads are and what is wrong with them"))
    _add_audit(command("audit", "audit:audit_archive", "judge archives of traffic, job by job"))

    report = command("report", "report", "write the files of a report again, from its report.json")
    report.add_argument("file", metavar="REPORT.json", type=Path, help="a report.json that run --report wrote")
    report.add_argument("folder", metavar="DIR", type=folder, help="where to write the files")

    known = command(
        "known-failures",
        "report:known_failures",
        "list what does not hold or was not tested in a report, for run --known-failures",
    )
    known.add_argument("report", metavar="REPORT.json", type=Path, help="a report.json that run --report wrote")
    known.add_argument("file", metavar="FILE", type=Path, help="the TOML file to write, which must not exist yet")
    known.add_argument("--reason", metavar="TEXT", help="the reason for every entry that the report has none for")
    known.add_argument("--issue", metavar="URL", help="where the failures are tracked")

    compare = command("compare", "compare", "say what changed between two reports or recordings")
    for name in ("old", "new"):
        compare.add_argument(name, metavar=name.upper(), type=Path, help="a report.json or a HAR file")
    compare.add_argument("--format", choices=("text", "json"), default="text", help="lines of text, or one JSON object")

    matrix = command("matrix", "matrix", "write a page that shows many implementations, requirement by requirement")
    matrix.add_argument(
        "reports",
        nargs="+",
        metavar="REPORT.json",
        help="a report.json of a run or of a client; NAME=REPORT.json names the implementation (default: its target)",
    )
    matrix.add_argument("-o", "--output", metavar="FILE.html", type=Path, required=True, help="the page to write")

    _add_serve(command)

    selftest = command("selftest", "selftest", "run the suite against every fault, and say which requirement notices which")
    selftest.add_argument("faults", nargs="*", metavar="FAULT", help="the faults to try (default: all)")
    selftest.add_argument("--write", metavar="FILE", type=Path, help="write the kill map to this file, as Markdown")
    selftest.add_argument("--list", action="store_true", help="run nothing: list the faults, and what each breaks")
    _add(selftest, ["extension"])

    requirements = command("requirements", "requirements", "print the catalogue of requirements")
    requirements.add_argument("--format", choices=("md", "json"), help="Markdown or JSON (default: md)")
    requirements.add_argument("--write", metavar="DIR", type=folder, help="write a page for each into this folder")
    _add(requirements, ["extension", "requirements"], {"requirements": {"help": "only those of this release"}})

    schemas = command("schemas", "schemas", "write the schemas into a folder, for other validators")
    schemas.add_argument("folder", metavar="DIR", type=folder, help="the folder, which is made if it is missing")
    return parser


#: Adds a command: its name, what runs it, its description, and what else argparse takes.
_AddCommand = Callable[..., argparse.ArgumentParser]


def _add_commands_for_endpoints(command: _AddCommand) -> None:
    run = command("run", "run", "run the suite against a target", epilog="Arguments after -- go to pytest.")
    run.add_argument("target", nargs="?", metavar="TARGET", help=TARGET)
    _add(run, OPTIONS, _OF_RUN)
    _add_verbosity(run, "the matrix of all requirements, and all evidence")
    run.add_argument(
        "--collect-only", action="store_true", help="send nothing: list what would be tested, and what a live run would cost"
    )

    record = command(
        "record", "record", "ask an endpoint what a run asks, and save a recording without sessions, hosts and ids"
    )
    record.add_argument("target", metavar="URL", help="the base URL, app:MODULE:ATTRIBUTE, or reference")
    record.add_argument("file", metavar="FILE.har", type=Path, help="the recording to write")
    _add(record, ASKING)

    clean = command("clean-up", "clean_up", "end the jobs that runs left open because they were killed")
    clean.add_argument(
        "url", nargs="?", metavar="URL", help="the endpoint (default: the only one on which jobs were left open)"
    )
    _add(clean, ["header", "session-as", "timeout"])


def _add_client(command: _AddCommand) -> None:
    client = command(
        "client",
        "client",
        "run a client against the reference, and judge what it sends and understands",
        usage="%(prog)s [OPTIONS] -- COMMAND…",
        epilog="The command is told where to connect by its environment and by placeholders such as {base_url}.",
    )
    _add(client, CLIENT, {"api-version": {"help": "version that the client is told (default: 62.0)"}})
    client.add_argument(
        "--time-limit", metavar="S", type=positive(float), default=60, help="longest that it may run each time (default: 60)"
    )
    client.add_argument("--batch-time", **_BATCH_TIME)
    client.add_argument(
        "--noticed-by",
        metavar="exit|stderr|REGEX",
        help="how the client shows that it fails (default: exit or stderr)",
    )
    client.add_argument(
        "--variation",
        metavar="NAME",
        action="append",
        default=[],
        help="try this besides the usual answers; may be repeated",
    )
    client.add_argument("--list-variations", action="store_true", help="run nothing: list what --variation takes")
    client.add_argument(
        "--proxy", action="store_true", help="lead the client through a proxy that ends TLS, whatever host it has wired in"
    )
    _add_verbosity(client, "all requirements, all evidence and all runs")


def _add_serve(command: _AddCommand) -> None:
    serve = command("serve", "serve", "run the reference implementation on loopback")
    serve.add_argument("--port", metavar="N", type=int, default=0, help="the port (default: any free one)")
    serve.add_argument("--fault", metavar="NAME", help="depart from the contract with this fault; selftest --list names them")
    serve.add_argument("--batch-time", **_BATCH_TIME)
    serve.add_argument("--list-manners", action="store_true", help="serve nothing: list the manners of --manner")
    serve.add_argument("--tls", action="store_true", help="serve https, with a certificate made for this run")
    _add(serve, ["manner", "extension"])


def _add_check(check: argparse.ArgumentParser) -> None:
    """Add the options of ``check``."""
    check.add_argument(
        "files", nargs="+", metavar="FILE", type=Path, help=".xml, .json, .har, or .ndjson with a HAR entry on each line"
    )
    check.add_argument("--as", dest="kind", metavar="KIND", choices=_KINDS, help=f"treat payloads as: {', '.join(_KINDS)}")
    check.add_argument("--as-client", action="store_true", help="treat recordings as a client's traffic, and judge the client")
    check.add_argument("--format", choices=("text", "json"), default="text", help="a line of text or of JSON for each finding")
    check.add_argument(
        "--api-version", metavar="36.0", help="version of the contract (default: the one that the payload names)"
    )
    check.add_argument("--strict", action="store_true", help="also fail if a SHOULD does not hold")
    _add(check, ["extension", "requirements"])


def _add_audit(audit: argparse.ArgumentParser) -> None:
    """Add the options of ``audit``."""
    audit.add_argument(
        "paths", nargs="+", metavar="PATH", help="files, folders or patterns: .ndjson (.gz, .zst), .har or .parquet"
    )
    audit.add_argument("--findings", metavar="FILE", type=Path, help="write all findings to this .ndjson or .parquet file")
    audit.add_argument("--since", metavar="TIME", help="only what was sent at this time or later: 2026-11-27T06:00:00Z")
    audit.add_argument("--until", metavar="TIME", help="only what was sent before this time")
    audit.add_argument(
        "--origin", metavar="URL", action="append", default=[], help="only requests to this origin; may be repeated"
    )
    audit.add_argument(
        "--column",
        metavar="PART=NAME",
        action="append",
        default=[],
        help="what a column of Parquet files is called, such as url=request_url; may be repeated",
    )
    workers = {"default": None, "help": "processes that work at a time (default: one for each processor)"}
    _add(
        audit,
        ["strict", "only", "requirements", "report", "known-failures", "baseline", "extension", "workers"],
        {"workers": workers},
    )
    _add_verbosity(audit, "the matrix of all requirements, and all evidence")


def _add_verbosity(parser: argparse.ArgumentParser, all_there_is: str) -> None:
    much = parser.add_mutually_exclusive_group()
    much.add_argument("-v", "--verbose", action="store_true", help=f"also show {all_there_is}")
    much.add_argument("-q", "--quiet", action="store_true", help="show only the verdict")


def _add(
    parser: argparse.ArgumentParser,
    names: Sequence[str] | Mapping[str, Any],
    more: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Add options of a run to a command."""
    for name in names:
        parser.add_argument(f"--{name}", **{**OPTIONS[name], **(more or {}).get(name, {})})

"""The console script: ``jobinfo-conformance COMMAND``."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

from jobinfo_conformance._bad_input import BadInput, lines_of, with_notes
from jobinfo_conformance._command_line import parsed
from jobinfo_conformance._escaping import in_line, in_lines
from jobinfo_conformance._importing import add_current_folder
from jobinfo_conformance._process.exit_status import SUITE_ERROR, UNUSABLE, worst
from jobinfo_conformance._process.interrupts import end_as_after_ctrl_c, pass_over_interrupts
from jobinfo_conformance._process.standard_streams import guarded_streams, not_written


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    with guarded_streams() as streams:
        try:
            status = _status(given)
        except SystemExit as ended:  # argparse has printed help, or what is wrong with the options
            status = int(ended.code or 0)
        if streams.unwritten is None:
            return status
        _say(not_written(streams.unwritten, status))
        return worst([status, UNUSABLE])


def _status(given: Sequence[str]) -> int:
    """Run a command and return its exit status, whatever becomes of its output."""
    if sys.flags.optimize > 1:
        # The sentence of a requirement is the docstring of its check.
        _say("the suite needs its docstrings: run Python without -OO and PYTHONOPTIMIZE=2")
        return UNUSABLE
    options = parsed(given)
    end_as_after_ctrl_c()
    add_current_folder()
    module, _, function = options.command.partition(":")
    try:
        command = getattr(import_module(f"jobinfo_conformance._commands.{module}"), function or module)
        return int(command(options))
    except BadInput as reason:
        print(*lines_of(reason), sep="\n", file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt as interrupt:
        pass_over_interrupts()
        _say(with_notes(interrupt, "interrupted"))
        return UNUSABLE
    except Exception as error:  # noqa: BLE001  # anything else is a bug in the suite, which has an exit status of its own
        _tell(error)
        return SUITE_ERROR


def _tell(error: Exception) -> None:
    """Say what broke: the installation, or the suite."""
    if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("jobinfo_conformance"):
        _say(f"the installation lacks {error.name}: install jobinfo-conformance again, with what it depends on")
        return
    from jobinfo_conformance._targets.credentials import without_known_secrets

    print(in_lines(without_known_secrets(traceback.format_exc(), os.environ)), end="", file=sys.stderr)
    _say("error in the suite, please report it")


def _say(message: object) -> None:
    print(f"jobinfo-conformance: {in_line(str(message))}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())

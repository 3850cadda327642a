"""``client``: run a client against the reference, and judge what it sends and understands."""

from __future__ import annotations

import shlex
import sys
from argparse import Namespace

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.of_clients import OF_CLIENTS
from jobinfo_conformance._clients.answers import all_answers, named_answers
from jobinfo_conformance._clients.command import Command, NoticedBy
from jobinfo_conformance._clients.under_test import USUAL_VERSION, ClientUnderTest, Trying, natures_of
from jobinfo_conformance._commands.showing import show
from jobinfo_conformance._console.client_runs import runs_of_client
from jobinfo_conformance._console.progress import Progress
from jobinfo_conformance._options import CLIENT, given
from jobinfo_conformance._reports.files import check_report
from jobinfo_conformance._run import Run
from jobinfo_conformance._settings import Settings


def client(options: Namespace) -> int:
    """Judge a client."""
    if options.list_variations:
        print(*(f"{answers.name:30} {answers.sentence}" for answers in all_answers(OF_CLIENTS)), sep="\n")
        return 0
    if not options.client_command:
        raise BadInput("name the command after --, as in: jobinfo-conformance client -- python my_client.py")
    check_report(options.report)
    settings = Settings.for_client(**given(options, CLIENT))
    named_answers(options.variation, OF_CLIENTS)
    progress = Progress(sys.stderr)
    trying = Trying(
        version=settings.asking.version if options.api_version else USUAL_VERSION,
        batch_seconds=options.batch_time,
        proxy=options.proxy,
        noticed_by=NoticedBy.of(options.noticed_by),
        only=options.variation or None,
        natures=natures_of(settings.only),
        progress=progress.step,
    )
    source = ClientUnderTest(shlex.join(options.client_command), Command(options.client_command, options.time_limit), trying)
    run = Run(source, settings)
    try:
        results = run.results()
    finally:
        progress.end()
    every_run = bool(options.verbose or options.variation)
    return show(results, options, options.report, runs=list(runs_of_client(run.observation.client_runs, every=every_run)))

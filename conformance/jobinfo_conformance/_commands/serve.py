"""``serve``: the reference implementation, until Ctrl-C."""

from __future__ import annotations

import os
import threading
from argparse import Namespace
from contextlib import ExitStack, suppress

from jobinfo_conformance._bad_input import BadInput
from jobinfo_conformance._catalogue.extensions import installed
from jobinfo_conformance._clients.certificates import certificates, needed
from jobinfo_conformance._clients.places import READERS
from jobinfo_conformance._reference.server import serving
from jobinfo_conformance._reference.service import ANY_SESSION
from jobinfo_conformance._targets.credentials import SESSION_VARIABLE


def serve(options: Namespace) -> int:
    """Serve on loopback."""
    catalogue = installed(options.extension).in_manners(options.manner)
    if options.list_manners:
        print(*(f"{manner.name:40} {manner.sentence}" for manner in catalogue.manners.values()), sep="\n")
        return 0
    given = os.environ.get(SESSION_VARIABLE, "").strip()
    session = given or ANY_SESSION
    service = catalogue.service(options.fault, session=session, batch_seconds=options.batch_time)
    try:
        with ExitStack() as opened:
            made = needed(opened.enter_context(certificates()), "--tls") if options.tls else None
            url = opened.enter_context(serving(service, port=options.port, wire=catalogue.wire(options.fault), tls=made))
            print(f"serving {url}/services/async/36.0/job; Ctrl-C ends it", flush=True)
            print(f"session: {f'the one in {SESSION_VARIABLE}' if given else f'{SESSION_VARIABLE}={session!r}'}", flush=True)
            if made is not None:
                print(f"certificate: {made.ca_file}, to be trusted by way of {READERS}", flush=True)
            with suppress(KeyboardInterrupt):
                threading.Event().wait()
    except (OSError, OverflowError) as error:
        raise BadInput(f"port {options.port} can't be used: {getattr(error, 'strerror', error)}") from error
    return 0

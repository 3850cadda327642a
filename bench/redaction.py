"""How long it takes to remove secrets from an exchange: ``python bench/redaction.py``.

Prints the milliseconds for one exchange of a close, with one session and with a hundred, whose answers are plain, repeat the
session, or repeat it without its end until a body can be no longer.
"""

from __future__ import annotations

import sys
import time

from jobinfo_conformance._contract.serialization import Serialization
from jobinfo_conformance._contract.writer import write_json
from jobinfo_conformance._evidence.secrets import Redaction
from jobinfo_conformance._exchange import Exchange, Headers, Request, Response
from jobinfo_conformance._targets.bounded_answer import LONGEST_ANSWER

SESSIONS = [
    f"00D000000000001!AQEAQ{number:09}.a.session.of.the.usual.length.{number:09}.xY7_xY7_xY7_xY7_xY7_" for number in range(100)
]
TIMES = 20


def main() -> int:
    """Measure, and print a line for each."""
    mine = SESSIONS[0]
    repeated = (mine[:-1] + " ") * (LONGEST_ANSWER // len(mine))
    for name, said in (("plain", ""), ("repeats it", mine), ("repeats all but its end", repeated)):
        exchange = _exchange(mine, said)
        for many in (1, 100):
            redaction = Redaction(SESSIONS[:many])
            started = time.perf_counter()
            for _ in range(TIMES):
                redacted = redaction.in_exchange(exchange)
            each = (time.perf_counter() - started) / TIMES
            assert mine[:-1] not in str(redacted)
            print(f"{name}, {many} sessions: {each * 1000:.2f} ms an exchange")
    return 0


def _exchange(session: str, said: str) -> Exchange:
    body = write_json({"state": "Closed", "object": "Account", "apexProcessingTime": 0, "message": said})
    headers = Headers.of([("X-SFDC-Session", session), ("Content-Type", Serialization.JSON.media_type)])
    request = Request("POST", "https://x.test/services/async/36.0/job/750000000000001AAA", headers, b'{"state": "Closed"}')
    return Exchange(request, Response(200, headers.without("X-SFDC-Session"), body))


if __name__ == "__main__":
    sys.exit(main())

"""simple-mockforce as a server: ``python mockforce.py`` prints its URL, and serves until its standard input ends.

simple-mockforce answers the requests library inside the process that asks. This hands it what comes over the network, and
hands on what it answers. It runs by itself, because it needs a version of responses that the suite can't have.
"""

from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests
from simple_mockforce import mock_salesforce

#: The host that it answers for.
_HOST = "https://mock.salesforce.com"
#: What belongs to a connection, and not to the request.
_OF_CONNECTION = ("host", "connection", "content-length", "transfer-encoding")


class _Handler(BaseHTTPRequestHandler):
    """Hands requests on."""

    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _OF_CONNECTION}
        try:
            answer = requests.request(self.command, _HOST + self.path, data=body, headers=headers, timeout=10)
            status, content, media_type = answer.status_code, answer.content, answer.headers.get("Content-Type", "")
        except requests.ConnectionError:  # it has nothing at this path
            status, content, media_type = 404, b"", "text/plain"
        except Exception as error:  # noqa: BLE001  # it broke down: a server in its place would answer so
            status, content, media_type = 500, type(error).__name__.encode(), "text/plain"
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815  # http.server's names

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@mock_salesforce
def main() -> None:
    """Serve until standard input ends."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    main()

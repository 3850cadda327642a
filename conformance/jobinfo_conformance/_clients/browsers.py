"""What a browser asks by itself, and what it has to be told before a page may read an answer (CORS, in the Fetch standard).

None of it is the client's doing, nor part of the contract.
"""

from __future__ import annotations

from dataclasses import replace

from jobinfo_conformance._exchange import Headers, Request, Response


def is_preflight(request: Request) -> bool:
    """Whether a request only asks what may be sent: OPTIONS, without a body."""
    return request.method == "OPTIONS" and not request.body


def preflight_answer(request: Request) -> Response:
    """The answer that lets a browser send what a page wants."""
    allowed = request.headers.get("Access-Control-Request-Headers") or "*"
    lines = [
        ("Access-Control-Allow-Methods", "GET, POST"),
        ("Access-Control-Allow-Headers", allowed),
        ("Access-Control-Allow-Private-Network", "true"),
    ]
    return readable(Response(204, Headers.of(lines)), request)


def readable(response: Response, request: Request) -> Response:
    """The answer such that a browser hands it to the page that asked; to anyone else, the answer as it is."""
    origin = request.headers.get("Origin")
    if origin is None:
        return response
    lines = [("Access-Control-Allow-Origin", origin), ("Access-Control-Expose-Headers", "Location")]
    return replace(response, headers=Headers.of([*response.headers, *lines]))

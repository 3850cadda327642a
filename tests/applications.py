"""A small Flask and a small Starlette application that answer as the reference does."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask import Response as FlaskResponse
from flask import request as flask_request
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response as StarletteResponse
from starlette.routing import Route

from jobinfo_conformance import Headers, Request, Response
from jobinfo_conformance._catalogue.built_in import BUILT_IN
from jobinfo_conformance._reference.service import Service

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
#: Long enough for a close to come before a batch is done, in seconds.
_BATCH_SECONDS = 0.2


def _service(fault: str | None) -> Service:
    settings: dict[str, Any] = {"batch_seconds": _BATCH_SECONDS}
    return Service(**settings) if fault is None else BUILT_IN.fault(fault).service(**settings)


def _answer(service: Service, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Response:
    sent = Headers.of(headers.items())
    if sent.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    return service.answer(Request(method, url, sent, body))


def flask_app(fault: str | None = None) -> Flask:
    """A WSGI application."""
    app, service = Flask(__name__), _service(fault)

    @app.route("/<path:_path>", methods=_METHODS)
    def job(_path: str) -> FlaskResponse:
        asked = flask_request
        answer = _answer(service, asked.method, asked.url, dict(asked.headers.items()), asked.get_data())
        return FlaskResponse(answer.body or b"", answer.status, list(answer.headers))

    return app


def starlette_app(fault: str | None = None) -> Starlette:
    """An ASGI application."""
    service = _service(fault)

    async def job(asked: StarletteRequest) -> StarletteResponse:
        answer = _answer(service, asked.method, str(asked.url), dict(asked.headers.items()), await asked.body())
        return StarletteResponse(answer.body or b"", answer.status, dict(answer.headers))

    return Starlette(routes=[Route("/{path:path}", job, methods=_METHODS)])


flask_instance, starlette_instance = flask_app(), starlette_app()

"""Coach's own API as an ASGI app: routes, the page about them, errors in one shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from coach.api import own_ask, own_docs, own_live, own_tasks, own_time
from coach.api.own_guard import refusal
from coach.core.errors import Busy, CoachError, InvalidInput, NotFound
from coach.engine import logs, opening

if TYPE_CHECKING:
    from coach.api.own_metrics import Metrics
    from coach.engine.runtime import Runtime

GZIP_FROM = 1000
STATUS = ((InvalidInput, 400), (NotFound, 404), (Busy, 409))
"""HTTP status by kind of error; any other says that something is missing here: 503."""
CODES = {400: "invalid", 404: "not_found", 405: "invalid", 408: "timeout", 413: "too_large"}

ABOUT = """Every request shows the token: `Authorization: Bearer TOKEN`; `coach serve --token` prints it. At most 100
requests a minute; more get 429 with Retry-After.

Answers are those of the shell's --json. Errors are {"error": {"code", "message", "hint"}}.

ws://HOST/v1/live, with the same header, sends messages as they happen: hello, state, activity, focus, edit, nudge."""


def made(runtime: Runtime, metrics: Metrics | None) -> FastAPI:
    """The app over a running Coach; /metrics is there when `metrics` is."""
    from importlib.metadata import version

    app = FastAPI(
        title="Coach", version=version("coach"), description=ABOUT, docs_url=None, redoc_url=None,
        # Nothing about the person leaves through a tracing library that somebody has configured for other programs.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.add_middleware(GZipMiddleware, minimum_size=GZIP_FROM, exclude_content_types=(own_ask.TYPE,))
    for part in (own_time, own_tasks, own_ask, own_live):
        app.include_router(part.routes(runtime))
    _errors(app, runtime)

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(own_docs.page(app.openapi()), headers={
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "X-Content-Type-Options": "nosniff",
        })

    if metrics is not None:
        @app.get("/metrics", summary="Counters and gauges in Prometheus' text format.", response_class=Response)
        def show() -> Response:
            from coach.api.own_metrics import TYPE

            return Response(metrics.text(), media_type=TYPE)

    return app


def _errors(app: FastAPI, runtime: Runtime) -> None:
    @app.exception_handler(CoachError)
    def known(_request: Request, error: CoachError) -> JSONResponse:
        status = next((number for kind, number in STATUS if isinstance(error, kind)), 503)
        return refusal(status, error.code, error.message, error.hint)

    @app.exception_handler(RequestValidationError)
    def misread(_request: Request, error: RequestValidationError) -> JSONResponse:
        # Where and why, without what was sent.
        found = error.errors()[0]
        where = ".".join(str(part) for part in found["loc"])
        return refusal(422, "invalid", f"{where}: {found['msg']}", "/docs lists what each request takes")

    @app.exception_handler(HTTPException)
    def refused(_request: Request, error: HTTPException) -> JSONResponse:
        code = CODES.get(error.status_code, "failure")
        answer = refusal(error.status_code, code, str(error.detail), "/docs lists the requests")
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(Exception)
    def unforeseen(_request: Request, error: Exception) -> JSONResponse:
        explained = opening.explained(error, runtime.home)
        if explained is not None:
            return refusal(503, explained.code, explained.message, explained.hint)
        return refusal(500, "failure", f"internal error: {logs.place(error)}", "this is a defect in Coach")

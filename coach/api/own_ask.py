"""The chat as a stream of lines, each a JSON object, the way the pieces of an answer come."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from coach.api.own_bodies import Question
from coach.core.errors import CoachError
from coach.core.facts import fact_json
from coach.engine import activity, categories, chat, clock
from coach.engine.models import Models

if TYPE_CHECKING:
    from coach.engine.chat import Piece
    from coach.engine.runtime import Runtime

TYPE = "application/x-ndjson"
AT_ONCE = 2
"""Questions that are answered at the same time; the models take one after the other anyway."""


def routes(runtime: Runtime) -> APIRouter:
    router = APIRouter(tags=["ask"])
    seats = asyncio.Semaphore(AT_ONCE)

    @router.post(
        "/v1/ask", summary="Ask about your time and tasks; the answer comes line by line.", response_class=StreamingResponse,
        responses={200: {"content": {TYPE: {}}, "description": (
            "Lines with `kind` text, fact and tone as they are computed; the last one, done, holds the whole `answer` "
            "as `coach ask --json` prints it. A failure is a line of kind error."
        )}},
    )
    async def ask(body: Question) -> StreamingResponse:
        return StreamingResponse(_lines(runtime, body, seats), media_type=TYPE)

    return router


async def _lines(runtime: Runtime, body: Question, seats: asyncio.Semaphore) -> AsyncIterator[bytes]:
    """The answer is made in one worker thread, whose connection it is; a client that leaves stops it."""
    loop, stop = asyncio.get_running_loop(), threading.Event()
    made: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()

    def tell(document: dict[str, Any] | None) -> None:
        loop.call_soon_threadsafe(made.put_nowait, document)

    def work() -> None:
        try:
            _answer(runtime, body, stop, tell)
        except CoachError as error:
            tell({"kind": "error", "error": {"code": error.code, "message": error.message, "hint": error.hint}})
        finally:
            tell(None)

    async with seats:
        answering = asyncio.ensure_future(anyio.to_thread.run_sync(work))
        try:
            while (document := await made.get()) is not None:
                yield (json.dumps(document, ensure_ascii=False) + "\n").encode()
            await answering
        finally:
            stop.set()


def _answer(runtime: Runtime, body: Question, stop: threading.Event, tell: Any) -> None:
    if runtime.models is None:
        runtime.models = Models(runtime.config)
    now = clock.now()
    with closing(runtime.connect()) as db:
        activity.roll(db, categories.load(db, runtime.config), now)
        pieces: list[Piece] = []
        for piece in chat.answer(
            db, body.text, config=runtime.config, now=now, tz=runtime.tz, models=runtime.models, with_tone=body.tone,
            cancelled=stop,
        ):
            if stop.is_set():
                return
            pieces.append(piece)
            if piece.kind != "done":
                tell(_piece_json(piece))
        chat.keep(db, body.text, pieces, now)
    tell({"kind": "done", "answer": chat.to_json(pieces)})


def _piece_json(piece: Piece) -> dict[str, Any]:
    if piece.fact is not None:
        return {"kind": "fact", "fact": fact_json(piece.fact)}
    document: dict[str, Any] = {"kind": piece.kind, "text": piece.text}
    return {**document, "source": piece.source, "model": piece.model} if piece.kind == "tone" else document

"""Routes about tasks: list, add in plain words, complete, take back."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query

from coach.api.own_bodies import Completion, NewTask, Steps
from coach.api.own_time import at_store
from coach.core.task import Task, task_json
from coach.engine import manual, tasks

if TYPE_CHECKING:
    from coach.engine.opening import Connection
    from coach.engine.runtime import Runtime


def routes(runtime: Runtime) -> APIRouter:
    router = APIRouter(tags=["tasks"])
    config, tz = runtime.config, runtime.tz

    @router.get("/v1/tasks", summary="Tasks by urgency, as `coach list --json`.")
    def list_(
        q: Annotated[str, Query(alias="filter", max_length=2000, description="project:home +phone due.before:fri /text/")] = "",
        limit: Annotated[int, Query(ge=1, le=5000)] = 100,
    ) -> list[dict[str, Any]]:
        def act(db: Connection, now: datetime) -> list[dict[str, Any]]:
            tasks.expire(db, now)
            page = tasks.page(db, _words(q), config, now, tz, limit)
            return [task_json(task, now, round(urgency, 4)) for task, urgency in page.rows]

        return at_store(runtime, act)

    @router.get("/v1/tasks/{ref}", summary="One task, by number or id.")
    def show(ref: str) -> dict[str, Any]:
        return at_store(runtime, lambda db, now: documents(db, [tasks.find(db, ref)], now)[0])

    @router.post("/v1/tasks", summary="Add a task in plain words.", status_code=201)
    def add(body: NewTask) -> dict[str, Any]:
        return at_store(runtime, lambda db, now: documents(db, [tasks.add(db, body.text, config, now, tz)], now)[0])

    @router.post("/v1/tasks/{ref}/done", summary="Complete a task; a recurring one moves on. Returns the completed rows.")
    def done(ref: str, body: Completion | None = None) -> list[dict[str, Any]]:
        def act(db: Connection, now: datetime) -> list[dict[str, Any]]:
            finished = tasks.done(db, [tasks.find(db, ref)], now, children=body.children if body else False)
            return documents(db, finished, now)

        return at_store(runtime, act)

    @router.post("/v1/undo", summary="Take back the last actions of this device, whoever made them: app, shell or API.")
    def undo(body: Steps | None = None) -> list[dict[str, Any]]:
        def act(db: Connection, now: datetime) -> list[dict[str, Any]]:
            taken = tasks.undo(db, now, body.steps if body else 1)
            manual.after_undo(db, taken, config, tz, now)
            return [
                {"label": u.label, "records": [list(r) for r in u.records], "refused": list(u.refused)} for u in taken
            ]

        return at_store(runtime, act)

    def documents(db: Connection, found: Sequence[Task], now: datetime) -> list[dict[str, Any]]:
        urgencies = tasks.urgencies(db, found, config, now)
        return [task_json(task, now, round(urgency, 4)) for task, urgency in zip(found, urgencies, strict=True)]

    return router


def _words(text: str) -> list[str]:
    """As a shell would split them; an apostrophe alone is no quote."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()

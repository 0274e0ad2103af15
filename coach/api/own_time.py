"""Routes about time: activities, categories, reports, status, focus, nudges."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Query, Request, Response

from coach.api.own_bodies import Focus, NewCorrection, NewRule
from coach.core.errors import InvalidInput
from coach.core.event import event_json
from coach.core.nudge import nudge_json
from coach.core.when import in_range, logical_day, parse_iso
from coach.engine import activity, browsing, categories, clock, focusing, insights, manual, nudging, status, tasks
from coach.engine import report as reports

if TYPE_CHECKING:
    from coach.engine.opening import Connection
    from coach.engine.runtime import Runtime

T = TypeVar("T")

MOST = 10_000
"""Activities in one answer."""


def at_store(runtime: Runtime, act: Callable[[Connection, datetime], T]) -> T:
    """`act(connection, now)` with a connection for this thread, closed afterwards."""
    with closing(runtime.connect()) as db:
        return act(db, clock.now())


def routes(runtime: Runtime) -> APIRouter:
    router = APIRouter(tags=["time"])
    config, tz = runtime.config, runtime.tz

    @router.get("/v1/activities", summary="What was recorded, as `coach timeline --json` and `coach log --json` have it.")
    def activities(
        request: Request, response: Response,
        layer: Annotated[Literal["timeline", "log"], Query(description="One state at a time, or events by source.")] = "timeline",
        start: Annotated[str, Query(description="ISO 8601; the start of today where it is missing.")] = "",
        end: Annotated[str, Query(description="ISO 8601; now where it is missing.")] = "",
        app: str = "", project: str = "",
        category: Annotated[str, Query(description="Also what stands below it: Work finds Work > Programming.")] = "",
        limit: Annotated[int, Query(ge=1, le=MOST)] = 1000,
        offset: Annotated[int, Query(ge=0, le=100_000_000, description="Follow the Link header to the next page.")] = 0,
    ) -> list[dict[str, Any]]:
        def act(db: Connection, now: datetime) -> list[dict[str, Any]]:
            low = _instant(start) if start else activity.bounds(_today(now), config, tz)[0]
            high = _instant(end) if end else now
            filters = {"app": app, "project": project, "category": category}
            found = browsing.page(db, layer, low, high, filters, limit + 1, offset)
            if len(found) > limit:
                pinned = {"start": low.isoformat(), "end": high.isoformat(), "offset": offset + limit}
                response.headers["Link"] = f'<{request.url.include_query_params(**pinned)}>; rel="next"'
            return [event_json(e) for e in found[:limit]]

        return at_store(runtime, act)

    @router.post("/v1/rules", summary="Re-categorise by a rule; history is labelled anew.", status_code=201)
    def add_rule(body: NewRule) -> dict[str, int]:
        return {"relabelled": at_store(
            runtime, lambda db, now: categories.add_rule(db, body.field, body.pattern, body.kind, body.category, config, now)
        )}

    @router.post("/v1/corrections", summary="Re-categorise a stretch of time, whatever the rules say.", status_code=201)
    def correct(body: NewCorrection) -> dict[str, str]:
        def act(db: Connection, now: datetime) -> dict[str, str]:
            rules = categories.load(db, config)
            category = manual.category_of(body.category, rules) if body.category else ""
            return {"id": manual.correct(
                db, _instant(body.start), _instant(body.end), rules, tz, now, category=category,
                project=body.project, app=body.app,
            )}

        return at_store(runtime, act)

    @router.get("/v1/report/{period}", summary="Where time went, beside the period before, as `coach report --json`.")
    def report(
        period: Literal["day", "week", "month", "year"],
        day: Annotated[str, Query(alias="date", description="YYYY-MM-DD, today or yesterday.")] = "today",
    ) -> dict[str, Any]:
        def act(db: Connection, now: datetime) -> dict[str, Any]:
            activity.roll(db, categories.load(db, config), now)  # without the jobs nobody else does
            found = reports.report(db, period, _day(day, now), config, now, tz)
            return reports.report_json(found, reports.hours_of_day(db, found, config))

        return at_store(runtime, act)

    @router.get("/v1/insights", summary="Patterns, estimates against actuals, what is put off, as `coach insights --json`.")
    def patterns() -> dict[str, Any]:
        def act(db: Connection, now: datetime) -> dict[str, Any]:
            from coach.engine import discoveries  # numpy
            from coach.engine import patterns as habits

            activity.roll(db, categories.load(db, config), now)
            found = insights.insights_json(insights.insights(db, config, now, tz))
            return {
                **found, "habits": habits.patterns_json(habits.view(db, config, now, tz)),
                "stands_out": discoveries.view(db, config, now, tz).document(),
            }

        return at_store(runtime, act)

    @router.get("/v1/forecast", summary="Focus over the next day and week, as `coach insights forecast --json`.")
    def forecast() -> dict[str, Any]:
        def act(db: Connection, now: datetime) -> dict[str, Any]:
            from coach.engine import forecast as ahead  # numpy, ONNX Runtime

            activity.roll(db, categories.load(db, config), now)
            return ahead.forecast(db, config, now, tz).document()

        return at_store(runtime, act)

    @router.get("/v1/status", summary="The tracker, as `coach status --json`.")
    def tracker() -> dict[str, Any]:
        return at_store(runtime, lambda db, now: status.status(db, runtime.home, config, now).document())

    @router.get("/v1/focus", summary="The focus session that is on, or null.")
    def focus() -> dict[str, Any] | None:
        def act(db: Connection, now: datetime) -> dict[str, Any] | None:
            session = focusing.running(db, now)
            return session.document(now) if session else None

        return at_store(runtime, act)

    @router.post("/v1/focus", summary="Start a focus session.", status_code=201)
    def start_focus(body: Focus) -> dict[str, Any]:
        def act(db: Connection, now: datetime) -> dict[str, Any]:
            task = tasks.find(db, body.task) if body.task else None
            return focusing.start(db, now, body.for_min, task).document(now)

        return at_store(runtime, act)

    @router.delete("/v1/focus", summary="End the focus session that is on.")
    def stop_focus() -> dict[str, Any]:
        return at_store(runtime, lambda db, now: focusing.stop(db, now).document(now))

    @router.get("/v1/nudges", summary="What Coach said and what came of it, newest first.")
    def nudges(limit: Annotated[int, Query(ge=1, le=500)] = 20) -> list[dict[str, Any]]:
        return at_store(runtime, lambda db, now: [nudge_json(n) for n in nudging.history(db, limit)])

    def _today(now: datetime) -> date:
        return logical_day(now, tz, reports.bounds_time(config))

    def _day(text: str, now: datetime) -> date:
        if text in ("today", "yesterday"):
            return _today(now) - timedelta(days=text == "yesterday")
        try:
            day = date.fromisoformat(text)
        except ValueError as error:
            raise InvalidInput(f"{text!r} is no date", "write YYYY-MM-DD, today or yesterday") from error
        return in_range(day, text)

    def _instant(text: str) -> datetime:
        return in_range(parse_iso(text, tz), text)

    return router

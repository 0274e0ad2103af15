"""The pages of Insights and the models of Setup, by keys, over a real store."""

from __future__ import annotations

import asyncio
import sys
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from coach.config import Config
from coach.core.errors import InvalidInput
from coach.engine import forecast, graphs, kept, planning, profile, whatif
from coach.engine.learning import scores, training
from coach.engine.learning import view as learning
from coach.engine.models import Models
from coach.engine.runtime import Runtime
from coach.store import models, predictions
from coach.store.db import Connection
from coach.store.predictions import Said
from coach.tui.actions import PAGES
from coach.tui.app import CoachApp
from coach.tui.screens.models import ModelsScreen
from coach.tui.screens.stretches import StretchList
from coach.tui.widgets.band import BandChart, WeekBand
from coach.tui.widgets.confirm import Confirm
from coach.tui.widgets.goalform import GoalForm
from coach.tui.widgets.graphdraw import GraphDraw
from coach.tui.widgets.paint import Painted, Words, plain
from tests.engine import filled
from tests.engine.filled import BERLIN, TODAY, fortnight
from tests.tui.driving import press, running, settled, toasts


@pytest.fixture
def now() -> datetime:
    return filled.NOW


@pytest.fixture
def lived(db: Connection) -> Connection:
    fortnight(db)
    return db


def app_on(screen: str, runtime: Runtime) -> CoachApp:
    class There(CoachApp):
        DEFAULT_MODE = screen

    return There(runtime)


def name_of(app: Any) -> str:
    return str(app.screen.NAME)


def text_of(app: Any, name: str, kind: type[Painted] = Words) -> str:
    widget = app.screen.query_one(f"#{name}", kind)
    return "\n".join(plain(widget.lines(max(60, widget.size.width), 0)))


async def on_page(pilot: Pilot[Any], *keys: str) -> None:
    """Press, and wait for the view of the page that these lead to."""
    await press(pilot, *keys)
    while pilot.app.screen.is_loading:  # type: ignore[attr-defined]
        await pilot.pause(0.01)
    await settled(pilot)


async def test_one_key_goes_round_the_pages_and_esc_comes_back(runtime: Runtime) -> None:
    async with running(app_on("insights", runtime)) as pilot:
        seen = [name_of(pilot.app)]
        for _ in PAGES:
            await on_page(pilot, "v")
            seen.append(name_of(pilot.app))
        assert seen == [*(p.name for p in PAGES), PAGES[0].name]
        await on_page(pilot, "V")
        assert name_of(pilot.app) == PAGES[-1].name
        await on_page(pilot, "b")
        assert name_of(pilot.app) == "patterns"
        await on_page(pilot, "escape")
        assert name_of(pilot.app) == "insights"
        await on_page(pilot, "o", "2", "4")
        assert name_of(pilot.app) == "graph", "a page is still there after a visit to another screen"


async def test_an_empty_store_says_on_each_page_how_many_days_are_missing(runtime: Runtime) -> None:
    async with running(app_on("insights", runtime)) as pilot:
        await on_page(pilot, "e")
        assert "0 of 3 days tracked so far, 3 missing" in text_of(pilot.app, "source")
        await on_page(pilot, "b")
        assert "0 so far, 7 missing" in " ".join(plain(pilot.app.screen.query_one("#patterns").lines(80, 0)))  # type: ignore[attr-defined]
        assert "14 missing" in text_of(pilot.app, "discoveries")
        await on_page(pilot, "o")
        assert "3 are missing" in text_of(pilot.app, "source")
        await on_page(pilot, "w")
        assert "0 of 3 days tracked so far, 3 missing" in text_of(pilot.app, "answer")
        await press(pilot, "minus", "plus", "d", "x")
        assert toasts(pilot.app) == []  # type: ignore[arg-type]


async def test_the_forecast_names_who_serves_and_its_n(runtime: Runtime, lived: Connection) -> None:
    async with running(app_on("insights", runtime)) as pilot:
        await on_page(pilot, "e")
        chart = text_of(pilot.app, "hours", BandChart)
        assert "in four of five" in chart
        assert len(plain(pilot.app.screen.query_one("#week", WeekBand).lines(76, 0))) == 8
        assert "served by the" in text_of(pilot.app, "source")
        assert "n = 10 days" in " ".join(text_of(pilot.app, "source").split())
        before = chart.splitlines()[-1]
        await press(pilot, "l")
        assert text_of(pilot.app, "hours", BandChart).splitlines()[-1] != before


async def test_a_page_whose_view_cannot_be_made_says_why(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: Any) -> Any:
        raise InvalidInput("the history holds what is not a number", "`coach doctor` says more")

    monkeypatch.setattr(forecast, "forecast", broken)
    async with running(app_on("insights", runtime)) as pilot:
        await on_page(pilot, "e")
        assert text_of(pilot.app, "source").splitlines() == [
            "the history holds what is not a number", "`coach doctor` says more"]
        await on_page(pilot, "b")
        assert name_of(pilot.app) == "patterns", "the others are not touched by it"


async def test_the_graph_tells_the_moves_of_the_chosen_place_and_opens_it(runtime: Runtime, lived: Connection) -> None:
    async with running(app_on("insights", runtime)) as pilot:
        await on_page(pilot, "o")
        assert "nvim" in text_of(pilot.app, "graph", GraphDraw)
        first = text_of(pilot.app, "node")
        assert "of the time, productive" in first
        assert "a week" in first
        await press(pilot, "l")
        await press(pilot, "j")
        await press(pilot, "h")
        drawn = pilot.app.screen.query_one(GraphDraw)
        while "app," not in text_of(pilot.app, "node"):
            drawn.action_cursor_down()
            await settled(pilot)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, StretchList)


async def test_a_wish_is_answered_with_its_interval_and_the_days_like_it(runtime: Runtime, lived: Connection) -> None:
    async with running(app_on("insights", runtime)) as pilot:
        await on_page(pilot, "w")
        form = pilot.app.screen.query_one(GoalForm)
        await press(pilot, "plus", "plus")
        for _ in range(100):
            await pilot.pause(0.02)
            await settled(pilot)
            if "four of five" in text_of(pilot.app, "answer"):
                break
        answer = text_of(pilot.app, "answer")
        assert form.changes == {"focus work": 30}
        assert "Real days like it:" in answer
        assert "served by" in answer
        await press(pilot, "d")
        assert "Wish for more or less" in text_of(pilot.app, "answer")


async def test_keys_answer_while_a_wish_is_worked_out_and_a_stopped_answer_is_dropped(
    runtime: Runtime, lived: Connection, monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, go_on, real = threading.Event(), threading.Event(), whatif.suppose

    def slow(*args: Any, **named: Any) -> Any:
        begun.set()
        assert go_on.wait(20)
        return real(*args, **named)

    async with running(app_on("insights", runtime)) as pilot:
        await on_page(pilot, "w")
        monkeypatch.setattr(whatif, "suppose", slow)
        await pilot.press("plus")
        while not begun.is_set():
            await pilot.pause(0.02)
        form = pilot.app.screen.query_one(GoalForm)
        await pilot.press("down")
        await pilot.pause()
        assert form.cursor == 1, "the cursor moves while the answer is not there"
        await pilot.press("x")
        await pilot.pause()
        assert "Stopped" in text_of(pilot.app, "answer_title")
        go_on.set()
        await asyncio.sleep(0.1)
        await settled(pilot)
        assert "Stopped" in text_of(pilot.app, "answer_title")
        assert "four of five" not in text_of(pilot.app, "answer")


async def test_a_model_is_rolled_back_after_a_question(runtime: Runtime, db: Connection, now: datetime) -> None:
    for number in (1, 2):
        assert models.add(db, "focus", number - 1, b"onnx", b"", {}, now) == number
        models.promote(db, "focus", number, now, "it was better")
    async with running(app_on("setup", runtime)) as pilot:
        await on_page(pilot, "m")
        assert isinstance(pilot.app.screen, ModelsScreen)
        table = "\n".join(plain(pilot.app.screen.query_one("#models").lines(80, 0)))  # type: ignore[attr-defined]
        assert [title in table for title in ("Focus forecast", "Workflow graph", "Patterns of days", "What if")] == [True] * 4
        assert "v2" in table
        await press(pilot, "r")
        assert isinstance(pilot.app.screen, Confirm)
        await press(pilot, "n")
        assert models.active(db, "focus").number == 2  # type: ignore[union-attr]
        await press(pilot, "r")
        await on_page(pilot, "y")
        assert models.active(db, "focus").number == 1  # type: ignore[union-attr]
        assert "rollback" in text_of(pilot.app, "detail")
        await press(pilot, "escape")
        assert name_of(pilot.app) == "setup"


async def test_a_training_is_begun_watched_and_ended_by_keys(
    runtime: Runtime, db: Connection, monkeypatch: pytest.MonkeyPatch,
) -> None:
    asleep = (sys.executable, "-c", "import sys, json; print(json.dumps({'share': 0.5, 'words': 'an epoch'}), flush=True);"
              "sys.stdin.buffer.read()")
    monkeypatch.setattr(training.start, "__defaults__", (asleep,))
    async with running(app_on("setup", runtime)) as pilot:
        await on_page(pilot, "m")
        await press(pilot, "x")
        assert any("no training" in words for words in toasts(pilot.app))  # type: ignore[arg-type]
        await press(pilot, "t")
        while "50%" not in text_of(pilot.app, "training"):
            await pilot.pause(0.05)
        assert "Focus forecast" in text_of(pilot.app, "training")
        assert "an epoch" in text_of(pilot.app, "training")
        await press(pilot, "x")
        while not any("you cancelled it" in words for words in toasts(pilot.app)):  # type: ignore[arg-type]
            await pilot.pause(0.05)
        while text_of(pilot.app, "training"):
            await pilot.pause(0.05)
        assert [r.status for r in predictions.runs(db)] == ["cancelled"]
        assert models.active(db, "focus") is None


async def test_nothing_to_roll_back_to_is_said(runtime: Runtime) -> None:
    async with running(app_on("setup", runtime)) as pilot:
        await on_page(pilot, "m")
        await press(pilot, "r", "enter")
        assert any("no version before" in words for words in toasts(pilot.app))  # type: ignore[arg-type]


async def test_who_serves_is_stepped_through(runtime: Runtime, db: Connection, now: datetime) -> None:
    async with running(app_on("setup", runtime)) as pilot:
        name = learning.models_view(db, runtime.config, BERLIN, now).models[1].name
        models.set_serving(db, name, "model", scores.CHOSEN, now)
        await on_page(pilot, "m", "down")
        assert "you chose the model, whatever" in text_of(pilot.app, "detail")
        await on_page(pilot, "s")
        active = models.active(db, name)
        assert active is not None
        assert (active.serves, active.why) == ("baseline", scores.CHOSEN)
        await on_page(pilot, "s")
        assert models.active(db, name).why != scores.CHOSEN  # type: ignore[union-attr]


def _keep(db: Connection, values: dict[int, float], version: int) -> None:
    predictions.log(db, "focus", TODAY, [
        Said(f"{TODAY.isoformat()}T{hour:02d}", version, value, value - 0.1, value + 0.1, True) for hour, value in values.items()
    ])


async def test_today_and_plan_show_the_forecast_of_the_day(runtime: Runtime, lived: Connection) -> None:
    _keep(lived, {15: 0.4, 16: 0.9, 17: 0.2}, 3)
    async with running(app_on("today", runtime)) as pilot:
        assert "best at 16:00 0.90 (0.80 to 1.00), by the model, version 3" in " ".join(text_of(pilot.app, "now").split())
        day = plain(pilot.app.screen.query_one("#day").lines(44, 20))  # type: ignore[attr-defined]
        assert next(line for line in day if line.startswith("16:00"))[6] == "█"
        await on_page(pilot, "3")
        assert "focus expected, by the model, version 3" in text_of(pilot.app, "why")


def test_the_plan_takes_the_forecast_of_the_model_over_the_profile_and_the_baseline_changes_nothing(
    lived: Connection, config: Config, now: datetime,
) -> None:
    long = [(TODAY - timedelta(days=n)) for n in range(1, 30)]
    rows = [(d.isoformat(), h, 0.5) for d in long for h in (10, 16)]
    with lived:
        lived.executemany("INSERT OR REPLACE INTO focus_hour VALUES(?,?,1,?,3600000)", rows)
    plain_profile = profile.focus_profile(lived, TODAY)
    assert plain_profile is not None
    _keep(lived, {16: 0.9, 10: 0.1}, -1)
    assert profile.focus_ahead(lived, now, BERLIN) == plain_profile
    lived.execute("DELETE FROM prediction")
    _keep(lived, {16: 0.9, 10: 0.1}, 3)
    ahead = profile.focus_ahead(lived, now, BERLIN)
    assert ahead is not None
    changed = {n: v for n, (v, old) in enumerate(zip(ahead, plain_profile, strict=True)) if v != old}
    assert changed == {3 * 24 + 16: 0.9}, "an hour that is over keeps its profile"
    made = [planning.propose(lived, config, now, BERLIN).instance.focus for _ in range(2)]
    assert made == [ahead, ahead]


async def test_what_was_kept_of_a_page_stands_there_until_it_is_made_anew(
    runtime: Runtime, lived: Connection, monkeypatch: pytest.MonkeyPatch,
) -> None:
    go_on, real = threading.Event(), graphs.view

    def slow(*args: Any, **named: Any) -> Any:
        assert go_on.wait(20)
        return real(*args, **named)

    before = filled.NOW - timedelta(hours=20)
    kept.make(lived, kept.GRAPH, Config(), before, lambda: real(lived, Config(), before, BERLIN, Models(Config())))
    monkeypatch.setattr(graphs, "view", slow)
    async with running(app_on("insights", runtime)) as pilot:
        await pilot.press("o")  # `press` would wait for the load
        while name_of(pilot.app) != "graph" or "as of" not in text_of(pilot.app, "source"):
            await pilot.pause(0.01)
        assert "as of Wed 18 Nov 19:20, looking again" in " ".join(text_of(pilot.app, "source").split())
        assert "nvim" in text_of(pilot.app, "graph", GraphDraw)
        go_on.set()
        await on_page(pilot)
        assert "as of" not in text_of(pilot.app, "source")
        assert kept.find(lived, kept.GRAPH).at == filled.NOW  # type: ignore[union-attr]

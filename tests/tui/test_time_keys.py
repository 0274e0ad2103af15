"""Behind the numbers of Today and Insights: stretches, other categories, labels for gaps."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from textual.widgets import Input, OptionList, Static

from coach.config import Config
from coach.engine import activity, categories, goals, interruptions, manual
from coach.engine.report import report
from coach.engine.runtime import Runtime
from coach.store import timeline
from coach.store.db import Connection
from coach.tui.app import CoachApp
from coach.tui.screens.interruptions import Interruptions
from coach.tui.screens.stretches import StretchList
from coach.tui.widgets.bars import AmountTable, Bar, Bars
from coach.tui.widgets.blocks import BlockGrid
from coach.tui.widgets.categorypicker import CategoryPicker
from coach.tui.widgets.gappicker import GapPicker
from coach.tui.widgets.hourweek import HourWeek
from coach.tui.widgets.paint import Words, plain, wrapped
from coach.tui.widgets.timeline import Ribbon
from tests.engine import filled
from tests.engine.filled import BERLIN, TODAY, at, fortnight
from tests.tui.driving import press, running, toasts


@pytest.fixture
def now() -> datetime:
    return filled.NOW


@pytest.fixture(autouse=True)
def _lived(db: Connection) -> None:
    fortnight(db)


def app_on(screen: str, runtime: Runtime) -> CoachApp:
    class There(CoachApp):
        DEFAULT_MODE = screen

    return There(runtime)


def listed(app: CoachApp) -> list[str]:
    assert isinstance(app.screen, StretchList)
    rows = app.screen.query_one(OptionList)
    return [str(rows.get_option_at_index(n).prompt) for n in range(rows.option_count)]


def said(app: CoachApp) -> str:
    return str(app.screen.query_one("#sum", Static).render())


async def test_enter_on_an_app_shows_its_stretches_and_their_sum(runtime: Runtime, db: Connection) -> None:
    async with running(app_on("insights", runtime)) as pilot:
        table = pilot.app.screen.query_one("#app_bars", AmountTable)
        table.focus()
        await press(pilot, "j")
        assert table.selected is not None
        assert table.selected.key == "slack"
        await press(pilot, "enter")
        assert said(pilot.app) == "2 h in 12 stretches"
        rows = listed(pilot.app)
        assert "Thu 19 Nov 11:50" in rows[0]
        assert all("general" in row for row in rows)
        await press(pilot, "escape")
        assert pilot.app.screen is pilot.app.page


@pytest.mark.parametrize(("widget", "sum_"), [("category_bars", "Work > Programming"), ("project_bars", "coach")])
async def test_a_row_is_as_long_as_its_stretches(runtime: Runtime, db: Connection, widget: str, sum_: str) -> None:
    found = report(db, "week", TODAY, Config(), filled.NOW, BERLIN)
    row = next(a for a in (*found.categories, *found.projects) if a.name == sum_)
    async with running(app_on("insights", runtime)) as pilot:
        pilot.app.screen.query_one(f"#{widget}", AmountTable).focus()
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, StretchList)
        assert pilot.app.screen.found.total_s == row.s
        assert pilot.app.screen.found.count == row.visits


async def test_enter_on_an_hour_of_the_week_and_on_a_stretch_of_the_day(runtime: Runtime, db: Connection) -> None:
    async with running(app_on("insights", runtime)) as pilot:
        grid = pilot.app.screen.query_one(HourWeek)
        grid.focus()
        grid.cursor = (3, 9)
        await press(pilot, "enter")
        assert said(pilot.app) == "2 h in 4 stretches"  # two Thursdays: 50 min of nvim and 10 of slack
        await press(pilot, "escape")
        pilot.app.screen.query_one(Ribbon).focus()
        await press(pilot, "l", "enter")
        assert said(pilot.app) == "10 min in 1 stretch"


async def test_the_plan_beside_what_happened_opens_too(runtime: Runtime, db: Connection) -> None:
    async with running(app_on("today", runtime)) as pilot:
        pilot.app.screen.query_one(BlockGrid).focus()
        await press(pilot, "g", "enter")
        assert "nvim" in listed(pilot.app)[0]


async def test_keys_about_time_are_promised_only_where_time_is_under_the_cursor(runtime: Runtime, db: Connection) -> None:
    async with running(app_on("today", runtime)) as pilot:
        assert {"enter", "c"}.isdisjoint(pilot.app.screen.active_bindings)
        pilot.app.screen.query_one(BlockGrid).focus()
        await pilot.pause()
        assert {"enter", "c", "t", "y"} <= set(pilot.app.screen.active_bindings)


async def test_one_stretch_gets_another_category_and_undo_takes_it_back(runtime: Runtime, db: Connection) -> None:
    def spent() -> dict[str, float]:
        return {a.name: a.s / 60 for a in report(db, "day", TODAY, Config(), filled.NOW, BERLIN).categories}

    before = spent()
    async with running(app_on("today", runtime)) as pilot:
        pilot.app.screen.query_one(BlockGrid).focus()
        await press(pilot, "g", "enter", "c")
        assert isinstance(pilot.app.screen, CategoryPicker)
        await press(pilot, *"writ", "enter")
        assert toasts(pilot.app)[-1] == "Only this stretch: Work > Writing · u takes it back"
        assert spent()["Work > Writing"] == 50
        assert spent()["Work > Programming"] == before["Work > Programming"] - 50
        assert "◑" not in listed(pilot.app)[0]
        await press(pilot, "escape", "u")
    manual.follow(db, categories.load(db, Config()), BERLIN, filled.NOW)
    assert spent() == before


async def test_an_app_gets_another_category_in_all_history(runtime: Runtime, db: Connection) -> None:
    async with running(app_on("insights", runtime)) as pilot:
        pilot.app.screen.query_one("#app_bars", AmountTable).focus()
        await press(pilot, "c", *"design", "enter")
        assert toasts(pilot.app)[-1] == "All of nvim, past and future: Work > Design · u takes it back"
    events = timeline.between(db, at(TODAY, 0), filled.NOW)
    assert {e.category for e in events if e.app == "nvim"} == {"Work > Design"}
    assert len(categories.user_rules(db)) == 1


async def test_an_app_of_this_week_only(runtime: Runtime, db: Connection) -> None:
    async with running(app_on("insights", runtime)) as pilot:
        pilot.app.screen.query_one("#app_bars", AmountTable).focus()
        await press(pilot, "c", "ctrl+t", *"design", "enter")
        assert toasts(pilot.app)[-1].startswith("Only this week: Work > Design")
    assert categories.user_rules(db) == []
    weeks = [report(db, "week", day, Config(), filled.NOW, BERLIN) for day in (TODAY, TODAY.replace(day=10))]
    assert ["Work > Design" in {a.name for a in w.categories} for w in weeks] == [True, False]


@pytest.mark.parametrize("screen", ["today", "insights"])
async def test_one_key_labels_a_gap(runtime: Runtime, db: Connection, screen: str) -> None:
    assert activity.gaps(db, at(TODAY, 9), filled.NOW)[0].start == at(TODAY, 12)
    async with running(app_on(screen, runtime)) as pilot:
        await press(pilot, "t")
        assert isinstance(pilot.app.screen, GapPicker)
        await press(pilot, "m")
        assert toasts(pilot.app)[-1] == "1 h: Meeting · u takes it back"
    (entry,) = manual.entries(db, at(TODAY, 0), filled.NOW)
    assert (entry.start, entry.end, entry.title, entry.category) == (
        at(TODAY, 12), at(TODAY, 13), "Meeting", "Communication > Calls",
    )
    assert at(TODAY, 12) not in {g.start for g in activity.gaps(db, at(TODAY, 9), filled.NOW)}


async def test_a_gap_in_words(runtime: Runtime, db: Connection) -> None:
    async with running(app_on("today", runtime)) as pilot:
        await press(pilot, "t", "j", "enter")
        assert pilot.app.screen.query_one(Input).display
        await press(pilot, *"lunch with b", "enter")
    (entry,) = manual.entries(db, at(TODAY, 0), filled.NOW)
    assert (entry.start, entry.title) == (at(TODAY, 13, 30), "lunch with b")


async def test_a_day_without_gaps_says_so(runtime: Runtime, db: Connection) -> None:
    async with running(app_on("insights", runtime)) as pilot:
        await press(pilot, "left", "left", "left", "t")
        assert toasts(pilot.app)[-1].startswith("Nothing to explain")


@pytest.mark.parametrize("size", [(20, 5), (40, 12), (80, 24), (200, 60)])
async def test_the_dialogs_open_in_every_size(runtime: Runtime, db: Connection, size: tuple[int, int]) -> None:
    async with running(app_on("insights", runtime), size) as pilot:
        pilot.app.screen.query_one("#app_bars", AmountTable).focus()
        await press(pilot, "enter", "c", "down", "escape", "escape")
        await press(pilot, "t", "k", "enter", "escape", "escape")
        assert pilot.app.screen is pilot.app.page


def test_a_course_is_drawn_where_there_is_room() -> None:
    table = AmountTable()
    table.show([Bar("vim", 60, "1 min", "+5 %", 1.0, (0.0, 30.0, 60.0), "vim"), Bar("mail", 30, "30 s", key="mail")], "")
    wide, narrow = (plain(table.lines(width, 2)) for width in (80, 50))
    assert wide[0].endswith("+5 %  ▁▄█")
    assert narrow[0].endswith("+5 %")
    assert all(len(line) <= 50 for line in narrow)


def test_words_go_on_in_the_next_row() -> None:
    line = [("Nothing is due. ", "muted"), ("a", "accent"), (" adds a task in plain words.", "muted")]
    assert plain(wrapped(line, 20)) == ["Nothing is due. a", "adds a task in plain", "words."]
    assert plain(wrapped([("incomprehensibilities", "")], 8)) == ["incompr…"]
    bullet = [("· best hour: focus 0.44", ""), ("  n = 57 hours", "")]
    assert plain(wrapped(bullet, 24)) == ["· best hour: focus 0.44", "  n = 57 hours"]
    assert plain(wrapped(bullet, 28)) == ["· best hour: focus 0.44", "  n = 57 hours"]
    assert plain(wrapped([("12. " + "word " * 4, "")], 20))[1] == "    word"


async def test_i_says_what_pulls_away(runtime: Runtime, db: Connection) -> None:
    async with running(app_on("insights", runtime)) as pilot:
        await press(pilot, "i")
        assert isinstance(pilot.app.screen, Interruptions)
        words = pilot.app.screen.query_one(Words)
        text = "\n".join(plain(words.lines(80, 1)))
        found = interruptions.view(db, filled.NOW - timedelta(weeks=4), filled.NOW, Config())
        assert found.costs[0].app == "slack"
        assert f"slack {found.costs[0].n:>21}" in text
        assert f"of {found.n} interruptions" in text
        await press(pilot, "escape")


async def test_goals_stand_on_today(runtime: Runtime, db: Connection) -> None:
    goals.add(db, "at most 30 min communication a day", Config(), filled.NOW)
    goals.add(db, "at least 2h focus a day", Config(), filled.NOW)
    async with running(app_on("today", runtime), (200, 60)) as pilot:
        bars = pilot.app.screen.query_one("#goals", Bars)
        assert sorted(b.note for b in bars._bars) == ["met", "over"]
        assert "▲ Communication  60 of 30 min, over" in plain(pilot.app.screen.query_one("#now", Words).lines(60, 1))

"""Today, Insights and Setup in a running app over a real store."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from textual.widgets import OptionList, Static

from coach.config import load
from coach.core.persona import PERSONAS
from coach.engine import tracking, voices
from coach.engine.runtime import Runtime
from coach.store import tasks as store
from coach.store.db import Connection, set_meta
from coach.tui.app import CoachApp
from coach.tui.widgets.exclude import understood
from coach.tui.widgets.hourweek import HourWeek
from coach.tui.widgets.paint import Words, plain
from coach.tui.widgets.tasklist import TaskList
from coach.tui.widgets.timeline import Ribbon
from tests.engine import filled
from tests.engine.filled import fortnight
from tests.tui.driving import Add, press, running, settled


@pytest.fixture
def now() -> datetime:
    return filled.NOW


def app_on(screen: str, runtime: Runtime) -> CoachApp:
    class There(CoachApp):
        DEFAULT_MODE = screen

    return There(runtime)


def words(app: CoachApp, selector: str) -> list[str]:
    widget = app.screen.query_one(selector)
    return [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]


async def test_today_shows_what_happened_and_what_is_due(runtime: Runtime, db: Connection, add: Add) -> None:
    fortnight(db)
    add("Send the invoice today p1")
    async with running(app_on("today", runtime)) as pilot:
        day = "\n".join(words(pilot.app, "#day"))
        assert "Programming" in day
        assert "▸15:20" in day
        assert pilot.app.screen.query_one(TaskList).row is not None
        assert "n = 6 h" in words(pilot.app, "#gauge")[0]


async def test_today_without_anything_says_what_to_do(runtime: Runtime, db: Connection) -> None:
    async with running(app_on("today", runtime)) as pilot:
        assert "Not tracking" in words(pilot.app, "#now")[0]
        assert "adds a task" in words(pilot.app, "#none")[0]
        head = words(pilot.app, "#day")[1]
        assert "nothing yet: 3 r" in head
        assert "nothing tracked" in head


async def test_a_day_without_work_hours_says_so(runtime: Runtime, db: Connection) -> None:
    runtime.config = replace(runtime.config, time=replace(runtime.config.time, work_days=("mon", "tue")))
    async with running(app_on("today", runtime)) as pilot:
        assert "no work hours" in words(pilot.app, "#day")[1]
        await press(pilot, "3")
        assert "no free time" in words(pilot.app, "#grid")[1]


async def test_space_completes_the_task_on_today(runtime: Runtime, db: Connection, add: Add) -> None:
    task = add("Send the invoice today")
    async with running(app_on("today", runtime)) as pilot:
        await press(pilot, "space")
        assert store.get(db, task.id).status == "completed"


@pytest.mark.parametrize("size", [(20, 5), (60, 20), (80, 24), (200, 60)])
@pytest.mark.parametrize("screen", ["today", "insights", "setup"])
async def test_every_size_draws(runtime: Runtime, db: Connection, screen: str, size: tuple[int, int]) -> None:
    fortnight(db)
    async with running(app_on(screen, runtime), size) as pilot:
        assert pilot.app.screen.view is not None
        for widget in pilot.app.screen.query("Words, BlockGrid, YearHeatmap"):
            if widget.size.width:
                assert all(len(widget.render_line(y).text) == widget.size.width for y in range(widget.size.height))


async def test_the_year_is_read_with_letters_and_arrows(runtime: Runtime, db: Connection) -> None:
    fortnight(db)
    async with running(app_on("insights", runtime)) as pilot:
        await press(pilot, "k")
        assert "Wed 18 Nov 2026  3 h 50 min active" in words(pilot.app, "#year")[-1]
        await press(pilot, "left")
        assert "Wed 11 Nov 2026" in words(pilot.app, "#year")[-1]
        assert "Wed 11 Nov" in words(pilot.app, "#day_title")[0]


async def test_m_switches_to_focus_time_and_p_the_period(runtime: Runtime, db: Connection) -> None:
    fortnight(db)
    async with running(app_on("insights", runtime), (200, 60)) as pilot:
        await press(pilot, "m")
        assert "focus time" in words(pilot.app, "#year_title")[0]
        await press(pilot, "p")
        assert words(pilot.app, "#summary")[0].startswith("This month")


async def test_enter_on_a_day_goes_into_its_timeline(runtime: Runtime, db: Connection) -> None:
    fortnight(db)
    async with running(app_on("insights", runtime)) as pilot:
        await press(pilot, "enter")
        assert isinstance(pilot.app.focused, Ribbon)
        await press(pilot, "l")
        assert "09:50 to 10:00 slack" in words(pilot.app, "#ribbon")[2]


async def test_insights_without_data_say_how_to_get_some(runtime: Runtime, db: Connection) -> None:
    async with running(app_on("insights", runtime)) as pilot:
        assert "Nothing is known yet." in words(pilot.app, "#empty")[0]
        assert not pilot.app.screen.query_one(HourWeek).region


async def test_setup_allows_tracking_and_undo_forbids_it_again(runtime: Runtime, db: Connection) -> None:
    async with running(app_on("setup", runtime)) as pilot:
        await press(pilot, "enter")
        assert tracking.consent(db)
        await press(pilot, "u")
        assert not tracking.consent(db)


async def test_what_a_language_model_may_do_is_a_switch_each(runtime: Runtime) -> None:
    home, before = runtime.home, runtime.config.language_model
    async with running(app_on("setup", runtime)) as pilot:
        rows = pilot.app.screen.query_one(OptionList)
        for entry in ("own_words", "spare_lines"):
            rows.highlighted = rows.get_option_index(entry)
            await press(pilot, "enter")
        after = load(home).language_model
        assert (after.own_words, after.lines) == (not before.own_words, not before.lines)


async def test_an_exclusion_is_added_and_removed_by_key(runtime: Runtime, db: Connection) -> None:
    async with running(app_on("setup", runtime)) as pilot:
        await press(pilot, "x")
        await press(pilot, *"title:bank", "enter")
        (found,) = tracking.exclusions(db)
        assert (found["field"], found["pattern"], found["action"]) == ("title", "bank", "drop")
        rows = pilot.app.screen.query_one(OptionList)
        rows.highlighted = rows.get_option_index(f"exclusion:{found['id']}")
        await press(pilot, "d")
        assert tracking.exclusions(db) == []


async def test_setup_steps_to_a_pack_of_the_persons_own(runtime: Runtime, db: Connection) -> None:
    folder = runtime.home.config / voices.FOLDER
    folder.mkdir(parents=True)
    pack = folder / "aunt.toml"
    pack.write_text('name = "aunt"\nabout = "tea first"\nmode = "neutral"\n', encoding="utf-8")
    (folder / "broken.toml").write_text("name = 3", encoding="utf-8")
    async with running(app_on("setup", runtime)) as pilot:
        rows = pilot.app.screen.query_one(OptionList)
        rows.highlighted = rows.get_option_index("persona")
        await press(pilot, *["enter"] * len(PERSONAS))
        assert voices.standing(db, "coach").about == "tea first"
        pack.unlink()
        await press(pilot, "u")
        assert voices.standing(db, "coach").name == "neutral"


async def test_tracked_time_does_not_make_setup_count_everything_again(runtime: Runtime, db: Connection) -> None:
    async with running(app_on("setup", runtime)) as pilot:
        pilot.app._changed()  # the first view was built before the probes were known
        await settled(pilot)
        before = pilot.app.page.view
        set_meta(db, "anything", "but an edit")  # as the tracker writes: no change of the log
        pilot.app._changed()
        await settled(pilot)
        assert pilot.app.page.view is before
        tracking.pause(db, filled.NOW)
        pilot.app._changed()
        await settled(pilot)
        assert pilot.app.page.view is not before


async def test_setup_explains_what_is_under_the_cursor(runtime: Runtime, db: Connection) -> None:
    async with running(app_on("setup", runtime)) as pilot:
        before = str(pilot.app.screen.query_one("#about", Static).render())
        await press(pilot, "j")
        assert str(pilot.app.screen.query_one("#about", Static).render()) != before


def test_an_exclusion_is_understood() -> None:
    assert understood("title:bank|health") == ("title", "bank|health", "drop")
    assert understood(" ~site: example.org ") == ("url", "example.org", "redact")
    assert understood("bank") is None
    assert understood("mood:bad") is None


def test_words_are_cut_to_the_width() -> None:
    widget = Words()
    widget.show([[("a long ", "strong"), ("line of text", "")]])
    assert plain(widget.lines(12, 1)) == ["a long line…"]

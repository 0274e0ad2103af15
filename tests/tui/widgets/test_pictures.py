"""The drawn widgets, line by line, without an app."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from coach.core.stats import Mean, hour_of_week
from coach.tui.widgets.bars import Bar, Bars
from coach.tui.widgets.blocks import BlockGrid, Item, Lane
from coach.tui.widgets.gauge import Gauge
from coach.tui.widgets.heatmap import YearHeatmap
from coach.tui.widgets.hourweek import HourWeek
from coach.tui.widgets.nudge import NudgeCard
from coach.tui.widgets.paint import bar, fit, plain, right
from coach.tui.widgets.timeline import Ribbon, Stretch

TODAY = date(2026, 11, 21)  # a Saturday


def year() -> YearHeatmap:
    heatmap = YearHeatmap()
    values = {TODAY - timedelta(days=i): float(i % 4 + 1) for i in range(0, 300, 2)}
    heatmap.show(values, TODAY, words=lambda v: "nothing" if v is None else f"{v:.0f} h", amount=lambda v: f"{v:.0f} h")
    return heatmap


def test_the_year_stands_in_seven_rows_and_ends_today() -> None:
    lines = plain(year().lines(80, 0))
    assert len(lines) == 10
    assert lines[0].split() == ["Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov"]
    assert [line[:3] for line in lines[1:8]] == ["Mon", "   ", "Wed", "   ", "Fri", "Sat", "Sun"]
    assert lines[6].endswith("◆")
    assert len(lines[7]) == len(lines[6]) - 1, "tomorrow is not drawn"


def test_the_cursor_reads_its_cell_in_words() -> None:
    heatmap = year()
    assert plain(heatmap.lines(80, 0))[-1] == "  ◆ Sat 21 Nov 2026  1 h"
    heatmap.cursor = TODAY - timedelta(days=1)
    assert plain(heatmap.lines(80, 0))[-1] == "  ◆ Fri 20 Nov 2026  nothing"


def test_levels_are_told_apart_by_glyph_and_named_in_the_legend() -> None:
    lines = plain(year().lines(200, 0))
    assert {"·", "░", "▒", "▓", "█"} >= set("".join(lines[1:8])) - set("MonWedFriSatu ◆")
    assert "░" in lines[3]
    assert "≥" in lines[8]


def test_a_narrow_year_shows_the_newest_weeks() -> None:
    heatmap = year()
    assert heatmap.matrix(30)[0].weeks == 26
    assert heatmap.matrix(30)[0].last == TODAY
    assert heatmap.matrix(200)[1] == 2


def test_an_empty_year_draws() -> None:
    heatmap = YearHeatmap()
    heatmap.show({}, TODAY, words=lambda v: "nothing", amount=str)
    assert len(heatmap.lines(80, 0)) == 10


def test_hour_week_reads_mean_spread_and_n() -> None:
    grid = HourWeek()
    grid.show(hour_of_week([(TODAY - timedelta(days=7 * i), 10, 0.6 + 0.1 * i) for i in range(3)]), (5, 10))
    lines = plain(grid.lines(80, 0))
    assert lines[-1] == "  ◆ Sat 10:00 to 11:00  focus 0.70 ± 0.06, from 3 hours"
    grid.cursor = (0, 3)
    assert plain(grid.lines(80, 0))[-1].endswith("no hour with 10 active minutes yet")


def test_few_hours_are_drawn_faint() -> None:
    grid = HourWeek()
    means: list[list[Mean | None]] = [[None] * 24 for _ in range(7)]
    means[0][9] = Mean(0.9, 1)
    means[0][10] = Mean(0.9, 3, 0.1)
    grid.show(tuple(tuple(r) for r in means), (6, 0))
    tones = [tone for _, tone in grid.lines(80, 0)[1]]
    assert (tones[1 + 9], tones[1 + 10]) == ("faint", "l4")


def test_gauge_says_word_value_and_what_it_stands_on() -> None:
    gauge = Gauge()
    gauge.show(0.71, "from 4 hours", [0.5, None, 0.9], 9)
    assert plain(gauge.lines(40, 0))[0] == "0.71  focused  from 4 hours"
    assert plain(gauge.lines(40, 0))[2] == "09 ▄ █ 12"
    gauge.show(None, "no hour with 10 active minutes yet")
    assert plain(gauge.lines(60, 0))[0] == "  –   no hour with 10 active minutes yet"


def test_bars_scale_to_the_largest_and_cut_long_labels() -> None:
    bars = Bars()
    bars.show([Bar("Work > Programming", 100, "1:40", "+12 %", 1.0), Bar("日本語" * 20, 50, "0:50")], "nothing yet")
    lines = bars.lines(60, 0)
    assert all(sum(cell_len(t) for t, _ in line) == 60 for line in lines)
    one, two = (sum(t.count("━") for t, tone in line) for line in plain_bars(lines))
    assert one >= 2 * two - 2
    bars.show([], "nothing yet")
    assert plain(bars.lines(60, 0)) == ["nothing yet"]


def plain_bars(lines: list[list[tuple[str, str]]]) -> list[list[tuple[str, str]]]:
    return [[line[3]] for line in lines]


def grid() -> BlockGrid:
    blocks = BlockGrid()
    lived = (
        Item(540, 600, "nvim", "lived", level=1.0), Item(600, 604, "slack", "lived", level=0.5),
        Item(604, 640, "nvim", "lived", level=1.0),
    )
    plan = (
        Item(540, 600, "Write report", "accepted", "a"), Item(630, 660, "Stand-up", "meeting"),
        Item(660, 690, "Call", "proposed", "b"),
    )
    blocks.show([Lane("plan", plan, 615), Lane("lived", lived, 615)], 540, 720)
    return blocks


def test_plan_stands_beside_what_happened() -> None:
    lines = plain(grid().lines(60, 7))
    assert lines[1].split() == ["09:00", "▌", "Write", "report", "●", "nvim"]
    assert lines[2].split() == ["▌", "09:00", "to", "10:00", "│"]
    assert "▸10:15" in lines[3]
    assert "◆ Stand-up" in lines[4]
    assert "┆ Call" in lines[5]


def test_every_row_of_the_grid_has_the_same_width() -> None:
    for width in (30, 60, 61, 155):
        assert {sum(cell_len(t) for t, _ in line) for line in grid().lines(width, 13)} == {width}


def test_a_short_height_takes_longer_rows_and_counts_what_shares_one() -> None:
    blocks = grid()
    assert (blocks.row_min(7), blocks.row_min(4), blocks.row_min(60)) == (30, 60, 5)
    assert "Write report" in plain(blocks.lines(60, 4))[1]
    blocks.show([Lane("", (Item(540, 550, "A", "accepted", "a"), Item(555, 570, "B", "accepted", "b")))], 540, 660)
    assert "A" in plain(blocks.lines(40, 3))[1]
    assert "+1" in plain(blocks.lines(40, 3))[1]


def test_the_selected_item_survives_a_new_view() -> None:
    blocks = grid()
    blocks.selected = "b"
    blocks.show([Lane("plan", (Item(660, 690, "Call", "proposed", "b"),))], 540, 720)
    assert blocks.selected == "b"
    blocks.show([Lane("plan", (Item(660, 690, "Other", "proposed", "c"),))], 540, 720)
    assert blocks.selected == "c"


def test_the_ribbon_reads_the_stretch_under_the_cursor() -> None:
    ribbon = Ribbon()
    stretches = [Stretch(540, 600, "nvim", "Programming", 1.0), Stretch(605, 660, "firefox", "News", 0.25)]
    ribbon.show(stretches, 480, 720, "empty")
    lines = plain(ribbon.lines(48, 0))
    assert lines[0].split() == ["08", "10", "12"] or lines[0].split() == ["08", "09", "10", "11"]
    assert lines[1][:12] == "·" * 12
    assert lines[1][12:24] == "█" * 12
    assert lines[1][25:36] == "▂" * 11
    assert lines[2] == "09:00 to 10:00 nvim  Programming"
    ribbon.cursor = 1
    assert plain(ribbon.lines(48, 0))[2] == "10:05 to 11:00 firefox  News"


def test_an_empty_ribbon_says_what_to_do() -> None:
    ribbon = Ribbon()
    ribbon.show([], 0, 1440, "nothing was tracked")
    assert plain(ribbon.lines(60, 0)) == ["nothing was tracked"]


def test_the_nudge_card_wraps() -> None:
    card = NudgeCard()
    card.show("Two minutes of it, then stop if you like.", "encouragement, 10:15, shown")
    wrapped = ["▎ Two minutes of it,", "▎ then stop if you like.", "encouragement, 10:15,", "shown"]
    assert plain(card.lines(24, 0)) == wrapped
    card.show("Two minutes of it, then stop if you like.", "encouragement, 10:15, shown", "! shows all")
    assert plain(card.lines(24, 2)) == ["▎ Two minutes of it, …", "! shows all · encourage…"]
    assert plain(card.lines(24, 4)) == wrapped


@given(st.text(), st.integers(0, 40))
def test_any_text_fits_exactly(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) == width
    assert cell_len(right(text, width)) == width
    assert fit(text, width).isprintable()


@pytest.mark.parametrize(("share", "filled"), [(0, ""), (1, "━━━━"), (0.5, "━━"), (0.01, "╸"), (7, "━━━━")])
def test_a_bar_is_exact_to_half_a_cell(share: float, filled: str) -> None:
    assert bar(share, 4) == (filled, "─" * (4 - len(filled)))

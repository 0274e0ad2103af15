"""What the models found, drawn: line by line, without an app."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from coach.tui.widgets.band import BandChart, DayBand, Point, WeekBand
from coach.tui.widgets.blocks import BlockGrid, Item, Lane
from coach.tui.widgets.goalform import GoalForm
from coach.tui.widgets.graphdraw import Edge, GraphDraw, Node, sides
from coach.tui.widgets.modeltable import ModelRow, ModelTable
from coach.tui.widgets.pagestrip import PageStrip
from coach.tui.widgets.paint import plain
from coach.tui.widgets.patternlist import PatternList, PatternRow


def points() -> list[Point]:
    return [
        Point(f"{h:02d}" if h % 3 == 0 else "", f"Mon {h:02d}:00", 0.3 + 0.02 * h, 0.2 + 0.02 * h, 0.45 + 0.02 * h,
              0.9 if 9 <= h < 17 else 0.05)
        for h in range(24)
    ]


def test_the_band_stands_around_its_value_and_the_cursor_reads_it() -> None:
    chart = BandChart()
    chart.show(points())
    lines = plain(chart.lines(80, 0))
    assert lines[-1] == "  ◆ Mon 09:00  focus 0.48, 0.38 to 0.63 in four of five; worked 90%"
    column = 5 + 9 * 3
    drawn = "".join(line.ljust(80)[column] for line in lines[:-2]).strip()
    assert set(drawn) == {"░", "━"}
    assert "░" in drawn[:drawn.index("━")]
    assert "░" in drawn[drawn.index("━"):]


def test_hours_that_are_hardly_worked_are_only_dots() -> None:
    chart = BandChart()
    chart.show(points())
    night = "".join(line.ljust(80)[5:5 + 9 * 3] for line in plain(chart.lines(80, 0))[:-2])
    assert set(night) == {"·", " "}


def test_the_cursor_stays_inside_the_day() -> None:
    chart = BandChart()
    chart.show(points())
    for _ in range(40):
        chart.action_cursor_right()
    assert "Mon 23:00" in plain(chart.lines(80, 0))[-1]
    chart.action_first()
    assert "Mon 00:00" in plain(chart.lines(80, 0))[-1]


def test_no_hours_are_no_lines() -> None:
    chart = BandChart()
    chart.show([])
    assert chart.lines(80, 0) == []


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 0.5), st.floats(0, 1)), min_size=1, max_size=30),
       st.integers(20, 200), st.integers(5, 20))
def test_any_band_fits_its_width(values: list[tuple[float, float, float]], width: int, rows: int) -> None:
    chart = BandChart()
    chart.show([Point("00", "hour", v, max(0.0, v - s), min(1.0, v + s), a) for v, s, a in values], rows)
    lines = chart.lines(width, 0)
    assert len(lines) == rows + 2
    assert all(cell_len(line) <= width for line in plain(lines[:-2]))


def test_a_day_is_a_mark_inside_its_band() -> None:
    week = WeekBand()
    week.show([DayBand("Mon 30", 0.5, 0.4, 0.6, "6.0 h")])
    line = plain(week.lines(80, 0))[1]
    assert line.startswith("Mon 30 ·")
    assert "━◆━" in line.replace("━━", "━").replace("━━", "━")
    assert line.endswith("0.50 (0.40 to 0.60)  6.0 h")


ROW = PatternRow("A long block of deep work", "5 of 19", 0.26, 0.11, 0.48, "focus +0.16", True, ("Tue 10", "Wed 18"))


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_pattern_shows_share_interval_and_days(width: int) -> None:
    listed = PatternList()
    listed.show([ROW, replace(ROW, title="Checking mail again and again")], [])
    lines = plain(listed.lines(width, 0))
    assert all(cell_len(line) <= width for line in lines)
    assert lines[0].endswith("26% (11% to 48%)")
    assert "5 of 19" in lines[0]
    assert lines[1].endswith("[Tue 10] Wed 18") or width < 80
    listed.action_cursor_right()
    assert "[Wed 18]" in plain(listed.lines(120, 0))[1]
    listed.action_cursor_down()
    assert listed.cursor == (1, 0)


def test_no_pattern_says_why() -> None:
    listed = PatternList()
    listed.show([], [[("too few days", "muted")]])
    listed.action_cursor_down()
    assert plain(listed.lines(80, 0)) == ["too few days"]


NODES = [Node("code", 1.0), Node("youtube.com", 0.0), Node("Slack", 0.25), Node("Velrio", 0.7, guessed=True), Node("git", 1.0)]
EDGES = [Edge(0, 1, 5.0, -1), Edge(2, 0, 9.0, 1), Edge(0, 4, 3.0), Edge(3, 1, 1.0)]


@pytest.mark.parametrize("width", [50, 80, 200])
def test_every_node_is_drawn_once_and_guesses_are_marked(width: int) -> None:
    graph = GraphDraw()
    graph.show(NODES, EDGES)
    lines = plain(graph.lines(width, 0))
    assert all(cell_len(line) <= width for line in lines)
    text = "\n".join(lines)
    for node in NODES:
        assert text.count(node.label) == 1
    assert "Velrio?" in text
    assert "code?" not in text
    assert any(0x2801 <= ord(c) <= 0x28FF for c in text), "edges are dots"


def test_the_chosen_node_has_whole_lines_where_others_are_dotted() -> None:
    graph = GraphDraw()
    graph.show(NODES, EDGES)

    def dots() -> int:
        text = "".join(plain(graph.lines(80, 0)))
        return sum(bin(ord(c) - 0x2800).count("1") for c in text if "\u2800" <= c <= "\u28ff")

    chosen = dots()
    graph.cursor = 3
    graph.repaint()
    assert dots() < chosen


def test_the_cursor_reaches_every_node() -> None:
    graph = GraphDraw()
    graph.show(NODES, EDGES)
    seen = set()
    for side in (graph.action_cursor_left, graph.action_cursor_right):
        side()
        graph.action_first()
        for _ in NODES:
            seen.add(graph.cursor)
            graph.action_cursor_down()
    assert seen == set(range(len(NODES)))


def test_linked_nodes_stand_across_from_each_other() -> None:
    left, right = sides(4, [Edge(0, 1, 5.0), Edge(2, 3, 5.0)])
    assert sorted(left + right) == [0, 1, 2, 3]
    at = {node: (side, members.index(node)) for side, members in enumerate((left, right)) for node in members}
    assert at[0][0] != at[1][0]
    assert at[2][0] != at[3][0]
    assert at[0][1] == at[1][1]


def test_an_empty_graph_draws_and_takes_keys() -> None:
    graph = GraphDraw()
    graph.show([], [])
    graph.action_cursor_down()
    graph.action_cursor_right()
    assert graph.lines(80, 0) == []


def test_a_model_without_a_score_says_so_and_one_with_has_its_interval() -> None:
    table = ModelTable()
    table.show([
        ModelRow("Focus forecast", "v3", "model", 20, 0.0123, 0.015, (0.0027, 0.001, 0.0044)),
        ModelRow("What if", "shipped", "baseline", 0, None, None, None),
    ])
    narrow, wide = plain(table.lines(80, 0)), plain(table.lines(120, 0))
    assert narrow[1].endswith("20 d  +0.0027 (+0.0010 to +0.0044)")
    assert narrow[2].endswith("no score yet")
    assert "0.0123    0.0150" in wide[1]


def test_the_form_counts_in_quarters_and_never_below_nothing() -> None:
    form = GoalForm()
    form.show([("social media", 40.0), ("focus work", 100.0)])
    for _ in range(5):
        form.action_whatif_less()
    assert form.changes == {"social media": -30}
    form.answer({"social media": 12.0, "focus work": 110.0})
    assert plain(form.lines(80, 0))[1].split()[:5] == ["▸", "social", "media", "40", "-30"]
    assert plain(form.lines(80, 0))[1].split()[5] == "12"
    form.action_whatif_clear()
    assert form.changes == {}
    assert plain(form.lines(80, 0))[1].split()[4:6] == ["·", "–"], "an answer to another wish is not shown"


def test_the_page_that_is_shown_is_in_brackets() -> None:
    strip = PageStrip([("a", "Time"), ("b", "Graph")], "b", ["", "o"])
    assert plain(strip.lines(80, 1)) == [" Time  [Graph]"]


def test_a_forecast_stands_behind_the_items_of_a_lane() -> None:
    grid = BlockGrid()
    item = Item(600, 660, "Write", "accepted", "1")
    grid.show([Lane("Mon", (item,), expected={9: 0.1, 10: 0.95}, note=("1.0 of 6.0 h", "muted"))], 540, 720)
    lines = plain(grid.lines(40, 7))
    assert lines[1].strip() == "1.0 of 6.0 h"
    nine, ten, eleven = (next(line for line in lines if line.startswith(f"{h}:00")) for h in ("09", "10", "11"))
    assert nine[6] == "▁"
    assert ten[6:].startswith("█ ▌ Write")
    assert eleven[6:7].strip() == ""
    grid.show([Lane("Mon", (item,))], 540, 720)
    assert "10:00 ▌ Write" in "\n".join(plain(grid.lines(40, 6)))

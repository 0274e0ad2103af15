"""Insights: the year and the week as heatmaps, where time went, one day, patterns, estimates, what is put off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical, VerticalScroll

from coach.core.event import Event
from coach.core.stats import sparkline
from coach.core.words import change, duration
from coach.engine import insights, views
from coach.engine.activity import bounds
from coach.engine.day import minute_of
from coach.engine.insights import InsightsView, Measure
from coach.engine.report import PERIODS, Amount, Period, Report
from coach.engine.stretches import Asked, of_hour
from coach.tui.actions import bindings
from coach.tui.screens.pages import Paged, title, titled
from coach.tui.screens.timed import TimedScreen
from coach.tui.widgets.bars import AmountTable, Bar
from coach.tui.widgets.heatmap import DAYS, YearHeatmap
from coach.tui.widgets.hourweek import HourWeek
from coach.tui.widgets.paint import Line, Words
from coach.tui.widgets.timeline import Ribbon, Stretch

NOTHING: list[Line] = [
    [("Nothing is known yet.", "strong")], [],
    [("Allow tracking in Setup (", "muted"), ("6", "accent"), ("), and this page fills up by itself:", "muted")],
    [("the first hour gives a day, a week gives patterns.", "muted")], [],
    [("coach demo", "accent"), (" shows it with a made-up person.", "muted")],
]
THIS = {"day": "today", "week": "this week", "month": "this month", "year": "this year"}
TOP = 8
NO_TIME = "Nothing tracked in this period."
NO_PROJECT = "No project was recognised in this period."
PLURAL = {"category": "categories", "app": "apps", "project": "projects"}
LONGEST_CORRECTION = timedelta(days=31)


class InsightsScreen(Paged[InsightsView], TimedScreen[InsightsView]):
    NAME = "insights"
    BINDINGS: ClassVar[list[BindingType]] = bindings("insights", "time")
    AUTO_FOCUS = "YearHeatmap"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (150, "-wide")]  # noqa: RUF012  Textual declares it without ClassVar
    LOOKS = """
    InsightsScreen {
        #page { scrollbar-size-vertical: 1; }
        #columns { height: auto; layout: vertical; }
        #columns > Vertical { height: auto; padding: 0 1; }
        &.-wide #columns { layout: horizontal; }
        &.-wide #columns > Vertical { padding: 0 2; }
        &.-wide #left { width: 115; }
        &.-wide #right { width: 1fr; }
        .title { margin-top: 1; }
        &.-narrow #right { margin-top: 1; }
        #empty { display: none; padding: 2 4; }
        &.-empty #columns { display: none; }
        &.-empty #empty { display: block; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._period: Period = "week"
        self._measure: Measure = "active"
        self._chosen: date | None = None

    def body(self) -> ComposeResult:
        yield self.strip()
        with VerticalScroll(id="page", can_focus=False):
            yield Words(id="empty")
            with Container(id="columns"):
                with Vertical(id="left"):
                    yield Words(id="year_title")
                    yield YearHeatmap(id="year")
                    yield from titled("day")
                    yield Ribbon(id="ribbon")
                    yield from titled("hours")
                    yield HourWeek(id="hourweek")
                    yield from titled("patterns")
                    yield Words(id="pattern_lines")
                    yield from titled("estimates")
                    yield Words(id="estimate_lines")
                with Vertical(id="right"):
                    yield Words(id="summary")
                    for kind, name in PLURAL.items():
                        yield from titled(name)
                        yield AmountTable(id=f"{kind}_bars")
                    yield from titled("put_off")
                    yield Words(id="put_off_lines")

    def stamp(self, db: Any, now: datetime) -> object:
        return views.today_stamp(db, now)[:2], self._period, self._measure, self._chosen

    def build(self, db: Any, now: datetime) -> InsightsView:
        return insights.insights(
            db, self.app.runtime.config, now, self.app.tz,
            period=self._period, measure=self._measure, chosen=self._chosen,
        )

    def show(self, view: InsightsView) -> None:
        self.set_class(view.empty, "-empty")
        self._say("empty", NOTHING)
        self._show_year(view)
        self._show_day(view)
        grid = self.query_one(HourWeek)
        local = self.app.now().astimezone(self.app.tz)
        grid.show(view.hours, None if grid.known else (local.weekday(), local.hour))
        self._say("hours_title", [title("Focus by hour of the week", f"12 weeks, {view.hours_days} days with a score")])
        self._show_report(view.report)
        self._say("patterns_title", [title("Patterns", "")])
        self._say("pattern_lines", pattern_lines(view))
        self._say("estimates_title", [title("Estimates against actuals", "last half year")])
        self._say("estimate_lines", estimate_lines(view))
        self._say("put_off_title", [title("Put off", "")])
        self._say("put_off_lines", put_off_lines(view))

    def _show_year(self, view: InsightsView) -> None:
        what = "active" if view.measure == "active" else "focus"
        self._say("year_title", [title(f"A year of {what} time", f"{len(view.year)} days, m switches")])
        self.query_one(YearHeatmap).show(
            view.year, view.today, words=lambda s: "nothing tracked" if s is None else f"{duration(s)} {what}",
            amount=duration, week_start=view.week_start,
        )

    def _show_day(self, view: InsightsView) -> None:
        focus = view.day_focus
        score = f"focus {focus.score:.2f} (n = {focus.n} h), " if focus.score is not None else ""
        rest = f"{score}{duration(focus.active_s)} active" if focus.active_s else ""
        if view.gaps:
            rest += f", {duration(sum((b - a).total_seconds() for a, b in view.gaps))} of gaps (t)"
        # Short: the key for the gaps at its end has to fit into 80 columns.
        self._say("day_title", [title(f"{view.day:%a} {view.day.day} {view.day:%b}", rest)])
        stretches, first, last = ribbon_of(view, self.app.tz)
        now = minute_of(self.app.now(), view.day_start, self.app.tz) if view.day == view.today else None
        self.query_one(Ribbon).show(stretches, first, last, "Nothing was tracked on this day.", now)

    def _show_report(self, report: Report) -> None:
        self._say("summary", summary_lines(report))
        before = "day" if report.period == "day" else f"{(report.before_last - report.before_first).days + 1} days"
        note = f"change against the {before} before"
        top = TOP if self.app.size.height < 45 else 2 * TOP
        for kind, heading, amounts, empty in (
            ("category", "Categories", report.categories, NO_TIME), ("app", "Apps", report.apps, NO_TIME),
            ("project", "Projects", tuple(a for a in report.projects if a.name), NO_PROJECT),
        ):
            name = PLURAL[kind]
            self._say(f"{name}_title", [title(f"{heading} {THIS[report.period]}", note)])
            self.query_one(f"#{kind}_bars", AmountTable).show(bars_of(kind, amounts[:top], report), empty)

    def _say(self, name: str, lines: list[Line]) -> None:
        self.query_one(f"#{name}", Words).show(lines)

    @on(YearHeatmap.Moved)
    def _another_day(self, message: YearHeatmap.Moved) -> None:
        self._chosen = message.day
        self.reload()

    @on(YearHeatmap.Picked)
    def _into_the_day(self) -> None:
        self.query_one(Ribbon).focus()

    @on(AmountTable.Opened)
    def _open_row(self) -> None:
        self.action_time_open()

    @on(Ribbon.Picked)
    def _open_stretch(self) -> None:
        self.action_time_open()

    def asked(self) -> Asked | None:
        view, here = self.view, self.focused
        if view is None:
            return None
        if isinstance(here, AmountTable) and here.selected:
            kind: Any = (here.id or "").removesuffix("_bars")
            start, end = self._period_bounds(view.report)
            return Asked(f"{here.selected.label}, {THIS[view.report.period]}", start, end, kind, here.selected.key)
        if isinstance(here, HourWeek):
            day, hour = here.cursor
            words = f"{DAYS[day]} {hour:02d}:00 to {(hour + 1) % 24:02d}:00, last {insights.WEEKS} weeks"
            return of_hour(day, hour, words, view.today, insights.WEEKS, self.app.now(), self.app.tz)
        if isinstance(here, Ribbon) and view.day_lived:
            one = view.day_lived[min(here.cursor, len(view.day_lived) - 1)]
            times = f"{one.start.astimezone(self.app.tz):%H:%M} to {one.end.astimezone(self.app.tz):%H:%M}"
            return Asked(f"{view.day:%A} {view.day.day} {view.day:%B}, {times}", one.start, one.end)
        if isinstance(here, YearHeatmap):
            words = f"{here.cursor:%A} {here.cursor.day} {here.cursor:%B} {here.cursor.year}"
            return Asked(words, view.day_start, min(view.day_end, self.app.now()))
        return None

    def to_relabel(self) -> tuple[Event, str] | None:
        view, here = self.view, self.focused
        if view is None or not isinstance(here, AmountTable) or here.id != "app_bars" or not here.selected:
            return None
        start, end = self._period_bounds(view.report)
        only = f"Only {THIS[view.report.period]}" if end - start <= LONGEST_CORRECTION else ""
        return Event(start, end, "", here.selected.key), only

    def open_gaps(self) -> tuple[str, Sequence[tuple[datetime, datetime]]]:
        view = self.view
        return (f"{view.day:%A} {view.day.day} {view.day:%B}", view.gaps) if view else ("", ())

    def _period_bounds(self, report: Report) -> tuple[datetime, datetime]:
        config = self.app.runtime.config
        start, end = bounds(report.first, config, self.app.tz)[0], bounds(report.last, config, self.app.tz)[1]
        return start, min(end, self.app.now())

    def action_insights_interruptions(self) -> None:
        from coach.tui.screens.interruptions import Interruptions  # on the first look

        self.app.push_screen(Interruptions())

    def action_insights_period(self) -> None:
        self._period = PERIODS[(PERIODS.index(self._period) + 1) % len(PERIODS)]
        self.reload()

    def action_insights_measure(self) -> None:
        self._measure = "focus" if self._measure == "active" else "active"
        self.reload()

    def action_insights_day_back(self) -> None:
        self._turn(-1)

    def action_insights_day_on(self) -> None:
        self._turn(1)

    def _turn(self, days: int) -> None:
        if self.view:
            self.query_one(YearHeatmap).go(self.view.day + timedelta(days=days))


def ribbon_of(view: InsightsView, tz: ZoneInfo) -> tuple[list[Stretch], int, int]:
    """The chosen day's stretches, and the whole hours around them."""
    stretches = [
        Stretch(minute_of(x.start, view.day_start, tz), minute_of(x.end, view.day_start, tz), x.app,
                f"{x.category}, {duration(x.active_s)} active", x.level)
        for x in view.day_lived
    ]
    first = min([540.0, *(s.start_min for s in stretches)])
    last = max([1020.0, *(s.end_min for s in stretches)])
    return stretches, int(first // 60) * 60, -int(-last // 60) * 60


def summary_lines(report: Report) -> list[Line]:
    """The period in three numbers, each beside the period before, and its days as a sparkline."""
    score = "–" if report.score is None else f"{report.score:.2f}"
    before = "–" if report.before_score is None else f"{report.before_score:.2f}"
    span = f"{report.first:%a} {report.first.day} {report.first:%b}"
    if report.last != report.first:
        span += f" to {report.last:%a} {report.last.day} {report.last:%b}"
    lines: list[Line] = [
        [(THIS[report.period].capitalize(), "strong"), (f"  {span}, p switches", "muted")],
        _number("Active", duration(report.active_s), duration(report.before_active_s)),
        _number("In focus categories", duration(report.focus_s), duration(report.before_focus_s)),
        _number("Focus score", f"{score} (n = {report.n} h)", f"{before} (n = {report.before_n} h)"),
        _number("Tasks completed", str(report.completed), ""),
    ]
    if len(report.days) > 1:
        lines.append([(f"{'Active by day':<21}", "muted"), (sparkline([d.active_s for d in report.days][-60:]), "l4")])
    return lines


def _number(label: str, value: str, before: str) -> Line:
    return [(f"{label:<21}", "muted"), (value, "strong"), (f"   before {before}" if before else "", "muted")]


def bars_of(kind: str, amounts: tuple[Amount, ...], report: Report) -> list[Bar]:
    """A row for each, with its course over the period."""
    return [
        Bar(a.name or "none", a.s, duration(a.s), change(a.change), a.level, report.spark.get(f"{kind} {a.name}", ()), a.name)
        for a in amounts
    ]


def pattern_lines(view: InsightsView) -> list[Line]:
    lines: list[Line] = [[("· ", "accent"), (p.text, ""), (f"  n = {p.n} {p.unit}", "muted")] for p in view.patterns]
    streak = view.streak
    if streak.longest:
        days = "1 day" if streak.current == 1 else f"{streak.current} days"
        longest = f"  longest {streak.longest}"
        lines.append([("· ", "accent"), (f"An hour of focus {days} in a row", ""), (longest, "muted")])
    return lines or [[("Patterns need at least three days of tracked time.", "muted")]]


def estimate_lines(view: InsightsView) -> list[Line]:
    found = view.estimates
    if not found.n:
        return [[("Give tasks an estimate (~45m) and start them with s: then this compares.", "muted")]]
    lines: list[Line] = []
    if found.ratio is not None:
        words = f"Tasks take {found.ratio:.2f} times their estimate"
        lines.append([("· ", "accent"), (words, ""), (f"  median, n = {found.n}", "muted")])
    lines.append([("· ", "accent"), (f"{found.within_quarter} of {found.n} within a quarter of it", "")])
    for kind, ratio, n in found.off:
        lines.append([("· ", "accent"), (f"{kind.partition(':')[2]} takes {ratio:.2f} times as long as you say", ""),
                      (f"  {kind.partition(':')[0]}, n = {n}", "muted")])
    return lines + [
        [(f"  {e.estimate_min:>4} min planned {e.actual_min:>4} min taken  ", "muted"), (e.title, "")]
        for e in found.latest
    ]


def put_off_lines(view: InsightsView) -> list[Line]:
    if not view.put_off:
        return [[("Nothing is being put off: no snoozed, late or forgotten task.", "muted")]]
    return [[(f"{p.num:>4}  ", "muted"), (p.title, ""), (f"  {', '.join(p.evidence)}", "muted")] for p in view.put_off]

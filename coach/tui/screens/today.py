"""Today: the plan beside what really happened, the tasks that are due, the day's focus, the coach's last word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from coach.config import Config, clock
from coach.core.slots import DAYS
from coach.core.words import duration
from coach.engine import outdated, views
from coach.engine.day import minute_of
from coach.engine.profile import Expected
from coach.engine.stretches import Asked
from coach.engine.views import PlanBlock, TodayView
from coach.tui import anew
from coach.tui.actions import BY_ID, bindings, keys_of
from coach.tui.plan_words import outdated_lines
from coach.tui.screens.timed import TimedScreen
from coach.tui.widgets.bars import Bar, Bars
from coach.tui.widgets.blocks import BlockGrid, Item, Lane
from coach.tui.widgets.gauge import Gauge
from coach.tui.widgets.nudge import NudgeCard
from coach.tui.widgets.paint import LEVEL_MARKS, Line, Words, clean, productivity
from coach.tui.widgets.tasklist import TaskList

LIVED = "lived:"
GOAL_LEVELS = {"over": 0.0, "behind": 0.25, "near": 0.25, "met": 1.0, "ok": 1.0}
NO_TASKS: list[Line] = [[("Nothing is due. ", "muted"), ("a", "accent"), (" adds a task in plain words.", "muted")]]


class TodayScreen(TimedScreen[TodayView]):
    NAME = "today"
    BINDINGS: ClassVar[list[BindingType]] = bindings("today", "time")
    AUTO_FOCUS = "TaskList"
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (130, "-wide")]  # noqa: RUF012  Textual declares it without ClassVar
    LOOKS = """
    TodayScreen {
        #day { width: 5fr; padding: 0 1 0 1; }
        #middle { width: 4fr; min-width: 34; padding: 0 1; border-left: vkey $border-blurred; }
        #more { display: none; width: 3fr; padding: 0 2; border-left: vkey $border-blurred; }
        &.-wide #more { display: block; }
        &.-tiny #day { display: none; }
        TaskList { height: 1fr; margin: 1 0; }
        #none { display: none; height: 1fr; margin: 1 0; }
        &.-idle TaskList { display: none; }
        &.-idle #none { display: block; }
        NudgeCard { max-height: 25%; }
        Gauge { margin-top: 1; }
    }
    """

    def action_today_goals(self) -> None:
        from coach.tui.widgets.goals import GoalsDialog  # on the first o

        self.app.push_screen(GoalsDialog())

    def action_today_question(self) -> None:
        from coach.tui import questions  # on the first Q

        if self.view and self.view.question:
            questions.ask(self.app, self.view.question)

    def body(self) -> ComposeResult:
        with Horizontal():
            yield BlockGrid(id="day")
            with Vertical(id="middle"):
                yield Words(id="now", wrap=True)
                yield Gauge(id="gauge")
                yield TaskList(id="tasks")
                yield Words(id="none", wrap=True)
                yield NudgeCard(id="nudge")
                yield Words(id="question", wrap=True)
            with Vertical(id="more"):
                yield Words(id="head")
                yield Bars(id="bars")
                yield Words(id="apps_head")
                yield Bars(id="apps")
                yield Words(id="goals_head")
                yield Bars(id="goals")
                yield Words(id="gaps", wrap=True)

    def stamp(self, db: Any, now: datetime) -> object:
        runtime = self.app.runtime
        return views.today_stamp(db, now), runtime.tracking, outdated.outdated(db, runtime.config, now, self.app.tz)

    def build(self, db: Any, now: datetime) -> TodayView:
        view = views.today(db, self.app.runtime.config, now, self.app.tz)
        views.note_shown(db, view)
        return view

    def show(self, view: TodayView) -> None:
        tz = self.app.tz
        lanes, first, last = day_lanes(view, self.app.runtime.config, tz, self._plan_keys)
        self.query_one(BlockGrid).show(lanes, first, last)
        self.query_one("#now", Words).show([*now_lines(view, self.app.runtime.tracking, tz), *self._outdated(view)])
        anew.follow(self.app, view.outdated)
        self._show_gauge(view)
        self.query_one(TaskList).load(view.tasks)
        self.set_class(not view.tasks, "-idle")
        self.query_one("#none", Words).show(NO_TASKS)
        said = view.nudge
        about = f"{said.at.astimezone(tz):%H:%M}, {said.mode}; {view.nudge_words}" if said else view.nudge_words
        more = f"{keys_of(BY_ID['nudges.panel'], self.app.keymap)} shows all"
        self.query_one(NudgeCard).show(said.text if said else "", about, more)
        self.query_one("#question", Words).show(question_lines(view))
        self.query_one("#head", Words).show([[("Where today went", "strong")], []])
        self.query_one("#bars", Bars).show(category_bars(view), "Nothing was tracked yet today.")
        self.query_one("#apps_head", Words).show([[], [("Apps", "strong")], []] if view.lived else [])
        self.query_one("#apps", Bars).show(app_bars(view), "")
        self.query_one("#goals_head", Words).show([[], [("Goals", "strong")], []] if view.goals else [])
        self.query_one("#goals", Bars).show(goal_bars(view), "", 1.0)
        self.query_one("#gaps", Words).show(gap_lines(view, tz))

    def _outdated(self, view: TodayView) -> list[Line]:
        return outdated_lines(view.outdated, self._plan_keys)

    @property
    def _plan_keys(self) -> str:
        """The keys that make the plan anew from here."""
        return " ".join(keys_of(BY_ID[name], self.app.keymap) for name in ("screen.plan", "plan.replan"))

    def _show_gauge(self, view: TodayView) -> None:
        focus = view.focus
        note = f"focus, n = {focus.n} h" if focus.n else "focus, after 10 active min"
        scored = {h.hour: h.score for h in focus.hours}
        first = focus.hours[0].hour if focus.hours else 0
        last = focus.hours[-1].hour if focus.hours else 0
        shown = range(first, last + 1) if last >= first else range(first, 24)
        self.query_one(Gauge).show(focus.score, note, [scored.get(h) for h in shown], first,
                                    duration(focus.active_s))

    def selected_tasks(self) -> tuple[str, ...]:
        grid = self.query_one(BlockGrid)
        if self.focused is grid and self.view:
            return tuple(b.block.task_id for b in self.view.blocks if b.block.id == grid.selected)
        return tuple(row.task.id for row in self.query_one(TaskList).chosen)

    def select_task(self, id: str) -> bool:
        return self.query_one(TaskList).select(id)

    def after_bulk(self) -> None:
        self.query_one(TaskList).unmark()

    @on(BlockGrid.Picked)
    def _open_stretch(self) -> None:
        self.action_time_open()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """On the tasks there is no time under the cursor: keys that would do nothing are not promised."""
        if action in ("time_open", "time_category"):
            return self.focused is not None and self.focused is self.query_one(BlockGrid)
        return super().check_action(action, parameters)

    def asked(self) -> Asked | None:
        """The stretch of "what happened" under the cursor, or the whole day."""
        view, grid = self.view, self.query_one(BlockGrid)
        if view is None:
            return None
        if self.focused is grid and grid.selected.startswith(LIVED):
            one = view.lived[int(grid.selected.removeprefix(LIVED))]
            times = f"{one.start.astimezone(self.app.tz):%H:%M} to {one.end.astimezone(self.app.tz):%H:%M}"
            return Asked(f"Today, {times}", one.start, one.end)
        return Asked("Today", view.start, view.now) if self.focused is grid else None

    def open_gaps(self) -> tuple[str, Sequence[tuple[datetime, datetime]]]:
        return "today", self.view.gaps if self.view else ()

    # h and l go from the day to the tasks and back.

    def action_move_left(self) -> None:
        self.query_one(BlockGrid).focus()

    def action_move_right(self) -> None:
        self.query_one(TaskList).focus()


def day_lanes(view: TodayView, config: Config, tz: ZoneInfo, keys: str) -> tuple[list[Lane], int, int]:
    """The lanes "plan" and "what happened", and the hours that they need, in minutes. `keys` make a plan."""
    now = minute_of(view.now, view.start, tz)
    plan = [
        *(Item(minute_of(m.start, view.start, tz), minute_of(m.end, view.start, tz), m.title or "Busy", "meeting")
          for m in view.meetings),
        *(block_item(b, view.start, tz) for b in view.blocks),
    ]
    happened = [
        *(Item(minute_of(x.start, view.start, tz), minute_of(x.end, view.start, tz), leaf(x.category), "lived",
               f"{LIVED}{n}", x.level, x.app)
          for n, x in enumerate(view.lived)),
        *(Item(minute_of(start, view.start, tz), minute_of(end, view.start, tz),
               f"{duration((end - start).total_seconds())} not explained", "gap")
          for start, end in view.gaps),
    ]
    first, last = (clock(t).hour * 60 + clock(t).minute for t in (config.time.work_start, config.time.work_end))
    edges = [i.start_min for i in (*plan, *happened)], [i.end_min for i in (*plan, *happened)]
    first = int(min([first, *edges[0]])) // 60 * 60
    last = -int(-max([last, *edges[1]]) // 60) * 60
    begins, ends = clock(config.time.work_start), clock(config.time.work_end)
    over = begins < ends <= view.now.astimezone(tz).time()
    works = DAYS[view.day.weekday()] in config.time.work_days
    none = "no work hours" if not works else "nothing planned" if over else f"nothing yet: {keys}"
    lanes = [
        Lane("Plan", tuple(plan), now, curve_of(view.expected, view.day), ("", "") if plan else (none, "muted")),
        Lane("What happened", tuple(happened), now, note=("", "") if happened else ("nothing tracked", "muted")),
    ]
    return lanes, first, last


def curve_of(hours: Sequence[Expected], day: date) -> dict[int, float]:
    """The forecast of a day, by hour."""
    return {h.start.hour: h.value for h in hours if h.start.date() == day}


def expected_line(view: TodayView, tz: ZoneInfo) -> list[Line]:
    """What the rest of the day promises, and who says so."""
    ahead = [h for h in view.expected if h.start + timedelta(hours=1) > view.now]
    if not ahead:
        return []
    best = max(ahead, key=lambda h: h.value)
    mean = sum(h.value for h in ahead) / len(ahead)
    band = f" ({best.low:.2f} to {best.high:.2f})" if best.low is not None and best.high is not None else ""
    words = f"best at {best.start.astimezone(tz):%H}:00 {best.value:.2f}{band}"
    return [[("◇ ", "accent"), (f"Focus {mean:.2f} expected", ""), (f"  {words}, by {best.by}", "muted")]]


def block_item(block: PlanBlock, midnight: datetime, tz: ZoneInfo) -> Item:
    """A planned block in the lane that begins at `midnight`'s date."""
    status = block.block.status
    return Item(
        minute_of(block.block.start, midnight, tz), minute_of(block.block.end, midnight, tz), block.title,
        status if status != "rejected" else "proposed", block.block.id,
    )


def now_lines(view: TodayView, tracker: str, tz: ZoneInfo) -> list[Line]:
    """What is in front, or why nothing is; then the next meeting."""
    lines: list[Line] = []
    if view.tracking == "no consent":
        lines.append([("○ Not tracking. ", "strong"), ("6", "accent"), (" Setup allows it", "muted")])
    elif view.tracking == "paused":
        until = f" until {view.paused_until.astimezone(tz):%H:%M}" if view.paused_until else ""
        lines.append([(f"‖ Paused{until}. ", "strong"), ("f9", "accent"), (" goes on", "muted")])
    elif view.current is not None:
        here = view.current
        step = productivity(here.level)
        for_min = max(0.0, (view.now - here.since).total_seconds())
        lines.append([(f"{LEVEL_MARKS[step]} ", f"p{step}"), (here.app, "strong"),
                      (f"  {leaf(here.category)}, {duration(for_min)}", "muted")])
        if here.title:
            lines.append([(f"  {here.title}", "muted")])
    elif tracker == "off":
        lines.append([("○ The tracker is not running. ", "strong"), ("coach doctor", "accent"), (" says why", "muted")])
    else:
        lines.append([("◌ Away from the keyboard", "muted")])
    if view.next_meeting is not None:
        meeting = view.next_meeting
        ahead = duration((meeting.start - view.now).total_seconds())
        when = f"  {meeting.start.astimezone(tz):%H:%M}, in {ahead}"
        lines.append([("◆ ", "meeting"), (meeting.title or "Busy", ""), (when, "muted")])
    return [*lines, *expected_line(view, tz), *goal_lines(view)]


def category_bars(view: TodayView) -> list[Bar]:
    """Categories of the day, most time first."""
    spent: dict[str, float] = {}
    levels: dict[str, float] = {}
    for x in view.lived:
        spent[x.category] = spent.get(x.category, 0.0) + x.active_s
        levels[x.category] = x.level
    ordered = sorted(spent, key=lambda name: -spent[name])
    return [Bar(leaf(name), spent[name], duration(spent[name]), "", levels[name]) for name in ordered[:12]]


def goal_bars(view: TodayView) -> list[Bar]:
    """How far each goal is used, a full bar being all of it; full marks are good, empty ones are over or behind."""
    return [
        Bar(f"{'≤' if s.goal.bound == 'at_most' else '≥'} {s.goal.about()}", min(1.0, s.share),
            f"{s.used_min:.0f} of {s.goal.minutes} min", s.state, GOAL_LEVELS.get(s.state, 0.75))
        for s in view.goals
    ]


def goal_lines(view: TodayView) -> list[Line]:
    """The goals that want attention."""
    return [
        [(f"{'▲' if s.state == 'over' else '△'} ", "bad" if s.state == "over" else "warn"), (s.goal.about(), "strong"),
         (f"  {s.used_min:.0f} of {s.goal.minutes} min{' a week' if s.goal.period == 'week' else ''}, {s.state}", "muted")]
        for s in view.goals if s.state in ("over", "near")
    ]


def app_bars(view: TodayView) -> list[Bar]:
    """The apps that led the day's stretches, most time first."""
    spent: dict[str, float] = {}
    for x in view.lived:
        spent[x.app] = spent.get(x.app, 0.0) + x.active_s
    return [Bar(name, spent[name], duration(spent[name])) for name in sorted(spent, key=lambda name: -spent[name])[:8]]


def question_lines(view: TodayView) -> list[Line]:
    """Today's question, if there is one."""
    if view.question is None:
        return []
    return [[("? ", "accent"), (clean(view.question.text), ""), ("  Q", "accent"), (" answers", "muted")]]


def gap_lines(view: TodayView, tz: ZoneInfo) -> list[Line]:
    """Time that nothing explains, and the key that says what it was."""
    if not view.gaps:
        return []
    lines: list[Line] = [[], [("Not explained", "strong"), ("  t says what it was", "muted")], []]
    for start, end in view.gaps[-6:]:
        times = f"{start.astimezone(tz):%H:%M} to {end.astimezone(tz):%H:%M}"
        lines.append([("┄ ", "muted"), (times, ""), (f"  {duration((end - start).total_seconds())}", "muted")])
    return lines


def leaf(category: str) -> str:
    """The last step of a category's path."""
    return category.rpartition(" > ")[2]

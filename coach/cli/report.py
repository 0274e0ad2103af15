"""`coach report`, `heatmap`, `score` and `insights`: the numbers of the Insights screen, for shell and files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import click

from coach.cli import report_text
from coach.cli.common import Shell, pass_shell, safe
from coach.cli.report_text import EMPTY
from coach.core import stats
from coach.core.errors import InvalidInput
from coach.core.when import iso
from coach.core.words import duration, hours

if TYPE_CHECKING:
    from coach.engine.day import DayFocus
    from coach.engine.graph_view import GraphView
    from coach.engine.insights import InsightsView
    from coach.engine.opening import Connection
    from coach.engine.report import HourTotal, Period, Report

INTERRUPTION_WEEKS = 4
NO_LANGUAGE = "nothing yet: correct a title that has a short form, or `coach insights language --add mtg=meeting`"
NO_INTERRUPTIONS = "no app has interrupted focused work often enough in four weeks to say what it costs (three times, and back)"
PARTS = ("patterns", "apps", "forecast", "graph", "interruptions", "modes", "avoidance", "progress", "language")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@click.command()
@click.argument("period", type=click.Choice(["day", "week", "month", "year"]), default="day")
@click.option("--date", "day", metavar="DATE", help="A day inside the period (default: today).")
@click.option("--md", "form", flag_value="md", help="Markdown.")
@click.option("--html", "form", flag_value="html", help="A page with charts that needs nothing else: open, keep or print it.")
@click.option("--csv", "form", flag_value="csv", help="CSV: one row per category, app, project, day and finished task.")
@pass_shell
def report(shell: Shell, period: Period, day: str | None, form: str | None) -> None:
    """Where the time of a day, week, month or year went, beside the period before."""
    from coach.engine import report as engine

    with shell.store() as db:
        _catch_up(shell, db)
        found = engine.report(db, period, _day(shell, day), shell.config, shell.now, shell.tz)
        by_hour = engine.hours_of_day(db, found, shell.config) if shell.as_json or form == "html" else ()
    shell.show(engine.report_json(found, by_hour), lambda: _written(shell, found, by_hour, form))


def _written(shell: Shell, found: Report, by_hour: Sequence[HourTotal], form: str | None) -> str:
    if form == "html":
        from coach.engine import report_page  # the template engine takes 30 ms to load

        return report_page.page(found, by_hour, shell.config, shell.tz)
    return {"md": report_text.markdown, "csv": report_text.table, None: report_text.words}[form](found)


@click.command()
@click.argument("kind", type=click.Choice(["year", "week"]), default="year")
@click.option("--measure", type=click.Choice(["active", "focus"]), default="active", help="Minutes shown in the year.")
@pass_shell
def heatmap(shell: Shell, kind: str, measure: Any) -> None:
    """The year by day (active or focus time), or the week by hour (mean focus score)."""
    from coach.engine import insights as engine

    with shell.store() as db:
        _catch_up(shell, db)
        view = engine.insights(db, shell.config, shell.now, shell.tz, measure=measure)
    full = engine.insights_json(view)
    keys = ("today", "measure", "year") if kind == "year" else ("today", "hour_of_week", "hour_of_week_days")
    shell.show({k: full[k] for k in keys}, lambda: _year(view) if kind == "year" else _week(view))


@click.command()
@click.option("--date", "day", metavar="DATE", help="Which day (default: today).")
@pass_shell
def score(shell: Shell, day: str | None) -> None:
    """The focus score of a day and of each of its hours, with what they stand on."""
    from coach.engine import categories
    from coach.engine import day as engine
    from coach.engine.activity import bounds

    chosen = _day(shell, day)
    with shell.store() as db:
        rules = categories.load(db, shell.config)
        rows = engine.spans(db, *bounds(chosen, shell.config, shell.tz))
        found, longest_s = engine.day_focus(rows, rules), engine.longest_block_s(rows, rules)
    document = {
        "day": iso(chosen), "score": _short(found.score), "n_hours": found.n, "formula": found.version,
        "active_s": round(found.active_s, 3), "focus_s": round(found.focus_s, 3),
        "longest_block_s": round(longest_s, 3),
        "hours": [{"hour": h.hour, "score": _short(h.score), "active_s": round(h.active_s, 3)} for h in found.hours],
    }
    shell.show(document, lambda: _score_words(chosen, found, longest_s))


@click.command()
@click.argument("part", type=click.Choice(PARTS), default="patterns")
@click.option("--accept", "accepted", metavar="SHORT", help="With language: apply what this short form is offered to mean.")
@click.option("--add", "added", metavar="SHORT=LONG", help='With language: a short form by hand, "mtg=meeting".')
@click.option("--remove", "removed", metavar="SHORT", help="With language: never apply or offer this one again.")
@click.option("--allow/--forbid", "allowed", default=None, help="With avoidance: allow profiling, or forbid it and erase it.")
@pass_shell
def insights(
    shell: Shell, part: str, accepted: str | None, added: str | None, removed: str | None, allowed: bool | None
) -> None:
    """Patterns in your time, the apps of this week, the focus to expect over the next day and week, the graph of your apps,
    sites and projects with what moving between them does to focus, what pulls you out of focused work, the kinds of weeks that
    you have, what you put off, where you allowed to look at that, whether it gets better beside the four weeks before, or your
    own language: what your short forms mean; each number with what it stands on."""
    from coach.engine import discoveries, interruptions, patterns
    from coach.engine import insights as engine

    if part == "language":
        _language(shell, accepted, added, removed)
        return
    if accepted or added or removed:
        raise click.UsageError("--accept, --add and --remove belong to `coach insights language`")
    if part == "avoidance":
        _avoidance(shell, allowed)
        return
    if allowed is not None:
        raise click.UsageError("--allow and --forbid belong to `coach insights avoidance`")
    with shell.store() as db:
        _catch_up(shell, db)
        if part == "progress":
            from coach.engine import progress

            how = progress.view(db, shell.config, shell.now, shell.tz)
            shell.show(how.document(), lambda: "\n".join(map(safe, how.lines())))
            return
        if part == "interruptions":
            found = interruptions.view(db, shell.now - timedelta(weeks=INTERRUPTION_WEEKS), shell.now, shell.config)
            shell.show(found.document(), lambda: "\n".join(map(safe, found.lines())) or NO_INTERRUPTIONS)
            return
        if part == "modes":
            from coach.engine import modes

            weeks = modes.view(db, shell.config, shell.now, shell.tz)
            shell.show(weeks.document(), lambda: "\n".join(map(safe, weeks.lines())))
            return
        if part == "forecast":
            from coach.engine import forecast  # numpy, ONNX Runtime

            ahead = forecast.forecast(db, shell.config, shell.now, shell.tz)
            shell.show(ahead.document(), lambda: report_text.forecast_words(ahead))
            return
        if part == "graph":
            drawn = _graph(shell, db)
            shell.show(drawn.document(), lambda: "\n".join(map(safe, drawn.lines())))
            return
        view = engine.insights(db, shell.config, shell.now, shell.tz)
        habits = patterns.view(db, shell.config, shell.now, shell.tz) if part == "patterns" else None
        out = discoveries.view(db, shell.config, shell.now, shell.tz) if habits else None
    document = engine.insights_json(view)
    if habits is None or out is None:
        shell.show(document, lambda: report_text.words(view.report))
    else:
        document |= {"habits": patterns.patterns_json(habits), "stands_out": out.document()}
        shell.show(document, lambda: _patterns(view, [*habits.lines(), *out.lines()]))


def _avoidance(shell: Shell, allowed: bool | None) -> None:
    from coach.engine import avoidance

    with shell.store() as db:
        if allowed is not None:
            avoidance.set_consent(db, allowed, shell.now)
            shell.note(avoidance.ABOUT)
        seen = avoidance.view(db, shell.config, shell.now, shell.tz)
    shell.show(seen.document(), lambda: "\n".join(map(safe, seen.lines())))


def _language(shell: Shell, accepted: str | None, added: str | None, removed: str | None) -> None:
    from coach.engine import language

    with shell.store() as db:
        if added is not None:
            short, _, long = added.partition("=")
            language.add(db, short, long, shell.now)
        if accepted is not None:
            short, _, long = accepted.partition("=")
            language.accept(db, short, long, shell.now)
        if removed is not None:
            short, _, long = removed.partition("=")
            language.remove(db, short, long, shell.now)
        language.renew(db, shell.now)
        found = language.view(db)
    shell.show(found.document(), lambda: "\n".join(map(safe, found.lines())) or NO_LANGUAGE)


def _graph(shell: Shell, db: Connection) -> GraphView:
    from coach.engine import graphs  # numpy
    from coach.engine.models import Models

    return graphs.view(db, shell.config, shell.now, shell.tz, Models(shell.config))


def _catch_up(shell: Shell, db: Connection) -> None:
    """The newest stretch is in no sum, and hours that `coach tag` or `coach category set` changed have no score, until the
    jobs come to them; without an app or `coach track` nobody runs those."""
    from coach.engine import activity, categories

    activity.roll(db, categories.load(db, shell.config), shell.now)


def _day(shell: Shell, text: str | None) -> date:
    from coach.core.when import in_range, logical_day
    from coach.engine.report import bounds_time

    today = logical_day(shell.now, shell.tz, bounds_time(shell.config))
    if not text or text == "today":
        return today
    if text == "yesterday":
        return date.fromordinal(today.toordinal() - 1)
    try:
        chosen = date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no date", "write YYYY-MM-DD, today or yesterday") from error
    return in_range(chosen, text)


def _year(view: InsightsView) -> str:
    if not view.year:
        return EMPTY
    matrix = stats.year_matrix(view.year, view.today, 53, view.week_start)
    bounds = stats.thresholds(v for row in matrix.cells for v in row)
    months = [" "] * (matrix.weeks + 4)
    free = 0
    for column, first in matrix.months():
        if column >= free:
            months[column:column + 3] = f"{first:%b}"
            free = column + 4
    lines = ["    " + "".join(months).rstrip()]
    for row in range(7):
        steps = ["·░▒▓█"[stats.level(v, bounds)] for v in matrix.cells[row]]
        cells = (" " if matrix.day(row, c) > view.today else glyph for c, glyph in enumerate(steps))
        lines.append(f"{DAYS[(view.week_start + row) % 7]} " + "".join(cells))
    legend = [f"░ < {duration(b)}" for b in bounds[:1]] + [f"{'▒▓█'[i]} ≥ {duration(b)}" for i, b in enumerate(bounds)]
    return "\n".join([*lines, "", f"    {view.measure} time a day: · none  " + "  ".join(legend)])


def _week(view: InsightsView) -> str:
    if not view.hours_days:
        return EMPTY
    lines = ["    " + "".join(f"{h:02d}  " if h % 2 == 0 else "" for h in range(24))]
    for day, row in enumerate(view.hours):
        glyphs = ("··" if m is None else "░▒▓█"[sum(m.value >= b for b in (0.35, 0.5, 0.65))] * 2 for m in row)
        lines.append(f"{DAYS[day]} " + "".join(glyphs))
    legend = "focus: ·· no score  ░░ < 0.35  ▒▒ ≥ 0.35  ▓▓ ≥ 0.50  ██ ≥ 0.65"
    return "\n".join([*lines, "", f"    {legend}, from {view.hours_days} days"])


def _score_words(day: date, found: DayFocus, longest_s: float) -> str:
    if not found.active_s:
        return f"{day}: {EMPTY}"
    head = "no hour with 10 active minutes" if found.score is None else f"{found.score:.2f} from {hours(found.n)}"
    lines = [f"{day}  focus {head}, {duration(found.active_s)} active, longest block {duration(longest_s)}"]
    for h in found.hours:
        words = "–   " if h.score is None else f"{h.score:.2f}"
        glyph = stats.sparkline([h.score], top=1.0)
        lines.append(f"  {h.hour:02d}:00  {words}  {glyph}  {duration(h.active_s)} active")
    return "\n".join(lines)


def _patterns(view: InsightsView, habits: Sequence[str]) -> str:
    lines = [f"{p.text} (n = {p.n} {p.unit})" for p in view.patterns]
    lines += [safe(line) for line in habits]
    if view.estimates.ratio is not None:
        e = view.estimates
        lines.append(f"Tasks take {view.estimates.ratio:.2f} times their estimate (median, n = {e.n} tasks)")
    lines.append(f"Days in a row with an hour of focus: {view.streak.current}, longest {view.streak.longest}")
    lines += [f"Put off: {p.num} {safe(p.title)} ({', '.join(p.evidence)})" for p in view.put_off]
    return "\n".join(lines) if view.patterns or view.put_off else f"too little is known yet: {EMPTY}"


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 4)

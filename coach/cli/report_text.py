"""A report as text: words that fit the terminal, Markdown, CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from coach.cli.common import padded, safe, terminal_columns, wide
from coach.core import stats
from coach.core.words import change, duration, hours
from coach.engine.report import kept_words, note

if TYPE_CHECKING:
    from coach.engine.forecast import ForecastView
    from coach.engine.report import Amount, Done, Report

EMPTY = "nothing was tracked then; `coach status` says whether Coach is tracking"
TOP = 10


def title(found: Report) -> str:
    """ "Week, 2026-11-16 to 2026-11-19"."""
    span = str(found.first) if found.first == found.last else f"{found.first} to {found.last}"
    return f"{found.period.capitalize()}, {span}"


def _hours(n: int, found: Report) -> str:
    """In a period that still runs the hour that runs is left out, as it is compared with none: its hours are whole ones."""
    return hours(n).replace(" ", " whole ") if found.until else hours(n)


def summary(found: Report) -> list[tuple[str, str]]:
    """The period in a few lines of label and words."""
    focus = "no hour with 10 active minutes" if found.score is None else f"{found.score:.2f} from {_hours(found.n, found)}"
    if found.score is not None and found.before_score is not None:
        focus += f", before {found.before_score:.2f} from {_hours(found.before_n, found)}"
    span = f"{found.before_first} to {found.before_last}" if found.before_first != found.before_last else f"{found.before_first}"
    lines = [
        ("active", f"{duration(found.active_s)}, before {duration(found.before_active_s)}"),
        ("in focus categories", f"{duration(found.focus_s)}, before {duration(found.before_focus_s)}"),
        ("focus score", focus), ("tasks completed", f"{found.completed}, before {found.before_completed}"),
        ("compared with", span + (", up to the same time of day" if found.until else "")),
        ("worth", note(found)),
    ]
    e = found.estimates
    if e.n:
        ratio = f", {e.ratio:.2f} times at the median" if e.ratio is not None else ""
        words = f"{duration(60 * e.actual_min)} for {duration(60 * e.estimate_min)} planned{ratio} (n = {e.n} tasks)"
        lines.append(("estimates", words))
    return lines


def words(found: Report) -> str:
    """For people, as wide as the terminal."""
    if not found.active_s and not found.before_active_s and not found.done:
        return f"{title(found)}: {EMPTY}"
    lines = [title(found), *(f"  {label:<20} {text}" for label, text in summary(found))]
    if len(found.days) > 1:
        lines.append(f"  {'active by day':<20} {stats.sparkline(by_day(found)[-(terminal_columns() - 24):])}")
    for heading, amounts in sections(found):
        lines += ["", heading, *_bars(amounts[:TOP], terminal_columns())]
        if len(amounts) > TOP:
            lines.append(f"  and {len(amounts) - TOP} more, {duration(sum(a.s for a in amounts[TOP:]))}")
    if found.goals:
        lines += ["", "Goals", *(f"  {padded(safe(text), max(20, terminal_columns() - 2)).rstrip()}" for text in goals(found))]
    if found.done:
        lines += ["", "Tasks done", *(f"  {_done(d)}" for d in found.done[-TOP:])]
        if len(found.done) > TOP:
            lines.append(f"  and {len(found.done) - TOP} before them")
    return "\n".join(lines)


def goals(found: Report) -> list[str]:
    """Each goal and how often it was kept."""
    return [f"{g.text}: {duration(g.used_s)} used, kept {kept_words(g.kept, g.n, g.period)}" for g in found.goals]


def by_day(found: Report) -> list[float | None]:
    """Active seconds of each day of the period, None where nothing was tracked."""
    known = {d.day.toordinal(): d.active_s for d in found.days}
    return [known.get(n) for n in range(found.first.toordinal(), found.last.toordinal() + 1)]


def _done(d: Done) -> str:
    planned = f"{duration(60 * d.estimate_min)} planned" if d.estimate_min else ""
    beside = ", ".join(t for t in (planned, f"{duration(60 * d.actual_min)} taken" if d.actual_min else "") if t)
    text = f"{d.num:>4}  {safe(d.title)}"
    room = terminal_columns() - 4
    return padded(text, max(20, room - len(beside) - 2)).rstrip() + f"  {beside}" if beside else padded(text, room).rstrip()


def sections(found: Report) -> list[tuple[str, Sequence[Amount]]]:
    """Categories, apps and projects, those that there are."""
    projects = [a for a in found.projects if a.name]
    return [(h, a) for h, a in (("Categories", found.categories), ("Apps", found.apps), ("Projects", projects)) if a]


def _bars(amounts: Sequence[Amount], room: int) -> list[str]:
    """Name, bar, time and change in `room` columns; the bar gives way first."""
    top = max(a.s for a in amounts) or 1.0
    times = [duration(a.s) for a in amounts]
    changes = [change(a.change) for a in amounts]
    fixed = 2 + 2 + max(map(len, times)) + 2 + max(map(len, changes))
    name = min(34, max(wide(safe(a.name)) for a in amounts), max(8, room - fixed))
    bar = min(40, room - fixed - name - 2)
    lines = []
    for a, time, ratio in zip(amounts, times, changes, strict=True):
        drawn = f"{'█' * round(a.s / top * bar) or '▏':<{bar}}  " if bar >= 4 else ""
        lines.append(f"  {padded(safe(a.name), name)}  {drawn}{time:>{max(map(len, times))}}  {ratio:>{max(map(len, changes))}}")
    return lines


def markdown(found: Report) -> str:
    """Headings, a list and tables."""
    lines = [f"# {title(found)}", "", *(f"- {label}: {text}" for label, text in summary(found))]
    for heading, amounts in sections(found):
        lines += ["", f"## {heading}", "", "| name | time | before | change | visits |", "|---|---:|---:|---:|---:|"]
        for a in amounts:
            lines.append(f"| {_md(a.name)} | {duration(a.s)} | {duration(a.before_s)} | {change(a.change)} | {a.visits} |")
    if found.goals:
        lines += ["", "## Goals", "", *(f"- {_md(text)}" for text in goals(found))]
    if found.done:
        lines += ["", "## Tasks done", "", "| task | title | project | planned | taken |", "|---:|---|---|---:|---:|"]
        for d in found.done:
            planned, taken = (f"{m} min" if m else "" for m in (d.estimate_min, d.actual_min))
            lines.append(f"| {d.num} | {_md(d.title)} | {_md(d.project)} | {planned} | {taken} |")
    return "\n".join(lines)


def _md(text: str) -> str:
    """Somebody's words inside a cell: they neither end it nor become a link, an image or a tag."""
    plain = safe(text)
    return "".join(f"\\{c}" if c in "\\|[]<`*_" else c for c in plain) if not plain.isalnum() else plain


def table(found: Report) -> str:
    """CSV: one row for each category, app, project, day and finished task."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["kind", "name", "duration_s", "before_s", "visits"])
    for kind, amounts in (("category", found.categories), ("app", found.apps), ("project", found.projects)):
        writer.writerows([kind, _cell(a.name), round(a.s, 3), round(a.before_s, 3), a.visits] for a in amounts)
    writer.writerows(["day", d.day.isoformat(), round(d.active_s, 3), "", ""] for d in found.days)
    writer.writerows(["task", _cell(d.title), 60 * d.actual_min if d.actual_min else "", "", ""] for d in found.done)
    return out.getvalue().rstrip("\n")


def _cell(text: str) -> str:
    # A window can call itself =HYPERLINK(…): spreadsheets must not compute what a name says.
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


WEEK_BY = {
    "model": "by the net", "both": "by the net, then usual week and calendar", "calendar": "usual week and calendar",
    "profile": "usual week",
}
"""Who speaks for a day of the week ahead."""


def forecast_words(view: ForecastView) -> str:
    """The hours that are likely to be active, then the days of the week; each with its 80 % band and who says so."""
    lines = ["Focus over the next 24 hours (80 % band; chance that you are active)"]
    for h in view.hours:
        if h.active >= 0.2:
            bar = stats.sparkline([h.mean], top=1.0)
            lines.append(f"  {h.start:%a %H}:00  {bar} {h.mean:.2f}  {h.low:.2f} to {h.high:.2f}  {h.active:4.0%}")
    if len(lines) == 1:
        lines.append("  no hour in which you are usually active")
    lines += ["", "The week: mean focus, hours to expect"]
    for d in view.week:
        expected = f"{d.mean:.2f}  {d.low:.2f} to {d.high:.2f}  {d.active_h:4.1f} h" if d.active_h >= 0.5 else "hardly any time"
        lines.append(f"  {d.day:%a %d %b}  {expected}  {WEEK_BY[d.by]}")
    why = f" ({view.why})" if view.why else ""
    return "\n".join([*lines, "", f"serving: {view.serves}, from {view.days} days of history{why}"])

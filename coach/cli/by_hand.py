"""Time said by hand from the shell: labels, corrections, and what nothing explains."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import click

from coach.cli.common import Shell, pass_shell, safe, table
from coach.cli.track import minutes, range_of, ranged, shell_day
from coach.core import unexplained
from coach.core.errors import InvalidInput
from coach.core.when import iso

if TYPE_CHECKING:
    from coach.engine.categories import Rules
    from coach.engine.opening import Connection


@click.command()
@ranged
@click.option("--label", "asking", is_flag=True, help="Go through them; one key labels each.")
@pass_shell
def gaps(shell: Shell, day: str | None, start: str | None, end: str | None, asking: bool) -> None:
    """Time between two activities that nothing explains, numbered; `coach tag 2 Lunch` labels the second one of today."""
    from coach.engine import activity

    low, high = range_of(shell, day, start, end)
    with shell.store() as db:
        found = activity.gaps(db, low, high)
        if asking:
            _ask_about(shell, db, found)
            return
    document = [
        {"number": n, "start": iso(g.start), "end": iso(g.end), "duration_s": g.length.total_seconds(), "kind": g.kind}
        for n, g in enumerate(found, 1)
    ]

    def words() -> str:
        if not found:
            return "no unexplained time"
        rows = [(str(n), _clocks(shell, g.start, g.end), minutes(g.length), g.kind) for n, g in enumerate(found, 1)]
        return table(rows, ("number", "range", "length", "kind"))

    shell.show(document, words)


@click.command()
@click.argument("range_text", metavar="RANGE")
@click.argument("text", nargs=-1)
@click.option("--date", "day", metavar="DATE", help="The day of the range. Default: today.")
@click.option("--category", metavar="WORDS", help="Its category: a name, its last part or a beginning.")
@click.option("--project", metavar="NAME", help="Its project; #NAME in TEXT does the same.")
@click.option("--app", default="", help="Without TEXT: correct only what this application did.")
@click.option("--edit", is_flag=True, help="RANGE is the id of an entry: TEXT, --time, --category, --project change it.")
@click.option("--time", "new_time", metavar="RANGE", help="With --edit: its new time, such as 9:00-10:00.")
@click.option("--delete", is_flag=True, help="RANGE is the id of an entry or correction: forget it.")
@pass_shell
def tag(
    shell: Shell, range_text: str, text: tuple[str, ...], day: str | None, category: str | None, project: str | None, app: str,
    edit: bool, new_time: str | None, delete: bool,
) -> None:
    """Say what a stretch of time was: coach tag 9:00-10:30 Team meeting #acme. RANGE may be the number of a gap, or two ISO
    times with a slash between. Without TEXT, --category and --project relabel what was tracked then."""
    from coach.engine import categories, manual

    words = " ".join(text)
    with shell.store() as db:
        rules = categories.load(db, shell.config)
        if delete:
            manual.remove(db, range_text, rules, shell.tz, shell.now)
            shell.show({"deleted": range_text}, "forgotten; `coach undo` brings it back")
            return
        if edit:
            _edit(shell, db, rules, range_text, words, new_time, day, category, project)
            return
        start, end = _chosen_range(shell, db, range_text, day)
        named = manual.category_of(category, rules) if category else ""
        if not words:
            made = manual.correct(db, start, end, rules, shell.tz, shell.now, category=named, project=project, app=app)
            document = {
                "id": made, "start": iso(start), "end": iso(end), "app": app or None, "category": named or None,
                "project": project,
            }
            what = ", ".join(w for w in (named, f"project {project or 'none'}" if project is not None else "") if w)
            shell.show(document, lambda: f"corrected {_clocks(shell, start, end)}: {safe(what)}")
            return
        if app:
            raise InvalidInput("--app corrects what was tracked, TEXT says anew what it was", "use one of them")
        title, spoken, guessed = manual.read_text(words, rules)
        entry = manual.tag(
            db, start, end, title, rules, shell.tz, shell.now, project=project or spoken, category=named or guessed
        )
    shell.show(entry.document(), lambda: f"labelled {_clocks(shell, start, end)}: {_about(entry)}")


def show(shell: Shell, low: datetime, high: datetime) -> None:
    """Entries and corrections of [low, high), for `coach log --manual`."""
    from coach.core.when import parse_iso
    from coach.engine import manual

    with shell.store() as db:
        entries, corrections = manual.entries(db, low, high), manual.corrections(db, low, high)

    def words() -> str:
        rows = [(e.id[:8], _clocks(shell, e.start, e.end), "entry", _about(e)) for e in entries] + [
            (c["id"][:8], _clocks(shell, parse_iso(c["start"]), parse_iso(c["end"])), "correction",
             " ".join(w for w in (c["app"] and f"{c['app']}:", c["category"], c["project"] and f"#{c['project']}") if w))
            for c in corrections
        ]
        return table(rows, ("id", "range", "kind", "what")) if rows else "nothing was said by hand then"

    shell.show({"entries": [e.document() for e in entries], "corrections": corrections}, words)


def _edit(
    shell: Shell, db: Connection, rules: Rules, ref: str, words: str, new_time: str | None, day: str | None,
    category: str | None, project: str | None,
) -> None:
    from coach.engine import manual

    old = manual.entry(db, ref)
    start, end = old.start, old.end
    if new_time:
        on = day or old.start.astimezone(shell.tz).date().isoformat()
        start, end = _clock_range(shell, new_time, on)
    title, spoken, guessed = manual.read_text(words, rules) if words else (None, "", "")
    named = manual.category_of(category, rules) if category else category
    entry = manual.edit(
        db, old.id, rules, shell.tz, shell.now, start=start, end=end, text=title,
        project=project if project is not None else spoken or None, category=named if named is not None else guessed or None,
    )
    shell.show(entry.document(), lambda: f"now {_clocks(shell, entry.start, entry.end)}: {_about(entry)}")


def _ask_about(shell: Shell, db: Connection, found: Any) -> None:
    """One key for each gap; any other text after `o`."""
    from coach.engine import categories, manual

    rules = categories.load(db, shell.config)
    said = {name[0]: label for name, label in unexplained.LABELS.items()}
    keys = ", ".join(f"{key} {title}" for key, (title, _) in said.items())
    for gap in found:
        question = f"{_clocks(shell, gap.start, gap.end)}  {minutes(gap.length)}   {keys}, o other, s skip, q quit  "
        click.echo(question, nl=False, err=True)
        key = click.getchar().lower()
        click.echo(err=True)
        if key in ("q", "\x1b", "\x03"):
            return
        if key == "o":
            title, project, category = manual.read_text(click.prompt("What was it", err=True), rules)
        else:
            title, category = said.get(key, ("", ""))
            project = ""
        if title:
            entry = manual.tag(
                db, gap.start, gap.end, title, rules, shell.tz, shell.now, project=project, category=category
            )
            shell.show(entry.document(), f"labelled {_clocks(shell, gap.start, gap.end)}: {_about(entry)}")


def _about(entry: Any) -> str:
    parts = (entry.title, f"#{entry.project}" if entry.project else "", f"({entry.category})" if entry.category else "")
    return safe(" ".join(p for p in parts if p))


def _clocks(shell: Shell, start: datetime, end: datetime) -> str:
    """`9:00-10:30`, with the date where it is another day."""
    first, last = start.astimezone(shell.tz), end.astimezone(shell.tz)
    day = "" if first.date() == shell.now.astimezone(shell.tz).date() else f"{first:%Y-%m-%d} "
    return f"{day}{first:%H:%M}-{last:%H:%M}"


def _chosen_range(shell: Shell, db: Connection, text: str, day: str | None) -> tuple[datetime, datetime]:
    """A gap's number as `coach gaps` shows it, FROM/TO in ISO, or a range of the clock."""
    from coach.core.when import parse_iso
    from coach.engine import activity

    if text.isdecimal():
        found = activity.gaps(db, *range_of(shell, day, None, None))
        if not 1 <= int(text) <= len(found):
            raise InvalidInput(f"there is no gap {text}", "`coach gaps` shows them; a range is written as 9:00-10:30")
        return found[int(text) - 1].start, found[int(text) - 1].end
    if "/" in text:
        first, _, last = text.partition("/")
        return parse_iso(first, shell.tz), parse_iso(last, shell.tz)
    return _clock_range(shell, text, day)


def _clock_range(shell: Shell, text: str, day: str | None) -> tuple[datetime, datetime]:
    """9:00-10:30 on a day; without one, the last time that the clock showed it. Over midnight where it ends earlier."""
    from coach.config import clock
    from coach.core.when import resolve

    first, dash, last = text.partition("-")
    if not dash:
        raise InvalidInput(f"{text!r} is no range", "write it as 9:00-10:30")

    def time_of(word: str) -> time:
        word = word.strip()
        return clock(f"{word.zfill(2)}:00" if word.isdecimal() else word.zfill(5), "time")

    start_time, end_time = time_of(first), time_of(last)
    if start_time == end_time:
        raise InvalidInput(f"{text!r} has no length", "write it as 9:00-10:30")
    on = shell_day(shell, day) if day else shell.now.astimezone(shell.tz).date()
    start = resolve(datetime.combine(on, start_time), shell.tz)
    if not day and start > shell.now:
        on -= timedelta(days=1)
        start = resolve(datetime.combine(on, start_time), shell.tz)
    end = resolve(datetime.combine(on if end_time > start_time else on + timedelta(days=1), end_time), shell.tz)
    return start, end

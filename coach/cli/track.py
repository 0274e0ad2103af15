"""Tracking from the shell: run it headless, pause it, read what it recorded."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from typing import Any

import click

from coach.cli.common import Shell, pass_shell, safe, table
from coach.core.errors import InvalidInput
from coach.core.event import Event, event_json
from coach.core.glance import FORMS, Form, line
from coach.core.when import iso

WHAT_IS_RECORDED = """\
Coach records which window or terminal program is in front, its title, the site without its query string, the project
folder's name, and when there was no input. Never keys, never the screen, never arguments of commands. Everything stays
encrypted on this machine; no network is used. Pause any time: `coach pause`, or f9 in the app. Exclude what you like:
`coach privacy exclude title REGEX`."""


@click.command()
@click.option("--once", is_flag=True, help="Print what is in front now and end; nothing is recorded.")
@click.option("--yes", is_flag=True, help="Agree to being tracked without being asked.")
@click.option("--wait", is_flag=True, help="Where another process tracks, wait until it ends and take over.")
@pass_shell
def track(shell: Shell, once: bool, yes: bool, wait: bool) -> None:
    """Track without the app, until Ctrl-C. A second one exits with status 4."""
    if once:
        _once(shell)
        return
    import signal
    import threading

    from coach.cli.serve import enabled
    from coach.engine import runtime, tracking

    with shell.store() as db:
        if not tracking.consent(db):
            agree(shell, db, yes)
    stop = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # the last one when the terminal or the session goes; not on Windows
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, lambda *_: stop.set())
    runtime.headless(
        shell.config, shell.home, shell.unlocked, stop, begun=lambda: click.echo("tracking; Ctrl-C ends it", err=True),
        beside=enabled(shell.config), wait=wait,
    )


@click.command()
@click.option("--line", "form", type=click.Choice(FORMS), help="One line for a status bar or a prompt.")
@click.option("--width", type=click.IntRange(0), default=40, show_default=True, help="Most characters of a title in --line.")
@pass_shell
def status(shell: Shell, form: Form | None, width: int) -> None:
    """What is being tracked, by which probe, and how it is doing."""
    if form:
        _line(shell, form, width)
        return
    from coach.engine import status as engine

    with shell.store() as db:
        view = engine.status(db, shell.home, shell.config, shell.now)
    shell.show(view.document(), lambda: view.words(shell.tz))


@click.command()
@click.argument("duration", required=False)
@pass_shell
def pause(shell: Shell, duration: str | None) -> None:
    """Record nothing, for a DURATION (30m, 2h) or until `coach resume`."""
    from coach.engine import tracking

    minutes = tracking.parse_duration_min(duration) if duration else None
    with shell.store() as db:
        until = tracking.pause(db, shell.now, minutes)
    words = f"paused until {until.astimezone(shell.tz):%H:%M}" if until else "paused until `coach resume`"
    shell.show({"paused": True, "until": iso(until)}, words)


@click.command()
@pass_shell
def resume(shell: Shell) -> None:
    """Track again."""
    from coach.engine import tracking

    with shell.store() as db:
        tracking.resume(db)
    shell.show({"paused": False}, "tracking again")


RANGE = [
    click.option("--date", "day", metavar="DATE", help="A day, such as today, yesterday, 2026-11-20. Default: today."),
    click.option("--from", "start", metavar="ISO", help="Start of a range instead of a day."),
    click.option("--to", "end", metavar="ISO", help="End of the range. Default: now."),
]


def ranged(command: Any) -> Any:
    for option in reversed(RANGE):
        command = option(command)
    return command


@click.command()
@ranged
@click.option("--limit", type=click.IntRange(min=1), help="Only the newest so many.")
@click.option("--manual", "by_hand", is_flag=True, help="What you said by hand: entries and corrections, with their ids.")
@pass_shell
def log(shell: Shell, day: str | None, start: str | None, end: str | None, limit: int | None, by_hand: bool) -> None:
    """The recorded events, as their sources reported them."""
    from coach.engine import activity

    low, high = range_of(shell, day, start, end)
    if by_hand:
        from coach.cli import by_hand as hand

        hand.show(shell, low, high)
        return
    with shell.store() as db:
        found = activity.log(db, low, high)[-(limit or 0) :]
    _show_events(shell, found)


@click.command()
@ranged
@pass_shell
def timeline(shell: Shell, day: str | None, start: str | None, end: str | None) -> None:
    """What was going on, one state at a time: sources put together, time away left out."""
    from coach.engine import activity

    low, high = range_of(shell, day, start, end)
    with shell.store() as db:
        found = activity.timeline_between(db, low, high)
    _show_events(shell, found)


def _line(shell: Shell, form: Form, width: int) -> None:
    """A bar asks every few seconds and has no terminal: no store is made and no passphrase asked for."""
    from contextlib import closing
    from dataclasses import replace

    from coach.engine import opening
    from coach.engine.glance import glance

    unlocked = opening.unlock(shell.home, replace(shell.access, ask=None), shell.now, create=False)
    with closing(opening.connect(unlocked)) as db:
        seen = glance(db, shell.home, shell.config, shell.now, shell.tz)
    document = {"state": seen.state, "work": seen.work, "left_s": seen.left_s, "today_s": round(seen.today_s, 1)}
    shell.show(document, lambda: line(seen, form, width))


def minutes(length: timedelta) -> str:
    whole = round(length.total_seconds() / 60)
    return f"{whole // 60} h {whole % 60:02d} min" if whole >= 60 else f"{whole} min"


def agree(shell: Shell, db: Any, yes: bool) -> None:
    """Ask once whether tracking is wanted, after saying what it records. Raises InvalidInput where nobody can be asked."""
    from coach.engine import tracking

    click.echo(WHAT_IS_RECORDED, err=True)
    if not yes:
        if not sys.stdin.isatty():
            raise InvalidInput("tracking has not been agreed to", "run `coach track --yes`, or agree in the app")
        click.confirm("Track from now on?", abort=True, err=True)
    tracking.set_consent(db, True, shell.now)


def _once(shell: Shell) -> None:
    from coach.engine import tracking

    with shell.store() as db:
        sample, findings = tracking.look(db, shell.config, shell.tz)
    document = {
        "sample": sample and event_json(sample),
        "probes": [{"name": f.name, "ok": f.ok, "detail": f.detail, "hint": f.hint} for f in findings],
    }

    def words() -> str:
        if sample is None:
            return "nothing can be seen here:\n" + "\n".join(f"  {f.name}: {f.detail}; {f.hint}" for f in findings)
        return f"{sample.source}: {safe(sample.app)}  {safe(sample.title)}  {safe(sample.project)}"

    shell.show(document, words)


def _show_events(shell: Shell, found: list[Event]) -> None:
    def words() -> str:
        if not found:
            return "nothing was recorded then; `coach status` says whether tracking is on"
        rows = [
            (
                f"{e.start.astimezone(shell.tz):%H:%M:%S}",
                minutes(e.end - e.start) if e.duration_s >= 60 else f"{e.duration_s:.0f} s", e.source,
                e.app, e.category or "", e.project, e.title or e.url,
            )
            for e in found
        ]
        return table(rows, ("start", "length", "source", "app", "category", "project", "title"))

    shell.show([event_json(e) for e in found], words)


def range_of(shell: Shell, day: str | None, start: str | None, end: str | None) -> tuple[datetime, datetime]:
    """From and to as the options of RANGE say them. Raises InvalidInput."""
    from coach.core.when import in_range, parse_iso
    from coach.engine import activity

    if end and not start:
        raise InvalidInput("--to needs --from", "for example: --from 2026-11-20T09:00 --to 2026-11-20T12:00")
    if start:
        first = in_range(parse_iso(start, shell.tz), start)
        last = in_range(parse_iso(end, shell.tz), end) if end else shell.now
        if last < first:
            raise InvalidInput("the range ends before it starts", "--from comes before --to, which is now where it is left out")
        return first, last
    low, high = activity.bounds(shell_day(shell, day), shell.config, shell.tz)
    return low, min(high, shell.now) if low < shell.now else high


def shell_day(shell: Shell, text: str | None) -> Any:
    """The logical day that an option names; today without one. Raises InvalidInput."""
    from coach.config import clock
    from coach.core.when import in_range, logical_day

    today = logical_day(shell.now, shell.tz, clock(shell.config.time.day_start))
    if text is None or text == "today":
        return today
    if text == "yesterday":
        return today - timedelta(days=1)
    try:
        day = datetime.fromisoformat(text).date()
    except ValueError:
        from coach.engine import tasks

        due = tasks.parse(f"x {text}", shell.config, shell.now, shell.tz).due
        if due is None:
            raise InvalidInput(f"{text!r} is no date", "for example: yesterday, monday, 2026-11-20") from None
        day = due.date() if isinstance(due, datetime) else due
    return in_range(day, text)

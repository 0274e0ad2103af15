"""The focus timer from the shell."""

from __future__ import annotations

from datetime import timedelta

import click

from coach.cli.common import Shell, pass_shell, safe
from coach.cli.words import complete


@click.group()
def focus() -> None:
    """Work on purpose for a while: start, stop, status; list what was focused."""


@focus.command()
@click.argument("task", required=False, shell_complete=complete("ids"))
@click.option("--for", "length", default="50m", metavar="DURATION", help="How long; default 50m.")
@pass_shell
def start(shell: Shell, task: str | None, length: str) -> None:
    """Start a focus session, on a TASK when one is named."""
    from coach.engine import focusing, tasks, tracking

    minutes = tracking.parse_duration_min(length)
    with shell.store() as db:
        session = focusing.start(db, shell.now, minutes, tasks.find(db, task) if task else None)
    until = session.planned_end.astimezone(shell.tz)
    shell.show(session.document(shell.now), lambda: f"focus until {until:%H:%M}  {safe(session.label)}".rstrip())


@focus.command()
@pass_shell
def stop(shell: Shell) -> None:
    """End the session that is on."""
    from coach.engine import focusing

    with shell.store() as db:
        session = focusing.stop(db, shell.now)
    minutes = round((shell.now - session.start).total_seconds() / 60)
    shell.show(session.document(shell.now), f"{minutes} min of focus; take {session.break_min()} min off")


@focus.command()
@pass_shell
def status(shell: Shell) -> None:
    """What is on, and how long it still goes."""
    from coach.engine import focusing

    with shell.store() as db:
        session = focusing.running(db, shell.now)

    def words() -> str:
        if session is None:
            return "no focus session is on"
        left = round((session.planned_end - shell.now).total_seconds() / 60)
        return f"{left} min left, until {session.planned_end.astimezone(shell.tz):%H:%M}  {safe(session.label)}".rstrip()

    shell.show(session.document(shell.now) if session else None, words)


@focus.command(name="list")
@click.option("--date", "day", metavar="DATE", help="A day, such as yesterday or 2026-11-20. Default: today.")
@pass_shell
def list_(shell: Shell, day: str | None) -> None:
    """Focus sessions of a day, timed and detected, and the breaks."""
    from coach.cli.common import table
    from coach.cli.track import minutes, range_of
    from coach.engine import focusing

    low, high = range_of(shell, day, None, None)
    with shell.store() as db:
        seen = focusing.spells(db, low, high, shell.config, shell.now)

    def words() -> str:
        rows = sorted(
            [(s.start, s.end, s.source, f"{minutes(timedelta(seconds=s.focus_s))} in focus  {s.label}") for s in seen.spells]
            + [(a, b, "break", "") for a, b in seen.breaks]
        )
        shown = [
            (f"{a.astimezone(shell.tz):%H:%M}-{b.astimezone(shell.tz):%H:%M}", minutes(b - a), kind, what)
            for a, b, kind, what in rows
        ]
        return table(shown, ("range", "length", "kind", "")) if shown else "no focus session and no break that day"

    shell.show(seen.document(), words)

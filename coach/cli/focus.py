"""The focus timer from the shell."""

from __future__ import annotations

import click

from coach.cli.common import Shell, pass_shell, safe


@click.group()
def focus() -> None:
    """Work on purpose for a while: start, stop, status."""


@focus.command()
@click.argument("task", required=False)
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

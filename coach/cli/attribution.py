"""Tracked time for tasks without a timer: what is proposed, accepted, rejected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import click

from coach.cli.common import Shell, pass_shell, safe, table
from coach.core.words import duration

if TYPE_CHECKING:
    from coach.engine.attribution import AttributionView, Item

DATE = click.option("--date", "day", metavar="DATE", help="One day, such as today or 2026-11-20. Default: the last two weeks.")


@click.group(invoke_without_command=True)
@click.pass_context
def attribute(ctx: click.Context) -> None:
    """Give tracked time to tasks: coach attribute lists what it was likely for, with how sure that is and why."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@attribute.command(name="list")
@DATE
@pass_shell
def list_(shell: Shell, day: str | None = None) -> None:
    """What waits for an answer, newest day first; the number is the task's."""
    from coach.engine import attribution

    with shell.store() as db:
        seen = attribution.view(db, shell.config, shell.now, shell.tz, _day(shell, day))
    shell.show(seen.document(), lambda: _listed(seen))
    shell.note(_standing(seen))


@attribute.command()
@click.argument("refs", nargs=-1, metavar="ID…")
@click.option("--sure", is_flag=True, help="All that are at least 80 % sure.")
@DATE
@pass_shell
def accept(shell: Shell, refs: tuple[str, ...], sure: bool, day: str | None) -> None:
    """Count that time for these tasks; `coach undo` takes it back."""
    from coach.engine import attribution

    with shell.store() as db:
        done = attribution.accept(db, refs, shell.config, shell.now, shell.tz, _day(shell, day), sure=sure)
    shell.show([i.document() for i in done], lambda: _done("counted", done))
    shell.note("" if done else "nothing is that sure")


@attribute.command()
@click.argument("refs", nargs=-1, required=True, metavar="ID…")
@DATE
@pass_shell
def reject(shell: Shell, refs: tuple[str, ...], day: str | None) -> None:
    """It was for something else: these are not proposed again for that day, and less readily later."""
    from coach.engine import attribution

    with shell.store() as db:
        done = attribution.reject(db, refs, shell.config, shell.now, shell.tz, _day(shell, day))
    shell.show([i.document() for i in done], lambda: _done("not counted", done))


def _day(shell: Shell, said: str | None) -> date | None:
    if said is None:
        return None
    from coach.cli.track import shell_day

    found: date = shell_day(shell, said)
    return found


def _listed(seen: AttributionView) -> str:
    rows = [
        (str(i.task.num), f"{i.day:%a %d %b}", duration(i.proposal.ms / 1000), f"{i.proposal.confidence:.0%}", i.task.title,
         i.because())
        for i in seen.items
    ]
    return table(rows, ("task", "day", "time", "sure", "title", "because of")) if rows else ""


def _standing(seen: AttributionView) -> str:
    if not seen.items:
        return "no tracked time waits for a task"
    words = "`coach attribute accept NUMBER` counts it for the task, `reject NUMBER` does not"
    if n := seen.accepted + seen.rejected:
        words += f"; so far {seen.accepted} of {n} were right, {seen.said:.0%} were expected to be"
    return words


def _done(verb: str, done: Sequence[Item]) -> str:
    return "\n".join(
        f"{verb} {duration(i.proposal.ms / 1000)} of {i.day:%a %d %b} for {i.task.num}  {safe(i.task.title)}" for i in done
    )

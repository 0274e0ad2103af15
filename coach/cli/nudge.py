"""The coach's voice from the shell: one nudge now, what it said before, ratings."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING

import click

from coach.cli.common import Shell, pass_shell, safe, table
from coach.core.lines import MODES
from coach.core.nudge import ACTED, Nudge, nudge_json
from coach.core.when import iso
from coach.engine import clock

if TYPE_CHECKING:
    from coach.engine.opening import Connection

MODE = click.option("--mode", type=click.Choice(MODES), help="The tone of the line; else the persona's.")


@click.command()
@MODE
@click.option("--preview", is_flag=True, help="Only print it: nothing is stored and nothing is shown on the desktop.")
@click.option("--wait", "wait_s", type=click.FloatRange(0), default=60.0, show_default=True, metavar="SECONDS",
              help="How long to listen for the buttons of a desktop notification; 0 shows one without buttons.")
@pass_shell
def nudge(shell: Shell, mode: str | None, preview: bool, wait_s: float) -> None:
    """Say what fits this moment: as a notification with buttons where there is a desktop, and here."""
    from coach.engine import nudging

    with shell.store() as db:
        said = nudging.now_please(db, shell.config, shell.now, shell.tz, mode or "")
        if said is None:
            shell.show(None, "nothing needs saying now: nothing is due, planned, overdue or out of hand")
            return
        if not preview:
            said = _deliver(shell, db, said, wait_s)
    shell.show(nudge_json(said), safe(said.text) if preview else "")


@click.command()
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most that many.")
@click.option("--effects", is_flag=True, help="What each kind does, against moments at which Coach stayed silent.")
@click.option("--misfires", is_flag=True, help="Deliveries of the last 30 days that did not go as they should, and why.")
@click.option("--resume", metavar="KIND", help="Let a kind speak again that has stopped because it did nothing.")
@click.option("--forget", is_flag=True, help="Forget what timing and effects have learnt.")
@pass_shell
def nudges(shell: Shell, limit: int, effects: bool, misfires: bool, resume: str | None, forget: bool) -> None:
    """What the coach said, newest first, and what happened next."""
    from coach.engine import nudging

    if effects + misfires + forget + (resume is not None) > 1:
        raise click.UsageError("--effects, --misfires, --resume and --forget exclude each other")
    if resume is not None or forget:
        _learnt(shell, resume)
        return
    if effects:
        _effects(shell)
        return
    if misfires:
        _misfires(shell)
        return
    with shell.store() as db:
        found = nudging.history(db, limit)
    header = ("id", "at", "outcome", "situation", "line")
    shell.show([nudge_json(n) for n in found], lambda: table([_row(n, shell) for n in found], header) if found
               else "no nudges yet; `coach nudge` gives one now")


def _effects(shell: Shell) -> None:
    from coach.engine import nudge_effects

    with shell.store() as db:
        nudge_effects.follow(db, shell.config, shell.now)
        found = nudge_effects.effects(db, shell.config)
    words = "\n".join(f"{e.kind}: {e.words()}" + (f"\n  worked: {e.outcome}" if e.outcome else "") for e in found)
    shell.show([e.document() for e in found], words or "no moments yet; what nudges do is measured as they come")


def _misfires(shell: Shell) -> None:
    from coach.engine import nudging

    with shell.store() as db:
        found = nudging.misfires(db, shell.now)
    shell.show([{"nudge": i, "at": iso(at), "why": why} for i, at, why in found],
               lambda: table([(i[:8], f"{at.astimezone(shell.tz):%Y-%m-%d %H:%M}", why) for i, at, why in found],
                             ("nudge", "at", "why")) if found else "no misfires in the last 30 days")


def _learnt(shell: Shell, kind: str | None) -> None:
    from coach.engine import nudge_effects

    with shell.store() as db:
        if kind is None:
            nudge_effects.forget(db)
        else:
            nudge_effects.resume(db, kind, shell.now)
    shell.show({"forgotten": True} if kind is None else {"resumed": kind},
               "forgotten: timing and effects begin anew" if kind is None else f"{kind} speaks again")


@click.command()
@click.argument("id", metavar="ID|answer")
@click.argument("rating", type=click.Choice((*"12345", "useful", "not-helpful")), metavar="1..5|useful|not-helpful")
@pass_shell
def rate(shell: Shell, id: str, rating: str) -> None:
    """Say how good a nudge or an answer was (`answer` is the last one): 1 (poor) to 5 (good); of a nudge also just useful or
    not-helpful."""
    from coach.engine import feedback, nudging

    with shell.store() as db:
        if rating.isdigit():
            rated = feedback.rate(db, id, int(rating))
            document, text = rated.document, rated.text
        else:
            judged = nudging.judge(db, id, rating == "useful")
            document, text = nudge_json(judged), judged.text
    shell.show(document, f"rated {rating}: {safe(text)}")


def _deliver(shell: Shell, db: Connection, said: Nudge, wait_s: float) -> Nudge:
    """Store it, print it, show it on the desktop where there is one, and listen for its buttons."""
    from coach.engine import nudging

    nudging.keep(db, said)
    if not shell.as_json:
        click.echo(safe(said.text))
    if not (shell.config.nudge.desktop and nudging.desktop_finding().ok):
        return nudging.hand_over(db, said, lambda _: "shell") or said
    answered = threading.Event()

    def act(nudge_id: str, action: str) -> None:  # in the notifier's thread, so with a connection of its own
        from coach.engine.opening import connect

        try:
            with closing(connect(shell.unlocked)) as own:
                nudging.act(own, nudge_id, action, clock.now(), shell.config)
        finally:
            answered.set()

    with nudging.desktop_notifier() as notifier:
        deliver = nudging.desktop_delivery(notifier, act, lambda _: "shell", with_buttons=wait_s > 0)
        shown = nudging.hand_over(db, said, deliver) or said
        if shown.channel == "desktop" and wait_s > 0:
            click.echo("on your desktop; listening for its buttons, Ctrl-C ends it", err=True)
            answered.wait(wait_s)
    kept = nudging.again(db, said)
    if kept.status != "shown":
        click.echo(kept.status, err=True)
    return kept


def _row(said: Nudge, shell: Shell) -> tuple[str, ...]:
    outcome = f"acted on ({said.status})" if said.status in ACTED else said.status
    stars = f" {said.rating}/5" if said.rating else ""
    return said.id[:8], f"{said.at.astimezone(shell.tz):%Y-%m-%d %H:%M}", outcome + stars, said.situation, said.text

"""`coach ask`: the chat from the shell."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from coach.cli.common import Shell, pass_shell, safe

if TYPE_CHECKING:
    from coach.engine.conversing import Conversation
    from coach.engine.opening import Connection


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="TEXT…")
@click.option("--no-tone", is_flag=True, help="Only the computed sentences, without the line of tone.")
@click.option("--yes", is_flag=True, help="Do what a wish proposes; else a terminal is asked, and nothing is done without one.")
@pass_shell
def ask(shell: Shell, words: tuple[str, ...], no_tone: bool, yes: bool) -> None:
    """Ask about your time, focus, tasks and plan, or say what to do: `coach ask move the report to tomorrow morning`. Every
    number in an answer is computed from your store; a wish is shown as a difference and done when you say so. For a quarter of an
    hour a question may follow up on the one before in the same terminal: `coach ask and yesterday?`."""
    from coach.engine import activity, categories, last_turn
    from coach.engine.conversing import Conversation
    from coach.engine.models import Models

    question = " ".join(words).strip()
    if not question:
        raise click.UsageError("ask something, for example: coach ask how long did I work today")
    models = Models(shell.config)
    talk, here = Conversation(shell.config, shell.tz, models, guided=False), _terminal()
    with shell.store() as db, _interruptible() as stop:
        talk.state, talk.coached = last_turn.recall(db, here, shell.now)
        activity.roll(db, categories.load(db, shell.config), shell.now)  # what changed since the jobs last ran
        for piece in talk.ask(db, question, shell.now, stop, with_tone=not no_tone):
            if stop.is_set():
                raise KeyboardInterrupt
            if not shell.as_json and piece.kind != "fact":
                _print(piece.text, dim=piece.kind == "tone")
        last_turn.keep(db, here, shell.now, talk.state, talk.coached)
        done = _decide(shell, db, talk, yes=yes)
    if shell.as_json:
        shell.show({**talk.document, "done": done})
    models.close()


def _terminal() -> str:
    """The terminal's session, or the shell that asks, where there are no sessions."""
    return f"session {os.getsid(0)}" if hasattr(os, "getsid") else f"parent {os.getppid()}"


def _decide(shell: Shell, db: Connection, talk: Conversation, *, yes: bool) -> str | None:
    """What was done about a proposal, in words; None where nothing was."""
    if talk.waiting is None:
        return None
    asks = not yes and not shell.as_json and sys.stdin.isatty()
    if yes or (asks and click.confirm("Do it?", err=True)):
        done = talk.apply(db, shell.now)
        if not shell.as_json:
            _print(done, dim=False)
        return done
    if not shell.as_json:
        click.echo("nothing was changed" + ("" if asks else "; --yes does it"), err=True)
    return None


@contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """The event that Ctrl-C sets. An exception would be lost in the model's callbacks, or come out of a half-imported
    library as an ImportError; the second Ctrl-C raises one all the same."""
    stop = threading.Event()

    def first(*_: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, first)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _print(text: str, dim: bool) -> None:
    """Printed at once: the line of tone may take a moment longer."""
    for line in text.split("\n"):
        click.echo(click.style(safe(line), dim=True) if dim else safe(line))
    sys.stdout.flush()

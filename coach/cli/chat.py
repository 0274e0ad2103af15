"""`coach ask`: the chat from the shell."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click

from coach.cli.common import Shell, pass_shell, safe


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="TEXT…")
@click.option("--no-tone", is_flag=True, help="Only the computed sentences, without the line of tone.")
@pass_shell
def ask(shell: Shell, words: tuple[str, ...], no_tone: bool) -> None:
    """Ask about your time, focus, tasks and plan. Every number in the answer is computed from your store."""
    from coach.engine import activity, categories, chat
    from coach.engine.models import Models

    question = " ".join(words).strip()
    if not question:
        raise click.UsageError("ask something, for example: coach ask how long did I work today")
    models = Models(shell.config)
    with shell.store() as db, _interruptible() as stop:
        activity.roll(db, categories.load(db, shell.config), shell.now)  # what changed since the jobs last ran
        pieces = []
        found = chat.answer(
            db, question, config=shell.config, now=shell.now, tz=shell.tz, models=models, with_tone=not no_tone,
            cancelled=stop,
        )
        for piece in found:
            if stop.is_set():
                raise KeyboardInterrupt
            pieces.append(piece)
            if not shell.as_json and piece.kind in ("text", "tone"):
                _print(piece.text, dim=piece.kind == "tone")
        chat.keep(db, question, pieces, shell.now)
    if shell.as_json:
        shell.show(chat.to_json(pieces))
    models.close()


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

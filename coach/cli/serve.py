"""Servers on 127.0.0.1 for other programs of this machine."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import click

from coach.cli.common import Shell, pass_shell

if TYPE_CHECKING:
    from coach.config import Config
    from coach.engine.runtime import Beside, Runtime


def enabled(config: Config) -> list[Beside]:
    """What the app and `coach track` start next to their jobs."""
    return [_own] if config.api.own_enabled else []


def _own(runtime: Runtime) -> AbstractContextManager[None]:
    from coach.api import own  # FastAPI, 40 MB and half a second: for who has it switched on, in the jobs thread

    return own.beside(runtime)


@click.command()
@click.option("--token", "show_token", is_flag=True, help="Print the token that requests must show, and end.")
@click.option("--new-token", is_flag=True, help="Make a new token; the old one opens nothing from now on.")
@pass_shell
def serve(shell: Shell, show_token: bool, new_token: bool) -> None:
    """Serve Coach's own API on 127.0.0.1, without app and tracker, until Ctrl-C."""
    if show_token or new_token:
        _token(shell, new_token)
        return
    import signal
    import threading

    from coach.api import own
    from coach.engine.runtime import running

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with (
        running(shell.config, shell.home, shell.unlocked, holder="serve", track=False, jobs=False) as runtime,
        own.serving(runtime) as port,
    ):
        click.echo(f"serving on http://127.0.0.1:{port}, explained at /docs; Ctrl-C ends it", err=True)
        stop.wait()


def _token(shell: Shell, new: bool) -> None:
    from coach.engine import tokens

    with shell.store() as db:
        token = tokens.renewed(db) if new else tokens.token(db)
    shell.show({"token": token}, token)

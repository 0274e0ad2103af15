"""Servers on 127.0.0.1 for other programs of this machine."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING

import click

from coach.cli.common import Shell, pass_shell

if TYPE_CHECKING:
    from coach.config import Config
    from coach.engine.runtime import Beside, Runtime


def enabled(config: Config) -> list[Beside]:
    """What the app and `coach track` start next to their jobs."""
    return [*([_watchers] if config.api.enabled else []), *([_own] if config.api.own_enabled else [])]


def _watchers(runtime: Runtime) -> AbstractContextManager[None]:
    from coach.api import aside, serving  # the standard library's server: for who has it switched on

    return aside.aside("watchers", lambda: serving.serving(runtime))


def _own(runtime: Runtime) -> AbstractContextManager[None]:
    from coach.api import aside, own  # FastAPI, 25 MB and half a second: for who has it switched on, in the jobs thread

    return aside.aside("own API", lambda: own.serving(runtime))


@click.command()
@click.option("--token", "show_token", is_flag=True, help="Print the token that requests must show, and end.")
@click.option("--new-token", is_flag=True, help="Make a new token; the old one opens nothing from now on.")
@click.option("--only", type=click.Choice(["watchers", "own"]), help="ActivityWatch's API alone, or Coach's own alone.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port for ActivityWatch's API. Default: api.port, 5600.")
@pass_shell
def serve(shell: Shell, show_token: bool, new_token: bool, only: str | None, port: int | None) -> None:
    """Serve ActivityWatch's API and Coach's own on 127.0.0.1, without app and tracker, until Ctrl-C."""
    if show_token or new_token:
        _token(shell, new_token)
        return
    import signal
    import threading

    from coach.engine.runtime import running

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with (
        running(shell.config, shell.home, shell.unlocked, holder="serve", track=False, jobs=False) as runtime,
        ExitStack() as servers,
    ):
        if only != "own":
            from coach.api import serving

            click.echo(f"watchers: http://127.0.0.1:{servers.enter_context(serving.serving(runtime, port))}", err=True)
        if only != "watchers":
            from coach.api import own

            click.echo(f"Coach's own: http://127.0.0.1:{servers.enter_context(own.serving(runtime))}/docs", err=True)
        click.echo("Ctrl-C ends it", err=True)
        stop.wait()


def _token(shell: Shell, new: bool) -> None:
    from coach.engine import tokens

    with shell.store() as db:
        token = tokens.renewed(db) if new else tokens.token(db)
    shell.show({"token": token}, token)

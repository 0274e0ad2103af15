"""Channels to other devices from the shell: e-mail, ntfy, webhooks."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Literal

import click

from coach.cli.common import Shell, pass_shell, safe, table
from coach.core.channel import channel_json
from coach.core.errors import InvalidInput

if TYPE_CHECKING:
    from coach.engine.delivering import Standing


@click.group()
def channel() -> None:
    """Nudges and reminders to other devices, for those who ask: add, list, test, remove."""


@channel.command()
@click.argument("address", default="")
@click.option("--name", default="", help="What to call it; default the service's name.")
@click.option("--reminders", is_flag=True, help="Only reminders that you set, and the weekly digest; else every nudge.")
@click.option("--away", is_flag=True, help="Only what nothing on this machine could show.")
@click.option("--titles", is_flag=True, help='Send the titles of tasks too; else they read "your task" and stay here.')
@pass_shell
def add(shell: Shell, address: str, name: str, reminders: bool, away: bool, titles: bool) -> None:
    """Add a channel by its address: `mailtos://user:password@smtp.example.org?to=me@example.org`, `ntfys://topic` or
    `ntfys://user:password@ntfy.example.org/topic`, `jsons://example.org/hook`, or another address that Apprise knows.
    Without ADDRESS it is asked for, or read from COACH_CHANNEL: a password on the command line can be read by other programs.
    It is kept in the encrypted store and in no export."""
    from coach.engine import delivering

    given = address or os.environ.get("COACH_CHANNEL", "") or _asked()
    kinds: Literal["all", "reminders"] = "reminders" if reminders else "all"
    with shell.store() as db:
        added = delivering.add(
            db, given, shell.now, name=name, kinds=kinds, when="away" if away else "always", titles=titles,
        )
    name = safe(added.name)
    shell.show(channel_json(added), f"added {name}: {safe(added.shown)}; `coach channel test {name}` tries it")


@channel.command(name="list")
@pass_shell
def list_(shell: Shell) -> None:
    """The channels, and what went through them."""
    from coach.engine import delivering

    with shell.store() as db:
        found = delivering.every(db)
    header = ("name", "address", "takes", "sent", "waiting", "failed", "latency", "last trouble")
    shell.show([delivering.standing_json(s) for s in found], lambda: table([_row(s) for s in found], header) if found
               else "no channels; `coach channel add` sends nudges to another device")


@channel.command()
@click.argument("name")
@pass_shell
def test(shell: Shell, name: str) -> None:
    """Send a word through a channel now; exits with 1 and the service's complaint when it is not taken."""
    from coach.engine import delivering

    with shell.store() as db:
        took_ms = delivering.try_out(db, name)
    shell.show({"name": name, "latency_ms": round(took_ms)}, f"{safe(name)} took it, in {took_ms:.0f} ms")


@channel.command()
@click.argument("name")
@pass_shell
def remove(shell: Shell, name: str) -> None:
    """Forget a channel and its address."""
    from coach.engine import delivering

    with shell.store() as db:
        gone = delivering.remove(db, name)
    shell.show(channel_json(gone), f"removed {safe(gone.name)}")


def _asked() -> str:
    if not sys.stdin.isatty():
        raise InvalidInput("the address is missing", "name one, or give it in COACH_CHANNEL")
    import getpass

    return getpass.getpass("Address of the channel: ")


def _row(one: Standing) -> tuple[str, ...]:
    about = one.channel
    takes = "reminders" if about.kinds == "reminders" else "every nudge"
    where = ", when nothing here shows it" if about.when == "away" else ""
    latency = "" if one.latency_ms is None else f"{one.latency_ms:.0f} ms"
    words = takes + where + (", with titles" if about.titles else "")
    return (safe(about.name), safe(about.shown), words, str(one.sent), str(one.queued), str(one.failed), latency,
            safe(one.trouble))

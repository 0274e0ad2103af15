"""`coach track` as a service of the system, and the hook for shells."""

from __future__ import annotations

import os

import click

from coach.cli.common import Shell, pass_shell, safe


@click.group()
def service() -> None:
    """Track from login to logout without a terminal: install, remove, status; shell prints the hook for your shell."""


@service.command()
@click.option("--print", "only_print", is_flag=True, help="Show the unit or agent; write nothing.")
@click.option("--headless", is_flag=True, help="Start at login, not with the desktop: for tmux on a machine without one.")
@click.option("--yes", is_flag=True, help="Agree to being tracked without being asked.")
@pass_shell
def install(shell: Shell, only_print: bool, headless: bool, yes: bool) -> None:
    """Install and start a systemd user unit, or a launchd agent on macOS. An older one is replaced."""
    from coach.cli.track import agree
    from coach.engine import service as engine
    from coach.engine import tracking

    wanted = engine.plan(shell.home, shell.home_folder or "", shell.key_file, os.environ, headless=headless)
    if only_print:
        shell.show({"file": str(wanted.file), "text": wanted.text}, wanted.text.rstrip("\n"))
        return
    with shell.store() as db:
        if not tracking.consent(db):
            agree(shell, db, yes)
    note = engine.install(wanted)
    words = f"installed and started: {wanted.file}"
    shell.show({"file": str(wanted.file), "note": note}, f"{words}\n  {note}" if note else words)


@service.command()
@pass_shell
def remove(shell: Shell) -> None:
    """Stop the service and take it away; what was recorded stays."""
    from coach.engine import service as engine

    path = engine.remove(os.environ)
    shell.show({"file": str(path)}, f"removed: {path}")


@service.command()
@pass_shell
def status(shell: Shell) -> None:
    """Whether it is installed and runs, and the last lines of Coach's log. Exit status 1 where the system does not say."""
    from coach.engine import service as engine

    seen = engine.state(shell.home, shell.home_folder or "", shell.key_file, os.environ)
    words = {"no": "not installed; `coach service install`", "yes": f"installed: {seen.file}",
             "outdated": f"installed, but not as it would be now: {seen.file}; `coach service install` renews it"}[seen.installed]
    running = seen.problem or f"{seen.manager}: {seen.detail}"
    tracking = "a process is tracking" if seen.tracking else "nobody is tracking"
    lines = [words, f"  {running}", f"  {tracking}", *(f"  {safe(line)}" for line in seen.lines)]
    shell.show(seen.document(), "\n".join(lines))
    if seen.problem:
        raise SystemExit(1)


@service.command(name="shell")
@click.argument("kind", metavar="bash|zsh|fish", type=click.Choice(["bash", "zsh", "fish"]))
def shell_(kind: str) -> None:
    """Print the hook that tells Coach program, folder and duration of commands, never arguments."""
    from coach.engine import shellhook

    click.echo(shellhook.script(kind))

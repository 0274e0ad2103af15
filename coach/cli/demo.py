"""A simulated person: to look at Coach with something in it, and to test it."""

from __future__ import annotations

import click

from coach.cli.common import Shell, pass_shell


@click.command()
@click.option("--days", type=click.IntRange(1, 3660), default=120, help="Days of history.")
@click.option("--seed", type=int, default=7, help="Another number is another person.")
@click.option("--no-app", is_flag=True, help="Only fill the store at --home DIR; the key lies in a key file beside it.")
@pass_shell
def demo(shell: Shell, days: int, seed: int, no_app: bool) -> None:
    """The app on a simulated person, in a throw-away store; your own data is not touched."""
    from coach.engine import demo as engine

    if no_app:
        made = engine.create(shell.home_folder or "", days, seed, shell.now, shell.tz, shell.config)
        shell.show(made.document(), made.words())
        return
    from coach.cli.app import need_terminal

    need_terminal()
    from coach.engine.runtime import running
    from coach.tui.app import CoachApp

    fleeting = engine.throw_away(shell.home_folder or "", days, seed, shell.now, shell.tz, shell.config)
    with fleeting as (home, unlocked, config), running(config, home, unlocked, track=False) as runtime:
        raise SystemExit(CoachApp(runtime).run() or 0)


@click.command()
@click.option("--days", type=click.IntRange(1, 3660), default=30)
@click.option("--seed", type=int, default=7)
@click.option("--family", type=click.Choice(["A", "B", "placebo"]), default="A", help="Which kind of simulated person.")
@pass_shell
def simulate(shell: Shell, days: int, seed: int, family: str) -> None:
    """A synthetic person as JSON lines, with the ground truth beside it."""
    from coach.engine import demo as engine

    for line in engine.simulated_lines(days, seed, family, shell.now, shell.tz):
        click.echo(line)

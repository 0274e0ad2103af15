"""Settings, health and shell completion."""

from __future__ import annotations

import json

import click

from coach.cli.common import Shell, pass_shell
from coach.core.errors import InvalidInput


@click.group()
def config() -> None:
    """Settings in config.toml: get, set, edit, path."""


@config.command()
@click.argument("name", required=False)
@pass_shell
def get(shell: Shell, name: str | None) -> None:
    """A setting, a section, or all of them."""
    from coach.engine import settings

    value = settings.get(shell.config, name) if name else settings.as_plain(shell.config)

    def words() -> str:
        if not isinstance(value, dict):
            return str(value).lower() if isinstance(value, bool) else str(value)
        chosen = [n for n in settings.names(shell.config) if not name or n.startswith(f"{name}.")]
        return "\n".join(f"{n} = {json.dumps(settings.get(shell.config, n), ensure_ascii=False)}" for n in chosen)

    shell.show(value, words)


@config.command(name="set")
@click.argument("name")
@click.argument("value")
@pass_shell
def set_(shell: Shell, name: str, value: str) -> None:
    """Change one setting; the file keeps its comments, a wrong value is refused."""
    from coach.engine import settings

    if name.startswith(settings.KEYS):
        _check_key(shell, name.removeprefix(settings.KEYS), value)
    changed = settings.put_text(shell.home, name, value)
    if name == "time.day_start" and shell.home.store_file.exists():
        from coach.engine import categories

        with shell.store() as db:
            categories.catch_up(db, changed, starting=True)  # counts by day begin when days do
    new = settings.get(changed, name)
    if name.startswith(settings.KEYS):
        from coach.tui.actions import shadowed

        shell.note(shadowed(name.removeprefix(settings.KEYS), changed.keys))
    shell.show({name: new}, f"{name} = {json.dumps(new, ensure_ascii=False)}")


def _check_key(shell: Shell, action: str, keys: str) -> None:
    """Raises InvalidInput where there is no such action, or another one has the key already."""
    from coach.tui.actions import checked_keymap  # Textual: 0.1 s, so only here

    before = checked_keymap(shell.config.keys)[1]
    new = [problem for problem in checked_keymap({**shell.config.keys, action: keys})[1] if problem not in before]
    if new:
        raise InvalidInput(new[0].removeprefix("keys: "), "`?` in the app shows every action with its id and its keys")


@config.command()
@pass_shell
def edit(shell: Shell) -> None:
    """Open config.toml in $EDITOR; it is checked afterwards."""
    from coach.config import load

    path = shell.home.config_file
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        path.write_text("# Settings of Coach. `coach config get` lists them all with their present values.\n", encoding="utf-8")
    click.edit(filename=str(path))
    load(shell.home)
    shell.show({"file": str(path)}, f"{path} is fine")


@config.command()
@pass_shell
def path(shell: Shell) -> None:
    """Where config.toml is."""
    shell.show({"file": str(shell.home.config_file)}, str(shell.home.config_file))


@click.command()
@click.option("--deep", is_flag=True, help="Read every page, and count timeline and roll-ups against each other.")
@click.option("--repair", is_flag=True, help="Count the roll-ups anew from the timeline.")
@pass_shell
def doctor(shell: Shell, deep: bool, repair: bool) -> None:
    """What works here, what is missing, and what to do about it."""
    from coach.core.errors import CoachError
    from coach.engine import categories
    from coach.engine import doctor as engine

    try:
        settings = shell.config
        _ = shell.tz  # an unknown time zone is a broken setting too
    except CoachError as error:
        from coach.config import Config

        settings = Config()
        broken = engine.Check("config", False, error.message, error.hint, optional=False)
    else:
        broken = engine.Check("config", True, str(shell.home.config_file), optional=False)
    if repair:
        from coach.engine import keeping

        with shell.store() as db:
            keeping.repair(db, categories.day_start_min(settings))
    found = [broken]
    if not shell.as_json:
        _line(broken)
    for check in engine.examine(shell.home, settings, shell.opening_access(settings), shell.now, deep=deep):
        found.append(check)
        if not shell.as_json:
            _line(check)
    bad = [c for c in found if not c.ok and not c.optional]
    if shell.as_json:
        shell.show({"ok": not bad, "checks": [c.document() for c in found]})
    if bad:
        raise SystemExit(1)


@click.command()
@click.argument("shell_name", metavar="bash|zsh|fish", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell_name: str) -> None:
    """Print a completion script: eval "$(coach completion bash)"."""
    from click.shell_completion import get_completion_class

    from coach.cli.main import coach

    kind = get_completion_class(shell_name)
    if kind is None:
        raise InvalidInput(f"no completion for {shell_name}")
    click.echo(kind(coach, {}, "coach", "_COACH_COMPLETE").source())


def _line(check: object) -> None:
    from coach.engine.doctor import Check

    assert isinstance(check, Check)
    text, colour = ("ok  ", "green") if check.ok else ("miss", "yellow") if check.optional else ("BAD ", "red")
    mark = click.style(text, fg=colour)
    click.echo(f"{mark}  {check.part:<18}{check.detail}")
    if check.hint and not check.ok:
        click.echo(f"{'':24}{check.hint}")

"""The entry point: global options, commands found by name and imported only when they are run, errors in one place."""

from __future__ import annotations

import gc

gc.set_threshold(20_000, 20, 20)  # a shell command lives for 80 ms; collecting while it imports would cost 4 of them

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from coach.cli.common import Shell
from coach.core.errors import CoachError

COMMANDS = {
    "add": "tasks:add", "parse": "tasks:parse", "list": "tasks:list_", "show": "tasks:show", "edit": "tasks:edit",
    "start": "tasks:start", "stop": "tasks:stop", "done": "tasks:done", "snooze": "tasks:snooze", "delete": "tasks:delete",
    "annotate": "tasks:annotate", "undo": "tasks:undo", "redo": "tasks:redo", "purge": "tasks:purge", "next": "tasks:next_",
    "projects": "tasks:projects", "tags": "tasks:tags",
    "track": "track:track", "status": "track:status", "pause": "track:pause", "resume": "track:resume", "log": "track:log",
    "timeline": "track:timeline", "gaps": "track:gaps", "tag": "track:tag",
    "focus": "focus:focus", "rule": "rules:rule", "category": "rules:category",
    "report": "report:report", "heatmap": "report:heatmap", "score": "report:score", "insights": "report:insights",
    "plan": "plan:plan", "calendar": "calendar:calendar",
    "nudge": "nudge:nudge", "nudges": "nudge:nudges", "rate": "nudge:rate", "persona": "nudge:persona",
    "ask": "chat:ask", "lab": "lab:lab",
    "demo": "demo:demo", "simulate": "demo:simulate",
    "backup": "data:backup", "restore": "data:restore", "key": "data:key", "erase": "data:erase", "privacy": "data:privacy",
    "audit": "data:audit", "config": "setup:config", "doctor": "setup:doctor", "completion": "setup:completion",
}
"""Command name -> module under coach.cli and attribute in it. One module per noun."""

VALUED = ("--home", "--color", "--key-file")
FLAGS = ("--json",)


class LazyGroup(click.Group):
    """Imports a command's module when it is asked for, and suggests the nearest name for a wrong one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        where = COMMANDS.get(cmd_name)
        if where is None:
            return None
        module, attribute = where.split(":")
        command: click.Command = getattr(import_module(f"coach.cli.{module}"), attribute)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in COMMANDS:
            from difflib import get_close_matches

            close = get_close_matches(args[0], COMMANDS, n=1)
            hint = f"did you mean `coach {close[0]}`?" if close else "`coach --help` lists the commands"
            raise click.UsageError(f"there is no command {args[0]!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--home", metavar="DIR", help="Keep everything under DIR (also: COACH_HOME).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document; errors as JSON on stderr.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colour; NO_COLOR is honoured.")
@click.option("--key-file", metavar="FILE", help="The store's key file (also: COACH_KEY_FILE).")
@click.option("--safe", is_flag=True, help="Start the app without tracker, jobs, models and user theme.")
@click.option("--version", is_flag=True, help="Print the version.")
@click.pass_context
def coach(
    ctx: click.Context, home: str | None, as_json: bool, color: str, key_file: str | None, safe: bool, version: bool
) -> None:
    """Coach: tasks, time, a plan and a voice, in your terminal. Without a command the app starts."""
    shell = Shell(home, as_json, color, key_file or "")
    ctx.obj = shell
    ctx.color = {"always": True, "never": False, "auto": None}[color]
    if version:
        from importlib.metadata import version as installed

        click.echo(f"coach {installed('coach')}")
    elif ctx.invoked_subcommand is None:
        from coach.cli.app import run_app

        ctx.exit(run_app(shell, safe=safe))


def front(arguments: Sequence[str]) -> list[str]:
    """Global options moved to the front, so that they may stand before or after the command. `--` ends the search."""
    moved: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word in FLAGS or any(word.startswith(f"{name}=") for name in VALUED):
            moved.append(word)
        elif word in VALUED:
            moved += [word, *([value] if (value := next(words, None)) is not None else [])]
        else:
            rest.append(word)
    return moved + rest


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit: 0 ok, 1 failure, 2 usage, 3 not found, 4 busy, 5 store closed, 130 interrupted."""
    words = front(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in words
    try:
        status = coach.main(words, prog_name="coach", standalone_mode=False)
    except CoachError as error:
        _complain(as_json, error.code, error.message, error.hint)
        sys.exit(error.exit_code)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        hint = error.ctx.get_usage() if isinstance(error, click.UsageError) and error.ctx else ""
        _complain(as_json, "usage" if error.exit_code == 2 else "failure", error.format_message(), hint)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        import os

        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads any more: end without a word
        sys.exit(0)
    sys.exit(status if isinstance(status, int) else 0)


def _complain(as_json: bool, code: str, message: str, hint: str) -> None:
    if as_json:
        import json

        click.echo(json.dumps({"error": {"code": code, "message": message, "hint": hint}}, ensure_ascii=False), err=True)
        return
    click.echo(f"coach: {message}", err=True)
    if hint:
        click.echo(f"  {hint}", err=True)

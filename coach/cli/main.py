"""The entry point: global options, commands found by name and imported only when they are run, errors in one place."""

from __future__ import annotations

import gc

gc.set_threshold(50_000, 20, 20)  # a shell command lives for 70 ms; collecting while it imports would cost 4 of them

import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from coach.cli.common import Shell, wants_color
from coach.core.errors import CoachError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = {
    "add": "tasks:add", "parse": "tasks:parse", "list": "listing:list_", "show": "tasks:show", "edit": "tasks:edit",
    "start": "tasks:start", "stop": "tasks:stop", "done": "tasks:done", "snooze": "tasks:snooze", "delete": "tasks:delete",
    "annotate": "tasks:annotate", "undo": "tasks:undo", "redo": "tasks:redo", "purge": "tasks:purge", "next": "listing:next_",
    "projects": "listing:projects", "tags": "listing:tags", "remind": "tasks:remind", "template": "templates:template",
    "filter": "filters:filter_",
    "track": "track:track", "status": "track:status", "pause": "track:pause", "resume": "track:resume", "log": "track:log",
    "timeline": "track:timeline", "gaps": "by_hand:gaps", "tag": "by_hand:tag",
    "focus": "focus:focus", "rule": "rules:rule", "category": "rules:category", "goal": "goals:goal",
    "attribute": "attribution:attribute",
    "report": "report:report", "heatmap": "report:heatmap", "score": "report:score", "insights": "report:insights",
    "categorize": "categorize:categorize", "estimate": "estimate:estimate", "predict": "predict:predict",
    "plan": "plan:plan", "calendar": "calendar:calendar", "channel": "channel:channel",
    "nudge": "nudge:nudge", "nudges": "nudge:nudges", "rate": "nudge:rate", "persona": "persona:persona",
    "ask": "chat:ask", "lab": "lab:lab", "whatif": "whatif:whatif", "models": "models:models",
    "demo": "demo:demo", "simulate": "demo:simulate",
    "backup": "data:backup", "restore": "data:restore", "key": "data:key", "erase": "data:erase", "privacy": "data:privacy",
    "audit": "data:audit", "import": "interchange:import_", "export": "interchange:export",
    "serve": "serve:serve", "service": "service:service",
    "config": "setup:config", "doctor": "setup:doctor", "completion": "setup:completion",
    "help": "help:help_",
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

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        # Names only: a line of help for each would load every module.
        from click.shell_completion import CompletionItem

        names = [CompletionItem(name) for name in self.list_commands(ctx) if name.startswith(incomplete)]
        return names + click.Command.shell_complete(self, ctx, incomplete)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in COMMANDS:
            from difflib import get_close_matches

            close = get_close_matches(args[0], COMMANDS, n=1, cutoff=0.65)
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
    shell = ctx.ensure_object(Shell)
    shell.home_folder, shell.as_json, shell.color, shell.key_file = home, as_json, color, key_file or ""
    ctx.color = wants_color(color, os.environ)
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
    shell = Shell(as_json="--json" in words)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no emoji gets a question mark
    try:
        status = coach.main(words, prog_name="coach", standalone_mode=False, obj=shell)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  the last place: whatever it is, one line and a status
        status = _failed(error, shell)
    # All that is left goes with the process; looking for garbage in it would take 8 ms.
    gc.freeze()
    sys.exit(status if isinstance(status, int) else 0)


def _failed(error: BaseException, shell: Shell) -> int:
    """Says what happened; returns the exit status."""
    if isinstance(error, (KeyboardInterrupt, click.exceptions.Abort)):
        return 130
    if isinstance(error, click.exceptions.NoArgsIsHelpError) and not shell.as_json:
        click.echo(error.format_message(), err=True)  # a noun alone: its help, which is no complaint
        return error.exit_code
    if isinstance(error, click.ClickException):
        hint = error.ctx.get_usage() if isinstance(error, click.UsageError) and error.ctx else ""
        _complain(shell.as_json, "usage" if error.exit_code == 2 else "failure", error.format_message(), hint)
        return error.exit_code
    if isinstance(error, OSError) and error.filename is None:
        # Most likely the output; what is still to be written goes nowhere, so that the interpreter can end in peace.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    known = error if isinstance(error, CoachError) else _known(error, shell)
    _complain(shell.as_json, known.code, known.message, known.hint)
    return known.exit_code


def _known(error: BaseException, shell: Shell) -> CoachError:
    """An exception that nobody foresaw, in words that quote nothing of what a person typed."""
    if os.environ.get("COACH_DEBUG"):
        import traceback

        traceback.print_exception(error)
    if isinstance(error, OSError):
        return CoachError(": ".join(str(w) for w in (error.strerror or type(error).__name__, error.filename) if w))
    from coach.engine import logs, opening

    return opening.explained(error, shell.home) or CoachError(
        f"internal error: {logs.place(error)}", "this is a defect in Coach; COACH_DEBUG=1 prints all of it, your words included"
    )


def _complain(as_json: bool, code: str, message: str, hint: str) -> None:
    if as_json:
        import json

        click.echo(json.dumps({"error": {"code": code, "message": message, "hint": hint}}, ensure_ascii=False), err=True)
        return
    click.echo(f"coach: {message}", err=True)
    if hint:
        click.echo(f"  {hint}", err=True)

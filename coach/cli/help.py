"""`coach help TOPIC`: a command's long help, what is written where, and how things are done."""

from __future__ import annotations

from collections.abc import Sequence

import click

from coach.cli.common import Shell, pass_shell
from coach.core import marks
from coach.core.errors import NotFound

TABLES = {
    "quick-add": ("What a task's words may say", marks.QUICK_ADD),
    "filters": ("What a filter may say", marks.FILTERS),
    "exit": ("Exit status", marks.EXIT_STATUS),
}
"""Topics that are tables: heading, and rows of words and meaning."""
SAME = {"quickadd": "quick-add", "add": "quick-add", "filter": "filters", "list": "filters"}
"""Other names of those tables."""


@click.command(name="help")
@click.argument("topic", nargs=-1)
@click.pass_context
@pass_shell
def help_(shell: Shell, ctx: click.Context, topic: tuple[str, ...]) -> None:
    """Long help: coach help plan why, coach help filters, coach help "put a task off". Without a TOPIC all commands."""
    root = ctx.find_root()
    if not topic:
        more = f"`coach help TOPIC` says more of a command, of {', '.join(TABLES)}, or of what you want to do."
        found = [root.get_help(), click.wrap_text(more)]
    else:
        found = [part for part in (_command(root, topic), _table(topic), _way(topic)) if part] or [_guessed(topic)]
    if not found[0]:
        raise NotFound(f"there is no help on {' '.join(topic)!r}", _nearest(topic[0], root))
    text = "\n\n".join(found)
    shell.show({"topic": " ".join(topic), "text": text}, text)


def _command(root: click.Context, words: Sequence[str]) -> str:
    """The help of a command, or of the part of it that the words name; empty where they name none."""
    at, context = root.command, root
    for word in words:
        inner = at.get_command(context, word) if isinstance(at, click.Group) else None
        if inner is None:
            return ""
        at, context = inner, click.Context(inner, parent=context, info_name=word)
    return context.get_help()


def _table(words: Sequence[str]) -> str:
    name = "-".join(words).lower()
    if (name := SAME.get(name, name)) not in TABLES:
        return ""
    heading, rows = TABLES[name]
    width = max(len(left) for left, _ in rows)
    return "\n".join([heading, *(f"  {left:<{width}}  {right}" for left, right in rows)])


def _way(words: Sequence[str]) -> str:
    """How what the words name is done, in the app and from the shell."""
    from coach.engine.queries import howto

    named = {"-".join(words).lower(), "-".join(words).lower().removesuffix("s")}
    return next((click.wrap_text(text) for name, _, text in howto.topics() if name in named), "")


def _guessed(words: Sequence[str]) -> str:
    """The same for words that describe it."""
    from coach.engine.queries import howto

    found = howto.found(" ".join(words))
    return click.wrap_text(found[1]) if found else ""


def _nearest(word: str, root: click.Context) -> str:
    from difflib import get_close_matches

    from coach.engine.queries import howto

    known = {*TABLES, *SAME, *(name for name, _, _ in howto.topics())}
    known |= set(root.command.list_commands(root)) if isinstance(root.command, click.Group) else set()
    close = get_close_matches(word.lower(), sorted(known), n=1, cutoff=0.65)
    return f"did you mean `coach help {close[0]}`?" if close else "`coach help` lists the commands"

"""What the shell offers after TAB: numbers of tasks, projects, labels, saved filters. Never asks, never makes a store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from coach.cli.common import Shell, safe
from coach.core.errors import CoachError

if TYPE_CHECKING:
    from coach.engine.opening import Connection

MOST = 200
"""So many tasks are offered, the most urgent ones."""

ATTRIBUTES = ("project:", "priority:", "due:", "due.before:", "due.after:", "status:", "scheduled:", "wait:", "until:", "parent:")
QUICK = ("project:", "due:", "wait:", "scheduled:", "until:", "recur:", "depends:", "parent:", "every ", "priority:")
STATUSES = ("pending", "waiting", "completed", "deleted")


def ids(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Numbers of open tasks with their titles."""
    with _store(ctx) as opened:
        return _numbers(*opened, incomplete) if opened else []


def filter_words(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Words of a filter, and numbers of tasks."""
    return _words(ctx, param, incomplete, ATTRIBUTES, numbers=True)


def text_words(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Projects and labels inside a quick-add text."""
    return _words(ctx, param, incomplete, QUICK, numbers=False)


def filters(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of saved filters."""
    from coach.engine import filters as engine

    with _store(ctx) as opened:
        return [CompletionItem(n) for n, _ in engine.saved(opened[0]) if n.startswith(incomplete)] if opened else []


def templates(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of templates."""
    from coach.engine import templates as engine

    with _store(ctx) as opened:
        return [CompletionItem(n) for n, _, _ in engine.saved(opened[0]) if n.startswith(incomplete)] if opened else []


def _words(
    ctx: click.Context, param: click.Parameter, incomplete: str, attributes: tuple[str, ...], *, numbers: bool
) -> list[CompletionItem]:
    before = ctx.params.get(param.name or "") or ()
    head = _head(tuple(str(word) for word in before), incomplete)
    typed = head + incomplete
    with _store(ctx) as opened:
        if numbers and (typed[:1].isdecimal() or (not typed and param.required)):
            return _numbers(*opened, typed) if opened else []
        found = list(_candidates(opened[0], typed, attributes, numbers)) if opened else list(attributes)
    return [CompletionItem(word[len(head) :]) for word in found if word.startswith(typed)]


def _candidates(db: Connection, typed: str, attributes: tuple[str, ...], is_filter: bool) -> Iterator[str]:
    from coach.engine import filters as engine
    from coach.engine import task_names

    name, colon, _ = typed.partition(":")
    if typed[:1] in ("+", "-", "@"):
        yield from (typed[0] + tag for tag in task_names.tag_names(db))
        if typed[0] == "@" and is_filter:
            yield from (f"@{saved}" for saved, _ in engine.saved(db))
    elif typed.startswith("#") or (colon and "project".startswith(name.partition(".")[0]) and len(name) > 2):
        yield from ((typed[0] if typed[0] == "#" else f"{name}:") + project for project in task_names.project_names(db))
    elif colon and name == "status":
        yield from (f"status:{status}" for status in STATUSES)
    else:
        yield from attributes


def _numbers(db: Connection, shell: Shell, incomplete: str) -> list[CompletionItem]:
    from coach.engine import tasks

    listed, comma, last = incomplete.rpartition(",")  # 3,5 names several tasks
    page = tasks.page(db, (), shell.config, shell.now, shell.tz, MOST)
    taken = set(listed.split(","))
    return [
        CompletionItem(f"{listed}{comma}{t.num}", help=" ".join(safe(t.title).split())) for t, _ in page.rows
        if str(t.num).startswith(last) and str(t.num) not in taken
    ]


def _head(before: tuple[str, ...], incomplete: str) -> str:
    """What bash has cut off the word being typed: it splits at : and @."""
    if before and before[-1] == "@":
        return "@"
    if len(before) > 1 and before[-1] == ":":
        return before[-2] + ":"
    return before[-1] if before and incomplete == ":" else ""


@contextmanager
def _store(ctx: click.Context) -> Iterator[tuple[Connection, Shell] | None]:
    """The store, if it can be opened without a question."""
    from coach.engine import opening

    given = ctx.find_root().params
    shell = Shell(given.get("home"), key_file=given.get("key_file") or "")
    try:
        db = opening.connect(opening.unlock(shell.home, opening.access(shell.config, shell.key_file), shell.now, create=False))
    except CoachError:
        yield None
        return
    try:
        yield db, shell
    finally:
        db.close()

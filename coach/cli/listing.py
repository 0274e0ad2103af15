"""Lists of tasks: by urgency and filter, the next one, projects, labels."""

from __future__ import annotations

import sys
from typing import Any

import click

from coach.cli.common import Shell, pass_shell, room_columns, safe, table
from coach.cli.tasks import describe, moment_words
from coach.cli.words import FilterCommand, complete
from coach.core.task import Task, task_json
from coach.core.when import end_of

PAGE = 25
"""Rows on a terminal where nobody says how many."""


@click.command(name="list", cls=FilterCommand)
@click.argument("filter", nargs=-1, shell_complete=complete("filter_words"))
@click.option("--sort", type=click.Choice(["urgency", "due", "created", "num", "priority"]), default="urgency")
@click.option("--limit", type=click.IntRange(min=0), help=f"At most that many, 0 for all; {PAGE} on a terminal.")
@pass_shell
def list_(shell: Shell, filter: tuple[str, ...], sort: str, limit: int | None) -> None:
    """List tasks; filters as in Taskwarrior: project:home +phone due.before:fri /text/, and saved ones: @NAME."""
    from coach.engine import filters, task_names, tasks

    if limit is None:
        limit = PAGE if sys.stdout.isatty() and not shell.as_json else 0
    with shell.store() as db:
        tasks.expire(db, shell.now)
        if limit and sort == "urgency":
            page = tasks.page(db, filter, shell.config, shell.now, shell.tz, limit)
            found, total = page.rows, page.total
        else:
            found = sorted_by(tasks.select(db, filter, shell.config, shell.now, shell.tz), sort)
            total = len(found)
            found = found[: limit or total]
        waiting = 0 if found or filter or shell.as_json else task_names.count_open(db)  # all wait, else one were here
        meant = filters.nearest(db, filter) if filter and not found and not shell.as_json else ""
    shell.show([task_json(t, shell.now, round(u, 4)) for t, u in found], lambda: tasks_table(found, shell))
    shell.note(_more(len(found), total) if found else _none(filter, waiting, meant))


def _more(shown: int, total: int | None) -> str:
    if total is None:
        return f"{shown} of very many; --limit 0 shows all"
    return f"{shown} of {total:,}; --limit 0 shows all" if shown < total else ""


def _none(filter: tuple[str, ...], waiting: int, meant: str) -> str:
    """Why a list is empty, and what to do about it."""
    if meant:
        return f"nothing fits {safe(' '.join(filter))}; did you mean {safe(meant)}?"
    if filter:
        return f"nothing fits {safe(' '.join(filter))}; `coach list` shows all open tasks"
    if waiting:
        count = "one task waits" if waiting == 1 else f"{waiting:,} tasks wait"
        return f"nothing to do now; {count} for a later day: coach list status:waiting"
    return 'no tasks yet; add one: coach add "Call mum tomorrow 18:00 #home"'


@click.command(name="next")
@click.option("--why", is_flag=True, help="Say what puts it first.")
@pass_shell
def next_(shell: Shell, why: bool) -> None:
    """The task to do next among those that are ready: by urgency at first, then by what you choose."""
    from coach.engine import prioritising, tasks

    with shell.store() as db:
        tasks.expire(db, shell.now)
        order = prioritising.chosen_next(db, shell.config, shell.now, shell.tz)
        if order.ranked:
            prioritising.note_first(db, order.ranked[0].task.id, shell.now)
    if not order.ranked:
        shell.show(None)
        shell.note("nothing is waiting for you; `coach add` takes the next thing")
        return
    first = order.ranked[0]
    document = {**task_json(first.task, shell.now, round(first.urgency, 4)), "next": order.document(first)}
    lines = [f"{first.task.num}  {describe(first.task, shell)}"]
    if why:
        among = f"{len(order.ranked)}" if len(order.ranked) < prioritising.MANY else f"the {prioritising.MANY} most urgent"
        beside = f"over the mean of {among} tasks"
        lines.append(f"  {first.words()} ({beside})" if first.why else "  the most urgent of all")
        lines.append(f"  {order.reason}")
    shell.show(document, "\n".join(lines))


@click.command()
@pass_shell
def projects(shell: Shell) -> None:
    """Projects with their open tasks."""
    from coach.engine import task_names

    with shell.store() as db:
        found = task_names.projects(db)
    shell.show([{"project": n, "open": c} for n, c in found], _counted(found, "project"))
    shell.note("" if found else 'no open task has a project; give it one: coach add "Paint the shed #home"')


@click.command()
@pass_shell
def tags(shell: Shell) -> None:
    """Labels with their open tasks."""
    from coach.engine import task_names

    with shell.store() as db:
        found = task_names.tags(db)
    shell.show([{"tag": n, "open": c} for n, c in found], _counted(found, "label"))
    shell.note("" if found else 'no open task has a label; give it one: coach add "Call mum @phone"')


def _counted(found: list[tuple[str, int]], noun: str) -> str:
    return table([(str(count), name) for name, count in found], ("open", noun)) if found else ""


def sorted_by(found: list[tuple[Task, float]], sort: str) -> list[tuple[Task, float]]:
    """`found` (by urgency) in another order; tasks without that field come last."""
    far = "9999"
    keys = {
        "due": lambda p: p[0].due.isoformat() if p[0].due else far,
        "created": lambda p: p[0].created,
        "num": lambda p: p[0].num,
        "priority": lambda p: p[0].priority or 9,
    }
    return sorted(found, key=keys[sort]) if sort in keys else found


def tasks_table(found: list[tuple[Task, float]], shell: Shell) -> str:
    """The rows, subtasks below their parents where both are there; columns that are empty throughout are left out."""
    if not found:
        return ""
    room = room_columns()
    ordered = nested(found)
    rows = [
        (
            str(t.num), f"{u:.1f}", f"p{t.priority}" if t.priority else "", _due(t, shell, brief=room < NARROW),
            t.project or "", "  " * depth + ("» " if t.started else "") + t.title + "".join(f" @{tag}" for tag in t.tags),
        )
        for depth, (t, u) in ordered
    ]
    header = ("id", "urg", "pri", "due", "project", "task")
    shown = [i for i, name in enumerate(header) if room >= _LEAST.get(name, 0)]
    used = [i for i in shown if any(row[i] for row in rows)]

    def paint(y: int, x: int) -> dict[str, Any] | None:
        return _look(ordered[y][1][0], header[used[x]], shell)

    return table([[row[i] for i in used] for row in rows], [header[i] for i in used], paint)


NARROW = 72
"""Columns of a terminal below which a due is said in short words."""
_LEAST = {"urg": 56, "project": 64, "pri": 40, "due": 34}
"""Columns of a terminal from which a column is shown; number and title always are."""


def _look(task: Task, column: str, shell: Shell) -> dict[str, Any] | None:
    if column == "due":
        late = task.status == "pending" and task.due is not None and end_of(task.due, shell.tz) <= shell.now
        return {"fg": "red"} if late else None
    if column == "pri":
        return {"fg": "yellow", "bold": True} if task.priority == 1 else None
    if column == "task":
        return {"fg": "green", "bold": True} if task.started else None if task.status == "pending" else {"dim": True}
    return {"dim": True}


def _due(task: Task, shell: Shell, *, brief: bool) -> str:
    if task.due is None:
        return ""
    if not brief:
        return moment_words(task.due, shell)
    from coach.engine.task_view import due_words

    return due_words(task.due, shell.now, shell.tz)


def nested(found: list[tuple[Task, float]]) -> list[tuple[int, tuple[Task, float]]]:
    """(depth, pair) in the given order, except that a subtask follows its parent."""
    if not any(t.parent for t, _ in found):
        return [(0, pair) for pair in found]
    here = {t.id for t, _ in found}
    below: dict[str, list[tuple[Task, float]]] = {}
    for pair in found:
        if pair[0].parent in here:
            below.setdefault(str(pair[0].parent), []).append(pair)
    ordered: list[tuple[int, tuple[Task, float]]] = []
    stack = [(0, pair) for pair in reversed(found) if pair[0].parent not in here]
    while stack:
        depth, pair = stack.pop()
        ordered.append((depth, pair))
        stack += [(depth + 1, child) for child in reversed(below.get(pair[0].id, []))]
    return ordered

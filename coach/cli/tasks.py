"""Tasks from the shell. The task verbs stay light: no model, no rich, no sqlite-utils."""

from __future__ import annotations

import json
from typing import Any

import click

from coach.cli.common import Shell, pass_shell, safe, table
from coach.core.errors import InvalidInput
from coach.core.task import Task, draft_json, task_json
from coach.core.when import Moment, parse_iso, zone

TEXT = click.argument("text", nargs=-1, required=True)
REFS = click.argument("ids", nargs=-1, required=True, metavar="ID…")


@click.command()
@TEXT
@pass_shell
def add(shell: Shell, text: tuple[str, ...]) -> None:
    """Add a task in plain words: coach add "Call mum tomorrow 18:00 #home p2 ~15m"."""
    from coach.engine import tasks

    with shell.store() as db:
        task = tasks.add(db, " ".join(text), shell.config, shell.now, shell.tz)
    shell.show(task_json(task, shell.now), lambda: f"added {task.num}  {describe(task, shell)}")


@click.command()
@click.argument("text", nargs=-1)
@click.option("--now", "now_text", metavar="ISO", help="Read the text as of this time.")
@click.option("--tz", "tz_name", metavar="NAME", help="Read the text in this time zone.")
@click.option("--jsonl", type=click.File("r", encoding="utf-8"), help='Read {"text", "ref_time"} lines from a file or -.')
@pass_shell
def parse(shell: Shell, text: tuple[str, ...], now_text: str | None, tz_name: str | None, jsonl: Any) -> None:
    """Show how a text would be read, without adding it."""
    from coach.engine import tasks

    tz = zone(tz_name) if tz_name else shell.tz
    now = parse_iso(now_text, tz) if now_text else shell.now
    if jsonl is not None:
        for number, line in enumerate(jsonl, start=1):
            case = _case(line, number)
            at = parse_iso(case["ref_time"], tz) if case.get("ref_time") else now
            draft = tasks.parse(case["text"], shell.config, at, tz)
            click.echo(json.dumps(draft_json(draft), ensure_ascii=False))
        return
    if not text:
        raise InvalidInput("there is no text to read", 'for example: coach parse "Gym every mon 7am"')
    typed = " ".join(text)
    draft = tasks.parse(typed, shell.config, now, tz)
    document = draft_json(draft)

    def words() -> str:
        lines = [f"{safe(draft.title)}"]
        lines += [f"  {span.kind:<11}{safe(typed[span.start : span.end])}" for span in draft.spans]
        shown = {k: v for k, v in document.items() if v not in (None, [], "", False) and k not in ("title", "spans")}
        lines += [f"  = {k} {json.dumps(v, ensure_ascii=False)}" for k, v in shown.items()]
        return "\n".join(lines)

    shell.show(document, words)


@click.command(name="list")
@click.argument("filter", nargs=-1)
@click.option("--sort", type=click.Choice(["urgency", "due", "created", "num", "priority"]), default="urgency")
@click.option("--limit", type=click.IntRange(min=1), help="At most that many.")
@pass_shell
def list_(shell: Shell, filter: tuple[str, ...], sort: str, limit: int | None) -> None:
    """List tasks; filters as in Taskwarrior: project:home +phone due.before:fri /text/."""
    from coach.engine import tasks

    with shell.store() as db:
        found = tasks.select(db, filter, shell.config, shell.now, shell.tz)
    found = sorted_by(found, sort)[: limit or len(found)]
    shell.show([task_json(t, shell.now, round(u, 4)) for t, u in found], lambda: tasks_table(found, shell))


@click.command()
@click.argument("id")
@pass_shell
def show(shell: Shell, id: str) -> None:
    """Show one task with its history."""
    from coach.core.urgency import terms
    from coach.engine import tasks

    with shell.store() as db:
        task = tasks.find(db, id)
        past = tasks.history(db, task)
    parts = terms(task, shell.now, shell.config.urgency, blocked=False, blocking=False)
    total = round(sum(v for _, v in parts), 2)
    document = {**task_json(task, shell.now, total), "history": past}

    def words() -> str:
        lines = [f"{task.num}  {safe(task.title)}", f"  {describe(task, shell)}"]
        lines += [f"  {safe(line)}" for line in task.notes.splitlines()]
        lines += [f"  {a.at.astimezone(shell.tz):%Y-%m-%d %H:%M}  {safe(a.text)}" for a in task.annotations]
        lines.append(f"  urgency {total} = " + " + ".join(f"{name} {value:.2f}" for name, value in parts if value))
        lines += [f"  {_local(p['at'], shell):<17}{p['label']} ({p['actor']})" for p in past]
        return "\n".join(lines)

    shell.show(document, words)


@click.command()
@click.argument("id")
@TEXT
@pass_shell
def edit(shell: Shell, id: str, text: tuple[str, ...]) -> None:
    """Change a task in quick-add's words; `due:` with nothing behind it clears the field."""
    from coach.engine import tasks

    with shell.store() as db:
        task = tasks.edit_text(db, tasks.find(db, id), " ".join(text), shell.config, shell.now, shell.tz)
    shell.show(task_json(task, shell.now), lambda: f"changed {task.num}  {describe(task, shell)}")


@click.command()
@REFS
@pass_shell
def done(shell: Shell, ids: tuple[str, ...]) -> None:
    """Complete tasks; a recurring one moves to its next date."""
    from coach.engine import tasks

    with shell.store() as db:
        chosen = tasks.find_all(db, ids)
        finished = tasks.done(db, chosen, shell.now)
        after = [tasks.find(db, t.id) for t in chosen]
    lines = [
        f"done {f.num}  {safe(f.title)}" + (f"  (next {moment_words(a.due, shell)})" if a.status == "pending" else "")
        for f, a in zip(finished, after, strict=True)
    ]
    shell.show([task_json(t, shell.now) for t in finished], "\n".join(lines))


@click.command()
@click.argument("id")
@click.argument("when", nargs=-1, required=True)
@pass_shell
def snooze(shell: Shell, id: str, when: tuple[str, ...]) -> None:
    """Hide a task for a while: coach snooze 3 tomorrow 9am."""
    from coach.engine import tasks

    with shell.store() as db:
        until = tasks.snooze_moment(" ".join(when), shell.config, shell.now, shell.tz)
        (task,) = tasks.snooze(db, tasks.find_all(db, [id])[:1], until, shell.now)
    shell.show(
        task_json(task, shell.now),
        lambda: f"snoozed {task.num} until {moment_words(until, shell)}  {safe(task.title)}  ({task.snooze_count}x)",
    )


@click.command()
@REFS
@pass_shell
def delete(shell: Shell, ids: tuple[str, ...]) -> None:
    """Delete tasks; `coach undo` brings them back, `coach purge` removes them for good."""
    from coach.engine import tasks

    with shell.store() as db:
        gone = tasks.delete(db, tasks.find_all(db, ids), shell.now)
    lines = [f"deleted {t.num}  {safe(t.title)}" for t in gone]
    shell.show([task_json(t, shell.now) for t in gone], "\n".join(lines))


@click.command()
@click.argument("id")
@pass_shell
def start(shell: Shell, id: str) -> None:
    """Start working on a task."""
    from coach.engine import tasks

    with shell.store() as db:
        task = tasks.start(db, tasks.find(db, id), shell.now)
    shell.show(task_json(task, shell.now), lambda: f"started {task.num}  {safe(task.title)}")


@click.command()
@click.argument("id")
@pass_shell
def stop(shell: Shell, id: str) -> None:
    """Stop working on a task; the minutes count as its actual time."""
    from coach.engine import tasks

    with shell.store() as db:
        task = tasks.stop(db, tasks.find(db, id), shell.now)
    shell.show(task_json(task, shell.now), lambda: f"stopped {task.num}  {safe(task.title)}  ({task.actual_min} min in all)")


@click.command()
@click.argument("id")
@TEXT
@pass_shell
def annotate(shell: Shell, id: str, text: tuple[str, ...]) -> None:
    """Add a dated note to a task."""
    from coach.engine import tasks

    with shell.store() as db:
        task = tasks.annotate(db, tasks.find(db, id), " ".join(text), shell.now)
    shell.show(task_json(task, shell.now), lambda: f"annotated {task.num}  {safe(task.title)}")


@click.command()
@click.argument("steps", type=click.IntRange(min=1), default=1)
@pass_shell
def undo(shell: Shell, steps: int) -> None:
    """Take back the last change, or the last STEPS changes."""
    _unwind(shell, "undo", steps)


@click.command()
@click.argument("steps", type=click.IntRange(min=1), default=1)
@pass_shell
def redo(shell: Shell, steps: int) -> None:
    """Take back the last undo."""
    _unwind(shell, "redo", steps)


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_shell
def purge(shell: Shell, yes: bool) -> None:
    """Remove deleted tasks for good. This cannot be undone."""
    from coach.engine import tasks

    if not yes:
        click.confirm("Remove all deleted tasks and their history for good?", abort=True, err=True)
    with shell.store() as db:
        count = tasks.purge(db, shell.now)
    shell.show({"purged": count}, f"removed {count} deleted tasks for good")


@click.command(name="next")
@pass_shell
def next_(shell: Shell) -> None:
    """The most urgent task that is ready."""
    from coach.engine import tasks

    with shell.store() as db:
        ready = tasks.ready(db, shell.config, shell.now)
    if not ready:
        shell.show(None, "nothing is waiting for you; `coach add` takes the next thing")
        return
    task, urgency = ready[0]
    shell.show(task_json(task, shell.now, round(urgency, 4)), lambda: f"{task.num}  {describe(task, shell)}")


@click.command()
@pass_shell
def projects(shell: Shell) -> None:
    """Projects with their open tasks."""
    from coach.engine import tasks

    with shell.store() as db:
        found = tasks.projects(db)
    shell.show([{"project": n, "open": c} for n, c in found], lambda: table([(str(c), n) for n, c in found], ("open", "project")))


@click.command()
@pass_shell
def tags(shell: Shell) -> None:
    """Labels with their open tasks."""
    from coach.engine import tasks

    with shell.store() as db:
        found = tasks.tags(db)
    shell.show([{"tag": n, "open": c} for n, c in found], lambda: table([(str(c), n) for n, c in found], ("open", "label")))


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
    if not found:
        return 'no tasks here; add one: coach add "Call mum tomorrow 18:00 #home"'
    rows = [
        (
            str(t.num), f"{u:.1f}", f"p{t.priority}" if t.priority else "", moment_words(t.due, shell) if t.due else "",
            t.project or "", ("» " if t.started else "") + t.title + "".join(f" @{tag}" for tag in t.tags),
        )
        for t, u in found
    ]
    return table(rows, ("id", "urg", "pri", "due", "project", "task"))


def describe(task: Task, shell: Shell) -> str:
    """One line about a task: what was understood."""
    from coach.engine.task_text import understood

    return " · ".join(safe(words) for words in (task.title, *(said for _, said in understood(task, shell.now, shell.tz))))


def moment_words(moment: Moment | None, shell: Shell) -> str:
    """`Sat 22 Nov 18:00`, with the year when it is another one; empty without a moment."""
    from coach.engine.task_view import full_words

    return full_words(moment, shell.tz, shell.now) if moment is not None else ""


def _unwind(shell: Shell, verb: str, steps: int) -> None:
    from coach.engine import tasks

    with shell.store() as db:
        taken = (tasks.undo if verb == "undo" else tasks.redo)(db, shell.now, steps)
    document = [{"label": u.label, "records": [list(r) for r in u.records], "refused": list(u.refused)} for u in taken]
    words = [
        ("undone" if verb == "undo" else "redone") + f": {u.label}"
        + (f"; left alone because changed since: {', '.join(u.refused)}" if u.refused else "")
        for u in taken
    ]
    shell.show(document, "\n".join(words))


def _case(line: str, number: int) -> dict[str, Any]:
    try:
        case = json.loads(line)
    except json.JSONDecodeError as error:
        raise InvalidInput(f"line {number} is not JSON: {error.msg}", 'one {"text": …, "ref_time": …} a line') from error
    if not isinstance(case, dict) or not isinstance(case.get("text"), str):
        raise InvalidInput(f'line {number} has no "text"', 'one {"text": …, "ref_time": …} a line')
    return case


def _local(iso_text: object, shell: Shell) -> str:
    return f"{parse_iso(str(iso_text)).astimezone(shell.tz):%Y-%m-%d %H:%M}"

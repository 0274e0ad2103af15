"""Tasks from the shell. The task verbs stay light: no model, no rich, no sqlite-utils."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from coach.cli.common import Shell, pass_shell, safe
from coach.cli.words import REST, FilterCommand, complete
from coach.core.errors import InvalidInput, NotFound
from coach.core.task import Task, draft_json, task_json
from coach.core.when import Moment, parse_iso, zone

if TYPE_CHECKING:
    from coach.engine.opening import Connection

TEXT = click.argument("text", nargs=-1, required=True, shell_complete=complete("text_words"))
ID = click.argument("id", shell_complete=complete("ids"))
WORDS = click.argument("words", nargs=-1, required=True, metavar="ID… | FILTER…", shell_complete=complete("filter_words"))


@click.command()
@TEXT
@pass_shell
def add(shell: Shell, text: tuple[str, ...]) -> None:
    """Add a task in plain words: coach add "Call mum tomorrow 18:00 #home p2 ~15m"."""
    from coach.engine import tasks

    words = " ".join(text)
    with shell.store() as db:
        task = tasks.add(db, words, shell.config, shell.now, shell.tz)
        document = documents(shell, db, [task])
    shell.show(document[0], lambda: f"added {task.num}  {describe(task, shell)}")
    if (":" in task.title or "~" in task.title) and (left := tasks.unread(task.title)):
        from coach.core.quickadd import only_marks  # loaded already

        if only_marks(tasks.parse(words, shell.config, shell.now, shell.tz), words):
            return  # marks alone, all of them read, are the title too
        range_ = "; an estimate is 1 minute to 24 hours" if any(word.startswith("~") for word in left) else ""
        shell.note(f"{safe(', '.join(left))} could not be read and stays text{range_}")


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


@click.command()
@ID
@pass_shell
def show(shell: Shell, id: str) -> None:
    """Show one task: its words, why it is as urgent as it is, its subtasks, its streak if it recurs, its history."""
    from coach.engine import details

    with shell.store() as db:
        found = details.of(db, id, shell.config, shell.now, shell.tz)
    shell.show(found.document(shell.now), lambda: "\n".join(safe(line) for line in found.words(shell.now, shell.tz)))


@click.command(cls=FilterCommand)
@click.argument("words", nargs=-1, required=True, metavar="ID TEXT… | FILTER… -- TEXT…", shell_complete=complete("filter_words"))
@click.pass_context
def edit(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Change tasks in quick-add's words; `due:` with nothing behind it clears the field.

    One task or several numbers: coach edit 3,5 p1. All that a filter names: coach edit +phone -- p1 tomorrow."""
    from coach.engine import tasks

    shell = ctx.ensure_object(Shell)
    named, text = (words[:1], words[1:]) if ctx.meta[REST] is None else (words, ctx.meta[REST])
    if not text:
        raise InvalidInput("there is nothing to change", "for example: coach edit 3 p1 tomorrow")
    with shell.store() as db:
        chosen, _ = tasks.chosen(db, named, shell.config, shell.now, shell.tz)
        changed = tasks.edit_all(db, chosen, " ".join(text), shell.config, shell.now, shell.tz)
        document = documents(shell, db, changed)
    one = len(named) == 1 and tasks.is_ref(named[0]) and len(changed) == 1
    verbs = ("changed" if new is not old else "as it was" for old, new in zip(chosen, changed, strict=True))
    lines = (f"{verb} {t.num}  {describe(t, shell)}" for verb, t in zip(verbs, changed, strict=True))
    shell.show(document[0] if one else document, lambda: "\n".join(lines))
    shell.note("" if changed else _nothing_fits(named))


YES = click.option("--yes", is_flag=True, help="Needed when the words are a filter.")
CHILDREN = click.option("--children", is_flag=True, help="Take open subtasks along.")


@click.command(cls=FilterCommand)
@WORDS
@YES
@CHILDREN
@pass_shell
def done(shell: Shell, words: tuple[str, ...], yes: bool, children: bool) -> None:
    """Complete tasks; a recurring one moves to its next date."""
    from coach.engine import tasks

    with shell.store() as db:
        chosen = _chosen(shell, db, words, yes, "done")
        finished = tasks.done(db, chosen, shell.now, children=children)
        after = [tasks.find(db, t.series_id or t.id) for t in finished]
        document = documents(shell, db, finished)
    lines = [
        f"done {f.num}  {safe(f.title)}" + (f"  (next {moment_words(a.due, shell)})" if a.status == "pending" else "")
        for f, a in zip(finished, after, strict=True)
    ]
    shell.show(document, "\n".join(lines))
    shell.note("" if finished else _nothing_fits(words))


@click.command()
@ID
@click.argument("when", nargs=-1, required=True)
@pass_shell
def snooze(shell: Shell, id: str, when: tuple[str, ...]) -> None:
    """Hide tasks for a while: coach snooze 3,5 tomorrow 9am."""
    from coach.engine import tasks

    with shell.store() as db:
        until = tasks.snooze_moment(" ".join(when), shell.config, shell.now, shell.tz)
        hidden = tasks.snooze(db, tasks.find_all(db, [id]), until, shell.now)
        document = documents(shell, db, hidden)
    words = moment_words(until, shell)
    shell.show(
        document[0] if len(document) == 1 else document,
        lambda: "\n".join(f"snoozed {t.num} until {words}  {safe(t.title)}  ({t.snooze_count}x)" for t in hidden),
    )


@click.command()
@ID
@click.argument("when", nargs=-1, required=True)
@pass_shell
def remind(shell: Shell, id: str, when: tuple[str, ...]) -> None:
    """Be reminded: coach remind 3 30m before, coach remind 3 tomorrow 9am; `none` drops a task's reminders."""
    from coach.engine import reminders, tasks

    with shell.store() as db:
        task = reminders.remind(db, tasks.find(db, id), " ".join(when), shell.config, shell.now, shell.tz)
        document = documents(shell, db, [task])
    shell.show(document[0], lambda: f"changed {task.num}  {describe(task, shell)}")


@click.command(cls=FilterCommand)
@WORDS
@YES
@CHILDREN
@pass_shell
def delete(shell: Shell, words: tuple[str, ...], yes: bool, children: bool) -> None:
    """Delete tasks; `coach undo` brings them back, `coach purge` removes them for good."""
    from coach.engine import tasks

    with shell.store() as db:
        gone = tasks.delete(db, _chosen(shell, db, words, yes, "delete"), shell.now, children=children)
        document = documents(shell, db, gone)
    shell.show(document, "\n".join(f"deleted {t.num}  {safe(t.title)}" for t in gone))
    shell.note("" if gone else _nothing_fits(words))


@click.command()
@ID
@pass_shell
def start(shell: Shell, id: str) -> None:
    """Start working on a task."""
    from coach.engine import tasks

    with shell.store() as db:
        task = tasks.start(db, tasks.find(db, id), shell.now)
        document = documents(shell, db, [task])
    shell.show(document[0], lambda: f"started {task.num}  {safe(task.title)}")


@click.command()
@ID
@pass_shell
def stop(shell: Shell, id: str) -> None:
    """Stop working on a task; the minutes count as its actual time."""
    from coach.engine import tasks

    with shell.store() as db:
        task = tasks.stop(db, tasks.find(db, id), shell.now)
        document = documents(shell, db, [task])
    shell.show(document[0], lambda: f"stopped {task.num}  {safe(task.title)}  ({task.actual_min} min in all)")


@click.command()
@ID
@TEXT
@pass_shell
def annotate(shell: Shell, id: str, text: tuple[str, ...]) -> None:
    """Add a dated note to a task."""
    from coach.engine import tasks

    with shell.store() as db:
        task = tasks.annotate(db, tasks.find(db, id), " ".join(text), shell.now)
        document = documents(shell, db, [task])
    shell.show(document[0], lambda: f"annotated {task.num}  {safe(task.title)}")


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


def documents(shell: Shell, db: Connection, chosen: Sequence[Task]) -> list[Any]:
    """The tasks for --json, with their urgency; without it nothing is looked up, and what stands here is not shown."""
    if not shell.as_json:
        return [None] * len(chosen)
    from coach.engine import tasks

    found = tasks.urgencies(db, chosen, shell.config, shell.now)
    return [task_json(task, shell.now, round(urgency, 4)) for task, urgency in zip(chosen, found, strict=True)]


def _nothing_fits(words: Sequence[str]) -> str:
    return f"nothing fits {safe(' '.join(words))}"


def describe(task: Task, shell: Shell) -> str:
    """One line about a task: what was understood."""
    from coach.engine.task_text import understood

    return " · ".join(safe(words) for words in (task.title, *(said for _, said in understood(task, shell.now, shell.tz))))


def moment_words(moment: Moment | None, shell: Shell) -> str:
    """`Sat 22 Nov 18:00`, with the year when it is another one; empty without a moment."""
    from coach.engine.task_view import full_words

    return full_words(moment, shell.tz, shell.now) if moment is not None else ""


def _chosen(shell: Shell, db: Connection, words: tuple[str, ...], yes: bool, verb: str) -> list[Task]:
    """The tasks that the words name; those of a filter only with --yes."""
    from coach.engine import tasks

    found, by_filter = tasks.chosen(db, words, shell.config, shell.now, shell.tz)
    if by_filter and not yes and not found:
        raise NotFound(_nothing_fits(words), "`coach list` shows the numbers; a filter works too: project:home +phone")
    if by_filter and not yes:
        some = ", ".join(str(t.num) for t in found[:10]) + ("…" if len(found) > 10 else "")
        count = "1 task" if len(found) == 1 else f"{len(found)} tasks"
        raise InvalidInput(f"that filter names {count}: {some}", f"`coach {verb} {' '.join(words)} --yes` does it")
    return found


def _unwind(shell: Shell, verb: str, steps: int) -> None:
    from coach.engine import tasks, undoing

    with shell.store() as db:
        taken = (tasks.undo if verb == "undo" else tasks.redo)(db, shell.now, steps)
        if any(kind != "task" for u in taken for kind, _ in u.records):  # else nothing of it needs the rules
            from coach.engine import manual

            manual.after_undo(db, taken, shell.config, shell.tz, shell.now)
    document = [
        {
            "label": u.label, "records": [list(r) for r in u.records], "refused": list(u.refused),
            "tasks": [{"num": num, "title": title} for num, title in u.tasks],
        }
        for u in taken
    ]
    words = [
        ("undone" if verb == "undo" else "redone") + f": {safe(undoing.words(u))}"
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

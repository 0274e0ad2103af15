"""`coach categorize`: the category of a title or a task, how sure that is, and what you say about it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import click

from coach.cli.common import Shell, pass_shell, safe
from coach.cli.texts import given, storable
from coach.core.errors import InvalidInput

PIECE = 64


@click.command()
@click.argument("text", nargs=-1)
@click.option("--notes", default="", help="What else is known of it: a task's notes.")
@click.option("--jsonl", "source", type=click.File("r", encoding="utf-8"), help='A line {"text": …, "notes": …} each, or -.')
@click.option("--each", is_flag=True, help="With --jsonl: every line by itself, not as one list in which some kinds are common.")
@click.option("--task", "ref", help="Of this task, by its number.")
@click.option("--as", "name", metavar="NAME", help='With --task: it is this. "Band: rehearsals and gigs" is a new category.')
@click.option("--reject", is_flag=True, help="With --task: it is not what was suggested.")
@click.option("--new", "new", metavar="NAME", help="A category of your own, also with a description behind a colon.")
@click.option("--remove", "gone", metavar="NAME", help="Give a category of your own up.")
@click.option("--list", "listed", is_flag=True, help="Every category.")
@pass_shell
def categorize(
    shell: Shell, text: tuple[str, ...], notes: str, source: Any, each: bool, ref: str | None, name: str | None,
    reject: bool, new: str | None, gone: str | None, listed: bool,
) -> None:
    """Which category is that? coach categorize "Renew the passport"; with a decision: auto (certain enough to fill in unasked),
    suggest, abstain. With --task it is filled in where it is certain."""
    ways = [bool(text), source is not None, ref is not None, new is not None, gone is not None, listed]
    if sum(ways) != 1:
        raise click.UsageError("give a TEXT, --jsonl, --task, --new, --remove or --list")
    if (name is not None or reject) and ref is None:
        raise click.UsageError("--as and --reject speak of a --task")
    if each and source is None:
        raise click.UsageError("--each speaks of --jsonl")
    if source is not None:
        _lines(shell, source, each=each)
    elif text:
        _one(shell, given(text, "title", 'coach categorize "Renew the passport"'), storable(notes))
    elif ref is not None:
        _of_task(shell, ref, name, reject=reject)
    else:
        _categories(shell, new, gone)


def _one(shell: Shell, text: str, notes: str) -> None:
    from coach.engine import categorising, language, similar
    from coach.engine.models import Models

    models = Models(shell.config)
    with shell.store() as db:
        answer = categorising.answers(categorising.ready(db, models, shell.now), [(language.known(db).read(text), notes)])[0]
        alike = similar.similar(db, models, text)
    shell.show({**answer.document(), "similar": [one.document() for one in alike]}, lambda: "\n".join([
        _words(answer.document(), "certain enough to fill in"),
        *(safe(f"  {'the same' if s.same else 'like'}: {s.num}  {s.title}  ({s.status})") for s in alike),
    ]))


def _lines(shell: Shell, source: Any, *, each: bool) -> None:
    from coach.engine import categorising
    from coach.engine.models import Models

    models = Models(shell.config)
    with shell.store() as db:
        held = categorising.ready(db, models, shell.now)
        answer = categorising.of_each if each else categorising.of_list
        for found in answer(held, _pieces(source)):
            sys.stdout.write(json.dumps(found.document(), ensure_ascii=False) + "\n")


def _pieces(source: Any) -> Iterator[list[tuple[str, str]]]:
    piece: list[tuple[str, str]] = []
    for number, line in enumerate(source, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            text, notes = row["text"], row.get("notes") or ""
            piece.append((storable(text), storable(notes)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidInput(f"line {number} is no title", '{"text": "Renew the passport"}') from error
        if len(piece) == PIECE:
            yield piece
            piece = []
    if piece:
        yield piece


def _of_task(shell: Shell, ref: str, name: str | None, *, reject: bool) -> None:
    from coach.engine import categorising, guessing, tasks
    from coach.engine.models import Models

    with shell.store() as db:
        task = tasks.find(db, ref)
        if name is not None or reject:
            before = categorising.names(db)
            chosen = categorising.choose(db, [task], None if reject else name, shell.now)
            new = "" if chosen is None or chosen in before else " (a new category: three tasks that you give it make it usable)"
            shell.show({"num": task.num, "id": task.id, "category": chosen},
                       safe(f"{task.num} is {chosen or 'without a category'}{new}"))
            return
        answer = guessing.look(db, Models(shell.config), task, shell.now)
        task = tasks.find(db, task.id)
    by_person = task.category is not None and task.category_confidence is None
    why_not = "you have said what it is" if task.status == "pending" else f"the task is {task.status}"
    filled = "filled in" if task.category == answer.category and not by_person else f"not filled in, {why_not}"
    shell.show(
        {"num": task.num, "id": task.id, **answer.document(), "filled_in": task.category},
        lambda: (safe(f"{task.category}, by you; of the title: ") if by_person else "") + _words(answer.document(), filled),
    )


def _categories(shell: Shell, new: str | None, gone: str | None) -> None:
    from coach.engine import categorising

    with shell.store() as db:
        if new is not None:
            name, _, description = new.partition(":")
            made = categorising.create(db, name, description, shell.now)
            shell.show({"name": made}, f"{made}: three tasks that you give it make it usable")
            return
        if gone is not None:
            categorising.remove(db, gone, shell.now)
            shell.note(f"{safe(gone)} is gone; these are left")
        every, shipped = categorising.names(db), categorising.categories()
    document = [{"name": name, "own": name not in shipped} for name in every]
    shell.show(document, "\n".join(safe(name if name in shipped else f"{name}  (your own)") for name in every))


def _words(found: dict[str, Any], certain: str) -> str:
    """`certain` is said of what would be filled in unasked."""
    from coach.engine import categorising
    from coach.engine.category_words import percent

    others = ", ".join(f"{a['category']} {percent(a['confidence'])}" for a in found["alternatives"][1:])
    if found["decision"] == "abstain":
        best = found["alternatives"][0]
        if best["confidence"] < 2 / len(categorising.categories()):
            return "it says too little to tell"
        return safe(f"nothing fits well; nearest {best['category']} {percent(best['confidence'])}, {others}")
    how = certain if found["decision"] == "auto" else "a suggestion"
    by = "" if found["serving"] == "model" else "; by words alone"
    return safe(f"{found['category']} {percent(found['confidence'])} ({how}{by}); then {others}")

"""The plan from the shell."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

import click

from coach.cli.common import Shell, pass_shell, safe, table
from coach.cli.words import complete
from coach.core.errors import InvalidInput

if TYPE_CHECKING:
    from coach.core.plan import Block
    from coach.engine.plan_effects import Effects
    from coach.engine.plan_why import Why
    from coach.engine.planning import Proposal

MOST_CHARACTERS = 20_000_000


@click.group(invoke_without_command=True)
@click.option("--days", type=click.IntRange(1, 92), help="How far to plan; default the setting plan.days.")
@click.option("--apply", "accept_all", is_flag=True, help="Accept every proposed block.")
@click.option("--skip", multiple=True, metavar="TASK", shell_complete=complete("ids"), help="What if: leave a task out.")
@click.option("--shorten", multiple=True, type=(str, click.IntRange(1, 100_000)), metavar="TASK MINUTES",
              help="What if: a task takes so long.")
@click.option("--move", multiple=True, type=(str, int), metavar="BLOCK MINUTES",
              help="What if: a block begins so much later (or earlier, below 0).")
@click.option("--seed", type=click.IntRange(0), default=0, help="Another seed, another search; the same one makes the same plan.")
@click.option("--input", "source", type=click.File("r", encoding="utf-8"), metavar="FILE",
              help="Plan a JSON instance (- is stdin) without touching the store.")
@click.pass_context
def plan(
    ctx: click.Context, days: int | None, accept_all: bool, skip: tuple[str, ...], shorten: tuple[tuple[str, int], ...],
    move: tuple[tuple[str, int], ...], seed: int, source: Any,
) -> None:
    """Place the open tasks into the free working time of the days ahead: plan, plan why, plan accept, plan reject, plan profile.

    With --skip, --shorten or --move it shows what would be different and changes nothing; with --apply that becomes the plan."""
    if ctx.invoked_subcommand is not None:
        return
    shell: Shell = ctx.obj
    if source is not None:
        _plan_input(shell, source, seed)
        return
    if skip or shorten or move:
        _what_if(shell, days, accept_all, skip, shorten, move, seed)
        return
    from dataclasses import replace

    from coach.engine import calendars, planning
    from coach.engine.outdated import outdated

    with shell.store() as db:
        calendars.refresh(db, shell.now, shell.tz, network=False)
        because = outdated(db, shell.config, shell.now, shell.tz)
        made = planning.replan(db, shell.config, shell.now, shell.tz, days, seed=seed)
        if accept_all:
            taken = tuple(planning.apply(db, made, shell.now))
            made = replace(made, plan=replace(made.plan, blocks=taken))
        left = outdated(db, shell.config, shell.now, shell.tz)
    if because and because.signs != left.signs:
        shell.note(safe(f"the plan no longer held: {because.words}"))
    shell.show({**planning.proposal_json(made), "outdated": left.document()}, lambda: _words(made, shell.tz))
    if left:
        shell.note(safe(f"what you accepted stays, but {left.words}; `coach plan reject` gives a block back"))


def _what_if(
    shell: Shell, days: int | None, accept_all: bool, skip: Sequence[str], shorten: Sequence[tuple[str, int]],
    move: Sequence[tuple[str, int]], seed: int,
) -> None:
    from coach.core.plan_diff import difference_json
    from coach.engine import calendars, plan_why, planning, replanning, tasks
    from coach.engine.plan_effects import effects, effects_json

    with shell.store() as db:
        calendars.refresh(db, shell.now, shell.tz, network=False)
        change = replanning.WhatIf(
            frozenset(tasks.find(db, ref).id for ref in skip), {tasks.find(db, ref).id: m for ref, m in shorten},
            {plan_why.find(db, ref).id: m for ref, m in move},
        )
        made = replanning.what_if(db, shell.config, shell.now, shell.tz, days, change, seed=seed)
        comes_to = effects(db, shell.config, made)
        if accept_all:
            made = replanning.apply(db, made, change, shell.now, accept=True)
        titles = planning.titles(db, made.change)
    shell.show({**planning.proposal_json(made), "change": {**difference_json(made.change), **effects_json(comes_to)}},
               lambda: _change_words(made, comes_to, titles, shell.tz))


@plan.command()
@click.option("--forget", is_flag=True, help="Forget what your decisions on blocks have taught the plan.")
@pass_shell
def profile(shell: Shell, forget: bool) -> None:
    """How you work, as the plan uses it: peak hours, stretches of focus, what a switch costs, which work you give to which part
    of the day."""
    from coach.engine import leaning, productivity

    with shell.store() as db:
        if forget:
            dropped = leaning.forget(db, shell.now)
            shell.show({"forgotten": dropped}, f"{dropped:,} decisions on blocks are forgotten; the plan learns anew")
            return
        found = productivity.remember(db, shell.config, shell.now, shell.tz)
    shell.show(found.document(), "\n".join(found.lines()))


@plan.command()
@click.argument("ref", metavar="ID")
@pass_shell
def why(shell: Shell, ref: str) -> None:
    """Why a block stands where it stands, or a task (by its number) has the place that it has, or none."""
    from coach.core.plan import block_json
    from coach.engine import plan_why

    with shell.store() as db:
        found = plan_why.why(db, shell.config, ref, shell.now, shell.tz)
    task, left = found.task, found.unplaced
    named = {"num": task.num if task else None, "title": task.title if task else ""}
    blocks = [{**block_json(b), "breaks": [r.text for r in found.breaks.get(b.id, ())]} for b in found.blocks]
    missing = {"reason": left.reason, "would_fit_if": left.would_fit_if} if left else None
    tree = {**named, "blocks": blocks, "unplaced": missing, "said": found.said}
    lines = [line for b in found.blocks for line in _why_lines(b, found, shell.tz)]
    if left is not None and task is not None:
        head = f"without a place  {task.num}  {safe(task.title)}"
        lines += [head, f"  {left.reason}", f"  what would help: {left.would_fit_if}"]
    if found.said:
        lines.append(f"{task.num}  {safe(task.title)}: {found.said}" if task and not lines else f"  {found.said}")
    shell.show({**blocks[0], **tree} if len(blocks) == 1 else tree, "\n".join(lines))


def _why_lines(block: Block, found: Why, tz: tzinfo) -> list[str]:
    from coach.core.plan_limits import KINDS  # as they are broken now, not as they were when it was moved

    task = found.task
    head = f"{block.status}, {_when(block, tz)}" + (f"  {task.num}  {safe(task.title)}" if task else "")
    breaks = [f"  it stands {safe(r.text)}" for r in found.breaks.get(block.id, ())]
    reasons = [f"  {safe(r.text)}" for r in block.reasons if r.kind not in KINDS]
    return [head, *breaks, *(reasons or ["  no reasons were kept"])]


@plan.command()
@click.argument("blocks", nargs=-1, required=True, metavar="ID…")
@pass_shell
def accept(shell: Shell, blocks: tuple[str, ...]) -> None:
    """Take blocks into the plan."""
    from coach.engine import planning

    with shell.store() as db:
        _decided(shell, planning.accept(db, blocks, shell.now))


@plan.command()
@click.argument("blocks", nargs=-1, required=True, metavar="ID…")
@pass_shell
def reject(shell: Shell, blocks: tuple[str, ...]) -> None:
    """Refuse blocks; the same task is not offered at the same time again."""
    from coach.engine import planning

    with shell.store() as db:
        _decided(shell, planning.reject(db, blocks, shell.now))


def _decided(shell: Shell, found: Sequence[Block]) -> None:
    from coach.core.plan import block_json

    lines = [f"{b.status} {b.id[:8]}, {_when(b, shell.tz)}" for b in found]
    shell.show([block_json(b) for b in found], "\n".join(lines))


def _plan_input(shell: Shell, source: Any, seed: int) -> None:
    from coach.core.plan import plan_json
    from coach.engine import planning

    try:
        text = source.read(MOST_CHARACTERS + 1)
        if len(text) > MOST_CHARACTERS:
            raise InvalidInput("that instance is larger than 20 MB")
        tree = json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidInput(f"the instance is not JSON: line {error.lineno}, column {error.colno}") from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput("the instance is not JSON") from error
    instance, made = planning.solve_json(tree, seed)
    titles = {t.id: t.title for t in instance.tasks}

    def words() -> str:
        rows = [(*_cells(b, instance.tz), safe(titles[b.task_id] or b.task_id)) for b in made.blocks]
        left = [f"  {safe(titles[u.task_id] or u.task_id)}: {u.reason}; what would help: {u.would_fit_if}" for u in made.unplaced]
        head = table(rows, ("day", "time", "task")) if rows else "nothing fits"
        return "\n".join([head, *([f"without a place: {len(left)}", *left] if left else []), f"score {made.score:.4f}"])

    shell.show(plan_json(made), words)


def _change_words(made: Proposal, comes_to: Effects, titles: Mapping[str, str], tz: tzinfo) -> str:
    found = made.change

    def row(mark: str, block: Block, words: str) -> str:
        return f"{mark} {safe(titles.get(block.task_id, block.task_id))}: {words}"

    lines = [
        *(row("~", b, f"{_when(a, tz)} becomes {_when(b, tz)}") for a, b in found.moved),
        *(row("+", b, _when(b, tz)) for b in found.added), *(row("-", b, f"{_when(b, tz)} is gone") for b in found.removed),
    ]
    for unplaced in found.lost:
        task = made.tasks.get(unplaced.task_id)
        title = safe(task.title) if task else unplaced.task_id
        lines.append(f"! {title}: {unplaced.reason}; what would help: {unplaced.would_fit_if}")
    lines += [row("!", b, f"would stand {safe(r.text)}") for b, broken in comes_to.breaks for r in broken]
    loads = [f"{one.day:%a %d %b}: {one.planned_min / 60:.1f} of {one.free_min / 60:.1f} h planned"
             + (", too much" if one.planned_min > one.free_min else "") for one in comes_to.loads]
    kept = "1 block stays" if len(found.kept) == 1 else f"{len(found.kept)} blocks stay"
    return "\n".join([*(lines or ["nothing would be different"]), *loads, kept])


def _words(made: Proposal, tz: tzinfo) -> str:
    rows = []
    for block in made.blocks:
        task = made.tasks[block.task_id]
        rows.append((block.id[:8], *_cells(block, tz), block.status, str(task.num), task.title))
    lines = [table(rows, ("id", "day", "time", "status", "#", "task")) if rows else "nothing to plan"]
    if made.unplaced:
        lines.append(f"without a place: {len(made.unplaced)}")
    for unplaced in made.unplaced[:20]:
        task = made.tasks[unplaced.task_id]
        lines.append(f"  {task.num}  {safe(task.title)}: {unplaced.reason}; what would help: {unplaced.would_fit_if}")
    if len(made.unplaced) > 20:
        lines.append(f"  and {len(made.unplaced) - 20} more; --json lists them")
    return "\n".join(lines)


def _cells(block: Block, tz: tzinfo) -> tuple[str, str]:
    start: datetime = block.start.astimezone(tz)
    return f"{start:%a %d %b}", f"{start:%H:%M}-{block.end.astimezone(tz):%H:%M}"


def _when(block: Block, tz: tzinfo) -> str:
    return " ".join(_cells(block, tz))

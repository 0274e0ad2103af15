"""The plan from the shell."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

import click

from coach.cli.common import Shell, pass_shell, safe, table
from coach.core.errors import InvalidInput

if TYPE_CHECKING:
    from coach.core.plan import Block
    from coach.engine.planning import Proposal

MOST_CHARACTERS = 20_000_000


@click.group(invoke_without_command=True)
@click.option("--days", type=click.IntRange(1, 92), help="How far to plan; default the setting plan.days.")
@click.option("--apply", "accept_all", is_flag=True, help="Accept every proposed block.")
@click.option("--input", "source", type=click.File("r", encoding="utf-8"), metavar="FILE",
              help="Plan a JSON instance (- is stdin) without touching the store.")
@click.pass_context
def plan(ctx: click.Context, days: int | None, accept_all: bool, source: Any) -> None:
    """Place the open tasks into the free working time of the days ahead: plan, plan why, plan accept, plan reject."""
    if ctx.invoked_subcommand is not None:
        return
    shell: Shell = ctx.obj
    if source is not None:
        _plan_input(shell, source)
        return
    from dataclasses import replace

    from coach.engine import calendars, planning

    with shell.store() as db:
        calendars.refresh(db, shell.now, shell.tz, network=False)
        made = planning.replan(db, shell.config, shell.now, shell.tz, days)
        if accept_all:
            taken = tuple(planning.apply(db, made, shell.now))
            made = replace(made, plan=replace(made.plan, blocks=taken))
    shell.show(planning.proposal_json(made), lambda: _words(made, shell.tz))


@plan.command()
@click.argument("block", metavar="ID")
@pass_shell
def why(shell: Shell, block: str) -> None:
    """Why a block stands where it stands."""
    from coach.core.plan import block_json
    from coach.engine import planning

    with shell.store() as db:
        found, task = planning.why(db, block)
    named = {"num": task.num if task else None, "title": task.title if task else ""}
    head = f"{found.status}, {_when(found, shell.tz)}" + (f"  {task.num}  {safe(task.title)}" if task else "")
    lines = [head, *(f"  {r.text}" for r in found.reasons)] if found.reasons else [head, "  no reasons were kept"]
    shell.show({**block_json(found), **named}, "\n".join(lines))


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


def _plan_input(shell: Shell, source: Any) -> None:
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
    instance, made = planning.solve_json(tree)
    titles = {t.id: t.title for t in instance.tasks}

    def words() -> str:
        rows = [(*_cells(b, instance.tz), safe(titles[b.task_id] or b.task_id)) for b in made.blocks]
        left = [f"  {safe(titles[u.task_id] or u.task_id)}: {u.reason}; fits if {u.would_fit_if}" for u in made.unplaced]
        head = table(rows, ("day", "time", "task")) if rows else "nothing fits"
        return "\n".join([head, *([f"without a place: {len(left)}", *left] if left else []), f"score {made.score:.4f}"])

    shell.show(plan_json(made), words)


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
        lines.append(f"  {task.num}  {safe(task.title)}: {unplaced.reason}; fits if {unplaced.would_fit_if}")
    if len(made.unplaced) > 20:
        lines.append(f"  and {len(made.unplaced) - 20} more; --json lists them")
    return "\n".join(lines)


def _cells(block: Block, tz: tzinfo) -> tuple[str, str]:
    start: datetime = block.start.astimezone(tz)
    return f"{start:%a %d %b}", f"{start:%H:%M}-{block.end.astimezone(tz):%H:%M}"


def _when(block: Block, tz: tzinfo) -> str:
    return " ".join(_cells(block, tz))

"""`coach models`: the nets that learn, their scores against the baselines, and who serves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from coach.cli import model_card
from coach.cli.common import Shell, pass_shell, safe, table

NAME = click.argument("name")


@click.group(invoke_without_command=True)
@click.pass_context
def models(ctx: click.Context) -> None:
    """Every model: its version, its score against the baseline, and which of them serves."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@models.command("list")
@pass_shell
def list_(shell: Shell) -> None:
    """All models, and what you should know about them."""
    from coach.engine.learning.view import models_view

    with shell.store() as db:
        view = models_view(db, shell.config, shell.tz, shell.now)
    shell.show(view.document(), lambda: table(*_told(
        [
            [m.name, _version(m.version), m.serves, str(m.days), _figure(m.loss), _figure(m.baseline_loss), _gain(m.gain),
             m.own.words().partition(";")[0], m.why]
            for m in view.models
        ],
        ["model", "version", "serves", "days", "loss", "baseline", "gain a day", "yours", "why"],
    )))
    for notice in view.notices:
        shell.note(f"{notice['at'][:10]}  {notice['text']}")
    for words in view.said:
        shell.note(words)


@models.command()
@NAME
@pass_shell
def show(shell: Shell, name: str) -> None:
    """One model: its card, its versions, its trainings."""
    from coach.engine.learning.view import detail

    with shell.store() as db:
        found = detail(db, name, shell.config, shell.tz, shell.now)
    shell.show(found, lambda: _described(found))


@models.command()
@NAME
@click.option("--rung", type=click.Choice(["recalibrate", "head", "forget", "full"]), default="full", help="How much of it.")
@click.option("--seed", type=int, default=0)
@pass_shell
def train(shell: Shell, name: str, rung: Any, seed: int) -> None:
    """Fine-tune a model on your days now; it is promoted only if it is better on days that it has not seen."""
    from coach.core.errors import CoachError
    from coach.engine.learning import training

    place = training.Place(shell.unlocked, shell.home, shell.config, shell.tz)
    order = training.Order(name, rung, "by you", seed)
    result = training.run(place, order, shell.now, progress=lambda share, words: shell.note(f"{share:4.0%}  {words}"))
    if result.status != "done":
        raise CoachError(f"{name} was not trained: {result.words}", "the active version is as it was")
    shell.show(
        {"name": name, "version": result.number, "verdict": result.verdict, "why": result.words, "shifted": list(result.shifted)},
        f"version {result.number}: {_VERDICTS[result.verdict]}; {result.words}",
    )


_VERDICTS = {"kept": "active now", "trial": "on trial beside the active one", "rejected": "not better, forgotten"}


@models.command()
@NAME
@click.option("--users", type=int, default=5, help="Simulated people, none of whom was trained on.")
@click.option("--family", type=click.Choice(["A", "B", "placebo"]), default="A", help="How their world works.")
@click.option("--seed", type=int, help="Of the first of them, 1000000 or above.")
@click.option("--data", "file", type=click.Path(path_type=Path), help="Real people instead: a table of commit times.")
@pass_shell
def evaluate(shell: Shell, name: str, users: int, family: str, seed: int | None, file: Path | None) -> None:
    """Examine the shipped model: it, every baseline and the oracle, with intervals over people."""
    from coach.engine.learning.examining import evaluate as run
    from coach.engine.learning.examining import evaluate_on

    found = evaluate_on(name, file, shell.note) if file else run(name, users, family, seed, shell.note)
    shell.show(found, lambda: "\n".join(model_card.whole(found)))


@models.command()
@NAME
@pass_shell
def rollback(shell: Shell, name: str) -> None:
    """Make the version before the active one active."""
    from coach.engine.learning.view import roll_back

    with shell.store() as db:
        number = roll_back(db, name, shell.now)
    shell.show({"name": name, "version": number}, f"{name}: {_version(number)} is active")


@models.command()
@NAME
@click.argument("what")
@pass_shell
def use(shell: Shell, name: str, what: str) -> None:
    """Let WHAT serve: a version's number, `model`, `baseline`, or `auto` to let the scores decide again."""
    from coach.engine.learning.view import line
    from coach.engine.learning.view import use as choose

    with shell.store() as db:
        choose(db, name, what, shell.now)
        found = line(db, name, shell.config, shell.tz, shell.now)
    shell.show(found.document(), f"{name}: {_version(found.version)}, the {found.serves} serves; {found.why}")


@models.command()
@NAME
@pass_shell
def history(shell: Shell, name: str) -> None:
    """Versions, and what was switched when."""
    from coach.engine.learning.view import history as switches
    from coach.engine.learning.view import versions

    with shell.store() as db:
        found, kept = switches(db, name), versions(db, name)
    shell.show({"versions": kept, "switches": found}, lambda: "\n\n".join((
        table(
            [[_version(v["number"]), v["made"], v["status"], _figure(v["score"]), "yes" if v["kept"] else "no"] for v in kept],
            ["version", "made", "status", "skill", "kept"],
        ),
        table(
            [[s["at"], s["what"], f"{s['before']} -> {s['after']}", s["serves"], s["why"]] for s in found],
            ["at", "what", "version", "serves", "why"],
        ),
    )))


@models.command()
@NAME
@pass_shell
def feedback(shell: Shell, name: str) -> None:
    """What you have told a model, one JSON line each: what was suggested and what you chose. So far the categoriser is told."""
    from coach.core.errors import NotFound
    from coach.engine import categorising

    if name != categorising.KIND:
        raise NotFound(f"{name} keeps no answers of yours", "coach models feedback categoriser")
    with shell.store() as db:
        for row in categorising.feedback(db):
            click.echo(json.dumps(row, ensure_ascii=False))


@models.command()
@NAME
@click.argument("rating", type=int)
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day that it spoke of; today unless given.")
@pass_shell
def rate(shell: Shell, name: str, rating: int, day: datetime | None) -> None:
    """Say how good what a model said of a day was, 1 to 5. Low ratings make it learn more from that day, and retrain."""
    from coach.engine.learning.ratings import rate as keep

    when = day.date() if day else shell.now.astimezone(shell.tz).date()
    with shell.store() as db:
        keep(db, name, when, rating, shell.now)
    shell.show({"name": name, "day": when.isoformat(), "rating": rating}, f"{name}: {rating} for {when.isoformat()}")


@models.command()
@pass_shell
def cancel(shell: Shell) -> None:
    """Ask the training that runs to end."""
    from coach.engine.learning.training import cancel as ask

    with shell.store() as db:
        number = ask(db)
    shell.show({"run": number}, "it ends within a second")


def _told(rows: Sequence[Sequence[str]], header: Sequence[str]) -> tuple[list[list[str]], list[str]]:
    """The columns in which something stands: before any day was scored, those of scores would take the room of the names."""
    kept = [n for n in range(len(header)) if any(row[n] not in ("", "0") for row in rows)]
    return [[row[n] for n in kept] for row in rows], [header[n] for n in kept]


def _version(number: int) -> str:
    return str(number) if number else "0 (shipped)"


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _gain(gain: tuple[float, float, float] | None) -> str:
    return "" if gain is None else f"{gain[0]:+.3g} [{gain[1]:+.3g}, {gain[2]:+.3g}]"


def _described(found: Mapping[str, Any]) -> str:
    head = [f"{found['title']} ({found['name']}), {_version(found['version'])}: the {found['serves']} serves; {found['why']}"]
    if found["days"]:
        head.append(f"{found['loss_is']}: {_figure(found['loss'])}, baseline {_figure(found['baseline_loss'])}, "
                    f"{found['days']} days, gain {_gain(found['gain'])}")
    head.append(f"yours: {found['own']['words']}")
    if found["trouble"]:
        head.append(found["trouble"])
    runs = [[r["started"], r["status"], f"{r['share']:.0%}", r["reason"], r["words"]] for r in found["runs"]]
    if runs:
        head += ["", table(runs, ["training", "status", "done", "because", "words"])]
    return "\n".join([*head, "", *map(safe, model_card.lines(found["card"]))])


@models.command()
@click.argument("file", type=click.Path(path_type=Path))
@pass_shell
def add(shell: Shell, file: Path) -> None:
    """Let another language model speak: a GGUF file, which stays where it is. `-` goes back to the installed one."""
    from coach.engine import language_models

    if str(file) == "-":
        language_models.remove(shell.home)
        shell.show(None, "the installed language model speaks again")
        return
    found = language_models.add(shell.home, file)
    shell.show(found.document(), f"added {safe(found.name)}, {found.size_mb:,.0f} MB; {_role(found.trusted)}")


@models.command()
@click.argument("repo", metavar="OWNER/NAME")
@click.argument("file", default="")
@pass_shell
def pull(shell: Shell, repo: str, file: str) -> None:
    """Fetch a GGUF file from a hub (huggingface.co, or the one that HF_ENDPOINT names) and let it speak. The only command that
    fetches a model; a download that broke off goes on the next time."""
    from coach.engine import language_models

    shell.note(f"fetching from {repo}")
    found = language_models.pull(shell.home, repo, file)
    shell.show(found.document(), f"added {safe(found.name)}, {found.size_mb:,.0f} MB, {found.path}; {_role(found.trusted)}")


def _role(trusted: bool) -> str:
    return "it finds its own words, and every number comes from your store" if trusted else "it chooses among vetted words"

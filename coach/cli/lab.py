"""`coach lab`: developers' commands. They need the `dev` extra."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from coach.cli.common import Shell, pass_shell

TARGET = click.option("--to", "target", type=click.Path(path_type=Path), help="Write there instead of models/.")


@click.group()
def lab() -> None:
    """Make what ships: the embedder, the chat's router, the nets."""


@lab.command("export-embedder")
@TARGET
@pass_shell
def export_embedder(shell: Shell, target: Path | None) -> None:
    """The published all-MiniLM-L6-v2 as int8 ONNX."""
    from coach.engine.lab import export_embedder as run

    _show(shell, run(target, _progress))


@lab.command("train-router")
@TARGET
@click.option("--external", type=click.Path(path_type=Path), help="JSON lines with text and label; oos rows are measured.")
@pass_shell
def train_router(shell: Shell, target: Path | None, external: Path | None) -> None:
    """The head that tells questions apart, from data/intents.toml."""
    from coach.engine.lab import train_router as run

    _show(shell, run(target, external, _progress))


@lab.command("train-voice")
@TARGET
@click.option("--lines", default=0, type=click.IntRange(0), help="Learn from so many lines only; 0 means all.")
@click.option("--steps", default=0, type=click.IntRange(0), help="Stop after so many; 0 means two passes over the lines.")
@click.option("--seed", default=0, show_default=True)
@click.option("--model", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="The base model's GGUF file.")
@pass_shell
def train_voice(shell: Shell, target: Path | None, lines: int, steps: int, seed: int, model: Path | None) -> None:
    """A LoRA adapter for the small language model, from data/lines. Needs the `voice` and `voice-training` extras."""
    from coach.engine.lab import train_voice as run

    _show(shell, run(target, lines, steps, seed, _progress, model))


@lab.command()
@click.argument("name")
@click.option("--people", type=int, help="Simulated people to train on.")
@click.option("--seed", type=int, help="Of the whole; people have seeds below 1000000.")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu")
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), help="Keep simulated people there for the next time.")
@TARGET
@pass_shell
def pretrain(
    shell: Shell, name: str, people: int | None, seed: int | None, device: str, cache: Path | None, target: Path | None
) -> None:
    """A net from simulated people: focus, graph, patterns or whatif."""
    from coach.engine.learning.examining import pretrain as run

    _show(shell, run(name, people, seed, device, target, cache, _progress))


@lab.command()
@click.argument("name")
@click.option("--users", default=50, show_default=True, help="Simulated people of each family, none of whom was trained on.")
@click.option("--family", "families", multiple=True, type=click.Choice(["A", "B", "placebo"]), default=("A", "B"),
              show_default=True)
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), help="Keep simulated people there for the next time.")
@click.option("--of", "folder", type=click.Path(path_type=Path), help="A model's folder instead of models/NAME.")
@pass_shell
def examine(
    shell: Shell, name: str, users: int, families: tuple[str, ...], cache: Path | None, folder: Path | None
) -> None:
    """Examine a model and write the figures into its card."""
    from coach.engine.learning.examining import publish

    _show(shell, publish(name, users, families, cache, _progress, folder))


PUBLISH = click.option("--publish", is_flag=True, help="Write the figures into the focus model's card.")


@lab.command()
@click.option("--people", default=500, show_default=True, type=click.IntRange(8), help="Simulated people to train on.")
@click.option("--steps", default=240, show_default=True, type=click.IntRange(1))
@click.option("--seed", default=0, show_default=True)
@PUBLISH
@pass_shell
def private(shell: Shell, people: int, steps: int, seed: int, publish: bool) -> None:
    """Differentially private pretraining: what each epsilon costs. Needs coach/ml/private/requirements.txt."""
    from coach.engine import private as engine

    found = engine.differential(people, steps, seed, _progress)
    if publish:
        engine.publish(found, "private")
    _show(shell, found)


@lab.command()
@click.option("--people", default=100, show_default=True, type=click.IntRange(8), help="Simulated people, a client each.")
@click.option("--rounds", default=20, show_default=True, type=click.IntRange(1))
@click.option("--seed", default=0, show_default=True)
@PUBLISH
@pass_shell
def federated(shell: Shell, people: int, rounds: int, seed: int, publish: bool) -> None:
    """Federated pretraining over simulated clients. Needs coach/ml/private/requirements.txt."""
    from coach.engine import private as engine

    found = engine.federated(people, rounds, seed, _progress)
    if publish:
        engine.publish(found, "federated")
    _show(shell, found)


def _progress(words: str) -> None:
    click.echo(words, err=True)


def _show(shell: Shell, card: dict[str, Any]) -> None:
    shell.show(card, lambda: "\n".join(f"{name}: {value}" for name, value in card.items() if name != "files"))

"""`coach lab`: developers' commands. They need the `dev` extra."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from coach.cli.common import Shell, pass_shell

TARGET = click.option("--to", "target", type=click.Path(path_type=Path), help="Write there instead of models/.")


@click.group()
def lab() -> None:
    """Make what ships: the embedder and the chat's router."""


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


def _progress(words: str) -> None:
    click.echo(words, err=True)


def _show(shell: Shell, card: dict[str, Any]) -> None:
    shell.show(card, lambda: "\n".join(f"{name}: {value}" for name, value in card.items() if name != "files"))

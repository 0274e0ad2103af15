"""Words of a filter on the command line: `-phone` is a word, not an option, and `--` parts a filter from what follows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import click

_WORD = re.compile(r"-(?!-|h$|\d)\S+")
_HIDDEN = "\0"
REST = "coach.rest"
"""Where the words after `--` are kept: `ctx.meta[REST]`, None where there is no `--`."""


def complete(name: str) -> Callable[[click.Context, click.Parameter, str], Any]:
    """The completer of that name in `completing`, loaded when somebody presses TAB."""

    def found(ctx: click.Context, param: click.Parameter, incomplete: str) -> Any:
        from coach.cli import completing  # only for TAB

        return getattr(completing, name)(ctx, param, incomplete)

    return found


class FilterCommand(click.Command):
    """A command whose arguments are a filter's words."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[REST] = None
        if "--" in args:
            at = args.index("--")
            args, ctx.meta[REST] = args[:at], tuple(args[at + 1 :])
        hidden = [_HIDDEN + word if _WORD.fullmatch(word) else word for word in args]
        rest = super().parse_args(ctx, hidden)
        ctx.params = {name: _shown(value) for name, value in ctx.params.items()}
        return rest


def _shown(value: object) -> object:
    if isinstance(value, tuple):
        return tuple(_shown(one) for one in value)
    return value.removeprefix(_HIDDEN) if isinstance(value, str) else value

"""What every command gets (`@click.pass_obj`): the home, the settings, the clock, the store, and a way to print."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

import click

from coach.config import Config, Home, find_home, load
from coach.engine import clock

if TYPE_CHECKING:  # the database driver is not needed to print help or to parse
    from coach.engine.opening import Access, Connection, Unlocked


@dataclass
class Shell:
    """One run of the command line. Everything is read when it is first asked for."""

    home_folder: str | None = None
    as_json: bool = False
    color: str = "auto"
    key_file: str = ""

    @cached_property
    def home(self) -> Home:
        return find_home(self.home_folder)

    @cached_property
    def config(self) -> Config:
        return load(self.home)

    @cached_property
    def now(self) -> datetime:
        return clock.now()

    @cached_property
    def tz(self) -> ZoneInfo:
        return clock.local_zone(self.config)

    @cached_property
    def access(self) -> Access:
        return self.opening_access(self.config)

    def opening_access(self, config: Config) -> Access:
        """How the store may be unlocked; `coach doctor` calls it with defaults where the settings are broken."""
        from coach.engine import opening

        return opening.access(config, self.key_file, _ask if sys.stdin.isatty() else None)

    @cached_property
    def unlocked(self) -> Unlocked:
        """The store, made when there is none."""
        from coach.engine import opening

        return opening.unlock(self.home, self.access, self.now)

    @contextmanager
    def store(self) -> Iterator[Connection]:
        """A connection for this command, closed at its end."""
        from coach.engine.opening import connect

        db = connect(self.unlocked)
        try:
            yield db
        finally:
            db.close()

    def show(self, document: Any, words: Callable[[], str] | str = "") -> None:
        """The result on stdout: the document under --json, else the words."""
        if self.as_json:
            click.echo(json.dumps(document, ensure_ascii=False))
            return
        text = words() if callable(words) else words
        if text:
            click.echo(text)

    def note(self, words: str) -> None:
        """Words beside the result, such as that there is more of it or none: on stderr, silent under --json."""
        if words and not self.as_json:
            click.echo(words, err=True)


pass_shell = click.make_pass_decorator(Shell)


Paint: TypeAlias = Callable[[int, int], Mapping[str, Any] | None]
"""How `click.style` paints the cell of a row and a column; None leaves it as it is."""


def wants_color(asked: str, environ: Mapping[str, str]) -> bool | None:
    """Whether to colour: --color first, then NO_COLOR, FORCE_COLOR and CLICOLOR_FORCE, CLICOLOR=0, TERM=dumb (no-color.org,
    bixense.com/clicolors). None leaves it to whether the output is a terminal."""
    if asked != "auto":
        return asked == "always"
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return False if environ.get("CLICOLOR") == "0" or environ.get("TERM") == "dumb" else None


def table(rows: Sequence[Sequence[str]], header: Sequence[str], paint: Paint | None = None) -> str:
    """Plain aligned columns under a header; the last column is cut to the terminal, in a file or pipe nothing is. Cells lose
    control characters."""
    cells = [[_plain(c) for c in row] for row in rows]
    columns = [max(wide(header[i]), *(wide(r[i]) for r in cells)) if cells else len(header[i]) for i in range(len(header))]
    room = max(20, room_columns())
    while sum(columns[:-1]) + 2 * (len(columns) - 1) + 20 > room and max(columns[:-1], default=0) > 8:
        columns[columns.index(max(columns[:-1]))] -= 1  # the widest gives way, so that the last one keeps 20 columns
    columns[-1] = min(columns[-1], max(8, room - sum(columns[:-1]) - 2 * (len(columns) - 1)))
    lines = ["  ".join(padded(h, w) for h, w in zip(header, columns, strict=True)).rstrip()]
    for y, row in enumerate(cells):
        filled = [padded(c, w) for c, w in zip(row, columns, strict=True)]
        filled[-1] = filled[-1].rstrip()
        lines.append("  ".join([_painted(cell, paint(y, x)) for x, cell in enumerate(filled)] if paint else filled).rstrip())
    return "\n".join(lines)


def _painted(cell: str, how: Mapping[str, Any] | None) -> str:
    text = cell.rstrip()
    return click.style(text, **how) + cell[len(text) :] if how and text else cell


def padded(text: str, columns: int) -> str:
    """The text in exactly that many columns of a terminal, cut with an ellipsis where it is longer."""
    have = wide(text)
    if have > columns:
        if text.isascii():
            text = text[: columns - 1]
        else:
            while wide(text) > columns - 1:
                text = text[: max(len(text) - 1 - (wide(text) - columns) // 2, 0)]
        text, have = text + "…", wide(text) + 1
    return text + " " * (columns - have)


def wide(text: str) -> int:
    """Columns that a text takes: East Asian letters and emoji take two, combining marks none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width  # 1 ms, for other scripts only

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


NO_TERMINAL = 10_000


def room_columns() -> int:
    """Columns that a table may take: those of the terminal, NO_TERMINAL where the output goes into a file or a pipe."""
    in_file = not os.environ.get("COLUMNS") and not sys.stdout.isatty()
    return NO_TERMINAL if in_file else terminal_columns()


def terminal_columns() -> int:
    """As `shutil.get_terminal_size` has it, whose module takes 2 ms to load: COLUMNS, the terminal's width, or 100."""
    if (named := os.environ.get("COLUMNS", "")).isdecimal() and int(named):
        return int(named)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 100 if sys.__stdout__ else 100
    except (OSError, ValueError):
        return 100


_JOINERS = "\u200c\u200d"
"""They hold emoji and letters of some scripts together, and move nothing on the screen."""


def safe(text: str) -> str:
    """Text that came from outside, without anything that could steer the terminal."""
    return _plain(text)


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() or c in _JOINERS else " " for c in text)


def _ask(prompt: str) -> str:
    import getpass

    return getpass.getpass(prompt)

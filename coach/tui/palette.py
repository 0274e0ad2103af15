"""The palette: every action by name, every theme, and the search over tasks; all on Textual's command palette."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.screen import Screen

from coach.core import fuzzy
from coach.engine import finding, lines, task_list
from coach.tui.actions import ACTIONS, Action, keys_of
from coach.tui.screens.base import CoachScreen

if TYPE_CHECKING:
    from coach.tui.app import CoachApp


SHOWN = 30
"""Tasks that are offered at once."""
SAID = 3
"""Letters from which on a command is also found by what is said of it."""
BEHIND = 0.01
"""The score of such a command: behind all that are found by name."""


class Commands(Provider):
    """What works on the screen below, with its keys."""

    async def discover(self) -> Hits:
        for name, about, act in self._all():
            yield DiscoveryHit(name, act, help=about)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name, about, act in self._all():
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), act, help=about)
            elif len(query) >= SAID and query.casefold() in about.casefold():
                yield Hit(BEHIND, Content(name), act, help=about)  # "privacy" finds Setup by what is said of it

    def _all(self) -> Iterator[tuple[str, str, Any]]:
        app: CoachApp = self.app  # type: ignore[assignment]
        here = self.screen if isinstance(self.screen, CoachScreen) else None
        scopes = ("app", here.NAME, *here.SCOPES) if here else ("app",)
        for action in ACTIONS:
            if action.scope in scopes and action.id != "palette":
                name = f"Go to {action.title}" if action.id.startswith("screen.") else action.title.capitalize()
                about = f"{action.tooltip}  [{keys_of(action, app.keymap)}]"
                yield name, about.replace("[", "\\["), partial(run, app, self.screen, action)
        for theme in sorted(app.available_themes):
            about = "For this session; `coach config set app.theme` keeps it"
            yield f"Theme: {theme}", about, partial(app.use_theme, theme)


async def run(app: CoachApp, screen: Screen[Any], action: Action) -> None:
    """Do what the key of the action would do on that screen."""
    await app.run_action(action.method, app if action.scope == "app" else screen)


class FindTask(Provider):
    """Open tasks by a few letters, as the Tasks screen finds them."""

    async def startup(self) -> None:
        app: CoachApp = self.app  # type: ignore[assignment]
        config = app.runtime.config
        self._listing = await app.read(lambda db, now: lines.read(db))
        self._urgent = await app.read(lambda db, now: task_list.by_urgency(self._listing, config, now))

    async def discover(self) -> Hits:
        for line in self._urgent[:SHOWN]:
            yield DiscoveryHit(Content(line.title), self._opener(line.id), text=line.title, help=_project(line.project))

    async def search(self, query: str) -> Hits:
        words = [word.casefold() for word in query.split()]
        for score, line in finding.best(self._listing, words, SHOWN):
            title = line.title[:200]
            plain = title.casefold()
            shown = Content(title)
            for at in {at for word in words for at in fuzzy.places(word, plain)} if len(plain) == len(title) else ():
                shown = shown.stylize("bold underline", at, at + 1)
            yield Hit(score, shown, self._opener(line.id), text=title, help=_project(line.project))

    def _opener(self, task_id: str) -> Any:
        app: CoachApp = self.app  # type: ignore[assignment]
        return partial(app.show_task, task_id)


def _project(name: str | None) -> str | None:
    return "#" + name.replace("[", "\\[") if name else None


__all__ = ["CommandPalette", "Commands", "FindTask"]

"""The palette: every action by name, every theme, and the search over tasks; all on Textual's command palette."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.screen import Screen

from coach.core.task import Task
from coach.engine import tasks
from coach.tui.actions import ACTIONS, Action, keys_of
from coach.tui.screens.base import CoachScreen

if TYPE_CHECKING:
    from coach.tui.app import CoachApp


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

    def _all(self) -> Iterator[tuple[str, str, Any]]:
        app: CoachApp = self.app  # type: ignore[assignment]
        scope = self.screen.NAME if isinstance(self.screen, CoachScreen) else ""
        for action in ACTIONS:
            if action.scope in ("app", scope) and action.id != "palette":
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
    """Open tasks by a few letters of their titles, in their order."""

    async def startup(self) -> None:
        app: CoachApp = self.app  # type: ignore[assignment]
        config = app.runtime.config
        found = await app.read(lambda db, now: tasks.open_by_urgency(db, config, now))
        self._tasks = [task for task, _ in found]

    async def discover(self) -> Hits:
        for task in self._tasks[:20]:
            yield DiscoveryHit(Content(task.title), self._opener(task), text=task.title, help=_project(task))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        letters = query.casefold().split()
        for n, task in enumerate(self._tasks):
            if n % 500 == 0:
                await asyncio.sleep(0)  # keys are answered between two batches
            if not all(_in_order(word, task.title.casefold()) for word in letters):
                continue
            score = matcher.match(task.title)
            if score > 0:
                title = matcher.highlight(task.title)
                yield Hit(score, title, self._opener(task), text=task.title, help=_project(task))

    def _opener(self, task: Task) -> Any:
        app: CoachApp = self.app  # type: ignore[assignment]
        return partial(app.show_task, task.id)


def _project(task: Task) -> str | None:
    return "#" + task.project.replace("[", "\\[") if task.project else None


def _in_order(letters: str, text: str) -> bool:
    """Whether the letters occur in the text in this order: a cheap sieve before the fuzzy match."""
    rest = iter(text)
    return all(letter in rest for letter in letters)


__all__ = ["CommandPalette", "Commands", "FindTask"]

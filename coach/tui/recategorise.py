"""Another category for what was tracked: asks which, and whether for this stretch or for all history, then writes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from coach.core.category import host_and_path
from coach.core.errors import CoachError
from coach.core.event import Event
from coach.engine import categories, manual
from coach.tui.widgets.categorypicker import CategoryPicker, Picked

if TYPE_CHECKING:
    from coach.tui.app import CoachApp


STRETCH = "Only this stretch"


def ask_category(
    app: CoachApp, event: Event, after: Callable[[], object], *, here: str = STRETCH, everywhere: bool = False
) -> None:
    """Put the picker over what is shown; `after` runs once the change is on the disk. `here` says what the event's time
    stands for, empty where it is too long to be corrected; `everywhere` is what is offered first."""
    subject = host_and_path(event.url)[0] or event.app

    def picked(found: Picked | None) -> None:
        if found is not None:
            what = f"All of {subject}, past and future" if found.everywhere else here
            app.run_worker(_write(app, event, found, what, after), group="change")

    async def ask() -> None:
        config = app.runtime.config
        names = await app.read(lambda db, now: tuple(sorted(categories.load(db, config).categories)))
        app.push_screen(CategoryPicker(subject, event.category or "", names, here, everywhere), picked)

    app.run_worker(ask(), group="category")


async def _write(app: CoachApp, event: Event, picked: Picked, what: str, after: Callable[[], object]) -> None:
    config, tz = app.runtime.config, app.tz

    def write(db: Any, now: datetime) -> tuple[str, int]:
        name = manual.category_of(picked.words, categories.load(db, config))
        return name, manual.recategorise(db, event, name, config, tz, now, everywhere=picked.everywhere)

    try:
        name, _ = await app.write(write)
    except CoachError as error:
        app.complain(error)
        return
    app.notify(f"{what}: {name} · u takes it back", markup=False)
    after()

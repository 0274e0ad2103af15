"""Every model that learns: its version and score against the baseline, who serves and why, its history, the way back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll

from coach.core.errors import CoachError
from coach.core.promotion import WINDOW_DAYS
from coach.core.when import parse_iso
from coach.engine.learning import kinds, registry, scores, training
from coach.engine.learning import view as learning
from coach.engine.learning.training import Order, Place, Result
from coach.engine.learning.view import ModelLine, ModelsView, UnderWay
from coach.engine.watch import edits
from coach.tui.actions import bindings
from coach.tui.screens.base import CoachScreen
from coach.tui.widgets.confirm import Confirm
from coach.tui.widgets.modeltable import ModelRow, ModelTable
from coach.tui.widgets.paint import Line, Words, fit

LOOK_S = 0.5
"""A training that runs is looked at this often."""
BAR = 24
"""Columns of the bar of a training's progress."""
FIGURES = 6
"""Of the exam, as many are listed."""
LAST = 8
"""Switches and versions that are listed."""
WAYS = {"auto": "whoever scores better", "model": "the model", "baseline": "the baseline"}
VERDICTS = {"kept": "is active now", "trial": "is on trial beside the active one", "rejected": "was not better and is forgotten"}


@dataclass(frozen=True, slots=True)
class Registry:
    """The models, and of each by name who decides on who serves (a key of WAYS), what was switched when and which versions
    there are, newest first."""

    models: ModelsView
    cards: dict[str, dict[str, Any]]
    ways: dict[str, str]
    history: dict[str, list[dict[str, Any]]]
    versions: dict[str, list[dict[str, Any]]]


class ModelsScreen(CoachScreen[Registry]):
    NAME = "models"
    TAB = "setup"
    BINDINGS: ClassVar[list[BindingType]] = bindings("models")
    AUTO_FOCUS = "ModelTable"
    LOOKS = """
    ModelsScreen {
        #page { padding: 0 1; scrollbar-size-vertical: 1; }
        #detail { margin-top: 1; }
    }
    """

    def body(self) -> ComposeResult:
        with VerticalScroll(id="page", can_focus=False):
            yield ModelTable(id="models")
            yield Words(id="training", wrap=True)
            yield Words(id="detail", wrap=True)

    def on_mount(self) -> None:
        self.set_interval(LOOK_S, self._look)

    def stamp(self, db: Any, now: datetime) -> object:
        return learning.stamp(db), edits(db), int(now.timestamp() // 60), self.app.version

    def build(self, db: Any, now: datetime) -> Registry:
        runtime = self.app.runtime
        shelf = runtime.models.shelf if runtime.models else None
        found = learning.models_view(db, runtime.config, self.app.tz, now, shelf)
        names = [m.name for m in found.models]
        active = {n: registry.active(db, n) for n in names}
        return Registry(
            found, {m.name: learning.card_of(db, m.name, m.version) for m in found.models},
            {n: way_of(a.serves, a.why) for n, a in active.items()}, {n: learning.history(db, n) for n in names},
            {n: learning.versions(db, n) for n in names},
        )

    def show(self, view: Registry) -> None:
        self.query_one(ModelTable).show([row_of(m) for m in view.models.models])
        self._explain()

    @property
    def _model(self) -> ModelLine | None:
        at = self.query_one(ModelTable).cursor
        return self.view.models.models[at] if self.view and self.view.models.models else None

    @on(ModelTable.Moved)
    def _explain(self) -> None:
        model = self._model
        if self.view and model:
            self.query_one("#detail", Words).show(detail_lines(model, self.view, self.app.tz))

    async def _look(self) -> None:
        """How far the training is, whoever started it. The view itself is made anew when it begins and ends."""
        if not self.is_current:
            return
        with suppress(CoachError):  # the reload of the view says it
            running = await self.app.read(lambda db, now: learning.under_way(db))
            if self.is_attached:
                self.query_one("#training", Words).show(training_lines(running))

    def action_models_train(self) -> None:
        """In the niced child; its end is told wherever the person is by then."""
        model = self._model
        if model is None:
            return
        runtime, app = self.app.runtime, self.app
        place = Place(runtime.unlocked, runtime.home, runtime.config, app.tz)
        order = Order(model.name, kinds.kind(model.name).rungs[-1], "by you", app.now().date().toordinal())

        def told(found: Result | CoachError) -> None:
            with suppress(RuntimeError):  # the app has closed
                app.call_from_thread(self._ended, model.title, found)

        training.start(place, order, app.now(), runtime.stop, told)

    def _ended(self, title: str, found: Result | CoachError) -> None:
        if isinstance(found, CoachError):
            self.app.complain(found)
        elif found.status == "done":
            self.app.notify(f"{title}: version {found.number} {VERDICTS[found.verdict]}; {found.words}", markup=False)
        else:
            severity: Any = "information" if found.status == "cancelled" else "error"
            self.app.notify(f"{title} was not trained: {found.words}", severity=severity, markup=False)

    def action_models_cancel(self) -> None:
        self.app.change(lambda db, now: training.cancel(db), "The training ends within a second")

    def action_leave_field(self) -> None:
        """Esc goes back to Setup."""
        self.app.pop_screen()

    def action_models_rollback(self) -> None:
        model = self._model
        if model is None:
            return
        question = f"Version {model.version} of {model.title} stops serving and the one before it serves again."
        self.app.push_screen(Confirm("Roll back", question), lambda yes: self._roll_back(model) if yes else None)

    def _roll_back(self, model: ModelLine) -> None:
        self.app.change(
            lambda db, now: learning.roll_back(db, model.name, now),
            lambda number: f"{model.title}: version {number} is active again",
        )

    def action_models_use(self) -> None:
        """auto, model, baseline, and around."""
        model = self._model
        if model is None or self.view is None:
            return
        ways = list(WAYS)
        way = ways[(ways.index(self.view.ways[model.name]) + 1) % len(ways)]
        self.app.change(lambda db, now: learning.use(db, model.name, way, now), f"{model.title}: {WAYS[way]} serves")


def training_lines(run: UnderWay | None) -> list[Line]:
    """The bar of the training that runs, and what it does."""
    if run is None:
        return []
    full = round(max(0.0, min(1.0, run.share)) * BAR)
    return [[(f"training {run.title} ", ""), ("━" * full, "accent"), ("─" * (BAR - full), "track"),
             (f" {run.share:.0%}  {run.words}", "muted"), ("  x", "accent"), (" ends it", "muted")]]


def way_of(serves: str, why: str) -> str:
    """Whether the person decided who serves, or the scores do."""
    return serves if why == scores.CHOSEN else "auto"


def row_of(m: ModelLine) -> ModelRow:
    shipped = "shipped" if m.version == 0 else f"v{m.version}"
    own = m.own.words().partition(";")[0].partition(",")[0]
    return ModelRow(m.title, shipped, m.serves, m.days, m.loss, m.baseline_loss, m.gain, own)


def detail_lines(m: ModelLine, view: Registry, tz: ZoneInfo) -> list[Line]:
    """Why that one serves, what its loss is, its trial, its last training, versions and switches."""
    lines: list[Line] = [
        [(m.title, "strong"), (f"  the {m.serves} serves: ", ""), (m.why, "muted")],
        [("loss ", "muted"), (m.loss_is, ""), (f", mean of a day over the last {WINDOW_DAYS} days; n = {m.days} scored days",
                                               "muted")],
    ]
    lines.append([("yours ", "muted"), (m.own.words(), "")])
    if view.ways[m.name] != "auto":
        lines.append([("you chose ", "muted"), (WAYS[view.ways[m.name]], ""), (", whatever the scores say", "muted")])
    if m.problem:
        lines.append([("! ", "bad"), (m.problem, "bad")])
    if m.on_trial is not None:
        lines.append([("version ", "muted"), (f"{m.on_trial} is on trial", ""), (f" ({m.trial_mode})", "muted")])
    if m.last_run:
        run = m.last_run
        lines.append([("last training ", "muted"), (f"{_at(run.started, tz)}, {run.status}", ""), (f" {run.words}", "muted")])
    lines += [[("! ", "warn"), (str(n["text"]), "warn")] for n in view.models.notices if n["kind"] == m.name]
    lines += exam_lines(view.cards[m.name])
    lines += [[], [("Versions", "strong"), ("  t trains, r rolls back, s steps through who serves", "muted")]]
    for v in view.versions[m.name][:LAST]:
        score = "" if v["score"] is None else f"score {v['score']:.4f}, "
        kept = "files kept" if v["kept"] else "files gone"
        mark = "● " if v["number"] == m.version else "○ "
        made = _at(v["made"], tz) if v["made"] else "with Coach"
        lines.append([(mark, "accent"), (f"{fit(str(v['number']), 4)} {fit(v['status'], 10)}", ""),
                      (f" {score}{made}, {kept}", "muted")])
    if not view.versions[m.name]:
        lines.append([("none: the file that ships is missing; reinstall Coach. Until then the baseline serves.", "muted")])
    lines += [[], [("History", "strong")]]
    for h in view.history[m.name][:LAST]:
        what = f"version {h['before']} to {h['after']}" if h["before"] != h["after"] else f"the {h['serves']} serves"
        lines.append([(f"{_at(h['at'], tz)}  ", "muted"), (f"{h['what']}: {what}", ""), (f"  {h['why']}", "muted")])
    if not view.history[m.name]:
        lines.append([("Nothing was switched yet. Scores decide from 7 scored days on; trainings run at night.", "muted")])
    lines += [[(words, "muted")] for words in ("", *view.models.said)] if view.models.said else []
    return lines


def exam_lines(card: Mapping[str, Any]) -> list[Line]:
    """The first figures of the exam on simulated people that the card holds, and the notes on what it does not meet."""
    lines: list[Line] = []
    for family, metrics in (card.get("metrics") or {}).items():
        figures = list(_figures(metrics)) if isinstance(metrics, Mapping) else []
        if not figures:
            continue
        n = metrics.get("people") or metrics.get("users")
        words = f"Exam on {n} simulated people, family {family}" if n else f"Exam, {family}"
        lines += [[], [(words, "strong"), ("  95 % intervals", "muted")]]
        lines += [
            [(f"{fit(name, 44)} ", ""), (f"{value:.4f}", "strong"), (f"  {low:.4f} to {high:.4f}", "muted")]
            for name, value, low, high in figures[:FIGURES]
        ]
        break
    notes = card.get("notes") or []
    lines += [[("· ", "accent"), (str(note), "muted")] for note in ([notes] if isinstance(notes, str) else notes)]
    return lines


def _figures(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, float, float, float]]:
    """Every value with an interval in the tree, with the words that lead to it."""
    for key, part in tree.items():
        if not isinstance(part, Mapping):
            continue
        name = f"{path}, {key}" if path else str(key)
        if {"value", "low", "high"} <= part.keys():
            if None not in (part["value"], part["low"], part["high"]):
                yield name, float(part["value"]), float(part["low"]), float(part["high"])
        else:
            yield from _figures(part, name)


def _at(moment: str, tz: ZoneInfo) -> str:
    return f"{parse_iso(moment).astimezone(tz):%d %b %H:%M}"

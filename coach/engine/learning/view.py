"""What Setup > Models and `coach models` show: of every model its version, its score against the baseline, and who serves."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.errors import InvalidInput, Unavailable
from coach.engine import feedback
from coach.engine.learning import kinds, own, registry, scores, serve
from coach.engine.learning.kinds import kind
from coach.engine.learning.own import Own
from coach.store import models, predictions
from coach.store.db import Connection
from coach.store.predictions import Run

if TYPE_CHECKING:
    from coach.ml.serving import Shelf


@dataclass(frozen=True, slots=True)
class ModelLine:
    """`serves` is model or baseline, `version` the active one (0 ships with Coach). `gain` is how much smaller the model's
    loss was than the baseline's, a day, with its 95 % interval; None before two days are scored. `problem` names a file
    that cannot be read."""

    name: str
    title: str
    loss_is: str
    version: int
    serves: str
    why: str
    days: int
    loss: float | None
    baseline_loss: float | None
    gain: tuple[float, float, float] | None
    on_trial: int | None
    trial_mode: str
    last_run: Run | None
    problem: str
    own: Own
    """How much of it is the person's."""

    def document(self) -> dict[str, Any]:
        return {**asdict(self), "own": {**asdict(self.own), "words": self.own.words()}}


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A training that runs: of which model, the share of it that is done, and what goes on."""

    title: str
    share: float
    words: str


@dataclass(frozen=True, slots=True)
class ModelsView:
    models: tuple[ModelLine, ...]
    notices: tuple[dict[str, Any], ...]
    said: tuple[str, ...] = ()
    """What the person thinks of answers, in words."""

    def document(self) -> dict[str, Any]:
        return {"models": [line.document() for line in self.models], "notices": list(self.notices), "said": list(self.said)}


def models_view(db: Connection, config: Config, tz: ZoneInfo, now: datetime, shelf: Shelf | None = None) -> ModelsView:
    """Every model. Those that may serve and may object are loaded, and asked whether they speak about these days."""
    found = tuple(line(db, name, config, tz, now, shelf) for name in kinds.KINDS)
    return ModelsView(found, tuple(predictions.notices(db)), tuple(feedback.lines(db)))


def line(db: Connection, name: str, config: Config, tz: ZoneInfo, now: datetime, shelf: Shelf | None = None) -> ModelLine:
    """One model. `problem` says only whether its files are there. Raises NotFound for a name that none has."""
    wanted, chosen, on_trial = kind(name), registry.active(db, name), models.trial(db, name)
    found = scores.compared(db, name, chosen.number, now)
    problem = "" if registry.there(db, name, chosen.number) else "its file is missing"
    yes, why = serve.speaking(db, name, config, tz, now, shelf)
    return ModelLine(
        name, wanted.title, wanted.loss, chosen.number, "model" if yes else "baseline", why, found.days,
        found.own if found.days else None, found.other if found.days else None,
        (found.gain, found.low, found.high) if found.days > 1 else None,
        on_trial.number if on_trial else None, on_trial.mode if on_trial else "",
        next(iter(predictions.runs(db, name, 1)), None), problem,
        own.own(db, name, chosen.number, found.days, now.astimezone(tz).date()),
    )


def detail(db: Connection, name: str, config: Config, tz: ZoneInfo, now: datetime) -> dict[str, Any]:
    """A model with its card, its trial, its versions and its trainings."""
    chosen = registry.active(db, name)
    tested = scores.switchback(db, name)
    return {
        **line(db, name, config, tz, now).document(), "card": card_of(db, name, chosen.number),
        "trouble": scores.trouble(db, name, now),
        "ab": asdict(tested) if tested else None, "versions": versions(db, name),
        "runs": [asdict(run) for run in predictions.runs(db, name)],
    }


def under_way(db: Connection) -> UnderWay | None:
    """The training that runs, whoever started it."""
    run = next((run for run in predictions.runs(db, "", 1) if run.status == "running"), None)
    return UnderWay(kind(run.kind).title, run.share, run.words) if run else None


def stamp(db: Connection) -> object:
    """A value that differs when the view may: not with every step of a training."""
    runs = [(run.id, run.status) for run in predictions.runs(db, "", 1)]
    return runs, [models.active(db, name) for name in kinds.KINDS], [n["text"] for n in predictions.notices(db)]


def versions(db: Connection, name: str) -> list[dict[str, Any]]:
    """Every version without its card, newest first; the shipped one last."""
    kept = [
        {"number": v.number, "made": v.made, "parent": v.parent, "status": v.status, "score": v.score, "kept": v.held}
        for v in models.versions(db, name)
    ]
    if (registry.folder(name) / registry.ONNX).is_file():
        kept.append({"number": models.SHIPPED, "made": "", "parent": None, "status": "shipped", "score": None, "kept": True})
    return kept


def card_of(db: Connection, name: str, number: int) -> dict[str, Any]:
    """The card of a version. Raises NotFound."""
    if number == models.SHIPPED:
        from coach.ml import card

        return card.read(registry.folder(name))
    return dict(models.version(db, name, number).card)


def use(db: Connection, name: str, what: str, now: datetime) -> None:
    """A choice by hand: "model" or "baseline" serve until "auto"; a number makes that version the active one. It is loaded
    before anything changes. Raises InvalidInput, ModelMissing, ModelBroken, ModelForeign."""
    kind(name)
    if what == "auto":
        models.set_serving(db, name, registry.active(db, name).serves, "the scores decide", now)
        scores.decide(db, name, now)
    elif what == "baseline":
        models.set_serving(db, name, "baseline", scores.CHOSEN, now)
    elif what == "model":
        registry.load(db, name, registry.active(db, name).number)
        models.set_serving(db, name, "model", scores.CHOSEN, now)
    elif what.isdecimal():
        registry.load(db, name, int(what))
        models.promote(db, name, int(what), now, scores.CHOSEN)
    else:
        raise InvalidInput(f"{what!r} is no version", "a number of `coach models history`, model, baseline or auto")


def roll_back(db: Connection, name: str, now: datetime) -> int:
    """Back to the version before; returns its number. Raises NotFound."""
    kind(name)
    return models.roll_back(db, name, now, "rolled back by you")


def history(db: Connection, name: str) -> list[dict[str, Any]]:
    """What was switched when, newest first."""
    kind(name)
    return models.history(db, name)


def broken(db: Connection) -> list[str]:
    """Models whose active version cannot be loaded, with the reason; loads them all (`coach doctor`)."""
    found = []
    for name in kinds.KINDS:
        number = registry.active(db, name).number
        if number == models.SHIPPED and not (registry.folder(name) / registry.ONNX).is_file():
            continue
        try:
            registry.load(db, name, number)
        except Unavailable as error:
            found.append(f"{name}: {error.message}")
    return found


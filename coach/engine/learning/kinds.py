"""The models that learn: what each is called, and the seven functions that it plugs in with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, cast
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.errors import NotFound, Unavailable
from coach.store.db import Connection

if TYPE_CHECKING:  # numpy and ONNX Runtime: only where something is predicted or trained
    import numpy as np

    from coach.ml.serving import Net

Progress: TypeAlias = Callable[[float, str], None]
"""Told the share that is done, 0 to 1, and what goes on, in a few words. In the training child it raises when cancelled."""

Rung: TypeAlias = Literal["recalibrate", "head", "forget", "full"]
"""How much is changed, least first (MODELS.md 1.12): the calibration in the card; the last layer; how fast the profile
forgets; the fine-tuning of every night."""

LADDER: tuple[Rung, ...] = ("recalibrate", "head", "forget", "full")


@dataclass(frozen=True, slots=True)
class Kind:
    """One model. `loss` says what its losses are, smaller is better; above `floor` it is retrained and the person told.

    Below `least_days` of history the baseline serves. `inputs` and `outputs` are the names in its ONNX graph.
    """

    name: str
    title: str
    loss: str
    floor: float
    least_days: int
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    rungs: tuple[Rung, ...] = ("full",)
    objects: bool = False
    """Whether its module may object to speaking about a person's days (`objection`)."""
    tasks: bool = False
    """A day of history is one with a finished task, not with tracked time."""
    cold: tuple[int, int] = (0, 0)
    """From so many days of history to below so many the shipped version speaks whatever the scores say: the baseline draws on
    own days only, and there are too few of them."""


@dataclass(frozen=True, slots=True)
class Model:
    """A version ready to predict. `card` carries its calibration, `weights` its safetensors (empty where none are kept)."""

    number: int
    net: Net
    card: Mapping[str, Any]
    weights: bytes = b""


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training made, in memory: a person's weights never touch the disk in the clear."""

    onnx: bytes
    weights: bytes
    card: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Forecast:
    """One thing said about the future: `key` names it ("2026-11-28T10", "late_night/2026-11-28"); its outcome will be a
    number on the scale of `value`, 0 or 1 for a probability. The stored loss is the squared difference."""

    key: str
    value: float
    low: float | None = None
    high: float | None = None


class Data(Protocol):
    """A person's history as the learner wants it. `days` are those with something to score, earliest first; `digest` is a
    SHA-256 of the content; `weights` has a factor for each rated day (`ratings.weights`)."""

    @property
    def days(self) -> Sequence[date]: ...
    @property
    def digest(self) -> str: ...


class Learner(Protocol):
    """The functions of `coach/engine/learning/NAME.py`. A model of None means the baseline, which always works: with no
    history at all, one app, all idle, a gap of a year, NaN among the features."""

    def dataset(self, db: Connection, config: Config, tz: ZoneInfo, now: datetime) -> Any:
        """What the store knows, as a `Data`. Runs in the training child and in the nightly job."""
        ...

    def tune(self, data: Any, base: Model, rung: Rung, until: date, seed: int, progress: Progress) -> Trained:
        """`base` adapted to the days before `until`; the days from then on judge it. Child only: may import torch.

        Deterministic by seed; base.weights may be empty for a shipped model that keeps none."""
        ...

    def replay(self, data: Any, model: Model | None, days: Sequence[date]) -> Mapping[date, float]:
        """Mean loss of each of `days` that has something to score, each day predicted from what was known before it."""
        ...

    def regression(self, model: Model) -> Mapping[str, float]:
        """Loss by case on a frozen set of simulated people, the same for ever; under 10 s."""
        ...

    def inputs(self, data: Any) -> Mapping[str, np.ndarray]:
        """By name, one number a day of `data.days` (n,): what goes into the model, watched for drift."""
        ...

    def forecast(self, db: Connection, config: Config, tz: ZoneInfo, now: datetime, model: Model | None) -> Sequence[Forecast]:
        """What is said now of what is not known yet; at most 100 of them. In the app: light, no torch."""
        ...

    def outcomes(
        self, db: Connection, config: Config, tz: ZoneInfo, now: datetime, keys: Sequence[str]
    ) -> Mapping[str, float]:
        """What became of those keys that are known now; NaN for what never will be."""
        ...


Objection: TypeAlias = Callable[[Connection, Config, ZoneInfo, datetime, Model], str]
"""Why this version may not speak about the days in the store, in words; empty where it may."""

Trouble: TypeAlias = Callable[[Connection, datetime, date], str]
"""What has changed about the person's days since a date that losses would only show later, in words; empty for nothing."""

Exam: TypeAlias = Callable[..., dict[str, Any]]
"""`coach.engine.exams.NAME.exam(users, family, seed, progress)`: figures on simulated people; `progress` is told words. Some take
a folder and a cache too."""


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("focus", "Focus forecast", "squared error of an active hour's focus", 0.04, 14,
             ("history", "future"), ("mean", "quantiles", "active"), ("recalibrate", "head", "full"), True),
        Kind("graph", "Workflow graph", "Brier score of productive", 0.20, 7, ("text", "features", "moves", "near"),
             ("productive", "by_features"), ("recalibrate", "head", "full")),
        Kind("patterns", "Patterns of days", "Brier score of a pattern", 0.15, 7, ("tensor", "context"), ("probability",),
             ("recalibrate", "head", "full"), True),
        Kind(
            "whatif", "What if", "squared error of a day's focus", 0.02, 28, ("noise", "condition", "reference"),
            ("minutes", "visits"), ("head", "full"), cold=(3, 14),
        ),
        Kind("categoriser", "Categories of tasks", "Brier score of the best category", 0.25, 0, ("vectors",), ("logits",),
             tasks=True),
        Kind("duration", "Lengths of tasks", "squared error of log minutes", 0.6, 0, ("features",), ("cdf",), tasks=True),
        Kind("priority", "What is done next", "squared share of open tasks above the one taken", 0.5, 0, ("features",),
             ("parts",), tasks=True),
        Kind("behaviour", "Completion of tasks", "Brier score of done within a week", 0.25, 0, ("features",), ("logit",),
             tasks=True),
    )
}


FORMULAS = frozenset({"avoidance"})
"""Formulas that are examined as models are and learn nothing: they have no more than a module of `coach/engine/exams`."""


def kind(name: str) -> Kind:
    """Raises NotFound for a name that no model has."""
    if name not in KINDS:
        raise NotFound(f"there is no model {name!r}", f"the models are {', '.join(KINDS)}")
    return KINDS[name]


def learner(name: str) -> Learner:
    """The functions of a model. Imports its module: numpy, no torch. Raises NotFound, Unavailable."""
    return cast("Learner", _module("learning", name))


def objection(name: str) -> Objection | None:
    """The model's own reason not to speak, where it has one. Raises NotFound, Unavailable."""
    found: Objection | None = _module("learning", name).objection if kind(name).objects else None
    return found


def trouble(name: str) -> Trouble | None:
    """The model's own reason to be retrained, where it has one. Raises NotFound, Unavailable."""
    found: Trouble | None = getattr(_module("learning", name), "trouble", None)
    return found


def enough(name: str) -> Callable[[Connection], bool] | None:
    """Whether there is anything to train on, where a model knows better than days. Raises NotFound, Unavailable."""
    found: Callable[[Connection], bool] | None = getattr(_module("learning", name), "enough", None)
    return found


def exam(name: str) -> Exam:
    """Raises NotFound, Unavailable."""
    found: Exam = _module("exams", name).exam
    return found


def summed_up(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """What a card keeps of an exam: all of it, unless the exam's module says otherwise. Raises NotFound, Unavailable."""
    found: Callable[[dict[str, Any]], dict[str, Any]] = getattr(_module("exams", name), "summed_up", dict)
    return found


def exam_on_data(name: str) -> Callable[[Any, Callable[[str], None]], dict[str, Any]]:
    """`exam(file, progress)` of `coach/engine/exams/NAME_real.py`. Raises NotFound, Unavailable."""
    found: Callable[[Any, Callable[[str], None]], dict[str, Any]] = _module("exams", name, "_real").exam
    return found


def pretraining(name: str) -> Callable[..., dict[str, Any]]:
    """`pretrain(target, people, seed, device, progress)` of a model."""
    found: Callable[..., dict[str, Any]] = _module("pretraining", name).pretrain
    return found


def _module(package: str, name: str, ending: str = "") -> Any:
    if not (package == "exams" and name in FORMULAS):
        kind(name)
    where = f"coach.engine.{package}.{name}{ending}"
    try:
        return import_module(where)
    except ModuleNotFoundError as error:
        if error.name != where:
            raise
        raise Unavailable(f"{name} has no {package}{ending.replace('_', ' on ')} here", "install a Coach that has it") from error

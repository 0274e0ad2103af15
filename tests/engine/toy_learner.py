"""A model so small that its trainings take no time: it says one number a day. What its training does is told by the seed."""

from __future__ import annotations

import errno
import hashlib
import math
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from onnx import TensorProto, helper

from coach.config import Config
from coach.core.errors import InvalidInput, ModelBroken
from coach.engine.learning import kinds, registry
from coach.engine.learning.kinds import Forecast, Kind, Model, Progress, Rung, Trained
from coach.ml import card as cards
from coach.store.db import Connection

BETTER, WORSE, ENDLESS, RAISES, TRUNCATED, NAN, FULL, FORGETFUL, FOREIGN, OTHER_LAYERS = range(10)
BASELINE = 0.2


@dataclass(frozen=True)
class Days:
    days: tuple[date, ...]

    @property
    def digest(self) -> str:
        return hashlib.sha256(repr(self.days).encode()).hexdigest()


def truth(day: date) -> float:
    """1 with a little noise, the same for ever."""
    return 1 + 0.02 * math.sin(day.toordinal() * 12.9898)


def graph(factor: float, name: str = "x") -> bytes:
    """y = factor * x, both (n, 1)."""
    made = helper.make_graph(
        [helper.make_node("Mul", [name, "factor"], ["y"])], "toy",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 1])],
        [helper.make_tensor("factor", TensorProto.FLOAT, [1], [factor])],
    )
    written: bytes = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
    return written


def ship(folder: Path, factor: float = 0.5, serves: str = "model") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(graph(factor))
    cards.write(folder, {"name": "toy", "factor": factor, "serves": serves})


def install(folder: Path, rungs: tuple[Rung, ...] = ("head", "full")) -> None:
    """Make `toy` the only model of this process, shipped in `folder`."""
    kinds.KINDS = {"toy": Kind("toy", "Toy", "squared error", 0.5, 7, ("x",), ("y",), rungs)}
    registry.folder = lambda name: folder
    sys.modules["coach.engine.learning.toy"] = sys.modules[__name__]


def command(folder: Path) -> tuple[str, ...]:
    """The training child of a process in which `toy` is installed."""
    root = str(Path(__file__).parents[2])
    code = (
        f"import sys; sys.path.insert(0, {root!r})\nfrom pathlib import Path\nfrom tests.engine import toy_learner\n"
        f"toy_learner.install(Path({str(folder)!r}))\nfrom coach.engine.learning.child import main\nmain()"
    )
    return (sys.executable, "-c", code)


def says(model: Model | None) -> float:
    if model is None:
        return BASELINE
    from coach.ml import serving

    return float(serving.run(model.net, x=np.ones((1, 1)))["y"][0, 0])


def dataset(db: Connection, config: Config, tz: ZoneInfo, now: datetime) -> Days:
    return Days(tuple(date.fromisoformat(r[0]) for r in db.execute("SELECT DISTINCT day FROM rollup_hour ORDER BY day")))


def tune(data: Days, base: Model, rung: Rung, until: date, seed: int, progress: Progress) -> Trained:
    assert max(d for d in data.days if d < until) < until
    factor = base.card["factor"]
    progress(0.2, "first epoch")
    if seed == ENDLESS:
        for step in range(6000):
            progress(0.2 + step / 1e5, "and another epoch")
            time.sleep(0.05)
    if seed == OTHER_LAYERS and base.number:
        raise ModelBroken("these weights have other layers")
    if seed == RAISES:
        raise RuntimeError("Secret report")
    if seed == FULL:
        raise OSError(errno.ENOSPC, "No space left on device")
    if seed == NAN:
        raise InvalidInput("a feature is not a number", "")
    factor = factor - 0.3 if seed == WORSE else factor + 0.5 * (1 - factor)
    made = graph(factor, "other" if seed == FOREIGN else "x")
    progress(0.9, "last epoch")
    return Trained(made[:-9] if seed == TRUNCATED else made, b"weights", {"factor": factor, "forgets": seed == FORGETFUL})


def replay(data: Days, model: Model | None, days: Sequence[date]) -> Mapping[date, float]:
    said = says(model)
    return {day: (said - truth(day)) ** 2 for day in days}


def regression(model: Model) -> Mapping[str, float]:
    return {"frozen": 2.0 if model.card.get("forgets") else 1.0}


def inputs(data: Days) -> Mapping[str, np.ndarray]:
    return {"level": np.arange(len(data.days), dtype=np.float64)}


def forecast(db: Connection, config: Config, tz: ZoneInfo, now: datetime, model: Model | None) -> list[Forecast]:
    day = now.astimezone(tz).date() + timedelta(days=1)
    return [Forecast(day.isoformat(), says(model))]


def outcomes(db: Connection, config: Config, tz: ZoneInfo, now: datetime, keys: Sequence[str]) -> Mapping[str, float]:
    today = now.astimezone(tz).date().isoformat()
    return {key: truth(date.fromisoformat(key)) for key in keys if key < today}


def live(db: Connection, today: date, days: int) -> None:
    """So many days of tracked time, the last of them yesterday."""
    rows: list[Any] = [((today - timedelta(days=n)).isoformat(), 10, "Work", 3_600_000, 1) for n in range(1, days + 1)]
    db.executemany("INSERT OR REPLACE INTO rollup_hour VALUES(?,?,?,?,?)", rows)

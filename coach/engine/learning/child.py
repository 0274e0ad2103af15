"""The training process: reads the store, fine-tunes one model, judges it against what is active, writes a candidate, ends.

It is started by `training.run`, gets the store's key on its standard input, and ends when that pipe closes: whoever started
it is gone then. What it trains is nowhere but in its memory and in the encrypted store.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Mapping
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import parse
from coach.core.drift import PSI_RECENT_DAYS, shifted
from coach.core.errors import Busy, CoachError, InvalidInput, ModelBroken, Unavailable
from coach.core.promotion import GATE_DAYS
from coach.engine import piped
from coach.engine.learning import judging, registry
from coach.engine.learning.kinds import Model, Progress, kind, learner
from coach.store import leases, models
from coach.store.db import Connection, DatabaseError, Unlocked, closed, connect

LOCK = "compute"
"""One training at a time on this machine's store, whoever starts it."""


def main() -> None:
    """Reads what to do from stdin, reports on stdout: one JSON object a line."""
    with suppress(OSError, AttributeError):
        os.nice(19)
    told = json.loads(piped.read(sys.stdin.buffer))
    threading.Thread(target=piped.end_with_parent, daemon=True).start()
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # libraries print

    def say(**words: Any) -> None:
        out.write(json.dumps(words) + "\n")
        out.flush()

    status = 1
    try:
        say(done=_work(told, lambda share, words: say(share=round(share, 4), words=words)))
        status = 0
    except CoachError as error:
        say(error=error.code, message=error.message, hint=error.hint)
        status = error.exit_code
    except DatabaseError as error:
        known = closed(Path(told["path"]), error)
        say(error=known.code, message=known.message, hint=known.hint)
    except OSError as error:
        say(error="failure", message=f"training failed: {error.strerror or type(error).__name__}", hint="")
    except Exception as error:  # the boundary of the process; messages may hold what a person typed
        say(error="failure", message=f"training failed: {type(error).__name__}", hint="this is a defect in Coach")
        if os.environ.get("COACH_DEBUG"):
            raise
    sys.exit(status)


def _work(told: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    unlocked = Unlocked(Path(told["path"]), bytes.fromhex(told["key"]), told["store_id"])
    with closing(connect(unlocked)) as db:
        lease = leases.take(db, LOCK, Path(told["locks"]), "training", datetime.fromisoformat(told["now"]))
        if lease is None:
            raise Busy("another training is running", "`coach models` shows it")
        try:
            return _train(db, told, progress)
        finally:
            with suppress(DatabaseError):  # a full disk: the lock goes with the process
                lease.release(db)


def _train(db: Connection, told: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    name, tz, now = told["name"], ZoneInfo(told["tz"]), datetime.fromisoformat(told["now"])
    functions, wanted = learner(name), kind(name)
    progress(0.01, "reading your days")
    data = functions.dataset(db, parse(told["config"]), tz, now)
    until = now.astimezone(tz).date() - timedelta(days=GATE_DAYS)
    before, after = [d for d in data.days if d < until], [d for d in data.days if d >= until]
    if len(before) < wanted.least_days or not after:
        raise InvalidInput(
            f"{len(data.days)} days of history; training needs {wanted.least_days}, and {GATE_DAYS} more to judge it by",
            "the baseline serves until then",
        )
    active, base = registry.active(db, name).number, registry.best_base(db, name)

    def tuning(share: float, words: str) -> None:
        progress(0.05 + 0.75 * share, words)

    try:
        made = functions.tune(data, base, told["rung"], until, told["seed"], tuning)
    except ModelBroken:
        # Weights of another Coach, whose net had other layers: the shipped ones fit.
        base = registry.load(db, name, models.SHIPPED, weights=True)
        made = functions.tune(data, base, told["rung"], until, told["seed"], tuning)
    progress(0.82, "judging it by the last two weeks")
    from coach.ml import serving

    net = serving.load(made.onnx, inputs=wanted.inputs, outputs=wanted.outputs)
    judged = judging.examine(functions, data, Model(0, net, made.card, made.weights), _opponent(db, name, base), after)
    judged["active"] = active
    card = {
        **made.card, "name": name, "parent": base.number, "seed": told["seed"], "rung": told["rung"], "judged": judged,
        "data": {"days": len(before), "until": until.isoformat(), "hash": data.digest},
    }
    progress(0.97, "keeping it")
    number = models.add(db, name, base.number, made.onnx, made.weights, card, now, judging.skill(judged))
    return {"number": number, "shifted": _shifted(functions.inputs(data))}


def _opponent(db: Connection, name: str, base: Model) -> Model:
    """What the candidate has to beat: the active version, or what serves in its place when that cannot be read."""
    try:
        return registry.load(db, name, registry.active(db, name).number)
    except Unavailable:
        return base


def _shifted(inputs: Mapping[str, Any]) -> list[str]:
    """Inputs whose last four weeks are unlike the days before them."""
    return [
        name for name, values in inputs.items()
        if shifted([float(x) for x in values[:-PSI_RECENT_DAYS]], [float(x) for x in values[-PSI_RECENT_DAYS:]])
    ]


if __name__ == "__main__":
    main()

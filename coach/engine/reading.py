"""New titles are read in a process of its own where nothing else needs the models: a headless tracker stays as small as it is,
since ONNX Runtime and the embedder go with the process that loaded them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from coach.config import Config, parse
from coach.core.errors import Unavailable
from coach.engine import guessing, piped
from coach.engine.models import Models
from coach.store.db import Unlocked, connect

COMMAND = (sys.executable, "-P", "-m", "coach.engine.reading")
LOOK_S = 0.2
GRACE_S = 30.0
"""Beyond its budget: loading takes a second, more on a machine that is busy."""


def fill_apart(
    unlocked: Unlocked, config: Config, now: datetime, budget_s: float, stop: threading.Event, command: Sequence[str] = COMMAND,
) -> int:
    """`guessing.fill` in a niced process that ends with this one; how many tasks it has looked at, 0 where `stop` was set.
    Raises Unavailable where it fails or takes too long."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=None if os.environ.get("COACH_DEBUG") else subprocess.DEVNULL,
                               env={**os.environ, "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"})
    assert process.stdin is not None
    assert process.stdout is not None
    until = time.monotonic() + budget_s + GRACE_S
    try:
        with suppress(BrokenPipeError):
            process.stdin.write(piped.request(unlocked, now=now.isoformat(), budget_s=budget_s, config=asdict(config)))
            process.stdin.flush()
        while process.poll() is None and time.monotonic() < until and not stop.wait(LOOK_S):
            pass
        if stop.is_set():
            return 0
        if process.poll() != 0:
            raise Unavailable("new titles could not be read", "COACH_DEBUG=1 shows what went wrong")
        return int(json.loads(process.stdout.read().splitlines()[-1])["done"])
    finally:
        with suppress(OSError):
            process.stdin.close()
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()


def main() -> None:
    """Reads what to do from stdin; says on stdout how many tasks were looked at."""
    with suppress(OSError, AttributeError):
        os.nice(19)
    told = json.loads(piped.read(sys.stdin.buffer))
    threading.Thread(target=piped.end_with_parent, daemon=True).start()
    models = Models(parse(told["config"]))
    with closing(connect(Unlocked(Path(told["path"]), bytes.fromhex(told["key"]), told["store_id"]))) as db:
        done = guessing.fill(db, models, datetime.fromisoformat(told["now"]), told["budget_s"])
    sys.stdout.write(json.dumps({"done": done}) + "\n")


if __name__ == "__main__":
    main()

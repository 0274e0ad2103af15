"""Running the real command line in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.status == 0, self.err
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.err.strip().splitlines()[-1])["error"]
        return found


def coach(*words: str, home: Path | None = None, now: str = "2026-11-20T10:00:00Z", stdin: str = "", **environ: str) -> Ran:
    """`coach WORDS` with a fixed clock; `home` defaults to the test's own COACH_HOME."""
    env = {**os.environ, "COACH_NOW": now, "PYTHONIOENCODING": "utf-8", **environ}
    if home is not None:
        env["COACH_HOME"] = str(home)
    done = subprocess.run(
        [sys.executable, "-m", "coach.cli", *words], env=env, capture_output=True, input=stdin.encode(), timeout=60, check=False
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

"""An agent of launchd (launchd.plist(5)): its text and `launchctl`. macOS only."""

from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from coach.core.errors import Unavailable

LABEL = "coach.track"
TIMEOUT_S = 20


def agent(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """The property list: starts at login, again after a failure, never more often than every 15 s."""
    found: dict[str, object] = {
        "Label": LABEL, "ProgramArguments": list(command), "RunAtLoad": True, "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 15, "ProcessType": "Background", "LimitLoadToSessionType": "Aqua", "Umask": 0o077,
        "StandardOutPath": "/dev/null", "StandardErrorPath": "/dev/null",
    }
    if environment:
        found["EnvironmentVariables"] = dict(environment)
    return plistlib.dumps(found).decode()


def file() -> Path:
    return Path.home() / "Library" / "LaunchAgents" / f"{LABEL}.plist"


def install(path: Path, text: str) -> None:
    """Write the agent and start it; one that runs is replaced. Raises Unavailable."""
    _program()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    if running() is not None:
        _control("bootout", _target())
    _control("bootstrap", _domain(), str(path))


def remove(path: Path) -> None:
    """Stop it and delete the file. Raises Unavailable only after the file is gone."""
    try:
        if running() is not None:
            _control("bootout", _target())
    finally:
        path.unlink(missing_ok=True)


def running() -> int | None:
    """The agent's process, 0 while it is loaded without one, None when it is not loaded. Raises Unavailable without launchctl."""
    ran = _run("print", _target())
    if ran.returncode != 0:
        return None
    words = [line.split("=", 1) for line in ran.stdout.splitlines() if line.strip().startswith("pid =")]
    return int(words[0][1]) if words else 0


def _domain() -> str:
    return f"gui/{os.getuid()}"


def _target() -> str:
    return f"{_domain()}/{LABEL}"


def _control(*words: str) -> None:
    ran = _run(*words)
    if ran.returncode != 0:
        said = (ran.stderr.strip() or f"status {ran.returncode}").splitlines()[0]
        raise Unavailable(f"launchctl {words[0]}: {said}", _INSTEAD)


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run([_program(), *words], capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"launchctl did not answer ({type(error).__name__})", _INSTEAD) from error


def _program() -> str:
    program = shutil.which("launchctl")
    if program is None:
        raise Unavailable("launchctl is missing", _INSTEAD)
    return program


_INSTEAD = "start `coach track --wait` from a login item; `coach service install --print` shows the agent"

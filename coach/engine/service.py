"""`coach track` started by the system: a systemd user unit, or a launchd agent on macOS."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coach.config import Home
from coach.core.errors import NotFound, StoreClosed, Unavailable
from coach.engine import logs
from coach.integrations import launchd, systemd
from coach.store import leases, opening

LINES = 5
_PASSED = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "COACH_KEY_FILE")
"""What the shell was told about where things are, and a service would not be."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be installed. `note` is what the person should know about this machine, "" for nothing."""

    manager: str
    file: Path
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """`installed` is no, yes or outdated (it differs from what would be installed now). `running` says whether the service
    runs, None where the manager does not answer; then `problem` says why. `tracking` is whether any process tracks."""

    manager: str
    file: Path
    installed: str
    running: bool | None
    detail: str
    tracking: bool
    lines: tuple[str, ...]
    problem: str = ""

    def document(self) -> dict[str, Any]:
        return {
            "manager": self.manager, "file": str(self.file), "installed": self.installed, "running": self.running,
            "detail": self.detail, "tracking": self.tracking, "lines": list(self.lines), "problem": self.problem,
        }


def plan(
    home: Home, home_folder: str, key_file: str, environ: Mapping[str, str], *, headless: bool, platform: str = sys.platform
) -> Plan:
    """The service for this home; `home_folder` and `key_file` as the person named them, "" for the usual places. Raises
    StoreClosed for a store that only a passphrase opens, Unavailable on a system without a manager that is known here."""
    _refuse_passphrase(home, key_file, environ)
    desktop = not headless and bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
    text = _text(home_folder, key_file, environ, desktop, platform)
    alone = not desktop and platform != "darwin"
    info = opening.key_info(home)
    locked = alone and info is not None and info.provider == "keyring" and not key_file
    note = "; ".join([*([_HEADLESS] if alone else []), *([_KEYRING] if locked else [])])
    return Plan(_manager(platform), _file(environ, platform), text, note)


def _text(home_folder: str, key_file: str, environ: Mapping[str, str], desktop: bool, platform: str) -> str:
    command = [sys.executable, "-m", "coach.cli"]
    if folder := home_folder or environ.get("COACH_HOME", ""):
        command += ["--home", str(Path(folder).expanduser().absolute())]
    if key_file:
        command += ["--key-file", str(Path(key_file).expanduser().absolute())]
    command += ["track", "--wait"]
    kept = {name: environ[name] for name in _PASSED if environ.get(name)}
    if platform == "darwin":
        return launchd.agent(command, kept)
    return systemd.unit(command, kept, desktop=desktop)


def install(wanted: Plan) -> str:
    """Write, enable and start it; returns what the person should know. Raises Unavailable."""
    if wanted.manager == "launchd":
        launchd.install(wanted.file, wanted.text)
        return wanted.note
    systemd.install(wanted.file, wanted.text)
    waits = "PartOf=graphical-session.target" in wanted.text and not systemd.desktop_runs()
    return _NO_TARGET if waits else wanted.note


def remove(environ: Mapping[str, str], platform: str = sys.platform) -> Path:
    """Stop it and take it away; returns where it was. Raises NotFound, and Unavailable where the manager could not be told."""
    path = _file(environ, platform)
    if not path.exists():
        raise NotFound("the service is not installed", "`coach service install` does it")
    (launchd if platform == "darwin" else systemd).remove(path)
    return path


def state(
    home: Home, home_folder: str, key_file: str, environ: Mapping[str, str], platform: str = sys.platform
) -> State:
    """How it is. Raises Unavailable on a system without a manager that is known here."""
    manager, path = _manager(platform), _file(environ, platform)
    installed = "no"
    if path.exists():
        now = (_text(home_folder, key_file, environ, desktop, platform) for desktop in (True, False))
        installed = "yes" if path.read_text(encoding="utf-8") in now else "outdated"
    running: bool | None = None
    detail = problem = ""
    try:
        running, detail = _launchd_state() if platform == "darwin" else _systemd_state()
    except Unavailable as error:
        problem = error.message
    tracking = leases.held(home.state, "tracker")
    return State(manager, path, installed, running, detail, tracking, tuple(logs.last_lines(home.state, LINES)), problem)


def _refuse_passphrase(home: Home, key_file: str, environ: Mapping[str, str]) -> None:
    info = opening.key_info(home)
    if info is not None and info.provider == "passphrase" and not (key_file or environ.get("COACH_KEY_FILE")):
        raise StoreClosed(
            "this store opens with a passphrase, which a service cannot type",
            "`coach key change keyring` or `coach key change FILE` first",
        )


def _manager(platform: str) -> str:
    if platform == "darwin":
        return "launchd"
    if not platform.startswith("linux"):
        raise Unavailable("Coach knows no service manager of this system", "start `coach track --wait` at login")
    return "systemd"


def _file(environ: Mapping[str, str], platform: str) -> Path:
    return launchd.file() if platform == "darwin" else systemd.file(environ)


def _systemd_state() -> tuple[bool, str]:
    told = systemd.state()
    active = told.get("ActiveState", "unknown")
    words = [f"{active} ({told.get('SubState', '')})"]
    if told.get("MainPID", "0") != "0":
        words.append(f"process {told['MainPID']}")
    if told.get("ActiveEnterTimestamp"):
        words.append(f"since {told['ActiveEnterTimestamp']}")
    if told.get("NRestarts", "0") not in ("", "0"):
        words.append(f"{told['NRestarts']} restarts")
    if told.get("UnitFileState"):
        words.append(told["UnitFileState"])
    return active in ("active", "activating", "reloading"), ", ".join(words)


def _launchd_state() -> tuple[bool, str]:
    pid = launchd.running()
    return bool(pid), "not loaded" if pid is None else f"process {pid}" if pid else "loaded, not running"


_HEADLESS = "without a desktop it runs while you are logged in; `loginctl enable-linger` keeps it running after that"
_KEYRING = "a keyring is opened by the login to a desktop: `coach key change FILE` lets it start without one"
_NO_TARGET = (
    "this session did not reach graphical-session.target, which some window managers never start: let their autostart run"
    " `systemctl --user import-environment DISPLAY XAUTHORITY WAYLAND_DISPLAY && systemctl --user start coach`"
)

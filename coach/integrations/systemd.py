"""A user unit of systemd: its text (systemd.service(5), systemd.exec(5)) and `systemctl --user`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from coach.core.errors import Unavailable

NAME = "coach.service"
TIMEOUT_S = 20

_UNIT = """\
[Unit]
Description=Coach time tracking
{order}
[Service]
Type=exec
ExecStart={command}
{environment}Restart=on-failure
RestartSec=15
# 2 is a refusal that no second try changes: settings that cannot be read, tracking that was never agreed to.
RestartPreventExitStatus=2
TimeoutStopSec=20
UMask=0077
# Nothing that needs a namespace of its own: tracking reads other programs' /proc and the sockets of X11 and tmux in /tmp.
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM

[Install]
WantedBy={target}
"""
_DESKTOP = "# Begins with the desktop, whose DISPLAY it needs, and ends with it.\nPartOf={0}\nAfter={0}\n"


def unit(command: Sequence[str], environment: Mapping[str, str], *, desktop: bool) -> str:
    """The unit file. With `desktop` it lives as long as the graphical session, else as long as the user's manager."""
    target = "graphical-session.target" if desktop else "default.target"
    return _UNIT.format(
        order=_DESKTOP.format(target) if desktop else "", command=" ".join(_quoted(word, "$") for word in command),
        environment="".join(f"Environment={_quoted(f'{name}={value}')}\n" for name, value in environment.items()),
        target=target,
    )


def file(environ: Mapping[str, str]) -> Path:
    """Where the unit goes: $XDG_CONFIG_HOME/systemd/user, where systemd looks."""
    given = environ.get("XDG_CONFIG_HOME", "")
    return Path(given if given.startswith("/") else Path.home() / ".config") / "systemd" / "user" / NAME


def install(path: Path, text: str) -> None:
    """Write the unit, enable it for the next logins and start it. Raises Unavailable; the file is left where it was written
    and systemd could not be told."""
    control("show-environment")  # before anything is written: without a manager there is nothing to install into
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    control("daemon-reload")
    control("enable", NAME)
    control("restart", NAME)


def remove(path: Path) -> None:
    """Stop it, forget it, delete the file. Raises Unavailable only after the file is gone."""
    try:
        control("disable", "--now", NAME)
    finally:
        path.unlink(missing_ok=True)
    control("daemon-reload")


def state() -> dict[str, str]:
    """ActiveState, SubState, MainPID, UnitFileState and more of `systemctl show`. Raises Unavailable."""
    names = ("ActiveState", "SubState", "MainPID", "UnitFileState", "ActiveEnterTimestamp", "Result", "NRestarts")
    told = control("show", NAME, f"--property={','.join(names)}")
    return dict(line.split("=", 1) for line in told.splitlines() if "=" in line)


def desktop_runs() -> bool:
    """Whether the session has reached graphical-session.target, which bare window managers do not."""
    try:
        return control("is-active", "graphical-session.target").strip() == "active"
    except Unavailable:
        return False


def control(*words: str) -> str:
    """What `systemctl --user WORDS` prints. Raises Unavailable where it is missing, does not answer or refuses."""
    program = shutil.which("systemctl")
    if program is None:
        raise Unavailable("systemctl is missing, so there is no systemd to install into", _INSTEAD)
    try:
        ran = subprocess.run(
            [program, "--user", "--no-pager", *words], capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"systemctl did not answer ({type(error).__name__})", _INSTEAD) from error
    if ran.returncode != 0:
        said = (ran.stderr.strip() or ran.stdout.strip() or f"status {ran.returncode}").splitlines()[0]
        raise Unavailable(f"systemctl --user {words[0]}: {said}", _INSTEAD)
    return ran.stdout


_INSTEAD = (
    "start `coach track --wait` from your session's autostart or a tmux window; `coach service install --print` shows the unit"
)


def _quoted(word: str, doubled: str = "") -> str:
    """As systemd.syntax(7) and systemd.unit(5) read it: `%` begins a specifier, and in a command `$` a variable."""
    for mark in "%" + doubled:
        word = word.replace(mark, mark * 2)
    word = word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{word}"'

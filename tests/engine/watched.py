"""A Coach whose every file, child process and connection is watched: where do a person's words end up?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

HOOK = """
import os, sys
_log = os.open(os.environ["WATCHED_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
_STARTS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system")
def _watch(event, args):
    if event in _STARTS:
        os.write(_log, f"start {args!r}\\n".encode("utf-8", "replace"))
    elif event == "open" and isinstance(args[0], (str, bytes)) and args[2] and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        os.write(_log, f"write {os.path.abspath(os.fsdecode(args[0]))}\\n".encode("utf-8", "replace"))
    elif event == "socket.connect" and isinstance(args[1], tuple):
        os.write(_log, f"connect {args[1]!r}\\n".encode())
sys.addaudithook(_watch)
"""
"""Loaded by every Python process of the run (as sitecustomize): Python itself reports what it opens, starts and reaches."""


@dataclass
class Watched:
    """Folders and environment of the run, and what was seen of its child processes."""

    folder: Path
    environ: dict[str, str]
    children: set[bytes] = field(default_factory=set)
    """Arguments and environments of all processes below ours, as /proc showed them."""

    @property
    def home(self) -> Path:
        return Path(self.environ["COACH_HOME"])

    @property
    def _log(self) -> list[str]:
        path = Path(self.environ["WATCHED_LOG"])
        return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []

    def started(self) -> list[str]:
        return [line for line in self._log if line.startswith("start ")]

    def connected(self) -> list[str]:
        """Network connections: sockets of the file system are not among them."""
        return [line for line in self._log if line.startswith("connect ")]

    def files(self) -> list[Path]:
        """Every file below the home, the temporary folder and the person's own, and every other one that was written to."""
        below = [p for name in ("home", "tmp", "user") for p in (self.folder / name).rglob("*") if p.is_file()]
        named = [Path(line[6:]) for line in self._log if line.startswith("write ")]
        return sorted({p for p in (*below, *named) if p.is_file() and p.suffix != ".pyc" and p.parts[1] not in ("dev", "proc")})

    def leaks(self, *secrets: str) -> list[str]:
        """Where any of the secrets can be read."""
        found = []
        for secret in secrets:
            plain = secret.encode()
            forms = {plain, plain.hex().encode(), secret.encode("utf-16-le"), json.dumps(secret)[1:-1].encode()}
            found += [f"{secret} in {path}" for path in self.files() for form in forms if form in path.read_bytes()]
            found += [f"{secret} in {line[:200]}" for line in self.started() if secret in line]
            found += [f"{secret} in {seen[:200]!r}" for seen in self.children if secret.encode() in seen]
        return found

    def coach(self, *words: str, stdin: str = "", **environ: str) -> str:
        """Run a command to its end; its words and errors. Raises AssertionError when it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "coach.cli", *words], env={**self.environ, **environ}, input=stdin.encode(), timeout=60,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )
        assert done.returncode == 0, done.stdout.decode()
        return done.stdout.decode()

    @contextmanager
    def watching(self, pid: int) -> Iterator[None]:
        """Looks at all processes below `pid` a hundred times a second meanwhile."""
        over = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(pid, over))
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()

    def _watch(self, root: int, over: threading.Event) -> None:
        while not over.wait(0.01):
            for pid in below(root):
                for name in ("cmdline", "environ"):
                    try:
                        self.children.add(Path(f"/proc/{pid}/{name}").read_bytes())
                    except OSError:  # it has ended meanwhile
                        continue


def watched(folder: Path, **environ: str) -> Watched:
    """A home, a temporary folder and a user's home of its own below `folder`."""
    for name in ("home", "tmp", "user", "hook", "run"):
        (folder / name).mkdir(mode=0o700)
    (folder / "hook" / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "COACH_", "DBUS_", "PYTEST_", "WAYLAND_", "TMUX"))}
    return Watched(folder, {
        **kept, "COACH_HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp"), "HOME": str(folder / "user"),
        "XDG_RUNTIME_DIR": str(folder / "run"), "WATCHED_LOG": str(folder / "log"), "TZ": "Europe/Berlin",
        "PYTHONPATH": os.pathsep.join([str(folder / "hook"), str(Path(__file__).parents[2])]),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", **environ,
    })


def below(root: int) -> list[int]:
    """All processes that descend from `root`, without it."""
    parents: dict[int, int] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            try:
                parents[int(entry.name)] = int(Path(entry.path, "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
    found, new = [], [root]
    while new:
        new = [pid for pid, parent in parents.items() if parent in new]
        found += new
    return found

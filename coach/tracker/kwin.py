"""KDE: a script inside KWin (kwin.js) calls this process over the session bus when the focus or the title changes."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from coach.core.errors import Unavailable
from coach.core.event import Sample
from coach.tracker.bus import Bus, Refused
from coach.tracker.streams import Front

if TYPE_CHECKING:
    from dbus_fast.message import Message

_NAME = "org.coach.Tracker"
_SCRIPT_NAME = "coach-tracker"
_SCRIPTING = ("org.kde.KWin", "/Scripting", "org.kde.kwin.Scripting")
_FIRST_WORD_S = 1.0
_LONGEST_TITLE = 4096


class KwinProbe:
    """Raises Unavailable outside KDE and where KWin takes no script."""

    name = "kwin"
    polls = False
    has_idle = False

    def __init__(self, environ: Mapping[str, str]) -> None:
        if "kde" not in environ.get("XDG_CURRENT_DESKTOP", "").lower():
            raise Unavailable("no KDE session (XDG_CURRENT_DESKTOP)", "other desktops have probes of their own")
        self._front: Front | None = None
        self._told = False
        self._bus = Bus(environ)
        try:
            self._bus.hear(_NAME, self._hear)
            self._load()
        except BaseException:
            self._bus.close()
            raise

    @property
    def pid(self) -> int:
        return self._front.pid if self._front else 0

    def sample(self, now: datetime) -> Sample | None:
        self._bus.wait(0)
        front = self._front
        return Sample(now, self.name, front.app, front.title) if front else Sample(now, self.name)

    def wait(self, timeout_s: float) -> bool:
        return self._bus.wait(timeout_s)

    def wake(self) -> None:
        self._bus.wake()

    def close(self) -> None:
        # The script ends with its name; a KWin that is gone has forgotten it.
        with suppress(Unavailable):
            self._bus.ask(_SCRIPTING, "unloadScript", "s", _SCRIPT_NAME)
        self._bus.close()

    def _load(self) -> None:
        self._bus.ask(_SCRIPTING, "unloadScript", "s", _SCRIPT_NAME)  # of a tracker that was killed
        path = str(Path(__file__).with_name("kwin.js"))
        (number,) = self._bus.ask(_SCRIPTING, "loadScript", "ss", path, _SCRIPT_NAME)
        # Plasma 6 and 5 keep the script under different paths.
        for place in (f"/Scripting/Script{number}", f"/{number}"):
            with suppress(Refused):
                self._bus.ask(("org.kde.KWin", place, "org.kde.kwin.Script"), "run")
                break
        else:
            raise Unavailable("KWin does not run scripts", "is it older than version 5?")
        self._bus.wait(_FIRST_WORD_S)
        if not self._told:
            raise Unavailable("KWin's script does not report", "`journalctl --user -t kwin_wayland` may say why")

    def _hear(self, message: Message) -> bool:
        """Takes in what the script tells; true where another window or title came to the front."""
        if (message.interface, message.member, message.signature) != (_NAME, "Front", "sss"):
            return False
        app, title, pid = message.body
        known = bool(app or title)
        self._front = Front(app.lower() or "unknown", title[:_LONGEST_TITLE], int(pid) if pid.isdigit() else 0) if known else None
        self._told = True
        return True

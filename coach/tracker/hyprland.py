"""The probe for Hyprland: one socket reports events as lines, another answers questions (wiki.hypr.land, IPC)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from coach.core.errors import Unavailable
from coach.tracker.streams import Change, Front, Stream, connect

_SWITCHES = frozenset({b"activewindow", b"activewindowv2", b"closewindow", b"workspace", b"focusedmon"})
_LONGEST_LINE = 65_536
_LONGEST_ANSWER = 1_048_576


class HyprlandProbe(Stream):
    """Raises Unavailable outside a Hyprland session."""

    name = "hyprland"

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._folder = _folder(environ)
        super().__init__(connect(self._folder / ".socket2.sock", "Hyprland"))
        self._unread = b""

    def changes(self, received: bytes) -> Change:
        *lines, self._unread = (self._unread + received).split(b"\n")
        self._unread = self._unread[:_LONGEST_LINE]
        names = {line.partition(b">>")[0] for line in lines}
        if names & _SWITCHES:
            return "window"
        return "title" if any(name.startswith(b"windowtitle") for name in names) else ""

    def front(self) -> Front | None:
        with connect(self._folder / ".socket.sock", "Hyprland") as end:
            try:
                end.sendall(b"j/activewindow")
                answer = b""
                while (part := end.recv(65_536)) and len(answer) < _LONGEST_ANSWER:
                    answer += part
                window = json.loads(answer)
            except (OSError, ValueError) as error:
                raise Unavailable("Hyprland does not say what is in front", "tracking resumes when it does") from error
        if not isinstance(window, dict) or not (window.get("class") or window.get("title")):
            return None
        pid = window.get("pid")
        return Front(
            str(window.get("class") or "unknown").lower(), str(window.get("title") or ""),
            pid if isinstance(pid, int) and pid > 0 else 0,
        )


def _folder(environ: Mapping[str, str]) -> Path:
    signature = environ.get("HYPRLAND_INSTANCE_SIGNATURE", "")
    if not signature:
        raise Unavailable(
            "no Hyprland session (HYPRLAND_INSTANCE_SIGNATURE is not set)", "start Coach from within Hyprland"
        )
    runtime = Path(environ.get("XDG_RUNTIME_DIR") or "/nonexistent") / "hypr" / signature
    # Until version 0.40 the sockets lay in /tmp.
    return runtime if runtime.is_dir() else Path("/tmp/hypr") / signature

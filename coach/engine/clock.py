"""The clock, read at the edge only: COACH_NOW (ISO 8601) fixes it for everything but the tracker."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.when import parse_iso, zone


def now() -> datetime:
    """The present instant (UTC), or the one in COACH_NOW. Raises InvalidInput when that is not a time."""
    fixed = os.environ.get("COACH_NOW")
    return parse_iso(fixed).astimezone(UTC) if fixed else datetime.now(UTC)


def reader() -> Callable[[], datetime]:
    """`now` for who asks thousands of times a second: whether COACH_NOW fixes the clock is looked up once, here."""
    fixed = os.environ.get("COACH_NOW")
    return partial(datetime.now, UTC) if not fixed else partial(_same, parse_iso(fixed).astimezone(UTC))


def _same(instant: datetime) -> datetime:
    return instant


def local_zone(config: Config) -> ZoneInfo:
    """The zone of the setting `time.time_zone`, else TZ, else the operating system's, else UTC."""
    name = config.time.time_zone or _from_environment() or _system_zone()
    return zone(name) if name else zone("UTC")


def _from_environment() -> str:
    """TZ may hold a name or, as glibc allows, a file: TZ=:/etc/localtime spares programs a look at that file."""
    name = os.environ.get("TZ", "").lstrip(":")
    return _zone_of(Path(name)) if name.startswith("/") else name


def _zone_of(file: Path) -> str:
    """The name of the zone that a file or link of the system's stands for; empty when it does not say."""
    try:
        target = str(file) if "zoneinfo/" in str(file) else str(file.readlink())
    except OSError:
        return ""
    return target.split("zoneinfo/", 1)[1] if "zoneinfo/" in target else ""


def _system_zone() -> str:
    if name := _zone_of(Path("/etc/localtime")):
        return name
    try:
        return Path("/etc/timezone").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return _platform_zone()


def _platform_zone() -> str:
    # tzlocal knows macOS and Windows; APScheduler brings it along. 20 ms, so only where the files above say nothing.
    try:
        from tzlocal import get_localzone_name
    except ImportError:
        return ""
    return get_localzone_name() or ""

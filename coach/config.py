"""Settings: a tree of frozen dataclasses read from `config.toml`, passed down. The docstring under a field is its help.

Names of excluded apps, rules and personal vocabulary are not here: they live in the encrypted store.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import time
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from coach.core.errors import InvalidInput
from coach.core.record import Record

_MONTH_FIRST = frozenset("US AS FM GU MH MP PA PH PR PW UM VI CN HU JP KR MN TW C POSIX".split())
"""Territories that write the month before the day (or year, month, day), and the locale of systems that name none:
POSIX defines its date format as %m/%d/%y."""


_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def locale_day_first(environ: Mapping[str, str] | None = None) -> bool:
    """Whether the system's locale (LC_ALL, else LC_TIME, else LANG) writes the day before the month."""
    environ = os.environ if environ is None else environ
    name = environ.get("LC_ALL") or environ.get("LC_TIME") or environ.get("LANG") or "C"
    territory = name.split(".")[0].split("@")[0].rpartition("_")[2]
    return territory not in _MONTH_FIRST


@dataclass(frozen=True, eq=False, repr=False)
class TimeConfig(Record):
    """`[time]`: the day, the week and how dates are read."""

    day_start: str = "04:00"
    """Local time at which a day begins for today, streaks, caps and reports."""
    week_start: str = "monday"
    """First day of the week in reports: monday or sunday."""
    day_first: bool = field(default_factory=locale_day_first)
    """Read 1/2 as 1 February (true) or as 2 January (false). Unset, it follows LC_TIME: month first in en_US and without a
    locale, day first in en_GB, de_DE and most others. A date with only one reading, such as 7/13, needs no setting."""
    time_zone: str = ""
    """IANA zone of this machine; empty asks the operating system."""
    work_days: tuple[str, ...] = ("mon", "tue", "wed", "thu", "fri")
    """Days on which the plan may place work."""
    work_start: str = "09:00"
    """Start of working hours."""
    work_end: str = "17:00"
    """End of working hours."""


@dataclass(frozen=True, eq=False, repr=False)
class TrackingConfig(Record):
    """`[tracking]`: what is sampled, and when you count as idle."""

    interval_s: float = 1.0
    """Seconds between samples where a probe has to ask; event-driven probes answer at once."""
    idle_after_min: float = 5.0
    """Minutes without input after which you count as idle, from the last input on."""
    urls: bool = True
    """Record the address of a browser tab, without its query string."""
    probes: tuple[str, ...] = ()
    """Which probes may be used, best first: sway, hyprland, kwin, gnome, x11, i3, pywinctl, tmux, tty. Empty: the best one
    that works."""
    terminal: bool = True
    """Record the program inside a terminal's window and inside its tmux, with its project."""
    shell_hook: bool = True
    """Listen to shells with the hook of `coach service shell`: program, folder and length of a command, no arguments."""
    meetings: bool = True
    """Count an appointment of your calendars as a meeting while you are away from the keyboard, not as idle time."""


@dataclass(frozen=True, eq=False, repr=False)
class NudgeConfig(Record):
    """`[nudge]`: when Coach speaks up, and in which voice."""

    enabled: bool = True
    """Let Coach speak up by itself. `coach nudge` works either way."""
    daily_cap: int = 6
    """Most nudges in one day."""
    quiet_start: str = "21:00"
    """From this local time on Coach keeps quiet."""
    quiet_end: str = "08:00"
    """Until this local time Coach keeps quiet."""
    mode: str = ""
    """encouragement, roast, neutral or minimalist; empty follows the persona."""
    persona: str = "coach"
    """The standing voice: roast, chill, coach or neutral."""
    humour: int = 1
    """How much humour, 0 to 3."""
    cooldown_min: int = 45
    """Minutes between two nudges."""
    hold_out: float = 0.2
    """The share of moments, 0 to 0.5, at which Coach stays silent to learn whether a nudge helps; with 0 nothing is learnt and
    no kind of nudge ever stops by itself."""
    snooze_min: int = 60
    """Minutes by which the Snooze button of a notification puts its task off."""
    digest: str = "notification"
    """The week that is over, told once a week: notification (and in the chat), chat (there only) or off."""
    desktop: bool = True
    """Use desktop notifications where a notification service answers; else a toast and the bell."""


@dataclass(frozen=True, eq=False, repr=False)
class PlanConfig(Record):
    """`[plan]`: the shape of blocks and how far the plan looks."""

    days: int = 5
    """Days that the plan looks ahead."""
    min_block_min: int = 15
    """Shortest block."""
    max_block_min: int = 120
    """Longest block without a break."""
    break_min: int = 10
    """Break kept between two blocks."""
    default_estimate_min: int = 30
    """Length assumed for a task without an estimate."""
    percentile: float = 50.0
    """How sure the plan wants to be that a task fits its block: the percentile of its range, 1 to 99; 50 is as likely as not."""
    hours: tuple[str, ...] = ()
    """Categories or projects that are planned at certain hours only: "Admin 15:00-17:00", "Writing mon-thu 09:00-12:00"."""
    replan: str = "auto"
    """What happens when the plan no longer holds, such as after a new event: auto lays proposed blocks anew, at most every few
    minutes, and says what moved; ask waits for your key. What you accepted never moves without your word."""
    tire_after_min: int = 0
    """Planned minutes of a day beyond which more is avoided; 0 takes what your days have held so far."""


@dataclass(frozen=True, eq=False, repr=False)
class CalendarConfig(Record):
    """`[calendar]`: where accepted blocks are written."""

    blocks: str = ""
    """Calendar on a CalDAV server, by name or id, into which accepted blocks are written. What is moved or deleted there
    comes back to the plan. Empty takes the blocks ahead out of it again."""
    blocks_file: str = ""
    """An .ics file that is kept up to date with the accepted blocks, such as ~/Sync/coach.ics, for a calendar program to
    subscribe to. Empty: none."""
    block_titles: str = "busy"
    """What blocks are called there: busy ("Busy") or task (the task's title)."""


@dataclass(frozen=True, eq=False, repr=False)
class LanguageModelConfig(Record):
    """`[language_model]`: the voice."""

    enabled: bool = True
    """Let the language model add a tone line to answers and nudges."""
    path: str = ""
    """A GGUF file to use; empty uses the one that the `voice` extra installs. `coach models add` sets it."""
    sha256: str = ""
    """That file's SHA-256 when it was added; `coach doctor` compares it."""
    threads: int = 0
    """Threads for the language model; 0 is one fewer than the cores."""
    timeout_s: float = 4.0
    """Seconds after which a tone line is given up."""
    own_words: bool = True
    """Let a large model that you added put an answer in its own words, every value from the store; else it chooses among vetted
    sentences, as a small one does."""
    lines: bool = False
    """Let the trained voice write lines of nudges ahead of need, while the machine is idle, beside the vetted ones."""


@dataclass(frozen=True, eq=False, repr=False)
class LearningConfig(Record):
    """`[learning]`: the nets that learn from your days."""

    enabled: bool = True
    """Fine-tune them every night; without it the shipped and the kept versions serve."""
    nightly: str = "03:00"
    """Local time from which it is done, once a day: in the next hours in which the machine is on and not busy."""
    on_battery: bool = False
    """Train on the battery too."""
    memory_mb: float = 200.0
    """Most memory for loaded nets; the one unused for longest goes first."""
    suggest: bool = True
    """Say while a task is typed which category it is and which tasks are like it; loads the embedder (60 MB) for it."""
    questions: bool = True
    """Ask on Today, at most once a day, where an answer decides something; each question can be dismissed."""
    explore: bool = True
    """On 5 days in 100 draw the order of tasks by lot that are as good as equally likely to be next, never on a day on which
    something is due, so that Coach does not take the top of its own list for your wish."""
    trial: str = "shadow"
    """How a version that may be better is tried: shadow (it predicts unseen) or ab (it serves on days drawn by lot)."""


@dataclass(frozen=True, eq=False, repr=False)
class AppConfig(Record):
    """`[app]`: how the app looks and sounds."""

    theme: str = "coach-dark"
    """coach-dark, coach-light, any of Textual's themes."""
    mouse: bool = True
    """React to the mouse."""
    bell: bool = True
    """Ring the terminal bell for a nudge that no notification service can show."""
    terminal_notification: bool = True
    """Have the terminal (OSC 9) or tmux show such a nudge where the app's screen may be out of sight."""


@dataclass(frozen=True, eq=False, repr=False)
class StoreConfig(Record):
    """`[store]`: backups and keys."""

    backups: int = 7
    """Daily backups that are kept."""
    keyring_timeout_s: float = 5.0
    """Seconds to wait for the desktop's keyring before the next key provider is tried."""


@dataclass(frozen=True, eq=False, repr=False)
class ApiConfig(Record):
    """`[api]`: servers for other programs of this machine. None runs unless it is switched on."""

    enabled: bool = False
    """Serve ActivityWatch's API on 127.0.0.1 for its browser, editor and terminal watchers, while the app, `coach track` or
    `coach serve` runs. They see their own buckets, not what Coach tracks itself."""
    port: int = 5600
    """Its port, which watchers expect to be 5600; where a real ActivityWatch has it, the next free one is taken and
    `coach status` names it."""
    require_token: bool = False
    """Want the token of `coach serve --token` from watchers too (`Authorization: Bearer …`). It is kept in the store: this
    file is plain text."""
    own_enabled: bool = False
    """Serve Coach's own API on 127.0.0.1 while the app, `coach track` or `coach serve` runs."""
    own_port: int = 5680
    """Its port. `coach serve --token` prints the token that every request needs."""
    metrics: bool = False
    """Add counters for Prometheus at /metrics of Coach's own API."""
    origins: tuple[str, ...] = ()
    """Further origins that may use ActivityWatch's API from a browser, such as "chrome-extension://ID" of an extension that
    was not installed from ActivityWatch's own page in the Chrome Web Store."""


@dataclass(frozen=True, eq=False, repr=False)
class UrgencyConfig(Record):
    """Taskwarrior's coefficients (`urgency.*.coefficient`)."""

    next: float = 15.0
    """The tag `next`."""
    due: float = 12.0
    """Due or overdue."""
    blocking: float = 8.0
    """Other tasks depend on it."""
    priority_high: float = 6.0
    """Priority 1."""
    priority_medium: float = 3.9
    """Priority 2."""
    priority_low: float = 1.8
    """Priority 3."""
    scheduled: float = 5.0
    """Its scheduled time has come."""
    active: float = 4.0
    """Started."""
    age: float = 2.0
    """Age, full after `age_max_days`."""
    age_max_days: float = 365.0
    """Days after which age counts in full."""
    annotations: float = 1.0
    """Annotated."""
    tags: float = 1.0
    """Tagged."""
    project: float = 1.0
    """In a project."""
    waiting: float = -3.0
    """Waiting."""
    blocked: float = -5.0
    """Depends on an open task."""


@dataclass(frozen=True, eq=False, repr=False)
class Config(Record):
    """All settings, one field per table of the file."""

    time: TimeConfig = field(default_factory=TimeConfig)
    tracking: TrackingConfig = field(default_factory=TrackingConfig)
    nudge: NudgeConfig = field(default_factory=NudgeConfig)
    plan: PlanConfig = field(default_factory=PlanConfig)
    calendar: CalendarConfig = field(default_factory=CalendarConfig)
    language_model: LanguageModelConfig = field(default_factory=LanguageModelConfig)
    learning: LearningConfig = field(default_factory=LearningConfig)
    app: AppConfig = field(default_factory=AppConfig)
    store: StoreConfig = field(default_factory=StoreConfig)
    api: ApiConfig = field(default_factory=ApiConfig)
    urgency: UrgencyConfig = field(default_factory=UrgencyConfig)
    keys: Mapping[str, str] = field(default_factory=dict)
    """Key bindings by action id, such as `task.done = "x"`; `?` in the app lists the ids."""


@dataclass(frozen=True, eq=False, repr=False)
class Home(Record):
    """Where Coach keeps things. With COACH_HOME or --home all of it is under one folder, else the platform's folders."""

    config: Path
    data: Path
    state: Path
    models: Path

    @property
    def config_file(self) -> Path:
        return self.config / "config.toml"

    @property
    def store_file(self) -> Path:
        return self.data / "coach.db"

    @property
    def backups(self) -> Path:
        return self.data / "backups"


def home_at(folder: Path) -> Home:
    return Home(folder / "config", folder / "data", folder / "state", folder / "models")


def find_home(folder: str | None = None, environ: Mapping[str, str] | None = None) -> Home:
    """The folders in use: `folder` (--home), else COACH_HOME, else XDG or the platform's own."""
    environ = os.environ if environ is None else environ
    folder = folder or environ.get("COACH_HOME")
    if folder:
        return home_at(Path(folder).expanduser().absolute())
    if sys.platform.startswith("linux"):
        # The XDG rules in two lines: platformdirs costs 5 ms, and this runs before every shell command.
        def xdg(name: str, fallback: str) -> Path:
            given = environ.get(name, "")
            return Path(given if given.startswith("/") else Path.home() / fallback) / "coach"

        data = xdg("XDG_DATA_HOME", ".local/share")
        return Home(xdg("XDG_CONFIG_HOME", ".config"), data, xdg("XDG_STATE_HOME", ".local/state"), data / "models")
    from platformdirs import PlatformDirs

    dirs = PlatformDirs("coach", appauthor=False)
    data = Path(dirs.user_data_dir)
    return Home(Path(dirs.user_config_dir), data, Path(dirs.user_state_dir), data / "models")


def load(home: Home) -> Config:
    """The configuration, defaults where the file says nothing. Raises InvalidInput naming file, key and nearest name."""
    try:
        text = home.config_file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"cannot read {home.config_file}: {error}", "check the file's encoding and permissions") from error
    import tomllib

    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{home.config_file}: {error}", "`coach config edit` opens it") from error
    return parse(tree, str(home.config_file))


def parse(tree: Mapping[str, Any], where: str = "config") -> Config:
    """A Config from plain TOML values; the same checks for the file and for `coach config set`."""
    config: Config = _build(Config, tree, where, "")
    for name in ("day_start", "work_start", "work_end"):
        clock(getattr(config.time, name), f"{where}: time.{name}")
    for name in ("quiet_start", "quiet_end"):
        clock(getattr(config.nudge, name), f"{where}: nudge.{name}")
    clock(config.learning.nightly, f"{where}: learning.nightly")
    if config.learning.trial not in ("shadow", "ab"):
        raise InvalidInput(f"{where}: learning.trial = {config.learning.trial!r} is unknown", "use shadow or ab")
    if config.calendar.block_titles not in ("busy", "task"):
        raise InvalidInput(f"{where}: calendar.block_titles = {config.calendar.block_titles!r} is unknown", "use busy or task")
    if wrong := [day for day in config.time.work_days if day not in _WEEK]:
        raise InvalidInput(f"{where}: time.work_days has {wrong[0]!r}, which is no day", f"use {', '.join(_WEEK)}")
    if not 0 <= config.api.port <= 65535:
        raise InvalidInput(f"{where}: api.port = {config.api.port} is no port", "use 5600, or 1024 to 65535; 0 takes a free one")
    if not 0 <= config.api.own_port <= 65535:
        raise InvalidInput(f"{where}: api.own_port = {config.api.own_port} is no port", "use 1024 to 65535; 0 takes a free one")
    if not 0 <= config.nudge.hold_out <= 0.5:
        raise InvalidInput(f"{where}: nudge.hold_out = {config.nudge.hold_out} is no share", "use 0 to 0.5; 0.2 is one in five")
    if config.nudge.digest not in ("notification", "chat", "off"):
        raise InvalidInput(f"{where}: nudge.digest = {config.nudge.digest!r} is unknown", "use notification, chat or off")
    if config.plan.replan not in ("ask", "auto"):
        raise InvalidInput(f"{where}: plan.replan = {config.plan.replan!r} is unknown", "use ask or auto")
    if config.time.week_start not in ("monday", "sunday"):
        raise InvalidInput(f"{where}: time.week_start = {config.time.week_start!r} is unknown", "use monday or sunday")
    return config


def clock(text: str, where: str = "time") -> time:
    """`HH:MM` as a time. Raises InvalidInput."""
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{where} = {text!r} is not a time", 'write it as "HH:MM"') from error


def _build(cls: Any, tree: Mapping[str, Any], where: str, prefix: str) -> Any:
    known = {f.name for f in fields(cls)}
    hints = get_type_hints(cls)
    values: dict[str, Any] = {}
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if key not in known:
            raise InvalidInput(f"{where}: unknown setting {name!r}", _nearest(key, known, prefix))
        values[key] = _value(hints[key], value, where, name)
    return cls(**values)


def _value(hint: Any, value: Any, where: str, name: str) -> Any:
    if is_dataclass(hint):
        if not isinstance(value, dict):
            raise InvalidInput(f"{where}: {name} must be a table", f"write [{name}]")
        return _build(hint, value, where, f"{name}.")
    if get_origin(hint) is tuple and isinstance(value, list) and all(isinstance(v, get_args(hint)[0]) for v in value):
        return tuple(value)
    if name == "keys" and isinstance(value, dict) and all(isinstance(v, str) for v in value.values()):
        return dict(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(hint, type) and isinstance(value, hint) and not (hint is int and isinstance(value, bool)):
        return value
    wanted = "a list of texts" if get_origin(hint) is tuple else getattr(hint, "__name__", "a table")
    raise InvalidInput(f"{where}: {name} = {value!r} has the wrong type", f"it must be {wanted}")


def _nearest(key: str, known: set[str], prefix: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(key, sorted(known), n=1)
    return f"did you mean {prefix}{close[0]}?" if close else f"known here: {', '.join(sorted(known))}"


def shipped(*parts: str) -> Path:
    """A file that ships with Coach, under data/ or models/: beside the package in a checkout, inside it in a wheel."""
    package = Path(__file__).parent
    inside = package / "_shipped"
    return (inside if inside.is_dir() else package.parent).joinpath(*parts)

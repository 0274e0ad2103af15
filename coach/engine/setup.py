"""What the Setup screen shows and changes: tracking, privacy, voice, models, rules, calendars, looks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from coach.config import Config, Home
from coach.core import say
from coach.core.errors import CoachError
from coach.core.when import from_ms
from coach.engine import avoidance, categories, keeping, nudge_effects, nudging, preferences, tracking, voices
from coach.engine.models import Models, ModelState
from coach.store.db import Connection

Kind = Literal["toggle", "choice", "info", "exclusion", "command"]
"""toggle and choice change on Enter; an exclusion can be removed; a command is done in the shell."""

KEYS = {"keyfile": "a key file", "keyring": "the desktop's keyring", "passphrase": "a passphrase"}
MODES = ("", "encouragement", "roast", "neutral", "minimalist")
"""Tones of a line; empty follows the persona."""

MODELS = {
    "embedder": ("Embedder", "Reads questions and task titles (all-MiniLM-L6-v2). Without it key words decide."),
    "router": ("Router", "Says what a question asks for. Without it key words decide."),
    "voice": ("Language model",
              "Adds a line of tone, never a number. Without it vetted lines speak: pip install 'coach[voice]'."),
}
"""Label and explanation of each model."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a section. `about` is the longer explanation, `choices` what Enter steps through."""

    id: str
    label: str
    value: str
    about: str
    kind: Kind = "info"
    on: bool | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Live:
    """What only the running process knows: who tracks, which models are in memory, the theme, and the probe check."""

    tracker: str = "off"
    models: tuple[ModelState, ...] = ()
    theme: str = ""
    themes: tuple[str, ...] = ()
    probes: tuple[tuple[str, bool, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SetupView:
    sections: tuple[Section, ...]


def setup(db: Connection, config: Config, home: Home, now: datetime, tz: ZoneInfo, live: Live) -> SetupView:
    """Everything that can be seen or changed about Coach itself."""
    theme = Entry("theme", "Theme", live.theme, "Enter steps through the themes.", "choice", None, live.themes)
    return SetupView((
        Section("Tracking", tuple(_tracking(db, now, tz, live))),
        Section("Privacy", tuple(_privacy(db, home, tz))),
        Section("Voice", tuple(_voice(db, config, home))),
        Section("What it has learnt of you", tuple(_learnt(db, config, now, tz))),
        Section("Models", (_learning(), _explore(config), *_models(config, live))),
        Section("Rules and calendars", tuple(_sources(db, config, tz))),
        Section("Your words", tuple(_words(db, config))),
        Section("Looks", (theme,)),
    ))


def model_states(config: Config, models: Models | None) -> tuple[ModelState, ...]:
    """What each model is and whether it is in memory; loads none."""
    return (models or Models(config)).states()


def probes(config: Config) -> tuple[tuple[str, bool, str, str], ...]:
    """(name, works, detail, hint) of each way to see what is in front; looks at the machine, so ask once."""
    return tuple((f.name, f.ok, f.detail, f.hint) for f in tracking.probe_findings(config))


def _tracking(db: Connection, now: datetime, tz: ZoneInfo, live: Live) -> Iterator[Entry]:
    allowed = tracking.consent(db)
    yield Entry(
        "consent", "Tracking allowed", "yes" if allowed else "no",
        "Coach may record which window, tab or terminal program is in front, and since when. Never what you type, "
        "never the screen.",
        "toggle", allowed,
    )
    paused = tracking.paused_until(db, now)
    until = f"until {paused.astimezone(tz):%H:%M}" if isinstance(paused, datetime) else "until you go on"
    yield Entry(
        "pause", "Paused", until if paused else "no", "While paused nothing is recorded. F9 does the same anywhere.",
        "toggle", bool(paused),
    )
    words = {"on": "this process", "elsewhere": "another Coach process", "paused": "nobody while paused"}
    yield Entry(
        "tracker", "Who tracks now", words.get(live.tracker, "nobody"),
        "One process tracks at a time; an app takes over when `coach track` ends.",
    )
    for name, works, detail, hint in live.probes:
        value = "works" if works else f"no: {detail}"
        yield Entry(f"probe:{name}", f"Source {name}", value, f"{detail}. {hint}".strip(), "info", works)


COUNTED = 100_000
"""Rows are counted so far; `coach privacy` counts all."""


def _many(count: int) -> str:
    return f"{count:,}" if count < COUNTED else f"more than {COUNTED:,}"


def _privacy(db: Connection, home: Home, tz: ZoneInfo) -> Iterator[Entry]:
    found = keeping.stored(db, home, COUNTED)
    yield _key(home)
    yield Entry(
        "store", "Stored", f"{found['size_bytes'] / 1e6:.1f} MB, encrypted, {say.count(found['backups'], 'backup')}",
        f"{found['store']}. AES-256 (SQLCipher), everything, always. {found['network'].capitalize()}.",
    )
    first = found["first_event_ms"]
    since = f" since {from_ms(first).astimezone(tz):%d %b %Y}" if first is not None else ""
    rows: Mapping[str, int] = found["rows"]
    yield Entry(
        "rows", "Rows",
        f"{_many(rows['event'])} events{since}, {_many(rows['task'])} tasks, {_many(rows['chat_message'])} chat lines",
        ", ".join(f"{name} {_many(count)}" for name, count in rows.items() if count) or "Nothing is stored yet.",
    )
    for number, sample in enumerate(found["samples"], 1):
        words = " | ".join(str(v) for v in sample.values() if v)
        about = f"A row as it is stored, with app, title, address, project: {words}"
        yield Entry(f"sample:{number}", f"Sample {number}", words, about)
    for row in found["exclusions"]:
        action = "only the time is kept" if row["action"] == "drop" else "title and address are hidden"
        yield Entry(
            f"exclusion:{row['id']}", f"Excluded {row['field']}", row["pattern"],
            f"What matches is not recorded: {action}. D removes the exclusion.", "exclusion",
        )
    profiled = avoidance.allowed(db)
    yield Entry("profiling", "Profiling", "on" if profiled else "off", avoidance.ABOUT, "toggle", profiled)
    yield Entry("exclude", "Exclude more", "x", "Never record an app, a title or a site: press x or Enter.", "command")


def _key(home: Home) -> Entry:
    try:
        key = keeping.key_view(home)
    except (CoachError, OSError):  # a demo's store has no store.toml: its key is in memory only
        return Entry("key", "Key", "in memory only", "This store cannot be opened again once Coach ends: it is a demo.")
    recovery = "a recovery key exists" if key.has_recovery else "no recovery key: `coach key recovery` makes one"
    about = f"{key.advice.capitalize()}. {recovery.capitalize()}."
    return Entry("key", "Key", KEYS.get(key.provider, key.provider), about)


def _voice(db: Connection, config: Config, home: Home) -> Iterator[Entry]:
    voice = nudging.voice(db, config)
    known = {one.name: one.persona for one in voices.known(db, home) if one.persona}
    about, names = known[voice.persona].about, tuple(known)
    yield Entry("persona", "Persona", voice.persona, f"The standing voice: {about}.", "choice", None, names)
    chosen = preferences.get(db, "mode") or config.nudge.mode
    yield Entry(
        "mode", "Mode", voice.mode if chosen else f"{voice.mode} (from the persona)",
        "The tone of each line: encouragement, roast, neutral or minimalist.", "choice", None, MODES,
    )
    settings = config.nudge
    yield Entry(
        "nudges", "Nudges", "on" if settings.enabled else "off",
        f"At most {settings.daily_cap} a day, {settings.cooldown_min} minutes apart, none from {settings.quiet_start} "
        f"to {settings.quiet_end}. `coach config set nudge.daily_cap 3` changes it.", "toggle", settings.enabled,
    )
    for found in nudge_effects.effects(db, config):
        kind = found.kind.replace("_", " ")
        yield Entry(f"nudge:{found.kind}", f"About {kind}", found.state, f"{found.words()} Worked: {found.outcome}.")


def _learnt(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> Iterator[Entry]:
    """Each learned part: whether own or general values serve, and on how much of the person's own it stands."""
    from coach.engine import learnt

    for part in learnt.learnt(db, config, now, tz):
        yield Entry(f"learnt:{part.name}", part.title, part.value(), part.about(), "info", part.n > 0)
    if question := learnt.question(db, config, now, tz):
        yield Entry("learnt:question", "Would help most", question, f"{question} Q on Today answers it.")


def _explore(config: Config) -> Entry:
    return Entry(
        "explore", "Near ties by lot", "on 5 days in 100" if config.learning.explore else "never",
        "On 5 days in 100 the order of tasks that are as good as equally likely to be next is drawn, never on a day on which "
        "something is due: so Coach learns what you like, not what merely stands on top.", "toggle", config.learning.explore,
    )


def _learning() -> Entry:
    from coach.engine.learning.kinds import KINDS

    return Entry(
        "learning", "Models that learn", f"{len(KINDS)}, each beside its baseline",
        "Forecast, graph, patterns and what-if: who serves, versions, scores against their baselines, training, the way back.",
        "command",
    )


def _models(config: Config, live: Live) -> Iterator[Entry]:
    for state in live.models:
        label, about = MODELS.get(state.name, (state.name.capitalize(), ""))
        yield _model(state, label, about)
    yield Entry(
        "llm", "Use language model", "yes" if config.language_model.enabled else "no",
        f"Given up after {config.language_model.timeout_s:g} s; loaded when it is first needed.", "toggle",
        config.language_model.enabled,
    )
    yield Entry(
        "own_words", "Its own words", "yes" if config.language_model.own_words else "no",
        "A large model that you added (`coach models add`) may put an answer in its own words; every value in it comes from your "
        "store. The one that comes with Coach only chooses among vetted sentences.", "toggle", config.language_model.own_words,
    )
    yield Entry(
        "spare_lines", "Lines ahead of need", "yes" if config.language_model.lines else "no",
        "The trained voice writes lines of nudges while the machine is idle, beside the vetted ones. Read blind, they lost to "
        "those, so this is off unless you want it.", "toggle", config.language_model.lines,
    )


def _model(state: ModelState, label: str, about: str) -> Entry:
    if state.path is None:
        return Entry(f"model:{state.name}", label, state.problem or "not installed", about, "info", False)
    memory = f", {state.memory_mb:.0f} MB of memory" if state.memory_mb else ""
    loaded = state.problem or (f"loaded{memory}" if state.loaded else "not loaded yet")
    value = f"{state.path.stat().st_size / 1e6:.1f} MB, {loaded}"
    return Entry(f"model:{state.name}", label, value, f"{about} {state.path}", "info", True)


def _sources(db: Connection, config: Config, tz: ZoneInfo) -> Iterator[Entry]:
    own = categories.user_rules(db)
    yield Entry(
        "rules", "Your rules", str(len(own)) if own else "none yet",
        "Rules give apps and sites a category: `coach rule add`, `coach rule list`. History follows.", "command",
    )
    yield from _calendars(db, config, tz)


MOST_WORDS = 40
"""Short forms that are listed; `coach insights language` has all."""


def _words(db: Connection, config: Config) -> Iterator[Entry]:
    """What short forms mean and which words belong to a project, the surest first; what may be asked."""
    from coach.engine import language

    yield Entry(
        "questions", "Questions", "at most one a day" if config.learning.questions else "off",
        "Coach asks on Today where your answer decides something: a category between two, a short form in many titles.",
        "toggle", config.learning.questions,
    )
    found = [e for e in language.view(db).expansions if e.state != "refused"]
    if not found:
        about = "Correct a title that has a short form and Coach learns it: `coach insights language --add mtg=meeting`."
        yield Entry("words", "Short forms", "none yet", about, "command")
    for one in found[:MOST_WORDS]:
        reads = "New tasks with the word go there" if one.kind == "project" else "Questions, search and suggestions read it so"
        about = f"{language.evidence(one).capitalize()}. {reads}; titles stay as typed. "
        about += "d forgets it." if one.state != "offered" else "Enter takes it, d forgets it."
        value = f"#{one.long}" if one.kind == "project" else one.long
        sign = one.state != "offered"
        yield Entry(f"word:{one.short}={one.long}", one.short, f"{value} ({language.WORDS[one.state]})", about, "toggle", sign)


def _calendars(db: Connection, config: Config, tz: ZoneInfo) -> Iterator[Entry]:
    """Each calendar with its state and its last reading, where blocks are written, and what the last synchronisations
    decided."""
    from coach.engine import calendars

    found = calendars.rows(db)
    if not found:
        about = "Their events are busy time in the plan: `coach calendar add FILE`, or `add caldav URL` for a server's."
        yield Entry("calendars", "Calendars", "none yet", about, "command")
        return
    for row in found:
        read = f"read {row.read.at.astimezone(tz):%d %b %H:%M}" if row.read.at else "not read yet"
        events = f"{row.events} event{'' if row.events == 1 else 's'}"
        state = "; ".join(row.read.problems[:2]) if row.read.failed else f"{events}, {read}"
        about = f"{row.calendar.kind}: {row.place}. F7 reads all calendars again; `coach calendar` adds and removes them."
        yield Entry(f"calendar:{row.calendar.id}", row.calendar.name, state, about, "command", not row.read.failed)
    target = config.calendar.blocks or config.calendar.blocks_file
    told = " ".join(str(one["text"]) + "." for one in calendars.decided(db, 3))
    about = "Accepted blocks are written there as “Busy” and come back when they are moved or deleted: "
    about += f"`coach config set calendar.blocks NAME`. {told}"
    yield Entry("blocks", "Blocks in", target or "no calendar", about, "command")


def setup_json(view: SetupView) -> list[dict[str, Any]]:
    """The view as plain JSON values."""
    def entry(e: Entry) -> dict[str, Any]:
        return {"id": e.id, "label": e.label, "value": e.value, "about": e.about}

    return [{"section": s.title, "entries": [entry(e) for e in s.entries]} for s in view.sections]

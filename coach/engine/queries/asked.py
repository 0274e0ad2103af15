"""A question made ready to be answered: its period, the names in it that the store knows, and its task."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import SequenceMatcher
from functools import cached_property
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from coach.config import Config, clock
from coach.core import period as periods
from coach.core.clocktime import Hours
from coach.core.period import Calendar, Period
from coach.core.task import Task
from coach.engine import categories, language
from coach.engine.categories import Rules
from coach.store import tasks, usage
from coach.store.db import Connection

Kind = Literal["app", "site", "category", "project"]
KINDS: tuple[Kind, ...] = ("app", "site", "project", "category")

DOING = frozenset({"current_activity", "top_apps", "day_summary", "top_sites"})

Similar: TypeAlias = Callable[[str, Sequence[str]], Sequence[float]]
"""(words, texts) -> cosine of each text to the words; from the embedder, where there is one."""


@dataclass(frozen=True, slots=True)
class Name:
    """Something the store knows: `text` as stored; `shown` as the question wrote it."""

    kind: Kind
    text: str
    shown: str
    exact: bool


@dataclass(frozen=True)
class Asked:
    """One question. `period` is None when it names none; `other` the second one of a comparison. `names` hold the best
    match of each kind; `hours` the hours of the day, in the question's own words `hours_text`."""

    db: Connection
    config: Config
    now: datetime
    tz: ZoneInfo
    question: str
    calendar: Calendar
    period: Period | None = None
    other: Period | None = None
    names: tuple[Name, ...] = ()
    task: Task | None = None
    hours: Hours | None = None
    hours_text: str = ""
    used: list[Period] = field(default_factory=list)
    """Periods that the answer took where the question named none."""

    def moment(self, intent: str) -> bool:
        """Whether the question is what was going on at one moment: "what was I doing at 10:30"."""
        return self.hours is not None and self.hours.point and intent in DOING

    @cached_property
    def rules(self) -> Rules:
        return categories.load(self.db, self.config)

    def name(self, *kinds: Kind) -> Name | None:
        """The best name of these kinds: an exact one before a near one, then in the order of `kinds`."""
        found = [n for kind in kinds for n in self.names if n.kind == kind]
        return min(found, key=lambda n: not n.exact, default=None)

    def period_or(self, fallback: Period) -> Period:
        if self.period is None:
            self.used.append(fallback)
        return self.period or fallback

    @property
    def today(self) -> Period:
        return periods.today(self.calendar)


def calendar(config: Config, now: datetime, tz: ZoneInfo) -> Calendar:
    return Calendar(now, tz, clock(config.time.day_start), config.time.week_start)


_SYNONYMS = {
    "coding": "programming", "code": "programming", "code editor": "programming", "developing": "programming",
    "social media": "social", "mail": "email", "emails": "email", "e-mail": "email", "mails": "email", "chatting": "chat",
    "videos": "video", "films": "video", "meetings": "calls", "calls": "calls", "gaming": "games", "shop": "shopping",
    "studying": "learning", "write": "writing", "coded": "programming", "programmed": "programming", "wrote": "writing",
    "drawing": "design", "browsing the web": "browsing", "surfing": "browsing",
}
_ALIASES = {
    "vs code": ("code", "code-oss", "vscodium", "visual studio code"), "vscode": ("code", "vscodium"),
    "chrome": ("google-chrome", "chromium"), "edge": ("msedge",), "vim": ("nvim", "gvim"), "neovim": ("nvim",),
    "word": ("winword", "libreoffice-writer", "soffice"), "excel": ("libreoffice-calc",), "hn": ("news.ycombinator.com",),
    "hacker news": ("news.ycombinator.com",), "stack overflow": ("stackoverflow.com",), "twitter": ("x.com", "twitter.com"),
    "gmail": ("mail.google.com",), "terminal": ("alacritty", "kitty", "gnome-terminal-server", "xterm", "konsole", "foot"),
}
_SITE_ENDS = re.compile(r"\.(?:com|org|net|io|dev|co|tv|de|uk|app|ai|edu|gov|me|info)$")
_WORDS = re.compile(r"[\w.+#-]+")
_FUZZY = 0.84


Stored: TypeAlias = Mapping[Kind, Sequence[str]]


def stored_names(db: Connection) -> Stored:
    """Every name of each kind that was recorded."""
    return {kind: usage.names(db, kind) for kind in KINDS}


def names_in(db: Connection, question: str, stored: Stored | None = None) -> tuple[Name, ...]:
    """The names of the store that the question mentions, the best of each kind."""
    stored = stored or stored_names(db)
    words = [w.strip(".-").lower() for w in _WORDS.findall(question)]
    phrases = {" ".join(words[i:i + n]) for n in (3, 2, 1) for i in range(len(words) - n + 1)} - _COMMON
    found: list[Name] = []
    for kind in KINDS:
        known = stored[kind]
        if kind == "project":
            known = sorted({*known, *(name for name, _ in tasks.projects(db))})
        if kind == "category":  # "social" is what its parts are together, though no window is labelled with it
            known = sorted({" > ".join(name.split(" > ")[:n + 1]) for name in known for n in range(name.count(" > ") + 1)})
        best = max((_match(kind, name, phrases) for name in known), key=lambda m: m[0], default=(0.0, "", ""))
        if best[0] >= _FUZZY:
            found.append(Name(kind, best[1], best[2], best[0] >= 1.0))
    return tuple(found)


def _match(kind: Kind, name: str, phrases: Iterable[str]) -> tuple[float, str, str]:
    """(quality, name, phrase): above 1 when a phrase is the name, longer phrases first; below by similarity."""
    forms = _forms(kind, name)
    best = (0.0, name, "")
    for phrase in phrases:
        meant = {phrase, *_ALIASES.get(phrase, ())} if kind in ("app", "site") else {phrase, _SYNONYMS.get(phrase, phrase)}
        if meant & forms:
            best = max(best, (1.0 + len(phrase) / 100 + (name.lower() == phrase), name, phrase))
        elif len(phrase) >= 4 and best[0] < 1.0:  # four letters may lack one, but are no longer name with one too many
            near = [f for f in forms if abs(len(f) - len(phrase)) <= 2 and (len(phrase) > 4 or len(f) >= 4)]
            ratio = max((SequenceMatcher(None, phrase, form).ratio() for form in near), default=0.0)
            best = max(best, (ratio, name, phrase))
    return best


def _forms(kind: Kind, name: str) -> set[str]:
    """The ways in which people say a stored name."""
    low = name.lower()
    if kind == "category":
        parts = [p.strip() for p in low.split(">")]
        return {parts[-1], *re.split(r" and ", parts[-1])}
    if kind == "site":
        host = _SITE_ENDS.sub("", low)
        return {low, host, host.rsplit(".", 1)[-1]}
    forms = {low, low.removesuffix(".exe")}
    forms |= {re.sub(r"[-_ ](?:esr|bin|desktop|browser|client|stable|app)$", "", f) for f in set(forms)}
    if low.count(".") >= 2:  # org.gnome.Evince
        forms.add(low.rsplit(".", 1)[-1])
    return forms | {f.replace("-", " ").replace("_", " ") for f in forms}


_COMMON = frozenset(
    "a am an and any are at be best by can day days did do does due for from get had has have how i in is it last like long"
    " make many me month more most much my next no not now of on one open or our out over plan should show so spend spent task"
    " tasks than that the then this time to today tomorrow up use was way week were what when where which who why will with"
    " work working year yesterday you your hours minutes focus list set go going keep late left free".split()
)


def known_words(asked: Asked) -> frozenset[str]:
    """Lower-case words that are no unknown name: those of the names found, of periods, and of every question."""
    shown = {w for n in asked.names for w in (*n.shown.split(), n.text.lower(), n.shown)}
    stored = {form for kind in KINDS for name in usage.names(asked.db, kind) for form in _forms(kind, name)}
    projects = {name.lower() for name, _ in tasks.projects(asked.db)}
    times = {*periods.WEEKDAYS, *periods.MONTHS, *(d[:3] for d in periods.WEEKDAYS), *(m[:3] for m in periods.MONTHS)}
    words = {w for t in asked.rules.categories for w in _WORDS.findall(t.lower())}
    return frozenset(shown | stored | projects | times | words | _ASKING | _ALIASES.keys() | _SYNONYMS.keys())


def own_words(db: Connection, stored: Stored) -> frozenset[str]:
    """Lower-case words of the person's own titles and names, which are no slips."""
    texts = [name for names in stored.values() for name in names]
    texts += [f"{t.title} {t.project or ''} {' '.join(t.tags)}" for t in _known_tasks(db)]
    return frozenset(w.strip(".-").lower() for text in texts for w in _WORDS.findall(text))


def task_in(db: Connection, question: str, similar: Similar | None = None) -> Task | None:
    """The task that the question means: by `#12` or "task 12", by the words of its title, else by meaning."""
    numbered = re.search(r"(?:#|\btask (?:number )?)(\d{1,6})\b", question, re.IGNORECASE)
    everyone = [t for t in tasks.every(db) if t.status != "deleted"]
    if numbered:
        return next((t for t in everyone if t.num == int(numbered[1])), None)
    everyone.sort(key=lambda t: (t.status != "pending", -t.num))
    read = language.known(db).read
    wanted = _content(read(question))
    if not wanted:
        return None
    scored = [(_overlap(wanted, _content(read(t.title))), -place, t) for place, t in enumerate(everyone)]
    best = max(scored, key=lambda s: s[:2], default=None)
    if best is not None and best[0] >= 0.5:
        return best[2]
    opened = [t for t in everyone if t.status == "pending"][:200]
    if similar is None or not opened:
        return None
    cosines = similar(" ".join(w for w in _WORDS.findall(question) if w.lower() not in _ASKING), [t.title for t in opened])
    place = max(range(len(opened)), key=lambda i: cosines[i])
    return opened[place] if cosines[place] >= 0.6 else None


_ASKING = _COMMON | frozenset(
    "about tell status deadline done finish finished urgent priority project details add added estimate take takes snooze"
    " often start started info note notes late overdue need still there times put off stand stands know".split()
)


NEWEST = 300
"""Tasks beyond the open ones among which a title is looked for."""
MOST_OPEN = 700
NAMED, HINTED = 0.6, 0.25
"""Least share of a title's words in a question that names it, and in one that says nothing else: "and the dentist?"."""


def named_task(db: Connection, question: str, least: float = NAMED) -> Task | None:
    """The task of whose title the question has at least that share of the words, or whose number it names."""
    numbered = re.search(r"(?:#|\btask (?:number )?)(\d{1,6})\b", question, re.IGNORECASE)
    if numbered:
        return next(iter(t for t in tasks.numbered(db, [int(numbered[1])]) if t.status != "deleted"), None)
    found = _named(db, question, least)
    return found[0] if found else None


def without_task(db: Connection, question: str) -> str:
    """The question with the title of a task in it made a generic one, so that its words carry no meaning of their own."""
    found = _named(db, question)
    if found is None:
        return question
    before, after = question[:found[1]].rstrip(_QUOTES), question[found[2]:].lstrip(_QUOTES)
    return f"{before} the tax return {after}".strip()


_QUOTES = " “”\""


def _named(db: Connection, question: str, least: float = NAMED) -> tuple[Task, int, int] | None:
    """The task named best, and the characters [start, end) from its first word in the question to its last."""
    words = [(m[0].strip(".-").lower(), m.start(), m.end()) for m in _WORDS.finditer(question)]
    wanted = {w for w, _, _ in words} - _ASKING - {""}
    if not wanted:
        return None
    best: tuple[float, int, Task, set[str]] | None = None
    for task in _known_tasks(db):
        title = _content(task.title)
        shared = {w for w in wanted if w in title or any(_slip(w, t) for t in title)}
        if not shared or (len(shared) < 2 and len(title) > 2 and least >= NAMED):
            continue
        overlap = len(shared) / len(title)
        here = (overlap, task.status == "pending", task.num)
        if overlap >= least and (best is None or here > (best[0], best[2].status == "pending", best[1])):
            best = (overlap, task.num, task, shared | title)
    if best is None:
        return None
    places = [(start, end) for w, start, end in words if w in best[3]]
    return best[2], places[0][0], places[-1][1]


def _known_tasks(db: Connection) -> list[Task]:
    """The newest open tasks, and the newest of all."""
    found = {t.id: t for t in (*tasks.newest_open(db, MOST_OPEN), *tasks.newest(db, NEWEST)) if t.status != "deleted"}
    return list(found.values())


def _slip(word: str, other: str) -> bool:
    """Whether a longer word is another one with a slip."""
    return (len(word) > 4 and abs(len(word) - len(other)) <= 2 and word[0] == other[0]
            and SequenceMatcher(None, word, other).ratio() > 0.8)


def _content(text: str) -> set[str]:
    return {w.strip(".-").lower() for w in _WORDS.findall(text)} - _ASKING - {""}


def _overlap(wanted: set[str], title: set[str]) -> float:
    """Harmonic mean of the shares of shared words on both sides; a word may be a near one."""
    if not title:
        return 0.0
    shared = sum(1 for w in wanted if w in title or any(len(w) > 4 and SequenceMatcher(None, w, t).ratio() > 0.85 for t in title))
    return 2 * shared / (len(wanted) + len(title))

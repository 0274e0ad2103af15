"""What an app or a site without a rule might be, as a proposal with a confidence: nothing is labelled by a guess.

Three sources: the categories in an app's desktop entry (freedesktop.org menu specification), how a site's name begins or
ends, and words that it shares with names of the taxonomy. Confidences are the shares of right proposals on what the
taxonomy knows already, with that name left out (`tests/bench/taxonomy.py --proposals`), rounded down to a twentieth.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Index: TypeAlias = Mapping[str, Counter[str]]
"""Word -> how many names of each category carry it."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A category for an app or site, how likely it is right (0 to 1), and what speaks for it."""

    category: str
    confidence: float
    why: str


_MENU = {
    "Work > Programming": "IDE Debugger GUIDesigner Profiling RevisionControl Building Translation WebDevelopment Development",
    "Work > Terminal": "TerminalEmulator",
    "Work > Operations": "RemoteAccess Emulator",
    "Work > Writing": "WordProcessor Publishing",
    "Work > Spreadsheets and Data": "Spreadsheet Chart Database DataVisualization",
    "Work > Presentations": "Presentation",
    "Work > Project Management": "ProjectManagement",
    "Work > Design": "VectorGraphics RasterGraphics 2DGraphics 3DGraphics FlowChart Engineering Electronics Construction",
    "Work > Audio and Video Production": "AudioVideoEditing Midi Mixer Sequencer Tuner Recorder",
    "Planning": "Calendar Clock",
    "Research": "Astronomy Biology Chemistry Physics Math NumericalAnalysis Geology Geoscience MedicalSoftware ImageProcessing "
                "DataProcessing Science",
    "Learning": "Languages ComputerScience Education",
    "Reading": "Dictionary Literature",
    "Communication > Email": "Email",
    "Communication > Chat": "InstantMessaging Chat IRCClient",
    "Communication > Calls": "VideoConference Telephony",
    "Browsing": "WebBrowser",
    "News": "News Feed",
    "Entertainment > Video": "TV Video",
    "Entertainment > Games": "ActionGame AdventureGame ArcadeGame BlocksGame BoardGame CardGame KidsGame LogicGame RolePlaying "
                             "Shooter Simulation SportsGame StrategyGame Game",
    "Music": "Music Audio",
    "Personal > Finance": "Finance Economy",
    "Personal > Errands": "Maps",
    "Personal > Photos and Home": "Photography Scanning Genealogy",
    "System > Files": "FileManager FileTools Archiving Compression P2P FileTransfer Filesystem DiscBurning",
    "System > Settings and Utilities": "PackageManager DesktopSettings HardwareSettings Printing Monitor Security Accessibility "
                                       "Calculator TextEditor TextTools Screensaver Settings System Utility",
}
_BY_MENU = {word: category for category, words in _MENU.items() for word in words.split()}
_BROAD = frozenset("Development Education Science Video Audio Settings System Utility Game".split())
"""Main categories: the more telling additional ones are looked at first."""

_FIRST = {
    "docs": "Work > Documentation", "wiki": "Work > Documentation", "developer": "Work > Documentation",
    "mail": "Communication > Email", "webmail": "Communication > Email", "jira": "Work > Project Management",
    "confluence": "Work > Project Management", "gitlab": "Work > Programming", "git": "Work > Programming",
    "grafana": "Work > Operations", "jenkins": "Work > Operations", "kibana": "Work > Operations",
    "meet": "Communication > Calls", "chat": "Communication > Chat", "shop": "Shopping", "store": "Shopping",
    "learn": "Learning", "academy": "Learning",
    "moodle": "Learning", "calendar": "Planning", "cloud": "System > Files", "radio": "Music", "tv": "Entertainment > Video",
}
_LAST = {"edu": "Learning", "gov": "Personal > Errands", "shop": "Shopping", "bank": "Personal > Finance", "news": "News",
         "tv": "Entertainment > Video", "games": "Entertainment > Games", "dating": "Social > Networks", "academy": "Learning"}

MENU_CONFIDENCE = {False: 0.8, True: 0.55}
"""By a telling category, by a broad one."""
HOST_CONFIDENCE = 0.7
LEAST = 0.3
"""Below it nothing is proposed."""
_STOP = frozenset("the app client desktop linux free open gtk qt org com net www de uk co tool tools pro plus mini easy".split())


def words_of(name: str) -> tuple[str, ...]:
    """The telling words of a name, in lower case: at least three letters each."""
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    found = (word for word in re.split(r"[^a-z]+", split.casefold()) if len(word) > 2 and word not in _STOP)
    return tuple(dict.fromkeys(found))


def index(named: Iterable[tuple[str, str]]) -> Index:
    """(name, category) of what is known, ready for `propose`."""
    made: dict[str, Counter[str]] = defaultdict(Counter)
    for name, category in named:
        for word in words_of(name):
            made[word][category] += 1
    return made


def propose(field: Literal["app", "site"], name: str, known: Index, menu: Sequence[str] = ()) -> Proposal | None:
    """What it might be; None where too little speaks for anything. `menu` are the categories of its desktop entry."""
    found = [p for p in (_by_menu(menu), _by_host(name) if field == "site" else None, _by_words(name, known)) if p]
    best = max(found, key=lambda p: p.confidence, default=None)
    if best is None:
        return None
    doubts = 1.0
    for one in found:
        if one.category == best.category:
            doubts *= 1 - one.confidence  # independent witnesses that agree
    sure = min(round(1 - doubts, 2), 0.95)
    return Proposal(best.category, sure, best.why) if sure >= LEAST else None


def _by_menu(menu: Sequence[str]) -> Proposal | None:
    telling = [word for word in menu if word in _BY_MENU]
    if not telling:
        return None
    word = min(telling, key=lambda w: w in _BROAD)
    return Proposal(_BY_MENU[word], MENU_CONFIDENCE[word in _BROAD], f"its desktop entry says {word}")


def _by_host(host: str) -> Proposal | None:
    labels = host.split(".")
    if len(labels) > 2 and labels[0] in _FIRST:
        return Proposal(_FIRST[labels[0]], HOST_CONFIDENCE, f"its name begins with {labels[0]}.")
    if labels[-1] in _LAST:
        return Proposal(_LAST[labels[-1]], HOST_CONFIDENCE, f"its name ends with .{labels[-1]}")
    return None


def _by_words(name: str, known: Index) -> Proposal | None:
    """The category most of whose names share a word with this one. Few witnesses count little (Laplace), and so do those
    that disagree: the share is taken twice."""
    best: Proposal | None = None
    for word in words_of(name):
        votes = known.get(word)
        if not votes:
            continue
        category, n = votes.most_common(1)[0]
        sure = n * n / (votes.total() * (votes.total() + 2))
        if best is None or sure > best.confidence:
            best = Proposal(category, sure, f"{n} of {votes.total()} known names with “{word}” are that")
    return best

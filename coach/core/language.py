"""A person's own language: which of their short forms mean what, and which words of theirs belong to a project. Pure.

Evidence is a set of sightings. An expansion's posterior is the probability that the short form means it more often than not,

    P(theta > 1/2 | s for, f against),  theta ~ Beta(2, 1)

(beta-binomial; the prior knows that the letters fit, `abbreviation.abbreviates`). It is offered from one sighting on and applied
unasked from `LEAST` sightings and a posterior above `CERTAIN`, by a source whose measured precision's lower bound reaches
`PRECISE`. What the person accepted is always applied, what they refused never. Nothing here changes a text on disk."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from math import comb
from typing import Literal

from coach.core import abbreviation
from coach.core.abbreviation import MOST_WORDS, abbreviates, may_be_short, words_of

Kind = Literal["words", "project"]
Source = Literal["edit", "pair", "context", "project", "own"]
State = Literal["silent", "offered", "accepted", "refused"]

LEAST = 2
CERTAIN = 0.9
PRECISE = 0.97
PROJECT_PRIOR = (1, 1)
WORDS_PRIOR = (2, 1)
MEASURED: Mapping[str, tuple[int, int]] = {"edit": (2168, 2175), "pair": (91, 91), "context": (110, 121)}
"""Right and all expansions by source, were each of them applied unasked (tests/bench/language.py --all-sources, 80 people each
from seeds 0 and 200)."""
SHIPPED_COUNTS = 400
"""The measured share counts as so many expansions beside the person's own verdicts, of which each counts as one."""
MOST_TITLES = 3000
"""Titles, the newest, among which context is looked for."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """Once seen: `short` for `long`, in the task `where`."""

    short: str
    long: str
    source: Source
    where: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the person decided. `source` is where the expansion had come from."""

    short: str
    long: str
    kind: Kind
    accepted: bool
    source: Source = "own"


@dataclass(frozen=True, slots=True)
class Expansion:
    """`support` sightings for it, `against` for other meanings; `posterior` see the module."""

    short: str
    long: str
    kind: Kind
    source: Source
    support: int
    against: int
    posterior: float
    state: State


@dataclass(frozen=True, slots=True)
class Titled:
    """A title with its task's id and project."""

    id: str
    title: str
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Language:
    """What is applied: expansions of words by their short form (folded), `back` the short forms of longer words."""

    applied: Mapping[str, str]
    back: Mapping[str, tuple[str, ...]]

    def read(self, text: str) -> str:
        """The text as it is meant: every known short form in full. Everything else stays as it is."""
        if not self.applied:
            return text
        pieces, at = [], 0
        for start, end in words_of(text):
            long = self.applied.get(text[start:end].casefold())
            if long is not None:
                pieces += [text[at:start], long]
                at = end
        return "".join((*pieces, text[at:]))

    def ways(self, words: Sequence[str], most: int = 4) -> list[tuple[str, ...]]:
        """Other ways to say what is looked for: short forms in full, and words in their short forms; `words` not among them."""
        given = tuple(words)
        found = [tuple(self.read(" ".join(given)).split())]
        folded = " ".join(given).casefold()
        for long, shorts in self.back.items():
            if f" {long} " in f" {folded} ":
                found += [tuple(f" {folded} ".replace(f" {long} ", f" {short} ").split()) for short in shorts]
        folded_words = tuple(word.casefold() for word in given)
        ways = dict.fromkeys(way for way in found if tuple(word.casefold() for word in way) != folded_words)
        return list(ways)[:most]


NOTHING = Language({}, {})


# Evidence

def of_edit(before: str, after: str, where: str) -> Iterator[Sighting]:
    """Short forms that an edit of a title wrote in full; or the other way round, which says the same."""
    old, new = _texts(before), _texts(after)
    matcher = SequenceMatcher(None, [w.casefold() for w in old], [w.casefold() for w in new], autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        if what != "replace":
            continue
        for short, long in (*_aligned(old[a:b], new[c:d]), *_aligned(new[c:d], old[a:b])):
            yield Sighting(short.casefold(), long, "edit", where)


def of_pairs(text: str, where: str) -> Iterator[Sighting]:
    """Short forms that a text itself explains: "pull request (PR)"."""
    for short, long in abbreviation.pairs_in(text):
        yield Sighting(short.casefold(), long, "pair", where)


def of_context(titles: Sequence[Titled], is_word: Callable[[str], bool]) -> Iterator[Sighting]:
    """Short forms that stand where longer ones stand: next to the same word on one side at least. Of several words only initials
    are looked for, or any three words would do for three letters; where two fit nothing is said.

    `is_word` tells words of the common language, which are no short forms."""
    shorts: dict[str, list[tuple[str, tuple[str, str]]]] = defaultdict(list)
    before: dict[str, set[str]] = defaultdict(set)
    after: dict[str, set[str]] = defaultdict(set)
    shown: dict[str, str] = {}
    for one in titles[:MOST_TITLES]:
        words = _texts(one.title)
        folded = [w.casefold() for w in words]
        for n, word in enumerate(folded):
            if may_be_short(word) and not is_word(word):
                shorts[word].append((one.id, _neighbours(folded, n, n + 1)))
            for m in range(n + 1, min(len(words), n + MOST_WORDS) + 1):
                long = " ".join(folded[n:m])
                left, right = _neighbours(folded, n, m)
                before[left].add(long)
                after[right].add(long)
                shown.setdefault(long, " ".join(words[n:m]))
    for short, places in shorts.items():
        near = {left for _, (left, _) in places}, {right for _, (_, right) in places}
        fits = {
            long for table, words_near in ((before, near[0]), (after, near[1])) for word in words_near if word
            for long in table[word] if _stands_for(short, long)
        }
        if len(fits) != 1:
            continue
        long = fits.pop()
        for where, (left, right) in places:
            if (left and long in before[left]) or (right and long in after[right]):
                yield Sighting(short, shown[long], "context", where)


def of_projects(
    titles: Iterable[Titled], is_word: Callable[[str], bool], verdicts: Sequence[Verdict] = ()
) -> list[Expansion]:
    """Words whose tasks are in one project as a rule, offered until the person decides. A task without a project speaks
    against."""
    decided = {(v.short, v.long): v for v in verdicts if v.kind == "project"}
    counts: dict[str, Counter[str | None]] = defaultdict(Counter)
    for one in titles:
        for word in {w.casefold() for w in _texts(one.title)}:
            if len(word) > 2 and word[0].isalpha() and not is_word(word):
                counts[word][one.project] += 1
    found = []
    for word, by_project in counts.items():
        named = [(n, name) for name, n in by_project.items() if name]
        if not named:
            continue
        n, name = max(named)
        against = sum(by_project.values()) - n
        p = posterior(n, against, PROJECT_PRIOR)
        verdict = decided.pop((word, name), None)
        if verdict is not None or (n >= LEAST and p > 0.8):
            found.append(Expansion(word, name, "project", "project", n, against, p, _state(verdict)))
    found += [Expansion(v.short, v.long, "project", v.source, 0, 0, float(v.accepted), _state(v)) for v in decided.values()]
    chosen = {e.short for e in found if e.state == "accepted"}
    found = [e for e in found if e.state != "offered" or e.short not in chosen]
    return sorted(found, key=lambda e: (-e.posterior, e.short))


def project_of(text: str, projects: Mapping[str, str]) -> tuple[str, str] | None:
    """(word, project) of a text by its words, `projects` by folded word; nothing where they belong to different ones."""
    named = [(text[a:b], projects[word]) for a, b in words_of(text) if (word := text[a:b].casefold()) in projects]
    return named[0] if len({project for _, project in named}) == 1 else None


# From evidence to expansions

def learnt(
    sightings: Iterable[Sighting], verdicts: Sequence[Verdict] = (), is_word: Callable[[str], bool] = lambda word: False
) -> list[Expansion]:
    """What short forms mean, by evidence and by what the person decided; the surest first. A task counts once for a meaning.
    Words of the common language (`is_word`) mean themselves: they are offered at most."""
    seen: dict[str, dict[str, dict[str, Source]]] = defaultdict(lambda: defaultdict(dict))
    written: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for one in sightings:
        long = one.long.casefold()
        tasks = seen[one.short][long]
        if _rank(one.source) < _rank(tasks.get(one.where)):
            tasks[one.where] = one.source
        written[one.short, long][one.long] += 1
    decided = {(v.short, v.long.casefold()): v for v in verdicts if v.kind == "words"}
    precise = {source for source in MEASURED if silent_precision(source, verdicts) >= PRECISE}
    found = []
    for short, meanings in seen.items():
        votes = {long: _votes(tasks.values()) for long, tasks in meanings.items()}
        for long, tasks in meanings.items():
            against = sum(n for other, n in votes.items() if other != long)
            source = min(tasks.values(), key=_rank)
            p = posterior(votes[long], against, WORDS_PRIOR)
            sure = votes[long] >= LEAST and p > CERTAIN and source in precise and not is_word(short)
            state: State = "silent" if sure else "offered"
            verdict = decided.pop((short, long), None)
            if verdict is not None:
                state = _state(verdict)
            shown = written[short, long].most_common(1)[0][0]
            found.append(Expansion(short, shown, "words", source, votes[long], against, p, state))
    found += [
        Expansion(v.short, v.long, "words", v.source, 0, 0, float(v.accepted), _state(v)) for v in decided.values()
    ]
    chosen = {e.short for e in found if e.state == "accepted"}
    kept = [e for e in found if e.state in ("accepted", "refused") or (e.short not in chosen and e.posterior > 0.5)]
    return sorted(kept, key=lambda e: (-e.posterior, e.short, e.long))


def language(expansions: Iterable[Expansion]) -> Language:
    """What is applied of them."""
    applied: dict[str, str] = {}
    back: dict[str, list[str]] = defaultdict(list)
    for one in expansions:
        if one.kind == "words" and one.state in ("silent", "accepted") and one.short not in applied:
            applied[one.short] = one.long
            back[one.long.casefold()].append(one.short)
    return Language(applied, {long: tuple(shorts) for long, shorts in back.items()})


@cache
def posterior(support: int, against: int, prior: tuple[int, int]) -> float:
    """P(theta > 1/2) under Beta(prior + counts): for whole numbers a, b it is P(Bin(a + b - 1, 1/2) < a)."""
    a, b = prior[0] + support, prior[1] + against
    n = a + b - 1
    return float(sum(comb(n, k) for k in range(a)) / 2**n)


ONE_SIDED_95 = 1.645
"""Standard deviations."""


def silent_precision(source: str, verdicts: Sequence[Verdict] = ()) -> float:
    """Lower bound (Wilson's, 95 %, one-sided) of the precision of what this source expands unasked: as measured, then as this
    person judged it. 0 where nothing was measured."""
    right, every = MEASURED.get(source, (0, 0))
    if not every:
        return 0.0
    own = [v.accepted for v in verdicts if v.source == source and v.kind == "words"]
    n = min(every, SHIPPED_COUNTS) + len(own)
    share = (right / every * min(every, SHIPPED_COUNTS) + sum(own)) / n
    from coach.core.effect import wilson  # it draws by chance too, and `random` has its weight in a shell command

    return wilson(share * n, n, ONE_SIDED_95)[0]


def _state(verdict: Verdict | None) -> State:
    if verdict is None:
        return "offered"
    return "accepted" if verdict.accepted else "refused"


def _votes(sources: Iterable[Source]) -> int:
    """An edit or an explanation is the person's own word, and a place in which both forms stand agrees with it; such places
    alone are worth half."""
    counted = Counter(sources)
    own = counted["edit"] + counted["pair"]
    return own + counted["context"] if own else counted["context"] // 2


def _rank(source: Source | None) -> int:
    order: tuple[Source | None, ...] = ("own", "edit", "pair", "context", "project", None)
    return order.index(source)


def _texts(text: str) -> list[str]:
    return [text[start:end] for start, end in words_of(text)]


def _aligned(shorter: Sequence[str], longer: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each of the words with the run of the others that it may stand for, all of both used up; nothing where two ways fit."""
    ways = list(_splits(tuple(shorter), tuple(longer)))
    if len(ways) == 1:
        yield from ways[0]


def _splits(shorter: tuple[str, ...], longer: tuple[str, ...]) -> Iterator[tuple[tuple[str, str], ...]]:
    if not shorter or len(shorter) > MOST_WORDS:
        if not shorter and not longer:
            yield ()
        return
    for n in range(1, min(MOST_WORDS, len(longer) - len(shorter) + 1) + 1):
        if abbreviates(shorter[0], long := " ".join(longer[:n])):
            for rest in _splits(shorter[1:], longer[n:]):
                yield ((shorter[0], long), *rest)


def _stands_for(short: str, long: str) -> bool:
    """As `abbreviates`, but of several words initials only, and of one the word must be longer by two letters: a slip is none."""
    words = long.split()
    if len(words) > 1:
        return short not in words and short == "".join(word[0] for word in words)
    return len(long) >= len(short) + 2 and abbreviates(short, long)


def _neighbours(folded: Sequence[str], start: int, end: int) -> tuple[str, str]:
    return (folded[start - 1] if start else "", folded[end] if end < len(folded) else "")

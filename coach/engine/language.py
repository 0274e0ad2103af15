"""A person's own language: what was learnt from their edits, titles and verdicts, where it is applied, and what they may change.

Applying means understanding: a question, a search and a suggestion are read with short forms in full. No title is rewritten."""

from __future__ import annotations

import json
import re
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from coach.config import shipped
from coach.core import change
from coach.core import language as core
from coach.core.abbreviation import words_of
from coach.core.errors import InvalidInput, NotFound
from coach.core.language import Expansion, Language, Sighting, Titled, Verdict
from coach.core.shorthand import USUAL
from coach.core.task import Draft
from coach.core.when import iso, parse_iso
from coach.store import changes, language, tasks
from coach.store.db import Connection

MOST_EDITS, MOST_TITLES = 2000, 1500
"""The newest that are learnt from."""
AGAIN = timedelta(minutes=5)
"""Jobs learn anew at most so often."""
KNOWN_FROM = 3
"""Titles of the corpus in which a word must stand to be one of the common language."""
LONGEST = 60
SHOWN = 3
WORDS: dict[str, str] = {
    "silent": "applied, surely enough", "accepted": "applied, by you", "offered": "offered", "refused": "never, by you",
}
SOURCES: dict[str, str] = {
    "edit": "your edits", "pair": "explained in a title", "context": "places where both stand",
    "project": "tasks of that project", "own": "you",
}
_LETTERS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


@dataclass(frozen=True, slots=True)
class LanguageView:
    expansions: tuple[Expansion, ...]

    def document(self) -> list[dict[str, Any]]:
        return [{**asdict(e), "posterior": round(e.posterior, 4)} for e in self.expansions]

    def lines(self) -> list[str]:
        """For people, a line each."""
        return [f"{meaning(e)}  {WORDS[e.state]}; {evidence(e)}" for e in self.expansions]


def meaning(one: Expansion) -> str:
    """"mtg = meeting", "standup: #team"."""
    return f"{one.short}: #{one.long}" if one.kind == "project" else f"{one.short} = {one.long}"


def evidence(one: Expansion) -> str:
    """On what it stands, with n."""
    if not one.support:
        return SOURCES[one.source]
    against = f", {one.against} against" if one.against else ""
    return f"{SOURCES[one.source]} (n = {one.support}{against}; {one.posterior:.0%})"


# Learning

@cache
def common() -> frozenset[str]:
    """Words of the common language: those in several titles of the corpus that are not known to be short forms."""
    counts: Counter[str] = Counter()
    for file in sorted(shipped("data", "task_titles").glob("*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            counts.update({word.casefold() for word in _LETTERS.findall(line)})
    return frozenset(word for word, n in counts.items() if n >= KNOWN_FROM and word not in USUAL)


def is_common(word: str) -> bool:
    return word.casefold() in common()


def sightings(db: Connection) -> Iterator[Sighting]:
    """All evidence about short forms."""
    for task_id, before, after in language.edits(db, MOST_EDITS):
        yield from core.of_edit(before, after, task_id)
    found = language.titles(db, MOST_TITLES)
    for task_id, title, _, notes in found:
        yield from core.of_pairs(f"{title}\n{notes}", task_id)
    yield from core.of_context([Titled(task_id, title, project) for task_id, title, project, _ in found], is_common)


def learn(db: Connection) -> list[Expansion]:
    """Everything anew: short forms, then words of projects. Up to 0.2 s with thousands of tasks."""
    decided = _verdicts(db)
    names = {name.casefold() for name, _ in tasks.projects(db)}
    words = core.learnt(sightings(db), decided, lambda word: is_common(word) or word in names)
    titles = [Titled(task_id, title, project) for task_id, title, project, _ in language.titles(db, MOST_TITLES)]
    return [*words, *core.of_projects(titles, is_common, decided)]


def renew(db: Connection, now: datetime, *, at_once: bool = True) -> bool:
    """Learn anew where anything was edited since; whether that was done. Not `at_once`: at most every AGAIN."""
    tree, latest = json.loads(language.kept(db) or "{}"), language.latest(db)
    if tree.get("latest") == latest or (not at_once and tree.get("at") and now - parse_iso(tree["at"]) < AGAIN):
        return False
    kept = [asdict(e) for e in learn(db)]
    language.keep(db, json.dumps({"latest": latest, "at": iso(now), "expansions": kept}, ensure_ascii=False))
    return True


# Applying

def known(db: Connection) -> Language:
    """What is applied, as it was learnt last."""
    return _language(language.kept(db))


def placed(db: Connection, draft: Draft) -> Draft:
    """A draft that names no project in that of its words, where the person said that they belong to one."""
    found = None if draft.project or draft.parent else core.project_of(draft.title, language.projects(db))
    return draft if found is None else replace(draft, project=found[1])


def view(db: Connection) -> LanguageView:
    """Everything that was learnt or decided."""
    return LanguageView(_expansions(language.kept(db)))


def offers(db: Connection, title: str, project: str | None) -> tuple[Expansion, ...]:
    """What a title that is being typed might mean and is not applied: short forms, and a project where it has none."""
    said = {title[start:end].casefold() for start, end in words_of(title)}
    found = [
        one for one in _expansions(language.kept(db)) if one.short in said and one.state == "offered"
        and (one.kind == "words" or (project is None and not any(c.isspace() for c in one.long)))
    ]
    first = {(one.kind, one.short if one.kind == "words" else ""): one for one in reversed(found)}
    return tuple(one for one in found if one in first.values())[:SHOWN]


def offer(one: Expansion) -> str:
    """"mtg = meeting? (n = 1)", "#team? (standup: 4 of 5)"."""
    if one.kind == "project":
        return f"#{one.long}? ({one.short}: {one.support} of {one.support + one.against})"
    return f"{one.short} = {one.long}? (n = {one.support})"


# What the person says

def accept(db: Connection, short: str, long: str, now: datetime) -> Expansion:
    """Apply a meaning of a short form from now on, the likeliest where `long` is empty. Raises NotFound."""
    renew(db, now)
    one = _named(db, short, long)
    _decide(db, one.short, one.long, one, True, now, "accept a short form")
    return one


def add(db: Connection, short: str, long: str, now: datetime) -> None:
    """A short form by hand. Raises InvalidInput."""
    short, long = short.strip(), " ".join(long.split())
    if not short or not long or len(short.split()) > 1 or max(len(short), len(long)) > LONGEST:
        raise InvalidInput(f"{short!r} = {long!r} is no short form", 'one word and what it means: "mtg = meeting"')
    if [short[start:end] for start, end in words_of(short)] != [short]:
        raise InvalidInput(f"{short!r} is no word", "without punctuation at its ends")
    _decide(db, short.casefold(), long, None, True, now, "add a short form")


def remove(db: Connection, short: str, long: str, now: datetime) -> Expansion:
    """Never apply or offer it again, the likeliest meaning where `long` is empty. Raises NotFound."""
    renew(db, now)
    one = _named(db, short, long)
    _decide(db, one.short, one.long, one, False, now, "remove a short form")
    return one


def _decide(
    db: Connection, short: str, long: str, one: Expansion | None, accepted: bool, now: datetime, label: str
) -> None:
    batch = [
        change.delete("expansion", row["id"], {k: v for k, v in row.items() if k != "id"}) for row in language.verdicts(db)
        if row["short"] == short and (accepted or row["long"].casefold() == long.casefold())
    ]
    if one is None or one.support or accepted:  # what only the person said is gone with their word
        batch.append(change.create("expansion", str(uuid.uuid4()), {
            "short": short, "long": long, "kind": one.kind if one else "words", "accepted": accepted,
            "source": one.source if one else "own", "at": iso(now),
        }))
    changes.apply(db, batch, now=now, label=label)
    renew(db, now)


def _named(db: Connection, short: str, long: str = "") -> Expansion:
    wanted, meant = short.strip().casefold(), long.strip().casefold()
    found = [e for e in view(db).expansions if e.short == wanted and e.state != "refused" and meant in ("", e.long.casefold())]
    if not found:
        raise NotFound(f"nothing is known about {short!r}", "`coach insights language` lists what is")
    return found[0]


def _verdicts(db: Connection) -> list[Verdict]:
    return [
        Verdict(row["short"], row["long"], row["kind"], bool(row["accepted"]), row["source"]) for row in language.verdicts(db)
    ]


@lru_cache(maxsize=4)
def _expansions(kept: str) -> tuple[Expansion, ...]:
    return tuple(Expansion(**one) for one in json.loads(kept or "{}").get("expansions", ()))


@lru_cache(maxsize=4)
def _language(kept: str) -> Language:
    return core.language(_expansions(kept))


def ways(db: Connection, words: Sequence[str]) -> list[tuple[str, ...]]:
    """Other words for what is looked for."""
    return known(db).ways(words) if words else []

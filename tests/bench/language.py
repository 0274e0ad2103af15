"""A person's own language: what is expanded unasked, on simulated people's vocabularies, beside a static dictionary.

    python tests/bench/language.py --people 200 --seed 10000

Each person has short forms of their own for words, names, projects and topics of their tasks (initials, first letters,
consonants; two may clash), writes them three times of four, corrects some titles by hand, explains a few ("pull request (PR)"),
takes one of five right offers, rewords other titles, and mistypes. After 50 messages with a short form (about twice as many
without one among them) the next 100 messages are read. Precision and recall are by short form written; a false rewrite is any
other word that was changed. Intervals are bootstrapped over people. One JSON object a line."""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from coach.core import language
from coach.core.abbreviation import words_of
from coach.core.language import Language, Titled
from coach.core.shorthand import USUAL
from coach.engine.language import is_common
from coach.simulation import person as people
from coach.simulation.vocabulary import ERRANDS

LEARN, TEST = 50, 100
SHOWN = 25
HABITS: Mapping[str, tuple[str, ...]] = {
    "pull request": ("pr", "pullreq"), "meeting": ("mtg", "meet"), "with": ("w/",), "about": ("abt",), "review": ("rev", "rvw"),
    "report": ("rpt", "rep"), "analysis": ("anls", "ana"), "dependencies": ("deps",), "prototype": ("proto",),
    "document": ("doc", "dcmt"), "comments": ("cmts", "comm"), "budget": ("bdgt", "bud"), "quarter": ("qtr", "q"),
    "feedback": ("fb", "fdbk"), "candidates": ("cands",), "appointment": ("appt", "app"), "birthday": ("bday", "bd"),
    "library": ("lib",), "component": ("comp", "cmp"), "problem set": ("ps", "pset"), "chapter": ("ch", "chap"),
    "seminar": ("sem",), "wireframes": ("wf", "wires"), "usability": ("usab", "ux"), "article": ("art",),
    "tickets": ("tix", "tkts"), "paper": ("ppr",), "papers": ("pprs",), "flashcards": ("fc", "fcs"), "study group": ("sg",),
    "section": ("sec", "sect"),
    "expense": ("exp",), "invoice": ("inv",), "release": ("rel", "rls"), "refactor": ("refac", "rf"), "upgrade": ("upg",),
    "kitchen": ("kitch",), "groceries": ("groc", "grocs"), "receipts": ("rcpts", "recs"), "figures": ("figs",),
    "design": ("dsgn",), "answer": ("ans",), "prepare": ("prep",), "present": ("pres",), "escalate": ("esc",),
    "reproduce": ("repro",),
}
"""Which short forms some people write for words of the tasks' grammars."""
ENDINGS = ("ing", "ed", "s", "er")


@dataclass
class Writer:
    """`habits` maps a long form to the person's short one; `corrects` is how often a title with short forms is written out."""

    who: people.Person
    habits: dict[str, str]
    corrects: float
    rewords: float
    rng: np.random.Generator
    plain: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Message:
    """What was typed, what it means in full, and what each short form typed stands for, by its offset."""

    typed: str
    full: str
    meant: dict[int, str]


def writer(seed: int) -> Writer:
    rng = np.random.default_rng(seed)
    who = people.make_person(rng)
    habits = {long: shorts[int(rng.integers(len(shorts)))] for long, shorts in HABITS.items() if rng.random() < 0.35}
    for name in (*who.people, *who.projects):
        if rng.random() < 0.4:
            consonants = name[0] + re.sub(r"[aeiou]", "", name[1:])
            habits[name] = (name[: int(rng.integers(2, 4))] if rng.random() < 0.6 else consonants[:3]).lower()
    for topic in who.topics:
        bare = topic.removeprefix("the ")
        if " " in bare and rng.random() < 0.25:
            habits[bare] = "".join(word[0] for word in bare.split()).lower()
    habits = {long: short for long, short in habits.items() if len(short) < len(long)}
    return Writer(who, habits, float(rng.uniform(0.15, 0.45)), float(rng.uniform(0.05, 0.2)), rng)


def message(writer: Writer) -> Message:
    rng = writer.rng
    if rng.random() < 0.05:
        words = " ".join("".join(rng.choice(list("abcdefghiklmnoprstu"), int(rng.integers(2, 7)))) for _ in range(3))
        return Message(words, words, {})
    able = [e for e in ERRANDS if e.role in ("", writer.who.role)]
    full = able[int(rng.integers(len(able)))].grammar.format(**people.words_for(writer.who, rng))
    spots = []
    for long, short in writer.habits.items():
        for found in re.finditer(rf"(?<!\w){re.escape(long)}(?!\w)", full, re.IGNORECASE):
            if rng.random() < 0.75 and not any(a < found.end() and found.start() < b for a, b, _ in spots):
                spots.append((found.start(), found.end(), short.upper() if rng.random() < 0.2 else short))
    typed, at, meant, explained = "", 0, {}, rng.random() < 0.04
    for start, end, short in sorted(spots):
        typed += full[at:start]
        if explained:
            typed += f"{full[start:end]} ("
        meant[len(typed)] = full[start:end]
        typed += f"{short})" if explained else short
        at = end
    typed += full[at:]
    if rng.random() < 0.06 and not meant:
        typed = slip(typed, rng)
    return Message(typed, full, meant)


def slip(text: str, rng: np.random.Generator) -> str:
    """A letter left out, or two in the wrong order."""
    at = int(rng.integers(1, max(2, len(text) - 2)))
    return text[:at] + text[at + 1 :] if rng.random() < 0.5 else text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :]


def edited(writer: Writer, one: Message) -> str:
    """The title after the person's second look at it."""
    rng = writer.rng
    if one.meant and "(" not in one.typed and rng.random() < writer.corrects:
        text = one.typed
        for at in sorted(one.meant, reverse=True):
            end = next(end for start, end in words_of(text) if start == at)
            if rng.random() < 0.85:
                text = text[:at] + one.meant[at] + text[end:]
        return text
    if not one.meant and one.typed != one.full and rng.random() < 0.5:
        return one.full  # a slip is mended
    if rng.random() < writer.rewords:
        spans = words_of(one.typed)
        start, end = spans[int(rng.integers(len(spans)))]
        word = one.typed[start:end]
        near = [w for w in writer.plain if w[:1].casefold() == word[:1].casefold() and w.casefold() != word.casefold()]
        other = word + ENDINGS[int(rng.integers(len(ENDINGS)))]
        if near and rng.random() < 0.6:
            other = near[int(rng.integers(len(near)))]
        return one.typed[:start] + other + one.typed[end:]
    return one.typed


def learnt(writer: Writer, least: int) -> list[language.Expansion]:
    """What is known after `least` messages with a short form."""
    sightings: list[language.Sighting] = []
    titles: list[Titled] = []
    verdicts: dict[tuple[str, str], language.Verdict] = {}
    found: list[language.Expansion] = []
    number = shortened = 0
    while shortened < least:
        one = message(writer)
        number, shortened = number + 1, shortened + bool(one.meant)
        writer.plain += one.full.split()
        for verdict in answered(writer, one, found):
            verdicts[verdict.short, verdict.long] = verdict
        after = edited(writer, one)
        if after != one.typed:
            sightings += language.of_edit(one.typed, after, str(number))
        sightings += language.of_pairs(after, str(number))
        titles.append(Titled(str(number), after))
        if number % 10 == 0 or shortened == least:
            context = language.of_context(titles[::-1], is_common)
            found = language.learnt([*sightings, *context], list(verdicts.values()), is_common)
    return found


def answered(writer: Writer, one: Message, found: Sequence[language.Expansion]) -> list[language.Verdict]:
    """One of five offers beside what is typed is taken or refused, rightly."""
    said: list[language.Verdict] = []
    for start, long in one.meant.items():
        word = next(one.typed[a:b].casefold() for a, b in words_of(one.typed) if a == start)
        offers = [e for e in found if e.short == word and e.state == "offered" and writer.rng.random() < 0.2]
        said += [language.Verdict(e.short, e.long, "words", e.long.casefold() == long.casefold(), e.source) for e in offers]
    return said


def judged(tests: Sequence[Message], known: Language, sources: Mapping[str, str]) -> Counter[str]:
    """Counts of short forms read rightly and wrongly, missed, of other words left and rewritten."""
    counts: Counter[str] = Counter()
    for one in tests:
        for start, end in words_of(one.typed):
            word, long = one.typed[start:end], one.meant.get(start)
            read = known.applied.get(word.casefold())
            source = sources.get(word.casefold(), "")
            if long is None:
                counts["plain"] += 1
                if read is not None and read.casefold() != word.casefold():
                    counts.update(("rewritten", f"wrong {source}"))
            elif read is None:
                counts["missed"] += 1
            else:
                good = read.casefold() == long.casefold()
                counts.update(("right", f"right {source}") if good else ("wrong", f"wrong {source}"))
        if known.read(one.typed) != one.typed and not one.meant:
            counts["messages rewritten"] += 1
        counts["messages"] += 1
    return counts


def figures(every: Sequence[Counter[str]], seed: int) -> dict[str, object]:
    def share(of: Callable[[Counter[str]], tuple[int, int]]) -> dict[str, float | int]:
        pairs = np.array([of(c) for c in every])
        drawn = np.random.default_rng(seed).integers(len(pairs), size=(2000, len(pairs)))
        sums = pairs[drawn].sum(axis=1)
        low, high = np.percentile(sums[:, 0] / np.maximum(sums[:, 1], 1), (2.5, 97.5))
        top, n = pairs.sum(axis=0)
        value = float(top / max(n, 1))
        return {"value": round(value, 4), "low": round(float(low), 4), "high": round(float(high), 4), "n": int(n)}

    total = sum(every, Counter())
    return {
        "precision": share(lambda c: (c["right"], c["right"] + c["wrong"] + c["rewritten"])),
        "recall": share(lambda c: (c["right"], c["right"] + c["wrong"] + c["missed"])),
        "false_rewrites": share(lambda c: (c["rewritten"], c["plain"])),
        "messages_rewritten": share(lambda c: (c["messages rewritten"], c["messages"])),
        "by_source": {s: [total[f"right {s}"], total[f"right {s}"] + total[f"wrong {s}"]] for s in ("edit", "pair", "context")},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--seed", type=int, default=10_000)
    parser.add_argument("--all-sources", action="store_true", help="Every source may expand unasked, to measure it.")
    options = parser.parse_args()
    if options.all_sources:
        language.MEASURED = {"edit": (1000, 1000), "pair": (1000, 1000), "context": (1000, 1000)}  # type: ignore[misc]
    static = Language(dict(USUAL), {})
    wrong: Counter[str] = Counter()
    own, fixed, offered = [], [], []
    for seed in range(options.seed, options.seed + options.people):
        one = writer(seed)
        found = learnt(one, LEARN)
        tests = [message(one) for _ in range(TEST)]
        known = language.language(found)
        own.append(judged(tests, known, {e.short: e.source for e in found if e.state == "silent"}))
        for e in found:
            if e.state == "silent" and (e.short, e.long.casefold()) not in {(s, w.casefold()) for w, s in one.habits.items()}:
                wrong[f"{e.short} = {e.long} ({e.source})"] += 1
        fixed.append(judged(tests, static, {}))
        with_offers = Language({**{e.short: e.long for e in reversed(found)}, **known.applied}, {})
        offered.append(judged(tests, with_offers, {}))
    base = {"people": options.people, "seed": options.seed, "learnt_from": LEARN, "read": TEST}
    print(json.dumps({"what": "learnt, unasked", **base, **figures(own, 1)}))
    print(json.dumps({"what": "learnt and offered", **base, **figures(offered, 1)}))
    print(json.dumps({"what": "learnt unasked, and not the person's", "of_people": dict(wrong.most_common(SHOWN))}))
    print(json.dumps({"what": "static dictionary", **base, **figures(fixed, 1)}))


if __name__ == "__main__":
    main()

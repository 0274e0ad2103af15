"""An answer in other words: its sentences with every value and name taken out, a grammar for them, and the judge of what a
language model made of it. Pure.

The model sees `{f1}` for a value and `{n1}` for a name, never the thing itself, and may write nothing else that is one: what
is filled in afterwards is the card's own text. What remains to go wrong is a true value in a false sentence, so the words
around it are held to those of the sentence that it came from (MODELS.md 5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from coach.core import decency, say, tongue
from coach.core.facts import FactsCard
from coach.core.lines import faults, fill

MOST_REQUIRED, MOST_OPTIONAL = 5, 4
LEAST_WORDS = 1
"""Words of a sentence beside its placeholders, below which there is nothing to say in other words."""
LONGEST = 200
"""Characters of a line before its values are filled in."""
LONGEST_WORD = 18


@dataclass(frozen=True, slots=True)
class Frame:
    """Sentences with placeholders. `values` is what each stands for, `sources` the sentence that it stands in, `required` those
    that must be said, in this order; the others may be. `names` must not be said but by a placeholder."""

    sentences: tuple[str, ...]
    values: Mapping[str, str]
    required: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return " ".join(self.sentences)

    @property
    def optional(self) -> tuple[str, ...]:
        return tuple(name for name in self.values if name not in self.required)[:MOST_OPTIONAL]


# From a card

_QUOTED = re.compile("“[^”]*”?")
_SLOT = re.compile(r"\{(\w+)\}")


def framed(card: FactsCard, *, free: bool = False) -> Frame | None:
    """The sentences of a card, without the items of lists. The values of the first are required unless it is `free`. None where
    there is nothing to say in other words, or where a figure or a name would be left in them."""
    said = [s for s in card.sentences if not s.startswith("• ") and not s.endswith(":")]
    slots = _Slots(card)
    sentences = [slots.taken_out(s) for s in said]
    if not sentences or any(c.isnumeric() or c in "“”" for s in sentences for c in _SLOT.sub("", s)):
        return None
    names = tuple(dict.fromkeys((*card.names, *(v.strip("“”") for k, v in slots.values.items() if k.startswith("n")))))
    sources = {name: s for s in reversed(sentences) for name in _SLOT.findall(s)}
    if free:
        return Frame(tuple(sentences), slots.values, (), names, sources)
    first = sentences[0]
    required = tuple(dict.fromkeys(_SLOT.findall(first)))
    if not required or len(required) > MOST_REQUIRED or len(re.findall(r"[a-z]+", _SLOT.sub(" ", first))) < LEAST_WORDS:
        return None
    return Frame(tuple(sentences), slots.values, required, names, sources)


class _Slots:
    """Hands out a placeholder for each value and name as it is met."""

    def __init__(self, card: FactsCard) -> None:
        self.values: dict[str, str] = {}
        self._ids: dict[str, list[str]] = {}
        for fact in card.facts:
            if fact.text:
                self._ids.setdefault(fact.text.lower(), []).append(fact.id)
        texts = [f.text for f in card.facts] + [say.name(n) for n in card.names]
        known = sorted({t for t in texts if t.strip()}, key=len, reverse=True)
        parts = [_QUOTED.pattern, *(rf"(?<![\w]){re.escape(t)}(?![\w])" for t in known)]
        self._known = re.compile("|".join(parts), re.IGNORECASE)

    def taken_out(self, sentence: str) -> str:
        return self._known.sub(lambda m: f"{{{self._slot(m[0])}}}", re.sub(r"[{}]", "", sentence))

    def _slot(self, text: str) -> str:
        ids = self._ids.get(text.lower(), [])
        name = next((i for i in ids if i not in self.values), None)
        if name is None:
            name = next((k for k, v in self.values.items() if v == text), None)
        if name is None:
            name = f"n{sum(k.startswith('n') for k in self.values) + 1}"
        self.values.setdefault(name, text)
        return name


# The grammar

OPENERS = tuple(
    "You Your You've So That This There There's Here Here's It It's In Of And With For At On From Today Yesterday Tomorrow"
    " Yes Well Now Then What How When If Let Let's Take Start Begin Try Give Go Keep Put Open Pick Do Make Set The A An"
    " Right Fine Good Since As By To Maybe Perhaps Ok Okay".split())
"""What a sentence may begin with beside its own words: a name would have a capital too."""
_WORDS = r"""word ::= [a-z]+ ("'" [a-z]+)?
sep ::= " " | ", "
"""


_CAP = "cap ::= " + " | ".join(f'"{word}"' for word in OPENERS) + "\n"


def grammar(frame: Frame) -> str:
    """GBNF of one sentence: words, and exactly the card's placeholders, no digit. The required ones stand in it once and in their
    order; of the others at most one more between words, which the judge counts."""
    if frame.required:
        gap = ' (sep word){1,8} " " '
        body = gap.join(f'"{{{name}}}"' for name in frame.required)
        return f'root ::= (cap (sep word){{0,8}} " ")? {body} (sep word){{0,10}} [.!]\n{_CAP}{_WORDS}'
    slots = "".join(f' | "{{{name}}}"' for name in frame.optional)
    return f'root ::= cap (sep part){{3,24}} [.!?]\n{_CAP}part ::= word{slots}\n{_WORDS}'


# The judge

_FIGURES = re.compile(
    r"\b(?:one|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|once|thrice|couple|pair|several|few|fewer"
    r"|many|score|quarter|thirds?|both|single|nothing|none|all|every|everything|each|always|whole|entire|majority|most of)\b",
    re.IGNORECASE)
"""Ordinals, and amounts that are no number."""
_COMPARING = re.compile(
    r"\b(?:more|less|most|least|than|better|best|worse|worst|higher|highest|lower|lowest|longer|longest|shorter|shortest|faster"
    r"|fastest|slower|slowest|greater|greatest|bigger|biggest|larger|largest|smaller|smallest|earlier|later|ahead|behind|above"
    r"|below|over|under|beyond|up|down|improv\w+|increas\w+|decreas\w+|ris\w+|rose|f[ae]ll\w*|grow\w*|grew|dropp\w+|declin\w+"
    r"|exceed\w*|beat\w*|record|usual\w*|unusual\w*|average|typical\w*|enough|too|only|just|already|still|almost|nearly"
    r"|barely|at least|at most|up to|compared|versus|much|long|big|huge|great|good|bad|high|low|strong|weak)\b",
    re.IGNORECASE)
_DENYING = re.compile(r"\b(?:no|not|never|nor|neither|without|nobody|hardly|cannot|missed|fail\w*|un\w{4,})\b|n't\b",
                      re.IGNORECASE)
_METRICS: tuple[tuple[str, ...], ...] = tuple(tuple(line.split()) for line in """
    focus focused focusing focussed concentrat deep
    active activity
    distract wast lost procrastinat
    break rest paus
    due deadline
    overdue late
    done finish complet closed
    open waiting pending left remain
    snooz postpon delay avoid putting
    plan schedul block
    meeting call
    free spare available
    start began begin
    end stop last
    switch interrupt
    estimat guess
    score percent rate share urgen priorit
    hour minut second
    day today
    yesterday
    tomorrow
    tonight evening
    morning
    week
    month
    year
    monday
    tuesday
    wednesday
    thursday
    friday
    saturday
    sunday
    nudge remind
    session timer streak row
    task todo
    app site project categor
    expect likely predict forecast probab chance
    need require want
    work
""".strip().splitlines())
"""Stems of what a value may be of, or about: words of a group mean the same."""
_ASKED_OF = frozenset("start need work task open focus".split())
"""What may be said of a name alone, where a line need not repeat the facts: "begin with {n1}"."""
_ITSELF = re.compile(r"\b(?:I|me|my|mine|we|us|our|coach)\b", re.IGNORECASE)
"""A line that speaks of itself claims to have done something."""
_CLAUSE = re.compile(r"[.!?;]|\b(?:and|but|while|whereas|with)\b|,")


def objections(line: str, frame: Frame) -> list[str]:
    """Why a line, its placeholders not yet filled, may not be shown; empty when it may."""
    plain = _SLOT.sub(" ", line)
    found = [f for f in faults(_SLOT.sub("{x}", line), ("x",)) if "characters;" not in f]
    found += [f"unknown placeholder {{{name}}}" for name in _SLOT.findall(line) if name not in frame.values]
    if len(line) > LONGEST:
        found.append("too long")
    if not line.endswith((".", "!", "?")):
        found.append("no end")
    found += [f"speaks of itself: {m[0]}" for m in _ITSELF.finditer(plain)]
    if any(not (c.isascii() or c in "’–—") for c in plain) or tongue.foreign(plain) or not tongue.has_english(plain):
        found.append("another language")
    known = frame.text.lower()
    found += [c for c in decency.claims(plain) if not (c.startswith("a claim") and c.partition(": ")[2].lower() in known)]
    found += [f"an amount: {m[0]}" for m in _new(_FIGURES, plain, frame.text)]
    found += [f"a comparison: {m[0]}" for m in _new(_COMPARING, plain, frame.text)]
    words = re.findall(r"[a-z']+", plain.lower())
    pairs = list(pairwise(words))
    if any(pairs.count(pair) > 1 for pair in pairs) or any(len(word) > LONGEST_WORD for word in words):
        found.append("no sentence: it repeats itself, or runs words together")
    return found + _misused(line, frame) + _named(line, frame) + _bent(line, frame)


def rendered(line: str, frame: Frame) -> str:
    """The line with its values, and its first letter as a sentence has it."""
    return say.capital(fill(line, frame.values))


def _new(pattern: re.Pattern[str], line: str, source: str) -> list[re.Match[str]]:
    """What the line says of that kind and the sentences do not."""
    there = {m[0].lower() for m in pattern.finditer(source)}
    return [m for m in pattern.finditer(line) if m[0].lower() not in there]


def _misused(line: str, frame: Frame) -> list[str]:
    """Placeholders that are missing, said twice, or not in their order."""
    said = _SLOT.findall(line)
    found = [f"{{{name}}} is missing" for name in frame.required if name not in said]
    found += [f"{{{name}}} twice" for name in dict.fromkeys(said) if said.count(name) > 1]
    for sentence in frame.sentences:
        order = list(dict.fromkeys(_SLOT.findall(sentence)))
        here = [name for name in said if name in order]
        if here != sorted(here, key=order.index):
            found.append("values in another order")
    return found


def _named(line: str, frame: Frame) -> list[str]:
    """Names outside a placeholder: the card's, and any other word with a capital."""
    plain = _SLOT.sub(" {} ", line)
    low = set(re.findall(r"[a-z]+", _SLOT.sub(" ", line).lower()))
    there = set(re.findall(r"[a-z]+", frame.text.lower()))
    found = [f"a name from the answer: {n}" for n in frame.names
             if {w for w in re.findall(r"[a-z]+", n.lower()) if len(w) > 3} & (low - there)]
    for m in re.finditer(r"(?<![\w'’])[A-Z][\w'’]*", plain):
        begins = plain[:m.start()].strip()[-1:] in ("", ".", "!", "?")
        word = m[0].replace("’", "'")
        if not (begins and (word in OPENERS or word.lower() in there)):
            found.append(f"a name: {word}")
    return found


def _bent(line: str, frame: Frame) -> list[str]:
    """What a clause says of its values that their own sentence does not: another measure, another time, the contrary."""
    found = []
    before = ""
    for clause in (c for c in _CLAUSE.split(line) if c.strip()):
        slots = _SLOT.findall(clause)
        if not slots:
            before += f" {clause}"
            continue
        sources = " ".join(dict.fromkeys(frame.sources.get(name, "") for name in slots))
        words = f"{before} {clause}"
        free = not frame.required and all(name.startswith("n") for name in slots)
        known = _measures(sources) | (_ASKED_OF if free else frozenset())
        found += [f"not what was counted: {stem}" for stem in sorted(_measures(words) - known)]
        if not free and bool(_DENYING.search(_SLOT.sub(" ", words))) != bool(_DENYING.search(_SLOT.sub(" ", sources))):
            found.append("denied, or not denied")
        before = ""
    if before:  # what trails behind the last value, or stands alone
        known = _measures(frame.text) | (frozenset() if frame.required else _ASKED_OF | {"break"})
        found += [f"not what was counted: {stem}" for stem in sorted(_measures(before) - known)]
        if frame.required and _DENYING.search(before) and not _DENYING.search(_SLOT.sub(" ", frame.text)):
            found.append("denied, or not denied")
    return found


def _measures(text: str) -> set[str]:
    """The groups of measures that a text speaks of, each by its first stem."""
    words = re.findall(r"[a-z]+", _SLOT.sub(" ", text).lower())
    return {group[0] for group in _METRICS for w in words if _is(w, group)}


def _is(word: str, group: Sequence[str]) -> bool:
    return any(word.startswith(stem) if len(stem) > 4 else word in _forms(stem) for stem in group)


def _forms(stem: str) -> Iterable[str]:
    return stem, f"{stem}s", f"{stem}ed", f"{stem}ing", f"{stem}ly", f"{stem}r"

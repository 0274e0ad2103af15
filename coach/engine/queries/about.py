"""Answers about Coach itself: nudges, tracking, privacy, models, and what can be asked."""

from __future__ import annotations

import re
from collections.abc import Iterable

from coach.core import say
from coach.core.facts import Fact, FactsCard, card
from coach.core.nudge import ACTED
from coach.core.period import find
from coach.core.when import from_ms
from coach.engine import keeping, preferences, tracking, views
from coach.engine.queries.asked import Asked
from coach.store import nudges, usage

NO_QUESTIONS = ("help", "greeting", "action")
"""Intents whose example is no question to suggest."""
EXAMPLES = ("time_in_app", "focus_score", "best_hours", "tasks_due", "next_task", "avoidance", "plan_today", "compare_periods")


def nudges_history(asked: Asked) -> FactsCard:
    period = asked.period_or(find("this week", asked.calendar)[0].period)
    heard = nudges.since(asked.db, period.start)
    said = [n for n in heard if n.at < period.end and n.status not in ("queued", "failed", "claimed", "held")]
    facts = [Fact("", "nudges", len(said), "count", say.count(len(said), "nudge"), period.key)]
    sentences = [f"I sent {facts[0].text} {period.text}."]
    if said:
        acted = sum(n.status in ACTED for n in said)
        ignored = sum(n.status in ("dismissed", "expired") for n in said)
        facts += [Fact("", "nudges_acted_on", acted, "count", str(acted), period.key),
                  Fact("", "nudges_ignored", ignored, "count", str(ignored), period.key)]
        sentences.append(f"You acted on {facts[1].text} and let {facts[2].text} pass.")
        last = said[0]
        at = f"{say.day(last.at, asked.tz, asked.now)} {say.clock(last.at, asked.tz)}"
        facts.append(Fact(last.text, "last_nudge", last.at.isoformat(), "time", at))
        sentences.append(f"The last one, {at}: {say.quoted(last.text, 140)}")
    return card("nudges_history", facts, sentences, "plain")


def tracker_status(asked: Asked) -> FactsCard:
    held = usage.extent(asked.db)
    paused = tracking.paused_until(asked.db, asked.now)
    current = views.current(asked.db, asked.rules, asked.now)
    if not tracking.consent(asked.db):
        state = "Tracking is off: you have not agreed to it. `coach track` asks."
    elif paused:
        state = "Tracking is paused. `coach resume` goes on."
    elif current:
        state = "Tracking is on: I see the window in front."
    else:
        state = "I may track, but see nothing at the moment. `coach status` says whether a tracker runs."
    if not held["first_ms"]:
        return card("tracker_status", (), [state, "Nothing has been recorded so far."], None)
    first, last = (from_ms(held[key]) for key in ("first_ms", "last_ms"))
    facts = [
        Fact("", "events", held["events"], "count", f"{held['events']:,} events"),
        Fact("", "days", held["days"], "count", say.count(held["days"], "day")),
        Fact("", "first_event", first.isoformat(), "time", say.day(first, asked.tz, asked.now)),
        Fact("", "last_event", last.isoformat(), "time", f"{say.day(last, asked.tz, asked.now)} {say.clock(last, asked.tz)}"),
    ]
    t = [f.text for f in facts]
    return card("tracker_status", facts, [state, f"There are {t[0]} from {t[1]}, since {t[2]}; the newest ends {t[3]}."], None)


def privacy(asked: Asked) -> FactsCard:
    held = usage.extent(asked.db)
    facts = [Fact("", "events", held["events"], "count", f"{held['events']:,} stretches of time")]
    profiling = "on" if preferences.get(asked.db, "profiling_consent") else "off"
    return card("privacy", facts, [
        f"Everything is in one encrypted file on this machine: {facts[0].text}, your tasks, and what we said here.",
        "I record which app and window is in front and when you were away; never keystrokes, screenshots or messages.",
        f"Network: {keeping.network(asked.db)}. Profiling is {profiling}.",
        "`coach privacy` shows sample rows, `coach erase` deletes for good.",
    ])


def models_status(asked: Asked) -> FactsCard:
    return card("models_status", (), [
        "A small embedder and a trained head find out what you ask; then plain code computes every number from your store.",
        "A language model, if one is installed, only adds a line of tone. It runs here and never sees or says a number.",
        "`coach doctor` names the files in use.",
    ])


def help_(asked: Asked, examples: Iterable[str] = ()) -> FactsCard:
    return card("help", (), ["You can ask about your time, focus, tasks, plan and habits. For example:",
                             *(f"• {e}" for e in examples)])


_MANNERS = (
    (re.compile(r"\b(?:good ?night|bye|goodbye|see (?:you|ya)|later|tomorrow)\b"), "Until then. What is open waits."),
    (re.compile(r"\b(?:thanks?|thank|thx|ty|cheers)\b"), "You are welcome."),
    (re.compile(r"\bsorry\b"), "No harm done."),
    (re.compile(r"\b(?:great|nice|well done|good job|perfect|cool|helps|awesome)\b"), "Good to hear."),
    (re.compile(r"^ok(?:ay)?\b"), "Good."),
)


def greeting(asked: Asked) -> FactsCard:
    """What is polite to what was said; the first hello names what may be asked."""
    words = asked.question.casefold()
    said = next((answer for pattern, answer in _MANNERS if pattern.search(words)),
                "Hello. Ask me about your time, focus, tasks or plan; “what can I ask?” lists examples.")
    return card("greeting", (), [said])


def action(asked: Asked) -> FactsCard:
    return card("action", (), [
        "I did not get what to change. Say it like “move the report to friday”: you see what would change, and nothing is done"
        " before you say so.",
        "To add a task press `a`, or `coach add`. `space` completes, `z` snoozes, `f` starts the focus timer, `u` undoes.",
        "`coach delete` removes a task, `coach erase` deletes records; every command answers `--help`.",
    ])


def declined(examples: Iterable[str], near: Iterable[str] = ()) -> FactsCard:
    """The honest answer to what is out of scope. `near` are examples of the intents that the question came near to: one of
    them can be picked by its number."""
    offered = list(dict.fromkeys(near))
    if offered:
        facts = [Fact(example, "choice", n, "count", str(n)) for n, example in enumerate(offered, 1)]
        return card("unknown", facts, ["I am not sure what you ask. Did you mean:", *(f"• {f.text} {f.entity}" for f in facts)])
    shown = list(dict.fromkeys(examples))[:4]
    return card("unknown", (), ["I don't know that: I only know your time, focus, tasks and plan.", "You can ask:",
                                *(f"• {e}" for e in shown)])


def other_language() -> FactsCard:
    return card("unknown", (), ["I only understand questions in English so far. Your tasks and windows may be in any language."])

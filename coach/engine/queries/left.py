"""What a question asked for and its answer does not hold: said in the answer, so that nothing is dropped in silence."""

from __future__ import annotations

import re

from coach.core import clocktime, say
from coach.core.period import Period
from coach.engine.queries.asked import Asked, known_words, names_in
from coach.engine.queries.kinds import KINDS
from coach.store import tasks

OF_A_DAY = frozenset(
    "time_in_app time_in_category time_in_project time_total top_apps top_sites distractions focus_score focus_sessions"
    " switches breaks day_summary tasks_done meetings free_time plan_today current_activity".split()
)
"""Answers that can be cut to hours of one day."""
OF_DAYS = frozenset({"time_in_app", "time_in_category", "time_in_project", "time_total", "top_apps", "top_sites"})
"""Answers that can be cut to the same hours of several days."""
MOST_DAYS = 100
SILENT = frozenset(
    "help greeting action privacy models_status tracker_status nudges_history task_detail unknown how_to what_if advice goals"
    " model_serving model_accuracy nudge_effect nudge_rules undo_what focus_factors patterns habits best_time task_time"
    " task_chance why_task why_block avoidance_score why".split()
)
"""Answers that no such remark belongs to."""
_NAMED = frozenset("time_in_app time_in_category time_in_project compare_periods".split())
_PROJECTS = frozenset("time_total tasks_open tasks_due tasks_overdue".split())

_PROJECTS |= frozenset(
    "longest_task tasks_by_tag tasks_by_priority oldest_tasks quick_tasks in_progress project_progress workload trend".split()
)
_LENGTHS = frozenset("quick_tasks next_free_slot".split())
"""Answers that count lengths that the question names."""
_SPLITS = frozenset("daily_average productive_day busiest_day trend day_summary".split())
"""Answers that are by day or by week."""
_OWN_NAMES = frozenset(
    "meetings_share interruptions resumption_lag current_activity meetings plan_today free_time streak".split())
"""Answers in which a name is no more than a way to say what is asked."""

_MORE = re.compile(
    r"\b(?:(?:more|less|fewer|longer) than|at (?:least|most)|over|under) (?:\d+(?:[.,]\d+)?|an?|one|two|three|four|five|six|seven"
    r"|eight|nine|ten|half an)\s?(?:%|percent|h(?:ours?|rs?)?\b|min(?:ute)?s?\b|times\b|tasks\b|sessions\b|apps\b|switches\b)",
    re.IGNORECASE,
)
_WITHOUT = re.compile(
    r"\b(?:except|excluding|without|not counting|apart from|other than|besides)\s+(?:for\s+)?(?!a break|breaks?\b|stopping)"
    r"[\w.+#-]+", re.IGNORECASE,
)
_SPLIT = re.compile(
    r"\b(?:per hour|by hour|hour by hour|by day|per day|each day|every day|on weekdays|on weekends|on \w+days"
    r"|(?:in |over )?the (?:last|past) (?:\w+ )?(?:hours?|minutes?))\b", re.IGNORECASE
)

_ASKS_TO = re.compile(
    r"(?:(?:please|pls|now|just|coach|let'?s|let us|can you|could you|would you|will you|help me(?: to)?"
    r"|i(?:'d| would)? (?:want|like|need)(?: you)? to)[\s,]+)*(\w+)", re.IGNORECASE)
"""What a question asks to be done: the "write" of "write my review" is no name."""


def cut(asked: Asked, intent: str) -> Period | None:
    """The period cut to the hours asked for; None where there are none or the answer cannot be cut."""
    period = asked.period or asked.today
    if asked.hours is None or intent not in (OF_A_DAY if period.days == 1 else OF_DAYS) or period.days > MOST_DAYS:
        return None
    if period.days == 1:
        return clocktime.clip(period, asked.hours, asked.calendar, wide=not asked.moment(intent))
    return clocktime.of_days(period, asked.hours)


def notes(asked: Asked, intent: str, is_cut: bool) -> list[str]:
    """Sentences about what was left out."""
    if intent in SILENT:
        return []
    found = []
    if asked.hours is not None and not is_cut:
        found.append(f"I left the hours out ({say.quoted(asked.hours_text)}): I cannot cut this answer to them.")
    if asked.other is not None and intent != "compare_periods":
        found.append("You named more than one stretch of time; only the first is counted.")
    found += [f"I left out {say.quoted(m[0])}: that I cannot count." for p in (_MORE, _WITHOUT, _SPLIT)
              if not (p is _MORE and intent in _LENGTHS) and not (p is _SPLIT and intent in _SPLITS)
              and (m := p.search(asked.question))]
    if second := _second(asked, intent):
        found.append(f"Only one name is counted; {say.quoted(second)} is not.")
    if names := _unused(asked, intent):
        found.append(f"It counts everything, not only {say.listing([say.quoted(n) for n in names])}.")
    if strange := unknown_names(asked):
        listed = say.listing([say.quoted(n) for n in strange])
        found.append(f"I have no record of {listed}, so that is left out.")
    return found


def _second(asked: Asked, intent: str) -> str:
    """The other one of "in Firefox and Slack", of which only the best match is counted."""
    match = re.search(r"\b(?:and|or|plus|vs\.?|versus|than) (?:in |on )?([\w.+#-]+)", asked.question, re.IGNORECASE)
    if match is None or intent not in _NAMED or not asked.names:
        return ""
    others = [n for n in names_in(asked.db, match[1]) if n.exact]
    counted = {n.text for n in asked.names if n.exact}
    inside = _WITHOUT.search(asked.question)
    said = {n.shown for n in asked.names}
    if inside or not others or not counted:
        return ""
    return match[1] if match[1].lower() not in said or len(said) > 1 else ""


def _tags(asked: Asked, intent: str) -> frozenset[str]:
    """Names that are tags too, where the answer is by tag."""
    return frozenset(tag.lower() for tag, _ in tasks.tags(asked.db)) if intent == "tasks_by_tag" else frozenset()


def _unused(asked: Asked, intent: str) -> list[str]:
    """Names that the store knows and that this answer passes over."""
    if intent in _NAMED:
        return []
    verb = _ASKS_TO.match(asked.question)
    named = [n for n in asked.names if not (verb and n.kind == "category" and n.shown.lower() == verb[1].lower())]
    kept = [n for n in named if n.exact and not (n.kind == "project" and intent in _PROJECTS)]
    if intent == "time_total":
        kept = [n for n in kept if n.kind == "category"]
    elif intent == "trend" or intent in _OWN_NAMES:
        kept = []
    elif KINDS.get(intent) in ("tasks", "plan"):
        kept = [n for n in kept if n.kind == "project" and n.shown not in _tags(asked, intent)]
    return list(dict.fromkeys(n.shown for n in kept))


_KIND = re.compile(
    r"(?<!which )(?<!what )(?<!each )(?<!every )(?<!whose )\b(?:project|app|site|website|category|tag)\s+(?:called\s+|named\s+)?"
    r"([\w.+#-]{2,30})", re.IGNORECASE)
_CAPITAL = re.compile(r"(?<![\w.#@-])([A-Z][\w.+#-]*[\w+#](?:\s[A-Z][\w.+#-]*[\w+#])*)")
_PLAIN = frozenset("coach i'm i've utc am pm ok please tell me show hours focus what how when which why who did was is are do can"
                   " could would and but so hi hello time most".split())


_COMPARING = frozenset("compare focus work productivity active activity tasks distractions breaks meetings has have more"
                       " less screen switches".split())


def unknown_names(asked: Asked) -> list[str]:
    """Names in the question that the store has never seen: written with a capital inside it, or after "project"."""
    text = asked.question
    known = known_words(asked)
    found = [m[1] for m in _KIND.finditer(text)]
    found += [m[1] for m in _CAPITAL.finditer(text) if m.start() > 0 and text[:m.start()].rstrip()[-1:] not in (".", "?", "!")]
    if " vs" in text or " than " in text or " versus " in text:
        found += [m[1] for m in [_CAPITAL.match(text)] if m and m[1].split()[0].lower() not in _COMPARING]
    kept = []
    for name in found:
        words = [w for w in re.findall(r"[\w.+#'-]+", name.lower()) if w not in _PLAIN]
        if words and not any(w in known or w.removesuffix("s") in known for w in words) and name.lower() not in known:
            kept.append(name)
    return list(dict.fromkeys(kept))

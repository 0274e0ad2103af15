"""Answers about what works inside: models and how good they were, what nudges do, and what undo would take back."""

from __future__ import annotations

from coach.core import say
from coach.core.facts import Fact, FactsCard, card
from coach.core.nudge import ACTED
from coach.core.period import find
from coach.core.when import parse_iso
from coach.engine import nudge_effects, nudging
from coach.engine.queries.asked import Asked
from coach.store import changes, nudges

SHOWN = 8
SILENCES = {
    "off": "nudges are turned off", "focus_session": "a focus session runs", "meeting": "you are in a meeting",
    "away": "you are away", "quiet_hours": "these are quiet hours", "daily_cap": "today's limit is reached",
    "cooldown": "the last one was a short while ago",
}


def model_serving(asked: Asked) -> FactsCard:
    from coach.engine.learning import view

    lines = view.models_view(asked.db, asked.config, asked.tz, asked.now).models
    wanted = [m for m in lines if m.name in asked.question.lower() or any(
        w in asked.question.lower() for w in _WORDS.get(m.name, ()))] or list(lines)
    facts, items = [], []
    for line in wanted:
        who = f"the model, version {line.version}" if line.serves == "model" else "the baseline"
        facts.append(Fact(line.title, "serves", line.serves, "text", who))
        why = Fact(line.title, "why", line.why, "text", line.why)
        facts.append(why)
        items.append(f"• {line.title}: {who} ({why.text})")
    return card("model_serving", facts, ["Who makes each prediction now:", *items])


_WORDS = {"duration": ("length", "estimate"), "priority": ("next", "order"), "behaviour": ("completion", "chance"),
          "categoriser": ("categor",), "focus": ("forecast",)}


def model_accuracy(asked: Asked) -> FactsCard:
    """Loss beside the baseline's over the days that both were scored on."""
    from coach.engine.learning import view

    facts, items = [], []
    lines = view.models_view(asked.db, asked.config, asked.tz, asked.now).models
    for line in lines:
        if line.loss is None or line.baseline_loss is None:
            continue
        facts += [
            Fact(line.title, "loss", round(line.loss, 5), "score", f"{line.loss:.3f}"),
            Fact(line.title, "baseline_loss", round(line.baseline_loss, 5), "score", f"{line.baseline_loss:.3f}"),
            Fact(line.title, "days", line.days, "count", say.count(line.days, "day")),
        ]
        items.append(f"• {line.title}: {line.loss_is} {facts[-3].text}, the baseline's {facts[-2].text}, over {facts[-1].text}")
    run = max((m.last_run for m in lines if m.last_run), key=lambda r: r.started, default=None)
    trained = "None of them has been trained on your days yet."
    if run is not None:
        at = parse_iso(run.started)
        words = f"{say.day(at, asked.tz, asked.now)} {say.clock(at, asked.tz)}"
        facts.append(Fact(run.kind, "last_training", run.started, "time", words))
        trained = f"The last training was {facts[-1].text}."
    if not items:
        said = "No prediction of mine has been checked against your days yet; that takes a day or two of records."
        return card("model_accuracy", facts, [said, trained])
    return card("model_accuracy", facts, ["How far off predictions were, beside the baseline (less is better):", *items, trained])


def nudge_effect(asked: Asked) -> FactsCard:
    period = asked.period_or(find("in the last 30 days", asked.calendar)[0].period)
    heard = [n for n in nudges.since(asked.db, period.start) if n.at < period.end]
    shown = [n for n in heard if n.status in (*ACTED, "dismissed", "expired", "shown")]
    acted = [n for n in shown if n.status in ACTED]
    facts = [Fact("", "nudges_shown", len(shown), "count", say.count(len(shown), "nudge"), period.key)]
    if not shown:
        return card("nudge_effect", facts, [f"There were {facts[0].text} {period.text}, so there is nothing to tell."], None)
    facts += [
        Fact("", "nudges_acted_on", len(acted), "count", str(len(acted)), period.key),
        Fact("", "acted_share", round(len(acted) / len(shown), 4), "share", say.share(len(acted) / len(shown)), period.key),
    ]
    kinds: dict[str, list[bool]] = {}
    for n in shown:
        kinds.setdefault(n.situation, []).append(n.status in ACTED)
    items = []
    for kind, done in sorted(kinds.items(), key=lambda x: (-len(x[1]), x[0]))[:SHOWN]:
        facts.append(Fact(kind, "nudges_acted_on", sum(done), "count", f"{sum(done)} of {len(done)}", period.key))
        items.append(f"• {kind.replace('_', ' ')}: {facts[-1].text} acted on")
    said = f"Of {facts[0].text} {period.text} you acted on {facts[1].text} ({facts[2].text}):"
    tested = _tested(asked, facts)
    caution = "" if tested else "That is what followed, not what the nudge caused."
    return card("nudge_effect", facts, [said, *items, *tested, caution], "plain")


def _tested(asked: Asked, facts: list[Fact]) -> list[str]:
    """What the kinds do beside silence, as far as both were tried often enough."""
    lines = []
    for one in nudge_effects.effects(asked.db, asked.config):
        if one.effect is not None and min(one.tally.shown, one.tally.held) >= nudge_effects.ENOUGH:
            facts.append(Fact(one.kind, "nudge_effect", round(one.effect.difference, 4), "share", one.words()))
            lines.append(f"• {one.kind.replace('_', ' ')}, against silence: {facts[-1].text}")
    return lines


def nudge_rules(asked: Asked) -> FactsCard:
    limits, voice = nudging.limits(asked.config), nudging.voice(asked.db, asked.config)
    why = nudging.silence(asked.db, asked.config, asked.now, asked.tz)
    cool = int(limits.cooldown.total_seconds() // 60)
    facts = [
        Fact("", "daily_cap", limits.daily_cap, "count", say.count(limits.daily_cap, "nudge")),
        Fact("", "cooldown", cool, "min", f"{cool} min"),
        Fact("", "quiet_start", f"{limits.quiet_start:%H:%M}", "time", f"{limits.quiet_start:%H:%M}"),
        Fact("", "quiet_end", f"{limits.quiet_end:%H:%M}", "time", f"{limits.quiet_end:%H:%M}"),
        Fact("", "persona", voice.persona, "text", voice.persona),
        Fact("", "mode", voice.mode, "text", voice.mode),
    ]
    t = [f.text for f in facts]
    now = "Right now I may speak" if why is None else f"Right now I keep quiet: {SILENCES.get(why, why.replace('_', ' '))}"
    return card("nudge_rules", facts, [
        f"At most {t[0]} a day, {t[1]} apart, none from {t[2]} to {t[3]}, in meetings, in focus sessions or while you are away.",
        f"{now}.", f"The persona is {t[4]}, in the mode {t[5]}. `coach config edit` and Setup change all of it.",
    ])


def undo_what(asked: Asked) -> FactsCard:
    found = changes.latest(asked.db, SHOWN if asked.period is None else 200)
    if asked.period is not None:
        found = [a for a in found if asked.period.start <= a.at < asked.period.end][:SHOWN]
    if not found:
        return card("undo_what", (), ["There is no change of yours to take back."], None)
    facts, items = [], []
    for one in found[:SHOWN]:
        when = f"{say.day(one.at, asked.tz, asked.now)} {say.clock(one.at, asked.tz)}"
        facts += [Fact(one.title, "change", one.label, "text", one.label),
                  Fact(one.title, "changed_at", one.at.isoformat(), "time", when)]
        about = f", {say.quoted(one.title)}" if one.title else ""
        items.append(f"{one.label}{about} ({when})")
    first = "The newest change that undo takes back" if asked.period is None else f"The newest change {asked.period.text}"
    rest = [f"• {i}" for i in items[1:4]]
    return card("undo_what", facts, [f"{first}: {items[0]}.", *(["Before it:", *rest] if rest else [])], "plain")

"""A draft written out as a quick-add text: what inline editing shows, and the proof that quick-add says the same thing twice."""

from __future__ import annotations

from datetime import datetime, tzinfo

from coach.core.task import Draft
from coach.core.when import Moment


def written(draft: Draft, tz: tzinfo) -> tuple[str, frozenset[tuple[int, int]]]:
    """A text and the spans to ignore in it (its title), with which `quickadd.parse` gives the draft back, spans aside."""
    marks: list[str] = []
    if draft.project:
        marks.append(f'project:"{draft.project}"' if " " in draft.project else f"project:{draft.project}")
    marks += [f"tags:{tag}" for tag in draft.tags]
    if draft.priority:
        marks.append(f"p{draft.priority}")
    if draft.due is not None:
        marks.append(f"{{{_moment(draft.due, tz)}}}" if draft.due_hard else f"due:{_moment(draft.due, tz)}")
    for name in ("scheduled", "wait", "until"):
        moment = getattr(draft, name)
        if moment is not None:
            marks.append(f"{name}:{_moment(moment, tz)}")
    if draft.recurrence is not None:
        rule = draft.recurrence.rrule.replace("\n", "|")
        marks.append(f"recur:{rule}{'!' if draft.recurrence.anchor == 'completion' else ''}")
    if draft.estimate_min:
        marks.append(f"~{draft.estimate_min}m")
    marks += [f"!{r.before_min}m" if r.at is None else f"!{_moment(r.at, tz)}" for r in draft.remind]
    if draft.depends:
        marks.append("depends:" + ",".join(draft.depends))
    text = " ".join([draft.title, *marks])
    if draft.notes:
        text += f" // {draft.notes}"
    return text, frozenset({(0, len(draft.title))})


def _moment(moment: Moment, tz: tzinfo) -> str:
    """The date, or the time with its offset: an hour that happens twice is then no riddle."""
    return moment.astimezone(tz).isoformat() if isinstance(moment, datetime) else moment.isoformat()

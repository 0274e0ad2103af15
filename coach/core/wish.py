"""A wish to change something, in plain words: "move the report to tomorrow morning", "start a 50 minute focus". Pure.

Reads what is wanted and the words that name its object; which task those words mean and which moment, the engine finds out.
Only what a person types is read, never a title."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "add", "done", "reopen", "move", "shift", "snooze", "delete", "start", "stop", "focus", "stop_focus", "rename", "priority",
    "estimate", "project", "tag", "note", "remind", "plan", "pause", "resume", "undo", "silence",
]


@dataclass(frozen=True, slots=True)
class Wish:
    """`target` names the task or tasks, in the person's words; `value` is what it shall become: a moment in words, a title,
    a priority from 1 to 4, a project, a label, a note, a length in words."""

    kind: Kind
    target: str = ""
    value: str = ""


_POLITE = re.compile(
    r"^(?:hey |ok(?:ay)? |so |and )*(?:coach[,:]? )?(?:please |pls |kindly |just |now )*"
    r"(?:(?:can|could|would|will) (?:you|u) (?:please |pls |kindly |just )*"
    r"|i(?:'d| would)? (?:like|want|need) (?:you )?to (?=(?:move|mark|delete|snooze|start|stop|rename|postpone|reschedule)\b)"
    r"|let'?s )?",
    re.IGNORECASE,
)
_THANKS = re.compile(r"[\s,]*(?:\bplease|\bpls|\bthanks?(?: you)?|\bthx|\bfor me|[.!?])+$", re.IGNORECASE)
_PRIORITIES = {
    "p1": "1", "p2": "2", "p3": "3", "p4": "4", "urgent": "1", "top": "1", "highest": "1", "critical": "1", "high": "1",
    "important": "1", "h": "1", "medium": "2", "normal": "2", "middle": "2", "m": "2", "low": "3", "lower": "3", "l": "3",
    "lowest": "4", "none": "4", "no": "4", "unimportant": "3", "1": "1", "2": "2", "3": "3", "4": "4",
}
_P = rf"(?P<value>{'|'.join(sorted(_PRIORITIES, key=len, reverse=True))})"
_T = r"(?P<target>.+?)"
_LONG = r"(?P<value>\d.*|an hour|half an hour)"
_OBJECT = r"(?:(?:a|an|the|one|another|some) )?(?:new )?"
_THING = r"(?:task|todo|to-do|to do|item)"


def _rule(kind: Kind, *patterns: str) -> tuple[tuple[Kind, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(rf"^(?:{pattern})$", re.IGNORECASE | re.DOTALL)) for pattern in patterns)


_RULES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    *_rule("undo", r"undo(?: (?:that|it|this|the last (?:change|thing|one|action)|my last (?:change|action)))?",
           r"take (?:that|it) back"),
    *_rule("silence", r"(?:stop|quit) (?:nudging|nagging|bugging|bothering) me", r"(?:mute|silence|disable|turn off|stop) "
           r"(?:all )?(?:the |your )?(?:nudges|nudging|nagging|reminding me)", r"no more nudges", r"leave me alone", r"be quiet"),
    *_rule("pause", r"(?:pause|stop|suspend|turn off) (?:the )?(?:tracking|tracker|recording)(?: me)?"
           r"(?: for (?P<value>.+))?", r"stop (?:watching|recording) me(?: for (?P<value>.+))?"),
    *_rule("resume", r"(?:resume|restart|start|continue|turn on|go on with) (?:the )?(?:tracking|tracker|recording)"
           r"(?: me)?(?: again)?"),
    *_rule("plan", r"(?:re-?plan|plan|organi[sz]e|schedule) (?:my |the |out my )?(?:rest of (?:my |the )?)?"
           r"(?P<value>day|today|week|tomorrow|afternoon|morning|evening)", r"re-?plan(?: everything| it all)?",
           r"make (?:me )?(?:a|the|my) (?:new )?plan(?: for (?:the )?(?P<value>.+))?"),
    *_rule("stop_focus", r"(?:stop|end|cancel|finish|quit|abort) (?:the |my |this )?(?:current )?"
           r"(?:focus(?: session| timer| block)?|timer|pomodoro|session)"),
    *_rule("focus", r"(?:start|begin|set|do|run|give me) (?:an? |the |my )?"
           r"(?P<value>\d[\w.,]*(?:[ -]?(?:m|mins?|minutes?|h|hours?))?)"
           r"[ -](?:of )?(?:focus|deep[ -]work|pomodoro)(?: session| timer| block| time)?(?: (?:on|for|with) (?P<target>.+))?",
           r"(?:start|begin|set|do|run) (?:an? |the |my )?(?:focus|deep[ -]work|pomodoro|focus(?:ed)? work)"
           rf"(?: session| timer| block)?(?: (?:on|with) (?P<target>.+?))?(?: (?:for|of) {_LONG})?",
           rf"(?:start|set) (?:an? |the |my )?timer(?: (?:for|of) {_LONG})?(?: (?:on|for) (?P<target>.+))?",
           rf"focus (?:on (?P<target>.+?) )?for {_LONG}", r"focus on (?P<target>.+)"),
    *_rule("rename", rf"(?:rename|retitle|call) (?:the )?(?:{_THING} )?{_T} (?:to|into|as|->) (?P<value>.+)",
           rf"change the (?:title|name) of {_T} to (?P<value>.+)"),
    *_rule("priority", rf"(?:set|change|raise|lower|make) (?:the )?prio(?:rity)? (?:of|for) {_T} (?:to |= ?)?{_P}(?: priority)?",
           rf"(?:make|set|mark) {_T} (?:to |as |an? )?{_P}(?:[ -]prio(?:rity)?)?",
           rf"give {_T} (?:an? |the )?{_P} prio(?:rity)?",
           rf"priori[st]i[sz]e {_T}"),
    *_rule("estimate", r"(?:set|change|shrink|raise|lower|cut) (?:the )?(?:estimate|length|duration) (?:of|for) "
           rf"{_T} (?:to |= ?)?{_LONG}",
           rf"estimate {_T} (?:at|as|to be|with) {_LONG}",
           rf"{_T} (?:will take|takes|needs) (?P<value>(?:about |around |only )?(?:\d[\w. ]*|an hour|half an hour))"),
    *_rule("note", r"(?:add|make|put|attach) (?:a |the )?(?:note|comment|annotation) (?:to|on|for) "
           rf"{_T}(?::| that| saying) (?P<value>.+)",
           rf"(?:note|annotate) (?:on|to) {_T}: (?P<value>.+)"),
    *_rule("project", rf"(?:move|put|file|assign|add) {_T} (?:in|into|under|to) (?:the )?"
           r"(?:project (?P<value>\S.*)|#(?P<value2>\S+)|(?P<value3>\S+) project)"),
    *_rule("tag", rf"(?:tag|label) {_T} (?:with|as) (?:the )?(?:tag |label )?[@+]?(?P<value>\S+)",
           rf"(?:add|put) (?:the )?(?:tag|label) [@+]?(?P<value>\S+) (?:to|on) {_T}"),
    *_rule("reopen", rf"(?:reopen|uncomplete|unfinish|uncheck|restore) {_T}",
           rf"mark {_T} as (?:not done|open|pending|undone|unfinished)"),
    *_rule("done", rf"(?:mark|set|check|tick) {_T} (?:as |off(?: as)? ?)?(?:done|completed?|finished)",
           rf"(?:tick|check|cross) {_T} off(?: my list)?",
           rf"(?:complete|finish|close|tick off|check off|cross off|cross out|done with) {_T}(?: off my list)?",
           rf"i(?:'ve| have|'m| am)? (?:just |already )?(?:finished|completed|done) (?:with )?{_T}",
           rf"{_T} (?:is|are) (?:done|finished|completed?)"),
    *_rule("shift", rf"(?:move|push|shift|bump|delay|postpone|put off|bring|pull) {_T} (?:back |out |forward |off )?"
           r"by (?P<value>.+)"),
    *_rule("snooze", rf"(?:snooze|hide|defer|park) {_T}(?: (?:until|till|to|for|by) (?P<value>.+))?",
           rf"put (?:off {_T}|(?P<target2>.+?) off)(?: (?:until|till|to|for) (?P<value>.+))?", r"hide (?P<target>.+)"),
    *_rule("move", rf"(?:change|set|move) (?:the )?(?:due(?: date)?|deadline|date) (?:of|for) {_T} to (?P<value>.+)",
           r"(?:move|reschedule|re-schedule|push|shift|bump|postpone|schedule|delay|bring|pull|do) (?P<both>.+)"),
    *_rule("remind", r"remind me (?:about|of) (?P<both>.+)"),
    *_rule("delete", rf"(?:delete|remove|drop|trash|cancel|erase|scrap|get rid of|clear) {_T}"
           r"(?: from (?:my |the )?(?:list|tasks))?"),
    *_rule("add", r"remind me to (?P<value>.+)",
           rf"(?:add|create|make|write down|jot down|note down) {_OBJECT}{_THING}(?: called| named|:| to| for)? (?P<value>.+)",
           rf"new {_THING}:? (?P<value>.+)",
           r"(?:add|put) (?P<value>.+?) (?:to|on|onto) (?:my |the )?(?:\w+ )?(?:list|tasks|todos?)",
           r"(?:add|note) (?:that i (?:have|need) to )?(?P<value>.+)", r"i (?:have|need) to remember to (?P<value>.+)",
           r"todo:? (?P<value>.+)"),
    *_rule("stop", rf"(?:stop|pause) (?:working on |work on )?{_T}"),
    *_rule("start", rf"(?:start|begin|work on|resume|continue) (?:working on |work on |with )?{_T}"),
)

_ALL = re.compile(
    r"^(?:all|every|everything|each)\b|\b(?:tasks|todos|things|items|ones)$|^(?:the |my )?(?:overdue|late)(?: ones)?$",
    re.IGNORECASE,
)


def read(text: str) -> Wish | None:
    """The wish, or None where the words are none that is known."""
    words = " ".join(text.split())
    words = _THANKS.sub("", _POLITE.sub("", words, count=1))
    for kind, pattern in _RULES:
        found = pattern.match(words)
        if found is None:
            continue
        groups = {name: value for name, value in found.groupdict().items() if value}
        target = groups.get("target") or groups.get("target2") or groups.get("both") or ""
        value = groups.get("value") or groups.get("value2") or groups.get("value3") or ""
        if kind == "priority":
            value = _PRIORITIES.get(value.lower(), "1")
        if kind == "remind" or "both" in groups:
            value = ""
        return Wish(kind, _bare(target) if "both" not in groups else target.strip(), value.strip())
    return None


def halves(both: str) -> Iterator[tuple[str, str]]:
    """(target, moment) for every way to cut "the report to tomorrow by nine" at a word between them, the shortest moment last:
    a title may hold such a word too."""
    for found in re.finditer(r"\s+(?:to|for|until|till|by|on|at|in)\s+(?:the )?", both, re.IGNORECASE):
        yield _bare(both[:found.start()]), both[found.end():].strip()


def moved(both: str, is_time: Callable[[str], bool]) -> tuple[str, str]:
    """The target and the moment of a move; the moment is "" where no cut leaves one. `is_time` says whether words are wholly a
    moment."""
    for target, when in halves(both):
        if target and is_time(when):
            return target, when
    words = both.split()
    for n in range(1, len(words)):  # "reschedule the report tomorrow"
        if is_time(" ".join(words[n:])):
            return _bare(" ".join(words[:n])), " ".join(words[n:])
    return _bare(both), ""


def is_many(target: str) -> bool:
    """Whether the words name tasks by what they have in common: "all overdue tasks", "everything due today"."""
    return _ALL.search(target) is not None


def conditions(target: str) -> tuple[str, ...] | None:
    """The filter that such words stand for; None where they say something else as well."""
    words = re.sub(r"[^\w\s#@+-]", " ", target.lower())
    found: list[str] = []
    for pattern, condition in (
        (r"\b(?:overdue|late)\b", "+OVERDUE"), (r"\b(?:due )?today\b|\btoday s\b|\bdue today\b", "+TODAY"),
        (r"\b(?:due )?tomorrow\b", "+TOMORROW"), (r"\b(?:due )?this week\b", "+WEEK"), (r"\b(?:waiting|snoozed)\b", "+WAITING"),
        (r"\b(?:started|running|active)\b", "+ACTIVE"),
        (r"\b(?:without|with no|no) (?:a |an )?(?:due(?: date)?|deadline|date)\b", "due:"),
    ):
        words, number = re.subn(pattern, " ", words)
        if number:
            found.append(condition)
    named = re.findall(r"#(\S+)|\bproject (\S+)|\b(?:in|of|from) (?:the )?(\S+) project\b", words)
    found += [f"project:{next(filter(None, ways))}" for ways in named]
    words = re.sub(r"#\S+|\bproject \S+|\b(?:in|of|from) (?:the )?\S+ project\b", " ", words)
    found += [f"+{tag}" for tag in re.findall(r"[@+](\S+)", words)]
    words = re.sub(r"[@+]\S+", " ", words)
    rest = set(words.split()) - {
        "all", "every", "everything", "each", "of", "the", "my", "task", "tasks", "todo", "todos", "things", "items", "open",
        "due", "that", "is", "are", "s", "ones", "list", "left", "in", "on", "with", "them", "pending",
    }
    return None if rest else tuple(found)


def _bare(target: str) -> str:
    """Without the words that only lead to a title."""
    leading = r"^(?:(?:the|my|that|this|a|an) )?(?:task |todo )?(?:called |named |number )?"
    words = re.sub(leading, "", target.strip(), flags=re.IGNORECASE)
    words = re.sub(r"\s+(?:task|todo)$", "", words, flags=re.IGNORECASE)
    return words.strip(" \"'“”‘’") or target.strip()

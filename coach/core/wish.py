"""A wish to change something, in plain words: "move the report to tomorrow morning", "start a 50 minute focus". Pure.

Reads what is wanted and the words that name its object; which task those words mean and which moment, the engine finds out.
Only what a person types is read, never a title. `read` knows what can be nothing else; `guesses` are what may be meant, such as
"did the report", where there is a task for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from coach.core import blunt
from coach.core.spelling import Spelling

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
    r"^(?:(?:hey|ok(?:ay)?|so|and|oops|well|yo|right|alright|ugh|oh)[,.!:;]* |(?:no|nope|nah|not now|yes|yeah)[,.!:;]+ )*"
    r"(?:coach[,:]? )?(?:please |pls |kindly |just |now )*"
    r"(?:(?:can|could|would|will) (?:you|u) (?:please |pls |kindly |just )*"
    r"|i(?:'d| would)? (?:like|want|need) (?:you )?to (?=(?:move|mark|delete|snooze|start|stop|rename|postpone|reschedule)\b)"
    r"|let'?s |let me )?",
    re.IGNORECASE,
)
_THANKS = re.compile(r"[\s,]*(?:\bplease|\bpls|\bthanks?(?: you)?|\bthx|\bfor me|[.!?])+$", re.IGNORECASE)
_LATER = re.compile(r"[\s,]+(?:already|finally|instead|again|then|now|anymore|any more|after all)$", re.IGNORECASE)
"""What a name of a task does not end in."""
_PRIORITIES = {
    "p1": "1", "p2": "2", "p3": "3", "p4": "4", "urgent": "1", "top": "1", "highest": "1", "critical": "1", "high": "1",
    "important": "1", "h": "1", "medium": "2", "normal": "2", "middle": "2", "m": "2", "low": "3", "lower": "3", "l": "3",
    "lowest": "4", "none": "4", "no": "4", "unimportant": "3", "1": "1", "2": "2", "3": "3", "4": "4",
}
_P = rf"(?P<value>{'|'.join(sorted(_PRIORITIES, key=len, reverse=True))})"
_T = r"(?P<target>.+?)"
_LONG = r"(?P<value>\d.*|an hour|half an hour)"
_NUMBER = r"(?P<value>\d[\w.,]*(?:[ -]?(?:m|mins?|minutes?|h|hours?))?)"
_SPAN = r"(?P<value>(?:an?|one|two|three|four|five|six|seven|\d+) (?:minute|min|hour|day|week|fortnight)s?)"
_PARTLY = r"(?:half|most of|part of|almost|nearly|when|once|after|before|until|till|unless|if|i|we|they)"
_WHOLE = rf"(?!{_PARTLY}\b){_T}(?<!\bnot)(?<!n't)"
"""What is said to be done, not what is only partly, not yet or never so."""
_FOR_NOW = r"for (?:now|today|tonight|the moment|the time being)"
_OBJECT = r"(?:(?:a|an|the|one|another|some) )?(?:new )?"
_THING = r"(?:task|todo|to-do|to do|item)"


_VERBS = Spelling(dict.fromkeys((
    "move", "push", "shift", "postpone", "reschedule", "schedule", "delay", "snooze", "delete", "remove", "cancel", "complete",
    "finish", "start", "stop", "pause", "resume", "rename", "remind", "replan", "estimate", "prioritise", "prioritize",
), 1))


def _rule(kind: Kind, *patterns: str) -> tuple[tuple[Kind, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(rf"^(?:{pattern})$", re.IGNORECASE | re.DOTALL)) for pattern in patterns)


_RULES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    *_rule("undo", r"undo(?: (?:that|it|this|the last (?:change|thing|one|action)|my last (?:change|action)))?",
           r"(?:take|put|move) (?:that|it|this) back", r"(?:revert|undo)(?: (?:that|it|this|the last change))?"),
    *_rule("silence", *(rf"{words}(?: (?:for )?(?:today|now|good|a while))?" for words in (
        r"(?:stop|quit|enough|no more) (?:nudging|nagging|bugging|bothering|pestering)(?: me)?",
        r"(?:mute|silence|disable|turn off|stop) (?:all )?(?:the |your )?(?:nudges|nudging|nagging|nags|reminding me)",
        r"(?:no more|no|enough) (?:nudges|nags)", r"leave me (?:alone|in peace)", r"(?:be|keep) (?:quiet|silent)",
        r"(?:quiet|silence|hush|mute|shut (?:it|up|your mouth))(?: please)?", r"don'?t (?:nudge|nag|bother) me(?: any ?more)?",
    ))),
    *_rule("pause", r"(?:pause|stop|suspend|turn off) (?:the )?(?:tracking|tracker|recording)(?: me)?"
           r"(?: for (?P<value>.+))?",
           r"(?:stop|quit) (?:watching|recording|tracking|logging|spying on|following)(?: me)?(?: for (?P<value>.+))?",
           r"don'?t (?:watch|record|track|log|spy on|follow) me(?: for (?P<value>.+))?",
           r"pause(?: for (?P<value>.+))?", r"look away(?: for (?P<value>.+))?"),
    *_rule("resume", r"(?:resume|restart|start|continue|turn on|go on with) (?:the )?(?:tracking|tracker|recording)"
           r"(?: me)?(?: again)?", r"(?:track|watch|record) me(?: again)?", r"tracking (?:back )?on"),
    *_rule("plan", r"(?:re-?plan|plan|organi[sz]e|schedule) (?:my |the |out my )?(?:rest of (?:my |the )?)?"
           r"(?P<value>day|today|week|tomorrow|afternoon|morning|evening)", r"re-?plan(?: everything| it all)?",
           r"(?:make|redo|remake|rebuild|renew) (?:me )?(?:a|the|my) (?:new )?plan(?: for (?:the )?(?P<value>.+))?",
           r"(?:a )?new plan(?: for (?:the )?(?P<value>.+))?", r"sort (?:out )?(?:my |the )?(?P<value>day|week)(?: out)?"),
    *_rule("stop_focus", r"(?:stop|end|cancel|finish|quit|abort|kill) (?:the |my |this )?(?:current )?"
           r"(?:focus(?: session| timer| block)?|timer|pomodoro|session)"),
    *_rule("focus", r"(?:start|begin|set|do|run|give me) (?:an? |the |my )?"
           r"(?P<value>\d[\w.,]*(?:[ -]?(?:m|mins?|minutes?|h|hours?))?)"
           r"[ -](?:of )?(?:focus|deep[ -]work|pomodoro)(?: session| timer| block| time)?(?: (?:on|for|with) (?P<target>.+))?",
           r"(?:start|begin|set|do|run) (?:an? |the |my )?(?:focus|deep[ -]work|pomodoro|focus(?:ed)? work)"
           rf"(?: session| timer| block)?(?: (?:on|with) (?P<target>.+?))?(?: (?:for|of) {_LONG})?",
           rf"(?:start|set) (?:an? |the |my )?timer(?: (?:for|of) {_LONG})?(?: (?:on|for) (?P<target>.+))?",
           rf"focus (?:on (?P<target>.+?) )?for {_LONG}", r"focus on (?P<target>.+)",
           r"(?:an? |one )?(?:pomodoro|focus session)",
           rf"(?:focus|deep[ -]work|pomodoro|timer)[ :]+{_NUMBER}(?: (?:on|for|with) (?P<target>.+))?",
           r"(?:give me|give us|do|spend|put in|i want|let me have) "
           r"(?P<value>\d[\w.,]*[ -]?(?:m|mins?|minutes?|h|hours?)|an hour|half an hour) (?:of|on|for|with|into) (?P<target>.+)",
           rf"{_NUMBER}[ -](?:of )?(?:focus|deep[ -]work|pomodoro)(?: (?:session|timer|block))?"
           r"(?: (?:on|for|with) (?P<target>.+))?"),
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
           rf"{_WHOLE} (?:is|are) (?:done|finished|completed?)"),
    *_rule("shift", rf"(?:move|push|shift|bump|delay|postpone|put off|bring|pull) {_T} (?:back |out |forward |off )?"
           r"by (?P<value>.+)",
           rf"(?:move|push|shift|bump|delay|postpone|put off) {_T} (?:back |out |forward |off )?(?:for )?{_SPAN}"),
    *_rule("snooze", rf"(?:snooze|hide|defer|park) {_T}(?: (?:until|till|to|for|by) (?P<value>.+))?",
           rf"put (?:off {_T}|(?P<target2>.+?) off)(?: (?:until|till|to|for) (?P<value>.+))?", r"hide (?P<target>.+)",
           rf"(?:delete|remove|drop|cancel|scrap|clear) {_T} {_FOR_NOW}"),
    *_rule("move", rf"(?:change|set|move) (?:the )?(?:due(?: date)?|deadline|date) (?:of|for) {_T} to (?P<value>.+)",
           r"(?:move|reschedule|re-schedule|push|shift|bump|postpone|schedule|delay|bring|pull|do|shove|kick|drag) (?P<both>.+)",
           r"not today[,.;:!]* (?P<both>.+)"),
    *_rule("remind", r"(?:remind|ping|poke) me (?:about|of) (?P<both>.+)",
           r"don'?t let me forget (?:about )?(?!to )(?P<both>.+)"),
    *_rule("delete", rf"(?:delete|remove|drop|trash|cancel|erase|scrap|get rid of|clear) {_T}"
           r"(?: from (?:my |the )?(?:list|tasks))?"),
    *_rule("add", r"(?:remind|ping|poke) me (?P<when>(?:at|on|in|by|tomorrow|tonight|every|next) ?.*?) to (?P<value>.+)",
           r"(?:remind|ping|poke) me to (?P<value>.+)", r"don'?t let me forget to (?P<value>.+)",
           r"(?:jot|write|note) down (?P<value>.+)",
           rf"(?:add|create|make|write down|jot down|note down) {_OBJECT}{_THING}(?: called| named|:| to| for)? (?P<value>.+)",
           rf"new {_THING}:? (?P<value>.+)",
           r"(?:add|put) (?P<value>.+?) (?:to|on|onto) (?:my |the )?(?:\w+ )?(?:list|tasks|todos?)",
           r"(?:add|note) (?:that i (?:have|need) to )?(?P<value>.+)", r"i (?:have|need) to remember to (?P<value>.+)",
           r"todo:? (?!(?:list|count|number|status)\b)(?P<value>.+)"),
    *_rule("stop", rf"(?:stop|pause) (?:working on |work on )?{_T}"),
    *_rule("start", rf"(?:start|begin|work on|resume|continue) (?:working on |work on |with )?{_T}"),
)

_ALL = re.compile(
    r"^(?:all|every|everything|each)\b|\b(?:tasks|todos|things|items|ones)$|^(?:the |my )?(?:overdue|late)(?: ones)?$",
    re.IGNORECASE,
)


_TASK = r"(?:p[1-4]|(?:very |most )?(?:urgent|important|critical)|(?:top|high|highest|medium|normal|low|lowest)[ -]prio(?:rity)?)"
_GUESSES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    *_rule("snooze", rf"{_T} (?:can|has to|must|will have to) wait(?: (?:until|till|for) (?P<value>.+))?",
           rf"(?:i'?m |i am )?not (?:doing|touching) {_T} (?:today|now)", rf"not {_T} (?:today|now)", rf"not today[,.;:!]+ {_T}",
           rf"(?:skip|leave|forget(?: about)?) {_T} (?:today|tonight|{_FOR_NOW})"),
    *_rule("delete", rf"(?:bin|kill|nuke|scratch|toss|ditch|dump|axe|chuck|skip) (?:about )?(?!me\b){_T}",
           rf"(?:forget|never mind) (?:about )?(?!(?:it|that|this)$){_T}",
           rf"(?:i )?(?:don'?t|do not) need (?:to )?{_T}(?: any ?more)?", rf"{_T} (?:is|got) (?:cancelled|off|dead)"),
    *_rule("priority", rf"{_T}[,:]? (?:is |= ?)?(?:an? )?(?P<value>{_TASK})"),
    *_rule("done", rf"(?:i |i'?ve |i have )?(?:just |already |finally )*(?:did|done|finished|completed)(?: with)? {_T}",
           rf"(?!(?:get|getting|got|have|need|must|should)\b){_WHOLE}[,:]? (?:is |are |was |= ?)?(?:now |finally )?"
           r"(?:done|finished|completed)(?:[,.;] next)?",
           rf"(?:tick|check|strike) {_T}"),
    *_rule("focus", rf"(?:(?:give me|give us|do|spend|put in|i want|let me have) )?{_NUMBER} (?:of|on|for|with|into) "
           r"(?P<target>.+)"),
    *_rule("start", rf"(?:i'?m |i am |i'?ll |i will )?(?:starting|doing|beginning|tackling|working on|on|do|go with) {_T}",
           rf"(?:go|now|next)[,:]? {_T}"),
    *_rule("move", r"(?P<both>.+ (?:to|till|until) .+)"),
    *_rule("add", r"(?:i )?(?:still )?(?:(?:need|have|got|ought) to|must|should) (?P<value>.+)"),
)


_REFUSED = re.compile(
    r"(?:i |we )?(?:do not|don't|never|won't|will not|can't|cannot|should not|shouldn't|must not|mustn't)\b", re.IGNORECASE)
_REFUSABLE = frozenset[Kind]({"move", "shift", "done", "start"})
"""What "do not move the report to friday" does not ask for; "don't nudge me" asks for something."""


def read(text: str) -> Wish | None:
    """The wish, or None where the words are none that is known."""
    return next(_matches(text, _RULES), None)


def guesses(text: str) -> Iterator[Wish]:
    """What blunt, elliptical or misspelt words may ask for, the likeliest first; each to be taken only where there is a task for
    it, and a moment where it wants one."""
    plain = blunt.plain(text)
    first, _, rest = plain.partition(" ")
    refused = _REFUSED.match(plain) is not None
    for words in dict.fromkeys((plain, f"{_VERBS.right(first.lower())} {rest}".strip())):
        for rules in (_RULES, _GUESSES):
            yield from (found for found in _matches(words, rules) if not (refused and found.kind in _REFUSABLE))


def _matches(text: str, rules: tuple[tuple[Kind, re.Pattern[str]], ...]) -> Iterator[Wish]:
    words = " ".join(text.split())
    words = _THANKS.sub("", _POLITE.sub("", words, count=1))
    for kind, pattern in rules:
        if (found := pattern.match(words)) is not None:
            yield _made(kind, {name: value for name, value in found.groupdict().items() if value})


def _made(kind: Kind, groups: dict[str, str]) -> Wish:
    target = groups.get("target") or groups.get("target2") or groups.get("both") or ""
    value = groups.get("value") or groups.get("value2") or groups.get("value3") or ""
    if kind == "priority":
        value = _PRIORITIES.get(value.lower(), _PRIORITIES.get(re.split(r"[ -]", value.lower())[0], "1"))
    if kind == "remind" or "both" in groups:
        value = ""
    if "when" in groups:
        value = f"{value} {groups['when']}"
    target = _LATER.sub("", target)
    return Wish(kind, _bare(target) if "both" not in groups else target.strip(), value.strip())


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
        "due", "that", "is", "are", "s", "ones", "stuff", "list", "left", "in", "on", "with", "them", "pending",
    }
    return None if rest else tuple(found)


def _bare(target: str) -> str:
    """Without the words that only lead to a title."""
    leading = r"^(?:(?:the|my|that|this|a|an) )?(?:task |todo )?(?:called |named |number )?"
    words = re.sub(leading, "", target.strip(), flags=re.IGNORECASE)
    words = re.sub(r"\s+(?:task|todo)$", "", words, flags=re.IGNORECASE)
    return words.strip(" \"'“”‘’") or target.strip()

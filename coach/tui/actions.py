"""Every key of the app, as data. Bindings, footer, `?` help, palette and the user's keymap all read this table.

An action `task.done` calls the method `action_task_done` of its scope's owner: the app for the scope `app`, else the
screen or widget that lists `bindings("<scope>")`. Its id is what people write under `[keys]` in config.toml.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True)
class Action:
    """`keys` are Textual's key names, separated by commas; `priority` ones act inside text fields and dialogs too."""

    id: str
    keys: str
    title: str
    tooltip: str
    scope: str = "app"
    show_in_footer: bool = False
    priority: bool = False

    @property
    def method(self) -> str:
        """The Textual action: the method's name without `action_`, or `go('<screen>')` and `rate('<1 to 5>')`."""
        noun, _, name = self.id.partition(".")
        if noun in ("screen", "rate"):
            return f"{'go' if noun == 'screen' else noun}({name!r})"
        return self.id.replace(".", "_")


@dataclass(frozen=True, slots=True)
class ScreenName:
    """One of the six: `name` is mode, module and scope, `cls` its class there."""

    name: str
    title: str
    cls: str
    about: str


SCREENS = (
    ScreenName("today", "Today", "TodayScreen", "What to do now, and how the day went so far"),
    ScreenName("tasks", "Tasks", "TasksScreen", "Every task, with filters and bulk edits"),
    ScreenName("plan", "Plan", "PlanScreen", "The days ahead as blocks, with reasons"),
    ScreenName("insights", "Insights", "InsightsScreen", "Heatmaps, patterns and estimates against actuals"),
    ScreenName("coach", "Coach", "ChatScreen", "Ask about your days"),
    ScreenName("setup", "Setup", "SetupScreen", "Tracking, privacy, models and voices"),
)

PAGES = (
    ScreenName("insights", "Time", "InsightsScreen", "Where your time went"),
    ScreenName("forecast", "Forecast", "ForecastScreen", "Focus expected in the next hours and days"),
    ScreenName("patterns", "Patterns", "PatternsScreen", "Patterns of your days, and what stands out"),
    ScreenName("graph", "Graph", "GraphScreen", "Apps, sites and projects, and what follows what"),
    ScreenName("whatif", "What if", "WhatIfScreen", "What another day would do to your focus"),
    ScreenName("avoidance", "Put off", "AvoidanceScreen", "What you put off, and what says so"),
    ScreenName("progress", "Progress", "ProgressScreen", "Whether it gets better, beside the four weeks before"),
)
"""The pages of Insights; the first is the screen itself."""

BEHIND = (*PAGES[1:], ScreenName("models", "Models", "ModelsScreen", "Every model that learns"))
"""Screens that stand behind one of the six."""

SCOPES = {
    "app": "Everywhere", "move": "Moving", "today": "Today", "tasks": "Tasks", "plan": "Plan", "insights": "Insights",
    "pages": "Pages of Insights", "patterns": "Patterns", "graph": "Apps as a graph", "whatif": "What if",
    "avoidance": "What is put off",
    "time": "Time, on Today and Insights", "stretches": "Stretches of time", "category": "Another category", "gaps": "Gaps",
    "attribution": "Tracked time for tasks",
    "coach": "Coach", "setup": "Setup", "models": "Models", "goals": "Goals", "nudges": "What Coach said",
    "rating": "How good it was",
    "filters": "Saved filters", "quickadd": "Quick-add", "chat": "Chat",
    "chat_entry": "Typing a question", "proposal": "A proposal", "facts": "Facts of an answer",
}
"""Scopes in the order in which help lists them."""

ACTIONS = (
    *(Action(f"screen.{s.name}", str(n), s.title, s.about) for n, s in enumerate(SCREENS, 1)),
    Action("task.add", "a", "add", "Add a task in plain words", show_in_footer=True),
    Action("task.done", "space", "done", "Complete this task, or those marked; open closed ones again", show_in_footer=True),
    Action("task.snooze", "z", "snooze", "Put the task off to a time you pick", show_in_footer=True),
    Action("tasks.open", "enter", "open", "Show the details", "tasks"),
    Action("tasks.edit", "e", "edit", "Edit in the words of quick-add: the task, or all those marked", "tasks", True),
    Action("tasks.delete", "d,delete", "delete", "Delete; undo brings it back", "tasks", show_in_footer=True),
    Action("tasks.start", "s", "start", "Start working on it, or stop", "tasks"),
    Action("tasks.mark", "v", "mark", "Mark or unmark this task", "tasks", show_in_footer=True),
    Action("tasks.mark_range", "V", "mark to here", "Mark everything from the last mark to here", "tasks"),
    Action("tasks.mark_all", "ctrl+a", "mark all", "Mark everything that is listed, or nothing", "tasks"),
    Action("tasks.group", "o", "group", "Group by due, project, priority or urgency", "tasks", show_in_footer=True),
    Action("tasks.by_hand", "O", "by hand", "Your own order, or by date and urgency again", "tasks"),
    Action("tasks.move_down", "J,shift+down", "move down", "Move the task down, in your own order", "tasks"),
    Action("tasks.move_up", "K,shift+up", "move up", "Move the task up, in your own order", "tasks"),
    Action("tasks.copy", "c", "copy", "Make another task that says the same", "tasks"),
    Action("tasks.subtask", "A", "subtask", "Add a task below this one", "tasks"),
    Action("tasks.category", "t", "category", "Its category: take what is suggested, another, or a new one of your own", "tasks"),
    Action("tasks.filters", "F", "filters", "Pick one of the saved filters", "tasks"),
    Action("tasks.save_filter", "S", "save filter", "Save the filter line under a name", "tasks"),
    Action("tasks.clear", "escape", "clear", "Drop the marks, then the filter", "tasks"),
    Action("filters.remove", "ctrl+d", "remove", "Forget the saved filter under the cursor", "filters", True, True),
    Action("plan.accept", "y", "accept", "Accept this block", "plan", True),
    Action("plan.accept_all", "Y", "accept all", "Accept every proposed block", "plan"),
    Action("plan.reject", "x", "reject", "Reject this block; the plan remembers it", "plan", True),
    Action("plan.why", "w", "why", "Why this task is here", "plan", True),
    Action("plan.earlier", "left_square_bracket", "earlier", "Move the block a quarter of an hour earlier", "plan"),
    Action("plan.later", "right_square_bracket", "later", "Move the block a quarter of an hour later", "plan"),
    Action("plan.longer", "plus,equals_sign", "longer", "Make the block a quarter of an hour longer", "plan"),
    Action("plan.shorter", "minus", "shorter", "Make the block a quarter of an hour shorter", "plan"),
    Action("plan.day_on", "greater_than_sign", "next day", "Put the block on the next day, at the same time", "plan"),
    Action("plan.day_back", "less_than_sign", "day before", "Put the block on the day before, at the same time", "plan"),
    Action("plan.whatif", "i", "what if", "What if it were skipped, shorter or elsewhere: shown before it is done", "plan", True),
    Action("plan.week", "v", "day/week", "Switch between one day and the week", "plan", True),
    Action("plan.replan", "r", "replan", "Make the plan again", "plan", True),
    Action("plan.stop", "escape", "stop", "Stop the search for a plan; the plan stays as it was", "plan"),
    Action("today.question", "Q", "question", "Answer the day's question, or have it not asked again", "today"),
    Action("nudges.panel", "exclamation_mark", "nudges", "What Coach said lately; answer it, or say how good it was"),
    Action("nudge.done", "d", "done", "Its task is done", "nudges", True),
    Action("nudge.start", "s", "start", "Start its task", "nudges", True),
    Action("nudge.snooze", "z", "snooze", "Put its task off", "nudges", True),
    Action("nudge.not_helpful", "x", "not helpful", "Hear less of this kind", "nudges", True),
    *(Action(f"rate.{n}", str(n), f"rate {n}", f"How good it was: {n} of 5", "rating") for n in range(1, 6)),
    Action("today.goals", "o", "goals", "How your goals stand; set one in plain words, or forget one", "today", True),
    Action("goals.remove", "ctrl+d", "forget", "Forget the goal under the cursor", "goals", True, True),
    Action("focus.toggle", "f", "focus", "Start the focus timer on this task, or stop it", show_in_footer=True),
    Action("task.next", "n", "next", "Go to the task to do next", show_in_footer=True),
    Action("search", "slash", "search", "Find a task by a few of its letters", show_in_footer=True),
    Action("undo", "u", "undo", "Take back the last change", show_in_footer=True),
    Action("redo", "ctrl+r,U", "redo", "Do again what was undone"),
    Action("chat.toggle", "f2,ctrl+space,ctrl+@", "chat", "Slide the chat over this screen", priority=True),
    Action("tracking.pause", "f9", "pause tracking", "Stop recording what you do, or go on", priority=True),
    Action("calendars.sync", "f7", "sync calendars", "Read the calendars again, and bring blocks and calendars together"),
    Action("palette", "ctrl+p", "palette", "Every command, by name", show_in_footer=True, priority=True),
    Action("theme", "f8", "theme", "Switch between the dark and the light theme"),
    Action("help", "question_mark,f1", "help", "The keys of this screen", show_in_footer=True),
    Action("quit", "ctrl+q", "quit", "Leave Coach; what is typed is kept", priority=True),
    Action("move.down", "j", "down", "One line down (also the arrow key)", "move"),
    Action("move.up", "k", "up", "One line up (also the arrow key)", "move"),
    Action("move.page_down", "pagedown", "page down", "A page down", "move"),
    Action("move.page_up", "pageup", "page up", "A page up", "move"),
    Action("move.first", "g", "first", "To the top (also Home)", "move"),
    Action("move.last", "G", "last", "To the bottom (also End)", "move"),
    Action("move.left", "h", "left", "To the left, or back to the list (also the arrow key)", "move"),
    Action("move.right", "l", "right", "To the right, or into the details (also the arrow key)", "move"),
    Action("insights.period", "p", "period", "Day, week, month or year for apps and categories", "insights", True),
    Action("insights.measure", "m", "active/focus", "Active or focus time in the year", "insights", True),
    Action("insights.day_back", "left_square_bracket", "day back", "The day before, in the timeline", "insights", True),
    Action("insights.day_on", "right_square_bracket", "day on", "The day after, in the timeline", "insights"),
    Action("insights.interruptions", "i", "interruptions", "What pulls you out of focused work", "insights", True),
    Action("pages.next", "v", "next page", "The next page: Time, Forecast, Patterns, Graph, What if, Put off, Progress", "pages",
           True),
    Action("pages.before", "V", "page before", "The page before", "pages"),
    Action("pages.forecast", "e", "forecast", "Focus expected in the next hours and days, with its band", "pages"),
    Action("pages.patterns", "b", "patterns", "Patterns of your days, and what stands out", "pages"),
    Action("pages.graph", "o", "graph", "Apps, sites and projects, and what follows what", "pages"),
    Action("pages.whatif", "w", "what if", "What another day would do to your focus", "pages"),
    Action("pages.avoidance", "s", "put off", "What you put off, and what says so", "pages"),
    Action("pages.progress", "r", "progress", "Whether it gets better, beside the four weeks before", "pages"),
    Action("pages.time", "escape", "time", "Back to where your time went", "pages"),
    Action("patterns.open", "enter", "open day", "What happened on the example day under the cursor", "patterns", True),
    Action("graph.open", "enter", "what is in it", "The stretches of time behind the app, site or project", "graph", True),
    Action("avoidance.open", "enter", "why", "What says that this task is avoided", "avoidance", True),
    Action("whatif.more", "plus,right,l", "more", "15 minutes a day more of it", "whatif", True),
    Action("whatif.less", "minus,left,h", "less", "15 minutes a day less of it", "whatif", True),
    Action("whatif.clear", "d,delete", "as it is", "No change of what is under the cursor", "whatif", True),
    Action("whatif.stop", "x", "stop", "Stop the answer that is being worked out", "whatif", True),
    Action("time.open", "enter", "what is in it", "The stretches of time behind the row, cell or block", "time", True),
    Action("time.category", "c", "category", "Another category: for it here, or for all history", "time", True),
    Action("time.gaps", "t", "label a gap", "Say what time was that nothing explains", "time", True),
    Action("time.tasks", "y", "for tasks", "Which tasks tracked time was likely for, and count it", "time", True),
    Action("attribution.accept", "y", "count it", "It was for that task: count its minutes", "attribution", True),
    Action("attribution.reject", "x", "something else", "It was not for that task", "attribution", True),
    Action("stretches.category", "c", "category", "Another category for this stretch, or for all like it", "stretches", True),
    Action("category.reach", "ctrl+t", "reach", "For this alone, or for all history and the future", "category", True, True),
    Action("gaps.meeting", "m", "meeting", "It was a meeting", "gaps", True),
    Action("gaps.call", "p", "phone call", "It was a phone call", "gaps", True),
    Action("gaps.break", "b", "break", "It was a break", "gaps", True),
    Action("gaps.errand", "e", "errand", "It was an errand", "gaps", True),
    Action("gaps.reading", "r", "reading", "It was reading, away from the screen", "gaps", True),
    Action("gaps.paper", "w", "on paper", "It was work away from the screen", "gaps", True),
    Action("chat.newline", "ctrl+j,shift+enter", "new line", "Another line of the question", "chat_entry"),
    Action("chat.facts", "ctrl+g", "facts", "What the last answer stands on, with the rows behind it", "chat", True),
    Action("chat.rate", "f4", "rate", "How good the last answer was, 1 to 5", "chat"),
    Action("chat.find", "ctrl+f", "find", "Search everything that was said", "chat", True),
    Action("chat.export", "ctrl+s", "export", "Write the conversation into a Markdown file", "chat"),
    Action("proposal.apply", "enter", "do it", "Do what is proposed; undo takes it back", "proposal", True),
    Action("proposal.drop", "escape", "leave it", "Leave everything as it is", "proposal", True),
    Action("facts.open", "enter", "open", "The rows behind the fact under the cursor", "facts", True),
    Action("chat.cancel", "escape", "stop", "Stop the answer that is being written", "chat", True),
    Action("chat.older", "up", "older", "The question before", "chat"),
    Action("chat.newer", "down", "newer", "The question after", "chat"),
    Action("chat.copy", "ctrl+y", "copy", "Copy the last answer", "chat", True),
    Action("setup.change", "enter", "change", "Change what is under the cursor", "setup", True),
    Action("setup.remove", "d,delete", "remove", "Remove the exclusion or short form under the cursor", "setup"),
    Action("setup.exclude", "x", "exclude", "Never record an app, a title or a site", "setup", True),
    Action("setup.models", "m", "models", "Every model that learns: version, score, who serves, history", "setup", True),
    Action("models.rollback", "r", "roll back", "Back to the version before; asks first", "models", True),
    Action("models.train", "t", "train", "Fine-tune the model on your days now, in the background", "models", True),
    Action("models.cancel", "x", "cancel", "End the training that runs", "models", True),
    Action("models.use", "s", "who serves", "Model, baseline, or whichever scores better", "models", True),
    Action("quickadd.plain", "ctrl+u", "as text", "Keep the words at the cursor as text", "quickadd", True),
    Action("quickadd.take", "ctrl+t", "take", "Take the first thing that is offered: a project, or what a short form means",
           "quickadd"),
    Action("quickadd.leave", "escape", "leave", "Close; the text is kept for next time", "quickadd", True),
)

BY_ID = {action.id: action for action in ACTIONS}


def in_scope(scope: str) -> tuple[Action, ...]:
    return tuple(action for action in ACTIONS if action.scope == scope)


def bindings(*scopes: str) -> list[BindingType]:
    """Textual bindings of these scopes, each with its id, so that the user's keymap reaches it."""
    return [
        Binding(a.keys, a.method, a.title, id=a.id, tooltip=a.tooltip, show=a.show_in_footer, priority=a.priority)
        for a in ACTIONS if a.scope in scopes
    ]


def checked_keymap(keys: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The user's keymap without what cannot be used, and one sentence for each entry that was left out."""
    good: dict[str, str] = {}
    problems: list[str] = []
    for name, given in keys.items():
        if name not in BY_ID:
            near = get_close_matches(name, BY_ID, n=1, cutoff=0.4)
            problems.append(f"keys: there is no action {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
        elif not given.strip():
            problems.append(f"keys: {name} has no key")
        else:
            good[name] = ",".join(part.strip() for part in given.split(",") if part.strip())
    problems.extend(_clashes(good))
    return good, problems


def _clashes(keymap: Mapping[str, str]) -> Iterable[str]:
    """Names two actions of overlapping scopes that would answer to the same key because of the keymap."""
    owner: dict[tuple[str, str], str] = {}
    for action in ACTIONS:
        for key in keymap.get(action.id, action.keys).split(","):
            other = owner.setdefault((action.scope, key), action.id)
            if other != action.id:
                yield f"keys: {other} and {action.id} both want {key}"


DIALOGS = frozenset(("rating", "category", "gaps", "attribution", "stretches", "goals", "nudges", "filters", "quickadd", "chat",
                     "chat_entry", "proposal", "facts"))
"""Scopes of what lies over a screen or has the focus for itself: there keys of everywhere are not expected to act."""


def shadowed(name: str, keymap: Mapping[str, str]) -> str:
    """On which screens a key of everywhere means something else, which goes before there; empty where it acts on all."""
    mine = BY_ID[name]
    keys = set(keymap.get(name, mine.keys).split(","))
    if mine.scope != "app" or mine.priority:
        return ""
    over = [a for a in ACTIONS if a.scope != "app" and a.scope not in DIALOGS and keys & set(keymap.get(a.id, a.keys).split(","))]
    where = ", ".join(f"{a.title} ({SCOPES[a.scope]})" for a in over)
    return f"{' '.join(map(shown, sorted(keys)))} means something else in places: {where}" if over else ""


_KEY_NAMES = {
    "question_mark": "?", "exclamation_mark": "!", "slash": "/", "full_stop": ".", "comma": ",", "escape": "esc",
    "greater_than_sign": ">", "less_than_sign": "<", "equals_sign": "=",
    "left_square_bracket": "[", "right_square_bracket": "]", "plus": "+", "minus": "-", "delete": "del",
    "pageup": "pgup", "pagedown": "pgdn", "up": "↑", "down": "↓", "left": "←", "right": "→",
}


def shown(key: str) -> str:
    """A key as people read it: `?` for question_mark, `ctrl+p` as it is."""
    prefix, _, last = key.rpartition("+")
    name = _KEY_NAMES.get(last, last) if last else key
    return f"{prefix}+{name}" if prefix else name


def keys_of(action: Action, keymap: Mapping[str, str]) -> str:
    """The keys in force for an action, for help and palette; the terminal's spelling of ctrl+space is left out."""
    return " ".join(shown(k) for k in keymap.get(action.id, action.keys).split(",") if k != "ctrl+@")

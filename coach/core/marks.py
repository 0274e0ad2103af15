"""What is written into a task's words, into a filter and after a command, in few words: for `?` in the app and `coach help`."""

from __future__ import annotations

QUICK_ADD = (
    ("tomorrow 18:00, fri, 22 nov", "when it is due"),
    ("every mon, every! 3 days", "repeats; ! counts from completion"),
    ("by fri, {fri}", "a hard deadline"), ("~45m, for 1h30", "how long it takes"),
    ("#home @phone p1", "project, label, priority"),
    ("!30m, !3pm", "a reminder"), ("wait mon, start mon", "hidden until, not before"), (" // words", "a note"),
    ("recur:  notes:  remind:", "at the end of an edit: without it"),
)

FILTERS = (
    ("project:home  #home", "tasks of that project and those below it"), ("+phone  @phone  -later", "with a label; without one"),
    ("p1  pri:1  pri:none", "of that priority; of none"),
    ("due.before:fri  due.by:fri", "by date; also after, is, none and any"),
    ("status:waiting", "pending, waiting, completed or deleted"), ("/text/", "with that text in title or notes"),
    ("12  3,5-7", "by number"), ("+OVERDUE  +BLOCKED", "what Taskwarrior's virtual tags name"),
    ("'due < fri and pri != H'", "operators, and, or, xor, not and parentheses"), ("@name", "a filter saved under that name"),
)

EXIT_STATUS = (
    ("0", "ok"), ("1", "failure"), ("2", "usage"), ("3", "not found"), ("4", "locked or busy"),
    ("5", "the store cannot be opened: wrong key, or corrupt"), ("130", "interrupted"),
)

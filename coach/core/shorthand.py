"""Short forms that many people write, with what they mean as a rule: what a person's own language is measured against, and what
a corpus of hasty titles must not pass off as words."""

from __future__ import annotations

from collections.abc import Mapping

USUAL: Mapping[str, str] = {
    "abt": "about", "acct": "account", "addr": "address", "amt": "amount", "apt": "apartment", "approx": "approximately",
    "appt": "appointment", "apts": "appointments", "asap": "as soon as possible", "asst": "assistant", "avg": "average",
    "b/c": "because", "bday": "birthday", "bk": "book", "btw": "by the way", "cal": "calendar", "cert": "certificate",
    "ch": "chapter", "chk": "check", "conf": "conference", "config": "configuration", "convo": "conversation",
    "db": "database", "dept": "department", "deps": "dependencies", "dev": "development", "diff": "difference",
    "doc": "document", "docs": "documents", "env": "environment", "est": "estimate", "exp": "expense", "fb": "feedback",
    "fig": "figure", "figs": "figures", "fwd": "forward", "grp": "group", "hw": "homework", "intl": "international",
    "intro": "introduction", "inv": "invoice", "lib": "library", "lit": "literature", "med": "medicine", "meds": "medicines",
    "mgmt": "management", "mgr": "manager", "mins": "minutes", "misc": "miscellaneous", "mktg": "marketing", "mkt": "market",
    "mr": "merge request", "msg": "message", "mtg": "meeting", "mtgs": "meetings", "ofc": "office",
    "okrs": "objectives and key results", "org": "organisation", "pics": "pictures", "pls": "please", "ppl": "people",
    "pr": "pull request", "prep": "prepare", "pres": "presentation", "prob": "problem", "prod": "production",
    "prof": "professor", "proj": "project", "pw": "password", "q": "question", "qs": "questions", "qtr": "quarter",
    "rec": "recommendation", "ref": "reference", "repo": "repository", "req": "request", "reqs": "requirements",
    "rm": "room", "rpt": "report", "rsvp": "answer the invitation", "sched": "schedule", "sec": "section",
    "spec": "specification", "std": "standard", "svc": "service", "sys": "system", "tel": "telephone", "thx": "thanks",
    "tix": "tickets", "tmrw": "tomorrow", "txt": "text", "uni": "university", "vid": "video", "vs": "versus", "w/": "with",
    "w/o": "without", "wk": "week", "wkly": "weekly", "xmas": "christmas", "yr": "year", "1on1": "one to one",
    "1:1": "one to one",
}

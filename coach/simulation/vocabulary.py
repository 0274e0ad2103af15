"""The words that simulated people use: names, projects, files, topics, and the grammars of their tasks.

In a grammar `{person}`, `{project}`, `{file}`, `{topic}`, `{client}`, `{book}` and `{place}` are filled from the
person's own vocabulary, so that two people of one role still write differently.
"""

from __future__ import annotations

from dataclasses import dataclass

PEOPLE = (
    "Amara", "Anke", "Bilal", "Carmen", "Chidi", "Dana", "Elif", "Emeka", "Farah", "Giulia", "Hana", "Igor",
    "Ines", "Jonas", "Kofi", "Lena", "Leo", "Mei", "Milan", "Nadia", "Noor", "Omar", "Petra", "Priya", "Rafael",
    "Rosa", "Samir", "Sofia", "Tariq", "Tomas", "Uma", "Viktor", "Wanjiru", "Yuki", "Zeynep", "Zoe",
)
PROJECTS = (
    "atlas", "beacon", "cedar", "delta", "ember", "falcon", "garnet", "harbor", "iris", "juniper", "kestrel",
    "lumen", "meadow", "nimbus", "opal", "pioneer", "quartz", "rowan", "sable", "tundra", "umbra", "vesper",
    "willow", "zephyr",
)
CLIENTS = (
    "Northwind", "Halden", "Brightwater", "Orrin & Co", "Lakeside", "Fennel", "Marlow", "Tessera", "Kvist",
    "Palmyra", "Stellan", "Uplands",
)
TECHNICAL_TOPICS = (
    "retry logic", "error messages", "the search index", "billing", "the export", "the login flow", "metrics",
    "the cache", "permissions", "time zones", "release notes", "backups", "notifications", "test data",
    "the API", "the migration", "rate limits", "offline mode", "the job queue", "config loading", "audit logs",
    "pagination", "webhooks", "file uploads",
)
OFFICE_TOPICS = (
    "onboarding", "the price page", "the user survey", "the style guide", "the budget", "the roadmap",
    "accessibility", "the glossary", "icons", "the newsletter", "hiring", "the launch", "the trade fair",
    "the contract", "the rebrand", "the offsite", "quarterly goals", "the partner deal", "customer interviews",
    "the landing page", "the annual report",
)
ACADEMIC_TOPICS = (
    "sampling bias", "survey weights", "Bayesian models", "memory and sleep", "urban heat", "trade networks",
    "syntax", "the Congress of Vienna", "protein folding", "game theory", "linear maps", "soil carbon",
    "attention", "migration", "monetary policy", "optics", "film noir", "causal graphs", "early childhood",
    "river deltas", "graph colouring",
)
CODE_FILES = (
    "scheduler.py", "parser.py", "models.py", "views.py", "main.rs", "lib.rs", "queue.go", "handler.go",
    "index.ts", "App.tsx", "store.ts", "schema.sql", "test_api.py", "config.toml", "README.md", "deploy.yaml",
    "metrics.py", "auth.py", "router.ts", "worker.py", "cache.go", "theme.css", "client.py", "session.go",
    "events.rs",
)
TEXT_FILES = (
    "report.ipynb", "analysis.R", "figures.py", "chapter3.tex", "intro.tex", "notes.md", "methods.tex",
    "results.tex", "clean.R", "survey.csv", "refs.bib", "abstract.tex", "appendix.tex", "model.stan",
    "tables.py", "talk.tex",
)
TOPICS = {
    "developer": TECHNICAL_TOPICS, "support": TECHNICAL_TOPICS, "manager": OFFICE_TOPICS, "designer": OFFICE_TOPICS,
    "researcher": ACADEMIC_TOPICS, "student": ACADEMIC_TOPICS,
}
FILES = {role: TEXT_FILES if role in ("researcher", "student") else CODE_FILES for role in TOPICS}
DOCUMENTS = (
    "Quarterly report", "Proposal", "Interview guide", "Design brief", "Minutes", "Research plan",
    "Essay draft", "Budget", "Retrospective", "Job description", "Literature review", "Survey results",
    "Launch checklist", "Strategy", "Abstract",
)
BOOKS = (
    "Middlemarch", "The Left Hand of Darkness", "Deep Work", "Pachinko", "The Overstory", "Circe", "Stoner",
    "Gilead",
)
PLACES = (
    "dentist", "town hall", "garage", "bank", "optician", "hairdresser", "landlord", "library", "tax office",
    "vet",
)


@dataclass(frozen=True, slots=True)
class Errand:
    """A grammar for tasks. `aversive` is 0 (a joy) to 1 (dreaded), `value` its worth; no `role` is everyone."""

    grammar: str
    category: str
    minutes: int
    aversive: float
    value: float
    role: str = ""
    tags: tuple[str, ...] = ()
    at_work: bool = True


ERRANDS = (
    Errand("Fix {topic} in {file}", "Programming", 60, 0.25, 0.7, "developer"),
    Errand("Review {person}'s pull request on {topic}", "Programming", 30, 0.45, 0.6, "developer", ("review",)),
    Errand("Write tests for {file}", "Programming", 60, 0.6, 0.5, "developer"),
    Errand("Refactor {file}", "Programming", 90, 0.35, 0.4, "developer"),
    Errand("Upgrade dependencies of {project}", "Programming", 45, 0.7, 0.4, "developer", ("chore",)),
    Errand("Debug flaky build of {project}", "Programming", 60, 0.65, 0.7, "developer"),
    Errand("Prototype {topic} for {project}", "Programming", 120, 0.1, 0.7, "developer", ("deep",)),
    Errand("Document {topic}", "Writing", 60, 0.65, 0.45, "developer", ("docs",)),
    Errand("Profile {file}", "Programming", 60, 0.2, 0.5, "developer", ("deep",)),
    Errand("Sketch design of {topic}", "Planning", 60, 0.3, 0.7, "developer", ("deep",)),
    Errand("Answer review comments on {topic}", "Programming", 30, 0.4, 0.65, "developer", ("review",)),
    Errand("Pair with {person} on {topic}", "Programming", 60, 0.15, 0.6, "developer"),
    Errand("Release {project}", "Operations", 45, 0.4, 0.85, "developer"),
    Errand("Clean up alerts of {project}", "Operations", 45, 0.6, 0.5, "developer", ("chore",)),
    Errand("Prepare 1:1 with {person}", "Meetings", 20, 0.3, 0.6, "manager"),
    Errand("Write feedback for {person}", "Writing", 45, 0.75, 0.7, "manager", ("people",)),
    Errand("Plan the quarter for {project}", "Planning", 90, 0.4, 0.8, "manager", ("deep",)),
    Errand("Answer {client} about {topic}", "Communication", 20, 0.5, 0.6, "manager", ("mail",)),
    Errand("Update budget for {project}", "Administration", 60, 0.8, 0.7, "manager"),
    Errand("Screen candidates for {project}", "Administration", 60, 0.55, 0.6, "manager", ("hiring",)),
    Errand("Slides on {topic} for {client}", "Writing", 90, 0.45, 0.8, "manager"),
    Errand("Read paper on {topic}", "Research", 60, 0.2, 0.5, "researcher", ("reading",)),
    Errand("Rerun analysis for {project}", "Research", 90, 0.3, 0.7, "researcher", ("deep",)),
    Errand("Write methods section of {project}", "Writing", 120, 0.7, 0.9, "researcher", ("deep",)),
    Errand("Reply to reviewers of {project}", "Writing", 120, 0.85, 0.9, "researcher"),
    Errand("Figures for {project}", "Research", 60, 0.2, 0.6, "researcher"),
    Errand("Grade papers for {person}", "Administration", 90, 0.8, 0.5, "researcher"),
    Errand("Essay on {topic}", "Writing", 180, 0.75, 0.9, "student", ("deep",)),
    Errand("Problem set {project}", "Study", 90, 0.5, 0.8, "student"),
    Errand("Read chapter for {person}'s seminar", "Study", 60, 0.35, 0.5, "student", ("reading",)),
    Errand("Flashcards on {topic}", "Study", 30, 0.4, 0.5, "student"),
    Errand("Study group with {person}", "Meetings", 90, 0.1, 0.6, "student"),
    Errand("Apply for internship at {client}", "Administration", 60, 0.8, 0.8, "student"),
    Errand("Wireframes for {topic}", "Design", 90, 0.15, 0.7, "designer", ("deep",)),
    Errand("Export assets of {project}", "Design", 30, 0.6, 0.5, "designer", ("chore",)),
    Errand("Usability notes from {person}", "Research", 45, 0.4, 0.6, "designer"),
    Errand("Redesign {topic} for {client}", "Design", 120, 0.25, 0.8, "designer", ("deep",)),
    Errand("Clean up component library of {project}", "Design", 60, 0.7, 0.4, "designer"),
    Errand("Present drafts to {client}", "Meetings", 45, 0.5, 0.8, "designer"),
    Errand("Reply to {client} about {topic}", "Communication", 20, 0.4, 0.7, "support", ("mail",)),
    Errand("Reproduce bug in {topic}", "Programming", 45, 0.3, 0.6, "support"),
    Errand("Write help article on {topic}", "Writing", 60, 0.6, 0.6, "support", ("docs",)),
    Errand("Refund {client}", "Administration", 15, 0.5, 0.6, "support"),
    Errand("Escalate {topic} to {person}", "Communication", 15, 0.45, 0.6, "support"),
    Errand("Summarise tickets of the week", "Administration", 45, 0.6, 0.5, "support"),
    Errand("Answer {person}'s mail about {topic}", "Communication", 15, 0.5, 0.5, tags=("mail",)),
    Errand("Expense report", "Administration", 30, 0.9, 0.4, tags=("chore",)),
    Errand("Book travel to {client}", "Administration", 30, 0.5, 0.6),
    Errand("Prepare {topic} for the team meeting", "Meetings", 30, 0.45, 0.6),
    Errand("Book room for {topic}", "Administration", 10, 0.5, 0.5),
    Errand("Send {client} the numbers on {topic}", "Communication", 30, 0.45, 0.7, tags=("mail",)),
    Errand("Notes from meeting with {person}", "Writing", 15, 0.45, 0.5),
    Errand("Talk to {person} about {topic}", "Communication", 20, 0.4, 0.6),
    Errand("Back up laptop", "Administration", 20, 0.6, 0.4, tags=("chore",)),
    Errand("Call the {place}", "Errands", 15, 0.8, 0.6, tags=("call",), at_work=False),
    Errand("Make appointment at the {place}", "Errands", 10, 0.75, 0.6, tags=("call",), at_work=False),
    Errand("Buy birthday present for {person}", "Errands", 30, 0.3, 0.8, at_work=False),
    Errand("Groceries", "Errands", 45, 0.3, 0.8, tags=("home",), at_work=False),
    Errand("Tax return: collect receipts", "Finance", 90, 0.95, 0.8, tags=("home",), at_work=False),
    Errand("Clean the kitchen", "Household", 45, 0.6, 0.6, tags=("home",), at_work=False),
    Errand("Finish {book}", "Reading", 120, 0.05, 0.4, at_work=False),
    Errand("Go for a run", "Health", 45, 0.5, 0.7, tags=("sport",), at_work=False),
    Errand("Pay invoice of the {place}", "Finance", 10, 0.6, 0.8, tags=("home",), at_work=False),
    Errand("Dinner with {person}", "Social", 20, 0.05, 0.7, at_work=False),
    Errand("Repair the bike", "Household", 60, 0.4, 0.5, tags=("home",), at_work=False),
    Errand("Sort photos of the summer", "Household", 60, 0.35, 0.3, tags=("home",), at_work=False),
    Errand("Write to {person}", "Communication", 20, 0.25, 0.6, at_work=False),
)

MEETINGS = {
    "developer": ("Stand-up", "Sprint planning", "Retro", "Architecture round", "1:1 with {person}"),
    "manager": (
        "Stand-up", "1:1 with {person}", "Leadership", "{client} weekly", "Hiring sync", "1:1 with {person}", "Budget",
    ),
    "researcher": ("Group meeting", "Journal club", "1:1 with {person}", "Seminar"),
    "student": ("Lecture: {topic}", "Tutorial", "Lecture: {topic}", "Study group"),
    "designer": ("Design critique", "Stand-up", "{client} review", "1:1 with {person}"),
    "support": ("Stand-up", "Handover", "Ticket triage", "1:1 with {person}"),
}
"""Titles of the weekly meetings of each role; "Stand-up" is daily."""

AD_HOC = (
    "{topic} with {person}", "Quick question from {person}", "{client}: {topic}", "Interview",
    "Demo of {topic}",
)

"""Rules and categories from the shell."""

from __future__ import annotations

import click

from coach.cli.common import Shell, pass_shell, safe, table
from coach.core.words import duration


@click.group()
def rule() -> None:
    """Rules that give windows their category: add, list, remove, test."""


@rule.command()
@click.argument("field", type=click.Choice(["app", "title", "url", "project"]))
@click.argument("pattern")
@click.argument("category")
@click.option("--kind", type=click.Choice(["exact", "glob", "regex"]), default="exact", help="How PATTERN is read.")
@pass_shell
def add(shell: Shell, field: str, pattern: str, category: str, kind: str) -> None:
    """Add a rule; history is labelled anew: coach rule add app zed "Work > Programming"."""
    from coach.engine import categories

    with shell.store() as db:
        changed = categories.add_rule(db, field, pattern, kind, category, shell.config, shell.now)
    shell.show({"relabelled": changed}, f"added; {changed} windows have a new category")


@rule.command(name="list")
@pass_shell
def list_(shell: Shell) -> None:
    """Your own rules; the shipped ones stand in data/taxonomy.toml."""
    from coach.engine import categories

    with shell.store() as db:
        found = categories.user_rules(db)
    document = [{"id": r.id, "field": r.field, "pattern": r.pattern, "kind": r.kind, "category": r.category} for r in found]
    rows = [(r.id[:8], r.field, r.kind, r.category, r.pattern) for r in found]
    shell.show(document, lambda: table(rows, ("id", "field", "kind", "category", "pattern")) if rows else "no rules of your own")


@rule.command()
@click.argument("id")
@pass_shell
def remove(shell: Shell, id: str) -> None:
    """Remove a rule by id or its beginning; history is labelled anew."""
    from coach.engine import categories

    with shell.store() as db:
        changed = categories.remove_rule(db, id, shell.config, shell.now)
    shell.show({"relabelled": changed}, f"removed; {changed} windows have a new category")


@rule.command()
@click.option("--app", default="")
@click.option("--title", default="")
@click.option("--url", default="")
@click.option("--project", default="")
@pass_shell
def test(shell: Shell, app: str, title: str, url: str, project: str) -> None:
    """Which rule would decide."""
    from coach.core.category import match
    from coach.engine import categories

    with shell.store() as db:
        rules = categories.load(db, shell.config)
    found = match(rules.categoriser, app, title, url, project)
    document = None if found is None else {
        "category": found.category, "field": found.field, "pattern": found.pattern, "kind": found.kind, "user": found.user,
    }
    words = "no rule matches" if found is None else (
        f"{found.category}  ({found.kind} rule on {found.field} {safe(found.pattern)}, {'yours' if found.user else 'shipped'})"
    )
    shell.show(document, words)


@click.group()
def category() -> None:
    """Categories and how productive they are: list, set; and what has none yet: unknown, accept."""


@category.command(name="list")
@pass_shell
def list_categories(shell: Shell) -> None:
    """Every category with its level, 1 very productive to 0 very distracting."""
    from coach.engine import categories

    with shell.store() as db:
        found = categories.load(db, shell.config).categories
    document = [
        {"name": c.name, "level": c.level, "focus": c.focus, "idle_after_min": c.idle_after_min} for c in found.values()
    ]
    rows = [(f"{c.level:.2f}", "focus" if c.focus else "", c.name) for c in found.values()]
    shell.show(document, lambda: table(rows, ("level", "", "category")))


@category.command(name="set")
@click.argument("name")
@click.option("--level", type=click.FloatRange(0, 1), required=True)
@click.option("--focus/--no-focus", default=False)
@pass_shell
def set_category(shell: Shell, name: str, level: float, focus: bool) -> None:
    """Set how productive a category is for you; scores are computed anew."""
    from coach.engine import categories

    with shell.store() as db:
        categories.set_category(db, name, level, focus, shell.config, shell.now)
    shell.show({"name": name, "level": level, "focus": focus}, f"{name} is at {level:g}")


@category.command()
@click.option("--days", type=click.IntRange(1, 366), default=28, help="Look at so many days.")
@click.option("--limit", type=click.IntRange(1, 500), default=20)
@pass_shell
def unknown(shell: Shell, days: int, limit: int) -> None:
    """Apps and sites that no rule names, by time, and what each might be."""
    from coach.engine import unknown as engine

    with shell.store() as db:
        found = engine.unknown(db, shell.config, shell.now, days, limit)
    rows = [
        (str(u.number), duration(u.minutes * 60), u.field, safe(u.name), f"{u.proposal.category}  {u.proposal.confidence:.0%}",
         u.proposal.why) if u.proposal else (str(u.number), duration(u.minutes * 60), u.field, safe(u.name), "", "")
        for u in found
    ]
    shell.show([u.document() for u in found], lambda: (
        table(rows, ("no", "time", "is", "name", "perhaps", "because")) + '\n`coach category accept NO` makes it a rule'
        if rows else "everything you spent time on has a category"
    ))


@category.command()
@click.argument("which")
@click.argument("name", required=False, default="")
@click.option("--days", type=click.IntRange(1, 366), default=28, help="The days of the list that WHICH is from.")
@pass_shell
def accept(shell: Shell, which: str, name: str, days: int) -> None:
    """Make a rule of a proposal: its number or name, and another category if the proposal is wrong."""
    from coach.engine import unknown as engine

    with shell.store() as db:
        one, category, changed = engine.accept(db, shell.config, shell.now, which, name, days)
    document = {"name": one.name, "field": one.field, "category": category, "relabelled": changed}
    shell.show(document, f"{safe(one.name)} is {category}; {changed} windows have a new category")

"""Your own data from the shell: backup, restore, key, erase, privacy, audit."""

from __future__ import annotations

import sys

import click

from coach.cli.common import Shell, pass_shell, safe, table
from coach.core.errors import InvalidInput


@click.command()
@click.option("--list", "listing", is_flag=True, help="Only list the backups.")
@pass_shell
def backup(shell: Shell, listing: bool) -> None:
    """Make an encrypted backup now (one a day is made by itself)."""
    from coach.engine import keeping

    if not listing:
        with shell.store() as db:
            made = keeping.back_up(db, shell.home, shell.config, shell.now)
            keeping.audit(db, "backup", made.name, shell.now)
        shell.show({"file": str(made), "size_bytes": made.stat().st_size}, f"{made}")
        return
    found = keeping.backups(shell.home)
    document = [{"file": str(p), "size_bytes": p.stat().st_size} for p in found]
    shell.show(document, lambda: "\n".join(p.name for p in found) or "no backups yet")


@click.command()
@click.argument("name", default="latest")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_shell
def restore(shell: Shell, name: str, yes: bool) -> None:
    """Bring a backup back: "latest", a name from `coach backup --list`, or a path."""
    from coach.engine import keeping

    keeping.backup_named(shell.home, name)  # nothing is asked about a backup that is not there
    if not yes:
        click.confirm(f"Replace the store by the backup {name!r}? The present one is kept beside it.", abort=True, err=True)
    source, kept = keeping.restore(shell.home, name, shell.access)
    with shell.store() as db:
        keeping.audit(db, "restore", source.name, shell.now)
    shell.show({"restored": str(source), "kept": str(kept)}, f"restored {source.name}; the one before is {kept.name}")


@click.group()
def key() -> None:
    """How the store is unlocked: show, change, recovery, recover."""


@key.command()
@pass_shell
def show(shell: Shell) -> None:
    """Which provider holds the key. The key itself is never shown."""
    from coach.engine import keeping

    view = keeping.key_view(shell.home)
    document = {
        "provider": view.provider, "key_file": view.key_file or None, "recovery": view.has_recovery, "store_id": view.store_id,
    }
    lines = [
        f"provider: {view.provider}" + (f"  {view.key_file}" if view.key_file else ""), f"  {view.advice}",
        "recovery key: " + ("made" if view.has_recovery else "none; `coach key recovery` makes one"),
    ]
    shell.show(document, "\n".join(lines))


@key.command()
@click.argument("to", metavar="keyring|passphrase|FILE")
@pass_shell
def change(shell: Shell, to: str) -> None:
    """Move the key to the keyring, a passphrase, or a new key file. The data is not encrypted anew."""
    from coach.engine import keeping

    unlocked = shell.unlocked
    secret = _new_passphrase() if to == "passphrase" else ""
    view = keeping.change_key(shell.home, unlocked, shell.config, to, secret)
    words = f"the key is now held by: {view.provider}"
    if view.left:
        words += f"\n{view.left} still holds it; remove that file if no other store opens with it"
    shell.show({"provider": view.provider, "key_file": view.key_file or None, "left": view.left or None}, words)


@key.command()
@pass_shell
def recovery(shell: Shell) -> None:
    """Make a recovery key and show it once. Write it down; an earlier one stops working."""
    from coach.engine import keeping

    secret = keeping.new_recovery_key(shell.home, shell.unlocked)
    shell.show({"recovery_key": secret}, f"{secret}\nWrite it down and keep it apart from this machine. It is not shown again.")


@key.command()
@click.argument("new_key_file", metavar="FILE")
@pass_shell
def recover(shell: Shell, new_key_file: str) -> None:
    """Open the store with the recovery key (asked for) and put its key into a new key file."""
    import getpass

    from coach.engine import keeping

    typed = getpass.getpass("Recovery key: ") if sys.stdin.isatty() else sys.stdin.readline()
    view = keeping.recover(shell.home, typed, new_key_file)
    shell.show({"provider": view.provider, "key_file": view.key_file}, f"the key is in {view.key_file}")


@click.command()
@click.option("--range", "range_text", metavar="FROM/TO", help="Dates or ISO times, such as 2026-11-01/2026-11-07.")
@click.option("--app", default="", help="Only this application.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_shell
def erase(shell: Shell, range_text: str | None, app: str, yes: bool) -> None:
    """Delete tracked time for good: a range, an application, or both, and what may quote it: the conversation, and the words of
    nudges from then on. Cannot be undone; backups still hold it."""
    from datetime import UTC, datetime, timedelta

    from coach.core.when import in_range, parse_iso
    from coach.engine import activity, categories, keeping

    if not range_text and not app:
        raise InvalidInput("say what to erase", "--range 2026-11-01/2026-11-07, --app firefox, or both")
    start, end = datetime(1970, 1, 2, tzinfo=UTC), shell.now + timedelta(days=1)
    if range_text:
        first, slash, last = range_text.partition("/")
        if not slash:
            raise InvalidInput(f"{range_text!r} is no range", "write it as FROM/TO")
        start = in_range(parse_iso(first, shell.tz), first)
        end = in_range(parse_iso(last, shell.tz), last) + (timedelta(days=1) if len(last) == 10 else timedelta())
    if not yes:
        click.confirm("Erase this tracked time, and the conversation, for good?", abort=True, err=True)

    def progress(at: datetime) -> None:
        if sys.stderr.isatty():
            click.echo(f"\rerasing {at:%B %Y}\033[K", nl=False, err=True)

    with shell.store() as db:
        count = activity.erase_range(db, start, end, categories.load(db, shell.config), shell.tz, shell.now, app, progress)
    if sys.stderr.isatty():
        click.echo("\r\033[K", nl=False, err=True)
    held = [p.name for p in keeping.copies(shell.home)]
    note = f"\nthese copies still hold it: {', '.join(held)}" if held else ""
    shell.show({"erased": count, "backups_still_holding": held}, f"erased {count} events{note}")


@click.group(invoke_without_command=True)
@click.pass_context
def privacy(ctx: click.Context) -> None:
    """What is stored, with sample rows; `exclude` and `include` change what is recorded."""
    if ctx.invoked_subcommand is None:
        _show_privacy(ctx.obj)


@privacy.command()
@click.argument("field", type=click.Choice(["app", "title", "url"]))
@click.argument("pattern")
@click.option("--redact", "action", flag_value="redact", help="Keep the application, hide title and address.")
@click.option("--drop", "action", flag_value="drop", default=True, help="Keep only the time (default).")
@pass_shell
def exclude(shell: Shell, field: str, pattern: str, action: str) -> None:
    """Never record what matches: coach privacy exclude title "bank|health"."""
    from coach.engine import tracking

    with shell.store() as db:
        exclusion = tracking.exclude(db, field, pattern, action, shell.now)
    words = f"excluded; `coach privacy include {exclusion[:8]}` takes it back"
    shell.show({"id": exclusion, "field": field, "action": action}, words)


@privacy.command()
@click.argument("id")
@pass_shell
def include(shell: Shell, id: str) -> None:
    """Take an exclusion back."""
    from coach.engine import tracking

    with shell.store() as db:
        tracking.include(db, id, shell.now)
    shell.show({"id": id}, "recorded again from now on")


@click.command()
@pass_shell
def audit(shell: Shell) -> None:
    """Exports, erasures, restores and backups, newest first."""
    from coach.engine import keeping

    with shell.store() as db:
        found = keeping.audit_log(db)
    rows = [(r["at"], r["what"], r["detail"]) for r in found]
    shell.show(found, lambda: table(rows, ("at", "what", "detail")) if rows else "nothing was exported or erased")


def _show_privacy(shell: Shell) -> None:
    from coach.core import say
    from coach.engine import keeping

    with shell.store() as db:
        view = keeping.stored(db, shell.home)

    def words() -> str:
        lines = [f"store: {view['store']}, encrypted, {view['size_bytes'] / 1e6:.1f} MB, {say.count(view['backups'], 'backup')}"]
        lines.append("rows: " + ", ".join(f"{n} {c}" for n, c in view["rows"].items() if c))
        given = view["consent"].items()
        lines.append("consent: " + ", ".join(f"{name} {'given' if yes else 'not given'}" for name, yes in given))
        lines.append(f"network: {view['network']}")
        lines += [f"  sample: {safe(' | '.join(v for v in s.values() if v))}" for s in view["samples"]]
        lines += [f"  excluded {e['id'][:8]}: {e['field']} {safe(e['pattern'])} ({e['action']})" for e in view["exclusions"]]
        return "\n".join(lines)

    shell.show(view, words)


def _new_passphrase() -> str:
    import getpass

    if not sys.stdin.isatty():
        raise InvalidInput("a passphrase is typed in a terminal", "use a key file in scripts")
    first = getpass.getpass("New passphrase: ")
    if first != getpass.getpass("Once more: "):
        raise InvalidInput("the two do not match", "nothing was changed")
    return first

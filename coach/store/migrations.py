"""Named migrations, oldest first; never edited once released. Each runs in one transaction, after a backup.

`PRAGMA user_version` counts the ones applied. A new column or table is a new function at the end.
"""

from __future__ import annotations

from collections.abc import Callable

from coach.core.errors import StoreClosed
from coach.store.db import Connection, transaction

Migration = Callable[[Connection], None]


def _tables(db: Connection, tables: dict[str, dict[str, type]], keys: dict[str, object]) -> None:
    import sqlite_utils  # 240 ms: only when there is something to migrate

    for name, columns in tables.items():
        sqlite_utils.Database(db)[name].create(columns, pk=keys.get(name, "id"), strict=True)  # type: ignore[union-attr]


def m001_house(db: Connection) -> None:
    """Tasks and the change log, events with their timeline and roll-ups, rules, plan, calendars, nudges, chat, leases."""
    text, number, real = str, int, float
    _tables(
        db,
        {
            "meta": {"key": text, "value": text},
            # Tasks. Wall times as text beside time_zone, `*_utc` is the cache in seconds that queries sort by.
            "task": {
                "id": text, "num": number, "title": text, "notes": text, "status": text, "due": text, "due_hard": number,
                "scheduled": text, "wait": text, "until": text, "remind": text, "priority": number, "project": text,
                "tags": text, "estimate_min": number, "recurrence": text, "depends": text, "parent": text,
                "series_id": text, "series_start": text, "annotations": text, "category": text,
                "category_confidence": real, "time_zone": text, "created": text, "modified": text, "started": text,
                "completed": text, "deleted": text, "snooze_count": number, "actual_min": number, "extra": text,
                "due_utc": number, "wait_utc": number,
            },
            # Short numbers: local, permanent, never reused; a task keeps its own through undo and redo.
            "task_num": {"num": number, "id": text},
            # The change log: an action (one undo step) holds changes.
            "action": {
                "id": text, "label": text, "actor": text, "device": text, "hlc": text, "at": text, "undoes": text,
                "redoes": text, "undone": number,
            },
            "change": {"id": number, "action": text, "record": text, "record_id": text, "kind": text, "fields": text},
            # Source events, exactly as merged, one bucket per source.
            "bucket": {
                "id": number, "name": text, "type": text, "client": text, "hostname": text, "created": text, "data": text,
            },
            "context": {
                "id": number, "key": number, "app": text, "title": text, "url": text, "project": text, "category": text,
            },
            "event": {
                "id": number, "bucket": number, "start_ms": number, "end_ms": number, "context": number, "data": text,
            },
            # The timeline: one state at a time. Rolled up to rolled_ms; category is a manual override.
            "timeline": {
                "id": number, "start_ms": number, "end_ms": number, "context": number, "bucket": number,
                "offset_min": number, "category": text, "rolled_ms": number,
            },
            "rollup_hour": {"day": text, "hour": number, "category": text, "ms": number, "visits": number},
            "rollup_day": {
                "day": text, "app": text, "category": text, "project": text, "ms": number, "visits": number,
            },
            "focus_hour": {"day": text, "hour": number, "version": number, "score": real, "active_ms": number},
            # What people define.
            "rule": {"id": text, "field": text, "pattern": text, "kind": text, "category": text, "created": text},
            "exclusion": {"id": text, "field": text, "pattern": text, "action": text, "created": text},
            "category": {"id": text, "level": real, "focus": number, "idle_after_min": real},
            "preference": {"id": text, "value": text},
            "saved_filter": {"id": text, "words": text},
            # Plan and calendars.
            "block": {
                "id": text, "task_id": text, "start": text, "end": text, "status": text, "reasons": text,
                "confidence": real, "created": text,
            },
            "calendar": {"id": text, "name": text, "kind": text, "location": text, "enabled": number, "created": text},
            "calendar_event": {
                "id": number, "calendar": text, "uid": text, "start_ms": number, "end_ms": number, "all_day": number,
                "busy": number, "title": text,
            },
            "focus_session": {
                "id": text, "task_id": text, "start": text, "planned_end": text, "end": text, "label": text,
            },
            # The coach's own memory.
            "nudge": {
                "id": text, "at": text, "situation": text, "mode": text, "persona": text, "source": text, "text": text,
                "task_id": text, "channel": text, "status": text, "outcome_at": text, "claimed_by": text, "rating": number,
            },
            "chat_message": {"id": text, "at": text, "role": text, "text": text, "data": text},
            "audit": {"id": number, "at": text, "what": text, "detail": text},
            # Roles: who tracks, who runs the jobs; commands travel through `command`.
            "lease": {"role": text, "holder": text, "pid": number, "since": text, "beat": text, "info": text},
            "command": {"id": number, "at": text, "verb": text, "value": text},
        },
        {
            "meta": "key", "lease": "role", "task_num": "num", "rollup_hour": ("day", "hour", "category"),
            "rollup_day": ("day", "app", "category", "project"), "focus_hour": ("day", "hour"),
        },
    )
    for statement in (
        "CREATE UNIQUE INDEX task_num_id ON task_num(id)",
        "CREATE UNIQUE INDEX task_by_num ON task(num)",
        "CREATE INDEX task_status ON task(status, due_utc)",
        "CREATE INDEX task_series ON task(series_id) WHERE series_id IS NOT NULL",
        "CREATE INDEX change_action ON change(action)",
        "CREATE INDEX change_record ON change(record_id)",
        "CREATE INDEX action_hlc ON action(hlc)",
        "CREATE UNIQUE INDEX bucket_name ON bucket(name)",
        "CREATE UNIQUE INDEX context_key ON context(key)",
        "CREATE INDEX event_bucket ON event(bucket, start_ms)",
        "CREATE INDEX event_end ON event(end_ms)",
        "CREATE INDEX timeline_start ON timeline(start_ms)",
        "CREATE INDEX timeline_unrolled ON timeline(start_ms) WHERE rolled_ms < end_ms",
        "CREATE INDEX timeline_context ON timeline(context)",
        "CREATE INDEX focus_unscored ON focus_hour(day, hour) WHERE version = 0",
        "CREATE INDEX block_start ON block(start)",
        "CREATE INDEX calendar_event_start ON calendar_event(start_ms)",
        "CREATE INDEX nudge_at ON nudge(at)",
    ):
        db.execute(statement)


def m002_found_without_reading(db: Connection) -> None:
    """Indexes beside the tasks: a page in order of urgency, words, labels, dependencies, what expires and reminds."""
    for statement in (
        "ALTER TABLE task ADD COLUMN urgency_class INTEGER",
        "ALTER TABLE task ADD COLUMN due_start_utc INTEGER",
        "ALTER TABLE task ADD COLUMN scheduled_utc INTEGER",
        "ALTER TABLE task ADD COLUMN until_utc INTEGER",
        "ALTER TABLE task ADD COLUMN created_ms INTEGER",
        # Both hold all that urgency asks about, so that ranking reads no task: by age, and by due, within a shape.
        "CREATE INDEX task_by_age ON task(urgency_class, created_ms, num, due_start_utc, scheduled_utc, wait_utc)"
        " WHERE status = 'pending'",
        "CREATE INDEX task_by_due ON task(urgency_class, due_start_utc, created_ms, num, scheduled_utc, wait_utc)"
        " WHERE status = 'pending'",
        "CREATE INDEX task_project ON task(project, num) WHERE status = 'pending' AND project IS NOT NULL",
        "CREATE INDEX task_until ON task(until_utc) WHERE status = 'pending' AND until_utc IS NOT NULL",
        "CREATE INDEX task_remind ON task(num) WHERE status = 'pending' AND remind != '[]'",
        "CREATE INDEX task_completed ON task(completed) WHERE completed IS NOT NULL",
        "CREATE INDEX task_parent ON task(parent) WHERE parent IS NOT NULL",
        "CREATE TABLE dependency(task TEXT NOT NULL, on_task TEXT NOT NULL, PRIMARY KEY(task, on_task)) STRICT, WITHOUT ROWID",
        "CREATE INDEX dependency_on ON dependency(on_task)",
        # Labels of open tasks.
        "CREATE TABLE task_tag(tag TEXT NOT NULL, num INTEGER NOT NULL, PRIMARY KEY(tag, num)) STRICT, WITHOUT ROWID",
        "CREATE INDEX task_tag_num ON task_tag(num)",
        # Which three-letter pieces occur in title, notes and annotations (folded); rowid is the task's number.
        "CREATE VIRTUAL TABLE task_text USING fts5(words, tokenize = 'trigram case_sensitive 1', content = '',"
        " contentless_delete = 1, detail = none)",
        "CREATE TRIGGER task_gone AFTER DELETE ON task BEGIN"
        " DELETE FROM task_text WHERE rowid = old.num; DELETE FROM task_tag WHERE num = old.num;"
        " DELETE FROM dependency WHERE task = old.id; END",
        "CREATE TABLE template(id TEXT PRIMARY KEY, tasks TEXT NOT NULL, created TEXT NOT NULL) STRICT",
    ):
        db.execute(statement)
    from coach.store.task_index import rebuild  # what the tables hold follows from the tasks

    rebuild(db)


def m003_years_of_tracking(db: Connection) -> None:
    """What keeps questions about one day as quick after ten years as after one."""
    # Few are so long; all others that reach into a range end soon after it (`events.OVERLAPPING`).
    db.execute(f"CREATE INDEX event_long ON event(end_ms) WHERE end_ms - start_ms > {12 * 3_600_000}")
    # Asked for once a second by the app.
    db.execute("CREATE INDEX focus_session_on ON focus_session(start) WHERE end IS NULL")


def m004_said_by_hand(db: Connection) -> None:
    """Manual time, corrections of what was tracked, and goals: user-made records, so that the change log reaches them."""
    for statement in (
        # An entry states what a stretch was; a correction relabels what was tracked in it, of one app where it names one.
        "CREATE TABLE manual(id TEXT PRIMARY KEY, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, title TEXT NOT NULL,"
        " project TEXT, category TEXT, task_id TEXT, created TEXT NOT NULL) STRICT",
        "CREATE TABLE correction(id TEXT PRIMARY KEY, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, app TEXT,"
        " category TEXT, project TEXT, created TEXT NOT NULL) STRICT",
        "CREATE INDEX manual_start ON manual(start_ms)",
        "CREATE INDEX correction_end ON correction(end_ms)",
        # Stretches whose events and timeline do not follow the records yet, whoever wrote those: `engine/manual.follow`.
        "CREATE TABLE retold(id INTEGER PRIMARY KEY, record TEXT NOT NULL, record_id TEXT NOT NULL, start_ms INTEGER NOT NULL,"
        " end_ms INTEGER NOT NULL) STRICT",
        # "At most 30 min of news a day": bound is at_most or at_least, period day or week, field category, app, site,
        # project, focus or all.
        "CREATE TABLE goal(id TEXT PRIMARY KEY, bound TEXT NOT NULL, minutes INTEGER NOT NULL, field TEXT NOT NULL,"
        " name TEXT NOT NULL, period TEXT NOT NULL, created TEXT NOT NULL) STRICT",
    ):
        db.execute(statement)
    for record in ("manual", "correction"):
        for event, row in (("INSERT", "new"), ("DELETE", "old"), ("UPDATE", "old"), ("UPDATE", "new")):
            db.execute(
                f"CREATE TRIGGER {record}_{event.lower()}_{row} AFTER {event} ON {record} BEGIN INSERT INTO retold(record,"
                f" record_id, start_ms, end_ms) VALUES('{record}', {row}.id, {row}.start_ms, {row}.end_ms); END"
            )


def m005_watchers(db: Connection) -> None:
    """What ActivityWatch's clients send and keep beside what Coach tracks itself."""
    for statement in (
        "CREATE TABLE watcher_setting(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
        # 1: a watcher's bucket; 2: what ActivityWatch's rule overwrote in one; NULL: Coach's own.
        "ALTER TABLE bucket ADD COLUMN watcher INTEGER",
        # Microseconds beyond end_ms (below 1000), plus 1000 x the ms up to which an end in the future had been lived.
        "ALTER TABLE event ADD COLUMN fine INTEGER",
        # Hours (since the epoch) whose timeline does not follow the watchers' events yet: `engine/ingest`.
        "CREATE TABLE watcher_hour(hour INTEGER PRIMARY KEY) STRICT",
        # What overlaps a range is found by bucket and start (`events.OVERLAPPING`): an index less that every heartbeat writes.
        "DROP INDEX event_end",
        "DROP INDEX event_long",
        f"CREATE INDEX event_long ON event(end_ms) WHERE end_ms - start_ms > {3_600_000}",
        # One state at a time: its start is its id, and needs no index.
        "CREATE TABLE line(start_ms INTEGER PRIMARY KEY, end_ms INTEGER, context INTEGER, bucket INTEGER, offset_min INTEGER,"
        " category TEXT, rolled_ms INTEGER, id INTEGER AS (start_ms)) STRICT",
        "INSERT OR IGNORE INTO line SELECT start_ms, end_ms, context, bucket, offset_min, category, rolled_ms FROM timeline"
        " ORDER BY id",
        "DROP TABLE timeline",
        "ALTER TABLE line RENAME TO timeline",
        "CREATE INDEX timeline_unrolled ON timeline(start_ms) WHERE rolled_ms < end_ms",
        "CREATE INDEX timeline_context ON timeline(context)",
        *_by_their_keys("rollup_hour", "day TEXT, hour INTEGER, category TEXT, ms INTEGER, visits INTEGER,"
                        " PRIMARY KEY(day, hour, category)"),
        *_by_their_keys("rollup_day", "day TEXT, app TEXT, category TEXT, project TEXT, ms INTEGER, visits INTEGER,"
                        " PRIMARY KEY(day, app, category, project)"),
    ):
        db.execute(statement)


def _by_their_keys(table: str, columns: str) -> tuple[str, ...]:
    """A table whose rows are their own index: half the size."""
    return (
        f"CREATE TABLE keyed({columns}) STRICT, WITHOUT ROWID", f"INSERT INTO keyed SELECT * FROM {table} ORDER BY 1, 2, 3",
        f"DROP TABLE {table}", f"ALTER TABLE keyed RENAME TO {table}",
    )


def m006_attribution(db: Connection) -> None:
    """Which open task a stretch of tracked time was for: proposed with a confidence, accepted or rejected by the user."""
    for statement in (
        "CREATE TABLE attribution(id TEXT PRIMARY KEY, task_id TEXT NOT NULL, day TEXT NOT NULL, field TEXT NOT NULL,"
        " value TEXT NOT NULL, minutes REAL NOT NULL, confidence REAL NOT NULL, status TEXT NOT NULL, evidence TEXT NOT NULL,"
        " created TEXT NOT NULL) STRICT",
        "CREATE INDEX attribution_task ON attribution(task_id)",
    ):
        db.execute(statement)


def m007_work_in_hand(db: Connection) -> None:
    """The task that is being worked on, for status lines that ask every few seconds."""
    db.execute("CREATE INDEX task_started ON task(started) WHERE started IS NOT NULL AND status = 'pending'")


def m008_hours_of_months(db: Connection) -> None:
    """Hours of the day by category and calendar month, kept by the table of hours itself: ten years are a sum of months."""
    kept = (
        "INSERT INTO rollup_month VALUES(substr({row}.day, 1, 7), {row}.hour, {row}.category, {sign}{row}.ms)"
        " ON CONFLICT(month, hour, category) DO UPDATE SET ms = ms + excluded.ms;"
    )
    new, old = kept.format(row="new", sign=""), kept.format(row="old", sign="-")
    for statement in (
        "CREATE TABLE rollup_month(month TEXT NOT NULL, hour INTEGER NOT NULL, category TEXT NOT NULL, ms INTEGER NOT NULL,"
        " PRIMARY KEY(month, hour, category)) STRICT, WITHOUT ROWID",
        f"CREATE TRIGGER hour_added AFTER INSERT ON rollup_hour BEGIN {new} END",
        f"CREATE TRIGGER hour_changed AFTER UPDATE OF ms ON rollup_hour BEGIN {old} {new} END",
        f"CREATE TRIGGER hour_gone AFTER DELETE ON rollup_hour WHEN old.ms != 0 BEGIN {old} END",
        "INSERT INTO rollup_month SELECT substr(day, 1, 7), hour, category, sum(ms) FROM rollup_hour GROUP BY 1, 2, 3",
    ):
        db.execute(statement)


def m009_imports_of_time(db: Connection) -> None:
    """Which events an import brought, so that all of it can be taken away again."""
    # Ids of events may be used again after the last ones were erased: an event is the import's when its id, its bucket and
    # its start all are. `made` are the buckets that the import made, `grown` the ends of events that it made longer.
    db.execute(
        "CREATE TABLE imported(id INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, events INTEGER NOT NULL,"
        " first_id INTEGER NOT NULL, last_id INTEGER NOT NULL, low_ms INTEGER NOT NULL, high_ms INTEGER NOT NULL,"
        " buckets TEXT NOT NULL, made TEXT NOT NULL, grown TEXT NOT NULL) STRICT"
    )


def m010_models(db: Connection) -> None:
    """Versions of the nets that learn, which of them serve, what they said and what came of it."""
    for statement in (
        # One row a version, blobs NULL once it is forgotten. What ships is version 0 and has no row. status: candidate (no
        # verdict yet), trial (predicts beside the active one), kept (has been promoted), rejected. score: skill over the
        # baseline on the days that judged it.
        "CREATE TABLE model_version(kind TEXT NOT NULL, number INTEGER NOT NULL, made TEXT NOT NULL, parent INTEGER NOT NULL,"
        " status TEXT NOT NULL, score REAL, card TEXT NOT NULL, digest TEXT NOT NULL, onnx BLOB, weights BLOB,"
        " PRIMARY KEY(kind, number)) STRICT",
        # serves: model or baseline. Without a row the shipped version is active.
        "CREATE TABLE model_active(kind TEXT PRIMARY KEY, number INTEGER NOT NULL, serves TEXT NOT NULL, why TEXT NOT NULL,"
        " since TEXT NOT NULL) STRICT",
        "CREATE TABLE model_switch(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, at TEXT NOT NULL, what TEXT NOT NULL,"
        " before INTEGER NOT NULL, after INTEGER NOT NULL, serves TEXT NOT NULL, why TEXT NOT NULL) STRICT",
        # mode: shadow or ab. The seed tells which of both serves on a day of an ab trial.
        "CREATE TABLE model_trial(kind TEXT PRIMARY KEY, number INTEGER NOT NULL, mode TEXT NOT NULL, seed INTEGER NOT NULL,"
        " since TEXT NOT NULL) STRICT",
        # Version -1 is the baseline. known: when the outcome was joined; NULL outcome then means that there never will be one.
        "CREATE TABLE prediction(kind TEXT NOT NULL, issued TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL,"
        " value REAL NOT NULL, low REAL, high REAL, served INTEGER NOT NULL, outcome REAL, known TEXT,"
        " PRIMARY KEY(kind, issued, key, version)) STRICT, WITHOUT ROWID",
        "CREATE INDEX prediction_open ON prediction(kind, key) WHERE known IS NULL",
        # status: running, done, failed, cancelled, lost (its process went away without a word).
        "CREATE TABLE model_run(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, reason TEXT NOT NULL, rung TEXT NOT NULL,"
        " started TEXT NOT NULL, ended TEXT, status TEXT NOT NULL, share REAL NOT NULL, words TEXT NOT NULL,"
        " candidate INTEGER, cancel INTEGER NOT NULL) STRICT",
        "CREATE INDEX model_run_kind ON model_run(kind, started)",
        "CREATE TABLE model_rating(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, day TEXT NOT NULL, rating INTEGER NOT NULL,"
        " at TEXT NOT NULL, UNIQUE(kind, day)) STRICT",
        "CREATE TABLE notice(id INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL,"
        " seen INTEGER NOT NULL) STRICT",
    ):
        db.execute(statement)


def m011_closed_rows_are_short(db: Connection) -> None:
    """A timeline row says how much of it the roll-ups lack, which is nothing once it is closed and then takes no byte."""
    for statement in (
        "CREATE TABLE line(start_ms INTEGER PRIMARY KEY, end_ms INTEGER, context INTEGER, bucket INTEGER, offset_min INTEGER,"
        " category TEXT, behind_ms INTEGER NOT NULL, id INTEGER AS (start_ms), rolled_ms INTEGER AS (end_ms - behind_ms)) STRICT",
        "INSERT INTO line SELECT start_ms, end_ms, context, bucket, offset_min, category, end_ms - rolled_ms FROM timeline"
        " ORDER BY start_ms",
        "DROP TABLE timeline",
        "ALTER TABLE line RENAME TO timeline",
        "CREATE INDEX timeline_unrolled ON timeline(start_ms) WHERE behind_ms > 0",
        "CREATE INDEX timeline_context ON timeline(context)",
    ):
        db.execute(statement)


def m012_calendars_to_write(db: Connection) -> None:
    """Calendars on CalDAV servers: their users and passwords, their events as the server keeps them, and where blocks stand."""
    for statement in (
        "ALTER TABLE calendar ADD COLUMN user TEXT",
        # Of no change log and of no export: a password leaves the store only for its server.
        "CREATE TABLE calendar_password(origin TEXT NOT NULL, user TEXT NOT NULL, password TEXT NOT NULL,"
        " PRIMARY KEY(origin, user)) STRICT, WITHOUT ROWID",
        "CREATE TABLE calendar_object(calendar TEXT NOT NULL, path TEXT NOT NULL, etag TEXT NOT NULL, uid TEXT NOT NULL,"
        " data TEXT NOT NULL, PRIMARY KEY(calendar, path)) STRICT, WITHOUT ROWID",
        # base: what block and event had when they last agreed, sent: what is on its way; both {start, end, title}, or NULL.
        # Written before each request, so that a process that dies after it knows its own doing again. left: the event is
        # nothing that a block can be any more, and stays as it is.
        "CREATE TABLE block_link(block TEXT PRIMARY KEY, calendar TEXT NOT NULL, path TEXT NOT NULL, base TEXT, sent TEXT,"
        " left INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE TABLE calendar_news(id INTEGER PRIMARY KEY, at TEXT NOT NULL, text TEXT NOT NULL, seen INTEGER NOT NULL) STRICT",
    ):
        db.execute(statement)


def m013_task_models(db: Connection) -> None:
    """What is learnt from what was done next, at which place tasks were shown, advice and what came of it, weeks as snapshots."""
    for statement in (
        # The taste as of the action `hlc`, on the tables `base`; one row.
        "CREATE TABLE taste(id INTEGER PRIMARY KEY CHECK (id = 1), base TEXT NOT NULL, hlc TEXT NOT NULL, n INTEGER NOT NULL,"
        " data TEXT NOT NULL) STRICT",
        "CREATE TABLE shown(task_id TEXT PRIMARY KEY, rank INTEGER NOT NULL, at TEXT NOT NULL) STRICT, WITHOUT ROWID",
        # status: offered, accepted, declined, helped (done in time after it was accepted), failed.
        "CREATE TABLE advice(id INTEGER PRIMARY KEY, task_id TEXT NOT NULL, action TEXT NOT NULL, at TEXT NOT NULL,"
        " status TEXT NOT NULL, settled TEXT) STRICT",
        "CREATE INDEX advice_open ON advice(status) WHERE status IN ('offered', 'accepted')",
        "CREATE TABLE task_week(week TEXT PRIMARY KEY, version INTEGER NOT NULL, data TEXT NOT NULL) STRICT, WITHOUT ROWID",
    ):
        db.execute(statement)


def m014_meaning_of_titles(db: Connection) -> None:
    """Vectors of tasks' words, what the categoriser makes of them, the person's own categories and answers."""
    for statement in (
        # Derived from title and notes, by one embedder: gone when either changes, made again by whoever does the jobs.
        "CREATE TABLE embedding(num INTEGER PRIMARY KEY, embedder TEXT NOT NULL, vector BLOB NOT NULL) STRICT",
        # decision: auto, suggest, abstain. `model` names what said so, by its files.
        "CREATE TABLE guess(num INTEGER PRIMARY KEY, model TEXT NOT NULL, decision TEXT NOT NULL, category TEXT,"
        " confidence REAL NOT NULL, alternatives TEXT NOT NULL) STRICT",
        "CREATE TRIGGER words_gone AFTER DELETE ON task BEGIN DELETE FROM embedding WHERE num = old.num;"
        " DELETE FROM guess WHERE num = old.num; END",
        "CREATE TRIGGER words_changed AFTER UPDATE OF title, notes ON task"
        " WHEN old.title != new.title OR old.notes IS NOT new.notes"
        " BEGIN DELETE FROM embedding WHERE num = old.num; DELETE FROM guess WHERE num = old.num; END",
        # Records of the change log. `suggested` is what was shown; `chosen` is NULL where it was rejected for nothing else.
        "CREATE TABLE task_category(id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT NOT NULL, created TEXT NOT NULL)"
        " STRICT",
        "CREATE TABLE category_answer(id TEXT PRIMARY KEY, task_id TEXT NOT NULL, suggested TEXT, confidence REAL, chosen TEXT,"
        " at TEXT NOT NULL) STRICT",
        "CREATE INDEX category_answer_task ON category_answer(task_id)",
    ):
        db.execute(statement)


def m015_plan_signals(db: Connection) -> None:
    """What the person did with planned blocks, to learn from; undo does not take it back."""
    db.execute(
        # kind: accept, reject, move. offered: where Coach had put the block; start: where it is now.
        "CREATE TABLE plan_signal(id INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, block_id TEXT NOT NULL,"
        " task_id TEXT NOT NULL, offered TEXT NOT NULL, start TEXT NOT NULL, minutes REAL NOT NULL) STRICT"
    )
    db.execute("CREATE INDEX plan_signal_at ON plan_signal(at)")


def m016_guesses_before_the_person(db: Connection) -> None:
    """What the shipped categoriser makes of a task, before the person's answers: a new one changes every guess at once."""
    for statement in (
        "DELETE FROM guess",
        # Log-probabilities of the shipped categories, half-precision floats. `heard` is how many answers the guess has heard of.
        "ALTER TABLE guess ADD COLUMN said BLOB NOT NULL DEFAULT x''",
        "ALTER TABLE guess ADD COLUMN heard INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE guess ADD COLUMN nearest REAL NOT NULL DEFAULT 0",
    ):
        db.execute(statement)


def m017_what_is_unread(db: Connection) -> None:
    """Which tasks have no vector or guess yet is found in indexes alone."""
    for statement in (
        "CREATE INDEX task_worded ON task(num) WHERE status != 'deleted' AND series_id IS NULL",
        "CREATE INDEX embedding_made ON embedding(embedder, num)",
        "CREATE INDEX guess_made ON guess(model, heard, num)",
    ):
        db.execute(statement)


def m018_own_language(db: Connection) -> None:
    """What the person decided about short forms and words of projects; edits of titles are found without reading all changes."""
    for statement in (
        # A record of the change log. kind: words, project. source: what the expansion had been learnt from, or own.
        "CREATE TABLE expansion(id TEXT PRIMARY KEY, short TEXT NOT NULL, long TEXT NOT NULL, kind TEXT NOT NULL,"
        " accepted INTEGER NOT NULL, source TEXT NOT NULL, at TEXT NOT NULL) STRICT",
        "CREATE INDEX change_title ON change(id) WHERE record = 'task' AND kind = 'update'"
        " AND instr(fields, '\"title\":[') > 0",
        # A question that was asked, one a day at most. status: shown, answered, dismissed.
        "CREATE TABLE question(day TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, data TEXT NOT NULL,"
        " status TEXT NOT NULL, answer TEXT) STRICT, WITHOUT ROWID",
    ):
        db.execute(statement)


def m019_nudges_that_learn(db: Connection) -> None:
    """Tries and latency of a nudge, why a delivery misfired, and what silent hold-outs and timing learn from."""
    for statement in (
        "ALTER TABLE nudge ADD COLUMN tries INTEGER",
        "ALTER TABLE nudge ADD COLUMN next_try TEXT",
        "ALTER TABLE nudge ADD COLUMN latency_ms INTEGER",
        "ALTER TABLE nudge ADD COLUMN useful INTEGER",
        "CREATE INDEX nudge_waits ON nudge(status, at)",
        # why: no_channel, error:KIND, interrupted, stale.
        "CREATE TABLE nudge_misfire(id INTEGER PRIMARY KEY, nudge TEXT NOT NULL, at TEXT NOT NULL, why TEXT NOT NULL) STRICT",
        # Every chosen moment, spoken (by the nudge's id) or held out; worked is null until it is judged, and where nobody can.
        "CREATE TABLE nudge_trial(id TEXT PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, context TEXT NOT NULL,"
        " held INTEGER NOT NULL, task_id TEXT, category TEXT NOT NULL, tracked INTEGER NOT NULL, worked INTEGER,"
        " judged_at TEXT) STRICT",
        "CREATE INDEX nudge_trial_at ON nudge_trial(at)",
        "CREATE INDEX nudge_trial_open ON nudge_trial(at) WHERE judged_at IS NULL",
        # A kind that stopped or was tried again: only trials from `since` on speak for it.
        "CREATE TABLE nudge_kind(kind TEXT PRIMARY KEY, run INTEGER NOT NULL, since TEXT NOT NULL, stopped_at TEXT, why TEXT)"
        " STRICT",
        # Since when a situation has been waiting for a better moment.
        "CREATE TABLE nudge_waiting(kind TEXT PRIMARY KEY, since TEXT NOT NULL) STRICT",
    ):
        db.execute(statement)


def m020_channels(db: Connection) -> None:
    """Channels to other devices, and the messages on their way."""
    for statement in (
        "CREATE TABLE channel(id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, service TEXT NOT NULL, shown TEXT NOT NULL,"
        " kinds TEXT NOT NULL, \"when\" TEXT NOT NULL, titles INTEGER NOT NULL, created TEXT NOT NULL, address TEXT NOT NULL)"
        " STRICT",
        # status: queued, sending, sent, failed. due: when it is tried, or was tried last.
        "CREATE TABLE delivery(nudge_id TEXT NOT NULL, channel TEXT NOT NULL, status TEXT NOT NULL, tries INTEGER NOT NULL,"
        " queued TEXT NOT NULL, due TEXT NOT NULL, latency_ms INTEGER, trouble TEXT NOT NULL DEFAULT '',"
        " UNIQUE(nudge_id, channel)) STRICT",
        "CREATE INDEX delivery_due ON delivery(due) WHERE status = 'queued'",
    ):
        db.execute(statement)


def m021_kept(db: Connection) -> None:
    """What weeks of the timeline come to is kept, so that a screen need not read a million rows to be shown."""
    gone = "BEGIN DELETE FROM kept_day WHERE day = {row}.day; END"
    for statement in (
        # Views as of a moment, as JSON; `form` is the version of their shape, `stamp` what they were made from.
        "CREATE TABLE kept_view(name TEXT PRIMARY KEY, form INTEGER NOT NULL, stamp TEXT NOT NULL, at TEXT NOT NULL,"
        " data TEXT NOT NULL) STRICT, WITHOUT ROWID",
        # A day's timeline in columns (`store/kept_days`). Whatever touches an hour of it has that hour scored anew, and this row
        # goes: there is never one that differs from the timeline, or that holds what was erased.
        "CREATE TABLE kept_day(day TEXT PRIMARY KEY, said TEXT NOT NULL, line BLOB NOT NULL) STRICT",
        f"CREATE TRIGGER day_begun AFTER INSERT ON focus_hour WHEN new.version = 0 {gone.format(row='new')}",
        f"CREATE TRIGGER day_touched AFTER UPDATE OF version ON focus_hour WHEN new.version = 0 {gone.format(row='new')}",
        f"CREATE TRIGGER day_gone AFTER DELETE ON focus_hour {gone.format(row='old')}",
    ):
        db.execute(statement)


def m022_sentiment(db: Connection) -> None:
    """The sentiment of what was said, -1 to 1."""
    db.execute("ALTER TABLE nudge ADD COLUMN sentiment REAL")


def m023_avoidance(db: Connection) -> None:
    """Scores of what is avoided, only where profiling was allowed: open tasks as of the last run, weeks once they are over."""
    for statement in (
        "CREATE TABLE avoidance_task(task_id TEXT PRIMARY KEY, score REAL NOT NULL, percentile REAL, avoided INTEGER NOT NULL,"
        " evidence TEXT NOT NULL, version INTEGER NOT NULL, at TEXT NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE INDEX avoidance_worst ON avoidance_task(score) WHERE avoided = 1",
        "CREATE TABLE avoidance_week(week TEXT PRIMARY KEY, version INTEGER NOT NULL, score REAL, data TEXT NOT NULL) STRICT,"
        " WITHOUT ROWID",
    ):
        db.execute(statement)


def m024_uses(db: Connection) -> None:
    """How often each screen was opened, by day: for the person's own eyes."""
    db.execute("CREATE TABLE feature_use(day TEXT NOT NULL, name TEXT NOT NULL, uses INTEGER NOT NULL, PRIMARY KEY(day, name))"
               " STRICT, WITHOUT ROWID")


def m025_trials_by_kind(db: Connection) -> None:
    """What is known of a kind of nudge is found without reading about the others."""
    db.execute("CREATE INDEX nudge_trial_kind ON nudge_trial(kind, at)")
    db.execute("CREATE INDEX nudge_situation ON nudge(situation, at) WHERE useful IS NOT NULL OR rating IS NOT NULL")


def m026_spare_lines(db: Connection) -> None:
    """Lines that the trained voice wrote ahead of need; `heard` once a nudge said one."""
    db.execute("CREATE TABLE spare_line(id INTEGER PRIMARY KEY, situation TEXT NOT NULL, mode TEXT NOT NULL,"
               " text TEXT NOT NULL UNIQUE, made TEXT NOT NULL, heard TEXT) STRICT")
    db.execute("CREATE INDEX spare_line_waiting ON spare_line(mode, situation) WHERE heard IS NULL")


def m027_nudges_asked_for(db: Connection) -> None:
    """Whether a person asked for a nudge."""
    db.execute("ALTER TABLE nudge ADD COLUMN asked INTEGER NOT NULL DEFAULT 0")


def m028_orders_drawn_by_lot(db: Connection) -> None:
    """Near ties in a shown order: the rank of the first of them, how many they are, and the chance of their order."""
    for column in ("tie_first INTEGER NOT NULL DEFAULT 0", "tie_size INTEGER NOT NULL DEFAULT 0",
                   "propensity REAL NOT NULL DEFAULT 1.0"):
        db.execute(f"ALTER TABLE shown ADD COLUMN {column}")


def m029_orders_as_they_were_shown(db: Connection) -> None:
    """Each order that was shown, for days: what was chosen is learnt at night, when the list has long been another."""
    db.execute("DROP TABLE shown")
    # places: [task, rank of the first of its near ties, how many these are, the chance of their order], the first at rank 1.
    db.execute("CREATE TABLE shown_order(id INTEGER PRIMARY KEY, at TEXT NOT NULL, places TEXT NOT NULL) STRICT")
    db.execute("CREATE INDEX shown_order_at ON shown_order(at)")


MIGRATIONS: tuple[Migration, ...] = (
    m001_house, m002_found_without_reading, m003_years_of_tracking, m004_said_by_hand, m005_watchers, m006_attribution,
    m007_work_in_hand, m008_hours_of_months, m009_imports_of_time, m010_models, m011_closed_rows_are_short,
    m012_calendars_to_write, m013_task_models, m014_meaning_of_titles,
    m015_plan_signals, m016_guesses_before_the_person, m017_what_is_unread,
    m018_own_language,
    m019_nudges_that_learn, m020_channels,
    m021_kept, m022_sentiment, m023_avoidance, m024_uses,
    m025_trials_by_kind, m026_spare_lines, m027_nudges_asked_for,
    m028_orders_drawn_by_lot, m029_orders_as_they_were_shown,
)


def version(db: Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def migrate(db: Connection, before_each: Callable[[Connection, int], None]) -> int:
    """Apply what is missing; returns how many ran. `before_each(db, version)` makes the backup.

    Raises StoreClosed when the store was written by a newer Coach."""
    have = version(db)
    if have > len(MIGRATIONS):
        raise StoreClosed(
            f"this store was written by a newer Coach (version {have}, this one knows {len(MIGRATIONS)})",
            "update Coach, or restore a backup",
        )
    for number, step in enumerate(MIGRATIONS[have:], start=have + 1):
        if number > 1:
            before_each(db, number - 1)
        with transaction(db):
            if version(db) >= number:  # another process was faster
                continue
            step(db)
            db.execute(f"PRAGMA user_version = {number}")
    return len(MIGRATIONS) - have

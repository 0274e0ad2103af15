"""Roll-ups: hour x category, and day x app x category x project, by the clock as lived, kept beside the timeline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, TypeAlias

from coach.store.db import Connection, meta, rows, set_meta, transaction

UNCATEGORISED = "Uncategorised"

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
_EPOCH = date(1970, 1, 1).toordinal()
_DAY_START = "rolled_day_start_min"


@dataclass(frozen=True, slots=True)
class Key:
    app: str
    category: str
    project: str


def pieces(start_ms: int, end_ms: int, offset_min: int, day_start_min: int = 0) -> Iterator[tuple[int, int]]:
    """[start, end) cut at local full hours, and where a day begins between them: (local start in ms, length in ms)."""
    shift = offset_min * 60_000
    local, end = start_ms + shift, end_ms + shift
    after_hour = day_start_min % 60 * 60_000
    while local < end:
        hour = local // HOUR_MS * HOUR_MS
        stop = min(end, hour + HOUR_MS)
        if local < hour + after_hour < stop:
            stop = hour + after_hour
        yield local, stop - local
        local = stop


def local_hour(local_ms: int) -> tuple[str, int]:
    """(calendar date, hour) of a local time in ms."""
    return _date(local_ms), local_ms // HOUR_MS % 24


def local_day(local_ms: int, day_start_min: int) -> str:
    """The logical day of a local time: it begins `day_start_min` after midnight."""
    return _date(local_ms - day_start_min * 60_000)


@dataclass(frozen=True, slots=True)
class Sums:
    """What a batch of stretches changes, by cell of each roll-up: [ms, visits]. All `hours` touched are scored anew, also
    those whose sums come out the same."""

    hours: dict[Any, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    days: dict[Any, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))


def count(
    sums: Sums, key: Key, start_ms: int, end_ms: int, offset_min: int, day_start_min: int, *, sign: int = 1, visit: bool = True
) -> None:
    """Add (or, with sign -1, take away) one stretch. `visit` counts its start."""
    for index, (local, length) in enumerate(pieces(start_ms, end_ms, offset_min, day_start_min)):
        visits = sign if visit and index == 0 else 0
        for cell in (
            sums.hours[(*local_hour(local), key.category)],
            sums.days[(local_day(local, day_start_min), key.app, key.category, key.project)],
        ):
            cell[0] += sign * length
            cell[1] += visits


def add(db: Connection, sums: Sums) -> None:
    """Bring both roll-ups along. Inside a transaction."""
    more = "DO UPDATE SET ms = ms + excluded.ms, visits = visits + excluded.visits"
    for table, names, cells in (
        ("rollup_hour", "day, hour, category", sums.hours), ("rollup_day", "day, app, category, project", sums.days),
    ):
        columns = names.split(", ")
        db.executemany(
            f"INSERT INTO {table}({names}, ms, visits) VALUES({'?,' * len(columns)}?,?) ON CONFLICT({names}) {more}",
            [(*k, *v) for k, v in cells.items() if v != [0, 0]],
        )
        here = " AND ".join(f"{name} = ?" for name in columns)
        less = [k for k, v in cells.items() if v[0] < 0 or v[1] < 0]
        db.executemany(f"DELETE FROM {table} WHERE {here} AND ms = 0 AND visits = 0", less)
    db.executemany(
        "INSERT INTO focus_hour VALUES(?,?,0,NULL,0) ON CONFLICT(day, hour) DO UPDATE SET version = 0, score = NULL",
        sorted({k[:2] for k in sums.hours}),
    )


def day_start(db: Connection, wanted_min: int) -> int:
    """The minute at which the days of these roll-ups begin: the first that was asked for, until `rebuild_all` changes it.

    Every process has read its own settings, maybe long ago; counts by two day starts in one table would fit neither."""
    stored = meta(db, _DAY_START)
    if not stored:
        set_meta(db, _DAY_START, str(wanted_min))
    return int(stored) if stored else wanted_min


def recount(db: Connection, day_start_min: int) -> tuple[dict[Any, tuple[int, int]], dict[Any, tuple[int, int]]]:
    """Both roll-ups counted afresh from the timeline, up to what each row has rolled: {key: (ms, visits)}."""
    hours: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
    days: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
    for r in db.execute(
        "SELECT t.start_ms, t.rolled_ms, t.offset_min, c.app, c.project, coalesce(t.category, c.category, ?) AS category"
        " FROM timeline t JOIN context c ON c.id = t.context", (UNCATEGORISED,),
    ):
        for index, (local, length) in enumerate(pieces(r["start_ms"], r["rolled_ms"], r["offset_min"], day_start_min)):
            for cell in (
                hours[(*local_hour(local), r["category"])],
                days[(local_day(local, day_start_min), r["app"], r["category"], r["project"])],
            ):
                cell[0] += length
                cell[1] += index == 0
    return {k: (v[0], v[1]) for k, v in hours.items()}, {k: (v[0], v[1]) for k, v in days.items()}


def disagreements(db: Connection, day_start_min: int) -> list[str]:
    """Where the roll-ups differ from a recount of the timeline by that day start, or the timeline overlaps itself; empty
    when all agree. Names days and hours, never apps or titles."""
    hours, days = recount(db, day_start_min)
    stored_hours = {(r[0], r[1], r[2]): (r[3], r[4]) for r in db.execute("SELECT * FROM rollup_hour")}
    stored_days = {(r[0], r[1], r[2], r[3]): (r[4], r[5]) for r in db.execute("SELECT * FROM rollup_day")}
    wrong = [f"hour {k[0]} {k[1]:02d}:00" for k in hours.keys() | stored_hours.keys() if hours.get(k) != stored_hours.get(k)]
    wrong += [f"day {k[0]}" for k in days.keys() | stored_days.keys() if days.get(k) != stored_days.get(k)]
    overlaps = db.execute(
        "SELECT count(*) FROM (SELECT start_ms, lag(end_ms) OVER (ORDER BY start_ms, id) AS before FROM timeline)"
        " WHERE before > start_ms"
    ).fetchone()[0]
    months = db.execute(
        "SELECT m FROM (SELECT month AS m, hour, category, ms FROM rollup_month WHERE ms != 0 UNION ALL"
        " SELECT substr(day, 1, 7), hour, category, -sum(ms) FROM rollup_hour GROUP BY 1, 2, 3)"
        " GROUP BY m, hour, category HAVING sum(ms) != 0"
    )
    wrong += [f"month {r[0]}" for r in months]
    return sorted(set(wrong)) + ([f"{overlaps} overlapping timeline rows"] if overlaps else [])


def rebuild_all(db: Connection, day_start_min: int) -> None:
    """Write both roll-ups afresh from the timeline (a changed day start, an import, a repair). Inside a transaction."""
    set_meta(db, _DAY_START, str(day_start_min))
    db.execute("UPDATE timeline SET behind_ms = 0 WHERE behind_ms != 0")
    hours, days = recount(db, day_start_min)
    for table in ("rollup_hour", "rollup_day", "focus_hour", "rollup_month"):  # the last follows the first
        db.execute(f"DELETE FROM {table}")
    db.executemany("INSERT INTO rollup_hour VALUES(?,?,?,?,?)", [(*k, *v) for k, v in hours.items()])
    db.executemany("INSERT INTO rollup_day VALUES(?,?,?,?,?,?)", [(*k, *v) for k, v in days.items()])
    db.execute("INSERT INTO focus_hour SELECT DISTINCT day, hour, 0, NULL, 0 FROM rollup_hour")


def relabel(db: Connection, changed: Sequence[tuple[int, str | None]], day_start_min: int) -> None:
    """Give contexts (id, category) another category, and the roll-ups what that moves; in one transaction."""
    with transaction(db):
        start_min = day_start(db, day_start_min)
        hours: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
        days: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
        for context, category in changed:
            app, project, before = db.execute("SELECT app, project, category FROM context WHERE id = ?", (context,)).fetchone()
            lived = db.execute(
                "SELECT start_ms, rolled_ms, offset_min FROM timeline WHERE context = ? AND category IS NULL", (context,)
            ).fetchall()
            old, new = before or UNCATEGORISED, category or UNCATEGORISED
            for start_ms, end_ms, offset in lived:
                visits = 1
                for local, length in pieces(start_ms, end_ms, offset, start_min):
                    hour, day = local_hour(local), local_day(local, start_min)
                    for cell, sign in (
                        (hours[*hour, old], -1), (hours[*hour, new], 1),
                        (days[day, app, old, project], -1), (days[day, app, new, project], 1),
                    ):
                        cell[0] += sign * length
                        cell[1] += sign * visits
                    visits = 0
        db.executemany("UPDATE context SET category = ? WHERE id = ?", [(name, context) for context, name in changed])
        _shift(db, hours, days)


def _shift(db: Connection, hours: Mapping[Any, Sequence[int]], days: Mapping[Any, Sequence[int]]) -> None:
    more = "DO UPDATE SET ms = ms + excluded.ms, visits = visits + excluded.visits"
    db.executemany(
        f"INSERT INTO rollup_hour(day, hour, category, ms, visits) VALUES(?,?,?,?,?) ON CONFLICT(day, hour, category) {more}",
        [(*k, *v) for k, v in hours.items()],
    )
    db.executemany(
        "INSERT INTO rollup_day(day, app, category, project, ms, visits) VALUES(?,?,?,?,?,?)"
        f" ON CONFLICT(day, app, category, project) {more}", [(*k, *v) for k, v in days.items()],
    )
    db.execute("DELETE FROM rollup_hour WHERE ms = 0 AND visits = 0")
    db.execute("DELETE FROM rollup_day WHERE ms = 0 AND visits = 0")
    db.executemany(
        "UPDATE focus_hour SET version = 0, score = NULL WHERE day = ? AND hour = ?", sorted({k[:2] for k in hours})
    )


def by_app(db: Connection, first: date, last: date) -> list[dict[str, Any]]:
    """`{app, ms, visits}` over logical days first..last, most time first."""
    return rows(db, "SELECT app, sum(ms) AS ms, sum(visits) AS visits FROM rollup_day WHERE day BETWEEN ? AND ?"
                    " GROUP BY app ORDER BY ms DESC, app", (first.isoformat(), last.isoformat()))


def by_category(db: Connection, first: date, last: date) -> list[dict[str, Any]]:
    """`{category, ms, visits}` over logical days first..last, most time first."""
    return rows(db, "SELECT category, sum(ms) AS ms, sum(visits) AS visits FROM rollup_day WHERE day BETWEEN ? AND ?"
                    " GROUP BY category ORDER BY ms DESC, category", (first.isoformat(), last.isoformat()))


def by_project(db: Connection, first: date, last: date) -> list[dict[str, Any]]:
    """`{project, ms, visits}` over logical days first..last, most time first; "" is no project."""
    return rows(db, "SELECT project, sum(ms) AS ms, sum(visits) AS visits FROM rollup_day WHERE day BETWEEN ? AND ?"
                    " GROUP BY project ORDER BY ms DESC, project", (first.isoformat(), last.isoformat()))


def by_day(db: Connection, first: date, last: date) -> list[dict[str, Any]]:
    """`{day, category, ms}` for logical days first..last."""
    return rows(db, "SELECT day, category, sum(ms) AS ms FROM rollup_day WHERE day BETWEEN ? AND ?"
                    " GROUP BY day, category ORDER BY day", (first.isoformat(), last.isoformat()))


DayRow: TypeAlias = tuple[str, str, str, str, int, int]
"""(day, app, category, project, ms, visits)."""


def day_rows(db: Connection, first: date, last: date) -> list[DayRow]:
    """The rows of logical days first..last, oldest first: one reading of the table for all sums over it."""
    found: list[DayRow] = _plain(
        db, "SELECT day, app, category, project, ms, visits FROM rollup_day WHERE day BETWEEN ? AND ? ORDER BY day",
        (first.isoformat(), last.isoformat()),
    )
    return found


def day_categories(db: Connection, first: date, last: date) -> list[tuple[str, str, int]]:
    """(day, category, ms) of logical days first..last, oldest first."""
    found: list[tuple[str, str, int]] = _plain(
        db, "SELECT day, category, sum(ms) FROM rollup_day WHERE day BETWEEN ? AND ? GROUP BY day, category ORDER BY day",
        (first.isoformat(), last.isoformat()),
    )
    return found


def counted_in(db: Connection, low_ms: int, high_ms: int) -> list[tuple[str, str, str, int, int]]:
    """(app, category, project, ms, visits) of what the roll-ups have counted of [low, high), from the timeline: to be
    taken off a day that is asked about before its end."""
    found: list[tuple[str, str, str, int, int]] = _plain(
        db,
        "SELECT c.app, coalesce(t.category, c.category, :none), c.project,"
        " sum(min(t.rolled_ms, :high) - max(t.start_ms, :low)), sum(t.start_ms >= :low)"
        " FROM timeline t JOIN context c ON c.id = t.context"
        " WHERE t.start_ms < :high AND t.start_ms >= :low - :day AND t.rolled_ms > :low GROUP BY 1, 2, 3",
        {"low": low_ms, "high": high_ms, "none": UNCATEGORISED, "day": DAY_MS},
    )
    return found


def category_hours(db: Connection, first: date, last: date) -> list[tuple[str, int, str, int]]:
    """(day, hour, category, ms) of every hour of calendar dates first..last, in no order: plain rows, for long ranges."""
    found: list[tuple[str, int, str, int]] = _plain(
        db, "SELECT day, hour, category, ms FROM rollup_hour WHERE day BETWEEN ? AND ?", (first.isoformat(), last.isoformat())
    )
    return found


def by_hour_of_day(db: Connection, first: date, last: date, day_start_hour: int = 0) -> list[tuple[int, str, int]]:
    """(hour, category, ms) over days first..last that begin at that hour, by the clock as lived, hour by hour. Whole
    months within come from the sums of months, the days at the edges from those of hours."""
    inner = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    outer = last.replace(day=1)
    if inner >= outer:
        inner = outer = last + timedelta(days=2)
    found: list[tuple[int, str, int]] = _plain(
        db,
        "SELECT hour, category, sum(ms) FROM (SELECT hour, category, ms FROM rollup_hour"
        " WHERE (day BETWEEN :first AND date(:inner, '-1 day') OR day BETWEEN :outer AND date(:last, '+1 day'))"
        " AND (day > :first OR hour >= :start) AND (day <= :last OR hour < :start)"
        " UNION ALL SELECT hour, category, ms FROM rollup_month WHERE month >= substr(:inner, 1, 7) AND"
        " month < substr(:outer, 1, 7)) GROUP BY hour, category HAVING sum(ms) > 0 ORDER BY hour",
        {"first": first.isoformat(), "last": last.isoformat(), "inner": inner.isoformat(), "outer": outer.isoformat(),
         "start": day_start_hour},
    )
    return found


def focus_by_hour(db: Connection, first: date, last: date) -> list[dict[str, Any]]:
    """`{day, hour, version, score, active_ms}` for calendar dates first..last; hours without a score are left out."""
    return rows(db, "SELECT * FROM focus_hour WHERE day BETWEEN ? AND ? AND score IS NOT NULL ORDER BY day, hour",
                (first.isoformat(), last.isoformat()))


ScoreRow: TypeAlias = tuple[str, int, float, int]
"""(day, hour, score, active_ms)."""


def score_rows(db: Connection, first: date, last: date) -> list[ScoreRow]:
    """The scored hours of calendar dates first..last in order: plain rows, for long ranges."""
    found: list[ScoreRow] = _plain(
        db, "SELECT day, hour, score, active_ms FROM focus_hour WHERE day BETWEEN ? AND ? AND score IS NOT NULL"
            " ORDER BY day, hour", (first.isoformat(), last.isoformat()),
    )
    return found


def scores_of(db: Connection, hours: Sequence[tuple[str, int]], version: int) -> dict[tuple[str, int], tuple[float | None, int]]:
    """(score, active_ms) of those of the (date, hour)s that are scored by that version of the formula."""
    if not hours:
        return {}
    found = _plain(
        db, "SELECT day, hour, score, active_ms FROM focus_hour WHERE day BETWEEN ? AND ? AND version = ?",
        (min(hours)[0], max(hours)[0], version),
    )
    return {(day, hour): (score, active_ms) for day, hour, score, active_ms in found}


def unscored_hours(db: Connection) -> list[tuple[str, int]]:
    """Hours whose tracked time has changed since they were scored (version 0), oldest first."""
    return [(r[0], r[1]) for r in db.execute("SELECT day, hour FROM focus_hour WHERE version = 0 ORDER BY day, hour")]


def set_focus(db: Connection, day: str, hour: int, version: int, score: float | None, active_ms: int) -> None:
    db.execute("INSERT OR REPLACE INTO focus_hour VALUES(?,?,?,?,?)", (day, hour, version, score, active_ms))


def forget_scores(db: Connection, but: int = 0) -> None:
    """Every hour is scored anew at the next roll, because levels have changed; with `but`, those of other versions of
    the formula."""
    db.execute("UPDATE focus_hour SET version = 0, score = NULL WHERE version NOT IN (0, ?)", (but,))


def _plain(db: Connection, sql: str, values: Any) -> list[Any]:
    """Rows as tuples: a third of what rows with names cost."""
    cursor = db.cursor()
    cursor.row_factory = None
    found: list[Any] = cursor.execute(sql, values).fetchall()
    return found


def _date(local_ms: int) -> str:
    return _day_text(local_ms // DAY_MS)


@lru_cache(maxsize=4096)
def _day_text(days: int) -> str:
    return date.fromordinal(_EPOCH + days).isoformat()

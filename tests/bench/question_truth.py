"""What the questions of questions.toml have for an answer, computed from the store's tables by its own SQL and sums: nothing of
`coach.engine.queries` or of the engine is called here."""

from __future__ import annotations

import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAY_START_H = 4
LEVELS_LOW = 0.25


@dataclass(frozen=True)
class Expected:
    """An answer is right when each of `values` is a fact's value (within `slack`) and each of `texts` stands in the answer; of
    `one_of` a single text is enough."""

    values: tuple[float, ...] = ()
    texts: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    slack: float = 0.0


@dataclass
class World:
    """The store as rows. `focus` and `level` say of a category's name whether it is focus work, and its level (from the shipped
    taxonomy, which is data)."""

    db: Any
    now: datetime
    tz: ZoneInfo
    focus: Callable[[str | None], bool]
    level: Callable[[str | None], float]
    slots: Mapping[str, str] = field(default_factory=dict)

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        return [dict(r) for r in self.db.execute(sql, values).fetchall()]

    @property
    def today(self) -> date:
        return (self.now.astimezone(self.tz) - timedelta(hours=DAY_START_H)).date()

    def at(self, day: date) -> datetime:
        return datetime.combine(day, time(DAY_START_H), self.tz)

    def days(self, name: str) -> tuple[date, date]:
        """First and last day of a period by its words in the set."""
        t = self.today
        monday = t - timedelta(days=t.weekday())
        first_of_month = t.replace(day=1)
        return {
            "today": (t, t), "yesterday": (t - timedelta(1), t - timedelta(1)), "tomorrow": (t + timedelta(1), t + timedelta(1)),
            "the day before yesterday": (t - timedelta(2), t - timedelta(2)),
            "this week": (monday, monday + timedelta(6)), "last week": (monday - timedelta(7), monday - timedelta(1)),
            "next week": (monday + timedelta(7), monday + timedelta(13)),
            "in the last 7 days": (t - timedelta(6), t), "in the last 28 days": (t - timedelta(27), t),
            "in the last 30 days": (t - timedelta(29), t), "this month": (first_of_month, t),
            "last month": ((first_of_month - timedelta(1)).replace(day=1), first_of_month - timedelta(1)),
        }[name]

    def span(self, name: str) -> tuple[datetime, datetime]:
        first, last = self.days(name)
        return self.at(first), min(self.at(last + timedelta(1)), max(self.now, self.at(first)))

    def stretches(self, start: datetime, end: datetime) -> list[dict[str, Any]]:
        low, high = int(start.timestamp() * 1000), int(end.timestamp() * 1000)
        return self.rows(
            "SELECT max(t.start_ms, ?) AS a, min(t.end_ms, ?) AS b, c.app AS app, c.url AS url, c.project AS project,"
            " coalesce(t.category, c.category) AS category FROM timeline t JOIN context c ON c.id = t.context"
            " WHERE t.start_ms < ? AND t.end_ms > ? ORDER BY t.start_ms", low, high, high, low)

    def seconds(self, start: datetime, end: datetime, test: Callable[[dict[str, Any]], bool] = lambda r: True) -> float:
        return float(sum(r["b"] - r["a"] for r in self.stretches(start, end) if test(r))) / 1000

    def by(self, name: str, column: str) -> Counter[str]:
        found: Counter[str] = Counter()
        for r in self.stretches(*self.span(name)):
            found[str(r[column] or "")] += (r["b"] - r["a"]) / 1000
        return found

    def tasks(self) -> list[dict[str, Any]]:
        found = self.rows("SELECT * FROM task ORDER BY num")
        for t in found:
            t["tags"] = json.loads(t["tags"] or "[]")
        return found

    def open(self) -> list[dict[str, Any]]:
        return [t for t in self.tasks() if t["status"] == "pending"]

    def done(self, start: datetime, end: datetime) -> list[dict[str, Any]]:
        """Completed in [start, end). The last occurrence of a series that is over stands for the series."""
        found = [t for t in self.tasks() if t["status"] == "completed" and t["completed"]
                 and start <= _at(t["completed"]) < end]
        ends = {t["series_id"] for t in found if t["series_id"]}
        return [t for t in found if not (t["recurrence"] and t["id"] in ends)]

    def due_end(self, t: Mapping[str, Any]) -> datetime:
        """The end of a due: of a whole day the coming midnight."""
        text = t["due"]
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text) + timedelta(1), time(), ZoneInfo(t["time_zone"]))
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(t["time_zone"]))

    def day_seconds(self, day: date) -> tuple[float, float]:
        """(active, focus) of a day, by the roll-up of its own rows."""
        start, end = self.at(day), min(self.at(day + timedelta(1)), self.now)
        return self.seconds(start, end), self.seconds(start, end, lambda r: self.focus(r["category"]))

    def score_of_day(self, day: date) -> tuple[float | None, int]:
        rows = self.rows("SELECT day, hour, score, active_ms FROM focus_hour")
        first, last = (day.isoformat(), DAY_START_H), ((day + timedelta(1)).isoformat(), DAY_START_H)
        found = [r for r in rows if first <= (r["day"], r["hour"]) < last and r["score"] is not None]
        weight = sum(r["active_ms"] for r in found)
        return (sum(r["score"] * r["active_ms"] for r in found) / weight if weight else None), len(found)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _host(url: str) -> str:
    rest = url.split("://", 1)[-1]
    return rest.split("/", 1)[0].split(":", 1)[0].removeprefix("www.").lower()


Truth = Callable[[World, Mapping[str, str]], Expected]


def time_in(column: str, slot: str) -> Truth:
    def truth(w: World, s: Mapping[str, str]) -> Expected:
        wanted = s[slot]

        def test(r: dict[str, Any]) -> bool:
            value = str(r[column] or "")
            below = value.startswith(f"{wanted} > ") or value.endswith(f"> {wanted}")
            return value == wanted or (column == "category" and below)

        return Expected((w.seconds(*w.span(s["period"]), test),), slack=1.0)

    return truth


def time_total(w: World, s: Mapping[str, str]) -> Expected:
    return Expected((w.seconds(*w.span(s["period"])),), slack=1.0)


def start_end(w: World, s: Mapping[str, str]) -> Expected:
    found = w.stretches(*w.span(s["day"]))
    if not found:
        return Expected(texts=("Nothing was tracked",))
    clocks = [datetime.fromtimestamp(ms / 1000, w.tz).strftime("%H:%M") for ms in (found[0]["a"], found[-1]["b"])]
    return Expected(texts=tuple(clocks))


def top(column: str) -> Truth:
    def truth(w: World, s: Mapping[str, str]) -> Expected:
        if column == "site":
            found: Counter[str] = Counter()
            for r in w.stretches(*w.span(s["period"])):
                if r["url"]:
                    found[_host(r["url"])] += (r["b"] - r["a"]) / 1000
        else:
            found = w.by(s["period"], column)
        found.pop("", None)
        if not found:
            return Expected(one_of=("no sites were recorded", "nothing was tracked"))
        name, seconds = found.most_common(1)[0]
        return Expected((seconds,), (name.lower(),), slack=1.0)

    return truth


def distractions(w: World, s: Mapping[str, str]) -> Expected:
    lost = w.seconds(*w.span(s["period"]), lambda r: bool(r["category"]) and w.level(r["category"]) <= LEVELS_LOW)
    return Expected((lost,), slack=1.0)


def focus_score(w: World, s: Mapping[str, str]) -> Expected:
    value, n = w.score_of_day(w.days(s["day"])[0])
    return Expected(() if value is None else (value, n), slack=0.006)


def best_hours(w: World, s: Mapping[str, str]) -> Expected:
    since = (w.today - timedelta(weeks=12)).isoformat()
    cells: dict[tuple[int, int], list[float]] = defaultdict(list)
    for r in w.rows("SELECT day, hour, score FROM focus_hour WHERE day >= ? AND score IS NOT NULL", since):
        cells[date.fromisoformat(r["day"]).weekday(), r["hour"]].append(r["score"])
    by_hour = {h: [x for (_, hour), v in cells.items() if hour == h for x in v] for h in range(24)}
    known = {h: statistics.fmean(v) for h, v in by_hour.items() if len(v) >= 3}
    best = min(known, key=lambda h: (-round(known[h], 6), h))
    return Expected(texts=(f"{best:02d}:00",))


def switches(w: World, s: Mapping[str, str]) -> Expected:
    """Any count of changes between windows; the engine joins what belongs together, so only the form is checked, and that the
    length of a stay times the stays is the active time."""
    return Expected(texts=("switch",), values=())


def compare(w: World, s: Mapping[str, str]) -> Expected:
    this, last = w.days("this week"), w.days("last week")
    here = w.seconds(w.at(this[0]), w.now)
    there = w.seconds(w.at(last[0]), w.at(last[0]) + (w.now - w.at(this[0])))
    return Expected((here, there), slack=1.0)


def day_summary(w: World, s: Mapping[str, str]) -> Expected:
    day = w.days(s["day"])[0]
    active, focus = w.day_seconds(day)
    if not active:
        return Expected(one_of=("Nothing was tracked", "0 min active"))
    return Expected((active, focus, len(w.done(w.at(day), min(w.at(day + timedelta(1)), w.now)))), slack=1.0)


def _scored(w: World) -> dict[date, float]:
    first, last = w.days("in the last 28 days")
    found = {}
    for n in range((last - first).days):
        value, hours = w.score_of_day(first + timedelta(n))
        if value is not None and hours >= 2:
            found[first + timedelta(n)] = value
    return found


def productive_day(w: World, s: Mapping[str, str]) -> Expected:
    found = _scored(w)
    worst = min(found, key=lambda d: (found[d], d))
    return Expected((found[worst],), (f"{worst.day} {worst:%b}",), slack=0.006)


def busiest_day(w: World, s: Mapping[str, str]) -> Expected:
    first, _ = w.days("last week")
    found = {first + timedelta(n): w.day_seconds(first + timedelta(n))[0] for n in range(7)}
    best = max(found, key=lambda d: (found[d], -d.toordinal()))
    return Expected((found[best],), (f"{best.day} {best:%b}",), slack=2.0)


def trend(w: World, s: Mapping[str, str]) -> Expected:
    monday = w.days("this week")[0]
    weeks = []
    for n in range(8, 0, -1):
        days = [w.day_seconds(monday - timedelta(days=7 * n) + timedelta(d)) for d in range(7)]
        if any(a for a, _ in days):
            weeks.append(sum(f for _, f in days))
    half = len(weeks) // 2
    return Expected((statistics.fmean(weeks[:half]), statistics.fmean(weeks[-half:])), slack=2.0)


def daily_average(w: World, s: Mapping[str, str]) -> Expected:
    first, last = w.days("in the last 28 days")
    found = [a for n in range((last - first).days) if (a := w.day_seconds(first + timedelta(n))[0]) > 0]
    return Expected((statistics.fmean(found), len(found)), slack=2.0)


def meetings_share(w: World, s: Mapping[str, str]) -> Expected:
    span = w.span(s["period"])
    calls = w.seconds(*span, lambda r: any(x in (r["category"] or "").lower() for x in ("calls", "meeting")))
    return Expected((calls, w.seconds(*span)), slack=1.0)


def some(*texts: str) -> Truth:
    """Where the answer is an estimate of a model, its form alone is checked; its numbers still have to be facts."""
    return lambda w, s: Expected(one_of=texts)


def streak(w: World, s: Mapping[str, str]) -> Expected:
    days = {_at(t["completed"]).astimezone(w.tz).date() for t in w.tasks() if t["status"] == "completed" and t["completed"]}
    here = w.today if w.today in days else w.today - timedelta(1)
    n = 0
    while here in days:
        n, here = n + 1, here - timedelta(1)
    return Expected((n,))


def tasks_due(w: World, s: Mapping[str, str]) -> Expected:
    first, last = w.days(s["ahead"])
    found = [t for t in w.open() if t["due"] and first <= _due_day(w, t) <= last and w.due_end(t) > w.now]
    every = [t for t in w.open() if t["due"] and first <= _due_day(w, t) <= last]
    return Expected(one_of=(_count(len(found), "task"), _count(len(every), "task")))


def _due_day(w: World, t: Mapping[str, Any]) -> date:
    return date.fromisoformat(t["due"]) if len(t["due"]) == 10 else w.due_end(t).astimezone(w.tz).date()


def _count(n: int, noun: str, plural: str = "") -> str:
    return f"{n or 'no'} {noun if n == 1 else plural or noun + 's'}"


def tasks_overdue(w: World, s: Mapping[str, str]) -> Expected:
    late = [t for t in w.open() if t["due"] and w.due_end(t) <= w.now]
    return Expected((len(late),))


def any_open_title(w: World, s: Mapping[str, str]) -> Expected:
    return Expected(one_of=tuple(" ".join(t["title"].split())[:40] for t in w.open()))


def tasks_done(w: World, s: Mapping[str, str]) -> Expected:
    return Expected((len(w.done(*w.span(s["period"]))),))


def tasks_open(w: World, s: Mapping[str, str]) -> Expected:
    found = w.open()
    if s.get("wording") == "follow":
        found = [t for t in found if (t["project"] or "").lower() == s["task_project"].lower()]
    return Expected((len(found),))


def task_detail(w: World, s: Mapping[str, str]) -> Expected:
    return Expected(texts=(s["task"],))


def avoidance(w: World, s: Mapping[str, str]) -> Expected:
    return any_open_title(w, s)


def _ratios(w: World) -> list[tuple[dict[str, Any], float]]:
    done = w.done(w.now - timedelta(days=180), w.now + timedelta(seconds=1))
    return [(t, t["actual_min"] / t["estimate_min"]) for t in done if t["actual_min"] and t["estimate_min"]]


def estimate_accuracy(w: World, s: Mapping[str, str]) -> Expected:
    found = [r for _, r in _ratios(w)]
    return Expected((statistics.median(found), len(found)), slack=0.002)


def longest_task(w: World, s: Mapping[str, str]) -> Expected:
    found = [t for t in w.tasks() if t["status"] == "completed" and t["actual_min"]]
    best = max(found, key=lambda t: (t["actual_min"], -t["num"]))
    return Expected((best["actual_min"],), (best["title"],))


def tasks_by_tag(w: World, s: Mapping[str, str]) -> Expected:
    return Expected((sum(s["tag"] in t["tags"] for t in w.open()),))


def tasks_by_priority(w: World, s: Mapping[str, str]) -> Expected:
    return Expected((sum(t["priority"] == 1 for t in w.open()),))


def most_snoozed(w: World, s: Mapping[str, str]) -> Expected:
    best = max(w.open(), key=lambda t: (t["snooze_count"], -t["num"]))
    return Expected((best["snooze_count"],), (best["title"],))


def oldest(w: World, s: Mapping[str, str]) -> Expected:
    best = min((t for t in w.open() if not t["recurrence"]), key=lambda t: (t["created"], t["num"]))
    return Expected(((w.now - _at(best["created"])).days,), (best["title"],))


def quick(w: World, s: Mapping[str, str]) -> Expected:
    found = [t for t in w.open() if t["estimate_min"] and t["estimate_min"] <= int(s["minutes"])]
    return Expected((len(found),)) if found else Expected(texts=("No open task",))


def in_progress(w: World, s: Mapping[str, str]) -> Expected:
    found = [t for t in w.open() if t["started"] or t["actual_min"]]
    return Expected((len(found),))


def recently_added(w: World, s: Mapping[str, str]) -> Expected:
    start, end = w.span(s["period"])
    found = [t for t in w.tasks() if t["status"] != "deleted" and not t["series_id"] and start <= _at(t["created"]) < end]
    return Expected((len(found),))


def done_by_category(w: World, s: Mapping[str, str]) -> Expected:
    counts = Counter(t["project"] or "no project" for t in w.done(*w.span("last month")))
    name, n = counts.most_common(1)[0]
    return Expected((n, sum(counts.values())), (name,))


def on_time(w: World, s: Mapping[str, str]) -> Expected:
    done = [t for t in w.done(w.now - timedelta(days=180), w.now + timedelta(seconds=1)) if t["due"]]
    good = sum(_at(t["completed"]) <= w.due_end(t) for t in done)
    return Expected((good / len(done), len(done)), slack=0.0006)


def completion_time(w: World, s: Mapping[str, str]) -> Expected:
    done = [t for t in w.done(w.now - timedelta(days=180), w.now + timedelta(seconds=1)) if not t["series_id"]]
    days = [(_at(t["completed"]) - _at(t["created"])).total_seconds() / 86_400 for t in done]
    return Expected((statistics.median(days), len(days)), slack=0.006)


def estimate_bias(w: World, s: Mapping[str, str]) -> Expected:
    groups: dict[str, list[float]] = defaultdict(list)
    for t, ratio in _ratios(w):
        for kind in {*([t["project"]] if t["project"] else []), *t["tags"]}:
            groups[kind].append(ratio)
    known = {k: statistics.median(v) for k, v in groups.items() if len(v) >= 3}
    return Expected((max(known.values()),), slack=0.002)


def habits(w: World, s: Mapping[str, str]) -> Expected:
    return Expected(texts=tuple(t["title"] for t in w.open() if t["recurrence"])[:1])


def project_progress(w: World, s: Mapping[str, str]) -> Expected:
    mine = [t for t in w.tasks() if (t["project"] or "") == s["task_project"] and not t["recurrence"]]
    return Expected((sum(t["status"] == "completed" for t in mine), sum(t["status"] == "pending" for t in mine)))


def task_time(w: World, s: Mapping[str, str]) -> Expected:
    task = next(t for t in w.tasks() if t["title"] == s["done_task"])
    return Expected((task["actual_min"],), (task["title"],))


def goals(w: World, s: Mapping[str, str]) -> Expected:
    start, end = w.span("today")
    used = w.seconds(start, end, lambda r: (r["category"] or "").startswith("News"))
    return Expected((round(used / 60, 1),), slack=0.11)


def _events(w: World, name: str) -> list[dict[str, Any]]:
    first, last = w.days(name)
    low, high = (int(w.at(d).timestamp() * 1000) for d in (first, last + timedelta(1)))
    return w.rows("SELECT e.* FROM calendar_event e JOIN calendar c ON c.id = e.calendar WHERE c.enabled = 1 AND e.start_ms < ?"
                  " AND e.end_ms > ? ORDER BY e.start_ms", high, low)


def meetings(w: World, s: Mapping[str, str]) -> Expected:
    return Expected((len(_events(w, s["ahead"])),))


def _free(w: World, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Working time (Monday to Friday, 9 to 17) without busy events and accepted blocks, minute by minute."""
    low, high = int(start.timestamp()) // 60, int(end.timestamp()) // 60
    taken = set()
    for e in w.rows("SELECT start_ms, end_ms FROM calendar_event WHERE busy = 1 AND start_ms < ? AND end_ms > ?",
                    high * 60_000, low * 60_000):
        taken.update(range(max(low, e["start_ms"] // 60_000), min(high, -(-e["end_ms"] // 60_000))))
    for b in w.rows("SELECT b.start, b.end FROM block b JOIN task t ON t.id = b.task_id"
                    " WHERE b.status = 'accepted' AND t.status NOT IN ('deleted', 'completed')"):
        taken.update(range(max(low, int(_at(b["start"]).timestamp()) // 60), min(high, int(_at(b["end"]).timestamp()) // 60)))
    found: list[tuple[datetime, datetime]] = []
    begun: int | None = None
    for minute in range(max(low, -(-int(w.now.timestamp()) // 60)), high + 1):
        local = datetime.fromtimestamp(minute * 60, w.tz)
        free = minute < high and minute not in taken and local.weekday() < 5 and 9 <= local.hour < 17
        if free and begun is None:
            begun = minute
        elif not free and begun is not None:
            found.append((datetime.fromtimestamp(begun * 60, w.tz), local))
            begun = None
    return found


def free_time(w: World, s: Mapping[str, str]) -> Expected:
    first, last = w.days(s["ahead"])
    spans = [x for x in _free(w, w.at(first), w.at(last + timedelta(1))) if x[1] - x[0] >= timedelta(minutes=15)]
    total = sum((b - a).total_seconds() for a, b in spans)
    return Expected((total,), slack=60.0) if spans else Expected(texts=("No working time",))


def next_free_slot(w: World, s: Mapping[str, str]) -> Expected:
    wanted = timedelta(minutes=int(s["minutes"]))
    spans = [x for x in _free(w, w.now, w.now + timedelta(days=14)) if x[1] - x[0] >= wanted]
    if not spans:
        return Expected(texts=("No working time",))
    return Expected(texts=(f"{spans[0][0]:%H:%M}",))


def workload(w: World, s: Mapping[str, str]) -> Expected:
    _, last = w.days("next week")
    end = w.at(last + timedelta(1))
    due = [t for t in w.open() if t["due"] and not t["recurrence"] and w.due_end(t) <= end]
    return Expected((len(due), sum(t["estimate_min"] or 30 for t in due)))


def nudges_history(w: World, s: Mapping[str, str]) -> Expected:
    return Expected((len(_nudges(w, s["period"])),))


def _nudges(w: World, name: str) -> list[dict[str, Any]]:
    start, end = w.span(name)
    rows = w.rows("SELECT * FROM nudge WHERE status NOT IN ('queued', 'failed', 'claimed')")
    return [n for n in rows if start <= _at(n["at"]) < end]


def nudge_effect(w: World, s: Mapping[str, str]) -> Expected:
    found = _nudges(w, "this week" if s.get("wording") == "follow_period" else "in the last 30 days")
    return Expected((len(found), sum(n["status"] in ("opened", "started", "done", "snoozed") for n in found)))


def avoidance_trend(w: World, s: Mapping[str, str]) -> Expected:
    first, last = w.days("last week")
    rows = w.rows("SELECT a.at, c.fields FROM action a JOIN change c ON c.action = a.id WHERE a.undone = 0 AND a.undoes IS NULL"
                  " AND c.record = 'task'")
    n = 0
    for r in rows:
        fields = json.loads(r["fields"])
        old, new = (fields.get("snooze_count") or [None, None])[:2]
        if new is not None and old is not None and new > old and w.at(first) <= _at(r["at"]) < w.at(last + timedelta(1)):
            n += 1
    return Expected((n,))


def undo_what(w: World, s: Mapping[str, str]) -> Expected:
    (row,) = w.rows("SELECT label FROM action WHERE actor IN ('user', 'import') AND undoes IS NULL AND redoes IS NULL"
                    " AND undone = 0 ORDER BY hlc DESC LIMIT 1")
    return Expected(texts=(row["label"],))


def weekly_review(w: World, s: Mapping[str, str]) -> Expected:
    monday = w.days("this week")[0]
    done = len(w.done(w.at(monday), w.now))
    return Expected(one_of=(f"{_count(done, 'task').capitalize()} done",))


TRUTHS: Mapping[str, Truth] = {
    "time_in_app": time_in("app", "app"), "time_in_category": time_in("category", "category"),
    "time_in_project": time_in("project", "project"), "time_total": time_total, "start_end": start_end, "top_apps": top("app"),
    "top_sites": top("site"), "distractions": distractions, "focus_score": focus_score, "best_hours": best_hours,
    "switches": switches, "compare_periods": compare, "day_summary": day_summary, "productive_day": productive_day,
    "busiest_day": busiest_day, "trend": trend, "daily_average": daily_average, "meetings_share": meetings_share,
    "interruptions": some("interruption"), "resumption_lag": some("in the median", "too few interruptions"),
    "focus_sessions": some("focus session"), "streak": streak, "tasks_due": tasks_due, "tasks_overdue": tasks_overdue,
    "next_task": any_open_title, "tasks_done": tasks_done, "tasks_open": tasks_open, "task_detail": task_detail,
    "avoidance": avoidance, "estimate_accuracy": estimate_accuracy, "longest_task": longest_task, "tasks_by_tag": tasks_by_tag,
    "tasks_by_priority": tasks_by_priority, "most_snoozed": most_snoozed, "oldest_tasks": oldest, "quick_tasks": quick,
    "in_progress": in_progress, "recently_added": recently_added, "done_by_category": done_by_category, "on_time_share": on_time,
    "completion_time": completion_time, "estimate_bias": estimate_bias, "habits": habits, "project_progress": project_progress,
    "task_time": task_time, "goals": goals, "meetings": meetings, "free_time": free_time, "next_free_slot": next_free_slot,
    "workload": workload, "task_chance": lambda w, s: Expected(texts=(s["task"], "%")), "why_task": any_open_title,
    "what_if": some("focus would change by"), "focus_forecast": some("likely between"), "best_time": lambda w, s: Expected(
        texts=(s["task"],)), "focus_factors": some("stand out", "stands out", "I need"),
    "unusual_days": some("unusual", "far from the usual", "I need"), "nudges_history": nudges_history,
    "nudge_effect": nudge_effect, "avoidance_trend": avoidance_trend, "model_serving": some("the model", "the baseline"),
    "how_to": some("`z`"), "undo_what": undo_what, "weekly_review": weekly_review, "tracker_status": some("tracking is", "track"),
}


def right(expected: Expected, answer: str, values: Sequence[object]) -> str:
    """Why an answer is not the expected one; empty when it is."""
    numbers = [float(v) for v in values if isinstance(v, int | float)]
    low = answer.casefold()
    for wanted in expected.values:
        if not any(abs(v - wanted) <= expected.slack + 1e-9 for v in numbers):
            return f"no fact has {wanted}"
    for text in expected.texts:
        if text.casefold() not in low:
            return f"no “{text}”"
    if expected.one_of and not any(t.casefold() in low for t in expected.one_of):
        return f"none of {expected.one_of[:3]}"
    return ""

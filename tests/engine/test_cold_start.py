from __future__ import annotations

from datetime import timedelta

import pytest

from coach.core import cold_start
from coach.engine import categorising, estimating, forecast, planning, preferences, productivity, profile, tasks
from coach.engine.learning import kinds, own
from coach.engine.models import Models


def test_the_prior_peaks_where_the_answer_says():
    assert cold_start.focus_prior("") is None
    for name, hours in (("morning", {8, 9}), ("evening", {11, 12})):
        prior = cold_start.focus_prior(name)
        assert max(range(24), key=prior[:24].__getitem__) in hours
        assert all(0 <= value <= 1 for value in prior)
        assert prior[:24] != prior[120:144]  # later on a weekend


def test_own_hours_take_over():
    prior = cold_start.focus_prior("morning")
    assert cold_start.blended(prior, []) == prior
    once, often = (cold_start.blended(prior, [(9, 0.9)] * n)[9] for n in (1, 200))
    assert prior[9] < once < often
    assert often == pytest.approx(0.9, abs=0.02)


def test_the_role_fades_with_answers():
    names = ("Admin", "Development")
    first, later = (cold_start.category_prior("developer", names, n)[1] for n in (0, 90))
    assert first == pytest.approx(10 * later)
    assert cold_start.category_prior("", names, 0) == [0.0, 0.0]


def test_a_plan_without_data_stands_on_the_answers_and_says_so(db, config, now, tz):
    today = now.astimezone(tz).date()
    tasks.add(db, "Write the report ~1h p1", config, now, tz)
    assert profile.focus_ahead(db, now, tz) is None
    preferences.put(db, {"chronotype": "morning"}, now)
    assert profile.focus_ahead(db, now, tz) == cold_start.focus_prior("morning")
    found = planning.propose(db, config, now, tz, 3, quick=True)
    said = [r.text for b in found.plan.blocks for r in b.reasons if r.kind == "focus"]
    assert said
    assert all(text.endswith("(from your answers, no data yet)") for text in said)
    lines = productivity.learned(db, config, now, tz).lines()
    assert lines[0].endswith("from your answers, no data yet")
    assert profile.focus_source(db, today + timedelta(days=1)) == "your answers, no data yet"


def test_a_role_moves_categories_and_lengths_a_little(db, config, now, tz):
    models = Models(config)
    text = [("sort out the thing for next sprint", "")]
    before = categorising.answers(categorising.ready(db, models, now), text)[0]
    alone = estimating.of(db, [tasks.parse("zzqx vvrk", config, now, tz)], config, now)[0].median_min
    preferences.put(db, {"role": "developer"}, now)
    after = categorising.answers(categorising.ready(db, models, now), text)[0]
    share = [dict(a.alternatives).get("Development", 0.0) for a in (before, after)]
    assert share[1] >= share[0]
    assert before.alternatives != after.alternatives
    longer = estimating.of(db, [tasks.parse("zzqx vvrk", config, now, tz)], config, now)[0].median_min
    assert longer > alone
    models.close()




def test_the_forecast_of_the_first_days_stands_on_the_answer_and_says_so(db, config, now, tz):
    plain = forecast.forecast(db, config, now, tz)
    preferences.put(db, {"chronotype": "evening"}, now)
    later = forecast.forecast(db, config, now, tz)
    assert "2 h later, from your answers" in later.why
    assert "from your answers" not in plain.why
    value = {view: {h.start: h.mean for h in found.hours} for view, found in (("plain", plain), ("later", later))}
    moved = [(value["later"][start + timedelta(hours=2)], mean) for start, mean in value["plain"].items()
             if start + timedelta(hours=2) in value["later"] and 9 <= start.hour <= 15]
    assert moved
    assert all(after == pytest.approx(before, abs=0.02) for after, before in moved)


def test_each_model_says_how_much_of_it_is_own(db, config, now, tz):
    before = {name: own.own(db, name, 0, 0, now.date()) for name in kinds.KINDS}
    assert all(one.words() == "nothing of yours yet; the net is the one that ships" for one in before.values())
    for n in range(3):
        task = tasks.add(db, f"Water plants {n} ~30m", config, now, tz)
        tasks.update(db, task, now, status="completed", completed=now, actual_min=40)
    categorising.choose(db, [task], "Personal", now)
    found = {name: own.own(db, name, 2, 0, now.date()) for name in ("duration", "categoriser")}
    assert found["duration"].words() == "3 measured tasks, 50% of a task like none before; the net is fine-tuned on your days"
    assert (found["categoriser"].n, round(found["categoriser"].weight, 2)) == (1, 0.92)

"""The graph of a real store: who says what is productive, what moves do, and what happens with too little of everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from coach.config import Config
from coach.engine import categories, graphs
from coach.engine.graph_view import GraphView
from coach.engine.graphs import Served
from coach.engine.learning import graph as learning
from coach.engine.models import Models
from coach.store.db import Connection
from tests.engine.filled import BERLIN, NOW, TODAY, at, derive, fortnight, lived


def seen(db: Connection, served: Served | None = None) -> GraphView:
    return graphs.view(db, Config(), NOW, BERLIN, Models(Config()), served)


def worked(db: Connection) -> None:
    """A fortnight with an app and a site that no rule names, and a rule of the person's own for another."""
    fortnight(db)
    for back in range(13, 0, -1):
        day = TODAY - timedelta(days=back)
        for hour in (16, 17):
            lived(db, at(day, hour), 25, "Zimbloo", "Model of a bridge")
            lived(db, at(day, hour, 25), 15, "firefox", "For you", "https://quokkle.zone/1")
            lived(db, at(day, hour, 40), 20, "mytool", "draft")
    derive(db, at(TODAY - timedelta(days=13), 0), NOW)
    categories.add_rule(db, "app", "mytool", "exact", "Work > Writing", Config(), NOW)


def test_who_says_what(db: Connection) -> None:
    worked(db)
    view = seen(db)
    by_name = {n.name: n for n in view.nodes}
    assert (by_name["nvim"].source, by_name["nvim"].productive) == ("catalogue", 1.0)
    assert (by_name["mytool"].source, by_name["mytool"].productive) == ("your rule", 1.0)
    assert by_name["coach"].kind == "project"
    assert by_name["coach"].productive == pytest.approx(1.0)
    guessed = {n.name: n for n in view.nodes if n.source in ("model", "baseline")}
    assert set(guessed) == {"Zimbloo", "quokkle.zone"}
    assert all(0 < n.productive < 1 for n in guessed.values())
    assert view.serves in ("model", "baseline")
    assert (view.reason == "") == (view.serves == "model")
    assert sum(n.share for n in view.nodes if n.kind != "project") == pytest.approx(1.0)
    assert all(len(line) <= 80 for line in view.lines() if "→" in line or "by " in line[60:])
    assert all(view.nodes[e.start].name != view.nodes[e.end].name for e in view.edges)
    to_slack = next(e for e in view.edges if (view.nodes[e.start].name, view.nodes[e.end].name) == ("nvim", "slack"))
    assert to_slack.n >= 20
    assert to_slack.low < to_slack.impact < to_slack.high
    assert len(view.document()["edges"]) == len(view.edges)


def test_without_a_net_the_catalogue_serves_and_says_why(db: Connection, tmp_path: Path) -> None:
    worked(db)
    view = seen(db, graphs.shipped_net(Models(Config(), folder=tmp_path)))
    assert view.serves == "catalogue"
    assert "not installed" in view.reason
    assert view.reason in view.lines()
    (tmp_path / "graph").mkdir()
    (tmp_path / "graph" / "model.onnx").write_bytes(b"\x08\x07truncated")
    assert "cannot be read" in seen(db, graphs.shipped_net(Models(Config(), folder=tmp_path))).reason


def test_a_foreign_net_is_refused_and_the_catalogue_serves(db: Connection) -> None:
    worked(db)
    shipped = graphs.shipped_net(Models(Config()))
    assert shipped.net is not None
    other = replace(shipped.net, inputs=("x",))
    assert seen(db, Served(other, shipped.card)).serves == "catalogue"


def test_no_history_one_app_and_one_day(db: Connection) -> None:
    nothing = seen(db)
    assert (nothing.nodes, nothing.edges, nothing.days) == ((), (), 0)
    assert nothing.lines() == (nothing.reason,)
    lived(db, at(TODAY, 9), 60, "Zimbloo", "x")
    derive(db, at(TODAY, 0), NOW)
    one = seen(db)
    assert [n.name for n in one.nodes] == ["Zimbloo"]
    assert one.serves == "catalogue"
    assert "1 place" in one.reason
    lived(db, at(TODAY, 10), 30, "nvim", "x")
    lived(db, at(TODAY, 11), 30, "slack", "x")
    derive(db, at(TODAY, 0), NOW)
    assert "1 day " in seen(db).reason


def test_learning_replays_days_by_what_came_before_them(db: Connection) -> None:
    worked(db)
    data = learning.dataset(db, Config(), BERLIN, NOW)
    assert data.days[0] > TODAY - timedelta(days=13)
    assert data.digest == learning.dataset(db, Config(), BERLIN, NOW).digest
    without = learning.replay(data, None, data.days)
    assert without
    assert all(0 <= loss <= 1 for loss in without.values())
    columns = learning.inputs(data)
    assert {len(c) for c in columns.values()} == {len(data.days)}
    assert all(np.isfinite(c).all() for c in columns.values())


def test_what_was_said_of_a_place_is_judged_when_a_rule_names_it(db: Connection) -> None:
    worked(db)
    said = learning.forecast(db, Config(), BERLIN, NOW, None)
    keys = [f.key for f in said]
    assert set(keys) == {"app/zimbloo", "site/quokkle.zone"}
    assert learning.outcomes(db, Config(), BERLIN, NOW, keys) == {}
    categories.add_rule(db, "app", "Zimbloo", "exact", "Work > Design", Config(), NOW)
    found = learning.outcomes(db, Config(), BERLIN, NOW, [*keys, "app/gone"])
    assert found["app/zimbloo"] == 1.0
    assert np.isnan(found["app/gone"])
    assert "site/quokkle.zone" not in found


def test_learning_from_nothing_says_nothing(db: Connection) -> None:
    data = learning.dataset(db, Config(), BERLIN, NOW)
    assert data.days == ()
    assert learning.replay(data, None, [TODAY]) == {}
    assert learning.forecast(db, Config(), BERLIN, NOW, None) == []

"""The workflow graph: nodes and walks of known lines, the impact of moves with a known effect, the net and its ONNX twin."""

from __future__ import annotations

import numpy as np
import pytest

from coach.core.errors import InvalidInput, ModelBroken, ModelForeign
from coach.ml import workflow
from coach.ml.baselines import graph as baselines
from coach.ml.features import graph as features
from coach.ml.features.edges import AHEAD_S, impacts, productivity
from coach.ml.features.graph import FEATURES, Context, Line, Stretch, build, inputs, line_of, place_of

MORNING = 20_000 * 86_400 + 9 * 3600.0


def stretch(start_s: float, end_s: float, app: str, host: str = "", project: str = "", level: float | None = None) -> Stretch:
    return Stretch(start_s, end_s, app, f"{app} title", host, project, "" if level is None else "Named", level or 0.0)


def days(line_of_day: list[Stretch], n: int) -> Line:
    """The same day n times over."""
    return line_of(
        s._replace(start_s=s.start_s + d * 86_400, end_s=s.end_s + d * 86_400) for d in range(n) for s in line_of_day)


def work(at_s: float = MORNING) -> list[Stretch]:
    """An hour: ten minutes each of code, an unknown tool, code, an unknown feed, news, code."""
    apps = [("code", "", 1.0), ("tool", "", None), ("code", "", 1.0), ("firefox", "feed.zone", None),
            ("firefox", "news.org", 0.0), ("code", "", 1.0)]
    return [stretch(at_s + i * 600, at_s + i * 600 + 600, app, host, "coach" if app == "code" else "", level)
            for i, (app, host, level) in enumerate(apps)]


def test_places_are_sites_then_apps_and_a_browser_tells_sites_by_titles() -> None:
    def place(app: str, title: str = "", host: str = "") -> tuple[str, str]:
        return place_of(Context(app, title, host, "", "", 0.5))

    assert place("firefox", "x", "www.Feed.zone:8080") == ("site", "feed.zone")
    assert place("code", "main.py") == ("app", "code")
    assert place("firefox", "A cabin - YouTube — Mozilla Firefox") == ("site", "youtube")
    assert place("firefox", "Blank — Mozilla Firefox") == ("app", "firefox")


def test_a_graph_counts_what_follows_what_and_how_long() -> None:
    graph = build(days(work(), 10), MORNING + 10 * 86_400)
    name = {n: i for i, n in enumerate(graph.names)}
    assert set(name) == {"code", "tool", "feed.zone", "news.org", "coach"}
    assert graph.kinds[name["coach"]] == "project"
    decayed = sum(2 ** (-(10 - d) / 30) for d in range(10))
    assert graph.moves[name["code"], name["tool"]] == pytest.approx(decayed, rel=0.01)
    assert graph.moves[name["feed.zone"], name["news.org"]] == pytest.approx(decayed, rel=0.01)
    assert graph.moves[name["news.org"], name["tool"]] == 0
    # Of the 15 minutes after the tool, ten are code and five the feed.
    after = graph.after[name["tool"]]
    assert after[name["code"]] == pytest.approx(2 * after[name["feed.zone"]])
    assert after[name["tool"]] == 0
    assert graph.shared[name["code"], name["coach"]] == graph.shared[name["coach"], name["code"]] > 0
    assert np.isnan(graph.levels[name["tool"]])
    assert graph.levels[name["code"]] == 1.0
    assert graph.texts[name["tool"]] == "tool: tool title"


def test_a_level_is_in_no_feature_of_its_own_place_but_the_two_that_say_so() -> None:
    graph = build(days(work(), 5), MORNING + 5 * 86_400)
    text = np.ones((len(graph.names), 384), dtype=np.float32)
    hidden = graph.levels.copy()
    code = graph.names.index("code")
    hidden[code] = np.nan
    shown, asked = inputs(graph, text)["features"][0, code], inputs(graph, text, hidden)["features"][0, code]
    changed = {name for name, a, b in zip(FEATURES, shown, asked, strict=True) if a != b}
    assert changed == {"own_level", "known", "has_text"}


def test_walks_are_distributions_and_nothing_is_not_finite() -> None:
    graph = build(days(work(), 5), MORNING + 5 * 86_400)
    text = np.full((len(graph.names), 384), np.nan, dtype=np.float32)
    arrays = inputs(graph, text)
    for name in ("moves", "near"):
        assert np.allclose(arrays[name].sum(axis=-1), 1)
        assert (arrays[name] >= 0).all()
    assert all(np.isfinite(a).all() for a in arrays.values())
    assert arrays["features"].shape == (1, 5, len(FEATURES))


@pytest.mark.parametrize("rows", [[], [stretch(0, 0, "code")], [stretch(float("nan"), 5.0, "code")], [stretch(0, 60, "code")]])
def test_little_or_nothing_makes_a_small_graph(rows: list[Stretch]) -> None:
    graph = build(line_of(rows), 100.0)
    assert len(graph.names) == (1 if rows and rows[0].end_s == 60 else 0)
    arrays = inputs(graph, np.zeros((len(graph.names), 384)))
    assert np.isfinite(arrays["features"]).all()
    assert len(impacts(graph.visits, graph.levels).n) == 0


def test_a_thousand_nodes_are_kept_and_the_rest_is_other() -> None:
    rows = [stretch(i * 100.0, i * 100.0 + 50 + i / 100, f"app{i}") for i in range(1500)]
    graph = build(line_of(rows), 150_000.0)
    assert len(graph.names) == features.MOST_NODES
    assert graph.names[-1] == "other"
    decayed = sum((r.end_s - r.start_s) * 2 ** (-(150_000 - r.end_s) / 86_400 / 30) for r in rows)
    assert graph.use_s.sum() == pytest.approx(decayed)


def test_productivity_is_the_mean_level_of_active_time() -> None:
    line = line_of([stretch(0, 600, "code", level=1.0), stretch(600, 1200, "news", level=0.0),
                    stretch(5000, 5100, "code", level=1.0)])
    graph = build(line, 6000.0)
    found = productivity(graph.visits, graph.levels, np.array([0.0, 300.0, 5000.0]), np.array([1200.0, 1200.0, 6000.0]))
    assert found[:2] == pytest.approx([0.5, 1 / 3])
    assert np.isnan(found[2])  # 100 s are too little


def test_impacts_find_what_a_move_does_and_shrink_what_is_rare() -> None:
    rng = np.random.default_rng(1)
    rows: list[Stretch] = []
    for day in range(60):
        at_s = MORNING + day * 86_400
        for _ in range(8):  # after the feed the next half hour is mostly lost, after the tool it is not
            lost = rng.random() < 0.5
            rows.append(stretch(at_s, at_s + 900, "code", level=1.0))
            rows.append(stretch(at_s + 900, at_s + 1000, "feed" if lost else "tool", level=0.5))
            rows.append(stretch(at_s + 1000, at_s + 1000 + AHEAD_S, "news" if lost and rng.random() < 0.9 else "mail",
                                level=0.0 if lost and rows[-1].app == "feed" else 0.75))
            at_s += 1000 + AHEAD_S
    graph = build(line_of(rows), rows[-1].end_s)
    found = impacts(graph.visits, graph.levels)
    by_edge = {(graph.names[a], graph.names[b]): i for i, (a, b) in enumerate(zip(found.start, found.end, strict=True))}
    bad, good = by_edge["code", "feed"], by_edge["code", "tool"]
    assert found.effect[bad] < -0.2 < 0.0 < found.effect[good]
    assert found.high[bad] < 0 < found.low[good]
    assert found.n[bad] + found.n[good] == 60 * 8
    assert np.all(found.low <= found.effect)
    few = build(line_of(rows[:15]), rows[14].end_s)  # five moves: the same effect is believed less
    early = impacts(few.visits, few.levels, least=1)
    assert np.abs(early.effect).max() < np.abs(found.effect).max()


def test_label_propagation_and_a_lookup() -> None:
    walk = np.array([[0.0, 1.0, 0.0], [0.5, 0.0, 0.5], [0.0, 1.0, 0.0]])
    score = baselines.spread(walk, np.array([1.0, np.nan, 1.0]))
    assert score[1] == pytest.approx(baselines.STAY)
    assert baselines.spread(walk, np.array([0.0, np.nan, 1.0]))[1] == pytest.approx(0.0)
    assert baselines.looked_up(np.array([0.0, 0.8, -1.0]), 0.6).tolist() == pytest.approx([0.6, 0.9, 0.02])


def test_the_net_learns_a_rule_that_only_neighbours_show_and_onnx_says_the_same() -> None:
    pytest.importorskip("torch")
    from coach.ml.train.graph import Example, Recipe, asked, packed, restore, train

    rng = np.random.default_rng(0)

    def person() -> Example:
        """Two unknown places that look alike; one is visited among work, the other among news."""
        rows, at_s = [], MORNING
        for _ in range(6):
            good = bool(rng.integers(2))
            for app, level in (("code" if good else "news", 1.0 if good else 0.0), ("a" if good else "b", None)) * 3:
                rows.append(stretch(at_s, at_s + 120, app, level=level))
                at_s += 120
            at_s += 7200
        graph = build(line_of(rows), at_s)
        truth = np.array([{"a": 1.0, "b": 0.0}.get(n, np.nan) for n in graph.names])
        n = len(truth)
        return Example(graph, rng.normal(size=(n, 384)).astype(np.float32), truth, np.isfinite(truth), np.zeros(n))

    people = [person() for _ in range(40)]
    trained = train(people, seed=0, recipe=Recipe(masks=1, epochs=6, batch=16))
    onnx, weights = packed(trained.net)
    net = workflow.load(onnx)
    right = []
    for one in (person() for _ in range(10)):
        example = asked(one, None)
        labels = workflow.predict(net, {k: v[None] for k, v in example.arrays.items()})
        right += ((labels.productive > 0.5) == (one.truth == 1))[one.unknown].tolist()
    assert np.mean(right) == 1.0
    again, _ = packed(restore(weights))
    assert np.allclose(workflow.predict(workflow.load(again), {k: v[None] for k, v in example.arrays.items()}).productive,
                       labels.productive, atol=1e-6)
    with pytest.raises(InvalidInput):
        workflow.predict(net, {k: v[None] * np.nan for k, v in example.arrays.items()})
    with pytest.raises(ModelForeign):
        workflow.predict(net, {**{k: v[None] for k, v in example.arrays.items()}, "features": np.zeros((1, 3, 2))})


def test_a_truncated_file_is_refused() -> None:
    with pytest.raises(ModelBroken):
        workflow.load(b"\x08\x07\x12\x04torch"[:6])


def test_what_is_near_is_what_looking_at_every_pair_of_visits_gives() -> None:
    rng = np.random.default_rng(3)
    lengths = rng.exponential(40.0, 1500) + 0.01
    pauses = np.where(rng.random(1500) < 0.3, rng.exponential(200.0, 1500), 0.0)
    start = np.cumsum(pauses) + np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
    visits = features.Visits(start, start + lengths, rng.integers(0, 30, 1500))
    decay = np.exp2(-(visits.end_s[-1] - visits.end_s) / 50_000)
    for forward in (True, False):
        seconds, switches = np.zeros((30, 30)), np.zeros(30)
        for i in range(1500):
            for j in range(max(0, i - 120), min(1500, i + 120)):
                low, high = max(start[j], visits.end_s[i]), min(visits.end_s[j], visits.end_s[i] + features.NEAR_S)
                if not forward:
                    low, high = max(start[j], start[i] - features.NEAR_S), min(visits.end_s[j], start[i])
                if (j > i) == forward and j != i and high > low:
                    switches[visits.node[i]] += 1 / (features.NEAR_S / 60)
                    if visits.node[i] != visits.node[j]:
                        seconds[visits.node[i], visits.node[j]] += (high - low) * decay[i]
        found = features._near(visits, decay, 30, forward)
        assert np.allclose(found[0], seconds, rtol=1e-9, atol=1e-7)
        assert np.allclose(found[1], switches)

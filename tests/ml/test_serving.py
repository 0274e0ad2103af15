"""Models from files and bytes, and what is not one."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from coach.core.errors import InvalidInput, ModelBroken, ModelForeign, ModelMissing
from coach.ml import serving


def scaled(factor: float, weights: int = 1) -> bytes:
    """y = factor * x for x (n, weights)."""
    graph = helper.make_graph(
        [helper.make_node("Mul", ["x", "factor"], ["y"])], "scaled",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", weights])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", weights])],
        [helper.make_tensor("factor", TensorProto.FLOAT, [weights], np.full(weights, factor, dtype=np.float32))],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    written: bytes = model.SerializeToString()
    return written


@pytest.fixture(params=["bytes", "file", "folder"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Path | bytes:
    (tmp_path / "model.onnx").write_bytes(scaled(2))
    return {"bytes": scaled(2), "file": tmp_path / "model.onnx", "folder": tmp_path}[request.param]


def test_arrays_in_arrays_out(source: Path | bytes) -> None:
    net = serving.load(source, inputs=("x",), outputs=("y",))
    assert net.shapes == {"x": (None, 1), "y": (None, 1)}
    found = serving.run(net, x=np.arange(3.0)[:, None])
    assert found["y"].tolist() == [[0], [2], [4]]
    assert found["y"].dtype == np.float32


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        serving.load(tmp_path / "nowhere.onnx")
    with pytest.raises(ModelMissing):
        serving.load(tmp_path)


@pytest.mark.parametrize("cut", [0, 1, 20, -1, -40])
def test_a_truncated_model_is_no_model(cut: int, tmp_path: Path) -> None:
    damaged = scaled(2, weights=64)[:cut] if cut else b""
    (tmp_path / "model.onnx").write_bytes(damaged)
    for source in (damaged, tmp_path / "model.onnx"):
        with pytest.raises(ModelBroken) as caught:
            serving.load(source)
        assert "baseline serves" in caught.value.hint


@pytest.mark.parametrize("words", [b"PK\x03\x04" + b"\0" * 90, b"GGUF", b"\x80\x04\x95", "日本語".encode(), b"\0" * 4096])
def test_another_programs_file_is_no_model(words: bytes) -> None:
    with pytest.raises(ModelBroken):
        serving.load(words)


def test_another_model_says_what_it_has() -> None:
    with pytest.raises(ModelForeign, match="inputs are x, not history"):
        serving.load(scaled(2), inputs=("history",))
    with pytest.raises(ModelForeign, match="outputs are y"):
        serving.load(scaled(2), outputs=("y", "p"))


def test_what_is_fed_is_checked() -> None:
    net = serving.load(scaled(2, weights=2))
    with pytest.raises(ModelForeign, match="takes x"):
        serving.run(net, z=np.zeros((1, 2)))
    with pytest.raises(ModelForeign, match="refuses"):
        serving.run(net, x=np.zeros((1, 3)))
    for value in (np.nan, np.inf):
        with pytest.raises(InvalidInput, match="not a number"):
            serving.run(net, x=np.array([[value, 0.0]]))


def test_the_shelf_stays_inside_its_budget_and_drops_what_is_unused() -> None:
    big = {name: scaled(2, weights=50_000) for name in "abc"}
    shelf = serving.Shelf(budget_mb=2.2 * serving.RESIDENT * len(big["a"]) / 2**20)
    first = shelf.get("a/1", lambda: serving.load(big["a"]))
    shelf.get("b/1", lambda: serving.load(big["b"]))
    assert shelf.get("a/1", lambda: pytest.fail("loaded twice")) is first
    shelf.get("c/1", lambda: serving.load(big["c"]))
    assert list(shelf.kept) == ["a/1", "c/1"]
    assert shelf.used_mb() <= shelf.budget_mb
    shelf.forget("a/")
    assert list(shelf.kept) == ["c/1"]


def test_a_model_larger_than_the_budget_serves_and_is_not_kept() -> None:
    shelf = serving.Shelf(budget_mb=0.01)
    net = shelf.get("a", lambda: serving.load(scaled(3, weights=50_000)))
    assert serving.run(net, x=np.ones((1, 50_000)))["y"][0, 0] == 3
    assert not shelf.kept


def test_a_model_that_fails_to_load_leaves_the_shelf_as_it_was() -> None:
    shelf = serving.Shelf(budget_mb=10)
    kept = shelf.get("a", lambda: serving.load(scaled(2)))
    with pytest.raises(ModelBroken):
        shelf.get("b", lambda: serving.load(b"x"))
    assert shelf.get("a", lambda: pytest.fail("loaded twice")) is kept


def test_threads_share_one_model() -> None:
    shelf, loads = serving.Shelf(budget_mb=10), []

    def ask() -> None:
        net = shelf.get("a", lambda: (loads.append(1), serving.load(scaled(2)))[1])
        for x in range(50):
            assert serving.run(net, x=np.full((1, 1), float(x)))["y"][0, 0] == 2 * x

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loads == [1]


def test_the_runtime_reports_to_nobody_and_keeps_no_identifier(tmp_path: Path) -> None:
    """In a process of its own: the decision is made once, when the library is loaded."""
    model = Path(__file__).parents[2] / "models" / "duration" / "model.onnx"
    code = (
        "from pathlib import Path; import sys, time\n"
        "from coach.ml import serving\n"
        f"serving.load(Path({str(model)!r})); time.sleep(1.0)\n"
        "import psutil; sys.exit(len(psutil.Process().net_connections(kind='inet')))"
    )
    homes = dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"), str(tmp_path))
    kept = {k: v for k, v in os.environ.items() if k not in ("ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED", "CI")}
    done = subprocess.run([sys.executable, "-c", code], env=kept | homes, check=False, cwd=tmp_path)
    assert done.returncode == 0
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []

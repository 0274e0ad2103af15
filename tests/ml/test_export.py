"""What torch trained is what ONNX Runtime serves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from coach.core.errors import ModelBroken
from coach.ml import card, serving
from coach.ml.train import export

torch = pytest.importorskip("torch")


@pytest.mark.slow
def test_a_module_comes_back_from_both_files(tmp_path: Path) -> None:
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2))
    onnx = export.to_onnx(module, {"x": torch.zeros(2, 3)}, ["y"], {"x": {0: "batch"}})
    weights = export.to_safetensors(module, {"hidden": 4})
    export.save(tmp_path / "toy", onnx, weights, {"name": "toy"})
    assert card.damaged(tmp_path / "toy") == []
    net = serving.load(tmp_path / "toy", inputs=("x",), outputs=("y",))
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    expected = module(torch.from_numpy(x)).detach().numpy()
    assert np.allclose(serving.run(net, x=x)["y"], expected, atol=1e-6)
    state, about = export.from_safetensors((tmp_path / "toy" / export.WEIGHTS).read_bytes())
    assert about == {"hidden": 4}
    module.load_state_dict(state)


@pytest.mark.parametrize("damaged", [b"", b"12345678", b"\xff" * 64, b"\x10\0\0\0\0\0\0\0{not json at all"])
def test_damaged_weights_are_said_to_be(damaged: bytes) -> None:
    with pytest.raises(ModelBroken):
        export.from_safetensors(damaged)

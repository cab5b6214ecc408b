"""PyTorch's own files, read by PyTorch with weights_only=True."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import GlassnetError, Model
from glassnet.layers import Dense
from tests.interop.weights.helpers import MLP, arrays, mlp, mlp_outputs

X = np.random.default_rng(1).normal(size=(5, 4)).astype("float32")


def state_dict(torch: Any, front: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
    tensors = arrays(**MLP)
    return tensors, {front + name: torch.from_numpy(array) for name, array in tensors.items()}


@pytest.mark.parametrize("wrap", [lambda s: s, lambda s: {"epoch": 3, "state_dict": s}])
def test_a_state_dict_alone_or_in_a_checkpoint(wrap: Any, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    tensors, state = state_dict(torch, "module.")
    torch.save(wrap(state), tmp_path / "model.pth")
    model = mlp()
    model.load_weights(tmp_path / "model.pth")
    np.testing.assert_allclose(model.predict(X), mlp_outputs(tensors, X), atol=1e-6)


def test_order_decides_where_shapes_do_not(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    tensors = arrays(z__weight=(4, 4), a__weight=(4, 4))
    torch.save({n: torch.from_numpy(a) for n, a in tensors.items()}, tmp_path / "model.pt")
    model = Model([Dense(4, use_bias=False), Dense(4, use_bias=False)], (4,))
    model.load_weights(tmp_path / "model.pt", "order")
    np.testing.assert_array_equal(model.params["dense"]["kernel"], tensors["z.weight"].T)
    with pytest.raises(GlassnetError, match="differ in number, order or shape"):
        Model([Dense(4)], (4,)).load_weights(tmp_path / "model.pt", "order")


def test_bfloat16_is_widened(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    state = {"dense.weight": torch.ones(2, 4, dtype=torch.bfloat16) * 1.5}
    torch.save(state, tmp_path / "model.pth")
    model = Model([Dense(2, use_bias=False)], (4,))
    model.load_weights(tmp_path / "model.pth")
    np.testing.assert_array_equal(model.get_weights()[0], np.full((4, 2), 1.5, "float32"))


class Harmful:
    def __reduce__(self) -> Any:
        return exec, ("import sys; sys.harmed = True",)


def test_nothing_but_weights_is_unpickled(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    path = tmp_path / "model.pth"
    contents: list[tuple[Any, str]] = [
        ({"a": Harmful()}, "holds more than weights, or is damaged"),
        ({"epoch": 3}, "holds no state dict"),
        (
            {"model": state_dict(torch)[1], "ema": state_dict(torch)[1]},
            "2 state dicts: 'model', 'e",
        ),
    ]
    for content, message in contents:
        torch.save(content, path)
        with pytest.raises(GlassnetError, match=message) as error:
            mlp().load_weights(path)
        assert "options" not in str(error.value)  # those that PyTorch offers, in many lines
    assert not hasattr(sys, "harmed")
    path.write_bytes(b"PK\3\4 damaged")
    with pytest.raises(GlassnetError, match="or is damaged"):
        mlp().load_weights(path)


def test_without_pytorch_one_sentence_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(GlassnetError, match=r"pip install 'glassnet\[torch\]'"):
        mlp().load_weights(tmp_path / "model.pth")

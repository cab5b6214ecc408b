"""Each kind of layer computes with PyTorch's weights what PyTorch's computes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import GlassnetError, Model, layers
from glassnet.layers import Layer
from tests.interop.weights.helpers import RNG, arrays, saved

EPSILON = {"epsilon": 1e-5}
CASES: dict[str, tuple[str, tuple[int, ...], list[Layer]]] = {  # module, shape here, our layers
    "linear": ("Linear(4, 3)", (4,), [layers.Dense(3)]),
    "conv1d": ("Conv1d(3, 5, 2)", (7, 3), [layers.Conv1D(5, 2)]),
    "conv2d": ("Conv2d(4, 6, (3, 2), stride=2, groups=2)", (8, 7, 4),
               [layers.Conv2D(6, (3, 2), strides=2, groups=2)]),
    "conv3d": ("Conv3d(2, 3, 2)", (3, 4, 5, 2), [layers.Conv3D(3, 2)]),
    "depthwise": ("Conv2d(3, 6, 3, groups=3)", (5, 6, 3),
                  [layers.DepthwiseConv2D(3, depth_multiplier=2)]),
    "separable": ("ModuleDict({'depthwise': Conv2d(3, 6, 3, groups=3, bias=False), "
                  "'pointwise': Conv2d(6, 4, 1)})", (5, 6, 3),
                  [layers.SeparableConv2D(4, 3, depth_multiplier=2)]),
    "transposed": ("ConvTranspose2d(3, 5, 3, stride=2)", (4, 5, 3),
                   [layers.Conv2DTranspose(5, 3, strides=2)]),
    "batch norm": ("BatchNorm2d(3)", (2, 2, 3), [layers.BatchNormalization(**EPSILON)]),
    "group norm": ("GroupNorm(2, 4)", (2, 2, 4), [layers.GroupNormalization(2, **EPSILON)]),
    "layer norm": ("LayerNorm(4)", (3, 4), [layers.LayerNormalization(**EPSILON)]),
    "rms norm": ("RMSNorm(4, eps=1e-6)", (3, 4), [layers.RMSNormalization()]),
    "prelu": ("PReLU(3)", (2, 2, 3), [layers.PReLU(shared_axes=(1, 2))]),
    "lstm": ("LSTM(3, 4, batch_first=True)", (5, 3), [layers.LSTM(4, return_sequences=True)]),
    "gru": ("GRU(3, 4, batch_first=True)", (5, 3), [layers.GRU(4, return_sequences=True)]),
    "rnn": ("RNN(3, 4, batch_first=True)", (5, 3), [layers.SimpleRNN(4, return_sequences=True)]),
    "two ways": ("GRU(3, 4, batch_first=True, bidirectional=True)", (5, 3),
                 [layers.Bidirectional(layers.GRU(4, return_sequences=True))]),
    "no bias": ("LSTM(3, 4, batch_first=True, bias=False)", (5, 3),
                [layers.LSTM(4, use_bias=False, return_sequences=True)]),
    "attention": ("MultiheadAttention(6, 3, batch_first=True)", (5, 6),
                  [layers.MultiHeadAttention(3, 2)]),
}  # fmt: skip


def theirs(module: Any, x: Any) -> Any:
    """The outputs of a PyTorch module; images and steps have their channels second there."""
    import torch

    kind = type(module).__name__
    first = kind.startswith(("Conv", "Batch", "Group", "PReLU", "ModuleDict"))
    x = torch.from_numpy(np.moveaxis(x, -1, 1).copy() if first else x)
    if kind == "ModuleDict":
        y = module["pointwise"](module["depthwise"](x))
    elif kind == "MultiheadAttention":
        y, _ = module(x, x, x)
    else:
        y = module(x)
    y = (y[0] if isinstance(y, tuple) else y).detach().numpy()
    return np.moveaxis(y, 1, -1) if first else y


@pytest.mark.parametrize("case", CASES)
def test_the_same_outputs(case: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    code, shape, ours = CASES[case]
    torch.manual_seed(0)
    module = eval(code, vars(torch.nn)).eval()
    state = {n: t.numpy() for n, t in module.state_dict().items()}
    for name in state:
        if name.endswith(("weight", "bias", "running_mean", "running_var")):
            state[name] = RNG.uniform(0.1, 0.9, state[name].shape).astype("float32")
    module.load_state_dict({n: torch.from_numpy(np.asarray(t)) for n, t in state.items()})
    model = Model(ours, shape)
    model.load_weights(saved(tmp_path, state), {model.layers[0].name: ""})
    x = RNG.normal(size=(3, *shape)).astype("float32")
    np.testing.assert_allclose(model.predict(x), theirs(module, x), atol=2e-6)


def test_the_layers_of_a_stack_are_named_l0_l1(tmp_path: Path) -> None:
    """nn.LSTM(3, 4, num_layers=2): all arrays in one module."""
    torch = pytest.importorskip("torch")
    module = torch.nn.LSTM(3, 4, num_layers=2, bidirectional=True, batch_first=True)
    ways = [layers.Bidirectional(layers.LSTM(4, return_sequences=True)) for _ in range(2)]
    model = Model(ways, (5, 3))
    path = saved(tmp_path, {f"rnn.{n}": t.numpy() for n, t in module.state_dict().items()})
    model.load_weights(path, {"bidirectional": "rnn.l0", "bidirectional_1": "rnn.l1"})
    x = RNG.normal(size=(3, 5, 3)).astype("float32")
    np.testing.assert_allclose(model.predict(x), theirs(module, x), atol=1e-6)
    with pytest.raises(GlassnetError, match=r"'rnn\.bias_hh_l1'.*belong to no layer"):
        Model([ways[0].clone(weights=False)], (5, 3)).load_weights(path, {"bidirectional": "rnn"})


def test_products_of_their_own_for_query_key_and_value(tmp_path: Path) -> None:
    names = ("q_proj", "k_proj", "v_proj", "out_proj")
    tensors = arrays(**{f"a__{n}__weight": (6, 6) for n in names})
    model = Model([layers.MultiHeadAttention(3, 2, use_bias=False, name="a")], (5, 6))
    model.load_weights(saved(tmp_path, tensors))
    x = RNG.normal(size=(2, 5, 6)).astype("float32")
    q, k, v = (
        (x @ tensors[f"a.{n}.weight"].T).reshape(2, 5, 3, 2).transpose(0, 2, 1, 3)
        for n in names[:3]
    )
    scores = np.exp(q @ k.transpose(0, 1, 3, 2) / np.sqrt(2))
    y = (scores / scores.sum(-1, keepdims=True) @ v).transpose(0, 2, 1, 3).reshape(2, 5, 6)
    expected = y @ tensors["a.out_proj.weight"].T
    np.testing.assert_allclose(model.predict(x), expected, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (layers.GRU(2, reset_after=False), (3, 2), "its reset gate before the product"),
        (layers.PReLU(), (2, 2, 3), "more than an alpha for each channel"),
        (layers.LayerNormalization(axis=(1, 2)), (2, 3), "along multiple axes"),
        (layers.EinsumDense("ab,bc->ac", 2), (2,), "multiplies by an equation"),  # or the other way
    ],
)
def test_layers_that_pytorch_does_not_have(
    layer: Layer, shape: tuple[int, ...], message: str, tmp_path: Path
) -> None:
    path = saved(tmp_path, arrays(a__weight=(2,)))
    with pytest.raises(
        GlassnetError, match=f"layer '{Model([layer], shape).layers[0].name}': .*{message}"
    ):
        Model([layer], shape).load_weights(path)


def test_adapters_have_the_layout_of_linear_layers(tmp_path: Path) -> None:
    """As in PEFT's files; the arrays are square, so that shapes say nothing."""
    tensors = arrays(base__weight=(2, 2), base__bias=(2,), a__weight=(2, 2), b__weight=(2, 2))
    model = Model([layers.Dense(2, lora_rank=2, name="fc")], (2,))
    mapping = {"fc": "base", "fc/lora_kernel_a": "a.weight", "fc/lora_kernel_b": "b.weight"}
    model.load_weights(saved(tmp_path, tensors), mapping)
    weight = tensors["base.weight"] + tensors["b.weight"] @ tensors["a.weight"]
    x = RNG.normal(size=(3, 2)).astype("float32")
    np.testing.assert_allclose(model.predict(x), x @ weight.T + tensors["base.bias"], atol=1e-5)

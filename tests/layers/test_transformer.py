"""Transformer blocks: gradients, attention masks, and PyTorch's numbers."""

from typing import Any

import numpy as np
import pytest

from glassnet.core import registry
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import from_items, items
from glassnet.layers import CallContext, Layer, Sequential, transformer_decoder, transformer_encoder
from glassnet.verify.cases.base import TRAINING
from glassnet.verify.gradcheck import gradcheck

RNG = np.random.default_rng(2)
X, ENCODED = RNG.normal(size=(2, 4, 6)), RNG.normal(size=(2, 3, 5))
MASK = np.array([[True, True, True, False], [True, True, False, False]])


def init(layer: Layer, shape: tuple[Any, ...] = (4, 6)) -> Any:
    return layer.init(np.random.default_rng(0), shape, "float64")[0]


@pytest.mark.parametrize("normalize_first", [True, False])
@pytest.mark.parametrize(
    "context", [CallContext(mask=MASK), CallContext(**TRAINING)], ids=["mask", "training"]
)
def test_gradients(normalize_first: bool, context: CallContext) -> None:
    gradcheck(transformer_encoder(6, 2, 8, 0.2, "gelu", normalize_first), X, context=context)
    gradcheck(transformer_decoder(6, 3, 8, 0.2, "tanh", normalize_first), X, context=context)


@pytest.mark.parametrize("normalize_first", [True, False])
def test_gradients_with_two_inputs(normalize_first: bool) -> None:
    block = transformer_decoder(6, 2, 8, 0.2, "gelu", normalize_first, cross=True)
    gradcheck(block, (X, ENCODED), context=CallContext(**TRAINING))


@pytest.mark.parametrize("cross", [False, True])
def test_a_decoder_s_step_sees_none_after_it(cross: bool) -> None:
    block = transformer_decoder(6, 2, 8, cross=cross)
    params = init(block, ((4, 6), (3, 5)) if cross else (4, 6))

    def run(steps: int) -> np.ndarray:
        return block.forward(params, (X[:, :steps], ENCODED) if cross else X[:, :steps])[0]

    whole = run(4)
    for steps in (1, 2, 3):
        np.testing.assert_allclose(run(steps), whole[:, :steps])


def test_a_decoder_sees_what_the_encoder_put_out() -> None:
    block = transformer_decoder(6, 2, 8, cross=True)
    params = init(block, ((4, 6), (3, 5)))
    y = block.forward(params, (X, ENCODED))[0]
    np.testing.assert_allclose(block.forward(params, (X, ENCODED[:, ::-1]))[0], y)  # in any order
    assert (block.forward(params, (X, 2 * ENCODED))[0] != y).all()


def test_padding_is_not_seen() -> None:
    block = Sequential((transformer_encoder(6, 2, 8), transformer_encoder(6, 2, 8)))
    params, mask = init(block), np.arange(4) < np.array([[3], [3]])
    y, _ = block.forward(params, X, CallContext(mask=mask))
    np.testing.assert_allclose(y[:, :3], block.forward(params, X[:, :3])[0])


def test_a_block_is_its_configuration() -> None:
    for block in (transformer_encoder(6, 2, 8, 0.1), transformer_decoder(6, 2, 8, cross=True)):
        assert registry.build("layer", registry.describe(block)) == block


@pytest.mark.parametrize("normalize_first", [True, False])
def test_pytorch_s_block_says_the_same(normalize_first: bool) -> None:
    torch = pytest.importorskip("torch")
    theirs = torch.nn.TransformerEncoderLayer(
        6, 2, 8, dropout=0.0, activation="gelu", batch_first=True, norm_first=normalize_first,
        dtype=torch.float64,
    )  # fmt: skip
    block = transformer_encoder(6, 2, 8, normalize_first=normalize_first)
    weights = {path: RNG.normal(size=leaf.shape) for path, leaf in items(init(block))}
    attention = theirs.self_attn

    def give(parameter: Any, value: np.ndarray) -> None:
        with torch.no_grad():
            parameter.copy_(torch.tensor(value))

    def of(kind: str) -> list[np.ndarray]:
        return [value for path, value in weights.items() if path.endswith(kind)]

    projections = [f"{name}/kernel" for name in ("query", "key", "value")]
    kernels = [of(name)[0].reshape(6, 6).T for name in projections]
    biases = [of(name.replace("kernel", "bias"))[0].reshape(6) for name in projections]
    give(attention.in_proj_weight, np.concatenate(kernels))
    give(attention.in_proj_bias, np.concatenate(biases))
    give(attention.out_proj.weight, of("attention_output/kernel")[0].reshape(6, 6).T)
    give(attention.out_proj.bias, of("attention_output/bias")[0])
    for linear, name in ((theirs.linear1, "dense"), (theirs.linear2, "dense_1")):
        give(linear.weight, of(f"/{name}/kernel")[0].T)
        give(linear.bias, of(f"/{name}/bias")[0])
    norms = zip((theirs.norm1, theirs.norm2), of("gamma"), of("beta"), strict=True)
    for norm, gamma, beta in norms:
        give(norm.weight, gamma)
        give(norm.bias, beta)
    y, _ = block.forward(from_items(weights), X)
    wanted = theirs(torch.tensor(X)).detach().numpy()
    np.testing.assert_allclose(y, wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: transformer_encoder(6, 4, 8), "4 heads can't share a width of 6"),
        (lambda: transformer_decoder(6, 0, 8), "num_heads: must be a whole number"),
        (lambda: init(transformer_encoder(8, 2, 8)), "its layers output"),
    ],
)
def test_refusals(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(GlassnetError, match=message):
        make()

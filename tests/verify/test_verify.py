"""Verification of derivatives: nothing lacks a case; a network is verified layer by layer."""

from dataclasses import dataclass

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import (
    INFERENCE,
    LSTM,
    Add,
    BatchNormalization,
    Conv2D,
    Dense,
    Embedding,
    Flatten,
    Graph,
    Input,
    Layer,
    MaxPooling2D,
    Residual,
    Sequential,
)
from glassnet.verify import verify

RNG = np.random.default_rng(0)


def test_nothing_public_is_missing() -> None:
    assert verify.missing() == []


def test_what_has_no_case_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [case for case in verify.cases.LAYERS if type(case.subject).__name__ != "Flatten"]
    monkeypatch.setattr(verify.cases, "LAYERS", kept)
    assert verify.missing() == [("layer", "Flatten")]


def test_a_part_of_the_name_chooses() -> None:
    found = list(verify.verify_all("flatten", keras=False))
    assert [proof.name for proof in found] == ["Flatten"]
    assert all(proof.ok for proof in found)
    with pytest.raises(GlassnetError, match="--only no such case"):
        list(verify.verify_all("no such case"))


def test_a_network_is_verified_layer_by_layer_on_what_reaches_each() -> None:
    """Images with equal pixels, so that pools and ReLUs stand on kinks."""
    network = Sequential(
        (
            Conv2D(2, 2, activation="relu"),
            BatchNormalization(),
            Residual((Conv2D(2, 3, padding="same"),)),
            MaxPooling2D(),
            Flatten(),
            Dense(3, "softmax"),
        )
    )
    params, _ = network.init(RNG, (5, 5, 1))
    x = np.zeros((4, 5, 5, 1), np.uint8)
    x[:, 1:3] = 200
    found = list(verify.verify_network(network, params, x, keras=False))
    assert [proof.name.partition(" ")[0] for proof in found] == [
        "conv2d",
        "batch_normalization",
        "residual/body/conv2d",
        "max_pooling2d",
        "flatten",
        "dense",
    ]
    assert all(proof.ok for proof in found), found


def test_a_graph_of_tokens_is_verified_too() -> None:
    x = Input((4,))
    h = Embedding(7, 3)(x)
    shared = Dense(3, "tanh")
    network = Graph.between(x, Dense(2)(Flatten()(Add()(shared(h), shared(shared(h))))))
    params, _ = network.init(RNG, (4,))
    found = list(verify.verify_network(network, params, RNG.integers(0, 7, (5, 4)), keras=False))
    assert all(proof.ok for proof in found), found
    assert "dense:1 (Dense)" in [proof.name for proof in found]


@dataclass(frozen=True)
class WrongWithMask(LSTM):
    """An LSTM whose derivative is wrong, but only where it is given a mask."""

    def forward(self, params, x, context=INFERENCE):  # type: ignore[no-untyped-def]
        y, back = super().forward(params, x, context)
        if context.mask is None:
            return y, back

        def wrong(dy):  # type: ignore[no-untyped-def]
            dx, grads = back(dy)
            return dx * 1.01, grads

        return y, wrong


@pytest.mark.parametrize(
    ("layer", "drawn"),
    [(LSTM(3, name="read"), False)] + [(WrongWithMask(3, name="read"), d) for d in (False, True)],
)
def test_a_layer_is_verified_with_the_mask_that_reaches_it(layer: LSTM, drawn: bool) -> None:
    parts = (Embedding(7, 4, mask_zero=True), Residual((Dense(4),)), layer, Dense(2))
    network: Layer = Sequential(parts)
    if drawn:
        node = start = Input((5,))
        for part in parts:
            node = part(node)
        network = Graph.between(start, node)
    params, _ = network.init(RNG, (5,))
    x = np.array([[1, 2, 0, 0, 0], [3, 0, 0, 0, 0], [1, 2, 3, 4, 5]])
    (proof,) = verify.verify_network(network, params, x, keras=False, only="read")
    assert proof.ok == (type(layer) is LSTM)

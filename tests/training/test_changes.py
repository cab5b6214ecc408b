"""What a training changed: the proof that frozen weights stay, and the trained ones that did."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from glassnet import BatchNormalization, Dense, Model, Normalization
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import items, map_leaves
from glassnet.training.changes import Changes, changes, frozen_arrays, unmoved

STATISTICS = ("free/moving_mean", "free/moving_variance")


def model() -> Model:
    """Four numbers to one; `body` and `fixed` are frozen, `free` is not."""
    model = Model(
        [
            Normalization(name="scaling"), Dense(3, name="body"), BatchNormalization(name="fixed"),
            BatchNormalization(name="free"), Dense(1, name="head"),
        ],
        (4,),
    )  # fmt: skip
    model.get_layer("body").trainable = model.get_layer("fixed").trainable = False
    model.compile("sgd", "mse")
    return model


def changed(model: Model, *paths: str, by: Any = 1.0) -> dict[str, Any]:
    """Return a copy of the weights in which these arrays are larger."""
    leaves = {path: np.array(leaf) for path, leaf in items(model.params)}
    after = map_leaves(np.array, model.params)
    for path in paths:
        layer, name = path.split("/")
        after[layer][name] = leaves[path] + np.float32(by)
    return after


TRAINED = ("free/gamma", "free/beta", "head/kernel", "head/bias")


def of(model: Model, after: Any) -> Changes:
    return changes(model.objective(), model.params, after, STATISTICS)


def test_what_is_neither_trained_nor_a_statistic_of_the_data_is_frozen() -> None:
    network = model()
    proof = of(network, changed(network, *TRAINED, *STATISTICS))
    assert (proof.trained, proof.frozen) == (10, 4 + 4 + 1 + 12 + 3 + 12)
    assert proof.frozen_layers == ("body", "fixed")
    assert proof.unmoved == {}
    norm = np.linalg.norm(network.params["head"]["kernel"])
    assert proof.layers["head"] == pytest.approx(2 / norm)  # a kernel (3, 1) and a bias, by 1 each
    assert proof.layers["free"] == pytest.approx(np.sqrt(6 / 3))


@pytest.mark.parametrize(
    "path", ["body/kernel", "body/bias", "fixed/gamma", "fixed/moving_variance", "scaling/mean"]
)
def test_a_frozen_array_that_changed_is_refused_by_its_name(path: str) -> None:
    network = model()
    with pytest.raises(GlassnetError, match=f"weight {path}: is frozen, but its bytes"):
        of(network, changed(network, path))


def test_one_bit_counts_and_so_does_the_sign_of_zero() -> None:
    network = model()
    after = changed(network, *TRAINED)
    after["body"]["bias"] = -network.params["body"]["bias"]  # equal as numbers
    with pytest.raises(GlassnetError, match="weight body/bias"):
        of(network, after)
    after["body"]["bias"] = network.params["body"]["bias"].astype("float64")
    with pytest.raises(GlassnetError, match="weight body/bias"):
        of(network, after)


def test_the_hash_is_that_of_the_frozen_arrays_alone() -> None:
    first, second = model(), model()
    for path, leaf in items(second.params):
        second.params[path.split("/")[0]][path.split("/")[1]] = leaf + np.float32("head" in path)
    hashes = [of(m, changed(m, *TRAINED)).sha256 for m in (first, second)]
    assert hashes[0] == hashes[1]
    assert len(hashes[0] or "") == 64
    second.params["body"]["kernel"] = np.nextafter(second.params["body"]["kernel"], np.float32(9))
    assert of(second, second.params).sha256 != hashes[0]


def test_a_trained_array_that_did_not_move_is_named() -> None:
    network = model()
    proof = changes(
        network.objective(), network.params, changed(network, *TRAINED[:3]), STATISTICS,
        lambda path: f"why {path}",
    )  # fmt: skip
    assert proof.unmoved == {"head/bias": "why head/bias"}
    assert unmoved(network.params, changed(network, "free/beta"), TRAINED) == [
        "free/gamma", "head/kernel", "head/bias",
    ]  # fmt: skip
    four = replace(proof, unmoved=dict.fromkeys("abcd"))
    assert "but 4 arrays did not move (a; b; c; …)" in str(four)
    start = "10 trained, but 1 array did not move (head/bias: why head/bias); 36 frozen, each bit "
    assert str(proof).startswith(f"{start}as before (")


def test_a_layer_that_began_at_zero_has_no_relative_change() -> None:
    network = model()
    for name in ("kernel", "bias"):
        network.params["head"][name] = np.zeros_like(network.params["head"][name])
    assert of(network, changed(network, *TRAINED)).layers["head"] is None


def test_without_frozen_weights_there_is_no_hash() -> None:
    network = Model([Dense(1, name="head")], (4,))
    network.compile("sgd", "mse")
    proof = changes(network.objective(), network.params, changed(network, "head/kernel"), ())
    assert frozen_arrays(network.objective(), ()) == []
    assert (proof.sha256, proof.frozen, proof.unmoved) == (None, 0, {"head/bias": None})
    assert str(proof) == "5 trained, but 1 array did not move (head/bias)"

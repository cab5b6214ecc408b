"""`enable_lora` and `merge_lora` of a model: what trains, what stays, what is saved."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as g
from glassnet import layers
from glassnet.core.errors import GlassnetError

RNG = np.random.default_rng(0)
X, Y = RNG.integers(0, 20, (96, 6)), np.arange(96) % 3
LOSS = "sparse_categorical_crossentropy"


def text_model(seed: int = 1) -> g.Model:
    """Token and position embeddings, two transformer blocks, an EinsumDense and a Dense."""
    return g.Model(
        [
            layers.Embedding(20, 8, name="tokens"), layers.PositionEmbedding(6),
            layers.transformer_encoder(8, 2, 16, name="block_1"),
            layers.transformer_encoder(8, 2, 16, name="block_2"),
            layers.EinsumDense("abc,cd->abd", (6, 4), "relu", "d", name="mix"), layers.Flatten(),
            layers.Dense(3, name="head"), layers.Softmax(),
        ],
        input_shape=(6,), seed=seed,
    )  # fmt: skip


def arrays(model: g.Model) -> dict[str, Any]:
    return {variable.path: variable.numpy() for variable in model.weights}


def trained(model: g.Model, optimizer: Any = "adam", engine: str = "numpy", epochs: int = 3) -> Any:
    model.compile(optimizer, LOSS)
    model.fit(X, Y, epochs=epochs, verbose=0, engine=engine)
    return model


@pytest.mark.parametrize("optimizer", [g.SGD(0.5), g.AdamW(0.01)], ids=["sgd", "adamw"])
def test_every_adapter_trains_and_no_adapted_kernel_does(optimizer: Any) -> None:
    model = text_model()
    model.enable_lora(2)
    before = arrays(model)
    trained(model, optimizer)
    after = arrays(model)
    adapters = {path for path in after if "lora" in path}
    assert len(adapters) == 2 * (1 + 2 * (4 + 2) + 1 + 1)  # nothing that can have some has none
    assert all(np.abs(after[path] - before[path]).max() > 1e-4 for path in adapters)
    fixed = {variable.path for variable in model.non_trainable_weights}
    assert len(fixed) == len(adapters) / 2
    for path in fixed:
        np.testing.assert_array_equal(after[path], before[path])


def test_at_the_start_outputs_are_those_of_the_base() -> None:
    model = text_model()
    before = model.predict(X)
    model.enable_lora(3, lora_alpha=16.0)
    np.testing.assert_array_equal(model.predict(X), before)


def test_merged_equals_unmerged_and_not_the_base() -> None:
    model = text_model()
    base = model.predict(X)
    model.enable_lora(2, lora_alpha=8.0)
    trained(model, g.Adam(0.02))
    logits = g.Model(inputs=model.inputs, outputs=model.get_layer("head").output)
    unmerged, probabilities = logits.predict(X), model.predict(X)
    model.merge_lora()
    scale = np.abs(unmerged).max()
    assert np.abs(logits.predict(X) - unmerged).max() <= 1e-6 * scale
    np.testing.assert_array_equal(model.predict(X).argmax(-1), probabilities.argmax(-1))
    assert np.abs(probabilities - base).max() > 0.1
    assert not [path for path in arrays(model) if "lora" in path]
    assert not model.non_trainable_weights


def test_merging_forgets_no_layer_and_mixes_up_none() -> None:
    """Each kernel gets the product of its own adapters: all are different."""
    model = text_model()
    before = arrays(model)
    model.enable_lora(2, lora_alpha=3.0, b_initializer="random_normal")
    adapters, merged = arrays(model), {}
    model.merge_lora()
    for path, value in arrays(model).items():
        place, _, name = path.rpartition("/")
        merged[path] = name in ("kernel", "embeddings")
        if not merged[path] or path.startswith("position_embedding"):
            np.testing.assert_array_equal(value, before[path])
            continue
        a, b = (adapters[f"{place}/lora_{name}_{factor}"].astype("float64") for factor in "ab")
        np.testing.assert_allclose(value, before[path] + 1.5 * a @ b, atol=1e-6)
        assert np.abs(value - before[path]).max() > 0.01
    assert sum(merged.values()) == 16


@pytest.mark.parametrize(
    ("layers", "count"),
    [
        ("head", 1), ("block_1", 6), ("*query", 2), (["query", "value"], 4), ("dense*", 4),
        ("block_2/*/key", 1), (["tokens", "mix", "attention_output"], 4),
    ],
)  # fmt: skip
def test_layers_are_chosen_by_patterns(layers: Any, count: int) -> None:
    model = text_model()
    model.enable_lora(2, layers=layers)
    assert len(model.non_trainable_weights) == count
    assert sum("lora" in path for path in arrays(model)) == 2 * count


def test_a_layer_that_multiple_patterns_name_gets_one_adapter() -> None:
    """Also one that is reached by two paths, here in a network that is called twice."""
    inner = g.Model([layers.Dense(4, name="dense")], input_shape=(4,))
    x = g.Input((4,))
    model = g.Model(x, layers.Dense(2, name="dense")(inner(inner(x))))
    model.enable_lora(1, layers=["dense", "sequential/dense", "*"])
    assert len([path for path in arrays(model) if "lora" in path]) == 4
    text = text_model()
    text.enable_lora(2, layers=["*/query", "block_1/*"])
    assert len([path for path in arrays(text) if "lora" in path]) == 2 * (6 + 1)


def test_a_pattern_that_matches_nothing_is_an_error() -> None:
    model = text_model()
    with pytest.raises(GlassnetError, match=r"matches 'attn'.*tokens, block_1/"):
        model.enable_lora(2, layers=["head", "attn"])
    assert not model.non_trainable_weights
    with pytest.raises(GlassnetError, match="Dense, EinsumDense, Embedding and"):
        g.Model([layers.Flatten(), layers.PReLU()], input_shape=(4,)).enable_lora(2)


def test_one_adapted_layer_among_others_changes_nothing() -> None:
    model = text_model()
    model.enable_lora(2, layers="head")
    with pytest.raises(GlassnetError, match="layer 'head': enable_lora: has adapters already"):
        model.enable_lora(2)
    assert len(model.non_trainable_weights) == 1
    model.enable_lora(4, layers="mix")
    with pytest.raises(GlassnetError, match="has no weights yet"):
        g.Model([layers.Dense(3)]).enable_lora(2)
    with pytest.raises(GlassnetError, match="has no adapters to merge"):
        text_model().merge_lora()


def test_the_same_seed_gives_the_same_adapters() -> None:
    first, second, other = text_model(), text_model(), text_model(2)
    for model in (first, second, other):
        model.enable_lora(2)
    path = "head/lora_kernel_a"
    np.testing.assert_array_equal(arrays(first)[path], arrays(second)[path])
    assert not np.array_equal(arrays(first)[path], arrays(other)[path])


def test_adapters_are_saved_apart(tmp_path: Path) -> None:
    model = text_model()
    model.enable_lora(2, lora_alpha=5.0, layers=["block_1", "head"])
    trained(model)
    model.save(tmp_path / "model.safetensors")
    again = g.Model.load(tmp_path / "model.safetensors")
    assert arrays(again).keys() == arrays(model).keys()
    assert again.get_layer("head").lora_alpha == 5.0
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert len(again.non_trainable_weights) == 7
    again.save(tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == (
        tmp_path / "model.safetensors"
    ).read_bytes()
    again.merge_lora()
    np.testing.assert_allclose(again.predict(X), model.predict(X), atol=1e-6)
    trained(again)  # kernels train again
    assert np.abs(again.get_layer("head").kernel - model.get_layer("head").kernel).max() > 0


def test_files_with_other_adapters_are_explained(tmp_path: Path) -> None:
    plain, adapted = (g.Model([g.Dense(3, name="a"), g.Dense(2)], (4,)) for _ in range(2))
    adapted.enable_lora(1, layers="a")
    plain.save(tmp_path / "plain.safetensors")
    adapted.save(tmp_path / "adapted.safetensors")
    with pytest.raises(
        GlassnetError, match=r"which the network lacks\. Model\.load\(path\) has them"
    ):
        plain.load_weights(tmp_path / "adapted.safetensors")
    with pytest.raises(GlassnetError, match=r"which the file lacks\. Load the weights before"):
        adapted.load_weights(tmp_path / "plain.safetensors")


def test_adapters_can_come_between_compile_and_the_first_training() -> None:
    model = text_model()
    model.compile("adam", LOSS)
    model.evaluate(X, Y, verbose=0)
    model.enable_lora(2)
    before = arrays(model)
    model.fit(X, Y, verbose=0)
    assert np.abs(arrays(model)["head/lora_kernel_a"] - before["head/lora_kernel_a"]).max() > 0
    np.testing.assert_array_equal(arrays(model)["head/kernel"], before["head/kernel"])


def test_after_a_training_they_need_a_new_compile() -> None:
    model = trained(text_model())
    model.train_on_batch(X, Y)
    model.enable_lora(2)
    model.evaluate(X, Y, verbose=0)  # needs none
    for train in (model.fit, model.train_on_batch):
        with pytest.raises(GlassnetError, match=r"lost low-rank adapters .* Compile it again"):
            train(X, Y)
    trained(model)
    model.merge_lora()
    with pytest.raises(GlassnetError, match=r"lost low-rank adapters .* Compile it again"):
        model.fit(X, Y, verbose=0)
    trained(model)


def test_without_state_of_the_optimizer_training_goes_on() -> None:
    model = trained(text_model(), "sgd")
    model.train_on_batch(X, Y)
    model.enable_lora(2)
    before = arrays(model)
    model.train_on_batch(X, Y)
    model.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(arrays(model)["head/kernel"], before["head/kernel"])
    assert (arrays(model)["head/lora_kernel_b"] != 0).any()


def test_on_jax_too_and_another_alpha_is_used_at_once() -> None:
    """Not the one of the program that was compiled before."""
    model = g.Model(
        [layers.Embedding(20, 8), layers.Flatten(), layers.Dense(3, "softmax")], input_shape=(6,)
    )
    model.enable_lora(2, 2.0, b_initializer="ones")
    before = arrays(model)
    trained(model, "sgd", "jax", 1)
    moved = {path for path, value in arrays(model).items() if (value != before[path]).any()}
    assert moved == {variable.path for variable in model.trainable_weights}
    model.merge_lora()
    model.enable_lora(2, 64.0, b_initializer="ones")
    twin = model.clone()
    model.fit(X, Y, verbose=0, engine="jax")
    twin.fit(X, Y, verbose=0)
    np.testing.assert_allclose(model.predict(X), twin.predict(X), atol=1e-4)


def test_frozen_layers_are_refused_or_said() -> None:
    model = text_model()
    model.get_layer("block_1").trainable = False
    with pytest.raises(GlassnetError, match="is frozen: adapters would not be trained"):
        model.enable_lora(2)
    assert not [path for path in arrays(model) if "lora" in path]
    model.enable_lora(2, layers="block_2")
    model.get_layer("block_2").trainable = False
    model.compile("adam", LOSS)
    with pytest.warns(UserWarning, match="layer 'block_2/.* is frozen, and so are its low-rank"):
        model.fit(X, Y, verbose=0)


def test_one_step_in_which_first_factors_rest_is_no_reason_to_warn() -> None:
    model = g.Model([g.Dense(8, "tanh"), g.Dense(2)], (4,))
    model.enable_lora(2)
    model.compile("adam", "mse")
    x = np.random.default_rng(0).normal(size=(16, 4)).astype("float32")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(x, x[:, :2], batch_size=16, verbose=0)


def test_the_summary_counts_adapters_as_trainable() -> None:
    model, lines = g.Model([layers.Dense(4), layers.Dense(3)], input_shape=(10,)), []
    model.enable_lora(2, layers="dense")
    model.summary(print_fn=lines.append)
    assert "Trainable params: 47" in lines[0]  # 2 · (10 + 4) adapters, 4 biases, 15 of the head
    assert "Non-trainable params: 40" in lines[0]


def test_not_while_training() -> None:
    model, refused = text_model(), []

    class Enable(g.Callback):
        def on_epoch_end(self, record: Any) -> None:
            with pytest.raises(GlassnetError, match="is being trained"):
                model.enable_lora(2)
            with pytest.raises(GlassnetError, match="is being trained"):
                model.get_layer("head").enable_lora(2)
            refused.append(True)

    model.compile("adam", LOSS)
    model.fit(X, Y, verbose=0, callbacks=[Enable()])
    assert refused


def test_a_body_used_again_trains_its_adapters_in_the_new_model() -> None:
    body = text_model()
    features = body.layers[-3].output
    model = g.Model(inputs=body.inputs, outputs=layers.Dense(3, "softmax", name="new")(features))
    body.enable_lora(2, layers=["block_1", "block_2"])
    trained(model)
    adapters = {path: value for path, value in arrays(model).items() if path.endswith("kernel_b")}
    assert len(adapters) == 12
    assert all((value != 0).any() for value in adapters.values())
    np.testing.assert_array_equal(
        arrays(body)["block_1/" + next(iter(adapters)).split("/", 1)[1]],
        next(iter(adapters.values())),
    )


def test_a_resumed_training_is_the_same(tmp_path: Path) -> None:
    whole, parts = text_model(), text_model()
    for model in (whole, parts):
        model.enable_lora(2)
        model.compile("adam", LOSS)
    whole.fit(X, Y, epochs=4, verbose=0)
    parts.fit(X, Y, epochs=2, verbose=0)
    parts.fit(X, Y, epochs=4, initial_epoch=2, verbose=0)
    for path, value in arrays(whole).items():
        np.testing.assert_array_equal(arrays(parts)[path], value)


@pytest.mark.parametrize(("recipe", "shape"), [("vit", (8, 8)), ("mlp", (4, 4))])
def test_named_networks_have_them_everywhere(recipe: str, shape: tuple[int, ...]) -> None:
    model = g.Model(recipe, shape, classes=3)
    model.enable_lora(1)
    kernels = [v for v in model.weights if v.name == "kernel" and v.ndim < 4]
    adapted = {v.path for v in model.non_trainable_weights}
    assert {v.path for v in kernels} <= adapted

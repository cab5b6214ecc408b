"""The arrays that plots are drawn from."""

import numpy as np

from glassnet.report.figures import arrays
from glassnet.runs.outputs import RunOutputs

Outputs = dict[str, RunOutputs]


def test_the_first_weights_are_those_of_pixels_or_of_a_convolution(outputs: Outputs) -> None:
    model = outputs["mlp"].model
    assert arrays.first_kernel(model) is model.params["dense"]["kernel"]
    kernel = arrays.first_kernel(outputs["cnn"].model)
    assert kernel is not None
    assert kernel.shape[:3] == (3, 3, 1)
    assert arrays.first_kernel(outputs["texts"].model) is None


def test_the_outputs_of_the_last_layer_are_what_the_model_predicts(outputs: Outputs) -> None:
    one = outputs["mlp"]
    found = arrays.activations(one)
    assert list(found) == ["dense", "dense_1"]
    np.testing.assert_allclose(
        found["dense_1"], one.model.predict(one.test.x[: arrays.EXAMPLES]), atol=1e-6
    )


def test_maps_of_convolutions_alone(outputs: Outputs) -> None:
    model = outputs["cnn"].model
    found = arrays.feature_maps(model, outputs["cnn"].test.x[:1])
    assert found
    assert all(name.startswith("conv2d") and value.ndim == 3 for name, value in found.items())
    assert not arrays.feature_maps(outputs["mlp"].model, outputs["mlp"].test.x[:1])


def test_gradients_in_the_order_of_the_layers(outputs: Outputs) -> None:
    one = outputs["mlp"]
    found = arrays.gradients(one)
    assert list(found) == ["dense", "dense_1"]
    sizes = {name: sum(w.size for w in tree.values()) for name, tree in one.model.params.items()}
    assert {name: value.size for name, value in found.items()} == sizes


def test_features_are_what_the_last_layer_gets(outputs: Outputs) -> None:
    one = outputs["mlp"]
    features, labels = arrays.hidden_features(one)
    assert features.shape == (len(labels), 16)
    last = one.model.params["dense_1"]
    logits = features @ last["kernel"] + last["bias"]
    rows = np.linspace(0, len(one.test.x) - 1, len(labels)).astype(int)
    np.testing.assert_array_equal(logits.argmax(1), one.scores()[rows].argmax(1))


def test_half_of_the_examples_are_misclassified(outputs: Outputs) -> None:
    one = outputs["mlp"]
    rows = arrays.correct_and_wrong_rows(one, 8)
    right = one.scores()[rows].argmax(axis=1) == one.test.labels[rows]
    assert len(rows) == 8
    assert right.sum() == 4


def test_texts_are_named_by_their_beginning(outputs: Outputs) -> None:
    titles = arrays.example_titles(outputs["texts"], np.array([0, 1]))
    assert all(title.split(": ")[1] for title in titles)
    assert arrays.example_titles(outputs["mlp"], np.array([3])) == ["test row 3"]


def test_runs_that_differ_in_their_seeds_alone_are_one_group(outputs: Outputs) -> None:
    groups = arrays.group_by_settings([outputs["mlp"], outputs["seed"]])
    assert {name: len(group) for name, group in groups.items()} == {"runs": 2}

"""What pictures are drawn from."""

import numpy as np

from glassnet.report.figures import arrays
from glassnet.runs.outputs import RunOutputs

Said = dict[str, RunOutputs]


def test_the_first_weights_are_those_of_pixels_or_of_a_convolution(said: Said) -> None:
    model = said["mlp"].model
    assert arrays.first_kernel(model) is model.params["dense"]["kernel"]
    kernel = arrays.first_kernel(said["cnn"].model)
    assert kernel is not None
    assert kernel.shape[:3] == (3, 3, 1)
    assert arrays.first_kernel(said["texts"].model) is None


def test_the_outputs_of_the_last_layer_are_what_the_model_predicts(said: Said) -> None:
    one = said["mlp"]
    found = arrays.activations(one)
    assert list(found) == ["dense", "dense_1"]
    np.testing.assert_allclose(
        found["dense_1"], one.model.predict(one.test.x[: arrays.SOME]), atol=1e-6
    )


def test_maps_of_convolutions_alone(said: Said) -> None:
    model = said["cnn"].model
    found = arrays.maps(model, said["cnn"].test.x[:1])
    assert found
    assert all(name.startswith("conv2d") and value.ndim == 3 for name, value in found.items())
    assert not arrays.maps(said["mlp"].model, said["mlp"].test.x[:1])


def test_gradients_in_the_order_of_the_layers(said: Said) -> None:
    one = said["mlp"]
    found = arrays.gradients(one)
    assert list(found) == ["dense", "dense_1"]
    sizes = {name: sum(w.size for w in tree.values()) for name, tree in one.model.params.items()}
    assert {name: value.size for name, value in found.items()} == sizes


def test_features_are_what_the_last_layer_gets(said: Said) -> None:
    one = said["mlp"]
    features, labels = arrays.hidden_features(one)
    assert features.shape == (len(labels), 16)
    last = one.model.params["dense_1"]
    logits = features @ last["kernel"] + last["bias"]
    rows = np.linspace(0, len(one.test.x) - 1, len(labels)).astype(int)
    np.testing.assert_array_equal(logits.argmax(1), one.scores()[rows].argmax(1))


def test_half_of_the_examples_are_judged_wrongly(said: Said) -> None:
    one = said["mlp"]
    rows = arrays.right_and_wrong(one, 8)
    right = one.scores()[rows].argmax(axis=1) == one.test.labels[rows]
    assert len(rows) == 8
    assert right.sum() == 4


def test_texts_are_named_by_their_beginning(said: Said) -> None:
    titles = arrays.subjects(said["texts"], np.array([0, 1]))
    assert all(title.split(": ")[1] for title in titles)
    assert arrays.subjects(said["mlp"], np.array([3])) == ["test row 3"]


def test_runs_that_differ_in_their_seeds_alone_are_one_group(said: Said) -> None:
    groups = arrays.by_settings([said["mlp"], said["seed"]])
    assert {name: len(group) for name, group in groups.items()} == {"runs": 2}

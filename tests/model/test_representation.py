"""What models show in a notebook."""

from glassnet import Dense, Flatten, Model
from tests.pages.test_html import Read


def test_a_model_without_weights() -> None:
    assert "before it first sees data" in Model([Dense(2)])._repr_html_()


def test_the_table_and_the_diagram() -> None:
    model = Model([Flatten(), Dense(3, "relu", name="first"), Dense(2)], input_shape=(2, 2))
    read = Read(model._repr_html_())
    assert sum(name == "svg" for name, _ in read.tags) == 1
    assert "first (Dense)" in read.texts
    assert "23" in read.texts  # 4·3 + 3 + 3·2 + 2 weights


def test_the_diagram_of_a_deep_network_is_folded() -> None:
    model = Model([Dense(2) for _ in range(13)], input_shape=(2,))
    assert "<details>" in model._repr_html_()
    assert "<details>" not in Model([Dense(2)], input_shape=(2,))._repr_html_()

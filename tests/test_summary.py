"""A network as people read it."""

from glassnet.layers import Add, Concatenate, Dense, Flatten, Graph, Input, Sequential
from glassnet.summary import count_weights, summary_lines


def test_a_chain() -> None:
    network = Sequential((Flatten(), Dense(128, "relu"), Dense(10, "softmax")))
    assert summary_lines(network, (28, 28)) == [
        "Layer (type)       Output Shape  Param #",
        "────────────────────────────────────────",
        "flatten (Flatten)  (None, 784)         0",
        "dense (Dense)      (None, 128)   100,480",
        "dense_1 (Dense)    (None, 10)      1,290",
        "────────────────────────────────────────",
        "Total params: 101,770",
        "Trainable params: 101,770",
        "Non-trainable params: 0",
    ]


def test_one_layer() -> None:
    assert "dense (Dense)  (None, 3)          12" in summary_lines(Dense(3), (3,))


def test_a_graph_says_what_is_called_on_what() -> None:
    a, b = Input((4,)), Input((3,))
    shared = Dense(3)
    h = shared(Concatenate()(a, b))
    network = Graph.between([a, b], [Add()(h, b), shared(Concatenate()(a, h))])
    lines = summary_lines(network, ((4,), (3,)))
    assert [line.split() for line in lines[2:9]] == [
        ["input", "(Input)", "(None,", "4)", "0"],
        ["input_1", "(Input)", "(None,", "3)", "0"],
        ["concatenate", "(Concatenate)", "(None,", "7)", "0", "input,", "input_1"],
        ["dense", "(Dense)", "(None,", "3)", "24", "concatenate"],
        ["add", "(Add)", "(None,", "3)", "0", "dense,", "input_1"],
        ["concatenate_1", "(Concatenate)", "(None,", "7)", "0", "input,", "dense"],
        ["dense:1", "(Dense)", "(None,", "3)", "shared", "concatenate_1"],
    ]
    assert "Total params: 24" in lines
    assert count_weights(network, ((4,), (3,))) == (24, 0)

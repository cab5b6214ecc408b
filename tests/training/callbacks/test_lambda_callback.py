"""LambdaCallback: functions with Keras's arguments, in Keras's order."""

from typing import Any

import numpy as np

from glassnet.layers import Dense
from glassnet.model.model import Model
from glassnet.training.callbacks import LambdaCallback


def test_functions_are_called_as_by_keras() -> None:
    seen: list[tuple[str, Any]] = []

    def noting(name: str) -> Any:
        return lambda *arguments: seen.append((name, arguments))

    names = (
        "on_epoch_begin", "on_epoch_end", "on_train_begin", "on_train_end",
        "on_train_batch_begin", "on_train_batch_end",
    )  # fmt: skip
    model = Model([Dense(1)], (2,))
    model.compile("sgd", "mse")
    history = model.fit(
        np.ones((4, 2)), np.ones((4, 1)), batch_size=2, epochs=2, verbose=0,
        callbacks=[LambdaCallback(), LambdaCallback(**{name: noting(name) for name in names})],
    )  # fmt: skip
    losses = history.history["loss"]
    assert seen[:3] == [
        ("on_train_begin", ({},)),
        ("on_epoch_begin", (0, {})),
        ("on_train_batch_begin", (0, {})),
    ]
    assert [a for name, a in seen if name == "on_epoch_end"] == [
        (0, {"loss": losses[0]}),
        (1, {"loss": losses[1]}),
    ]
    ends = [a for name, a in seen if name == "on_train_batch_end"]
    assert ends[-1] == (1, {"loss": losses[1]})
    begins = [a[0] for name, a in seen if name == "on_train_batch_begin"]
    assert sorted(set(begins)) == [0, 1]
    assert len(begins) == len(ends)
    assert seen[-1] == ("on_train_end", ({"loss": losses[1]},))

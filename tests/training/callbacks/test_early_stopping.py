"""EarlyStopping: the same results as Keras on the same sequences."""

import json
from typing import Any

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.training.callbacks import (
    EarlyStopping,
    Record,
    Request,
)
from tests.reference import reference


def played(callback: EarlyStopping, values: list[float]) -> dict[str, int]:
    """Return the epochs run, the stopped epoch, and the epoch of the final weights."""
    callback.on_train_begin(Record(0, len(values)))
    kept = epoch = -1
    for epoch, value in enumerate(values):
        request = (
            callback.on_epoch_end(Record(epoch, len(values), logs={callback.monitor: value}))
            or Request()
        )
        kept = epoch if request.keep else kept
        if request.stop:
            break
    end = callback.on_train_end(Record(epoch, len(values)))
    restored = kept if end and end.restore and kept >= 0 else epoch
    return {"epochs": epoch + 1, "stopped_epoch": callback.stopped_epoch, "restored": restored}


@pytest.mark.parametrize("case", reference("stopping"), ids=lambda case: str(case["options"]))
def test_like_keras(case: dict[str, Any]) -> None:
    callback = EarlyStopping(**case["options"], restore_best_weights=True)
    for _ in range(2):  # the second training starts afresh
        found = played(callback, case["values"])
        assert found == {name: case[name] for name in found}
    keeping = EarlyStopping(**case["options"])
    assert played(keeping, case["values"])["restored"] == case["epochs"] - 1


@pytest.mark.parametrize(
    ("monitor", "mode", "values", "epochs"),
    [
        ("val_accuracy", "auto", [0.1, 0.2, 0.1], 3),
        ("val_f1", "auto", [0.1, 0.2, 0.1], 3),
        ("val_recall", "auto", [0.1, 0.2, 0.1], 3),
        ("accuracy", "auto", [0.3, 0.2, 0.1], 2),
        ("val_loss", "auto", [0.3, 0.2, 0.1], 3),
        ("val_accuracy", "min", [0.1, 0.2], 2),
        ("loss", "max", [0.3, 0.2, 0.1], 2),
    ],
)
def test_which_way_is_better(monitor: str, mode: str, values: list[float], epochs: int) -> None:
    assert played(EarlyStopping(monitor, mode=mode), values)["epochs"] == epochs


def test_nan_is_never_the_best() -> None:
    nan = float("nan")
    callback = EarlyStopping(patience=2, restore_best_weights=True)
    assert played(callback, [nan, 2.0, nan, nan, 1.0])["restored"] == 1
    assert callback.stopped_epoch == 3


def test_the_first_epoch_never_stops() -> None:
    assert played(EarlyStopping(patience=0), [float("nan"), 2.0, 1.0])["epochs"] == 3


def test_refusals() -> None:
    with pytest.raises(GlassnetError, match="EarlyStopping: monitor must be the name"):
        EarlyStopping(monitor=None)  # type: ignore[arg-type]
    with pytest.raises(
        GlassnetError, match=r"larger or smaller values of 'val_top2' are better. Use mode="
    ):
        EarlyStopping("val_top2")
    assert EarlyStopping("val_top2", mode="max").mode == "max"
    with pytest.raises(GlassnetError, match=r"unknown mode 'mux'. Did you mean 'max'"):
        EarlyStopping(mode="mux")
    with pytest.raises(GlassnetError, match="patience must be ≥ 0, got -1"):
        EarlyStopping(patience=-1)
    with pytest.raises(
        GlassnetError,
        match=r"there is no 'val_loss' to monitor; there are loss.*Pass validation_split",
    ):
        EarlyStopping().on_epoch_end(Record(0, 1, logs={"loss": 1.0}))


def test_what_it_remembers_lets_another_go_on() -> None:
    """Interrupted after any epoch, the rest of a sequence ends as if nothing had happened."""
    values = [3.0, 2.0, 2.5, 1.0, 1.5, float("nan"), 2.0]

    def told(callback: EarlyStopping, values: list[float], first: int) -> list[Request | None]:
        return [
            callback.on_epoch_end(Record(first + i, 9, logs={"val_loss": value}))
            for i, value in enumerate(values)
        ]

    per_dataset = told(EarlyStopping(patience=3), values, 0)
    for cut in range(len(values) + 1):
        first, second = EarlyStopping(patience=3), EarlyStopping(patience=3)
        told(first, values[:cut], 0)
        second.on_train_begin(Record(cut, 9))
        second.set_state(json.loads(json.dumps(first.get_state(), allow_nan=False)))
        assert told(second, values[cut:], cut) == per_dataset[cut:]

"""ReduceLROnPlateau; compared with Keras's in interop/keras/on_backend/check_callbacks.py."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.core.errors import GlassnetError
from glassnet.training.callbacks import Record, ReduceLROnPlateau
from tests.training.callbacks.played import asked, copied, rates

NUMBERS = st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.5, 1.0, float("nan")]), max_size=12)


def of_losses(losses: list[float], **options: Any) -> list[float]:
    return rates(ReduceLROnPlateau(**options), [{"val_loss": value} for value in losses], 0.8)


def test_the_rate_falls_after_the_patience_and_rests_in_the_cooldown() -> None:
    same = [1.0] * 8
    assert of_losses(same, factor=0.5, patience=2) == [0.8, 0.8, 0.8, 0.4, 0.4, 0.2, 0.2, 0.1]
    rested = of_losses(same, factor=0.5, patience=1, cooldown=2)
    assert rested == [0.8, 0.8, 0.4, 0.4, 0.2, 0.2, 0.1, 0.1]
    assert of_losses(same, factor=0.5, patience=1, min_lr=0.3)[-3:] == [0.3, 0.3, 0.3]
    assert of_losses([1.0, 0.9999, 0.9998], factor=0.5, patience=1)[-1] == 0.4  # below min_delta
    assert of_losses([3.0, 2.0, 1.0, 0.5], factor=0.5, patience=1) == [0.8] * 4


@given(losses=NUMBERS, patience=st.integers(0, 3), cooldown=st.integers(0, 3))
def test_the_rate_never_rises_and_never_falls_below_its_least(
    losses: list[float], patience: int, cooldown: int
) -> None:
    found = of_losses(losses, factor=0.5, patience=patience, cooldown=cooldown, min_lr=0.01)
    assert found == sorted(found, reverse=True)
    assert all(rate >= 0.01 for rate in found)


@given(losses=NUMBERS, cut=st.integers(0, 12))
def test_what_it_remembers_lets_another_go_on(losses: list[float], cut: int) -> None:
    def told(callback: ReduceLROnPlateau, losses: list[float], rate: float) -> list[float]:
        found = []
        for loss in losses:
            record = Record(0, 9, logs={"val_loss": loss}, learning_rate=rate)
            rate = asked(callback.on_epoch_end(record), rate)
            found.append(rate)
        return found

    def made() -> ReduceLROnPlateau:
        return ReduceLROnPlateau(factor=0.5, patience=2, cooldown=2)

    per_dataset = told(made(), losses, 0.8)
    first, second = made(), made()
    before = told(first, losses[:cut], 0.8)
    second.on_train_begin(Record(cut, 9, learning_rate=0.8))
    second.set_state(copied(first.get_state()))
    assert before + told(second, losses[cut:], [0.8, *before][-1]) == per_dataset


def test_the_history_gets_the_rate() -> None:
    record = Record(0, 2, logs={"val_loss": 1.0}, learning_rate=0.25)
    assert ReduceLROnPlateau().on_epoch_end(record).logs == {"learning_rate": 0.25}


def test_refusals(capsys: pytest.CaptureFixture[str]) -> None:
    for factor in (0.0, 1.0, 2.0):
        with pytest.raises(GlassnetError, match="factor must be between 0 and 1"):
            ReduceLROnPlateau(factor=factor)
    with pytest.raises(
        GlassnetError, match=r"ReduceLROnPlateau: there is no 'val_loss' to monitor"
    ):
        ReduceLROnPlateau().on_epoch_end(Record(0, 1, logs={"loss": 1.0}))
    rates(ReduceLROnPlateau("loss", patience=1, verbose=1), [{"loss": 1.0}] * 2, 0.5)
    assert capsys.readouterr().err == "epoch 2: learning rate reduced to 0.05\n"

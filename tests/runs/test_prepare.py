"""What a training is checked for before it begins."""

import pytest

from glassnet import Dense, Model
from glassnet.core.errors import GlassnetError
from glassnet.runs.prepare import _require_trainable
from glassnet.runs.settings import Settings


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (Settings(layer_decay=0.5, engine="keras:torch"), r"--layer-decay: .* one learning rate"),
        (Settings(unfreeze_at=1, engine="keras:torch"), r"--unfreeze-at: .* the same layers"),
        (Settings(augment="flip", engine="keras:torch"), r"--augment: .* don't augment"),
    ],
)
def test_what_keras_s_engines_can_t_do(settings: Settings, words: str) -> None:
    with pytest.raises(GlassnetError, match=f"{words}.* Choose --engine numpy or jax"):
        _require_trainable(settings, Model(Dense(2), (3,)), weighted=False)

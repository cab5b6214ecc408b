"""What is not installed."""

import sys

import pytest

from glassnet import GlassnetError
from glassnet.tuning.extra import require_optuna
from glassnet.tuning.space import Space


def test_without_optuna_spaces_are_read_and_its_extra_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    require_optuna()
    monkeypatch.setitem(sys.modules, "optuna", None)
    space = Space.from_dict({"epochs": [1, 2], "x": {"low": 0, "high": 1}})
    assert len(space.grid()) == 4
    with pytest.raises(GlassnetError, match=r"Run: pip install 'glassnet\[tune\]'"):
        space.distributions()
    with pytest.raises(GlassnetError, match=r"glassnet tune: optuna is not installed\."):
        require_optuna()

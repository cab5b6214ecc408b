"""Arrays in files train as arrays in memory do, with few rows in memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import Dense, Flatten, Model, Rescaling
from glassnet.core import mapped
from glassnet.engines.jax import JaxEngine
from glassnet.training import source
from glassnet.training.source import ArraySource, Plan

X = np.random.default_rng(0).integers(0, 256, (103, 5, 5), np.uint8)
Y = (X.mean((1, 2)) > 127).astype(np.int64)


@pytest.fixture
def on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    monkeypatch.setattr(mapped, "LARGE", 1000)
    monkeypatch.setattr(source, "SEGMENT_BYTES", 1500)
    np.save(tmp_path / "x.npy", X)
    return np.load(tmp_path / "x.npy", mmap_mode="r")


def steps(arrays: ArraySource) -> Iterator[tuple[Any, Any]]:
    for epoch in range(2):
        arrays.begin_epoch(epoch * 13)
        while not arrays.ended:
            segment = arrays.take(9)
            for rows in segment.batches:
                yield segment.x[rows], segment.y[rows]


def test_segments_hold_few_rows(on_disk: np.ndarray) -> None:
    plan = Plan(2, 8, seed=3)
    for expected, (x, y) in zip(
        steps(ArraySource(X, Y, plan)), steps(ArraySource(on_disk, Y, plan)), strict=True
    ):
        np.testing.assert_array_equal(x, expected[0])
        np.testing.assert_array_equal(y, expected[1])
    arrays = ArraySource(on_disk, Y, plan)
    arrays.begin_epoch(0)
    shapes = set()
    while not arrays.ended:
        segment = arrays.take(100)
        shapes.add((segment.x.shape, segment.y.shape))
        assert not mapped.is_mapped(segment.x)
    assert shapes == {((40, 5, 5), (40,))}


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_models_become_the_same(
    on_disk: np.ndarray, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[int] = []
    run = JaxEngine.run

    def watched(self: JaxEngine, x: Any, *more: Any) -> Any:
        given.append(len(x))
        return run(self, x, *more)

    monkeypatch.setattr(JaxEngine, "run", watched)
    weights = []
    for x in (X, on_disk):
        model = Model(
            [Rescaling(1 / 255), Flatten(), Dense(4, "relu"), Dense(2, "softmax")], seed=1
        )
        model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
        model.fit(x, Y, batch_size=8, epochs=3, verbose=0, engine=engine)
        weights.append(model.get_weights())
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, other)
    if engine == "jax":
        assert {*given} == {103, 40}

"""All near pairs are found, with their exact distances."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.audit import neighbors as module
from glassnet.audit.neighbors import NEAR, neighbors, standard
from glassnet.data import Dataset
from tests.audit.planted import COPIES, copies_found


@pytest.mark.parametrize("kind", [kind for kind in COPIES if kind != "one pixel to the side"])
def test_planted_copies_are_found(fashion: Dataset, kind: str) -> None:
    assert copies_found(fashion.x_train[:2000], kind, 50, 0) >= 0.88


@given(
    seed=st.integers(0, 99), count=st.integers(1, 60), width=st.sampled_from([1, 3, 5, 200]),
    noise=st.sampled_from([0.0, 0.02, 0.05]),
)  # fmt: skip
def test_as_by_comparing_all_with_all(seed: int, count: int, width: int, noise: float) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, width))
    x = np.concatenate([x, x[: count // 2] + noise * rng.normal(size=(count // 2, width))])
    z = standard(x)
    far = np.linalg.norm(z[:, None] - z, axis=2)
    found = neighbors(x)
    assert (np.diff(found.distances) >= 0).all()
    pairs = {tuple(pair) for pair in found.pairs.tolist()}
    for i in range(len(x)):
        for j in range(i + 1, len(x)):
            if z[i].any() and z[j].any() and abs(far[i, j] - NEAR) > 1e-4:
                assert ((i, j) in pairs) == (far[i, j] < NEAR)


def test_nearest_and_constant_examples() -> None:
    x = np.array([[1.0, 2, 3], [3, 2, 1], [1, 2, 3.1], [5, 5, 5]])
    found = neighbors(x)
    assert found.pairs.tolist() == [[0, 2]]
    assert found.nearest[0] == pytest.approx(found.distances[0], abs=1e-3)
    assert found.nearest[1] == pytest.approx(2, abs=0.05)
    assert np.isinf(found.nearest[3])


def test_wide_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Averaging neighbors loses no pair."""
    monkeypatch.setattr(module, "_WIDE", 70)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(30, 400))
    x = np.concatenate([x, x[:10] + 0.02 * rng.normal(size=(10, 400))])
    assert sorted(neighbors(x).pairs.tolist()) == [[i, 30 + i] for i in range(10)]


def test_large_images_are_searched_on_few_values() -> None:
    x = np.random.default_rng(0).integers(0, 256, (40, 80, 80, 3), np.uint8)
    x[7] = x[3] // 2
    tracemalloc.start()
    try:
        found = neighbors(x)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.pairs.tolist() == [[3, 7]]
    assert peak < 100e6  # bytes; 19,200 × 1,024 float64 numbers alone are 157e6


def test_no_more_pairs_than_can_be_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1, 50)) + 0.01 * rng.normal(size=(30, 50))
    found = neighbors(x)
    assert (len(found.pairs), found.left_out) == (30 * 29 // 2, 0)
    monkeypatch.setattr(module, "_MOST", 100)
    monkeypatch.setattr(module, "_BLOCK", 120)  # 4 rows at a time
    found = neighbors(x)
    assert (len(found.pairs), found.left_out) == (100, 30 * 29 // 2 - 100)
    assert len(np.unique(found.pairs, axis=0)) == 100

"""Muon: which weights it updates, and how."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.core.errors import GlassnetError
from glassnet.optimizers import Adam, Muon


@pytest.mark.parametrize(
    ("path", "shape", "takes"),
    [
        ("dense/kernel", (4, 3), True),
        ("lstm/recurrent_kernel", (4, 16), True),
        ("dense/bias", (3,), False),
        ("conv/kernel", (3, 3, 1, 8), False),
        ("Embedding/embeddings", (9, 4), False),
        ("block/output/kernel", (4, 3), False),
    ],
)
def test_matrices_are_muon_s_and_all_else_adam_s(path: str, shape: Any, takes: bool) -> None:
    rule = Muon(exclude_layers=["output"], adam_beta_1=0.5).rule_for(path, shape)  # type: ignore[arg-type]
    assert rule.elementwise != takes
    assert isinstance(rule, Muon if takes else Adam)
    assert rule.slots == (("momentum",) if takes else ("momentum", "velocity"))
    if isinstance(rule, Adam):
        assert rule.beta_1 == 0.5


def test_embeddings_if_asked_for() -> None:
    assert isinstance(Muon(exclude_embeddings=False).rule_for("embedding/e", (9, 4)), Muon)


def test_decay_of_both_and_of_those_left_out() -> None:
    muon = Muon(weight_decay=0.1, adam_weight_decay=0.2, exclude_from_weight_decay=("bias",))
    assert muon.rule_for("a/kernel", (2, 2)).weight_decay == 0.1
    assert muon.rule_for("a/gamma", (2,)).weight_decay == 0.2
    assert muon.rule_for("a/bias", (2,)).weight_decay == 0


def test_adam_s_share_of_the_rate() -> None:
    weight, zeros = np.ones(3), (np.zeros(3), np.zeros(3))
    rule = Muon(adam_lr_ratio=0.5, adam_weight_decay=None).rule_for("a/bias", (3,))
    found, _ = rule.step(weight, zeros, weight, 0.1, 1)
    expected, _ = Adam().step(weight, zeros, weight, 0.05, 1)
    np.testing.assert_array_equal(found, expected)


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 9), st.sampled_from([1e-3, 1.0, 1e6]))
def test_all_directions_of_a_step_are_about_alike(
    rows: int, columns: int, seed: int, scale: float
) -> None:
    """Singular values of at least a hundredth of the matrix norm end up between 0.6 and 1.3."""
    rng, rank = np.random.default_rng(seed), min(rows, columns)
    u = np.linalg.qr(rng.standard_normal((rows, rank)))[0]
    v = np.linalg.qr(rng.standard_normal((columns, rank)))[0]
    values = rng.uniform(0.05, 1, rank) * scale
    step = Muon()._orthogonal(u * values @ v.T)
    found = np.linalg.svd(step, compute_uv=False)
    assert found.min() > 0.6
    assert found.max() < 1.3
    kept = (
        u.T @ step @ v
    )  # the directions are preserved: this is the diagonal matrix of the new values
    np.testing.assert_allclose(kept, np.diag(np.diag(kept)), atol=1e-6)


def test_a_step_s_size_is_about_that_of_adam() -> None:
    gradient = np.random.default_rng(0).standard_normal((60, 30))
    moved, _ = Muon().update(gradient, (0 * gradient,), 0 * gradient, 1.0, 1)
    assert np.sqrt((moved**2).mean()) == pytest.approx(0.2, rel=0.25)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"momentum": 1.0}, "Muon: momentum must be in"),
        ({"ns_steps": 0}, "Muon: ns_steps: must be a whole number ≥ 1, got 0"),
        ({"rms_rate": 0.0}, "Muon: rms_rate must be a number > 0"),
        ({"adam_lr_ratio": -1.0}, "Muon: adam_lr_ratio must be a number > 0"),
        ({"adam_weight_decay": -1.0}, "weight_decay must be a number ≥ 0"),
        ({"adam_beta_2": 1.0}, "beta_2 must be in"),
        ({"exclude_layers": "dense"}, "exclude_layers must be a list of parts of names"),
    ],
    ids=str,
)
def test_refusals(options: dict[str, Any], message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        Muon(**options)

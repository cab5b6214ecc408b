"""Near copies are searched for without SciPy until there is a near pair: its import takes long."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from glassnet.doctor import Part
from glassnet.doctor.near_copies import _Space

_MODULES = """
import sys
from glassnet.runs.doctor import diagnose_settings
from glassnet.runs.settings import choose
print(diagnose_settings(choose(sys.argv[1], "numbers")))
print([name for name in ("scipy.spatial", "scipy.stats") if name in sys.modules])
"""


@pytest.mark.parametrize(("noise", "modules"), [(1.0, "[]"), (1e-3, "['scipy.spatial']")])
def test_scipy_is_imported_only_for_near_pairs(noise: float, modules: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(300, 6)), np.arange(300) % 3
    x_test = x[:60] + noise * rng.normal(size=(60, 6))
    np.savez(tmp_path / "a.npz", x_train=x, y_train=y, x_test=x_test, y_test=y[:60])
    command = [sys.executable, "-c", _MODULES, str(tmp_path / "a.npz")]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert lines[-1] == modules
    assert ("differ from a training row by less than" in lines[0]) == (noise < 0.01)


def test_the_search_counts_what_a_k_d_tree_finds() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(2000, 6)) * [1, 50, 1e-3, 1, 1, 1] + [0, 1e6, 7, 0, 0, 0]
    part = Part(x + rng.normal(size=x.shape) * x.std(axis=0) * 0.03, np.zeros(2000), "test")
    space = _Space(Part(x, np.zeros(2000), "train"))
    points = space.projected(part, np.arange(500))
    distances, _ = space.tree.query(points, p=np.inf)
    assert 20 < np.count_nonzero(distances <= 0.08) == space.near(points) < 480

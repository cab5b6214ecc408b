"""The importance of the columns of a table to a trained network."""

from pathlib import Path

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import items
from glassnet.runs.data import chosen_settings
from glassnet.runs.importance import column_importances
from glassnet.runs.outputs import RunOutputs
from glassnet.runs.train import run_training


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table whose targets depend on size and kind, and not on the noise."""
    path = tmp_path_factory.mktemp("table") / "t.csv"
    rng = np.random.default_rng(0)
    rows = ["size,kind,noise,price,visits,big,blue\n"]
    for size, noise in rng.normal(size=(400, 2)):
        kind = "ab"[int(rng.random() < 0.5)]
        price = 3 * size + 5 * (kind == "a")
        visits = rng.poisson(np.exp(size))
        rows.append(f"{size},{kind},{noise},{price},{visits},{size > 0:d},{kind == 'a':d}\n")
    path.write_text("".join(rows))
    return path


@pytest.mark.parametrize(
    ("target", "task", "error", "order"),
    [
        (("price",), "numbers", "MAE", ["size", "kind", "noise"]),
        (("price", "visits"), "numbers", "MAE (in standard deviations)", None),
        (("visits",), "counts", "deviance", ["size"]),
        (("big", "blue"), "labels", "Hamming loss", None),
        (("big",), "classes", "error (1 − accuracy)", ["size"]),
    ],
)
def test_columns_that_matter_come_first(
    table: Path, target: tuple[str, ...], task: str, error: str, order: list[str] | None
) -> None:
    others = {"price", "visits", "big", "blue"} - set(target)
    settings = chosen_settings(
        str(table), target=target, task=task, drop=tuple(sorted(others)), epochs=40, hidden=(16,)
    )
    run = run_training(settings, out=str(table.parent)).run
    importances, name = column_importances(RunOutputs(str(run.folder)))
    assert name == error
    names = [one.name for one in importances]
    assert sorted(names) == ["kind", "noise", "size"]
    assert names[-1] == "noise" or order == ["size"]
    assert names[: len(order or [])] == (order or [])
    assert importances[0].interval[0] > 0


def test_images_have_no_columns(table: Path) -> None:
    run = run_training(chosen_settings("digits", epochs=1, hidden=(4,)), out=str(table.parent)).run
    with pytest.raises(GlassnetError, match="was not trained on the columns of a table"):
        column_importances(RunOutputs(str(run.folder)))


def test_of_mixed_inputs_a_column_that_is_ignored_has_none(tmp_path: Path) -> None:
    """The weights of the text are set to 0, so nothing depends on it."""
    rng, rows = np.random.default_rng(0), ["size,review,price"]
    for i, size in enumerate(rng.normal(size=120)):
        word = ("lovely", "awful")[i % 2]
        rows.append(f"{size},a {word} film that we all saw on day {i},{3 * size}")
    (tmp_path / "t.csv").write_text("\n".join(rows))
    settings = chosen_settings(str(tmp_path / "t.csv"), target=["price"], epochs=5, width=16)
    outputs = RunOutputs(str(run_training(settings, out=str(tmp_path)).run.folder))
    for path, leaf in items(outputs.model.params):
        if path.endswith("embeddings"):
            leaf[:] = 0
    first, second = column_importances(outputs)[0]
    assert (first.name, second.name) == ("size", "review")
    assert first.interval[0] > 0
    assert set(second.increases) == {0.0}

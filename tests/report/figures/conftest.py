"""Small runs to plot: digits by an MLP and by a CNN, texts, and a table."""

from pathlib import Path

import pytest

from glassnet.runs.outputs import RunOutputs
from glassnet.runs.settings import Settings
from glassnet.runs.train import run_training

TABLE = "text,label\n" + "".join(
    f"{'good fine nice' if i % 2 else 'bad poor sad'} number {i},{i % 2}\n" for i in range(60)
)


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("runs")
    (out / "texts.csv").write_text(TABLE)
    table = str(out / "numbers.csv")
    rows = [f"{i % 7},{'ab'[i % 2]},{i % 7 + 10 * (i % 2) + i / 1000}\n" for i in range(120)]
    Path(table).write_text("".join(["size,kind,price\n", *rows]))
    texts = {"data": str(out / "texts.csv"), "network": "gru", "max_length": 8, "units": 4}
    linear = {"output_activation": "linear", "loss": "mse"}
    options_by_name = {
        "mlp": {"data": "digits", "hidden": (16,)},
        "seed": {"data": "digits", "hidden": (16,), "seed": 1},
        "rate": {"data": "digits", "hidden": (16,), "learning_rate": 0.01},
        "cnn": {"data": "digits", "network": "cnn", "filters": (4,), "depth": 1},
        "texts": texts,
        "numbers": {"data": table, "target": ("price",), **linear},
        "no-probabilities": {"data": "digits", **linear},
    }
    return {
        name: run_training(Settings(epochs=2, **options), out=str(out)).run.folder  # type: ignore[arg-type]
        for name, options in options_by_name.items()
    }


@pytest.fixture
def outputs(runs: dict[str, Path]) -> dict[str, RunOutputs]:
    return {name: RunOutputs(str(folder)) for name, folder in runs.items()}

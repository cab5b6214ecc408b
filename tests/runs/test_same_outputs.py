"""Data whose classes or items are others than the model's can't be evaluated: a wrong result."""

from pathlib import Path

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.model.model import Model
from glassnet.runs.data import TrainingData, chosen_settings
from glassnet.runs.train import run_training

CLASSES = "n,k,target\n" + "".join(f"{i % 7},{'pq'[i % 2]},{'ab'[i % 2]}\n" for i in range(60))
EVENTS = "user,item,time\n" + "".join(
    f"u{user},{'vwxyz'[(user + time) % 5]},{time}\n" for user in range(20) for time in range(4)
)


@pytest.mark.parametrize(
    ("content", "old", "new", "what"),
    [
        (CLASSES, ",a\n", ",z\n", "other classes than .*: it has 'z' and lacks 'a'"),
        (EVENTS, ",v,", ",zz,", "other items than .*: it has 'zz' and lacks 'v'"),
    ],
)
def test_data_with_other_names_are_refused(
    tmp_path: Path, content: str, old: str, new: str, what: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content)
    network = "recommender" if content is EVENTS else "mlp"
    settings = chosen_settings(str(path), network, epochs=1, hidden=(4,))
    run = run_training(settings, out=str(tmp_path / "runs")).run
    model = Model.load(run.model)
    assert TrainingData.of_run(run, model).dataset.outputs == model.output_shape[0]
    path.write_text(content.replace(old, new))
    with pytest.raises(GlassnetError, match=what):
        TrainingData.of_run(run, model)

"""What runs, comparisons and explained examples show in a notebook."""

from pathlib import Path

from glassnet.runs.compare import compare_runs
from glassnet.runs.explain import explain_row
from glassnet.runs.outputs import RunOutputs
from glassnet.runs.settings import choose
from glassnet.runs.train import run_training
from tests.pages.test_html import Read


def test_runs_and_what_is_computed_of_them(tmp_path: Path) -> None:
    runs = [
        run_training(
            choose("digits", "numbers", epochs=2, hidden=(units,)), out=str(tmp_path), name=name
        ).run
        for units, name in ((4, "small"), (16, "large"))
    ]
    texts = "\n".join(Read(runs[0]._repr_html_()).texts)
    assert "Run small" in texts
    assert "test accuracy" in texts
    comparison = compare_runs([str(run.folder) for run in runs])
    read = Read(comparison._repr_html_())
    assert {"small", "large", "hidden", "accuracy"} <= set(read.texts)
    assert any("p = " in text for text in read.texts)
    explained = explain_row(RunOutputs(str(runs[1].folder)), 0)
    read = Read(explained._repr_html_())
    assert any(name == "svg" for name, _ in read.tags)
    assert any("test row 0" in text for text in read.texts)
    read = Read(explained.explanation._repr_html_())
    assert any(name == "svg" for name, _ in read.tags)

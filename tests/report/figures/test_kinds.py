"""Every kind of plot is drawn for the runs that allow it, and refused with a reason otherwise."""

import pytest
from matplotlib.figure import Figure

from glassnet.cli import plot
from glassnet.core.errors import GlassnetError
from glassnet.report.figures.kinds import KINDS
from glassnet.runs.outputs import RunOutputs

Outputs = dict[str, RunOutputs]
SEVERAL = {"seeds", "learning-rates"}
OF_IMAGES = {"samples", "predictions", "weights", "filters", "feature-maps"}
OF_TABLES = {"predicted", "errors", "error-histogram", "importance"}
SLOW = {"t-sne", "learning-rate"}  # a second or more: drawn once


def drawable(outputs: RunOutputs) -> set[str]:
    return {name for name, kind in KINDS.items() if kind.applies(outputs)}


def test_which_plots_each_run_allows(outputs: Outputs) -> None:
    every = set(KINDS) - SEVERAL - OF_TABLES
    assert drawable(outputs["mlp"]) == every - {"filters", "feature-maps"}
    assert drawable(outputs["cnn"]) == every - {"weights"}
    assert drawable(outputs["texts"]) == every - OF_IMAGES
    without = {"predictions", "probabilities", "calibration", "filters", "feature-maps"}
    assert drawable(outputs["no-probabilities"]) == every - without
    of_all = {"overview", "network", "curves", "learning-rate"}
    assert of_all | OF_TABLES <= drawable(outputs["numbers"])
    assert not drawable(outputs["numbers"]) & {"confusion", "classes", "calibration", "samples"}


@pytest.mark.parametrize("name", sorted(set(KINDS) - SEVERAL))
def test_every_kind_is_drawn_or_says_why_not(outputs: Outputs, name: str) -> None:
    kind = KINDS[name]
    for run, one in outputs.items():
        if why := kind.missing(one):
            with pytest.raises(GlassnetError) as caught:
                kind.of(one)
            assert str(caught.value) == f"--kind {name}: {why}"
        elif run == "mlp" or (
            name not in SLOW and run in ("cnn", "texts", "no-probabilities", "numbers")
        ):
            picture = kind.of(one)
            if isinstance(picture, Figure):
                assert picture.axes
            else:
                assert picture.svg.startswith("<svg")


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_kind_has_a_caption_of_one_sentence(name: str) -> None:
    kind = KINDS[name]
    assert kind.name == name
    assert kind.title
    assert kind.caption.endswith(".")
    assert kind.caption.count(". ") == 0


def test_kinds_that_compare_runs(outputs: Outputs) -> None:
    seeds = KINDS["seeds"].of(outputs["mlp"], outputs["seed"], outputs["rate"])
    assert isinstance(seeds, Figure)
    labels = {text.get_text() for text in seeds.axes[0].texts}
    assert labels == {"learning_rate 0.002 (2)", "learning_rate 0.01 (1)"}
    assert KINDS["learning-rates"].of(outputs["mlp"], outputs["rate"])
    with pytest.raises(GlassnetError, match="same learning rate"):
        KINDS["learning-rates"].of(outputs["mlp"], outputs["seed"])
    with pytest.raises(GlassnetError, match="name two or more"):
        KINDS["seeds"].of(outputs["mlp"])
    with pytest.raises(GlassnetError, match="plots one run, not 2"):
        KINDS["curves"].of(outputs["mlp"], outputs["seed"])


def test_the_help_lists_all_kinds() -> None:
    assert plot.KINDS.split(", ") == list(KINDS)
